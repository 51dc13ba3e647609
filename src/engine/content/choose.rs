//! Choosing between the results of tasks by their votes, and by an agent where these are equal.

use serde_json::{Map, Value};

use super::context::output_of;
use super::iterate::records;
use super::prepare::Trouble;
use super::store::{ContentError, Contents};
use super::vote::{Count, Decision, Vote};
use crate::engine::failure::{Failure, FailureClass};
use crate::engine::iterations::Iteration;
use crate::engine::state::State;
use crate::engine::vocabulary::Preparation;
use crate::language::plan::{Ballot, Over, TaskId, TieBreak, Work};

/// One of several results that may be chosen.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Offered {
    /// The name of the task.
    task: String,
    /// Whose it is: the task, or one of the items that it is done for.
    pub(super) name: String,
    /// The result, where there is one.
    pub(super) answer: Option<Value>,
}

/// The results of tasks; of a task that is done for each item of a list one for each.
///
/// # Errors
/// When an output cannot be read.
pub(super) fn offered(
    state: &State,
    sources: &[TaskId],
    contents: &dyn Contents,
) -> Result<Vec<Offered>, ContentError> {
    let mut offered = Vec::with_capacity(sources.len());
    for id in sources {
        let task = state.plan().task(*id);
        let output = output_of(state, *id, contents)?;
        let is_list = matches!(&task.work, Work::Iterate(it) if matches!(it.over, Over::Items(_)));
        match output {
            Some(Value::Array(items)) if is_list => {
                let records = records(state, *id, contents)?;
                for (place, answer) in items.into_iter().enumerate() {
                    let key = records.get(place).and_then(|record| record["key"].as_str());
                    let key = key.map_or_else(|| (place + 1).to_string(), str::to_owned);
                    let name = format!("{}[{key}]", task.name);
                    let answer = Some(answer).filter(|answer| !answer.is_null());
                    offered.push(Offered { task: task.name.clone(), name, answer });
                }
            }
            answer => {
                let (task, name) = (task.name.clone(), task.name.clone());
                offered.push(Offered { task, name, answer });
            }
        }
    }
    Ok(offered)
}

/// The votes of tasks, counted.
///
/// # Errors
/// When an output cannot be read.
fn count(
    state: &State,
    sources: &[TaskId],
    ballot: &Ballot,
    contents: &dyn Contents,
) -> Result<Count, ContentError> {
    let vote = |offered: Offered| {
        let weight = ballot.weights.get(&offered.task).copied().unwrap_or(1.0);
        Vote { from: offered.name, answer: offered.answer, weight }
    };
    let votes = offered(state, sources, contents)?.into_iter().map(vote);
    Ok(Count::of(ballot, votes.collect()))
}

/// What the votes of tasks come to. Where an agent decides between equals, it is asked once.
///
/// # Errors
/// When an output cannot be read.
pub(super) fn vote(
    state: &State,
    sources: &[TaskId],
    ballot: &Ballot,
    contents: &dyn Contents,
) -> Result<Preparation, Trouble> {
    let count = count(state, sources, ballot, contents)?;
    let then = match count.decision(ballot) {
        Decision::Tied(_) => {
            let inputs = contents.write(Value::Object(Map::new()));
            let key = "tie".to_owned();
            Preparation::Iterations { iterations: vec![Iteration::new(key, inputs)] }
        }
        Decision::Won => won(&count, contents),
        Decision::Undecided(failure) => Preparation::Failed { failure, output: None },
    };
    Ok(voted(&count, Map::new(), then, contents))
}

/// The answer in front is the output.
pub(super) fn won(count: &Count, contents: &dyn Contents) -> Preparation {
    let winner = count.candidates.first().map(|winner| winner.answer.clone());
    Preparation::Done { output: contents.write(winner.unwrap_or_default()) }
}

/// The votes, with what more is to be known of them, and what follows.
pub(super) fn voted(
    count: &Count,
    more: Map<String, Value>,
    then: Preparation,
    contents: &dyn Contents,
) -> Preparation {
    let mut record = count.record();
    record.extend(more);
    Preparation::Voted {
        votes: contents.write(Value::Object(record)),
        warning: count.warning(),
        then: Box::new(then),
    }
}

/// The answers between which an agent is to decide, in their order.
///
/// # Errors
/// When an output cannot be read.
pub(super) fn equals(
    state: &State,
    tie_break: &TieBreak,
    contents: &dyn Contents,
) -> Result<Vec<Value>, ContentError> {
    let count = count(state, &tie_break.sources, &tie_break.ballot, contents)?;
    Ok(equals_of(&count, &tie_break.ballot))
}

fn equals_of(count: &Count, ballot: &Ballot) -> Vec<Value> {
    let Decision::Tied(leaders) = count.decision(ballot) else { return Vec::new() };
    count.candidates.iter().take(leaders).map(|candidate| candidate.answer.clone()).collect()
}

/// What comes of a vote when an agent has decided between equals.
///
/// # Errors
/// When an output cannot be read.
pub(super) fn decided(
    state: &State,
    tie_break: &TieBreak,
    records: &[Value],
    contents: &dyn Contents,
) -> Result<Preparation, ContentError> {
    let TieBreak { sources, ballot } = tie_break;
    let count = count(state, sources, ballot, contents)?;
    let equals = equals_of(&count, ballot);
    let said = records.first().and_then(|record| record.get("output"));
    let choice = said.and_then(|said| said["choice"].as_u64()).and_then(|choice| {
        let place = usize::try_from(choice).ok()?.checked_sub(1)?;
        equals.get(place).cloned()
    });
    let Some(choice) = choice else {
        let error = records.first().and_then(|record| record["error"].as_str());
        let error = error.unwrap_or("it was broken off");
        let message = format!("the vote is tied, and nobody decided: {error}");
        let failure = Failure::new(FailureClass::Undecided, message);
        return Ok(Preparation::Failed { failure, output: None });
    };
    let mut more = Map::new();
    more.extend(
        said.and_then(|said| said.get("reasoning"))
            .map(|reasoning| ("reasoning".to_owned(), reasoning.clone())),
    );
    let then = Preparation::Done { output: contents.write(choice) };
    Ok(voted(&count, more, then, contents))
}
