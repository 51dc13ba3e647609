//! Work that is done in rounds: what each of them reads, and whether there is another one.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::context::data;
use super::iterate::records;
use super::prepare::Trouble;
use super::store::{ContentError, Contents};
use crate::engine::failure::{Failure, FailureClass};
use crate::engine::iterations::{Iteration, Iterations, RoundsEnd, Stopped};
use crate::engine::state::State;
use crate::engine::vocabulary::Preparation;
use crate::language::document::Unmet;
use crate::language::plan::{Rounds, TaskId};
use crate::language::template::{Data, evaluate, evaluate_value};

/// The round of a number, with what the one before and the best one so far have given.
pub(super) fn round(
    rounds: &Rounds,
    number: usize,
    (previous, best): (Value, Value),
    contents: &dyn Contents,
) -> Iteration {
    let mut locals = Map::new();
    locals.insert("round".to_owned(), Value::from(number));
    locals.insert("previous".to_owned(), previous);
    if rounds.best.is_some() {
        locals.insert("best".to_owned(), best);
    }
    Iteration::new(number.to_string(), contents.write(Value::Object(locals)))
}

/// What follows the last round that there has been: another one, or the end.
pub(super) fn follow(
    rounds: &Rounds,
    state: &State,
    id: TaskId,
    contents: &dyn Contents,
) -> Result<Preparation, Trouble> {
    let records = records(state, id, contents)?;
    let mut outputs: Vec<Value> =
        records.iter().map_while(|record| record.get("output").cloned()).collect();
    let data = read_by_rounds(state, id, &outputs, contents)?;
    let best = best(rounds, &data)?;
    let counts = best.or(outputs.len().checked_sub(1));
    let count = records.len();
    let without_better = best.map_or(0, |best| count - 1 - best);
    let is_met = match (&rounds.until, data.last()) {
        (Some(until), Some(last)) if outputs.len() == count => is_met(until, last)?,
        _ => false,
    };
    let stopped = if outputs.len() < count {
        Stopped::Failed
    } else if is_met {
        Stopped::Until
    } else if rounds.patience.is_some_and(|patience| without_better >= patience.get() as usize) {
        Stopped::Patience
    } else if count >= rounds.max as usize {
        Stopped::Max
    } else {
        let read = |place: Option<usize>| {
            place.and_then(|place| outputs.get(place)).cloned().unwrap_or_default()
        };
        let before = (read(count.checked_sub(1)), read(counts));
        let iterations = vec![round(rounds, count + 1, before, contents)];
        return Ok(Preparation::Iterations { iterations });
    };
    let failure = why_failed(rounds, stopped, counts, &records);
    let output = counts.map(|counts| contents.write(outputs.swap_remove(counts)));
    let counts = counts.and_then(|counts| u32::try_from(counts + 1).ok());
    Ok(Preparation::RoundsEnded { end: RoundsEnd { stopped, counts }, output, failure })
}

/// Whether it is good enough. `previous and …` gives null in the first round, and so is not met.
fn is_met(until: &str, data: &Data) -> Result<bool, Trouble> {
    match evaluate_value(until, data)? {
        Value::Null => Ok(false),
        _ => Ok(evaluate(until, data)?),
    }
}

/// Why the task fails, if it does.
fn why_failed(
    rounds: &Rounds,
    stopped: Stopped,
    counts: Option<usize>,
    records: &[Value],
) -> Option<Failure> {
    let is_accepted = rounds.unmet == Unmet::Accept && counts.is_some();
    if stopped == Stopped::Until || is_accepted {
        return None;
    }
    let count = records.len();
    if stopped == Stopped::Failed {
        let error = records.last().and_then(|last| last.get("error")).and_then(Value::as_str);
        let message = format!("round {count}: {}", error.unwrap_or("it was not done"));
        return Some(Failure::new(FailureClass::PatternFailed, message));
    }
    // Without `until` nothing was wanted that could be missing.
    let until = rounds.until.as_deref()?;
    let rounds = if count == 1 { "1 round".to_owned() } else { format!("{count} rounds") };
    let message = format!("`{}` was not true in {rounds}", until.trim());
    Some(Failure::new(FailureClass::CheckFailed, message))
}

/// The place of the best of the rounds, the first of those that are alike.
fn best(rounds: &Rounds, data: &[Data]) -> Result<Option<usize>, Trouble> {
    let Some(expression) = &rounds.best else { return Ok(None) };
    let mut best: Option<(usize, f64)> = None;
    for (place, data) in data.iter().enumerate() {
        let found = evaluate_value(expression, data)?;
        let Some(score) = found.as_f64() else {
            let message = format!("`best` needs a number, and got {found}");
            return Err(Trouble(Failure::new(FailureClass::Template, message)));
        };
        if best.is_none_or(|(_, best)| score > best) {
            best = Some((place, score));
        }
    }
    Ok(best.map(|(place, _)| place))
}

/// What `until` and `best` read of each round that has an output.
fn read_by_rounds(
    state: &State,
    id: TaskId,
    outputs: &[Value],
    contents: &dyn Contents,
) -> Result<Vec<Data>, ContentError> {
    let task = state.plan().task(id);
    let needed: BTreeSet<TaskId> = task.needs.iter().map(|need| need.task).collect();
    let around = data(state, task.scope, &needed, None, contents)?;
    let begun = state.iterations(id).into_iter().flat_map(Iterations::all);
    let of_round = |((iteration, _), output): ((&Iteration, _), &Value)| {
        let locals = contents.read(&iteration.inputs)?;
        let locals = locals.as_object().into_iter().flatten();
        let locals = locals.map(|(name, value)| (name.as_str(), Data::from_json(value)));
        Ok(around.with(locals.chain([("output", Data::from_json(output))])))
    };
    begun.zip(outputs).map(of_round).collect()
}
