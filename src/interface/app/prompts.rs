//! The exact prompts of a plan, found by rehearsing it in virtual time with placeholders for
//! answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::failure::{Failure, FailureKind};
use crate::engine::content::MemoryContents;
use crate::engine::simulation::{Asked, Placeholders, Rehearsal, Script};
use crate::engine::{Server, Settings};
use crate::language::document::ClusterSettings;
use crate::language::document::simulation::{Profile, SimulatedModel, SimulatedServer};
use crate::language::document::suggest::nearest;
use crate::language::plan::{Plan, Work};

/// The first request of every task, or of one, in the order of the plan. Every gate takes its
/// first option, so that as many tasks as possible are reached.
///
/// # Errors
/// When there is no such task, or a prompt cannot be rendered.
pub fn rehearse_prompts(
    plan: Plan,
    inputs: &Map<String, Value>,
    only: Option<&str>,
) -> Result<Vec<Asked>, Failure> {
    let plan = Arc::new(plan);
    let paths: Vec<&str> = plan.tasks.iter().map(|task| task.path.as_str()).collect();
    if let Some(path) = only
        && !paths.contains(&path)
    {
        let failure = Failure::new(FailureKind::Usage, format!("there is no task `{path}`"));
        return Err(match nearest(path, paths.iter().copied()) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint(format!("the tasks are {}", paths.join(", "))),
        });
    }
    let contents = MemoryContents::default();
    let (settings, script) = world(&plan);
    let mut rehearsal =
        Rehearsal::new(Arc::clone(&plan), settings, script, inputs, &contents, &Placeholders);
    rehearsal.run().map_err(|error| {
        Failure::new(FailureKind::Failed, format!("Partita is at fault: {error}"))
    })?;
    let mut seen = BTreeSet::new();
    let mut asked: Vec<Asked> = rehearsal
        .asked()
        .iter()
        .filter(|asked| seen.insert(asked.task.clone()))
        .filter(|asked| only.is_none_or(|only| asked.task == only))
        .cloned()
        .collect();
    asked.sort_by_key(|asked| plan.find(&asked.task));
    if asked.is_empty() {
        return Err(nothing_asked(&rehearsal, &plan, only));
    }
    Ok(asked)
}

/// One server with room for everything, and every model that the plan names.
fn world(plan: &Plan) -> (Settings, Script) {
    const DEFAULT: &str = "placeholder:latest";
    let mut names: BTreeSet<String> = BTreeSet::from([DEFAULT.to_owned()]);
    let mut tags = BTreeSet::new();
    for agent in &plan.agents {
        tags.extend(agent.requires.iter().cloned());
    }
    let mut decisions = BTreeMap::new();
    for task in &plan.tasks {
        match &task.work {
            Work::Ask(ask) => names.extend(ask.model.clone()),
            Work::Approve { options, .. } => {
                let choice = options.first().cloned().unwrap_or_default();
                decisions.insert(task.path.clone(), (Duration::ZERO, choice));
            }
            _ => {}
        }
    }
    let models = names
        .into_iter()
        .map(|name| SimulatedModel { name, ..SimulatedModel::default() })
        .collect();
    let profile = Profile {
        time_scale: 0.0,
        servers: vec![SimulatedServer { slots: 1024, ..SimulatedServer::named("placeholder") }],
        models,
        ..Profile::default()
    };
    let cluster = ClusterSettings::of_urls(["placeholder".to_owned()]);
    let mut settings = Settings::of_cluster(&cluster, DEFAULT.to_owned());
    settings.people = crate::engine::People::Present;
    settings.servers = vec![Server {
        slots: 1024,
        max_models: 64,
        tags: tags.into_iter().collect(),
        ..settings.servers[0].clone()
    }];
    (settings, Script { profile, decisions, ..Script::default() })
}

fn nothing_asked(rehearsal: &Rehearsal<'_>, plan: &Plan, only: Option<&str>) -> Failure {
    let state = rehearsal.engine().state();
    let about = only.and_then(|path| plan.find(path));
    if let Some(task) = about
        && !plan.task(task).asks_a_model()
    {
        let verb = plan.task(task).verb().as_str();
        let message = format!("`{}` asks no model: it is a {verb}", plan.task(task).path);
        return Failure::new(FailureKind::Usage, message);
    }
    let failed = plan.tasks().find_map(|(id, task)| Some((task, state.task(id).failure.as_ref()?)));
    match failed {
        Some((task, failure)) => {
            Failure::new(FailureKind::Failed, format!("`{}`: {failure}", task.path))
        }
        None => Failure::new(FailureKind::Failed, "no task asks a model with these inputs")
            .hint("conditions may be false with placeholders for answers"),
    }
}
