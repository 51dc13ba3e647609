//! The exact prompts of a plan, found by rehearsing it in virtual time with placeholders for
//! answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::failure::{Failure, FailureKind};
use super::rehearsed::rehearsed;
use super::samples::Sampled;
use crate::engine::content::{MemoryContents, windows};
use crate::engine::simulation::{Asked, Placeholders, Script};
use crate::engine::{Decision, Server, Settings, TaskState, full_name};
use crate::language::document::ClusterSettings;
use crate::language::document::simulation::{Profile, SimulatedModel, SimulatedServer};
use crate::language::document::suggest::nearest;
use crate::language::plan::{Plan, Task, Work, undoes};
use crate::organization::AgentId;

/// The prompts of a plan.
#[derive(Debug)]
pub struct Prompts {
    /// The first request of every task that was reached, in the order of the plan.
    pub asked: Vec<Prompt>,
    /// The tasks that would ask a model and were not reached, and why.
    pub omitted: Vec<(String, Omission)>,
    /// The inputs that nobody gave and that are invented.
    pub sample_inputs: Vec<String>,
}

/// The prompt of a task.
#[derive(Debug)]
pub struct Prompt {
    /// What is asked.
    pub asked: Asked,
    /// Who is asked.
    pub agent: Option<AgentId>,
    /// The model, where a document names one.
    pub model: Option<String>,
    /// The context window in tokens that the model's calls ask for, where a document says one.
    pub window: Option<u32>,
}

impl Prompt {
    /// About how many tokens the prompt has, and how many the answer may have at most.
    pub fn expected_tokens(&self) -> (u64, Option<u32>) {
        (self.asked.request.expected_tokens(), self.asked.request.options.num_predict)
    }

    /// Whether the prompt and the longest answer fit the window together, where there is one.
    pub fn fits(&self) -> Option<bool> {
        let (prompt, answer) = self.expected_tokens();
        self.window.map(|window| prompt + u64::from(answer.unwrap_or_default()) <= window.into())
    }
}

/// Why there is no prompt of a task.
#[derive(Debug)]
pub enum Omission {
    /// It was skipped.
    Skipped(String),
    /// It failed.
    Failed(String),
    /// The rehearsal ended before it.
    NotReached,
    /// It would undo what was not done.
    NotDone,
}

/// The first request of every task, or of one, and of what undoes tasks, as if the run failed when all else
/// is done. Gates on which nothing was decided take their first option.
///
/// # Errors
/// When there is no such task, or a prompt cannot be rendered.
pub fn rehearse_prompts(
    plan: Plan,
    inputs: Sampled,
    decided: &[Decision],
    only: Option<&str>,
) -> Result<Prompts, Failure> {
    let undone = |task: &&Task| task.undone_by().is_some();
    let undone: BTreeSet<&str> =
        plan.tasks.iter().filter(undone).map(|task| task.path.as_str()).collect();
    let paths: Vec<&str> = plan.tasks.iter().map(|task| task.path.as_str()).collect();
    // Items are tasks only when it is known what they are.
    let is_known = |path: &str| {
        let task = path.split('[').next().unwrap_or_default();
        paths.contains(&task) || undone.iter().any(|task| undoes(path, task))
    };
    if let Some(path) = only
        && !is_known(path)
    {
        let failure = Failure::new(FailureKind::Usage, format!("there is no task `{path}`"));
        return Err(match nearest(path, paths.iter().copied()) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint(format!("the tasks are {}", paths.join(", "))),
        });
    }
    let undoes_something = plan.all_tasks().iter().any(|task| task.compensate.is_some());
    let plan = Arc::new(if undoes_something { plan.failing_at_its_end() } else { plan });
    let contents = MemoryContents::default();
    let (rehearsal, _) =
        rehearsed(&plan, world(&plan, decided), &inputs.inputs, &contents, &Placeholders)?;
    let state = rehearsal.engine().state();
    // As far as it has grown.
    let plan = state.plan();
    let is_meant = |path: &str| {
        only.is_none_or(|only| {
            path.strip_prefix(only).is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
                || undoes(path, only)
        })
    };
    let mut seen = BTreeSet::new();
    let windows = windows(plan, DEFAULT_MODEL);
    let mut asked: Vec<&Asked> = rehearsal
        .asked()
        .iter()
        .filter(|asked| seen.insert(asked.task.clone()))
        .filter(|asked| is_meant(&asked.task))
        .collect();
    asked.sort_by_key(|asked| plan.find(&asked.task));
    let prompt = |asked: &Asked| {
        let task = plan.find(&asked.task).map(|id| plan.task(id));
        let model = task.and_then(|task| match &task.work {
            Work::Ask(ask) => ask.model.clone(),
            _ => None,
        });
        let agent = task.and_then(|task| plan.agent_of(task));
        Prompt {
            asked: asked.clone(),
            agent: agent.map(|agent| agent.agent.id.clone()),
            window: windows.get(&full_name(model.as_deref().unwrap_or(DEFAULT_MODEL))).copied(),
            model,
        }
    };
    let asked: Vec<Prompt> = asked.into_iter().map(prompt).collect();
    let mut omitted: Vec<(String, Omission)> = plan
        .tasks()
        .filter(|(_, task)| task.asks_a_model() && !seen.contains(&task.path))
        .filter(|(_, task)| is_meant(&task.path))
        .map(|(id, task)| (task.path.clone(), omission(state.task(id), plan)))
        .collect();
    let not_undone = plan.tasks().filter_map(|(_, task)| {
        let undo = task.compensate.as_ref()?.tasks.first()?;
        (undo.asks_a_model() && plan.find(&undo.path).is_none() && is_meant(&undo.path))
            .then(|| (undo.path.clone(), Omission::NotDone))
    });
    omitted.extend(not_undone);
    if asked.is_empty() && omitted.is_empty() {
        return Err(nothing_asked(plan, only));
    }
    Ok(Prompts { asked, omitted, sample_inputs: inputs.invented })
}

fn omission(task: &TaskState, plan: &Plan) -> Omission {
    match (&task.skipped, &task.failure) {
        (Some(reason), _) => Omission::Skipped(reason.describe(plan)),
        (None, Some(failure)) => Omission::Failed(failure.to_string()),
        (None, None) => Omission::NotReached,
    }
}

/// The model of tasks that name none.
const DEFAULT_MODEL: &str = "placeholder:latest";

/// One server with room for everything, and every model that the plan names.
fn world(plan: &Plan, decided: &[Decision]) -> (Settings, Script) {
    let mut names: BTreeSet<String> = BTreeSet::from([DEFAULT_MODEL.to_owned()]);
    let mut tags = BTreeSet::new();
    for agent in &plan.agents {
        tags.extend(agent.requires.iter().cloned());
    }
    let mut decisions = BTreeMap::new();
    for (id, task) in plan.tasks() {
        match &task.work {
            Work::Ask(ask) => names.extend(ask.models().flatten().map(str::to_owned)),
            Work::Approve { options, .. } => {
                let made = decided.iter().find(|decision| decision.task == id);
                let choice = made.map(|decision| &decision.choice).or(options.first());
                let choice = choice.cloned().unwrap_or_default();
                decisions.insert(task.path.clone(), (Duration::ZERO, choice));
            }
            _ => {}
        }
    }
    let models = names
        .into_iter()
        .map(|name| SimulatedModel { name, context_length: u32::MAX, ..SimulatedModel::default() })
        .collect();
    let profile = Profile {
        time_scale: 0.0,
        servers: vec![SimulatedServer {
            slots: 1024,
            context_length: u32::MAX,
            ..SimulatedServer::named("placeholder")
        }],
        models,
        ..Profile::default()
    };
    let cluster = ClusterSettings::of_urls(["placeholder".to_owned()]);
    let mut settings = Settings::of_cluster(&cluster, DEFAULT_MODEL.to_owned());
    settings.people = crate::engine::People::Present;
    settings.lift_budgets(plan);
    settings.servers = vec![Server {
        slots: 1024,
        max_models: 64,
        tags: tags.into_iter().collect(),
        ..settings.servers[0].clone()
    }];
    (settings, Script { profile, decisions, ..Script::default() })
}

fn nothing_asked(plan: &Plan, only: Option<&str>) -> Failure {
    match only.and_then(|path| plan.find(path)) {
        Some(task) => {
            let task = plan.task(task);
            let message = format!("`{}` asks no model ({})", task.path, task.verb().as_str());
            Failure::new(FailureKind::Usage, message)
        }
        None => {
            Failure::new(FailureKind::Failed, format!("no task of `{}` asks a model", plan.name))
        }
    }
}
