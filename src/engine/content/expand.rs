//! Work that an agent plans: what becomes of a plan, and what follows when its tasks have ended.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::context::output_of;
use super::prepare::Trouble;
use super::store::{ContentError, Contents};
use crate::engine::failure::{Failure, FailureClass};
use crate::engine::iterations::{Iteration, Iterations, status_of};
use crate::engine::moves::TaskStatus;
use crate::engine::state::State;
use crate::engine::vocabulary::Preparation;
use crate::language::plan::{
    Expand, OfferKind, Over, PLAN, Part, Planned, Planning, SYNTHESIS, TaskId, Work,
};
use crate::language::template::{Data, evaluate_value};

/// A planned task, and how it stands.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// What was planned.
    pub(super) planned: Planned,
    /// What tells it from the others in addresses.
    key: String,
    /// In which plan, counted from 1.
    round: usize,
    /// Its place among everything that is listed.
    place: usize,
    /// The task that it has become.
    pub(super) task: Option<TaskId>,
    /// How it stands.
    pub(super) status: TaskStatus,
}

/// How work that an agent plans has gone so far.
#[derive(Debug, Default)]
pub(super) struct Course {
    /// How often has been planned.
    rounds: usize,
    /// The task that planned last.
    planner: Option<TaskId>,
    /// Everything that was planned.
    pub(super) steps: Vec<Step>,
    /// The task that makes one result of all.
    synthesis: Option<TaskId>,
    /// How many are listed in all.
    listed: usize,
}

impl Course {
    /// How a task stands that does what an agent plans.
    ///
    /// # Errors
    /// When what was planned cannot be read.
    pub(super) fn of(
        state: &State,
        id: TaskId,
        contents: &dyn Contents,
    ) -> Result<Course, ContentError> {
        let mut course = Course::default();
        if let Work::Iterate(iterate) = &state.plan().task(id).work
            && let Over::Expand(expand) = &iterate.over
        {
            course.rounds = usize::from(expand.given.is_some());
        }
        let all = state.iterations(id).into_iter().flat_map(Iterations::all);
        for (place, (iteration, scope)) in all.enumerate() {
            course.listed = place + 1;
            let first = scope.and_then(|scope| state.plan().scope(scope).tasks.first().copied());
            match iteration.part {
                Part::Main => {
                    course.rounds += 1;
                    course.planner = first;
                }
                Part::Synthesis => course.synthesis = first,
                Part::Rung(_) => {}
                Part::Entry(_) => {
                    let Some(planned) = planned_in(iteration, contents)? else { continue };
                    let status = scope.map(|scope| status_of(state, scope));
                    course.steps.push(Step {
                        planned,
                        key: iteration.key.clone(),
                        round: course.rounds,
                        place,
                        task: first,
                        status: status.unwrap_or(TaskStatus::Cancelled),
                    });
                }
            }
        }
        Ok(course)
    }

    /// What has been done.
    pub(super) fn done(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.status == TaskStatus::Succeeded)
    }

    /// What may be planned now.
    pub(super) fn planning(&self, expand: &Expand) -> Planning {
        let done = self.done().map(|step| step.planned.name.clone()).collect();
        Planning { done, ..expand.planning.clone() }
    }

    /// Why a task has come to nothing.
    pub(super) fn error(step: &Step, state: &State) -> Option<String> {
        let failure = state.task(step.task?).failure.as_ref()?;
        Some(failure.to_string())
    }
}

/// What was planned, of what is listed for it.
pub(super) fn planned_in(
    iteration: &Iteration,
    contents: &dyn Contents,
) -> Result<Option<Planned>, ContentError> {
    let values = contents.read(&iteration.inputs)?;
    Ok(serde_json::from_value((*values).clone()).ok())
}

/// What is done first: an agent is asked for a plan, or what the plan has that is there.
pub(super) fn first(
    expand: &Expand,
    around: &Data,
    contents: &dyn Contents,
) -> Result<Vec<Iteration>, Trouble> {
    let Some(given) = &expand.given else {
        return Ok(vec![planning_again(1, &BTreeSet::new(), contents)]);
    };
    let plan = match evaluate_value(given, around)? {
        // A template that builds one gives text.
        Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        plan => plan,
    };
    let tasks = expand.planning.read(&plan).map_err(|found| Trouble(refusal(&found)))?;
    Ok(listed(&Course { rounds: 1, ..Course::default() }, &BTreeSet::new(), &tasks, contents))
}

fn planning_again(round: usize, taken: &BTreeSet<String>, contents: &dyn Contents) -> Iteration {
    let inputs = contents.write(json!({ "round": round }));
    Iteration::new(free_key(PLAN, round, taken), inputs)
}

/// A key that nothing has yet: what comes again has the number of the plan behind its name.
fn free_key(name: &str, round: usize, taken: &BTreeSet<String>) -> String {
    let numbered = (round.max(1)..).map(|number| match number {
        1 => name.to_owned(),
        number => format!("{name}.{number}"),
    });
    let mut keys = std::iter::once(name.to_owned()).chain(numbered);
    keys.find(|key| !taken.contains(key)).unwrap_or_default()
}

/// What follows when everything that is listed has ended, or cannot come to a good end any more: what was
/// planned, another plan, one result of all, or the end.
pub(super) fn follow(
    expand: &Expand,
    state: &State,
    id: TaskId,
    contents: &dyn Contents,
) -> Result<Preparation, Trouble> {
    let course = Course::of(state, id, contents)?;
    if let Some(task) = course.synthesis {
        let Some(result) = output_of(state, task, contents)? else {
            return Ok(failed_with(state, task));
        };
        return Ok(done(expand, state, &course, Some(result), contents)?);
    }
    let was_planned = course.steps.last().is_some_and(|step| step.round == course.rounds);
    if !was_planned {
        let plan = match course.planner {
            Some(planner) => match output_of(state, planner, contents)? {
                Some(plan) => plan,
                None => return Ok(failed_with(state, planner)),
            },
            None => Value::Null,
        };
        // What an earlier run or a cassette has kept has not been looked at in this one.
        let tasks =
            course.planning(expand).read(&plan).map_err(|found| Trouble(refusal(&found)))?;
        if !tasks.is_empty() {
            let iterations = listed(&course, &keys(state, id), &tasks, contents);
            return Ok(Preparation::Iterations { iterations });
        }
    }
    let current = || course.steps.iter().filter(|step| step.round == course.rounds);
    let has_ended_well = current().all(|step| step.status == TaskStatus::Succeeded);
    if !has_ended_well && course.rounds <= expand.replans as usize {
        let taken = keys(state, id);
        let iterations = vec![planning_again(course.rounds + 1, &taken, contents)];
        return Ok(Preparation::Iterations { iterations });
    }
    if !has_ended_well {
        let cause = current().find(|step| step.status == TaskStatus::Failed);
        let cause = cause.and_then(|step| Some((step.task?, Course::error(step, state)?)));
        let message = match cause {
            Some((task, error)) => format!("task `{}`: {error}", state.plan().task(task).path),
            None => "what was planned was not done".to_owned(),
        };
        let failure = Failure::new(FailureClass::PatternFailed, message);
        return Ok(Preparation::Failed { failure, output: None });
    }
    if expand.synthesis.is_some() {
        let place = |step: &Step| u32::try_from(step.place).unwrap_or(u32::MAX);
        let iterations = vec![Iteration {
            part: Part::Synthesis,
            needs: course.done().map(place).collect(),
            ..Iteration::new(
                free_key(SYNTHESIS, 1, &keys(state, id)),
                contents.write(Value::Object(Map::new())),
            )
        }];
        return Ok(Preparation::Iterations { iterations });
    }
    Ok(done(expand, state, &course, None, contents)?)
}

/// The failure of a plan that does not hold.
pub(super) fn refusal(found: &[String]) -> Failure {
    let message = format!("the plan does not hold: {}", found.join("; "));
    Failure::new(FailureClass::InvalidPlan, message)
}

/// All has failed with one of its tasks.
fn failed_with(state: &State, task: TaskId) -> Preparation {
    let path = &state.plan().task(task).path;
    let failure = match &state.task(task).failure {
        Some(cause) => Failure::new(cause.class, format!("task `{path}`: {}", cause.message)),
        None => Failure::new(FailureClass::PatternFailed, format!("task `{path}` was not done")),
    };
    Preparation::Failed { failure, output: None }
}

fn keys(state: &State, id: TaskId) -> BTreeSet<String> {
    let all = state.iterations(id).into_iter().flat_map(Iterations::all);
    all.map(|(iteration, _)| iteration.key.clone()).collect()
}

/// The tasks of a plan as what is to be done: each with the places of those that it needs.
fn listed(
    course: &Course,
    taken: &BTreeSet<String>,
    tasks: &[Planned],
    contents: &dyn Contents,
) -> Vec<Iteration> {
    let mut taken = taken.clone();
    let done = course.done().map(|step| (step.planned.name.as_str(), step.place));
    let new = tasks.iter().zip(course.listed..).map(|(task, place)| (task.name.as_str(), place));
    let places: Map<String, Value> =
        done.chain(new).map(|(name, place)| (name.to_owned(), place.into())).collect();
    let place = |name: &String| u32::try_from(places.get(name)?.as_u64()?).ok();
    let mut iterations = Vec::with_capacity(tasks.len());
    for task in tasks {
        let key = free_key(&task.name, course.rounds, &taken);
        taken.insert(key.clone());
        let values = serde_json::to_value(task).unwrap_or_default();
        let inputs = contents.write(values);
        let needs = task.needs.iter().filter_map(place).collect();
        iterations.push(Iteration { key, inputs, part: Part::Entry(task.offer), needs });
    }
    iterations
}

/// What has come of all: the results by name, the plan as it went, and one result where there is one.
fn done(
    expand: &Expand,
    state: &State,
    course: &Course,
    result: Option<Value>,
    contents: &dyn Contents,
) -> Result<Preparation, ContentError> {
    let mut tasks = Map::new();
    for step in course.done() {
        let output = step.task.map(|task| output_of(state, task, contents)).transpose()?;
        tasks.insert(step.planned.name.clone(), output.flatten().unwrap_or_default());
    }
    let plan: Vec<Value> = course.steps.iter().map(|step| told(expand, state, step)).collect();
    let mut output = Map::new();
    output.insert("tasks".to_owned(), Value::Object(tasks));
    output.insert("plan".to_owned(), Value::Array(plan));
    output.insert("rounds".to_owned(), course.rounds.into());
    output.extend(result.map(|result| ("result".to_owned(), result)));
    Ok(Preparation::Done { output: contents.write(Value::Object(output)) })
}

/// A planned task as templates and reports read it.
fn told(expand: &Expand, state: &State, step: &Step) -> Value {
    let Planned { name, offer, prompt, with, from, needs } = &step.planned;
    let mut told = Map::new();
    told.insert("name".to_owned(), name.as_str().into());
    told.insert("key".to_owned(), step.key.as_str().into());
    told.insert("round".to_owned(), step.round.into());
    if let Some(offer) = expand.planning.catalogue.get(*offer as usize) {
        told.insert(offer.kind.key().to_owned(), offer.name.as_str().into());
        match offer.kind {
            OfferKind::Agent => {
                told.insert("prompt".to_owned(), prompt.as_str().into());
            }
            OfferKind::Pattern => {
                told.insert("with".to_owned(), Value::Object(with.clone()));
                told.insert("from".to_owned(), json!(from));
            }
        }
    }
    told.insert("needs".to_owned(), json!(needs));
    told.insert("status".to_owned(), step.status.as_str().into());
    told.extend(Course::error(step, state).map(|error| ("error".to_owned(), error.into())));
    Value::Object(told)
}
