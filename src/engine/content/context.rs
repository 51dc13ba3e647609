//! The values that a task's templates read.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::iterate::records;
use super::store::{ContentError, Contents};
use crate::engine::moves::TaskStatus;
use crate::engine::state::State;
use crate::language::plan::{Over, Plan, ScopeId, TaskId, Work};
use crate::language::template::Data;

/// What templates can read of a task: `status`, and where they are known `output`, `error`,
/// `passed` of a check, `choice` of an approval, `items` of what is done several times, `rounds` and
/// `stopped` of what is done in rounds.
///
/// # Errors
/// When its output cannot be read.
pub fn task_record(
    state: &State,
    id: TaskId,
    contents: &dyn Contents,
) -> Result<Value, ContentError> {
    let task = state.task(id);
    let mut record = Map::new();
    record.insert("status".to_owned(), task.status.as_str().into());
    if let Work::Iterate(iterate) = &state.plan().task(id).work {
        let items = match iterate.over {
            Over::Items(_) | Over::Rounds(_) => records(state, id, contents)?,
            // What came of each is in the output, or in the votes.
            Over::Review(_)
            | Over::Samples(_)
            | Over::TieBreak(_)
            | Over::Pairs(_)
            | Over::Expand(_)
            | Over::Ladder(_) => Vec::new(),
        };
        if let Over::Rounds(_) = iterate.over {
            record.insert("rounds".to_owned(), items.len().into());
            let end = state.rounds_end(id);
            record.extend(end.map(|end| ("stopped".to_owned(), end.stopped.as_str().into())));
        }
        record.insert("items".to_owned(), items.into());
    }
    if let Some(votes) = &task.votes {
        record.insert("votes".to_owned(), (*contents.read(votes)?).clone());
    }
    if let Some(output) = output_of(state, id, contents)? {
        let shortcut = match &state.plan().task(id).work {
            Work::Check { .. } => Some("passed"),
            Work::Iterate(iterate) if matches!(iterate.over, Over::Review(_)) => Some("passed"),
            Work::Approve { .. } => Some("choice"),
            _ => None,
        };
        if let Some((name, value)) = shortcut.and_then(|name| Some((name, output.get(name)?))) {
            record.insert(name.to_owned(), value.clone());
        }
        record.insert("output".to_owned(), output);
    }
    if let Some(failure) = &task.failure
        && !matches!(task.status, TaskStatus::Running | TaskStatus::Hedged)
    {
        record.insert("error".to_owned(), failure.to_string().into());
    }
    Ok(Value::Object(record))
}

/// What came out of a task, if anything did.
pub(super) fn output_of(
    state: &State,
    id: TaskId,
    contents: &dyn Contents,
) -> Result<Option<Value>, ContentError> {
    let task = state.task(id);
    if let Some((choice, by)) = task.decision.as_deref() {
        return Ok(Some(json!({ "choice": choice, "by": by })));
    }
    match &task.output {
        Some(output) => contents.read(output).map(|content| Some((*content).clone())),
        None => Ok(None),
    }
}

/// The values of a scope's templates: its inputs, the given tasks, and what a synthesis puts
/// together. Where the scope is one of several times that a task is done, these are the values of that task,
/// and those of this time; where a task is undone in it, those of that task, and what has come out of it.
pub(super) fn data(
    state: &State,
    scope: ScopeId,
    tasks: &BTreeSet<TaskId>,
    results: Option<&Map<String, Value>>,
    contents: &dyn Contents,
) -> Result<Data, ContentError> {
    let mut tasks = tasks.clone();
    let (mut scope, mut locals) = (scope, Map::new());
    let plan = state.plan();
    while let Some(around) = plan.iterates(scope).or(plan.compensates(scope)) {
        // What is planned is data, and none of what its author's templates read.
        if !is_planned(plan, around)
            && let Some(own) = state.scope_inputs(scope)
        {
            let own = contents.read(own)?;
            // What is nearer hides what is farther.
            let nearer = std::mem::take(&mut locals);
            match &*own {
                own if plan.compensates(scope).is_some() => {
                    locals.insert("output".to_owned(), own.clone());
                }
                Value::Object(own) => locals.clone_from(own),
                _ => {}
            }
            locals.extend(nearer);
        }
        let caller = plan.task(around);
        scope = caller.scope;
        tasks.extend(caller.needs.iter().map(|need| need.task));
    }
    let inputs = match state.scope_inputs(scope) {
        Some(inputs) => Data::from_json(&*contents.read(inputs)?),
        None => Data::from_json(&json!({})),
    };
    let mut records = Vec::with_capacity(tasks.len());
    for id in &tasks {
        let record = Data::from_json(&task_record(state, *id, contents)?);
        records.push((plan.task(*id).name.as_str(), record));
    }
    let mut entries = vec![("inputs", inputs), ("tasks", Data::object(records))];
    entries.extend(locals.iter().map(|(name, value)| (name.as_str(), Data::from_json(value))));
    if let Some(results) = results {
        entries.push(("results", Data::from_json(&Value::Object(results.clone()))));
    }
    Ok(Data::object(entries))
}

/// Whether a task does what an agent plans.
fn is_planned(plan: &Plan, task: TaskId) -> bool {
    matches!(&plan.task(task).work, Work::Iterate(iterate) if matches!(iterate.over, Over::Expand(_)))
}

/// The outputs of the sources of a synthesis, by task name, those that have one.
pub(super) fn results(
    state: &State,
    sources: &[TaskId],
    contents: &dyn Contents,
) -> Result<Map<String, Value>, ContentError> {
    let mut results = Map::new();
    for id in sources {
        if let Some(output) = output_of(state, *id, contents)? {
            results.insert(state.plan().task(*id).name.clone(), output);
        }
    }
    Ok(results)
}
