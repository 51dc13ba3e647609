//! What the recommended pattern would take: a rehearsal of its plan on servers like those of the cluster.

use std::path::Path;
use std::time::Duration;

use super::super::choice::{Choice, Intent, WorldRequest, choose_world};
use super::super::definition::Definition;
use super::super::failure::Failure;
use super::super::placement::forecast_placement;
use super::super::project::Project;
use crate::insight::advisor::Coordination;
use crate::language::plan::{Plan, Work};
use crate::runtime::journal::Journal;

/// What a pattern would take with its sample inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Calls to models.
    pub calls: u64,
    /// Tokens of the prompts, where placeholders stand for answers.
    pub prompt_tokens: u64,
    /// Tokens of those placeholders; real answers are longer as a rule.
    pub answer_tokens: u64,
    /// From its start to its end.
    pub time: Duration,
    /// What the time rests on.
    pub basis: TimeBasis,
    /// The servers, and on whose word.
    pub servers: usize,
    /// On whose word these servers were taken.
    pub by: String,
    /// The model of tasks that name none, where it is known without asking servers.
    pub model: Option<String>,
    /// How those who work on it work together.
    pub coordination: Coordination,
}

/// What the time of an estimate rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeBasis {
    /// Earlier runs of the pattern in the journal that were no rehearsals: so many, and their median counts.
    Runs(usize),
    /// What the plan assumes of its tasks.
    Plan,
}

/// What a pattern would take where it would run now. Nothing is asked of any server.
///
/// # Errors
/// When the pattern is faulty, or takes what the cluster does not have.
pub fn estimate_of(
    project: &Project,
    name: &str,
    request: &WorldRequest,
    journal: &Path,
) -> Result<Estimate, Failure> {
    let definition = Definition::find(project, name)?;
    let folder = definition.folder(project);
    let choice = choose_world(request, project, Intent::of(&definition, folder.as_deref()))?;
    let plan = definition.plan();
    let model = model_of(&choice);
    let servers = choice.setup.cluster.servers.len();
    let forecast = forecast_placement(plan, choice, None)?;
    let runs = times_of_runs(journal, name);
    let (time, basis) = match median(&runs) {
        Some(time) => (time, TimeBasis::Runs(runs.len())),
        None => (forecast.metrics.makespan, TimeBasis::Plan),
    };
    let calls = forecast.metrics.servers.iter().map(|server| u64::from(server.requests)).sum();
    Ok(Estimate {
        calls,
        prompt_tokens: forecast.metrics.prompt_tokens,
        answer_tokens: forecast.metrics.answer_tokens,
        time,
        basis,
        servers,
        by: forecast.by,
        model,
        coordination: coordination_of(plan),
    })
}

fn model_of(choice: &Choice) -> Option<String> {
    choice.setup.model.clone().or_else(|| choice.setup.cluster.default_model.clone())
}

/// How long real runs of a pattern took that ended well. A journal that cannot be read has none.
fn times_of_runs(journal: &Path, name: &str) -> Vec<Duration> {
    let Ok(Some(journal)) = Journal::open_existing(journal) else { return Vec::new() };
    let runs = journal.runs().unwrap_or_default().into_iter();
    let of_name =
        runs.filter(|run| run.name == name && !run.simulated && run.status == "succeeded");
    of_name.map(|run| run.worked).collect()
}

fn median(times: &[Duration]) -> Option<Duration> {
    let mut times = times.to_vec();
    times.sort();
    times.get(times.len() / 2).copied()
}

/// How those who work on a plan work together, by its shape.
fn coordination_of(plan: &Plan) -> Coordination {
    let asking = plan.tasks().filter(|(_, task)| task.asks_a_model()).count();
    let has = |is: fn(&Work) -> bool| plan.tasks().any(|(_, task)| is(&task.work));
    let depth = plan
        .tasks()
        .map(|(_, task)| {
            let caller = |id| plan.scope(plan.task(id).scope).caller;
            std::iter::successors(plan.scope(task.scope).caller, |id| caller(*id)).count()
        })
        .max()
        .unwrap_or(0);
    let forecast = plan.forecast();
    // What is done for each item is done side by side, and its estimate is that of all.
    let is_parallel = has(|work| matches!(work, Work::Iterate(_)))
        || forecast.parallel.mul_f64(1.25) < forecast.sequential;
    match (asking, depth, is_parallel) {
        (0 | 1, 0, false) => Coordination::Single,
        (_, 2.., _) => Coordination::Hierarchical,
        (_, _, true) => Coordination::Parallel,
        _ => Coordination::Sequential,
    }
}
