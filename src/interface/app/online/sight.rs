//! Looking at the servers on which documents would run.

use std::path::Path;
use std::time::Duration;

use super::tool_sight::{self, Lacking};
use crate::engine::full_name;
use crate::interface::app::choice::{Choice, Intent, WorldRequest, choose_world};
use crate::interface::app::failure::Failure;
use crate::interface::app::project::Project;
use crate::interface::app::validate::Validation;
use crate::language::diagnostic::{Code, Diagnostic};
use crate::language::document::{
    Body, ClusterReference, ClusterSettings, Document, DocumentKind, Library,
};
use crate::language::source::{SourceId, value_at};
use crate::runtime::cluster::{Client, ModelInfo, ServerReport, choose_model, survey};
use crate::runtime::tools::ToolAccess;

/// How long a server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Servers, and what was seen of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Sight {
    /// The cluster.
    pub cluster: ClusterSettings,
    /// On whose word: a file, a flag.
    pub by: String,
    /// What was seen, in the order of the servers.
    pub reports: Vec<ServerReport>,
    /// The model that was named for tasks that name none.
    pub model: Option<String>,
}

/// What was seen of all servers that documents would use.
#[derive(Debug, Default)]
pub struct Sights {
    /// Each set of servers once.
    pub seen: Vec<Sight>,
    /// The patterns and pipelines, and which of the sets each would run on.
    pub places: Vec<(SourceId, usize)>,
    /// The tools that cannot be offered.
    pub lacking: Vec<Lacking>,
}

/// Looks at the servers of all patterns and pipelines that were validated, and at those of their tools.
///
/// # Errors
/// When what flags or the project's cluster file say cannot be used.
pub async fn look(
    project: &Project,
    request: &WorldRequest,
    validation: &Validation,
    access: &ToolAccess,
) -> Result<Sights, Failure> {
    let usual = choose_world(request, project, Intent::default())?;
    let says_where = request.cluster.is_some() || !request.servers.is_empty();
    let mut choices: Vec<Choice> = vec![usual];
    let mut places = Vec::new();
    for document in orchestrations(validation) {
        let own = own_cluster(document).filter(|_| !says_where);
        let source = validation.library.sources().get(document.source());
        let folder = source.and_then(|source| Path::new(source.name()).parent());
        let intent = Intent { cluster: own, folder, ..Intent::default() };
        // A cluster file that is faulty has findings of its own.
        let Ok(choice) = choose_world(request, project, intent) else { continue };
        let same = choices.iter().position(|known| known.setup.cluster == choice.setup.cluster);
        let place = same.unwrap_or_else(|| {
            choices.push(choice);
            choices.len() - 1
        });
        places.push((document.source(), place));
    }
    let mut seen = Vec::new();
    for Choice { setup, by, .. } in choices {
        let reports = see(&setup.cluster).await?;
        seen.push(Sight { model: setup.model, cluster: setup.cluster, by, reports });
    }
    let client = Client::new()?;
    let mut lacking = Vec::new();
    for document in orchestrations(validation) {
        let library = &validation.library;
        lacking.extend(tool_sight::lacking(library, document, &client, access).await);
    }
    Ok(Sights { seen, places, lacking })
}

async fn see(cluster: &ClusterSettings) -> Result<Vec<ServerReport>, Failure> {
    let servers = Client::new()?.with_cloud_models().servers_of(cluster);
    let mut reports = survey(&servers, TIMEOUT).await;
    for (server, report) in servers.iter().zip(&mut reports) {
        let models = report.models.iter_mut().flatten();
        futures_util::future::join_all(models.map(|model| server.describe(model, TIMEOUT))).await;
    }
    Ok(reports)
}

/// The patterns and pipelines that were asked about.
pub(super) fn orchestrations(validation: &Validation) -> impl Iterator<Item = &Document> {
    validation.library.project_documents().filter(|document| {
        matches!(document.kind(), DocumentKind::Pattern | DocumentKind::Pipeline)
            && validation.is_subject(document.source())
    })
}

fn own_cluster(document: &Document) -> Option<&ClusterReference> {
    match document.body() {
        Some(Body::Pipeline(pipeline)) => pipeline.cluster.as_ref(),
        _ => None,
    }
}

impl Sights {
    /// Whether no server answers at all.
    pub fn are_dark(&self) -> bool {
        let mut reports = self.seen.iter().flat_map(|sight| &sight.reports);
        !reports.any(ServerReport::is_up)
    }

    /// The servers that do not answer and that no checked document names, a line each.
    pub fn unplaced(&self, validation: &Validation) -> Vec<String> {
        let is_placed = |sight: &Sight| {
            let homes = sight.homes(&validation.library);
            homes.iter().any(|home| validation.is_subject(home.source()))
        };
        let line = |sight: &Sight, report: &ServerReport| {
            let trouble = report.trouble.as_ref()?;
            Some(format!("{} (from {}) does not answer: {trouble}", report.url, sight.by))
        };
        let seen = self.seen.iter().filter(|sight| !is_placed(sight));
        seen.flat_map(|sight| sight.reports.iter().filter_map(|report| line(sight, report)))
            .collect()
    }

    /// The documents with what was seen of their servers.
    pub(super) fn documents<'a>(
        &'a self,
        library: &'a Library,
    ) -> impl Iterator<Item = (&'a Document, &'a Sight)> {
        self.places.iter().filter_map(|(source, place)| {
            Some((library.document_of(*source)?, self.seen.get(*place)?))
        })
    }
}

impl Sight {
    /// Whether a model that nobody lists is nowhere: a server that is away, or does not list its
    /// models, may have any.
    pub(super) fn is_complete(&self) -> bool {
        self.reports.iter().all(|report| report.is_up() && report.models.is_some())
    }

    /// The model of tasks that name none.
    pub(super) fn default_model(&self) -> Option<String> {
        let named = self.model.clone().or_else(|| self.cluster.default_model.clone());
        named.or_else(|| choose_model(&self.reports).map(|choice| choice.name))
    }

    /// A model as each server that has it describes it.
    pub(super) fn model(&self, name: &str) -> Vec<&ModelInfo> {
        let full = full_name(name);
        let listed = self.reports.iter().flat_map(|report| report.models.iter().flatten());
        listed.filter(|model| model.name.eq_ignore_ascii_case(&full)).collect()
    }

    /// The names of all models that may be used.
    pub(super) fn names(&self) -> Vec<&str> {
        let listed = self.reports.iter().flat_map(|report| report.models.iter().flatten());
        let allowed = listed.filter(|model| self.cluster.egress.cloud_models || !model.is_cloud());
        allowed.map(|model| model.name.as_str()).collect()
    }

    /// The servers that do not answer, each where a document names it.
    pub(super) fn servers(&self, library: &Library, found: &mut Vec<Diagnostic>) {
        for (place, report) in self.reports.iter().enumerate() {
            let Some(trouble) = &report.trouble else { continue };
            for document in self.homes(library) {
                let server = format!("/cluster/servers/{place}");
                let url = format!("{server}/url");
                let pointer = if value_at(document.value(), &url).is_some() { url } else { server };
                let message = format!("`{}` does not answer: {trouble}", report.url);
                found.push(
                    document
                        .diagnostic(Code::SERVER_UNREACHABLE, &pointer, message)
                        .help("start it, or mend its address; what depends on it was not checked"),
                );
            }
        }
    }

    /// The documents in which these servers are written.
    pub(super) fn homes<'l>(&self, library: &'l Library) -> Vec<&'l Document> {
        let file = self.by.strip_prefix("--cluster ").unwrap_or(&self.by);
        let is_home = |document: &&Document| match document.body() {
            Some(Body::Cluster(_)) => {
                let source = library.sources().get(document.source());
                source.is_some_and(|source| source.name() == file)
            }
            Some(Body::Pipeline(pipeline)) => match &pipeline.cluster {
                Some(ClusterReference::Inline(settings)) => {
                    settings.servers.len() == self.cluster.servers.len()
                        && settings.name == self.cluster.name
                        && self.by == "the pipeline"
                }
                _ => false,
            },
            _ => false,
        };
        library.project_documents().filter(is_home).collect()
    }
}
