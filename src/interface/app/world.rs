//! The servers of a run as they are: looked at, and the model settled.

use std::collections::{BTreeMap, BTreeSet};

use tokio::runtime::Runtime;

use super::choice::Choice;
use super::failure::{Failure, FailureKind};
use super::simulated::SimulatedServers;
use crate::engine::full_name;
use crate::language::document::suggest::nearest;
use crate::language::plan::{AskedModel, Plan, Unavailable};
use crate::runtime::cluster::{
    Client, DifferentModel, ModelChoice, ServerReport, choose_model, different_models,
    is_cloud_name, survey, trained_windows,
};
use crate::runtime::journal::Setup;

/// Where a run takes place.
pub struct World {
    /// What it takes to go on with the run; the addresses of simulated servers are those of now.
    pub setup: Setup,
    /// The HTTP client.
    pub client: Client,
    /// What was seen of the servers, in their order.
    pub reports: Vec<ServerReport>,
    /// The model of tasks that name none.
    pub model: ModelChoice,
    /// The windows that its models were trained with, by full name, in tokens, as far as known.
    pub trained_windows: BTreeMap<String, u32>,
    /// The models that are asked and are not the same on all servers.
    pub different_models: Vec<DifferentModel>,
    /// The simulated servers; they stop with it.
    pub simulated: Option<SimulatedServers>,
}

impl World {
    /// Starts simulated servers where they are asked for, looks at all servers, and settles the
    /// model.
    ///
    /// # Errors
    /// When no server can be reached, none has a model, or a task takes what the cluster has not.
    pub fn open(choice: Choice, plan: &Plan, tokio: &Runtime) -> Result<World, Failure> {
        let Choice { mut setup, by, .. } = choice;
        check_limits(plan, &setup, &by)?;
        let simulated = match &setup.simulation {
            Some(profile) => {
                let simulated = SimulatedServers::start(profile.clone())?;
                setup.cluster.servers = simulated.entries(profile);
                Some(simulated)
            }
            None => None,
        };
        let mut client = Client::new()?;
        if setup.cluster.egress.cloud_models || setup.simulation.is_some() {
            client = client.with_cloud_models();
        }
        if plan.asks().next().is_none() {
            let model = ModelChoice { name: String::new(), reason: "none is asked".to_owned() };
            let trained_windows = BTreeMap::new();
            let reports = Vec::new();
            return Ok(World {
                setup,
                client,
                reports,
                model,
                trained_windows,
                different_models: Vec::new(),
                simulated,
            });
        }
        let timeout = setup.cluster.health.timeout.0;
        let servers = client.servers_of(&setup.cluster);
        let reports = tokio.block_on(survey(&servers, timeout));
        if !reports.iter().any(ServerReport::is_up) {
            return Err(no_server(&reports, &by));
        }
        let named = setup.model.clone().or_else(|| setup.cluster.default_model.clone());
        let model = match named {
            Some(name) => ModelChoice { name, reason: "named".to_owned() },
            None => choose_model(&reports).ok_or_else(|| no_model(&reports))?,
        };
        let asked = plan.asks().flat_map(|(_, ask)| ask.models());
        let asked = asked.map(|asked| asked.unwrap_or(&model.name));
        let asked: BTreeSet<String> = asked.map(full_name).collect();
        let windows = trained_windows(&servers, &reports, &asked, timeout);
        let trained_windows = tokio.block_on(windows);
        let different_models = different_models(&reports, Some(&asked));
        Ok(World { setup, client, reports, model, trained_windows, different_models, simulated })
    }
}

fn no_server(reports: &[ServerReport], by: &str) -> Failure {
    let failure = Failure::new(FailureKind::NoServer, "no Ollama server can be reached");
    let failure = reports.iter().fold(failure, |failure, report| {
        let trouble = report.trouble.as_deref().unwrap_or_default();
        failure.hint(format!("tried {}: {trouble}", report.url))
    });
    failure
        .hint(format!("these servers come from {by}"))
        .hint("start one with `ollama serve`, or name one with --server URL or in cluster.yaml")
        .hint("or rehearse without any model: add --simulate")
}

fn no_model(reports: &[ServerReport]) -> Failure {
    let names: Vec<&str> = reports.iter().filter(|r| r.is_up()).map(|r| r.url.as_str()).collect();
    Failure::new(FailureKind::Failed, format!("no model that can chat is on {}", names.join(", ")))
        .hint("pull one there, for example `ollama pull llama3.1:8b`, or name one with --model")
}

/// Whether every task can have what it takes of the cluster's resources. A rehearsal without limits has
/// one of each.
///
/// # Errors
/// With the task and the limit where one never could.
pub(super) fn check_limits(plan: &Plan, setup: &Setup, by: &str) -> Result<(), Failure> {
    let cluster = &setup.cluster;
    if setup.simulation.is_some() && cluster.limits.are_none() {
        return Ok(());
    }
    let Some(unavailable) = plan.never_starts(&cluster.limits) else { return Ok(()) };
    let Unavailable { task, resource, takes, most } = unavailable;
    let failure = |message: String| Failure::new(FailureKind::Failed, message);
    let Some(most) = most else {
        let names = cluster.limits.resources.keys().map(String::as_str);
        let message = format!("`{task}` takes `{resource}`, which the cluster does not have");
        let failure = failure(message).hint(format!("the cluster comes from {by}"));
        let entry = format!("limits: {{ resources: {{ {resource}: {takes} }} }}");
        return Err(match nearest(&resource, names) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint(format!("say in a cluster file how many there are: `{entry}`")),
        });
    };
    let message =
        format!("`{task}` takes {takes} of `{resource}`, of which the cluster has {most}");
    Err(failure(message).hint(format!("the limit comes from {by}")))
}

/// Whether every model that a plan names is on some server, as far as servers say, and may be used.
///
/// # Errors
/// With the task and the nearest name where one is not.
pub fn check_models(plan: &Plan, world: &World) -> Result<(), Failure> {
    let have: BTreeSet<&str> = world
        .reports
        .iter()
        .flat_map(|report| report.models.iter().flatten())
        .map(|model| model.name.as_str())
        .collect();
    // A server that is away, or does not list its models, may have any.
    let may_be_elsewhere =
        world.reports.iter().any(|report| !report.is_up() || report.models.is_none());
    for AskedModel { task, model, stand_ins, .. } in plan.asked_models() {
        let wanted = model.unwrap_or(&world.model.name);
        let full = full_name(wanted);
        let is_rehearsal = world.setup.simulation.is_some();
        if is_cloud_name(&full) && !is_rehearsal && !world.setup.cluster.egress.cloud_models {
            let message = format!("`{wanted}`, which `{}` asks, runs in Ollama's cloud", task.path);
            return Err(Failure::new(FailureKind::Failed, message)
                .hint("nothing leaves your servers unless cluster.yaml says: `egress: { cloud_models: true }`"));
        }
        let is_there = |model: &str| {
            let full = full_name(model);
            have.iter().any(|name| name.eq_ignore_ascii_case(&full))
        };
        let mut others = stand_ins.into_iter().map(|other| other.unwrap_or(&world.model.name));
        if may_be_elsewhere || is_there(wanted) || others.any(is_there) {
            continue;
        }
        let message = format!("no server has the model `{wanted}`, which `{}` asks", task.path);
        let failure = Failure::new(FailureKind::Failed, message);
        let known: Vec<&str> = have.iter().copied().collect();
        let failure = match nearest(wanted, have.iter().copied()) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint(format!("there is {}", known.join(", "))),
        };
        return Err(if is_rehearsal {
            failure.hint("list it under `models` of the simulation")
        } else {
            failure.hint(format!("pull it with `ollama pull {wanted}`"))
        });
    }
    Ok(())
}
