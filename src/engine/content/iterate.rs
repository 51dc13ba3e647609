//! Work that is done several times: what it is done for, and what came of it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::context::output_of;
use super::prepare::Trouble;
use super::store::{ContentError, Contents};
use super::{choose, expand, ladder, pairs, review, rounds, sample};
use crate::engine::failure::{Failure, FailureClass};
use crate::engine::fork::{Ending, KeptItem};
use crate::engine::iterations::{Iteration, Iterations, status_of};
use crate::engine::moves::TaskStatus;
use crate::engine::state::State;
use crate::engine::vocabulary::Preparation;
use crate::language::plan::{Items, Over, ScopeId, TaskId, TieBreak, Work};
use crate::language::template::{Data, evaluate_value, render_text, render_tree};

/// So many characters of an item's key stand in an address.
const KEY_CHARACTERS: usize = 60;

/// What work that is done several times is done for at first, from what the templates around it read.
pub(super) fn begin(
    state: &State,
    over: &Over,
    around: &Data,
    contents: &dyn Contents,
) -> Result<Preparation, Trouble> {
    let iterations = match over {
        Over::Items(items) => of_items(items, around, contents)?,
        Over::Rounds(rounds) => {
            vec![rounds::round(rounds, 1, (Value::Null, Value::Null), contents)]
        }
        Over::Review(review) => vec![review::first(review, around, contents)?],
        Over::Samples(samples) => sample::first(samples, contents),
        Over::TieBreak(TieBreak { sources, ballot }) => {
            return choose::vote(state, sources, ballot, contents);
        }
        Over::Pairs(pairs) => return pairs::begin(state, pairs, contents),
        Over::Expand(expand) => expand::first(expand, around, contents)?,
        Over::Ladder(_) => vec![ladder::first(contents)],
    };
    Ok(Preparation::Iterations { iterations })
}

/// The items for which work is done.
fn of_items(
    items: &Items,
    around: &Data,
    contents: &dyn Contents,
) -> Result<Vec<Iteration>, Trouble> {
    let Items { items: written, name, key, max, .. } = items;
    let found = match written {
        Value::String(expression) => evaluate_value(expression, around)?,
        written => render_tree(written, around)?,
    };
    let found = listed(found)?;
    if found.len() > *max as usize {
        let message =
            format!("`for_each` has {} items, and at most {max} are allowed (`max`)", found.len());
        return Err(wrong(message));
    }
    let mut keys = BTreeSet::new();
    let mut iterations = Vec::with_capacity(found.len());
    for (place, (own_key, item)) in found.into_iter().enumerate() {
        let mut locals = Map::new();
        locals.insert(name.clone(), item);
        locals.insert("index".to_owned(), Value::from(place + 1));
        let own_key = own_key.unwrap_or_else(|| (place + 1).to_string());
        locals.insert("key".to_owned(), Value::from(own_key.as_str()));
        let key = match key {
            Some(template) => {
                let own =
                    locals.iter().map(|(name, value)| (name.as_str(), Data::from_json(value)));
                render_text(template, &around.with(own))?
            }
            None => own_key,
        };
        let key = address_of(&key);
        if key.is_empty() {
            return Err(wrong(format!("item {} has an empty key", place + 1)));
        }
        if !keys.insert(key.clone()) {
            return Err(wrong(format!("two items have the key `{key}`")));
        }
        locals.insert("key".to_owned(), Value::from(key.as_str()));
        let inputs = contents.write(Value::Object(locals));
        iterations.push(Iteration::new(key, inputs));
    }
    Ok(iterations)
}

fn wrong(message: String) -> Trouble {
    Trouble(Failure::new(FailureClass::Template, message))
}

/// The items of a value, with their keys where it is a mapping.
fn listed(value: Value) -> Result<Vec<(Option<String>, Value)>, Trouble> {
    match value {
        Value::Array(items) => Ok(items.into_iter().map(|item| (None, item)).collect()),
        Value::Object(map) => Ok(map.into_iter().map(|(key, item)| (Some(key), item)).collect()),
        other => {
            let shown: String = other.to_string().chars().take(KEY_CHARACTERS).collect();
            Err(wrong(format!("`for_each` needs a list or a mapping, and got {shown}")))
        }
    }
}

/// A key as it stands in an address: models write keys as well, and an address is read by people
/// and typed in shells.
fn address_of(key: &str) -> String {
    let sign = |sign: char| match sign {
        sign if sign.is_alphanumeric() || "-_.".contains(sign) => sign,
        _ => '_',
    };
    key.trim().chars().take(KEY_CHARACTERS).map(sign).collect()
}

/// What came of work that was done several times, or what it is done for besides.
pub(super) fn gather(
    state: &State,
    id: TaskId,
    contents: &dyn Contents,
) -> Result<Preparation, Trouble> {
    let Work::Iterate(iterate) = &state.plan().task(id).work else {
        let failure = Failure::new(FailureClass::Internal, "nothing is done several times");
        return Err(Trouble(failure));
    };
    let records = || records(state, id, contents);
    Ok(match &iterate.over {
        Over::Items(items) => outputs(items, &records()?, contents),
        Over::Rounds(rounds) => return rounds::follow(rounds, state, id, contents),
        Over::Review(review) => return review::follow(review, state, id, contents),
        Over::Samples(samples) => sample::gather(samples, &records()?, contents),
        Over::TieBreak(tie_break) => choose::decided(state, tie_break, &records()?, contents)?,
        Over::Pairs(pairs) => pairs::gather(state, pairs, &records()?, contents)?,
        Over::Expand(expand) => return expand::follow(expand, state, id, contents),
        Over::Ladder(ladder) => return ladder::follow(ladder, state, id, contents),
    })
}

/// The outputs in the order of the items, null where there is none.
fn outputs(items: &Items, records: &[Value], contents: &dyn Contents) -> Preparation {
    let is_there = |record: &&Value| record.get("output").is_some();
    let succeeded = records.iter().filter(is_there).count();
    let required = items.require.of(records.len());
    let outputs = records.iter().map(|record| record.get("output").cloned().unwrap_or_default());
    let output = contents.write(Value::Array(outputs.collect()));
    if succeeded >= required {
        return Preparation::Done { output };
    }
    let message = shortfall(records, succeeded, required);
    let failure = Failure::new(FailureClass::PatternFailed, message);
    Preparation::Failed { failure, output: Some(output) }
}

/// Why too few items have succeeded, in words.
fn shortfall(records: &[Value], succeeded: usize, required: usize) -> String {
    let there = records.len();
    if there < required {
        return format!("{required} items must succeed, and there are {there}");
    }
    let message = format!("{succeeded} of {there} items succeeded, {required} must");
    let text = |record: &Value, key: &str| {
        record.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    match records.iter().find(|record| record.get("error").is_some()) {
        Some(failed) => {
            format!("{message}; item `{}`: {}", text(failed, "key"), text(failed, "error"))
        }
        None => message,
    }
}

/// What templates can read of each item of a task: `key`, `status`, and where they are known
/// `output` and `error`.
pub(super) fn records(
    state: &State,
    id: TaskId,
    contents: &dyn Contents,
) -> Result<Vec<Value>, ContentError> {
    if let Some(kept) = state.kept(id)
        && state.iterations(id).is_none()
    {
        let of_item = |item: &KeptItem| {
            let (output, error) = match &item.ending {
                Ending::Succeeded { output, .. } => (Some(output), None),
                Ending::Failed { failure, .. } => (None, Some(failure.to_string())),
                _ => (None, None),
            };
            let output = output.map(|output| contents.read(output)).transpose()?;
            let output = output.map(|output| (*output).clone());
            Ok(record(&item.key, item.ending.status(), output, error))
        };
        return kept.items.iter().map(of_item).collect();
    }
    let iterations = state.iterations(id).into_iter().flat_map(Iterations::all);
    let of_iteration = |(iteration, scope): (&Iteration, Option<ScopeId>)| {
        let status = scope.map_or(TaskStatus::Cancelled, |scope| status_of(state, scope));
        let task = scope.and_then(|scope| state.plan().scope(scope).tasks.first().copied());
        let done = task.filter(|_| status == TaskStatus::Succeeded);
        let output = done.map(|task| output_of(state, task, contents)).transpose()?.flatten();
        let failure = task.and_then(|task| state.task(task).failure.as_ref());
        Ok(record(&iteration.key, status, output, failure.map(ToString::to_string)))
    };
    iterations.map(of_iteration).collect()
}

fn record(key: &str, status: TaskStatus, output: Option<Value>, error: Option<String>) -> Value {
    let mut record = Map::new();
    record.insert("key".to_owned(), key.into());
    record.insert("status".to_owned(), status.as_str().into());
    record.extend(output.map(|output| ("output".to_owned(), output)));
    record.extend(error.map(|error| ("error".to_owned(), error.into())));
    Value::Object(record)
}
