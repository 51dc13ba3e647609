//! Samples: how many are asked for next, and what their votes come to.

use serde_json::{Map, Value, json};

use super::choose::{voted, won};
use super::store::Contents;
use super::vote::{Count, Decision, Vote};
use crate::engine::failure::{Failure, FailureClass};
use crate::engine::iterations::Iteration;
use crate::engine::vocabulary::Preparation;
use crate::language::plan::Samples;

/// What a sample's number is called among its values.
pub(super) const SAMPLE: &str = "sample";

/// The samples that are asked for first.
pub(super) fn first(samples: &Samples, contents: &dyn Contents) -> Vec<Iteration> {
    let count = Count::of(&samples.ballot, Vec::new());
    next(0, count.further(samples, 0), contents)
}

/// So many more samples behind so many.
fn next(asked: u32, more: u32, contents: &dyn Contents) -> Vec<Iteration> {
    let sample =
        |number: u32| Iteration::new(number.to_string(), contents.write(json!({ SAMPLE: number })));
    (asked + 1..=asked + more).map(sample).collect()
}

/// What comes of samples that have all ended: more of them, or their votes. What follows depends on the
/// answers alone, and not on who answered first.
pub(super) fn gather(samples: &Samples, records: &[Value], contents: &dyn Contents) -> Preparation {
    let vote = |record: &Value| Vote {
        from: record["key"].as_str().unwrap_or_default().to_owned(),
        answer: record.get("output").cloned(),
        weight: 1.0,
    };
    let count = Count::of(&samples.ballot, records.iter().map(vote).collect());
    let asked = u32::try_from(records.len()).unwrap_or(u32::MAX);
    let more = count.further(samples, asked);
    if more > 0 {
        return Preparation::Iterations { iterations: next(asked, more, contents) };
    }
    let then = match count.decision(&samples.ballot) {
        Decision::Won | Decision::Tied(_) => won(&count, contents),
        Decision::Undecided(failure) => {
            let error = records.iter().find_map(|record| record["error"].as_str());
            let failure = match error.filter(|_| count.candidates.is_empty()) {
                Some(error) => {
                    let message = format!("{}; the first that failed: {error}", failure.message);
                    Failure::new(FailureClass::Undecided, message)
                }
                None => failure,
            };
            Preparation::Failed { failure, output: None }
        }
    };
    let saved = samples.count.saturating_sub(asked);
    let more = Map::from_iter([
        ("asked".to_owned(), Value::from(asked)),
        ("saved".to_owned(), Value::from(saved)),
    ]);
    voted(&count, more, then, contents)
}
