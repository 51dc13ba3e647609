//! The exact prompts of a plan, found by rehearsing it in virtual time with placeholders for
//! answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::failure::{Failure, FailureKind};
use super::rehearsed::rehearsed;
use super::rungs::{Rungs, rehearse_rungs, taken_up};
use super::samples::Sampled;
use crate::engine::content::{MemoryContents, windows};
use crate::engine::simulation::{Asked, Placeholders, Script};
use crate::engine::{DecidedAhead, Server, Settings, TaskState, full_name};
use crate::language::document::ClusterSettings;
use crate::language::document::simulation::{Profile, SimulatedModel, SimulatedServer};
use crate::language::document::suggest::nearest;
use crate::language::plan::{Plan, Task, Work, undoes};
use crate::organization::{AgentId, Guidance};

/// The prompts of a plan.
#[derive(Debug)]
pub struct Prompts {
    /// The first request of every task that was reached, in the order of the plan.
    pub asked: Vec<Prompt>,
    /// The tasks that would ask a model and were not reached, and why.
    pub omitted: Vec<(String, Omission)>,
    /// The inputs that nobody gave and that are invented.
    pub sample_inputs: Vec<String>,
    /// What those who lead are told of the project.
    pub briefing: Option<String>,
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
    /// The task that has to fail before this is asked, with everything that was tried for it before.
    pub takes_up: Option<String>,
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

/// What those who lead are told in a run that begins now.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// Of patterns and learnings.
    pub guidance: Guidance,
    /// Of the project in whose context the run would take place.
    pub briefing: Option<String>,
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
    /// A person takes a failed task up, and is asked this.
    Person(String),
    /// It would take a failed task up, and a person has before it.
    BehindPerson,
}

/// The first request of every task, or of one, and of what undoes tasks, as if the run failed when all else
/// is done. Gates on which nothing was decided take their first option.
///
/// # Errors
/// When there is no such task, or a prompt cannot be rendered.
pub fn rehearse_prompts(
    plan: Plan,
    inputs: Sampled,
    decided: &[DecidedAhead],
    only: Option<&str>,
    told: Told,
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
        rehearsed(&plan, world(&plan, decided, &told), &inputs.inputs, &contents, &Placeholders)?;
    let rungs = rehearse_rungs(&plan, world(&plan, decided, &told), &inputs.inputs)?;
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
    let prompt = |asked: &Asked, plan: &Plan| {
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
            takes_up: None,
        }
    };
    let mut asked: Vec<Prompt> = asked.into_iter().map(|asked| prompt(asked, plan)).collect();
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
    if let Some(Rungs { plan, asked: taken, people, behind }) = rungs {
        for found in taken.iter().filter(|found| is_meant(&found.task)) {
            let of = taken_up(&found.task);
            // Behind what was asked for the same task before.
            let is_of_it = |prompt: &Prompt| prompt.asked.task.starts_with(&format!("{of}["));
            let place = asked.iter().rposition(is_of_it).map_or(asked.len(), |place| place + 1);
            asked.insert(place, Prompt { takes_up: Some(of.to_owned()), ..prompt(found, &plan) });
        }
        let people = people.into_iter().map(|(path, asked)| (path, Omission::Person(asked)));
        let behind = behind.into_iter().map(|path| (path, Omission::BehindPerson));
        omitted.extend(people.chain(behind).filter(|(path, _)| is_meant(path)));
    }
    if asked.is_empty() && omitted.is_empty() {
        return Err(nothing_asked(plan, only));
    }
    Ok(Prompts { asked, omitted, sample_inputs: inputs.invented, briefing: told.briefing })
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
fn world(plan: &Plan, decided: &[DecidedAhead], told: &Told) -> (Settings, Script) {
    let mut names: BTreeSet<String> = BTreeSet::from([DEFAULT_MODEL.to_owned()]);
    let mut tags = BTreeSet::new();
    for agent in &plan.agents {
        tags.extend(agent.requires.iter().cloned());
    }
    let mut decisions = BTreeMap::new();
    for task in plan.all_tasks() {
        match &task.work {
            Work::Ask(ask) => names.extend(ask.models().flatten().map(str::to_owned)),
            Work::Approve { options, .. } => {
                let choice = options.first().cloned().unwrap_or_default();
                decisions.insert(task.path.clone(), (Duration::ZERO, choice));
            }
            _ => {}
        }
    }
    let decided = decided.iter();
    decisions.extend(
        decided.map(|ahead| (ahead.address.clone(), (Duration::ZERO, ahead.choice.clone()))),
    );
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
    settings.guidance = Some(told.guidance.clone());
    settings.briefing.clone_from(&told.briefing);
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
