//! What comes out of a scope whose tasks have all ended.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::context::{data, output_of};
use super::store::{ContentError, Contents};
use crate::engine::failure::{Failure, FailureClass};
use crate::engine::state::State;
use crate::language::digest::Digest;
use crate::language::plan::{ScopeId, TaskId};
use crate::language::template::{Form, Template, render_tree};

/// Makes the outputs of a scope. An output that needs a task without one (it was skipped or
/// failed) is null. A scope that declares no outputs gives what its last wave came to, by task.
///
/// # Errors
/// An output that cannot be rendered although everything is there.
pub(super) fn conclude(
    state: &State,
    scope: ScopeId,
    contents: &dyn Contents,
) -> Result<Digest, Failure> {
    let outputs = make(state, scope, contents)?;
    Ok(contents.write(Value::Object(outputs)))
}

fn make(
    state: &State,
    id: ScopeId,
    contents: &dyn Contents,
) -> Result<Map<String, Value>, Failure> {
    let internal = |error: ContentError| Failure::new(FailureClass::Internal, error.to_string());
    let plan = state.plan();
    let scope = plan.scope(id);
    let mut made = Map::new();
    if scope.outputs.is_empty() {
        let last = scope.waves.last().map(|wave| plan.wave(*wave).tasks.as_slice());
        for task in last.unwrap_or_default() {
            if let Some(output) = output_of(state, *task, contents).map_err(internal)? {
                made.insert(plan.task(*task).name.clone(), output);
            }
        }
        return Ok(made);
    }
    for (name, written) in &scope.outputs {
        let mentioned = mentioned_tasks(state, id, written);
        let missing = mentioned
            .iter()
            .any(|(task, may_be_absent)| !may_be_absent && !state.task(*task).has_output());
        let value = if missing {
            Value::Null
        } else {
            let tasks: BTreeSet<TaskId> = mentioned.into_iter().map(|(task, _)| task).collect();
            let data = data(state, id, &tasks, None, contents).map_err(internal)?;
            render_tree(written, &data).map_err(|error| {
                let message = format!("output `{name}`: {}", error.message);
                Failure::new(FailureClass::Template, message)
            })?
        };
        made.insert(name.clone(), value);
    }
    Ok(made)
}

/// The tasks that an output's templates mention, and whether they can do without their outputs.
fn mentioned_tasks(state: &State, scope: ScopeId, written: &Value) -> Vec<(TaskId, bool)> {
    let mut texts = Vec::new();
    collect_texts(written, &mut texts);
    let plan = state.plan();
    let tasks: BTreeMap<&str, TaskId> =
        plan.scope(scope).tasks.iter().map(|id| (plan.task(*id).name.as_str(), *id)).collect();
    let mut found = Vec::new();
    for text in texts {
        let Ok(template) = Template::parse(text, Form::Text) else {
            continue;
        };
        for reference in &template.references {
            let (Some("tasks"), Some(name)) = (reference.name(0), reference.name(1)) else {
                continue;
            };
            let may_be_absent =
                reference.guarded || matches!(reference.name(2), Some("status" | "error"));
            found.extend(tasks.get(name).map(|id| (*id, may_be_absent)));
        }
    }
    found
}

fn collect_texts<'v>(value: &'v Value, texts: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, texts)),
        Value::Object(map) => map.values().for_each(|item| collect_texts(item, texts)),
        _ => {}
    }
}
