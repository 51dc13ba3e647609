//! A moment of a stored run, and how far its facts went then.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::failure::{Failure, FailureKind};
use crate::engine::{Recorded, Time};
use crate::insight::History;
use crate::language::document::HumanDuration;
use crate::language::plan::Plan;

/// A moment of a run, as people name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// Just behind the fact of this number.
    Fact(u64),
    /// So long after the start, at work.
    Elapsed(Duration),
    /// At a time of the day.
    Clock(Time),
    /// Just when the task at this address had ended.
    EndOf(String),
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Moment, String> {
        let begins_with_digit = text.starts_with(|first: char| first.is_ascii_digit());
        if text.is_empty() {
            return Err("name a moment: 120, 90s, 2027-03-01T09:00:00Z, or a task".to_owned());
        }
        if !begins_with_digit {
            return Ok(Moment::EndOf(text.to_owned()));
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            let number = text.parse().map_err(|_| format!("no run has {text} facts"))?;
            return Ok(Moment::Fact(number));
        }
        if let Ok(duration) = text.parse::<HumanDuration>() {
            return Ok(Moment::Elapsed(duration.0));
        }
        let moment = text.parse::<Timestamp>().ok();
        match moment.and_then(|moment| u64::try_from(moment.as_microsecond()).ok()) {
            Some(micros) => Ok(Moment::Clock(Time(micros))),
            None => Err(format!(
                "`{text}` is no moment; write the number of a fact (120), a time since the start (90s), a time \
                 (2027-03-01T09:00:00Z), or the address of a task, for when it had ended"
            )),
        }
    }
}

impl Moment {
    /// How many of a run's facts there were at this moment.
    ///
    /// # Errors
    /// When the run had no such moment.
    pub fn facts(&self, plan: &Arc<Plan>, facts: &[Recorded]) -> Result<usize, Failure> {
        let usage = |message: String| Failure::new(FailureKind::Usage, message);
        let Some(last) = facts.last() else {
            return Err(usage("nothing has happened in this run".to_owned()));
        };
        match self {
            Moment::Fact(number) => {
                let place = facts.iter().position(|fact| fact.sequence == *number);
                place.map(|place| place + 1).ok_or_else(|| {
                    usage(format!("there is no fact {number}"))
                        .hint(format!("the facts of this run are 1 to {}", last.sequence))
                })
            }
            Moment::Clock(time) => match facts.iter().take_while(|fact| fact.at <= *time).count() {
                0 => Err(usage("the run had not begun then".to_owned())
                    .hint("count from its start instead: `--at 10s`")),
                count => Ok(count),
            },
            Moment::Elapsed(elapsed) => {
                let mut history = History::new(Arc::clone(plan));
                let is_by_then = |fact: &&Recorded| {
                    history.apply(fact);
                    history.worked <= *elapsed
                };
                Ok(facts.iter().take_while(is_by_then).count())
            }
            Moment::EndOf(address) => end_of(address, plan, facts),
        }
    }
}

/// How many facts there were when a task had just ended.
fn end_of(address: &str, plan: &Arc<Plan>, facts: &[Recorded]) -> Result<usize, Failure> {
    let usage = |message: String| Failure::new(FailureKind::Usage, message);
    let whole = History::of_facts(Arc::clone(plan), facts);
    let Some(id) = whole.plan().find(address) else {
        return Err(usage(format!("the run has no task `{address}`")).hint(
            "`--at` takes the number of a fact (120), a time since the start (90s), a time \
             (2027-03-01T09:00:00Z), or the address of a task",
        ));
    };
    if !whole.task(id).status().is_final() {
        let message =
            format!("`{address}` has not ended: it is {}", whole.task(id).status().as_str());
        return Err(usage(message).hint("without `--at` the run is shown as it is now"));
    }
    let mut history = History::new(Arc::clone(plan));
    let has_ended = |fact: &Recorded| {
        history.apply(fact);
        id.index() < history.plan().tasks.len() && history.task(id).status().is_final()
    };
    Ok(facts.iter().position(has_ended).map_or(facts.len(), |place| place + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_apart_by_how_they_are_written() {
        let check = |text: &str, expected: Moment| {
            assert_eq!(text.parse::<Moment>(), Ok(expected), "{text}");
        };
        check("120", Moment::Fact(120));
        check("90s", Moment::Elapsed(Duration::from_secs(90)));
        check("1m30s", Moment::Elapsed(Duration::from_secs(90)));
        check("1970-01-01T00:00:02Z", Moment::Clock(Time(2_000_000)));
        check("study/risk", Moment::EndOf("study/risk".to_owned()));
        check("chapters[3]", Moment::EndOf("chapters[3]".to_owned()));
        for wrong in ["", "12 minutes", "5x", "99999999999999999999999"] {
            assert!(wrong.parse::<Moment>().is_err(), "{wrong}");
        }
    }
}
