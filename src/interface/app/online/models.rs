//! Which models servers have, for whoever writes their names.

use std::time::Duration;

use crate::interface::app::choice::{Intent, WorldRequest, choose_world};
use crate::interface::app::project::Project;
use crate::runtime::cluster::{Client, survey};

/// How long a server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The names of the models that the servers of a project have, sorted; none of servers that do not
/// answer.
pub async fn seen_models(project: &Project, request: &WorldRequest) -> Vec<String> {
    let (Ok(choice), Ok(client)) =
        (choose_world(request, project, Intent::default()), Client::new())
    else {
        return Vec::new();
    };
    let reports = survey(&client.servers_of(&choice.setup.cluster), TIMEOUT).await;
    let models = reports.into_iter().flat_map(|report| report.models.unwrap_or_default());
    let mut names: Vec<String> = models.map(|model| model.name).collect();
    names.sort();
    names.dedup();
    names
}
