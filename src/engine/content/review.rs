//! Gates at which reviewers decide: what they find, and whether it is done again.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::context::data;
use super::iterate::records;
use super::prepare::Trouble;
use super::store::Contents;
use crate::engine::failure::{Failure, FailureClass};
use crate::engine::iterations::{Iteration, RoundsEnd, Stopped};
use crate::engine::state::State;
use crate::engine::vocabulary::Preparation;
use crate::language::plan::{Review, TaskId};
use crate::language::template::{Data, evaluate_value, render_text};

/// The first round: what is reviewed as it is.
pub(super) fn first(
    review: &Review,
    around: &Data,
    contents: &dyn Contents,
) -> Result<Iteration, Trouble> {
    Ok(round(1, &evaluate_value(&review.of, around)?, "", contents))
}

fn round(number: usize, result: &Value, feedback: &str, contents: &dyn Contents) -> Iteration {
    let inputs = json!({ "round": number, "result": result, "feedback": feedback });
    Iteration::new(number.to_string(), contents.write(inputs))
}

/// What follows a round: the end, or another one in which it is done again. What is no verdict has not
/// passed it.
pub(super) fn follow(
    review: &Review,
    state: &State,
    id: TaskId,
    contents: &dyn Contents,
) -> Result<Preparation, Trouble> {
    let records = records(state, id, contents)?;
    let count = records.len();
    let last = records.last();
    let Some(found) = last.and_then(|last| last.get("output")) else {
        let error = last.and_then(|last| last.get("error")).and_then(Value::as_str);
        let message = format!("round {count}: {}", error.unwrap_or("it was not done"));
        let failure = Some(Failure::new(FailureClass::PatternFailed, message));
        let end = RoundsEnd { stopped: Stopped::Failed, counts: None };
        return Ok(Preparation::RoundsEnded { end, output: None, failure });
    };
    let verdicts: Vec<Verdict<'_>> =
        review.reviewers.iter().map(|name| Verdict::of(name, &review.criteria, found)).collect();
    let passes = verdicts.iter().filter(|verdict| verdict.passed).count();
    let passed = passes >= review.required as usize;
    let result = found.get("result").cloned().unwrap_or_default();
    let feedback = feedback(&verdicts);
    if !passed && count <= review.revisions as usize {
        let iterations = vec![round(count + 1, &result, &feedback, contents)];
        return Ok(Preparation::Iterations { iterations });
    }
    let output = json!({
        "passed": passed,
        "result": result,
        "rounds": count,
        "verdicts": verdicts.iter().map(Verdict::json).collect::<Vec<_>>(),
        "feedback": feedback,
    });
    let stopped = if passed { Stopped::Until } else { Stopped::Max };
    let end = RoundsEnd { stopped, counts: u32::try_from(count).ok() };
    let failure = match (passed, &review.message) {
        (true, _) => None,
        (false, None) => Some(format!(
            "{passes} of {} reviewers passed it, {} must; {}",
            verdicts.len(),
            review.required,
            unmet(&verdicts)
        )),
        (false, Some(message)) => {
            let task = state.plan().task(id);
            let needed: BTreeSet<TaskId> = task.needs.iter().map(|need| need.task).collect();
            let around = data(state, task.scope, &needed, None, contents)?;
            Some(render_text(message, &around.with([("output", Data::from_json(&output))]))?)
        }
    };
    let failure = failure.map(|message| Failure::new(FailureClass::CheckFailed, message));
    Ok(Preparation::RoundsEnded { end, output: Some(contents.write(output)), failure })
}

/// What a reviewer found.
struct Verdict<'v> {
    reviewer: &'v str,
    passed: bool,
    /// What the reviewer said; absent where nothing of use was said.
    said: Option<&'v Value>,
    /// The criteria that are not met.
    unmet: Vec<&'v str>,
}

impl<'v> Verdict<'v> {
    fn of(reviewer: &'v str, criteria: &'v [String], found: &'v Value) -> Verdict<'v> {
        let said = found["verdicts"].get(reviewer).filter(|said| said.is_object());
        let meets =
            |name: &&String| said.is_some_and(|said| said["criteria"][*name]["pass"] == true);
        let unmet: Vec<&str> =
            criteria.iter().filter(|name| !meets(name)).map(String::as_str).collect();
        Verdict { reviewer, passed: unmet.is_empty(), said, unmet }
    }

    fn feedback(&self) -> &'v str {
        self.said.and_then(|said| said["feedback"].as_str()).unwrap_or_default()
    }

    fn json(&self) -> Value {
        let criteria = self.said.map(|said| said["criteria"].clone());
        json!({
            "reviewer": self.reviewer,
            "passed": self.passed,
            "criteria": criteria.unwrap_or_else(|| Value::Object(Map::new())),
            "feedback": self.feedback(),
        })
    }
}

/// What is not met, by reviewer: `editor: accurate, clear; lawyer: no verdict`.
fn unmet(verdicts: &[Verdict<'_>]) -> String {
    let of_reviewer = |verdict: &Verdict<'_>| {
        let what = verdict.said.map_or("no verdict".to_owned(), |_| verdict.unmet.join(", "));
        format!("{}: {what}", verdict.reviewer)
    };
    let failed = verdicts.iter().filter(|verdict| !verdict.passed);
    failed.map(of_reviewer).collect::<Vec<_>>().join("; ")
}

/// What reviewers who have not passed it say, for who does it again and for people.
fn feedback(verdicts: &[Verdict<'_>]) -> String {
    let mut lines = Vec::new();
    for verdict in verdicts.iter().filter(|verdict| !verdict.passed) {
        let Some(said) = verdict.said else {
            lines.push(format!("{} gave no verdict.", verdict.reviewer));
            continue;
        };
        lines.push(format!("{}:", verdict.reviewer));
        for name in &verdict.unmet {
            let reasoning = said["criteria"][*name]["reasoning"].as_str().unwrap_or_default();
            lines.push(format!("- {name}: {}", reasoning.trim()));
        }
        let feedback = verdict.feedback().trim();
        if !feedback.is_empty() {
            lines.push(feedback.to_owned());
        }
    }
    lines.join("\n")
}
