//! Failed tasks that somebody takes up: who is next, and what has come out.

use serde_json::{Value, json};

use super::context::output_of;
use super::prepare::Trouble;
use super::store::{ContentError, Contents};
use crate::engine::failure::{Failure, FailureClass};
use crate::engine::iterations::{Iteration, Iterations, RoundsEnd, Stopped};
use crate::engine::moves::TaskStatus;
use crate::engine::state::State;
use crate::engine::vocabulary::Preparation;
use crate::language::plan::{Ladder, Part, RungKind, TaskId, VOTE};

/// What a rung reads of the one before.
const ERROR: &str = "error";
const ANSWER: &str = "answer";

/// What is done at first: the task, as its author wrote it.
pub(super) fn first(contents: &dyn Contents) -> Iteration {
    Iteration::new(key(0), contents.write(json!({})))
}

/// The number of a time in addresses: the task as it is done at first is 1, its first rung 2.
fn key(place: usize) -> String {
    (place + 1).to_string()
}

/// What follows the last time: the end, or the next rung that can take the task up.
pub(super) fn follow(
    ladder: &Ladder,
    state: &State,
    id: TaskId,
    contents: &dyn Contents,
) -> Result<Preparation, Trouble> {
    let times: Vec<Time<'_>> = state
        .iterations(id)
        .into_iter()
        .flat_map(Iterations::all)
        .filter_map(|(iteration, scope)| {
            let task = *state.plan().scope(scope?).tasks.first()?;
            Some(Time { iteration, task })
        })
        .collect();
    let Some(last) = times.last() else {
        return Ok(failed(Failure::new(FailureClass::Internal, "nothing has been tried")));
    };
    let failure = match last.result(ladder, state, contents)? {
        Ok(output) => {
            let counts = u32::try_from(times.len()).ok();
            let end = RoundsEnd { stopped: Stopped::Until, counts };
            let output = Some(contents.write(output));
            return Ok(Preparation::RoundsEnded { end, output, failure: None });
        }
        Err(failure) => failure,
    };
    let tried = last.place().map_or(0, |place| place + 1);
    let mut rungs = ladder.rungs.iter().enumerate().skip(tried);
    let next = rungs.find(|(_, rung)| can_take_up(&rung.kind, failure.class));
    if let Some((place, _)) = next {
        let answer = last.answer(state, contents)?;
        let inputs = contents.write(json!({ ERROR: failure.to_string(), ANSWER: answer }));
        let part = u32::try_from(place).map(Part::Rung).unwrap_or_default();
        let iteration = Iteration { part, ..Iteration::new(key(place + 1), inputs) };
        return Ok(Preparation::Iterations { iterations: vec![iteration] });
    }
    let mut causes = Vec::with_capacity(times.len());
    for time in &times {
        if let Err(failure) = time.result(ladder, state, contents)? {
            causes.push((time.name(), failure));
        }
    }
    Ok(failed(together(&causes)))
}

fn failed(failure: Failure) -> Preparation {
    let end = RoundsEnd { stopped: Stopped::Failed, counts: None };
    Preparation::RoundsEnded { end, output: None, failure: Some(failure) }
}

/// Whether somebody may take up a task that failed so. What nobody could do otherwise is taken up by nobody,
/// and what may have been done already, by people only.
fn can_take_up(kind: &RungKind, class: FailureClass) -> bool {
    match class {
        FailureClass::Template | FailureClass::NoSources | FailureClass::Internal => false,
        FailureClass::OutcomeUnknown | FailureClass::ToolLost => {
            matches!(kind, RungKind::Person { .. })
        }
        _ => true,
    }
}

/// The failure of the whole: of the class of the first, in the words of all.
fn together(causes: &[(String, Failure)]) -> Failure {
    let class = causes.first().map_or(FailureClass::Internal, |(_, failure)| failure.class);
    if let [(_, only)] = causes {
        return Failure::new(class, only.message.clone());
    }
    let said = causes.iter().map(|(name, failure)| format!("{name}: {failure}"));
    Failure::new(class, said.collect::<Vec<_>>().join("; "))
}

/// One of the times that a task was tried.
struct Time<'t> {
    iteration: &'t Iteration,
    task: TaskId,
}

impl Time<'_> {
    /// The place of its rung; none of the task as it is done at first.
    fn place(&self) -> Option<usize> {
        match self.iteration.part {
            Part::Rung(place) => Some(place as usize),
            _ => None,
        }
    }

    fn name(&self) -> String {
        match self.place() {
            None => "at first".to_owned(),
            Some(place) => format!("rung {}", place + 1),
        }
    }

    /// What has come out of it, or why nothing has.
    fn result(
        &self,
        ladder: &Ladder,
        state: &State,
        contents: &dyn Contents,
    ) -> Result<Result<Value, Failure>, ContentError> {
        let task = state.task(self.task);
        if task.status != TaskStatus::Succeeded {
            let unknown = || Failure::new(FailureClass::Internal, "it was not done");
            return Ok(Err(task.failure.as_deref().cloned().unwrap_or_else(unknown)));
        }
        let output = output_of(state, self.task, contents)?.unwrap_or_default();
        let kind = self.place().and_then(|place| ladder.rungs.get(place)).map(|rung| &rung.kind);
        Ok(match kind {
            Some(RungKind::Peers) => Ok(output.get(VOTE).cloned().unwrap_or_default()),
            Some(kind @ RungKind::Person { .. }) => {
                let said = output.get("choice").and_then(Value::as_str).unwrap_or_default();
                kind.said(said).map_err(|problem| Failure::new(FailureClass::Malformed, problem))
            }
            _ => Ok(output),
        })
    }

    /// What was answered last, where that was rejected; else null.
    fn answer(&self, state: &State, contents: &dyn Contents) -> Result<Value, ContentError> {
        match state.task(self.task).rejected.as_deref() {
            Some((answer, _)) => contents.read(answer).map(|answer| (*answer).clone()),
            None => Ok(Value::Null),
        }
    }
}
