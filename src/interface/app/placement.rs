//! Where and when the tasks of a plan would be done: a rehearsal in virtual time on servers like those
//! of a cluster, by what the plan expects tasks to take.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;

use super::choice::Choice;
use super::failure::Failure;
use super::rehearsed::rehearsed;
use super::samples::Sampled;
use super::world::{World, check_limits};
use crate::engine::content::MemoryContents;
use crate::engine::simulation::{Placeholders, Script};
use crate::engine::{FailureClass, People, RunStatus, Settings, full_name};
use crate::insight::{History, Metrics, Statistics};
use crate::language::document::simulation::{
    AnswerRule, Profile, RequestMatch, SimulatedModel, SimulatedServer,
};
use crate::language::plan::{FIRST_RUNG, Plan, TaskId, Work};
use crate::runtime::cluster::ServerReport;
use crate::runtime::journal::Setup;

/// The model of tasks that name none, where nothing else names one.
const UNNAMED: &str = "unnamed:latest";

/// What a server reads of a model file in a second, in gigabytes: a fast disk.
const LOAD_RATE: f64 = 2.0;

/// The size of a model of which nothing is known, in gigabytes. With the rate above its load takes the
/// ten seconds that the engine expects of a load.
const USUAL_SIZE: f64 = 19.5;

/// Where and when the tasks of a plan would be done.
#[derive(Debug)]
pub struct PlacementForecast {
    /// On whose word these servers were taken.
    pub by: String,
    /// Whether the servers were asked what they have.
    pub is_seen: bool,
    /// How the rehearsal ended.
    pub status: RunStatus,
    /// What would happen, in virtual time.
    pub history: History,
    /// Its figures.
    pub metrics: Metrics,
    /// Its statistics.
    pub statistics: Statistics,
    /// The rungs of failed tasks whose model no server has, by their addresses, with the model.
    pub lacking: Vec<(String, String)>,
}

impl PlacementForecast {
    /// The tasks that no server could do, and why. What fails because of what answers say is none of
    /// them: answers are invented here.
    pub fn verdicts(&self) -> impl Iterator<Item = (TaskId, FailureClass, &str)> {
        let plan = self.history.plan();
        let asking = self.history.tasks().filter(|(id, _)| plan.task(*id).asks_a_model());
        asking.filter_map(|(id, task)| {
            let failure = task.failure.as_ref()?;
            Some((id, failure.class, failure.message.as_str()))
        })
    }
}

/// Rehearses a plan where it would run. With threads for it, the servers are asked what they have.
///
/// # Errors
/// When a task takes what the cluster does not have, or no server answers.
pub fn forecast_placement(
    plan: &Plan,
    choice: Choice,
    tokio: Option<&Runtime>,
) -> Result<PlacementForecast, Failure> {
    let by = choice.by.clone();
    let inputs = Sampled::of(&super::given::Given::default(), plan.root())?;
    let (setup, model, reports) = match tokio {
        Some(tokio) => {
            let world = World::open(choice, plan, tokio)?;
            (world.setup, world.model.name, world.reports)
        }
        None => {
            let setup = choice.setup;
            check_limits(plan, &setup, &by)?;
            let named = setup.model.clone().or_else(|| setup.cluster.default_model.clone());
            (setup, named.unwrap_or_else(|| UNNAMED.to_owned()), Vec::new())
        }
    };
    let mut settings = Settings::of_cluster(&setup.cluster, model.clone());
    settings.people = People::Present;
    settings.lift_budgets(plan);
    for server in &mut settings.servers {
        server.simulated = true;
    }
    let lacking = lacking(plan, &model, &reports);
    let script = Script {
        profile: profile(plan, &setup, &model, &reports),
        decisions: decisions(plan),
        ..Script::default()
    };
    let plan = Arc::new(plan.clone());
    let contents = MemoryContents::default();
    let (rehearsal, status) =
        rehearsed(&plan, (settings, script), &inputs.inputs, &contents, &Placeholders)?;
    let history = History::of_facts(plan, rehearsal.facts());
    let metrics = Metrics::of(&history);
    let statistics = Statistics::of(&history, &metrics);
    let status = status.unwrap_or(history.status);
    let is_seen = tokio.is_some();
    Ok(PlacementForecast { by, is_seen, status, history, metrics, statistics, lacking })
}

/// The rungs that cannot be climbed, as invented answers never show: their models are on no server. One that is
/// away, or does not list its models, may have any.
fn lacking(plan: &Plan, default: &str, reports: &[ServerReport]) -> Vec<(String, String)> {
    if reports.is_empty() || reports.iter().any(|report| !report.is_up() || report.models.is_none())
    {
        return Vec::new();
    }
    let listed = reports.iter().flat_map(|report| report.models.iter().flatten());
    let listed: BTreeSet<String> =
        listed.map(|model| full_name(&model.name).to_lowercase()).collect();
    let mut found = Vec::new();
    for (task, ladder) in plan.ladders() {
        for (number, rung) in (FIRST_RUNG..).zip(&ladder.rungs) {
            let models = rung.body.asks().map(|(_, ask)| ask.model.as_deref().unwrap_or(default));
            let absent = models.filter(|model| !listed.contains(&full_name(model).to_lowercase()));
            let absent: BTreeSet<&str> = absent.collect();
            let address = format!("{}[{number}]", task.path);
            found.extend(absent.into_iter().map(|model| (address.clone(), model.to_owned())));
        }
    }
    found
}

/// Servers like those of a cluster, on which each task takes what the plan expects. A server that was
/// asked has the models that it says it has, any other has all.
fn profile(plan: &Plan, setup: &Setup, model: &str, reports: &[ServerReport]) -> Profile {
    let asked = plan.asks().flat_map(|(_, ask)| ask.models()).map(|asked| asked.unwrap_or(model));
    let names: BTreeSet<String> = asked.map(full_name).collect();
    let of_size = |name: &str, size_gigabytes: f64| SimulatedModel {
        name: name.to_owned(),
        size_gigabytes,
        context_length: u32::MAX,
        ..SimulatedModel::default()
    };
    let servers = setup.cluster.servers.iter().enumerate().map(|(place, server)| {
        let report = reports.get(place);
        let listed = report.and_then(|report| report.models.as_ref());
        let models = listed.map(|listed| {
            let known = listed.iter().filter(|model| names.contains(&full_name(&model.name)));
            #[expect(clippy::cast_precision_loss, reason = "sizes of files are far below 2^52")]
            let model = |model: &crate::runtime::cluster::ModelInfo| {
                of_size(&full_name(&model.name), model.size as f64 / 1e9)
            };
            known.map(model).collect::<Vec<_>>()
        });
        let is_away = report.is_some_and(|report| !report.is_up());
        SimulatedServer {
            slots: server.slots,
            max_loaded_models: server.max_models,
            tags: server.tags.clone(),
            speed: server.weight,
            load_gigabytes_per_second: LOAD_RATE,
            context_length: u32::MAX,
            models: if is_away { Some(Vec::new()) } else { models },
            ..SimulatedServer::named(server.shown_name())
        }
    });
    let answers = plan.tasks.iter().filter(|task| task.asks_a_model()).map(|task| AnswerRule {
        matches: RequestMatch { task: Some(task.path.clone()), ..RequestMatch::default() },
        duration: Some(task.estimate),
        ..AnswerRule::default()
    });
    Profile {
        time_scale: 1.0,
        servers: servers.collect(),
        models: names.iter().map(|name| of_size(name, USUAL_SIZE)).collect(),
        answers: answers.collect(),
        ..Profile::default()
    }
}

/// People take the first option, at once.
fn decisions(plan: &Plan) -> BTreeMap<String, (Duration, String)> {
    let gates = plan.all_tasks().into_iter().filter_map(|task| match &task.work {
        Work::Approve { options, .. } => Some((
            task.path.clone(),
            (Duration::ZERO, options.first().cloned().unwrap_or_default()),
        )),
        _ => None,
    });
    gates.collect()
}
