//! Contests: runs in which a pattern and a baseline do the same work, pair by pair, and a judge compares what
//! came of it.

use std::time::Duration;

use serde_json::Value;

use super::history::History;
use super::interval::{Interval, wilson};
use crate::engine::TaskStatus;
use crate::language::digest::Digest;
use crate::language::plan::{Plan, ScopeId, Task, TaskId, Work};

/// The task of a contest that goes through its pairs, and its input that lists them.
pub const PAIRS: &str = "pairs";

/// The task of a pair in which the pattern is run.
pub const CONTENDER: &str = "contender";

/// The task of a pair that is compared with.
pub const BASELINE: &str = "baseline";

/// The task of a pair in which a judge compares the two.
pub const VERDICT: &str = "verdict";

/// What a baseline is called that is one plain call.
pub const SINGLE: &str = "single";

/// What came of a contest so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Contest {
    /// What the two sides are called: the names of patterns, `single` for one plain call.
    pub names: [String; 2],
    /// The pairs in order.
    pub pairs: Vec<Pair>,
}

/// The same work, done by both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// What tells it from the others.
    pub key: String,
    /// The contender and the baseline.
    pub sides: [Side; 2],
    /// The votes of the judge, where there are any.
    pub votes: Option<Digest>,
}

/// What one side has done for a pair.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Side {
    /// Whether there is a result.
    pub succeeded: bool,
    /// Whether it is over, with or without a result.
    pub ended: bool,
    /// From its first task to its last.
    pub time: Duration,
    /// Calls that were made.
    pub calls: u32,
    /// Tokens of prompts that were read and of answers, whether they were of use or not.
    pub tokens: u64,
}

/// What a judge came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The contender's result is better in both orders.
    Contender,
    /// The baseline's is.
    Baseline,
    /// Neither, or the verdict turned with the order.
    Neither,
    /// Only one side has a result, which is the contender's (first) or the baseline's.
    Alone(bool),
    /// There was nothing to compare.
    Nothing,
}

impl Contest {
    /// The contest that a run is; none where it is something else.
    pub fn of(history: &History) -> Option<Contest> {
        let plan = history.plan();
        let [task] = plan.root().tasks.as_slice() else { return None };
        let Work::Iterate(several) = &plan.task(*task).work else { return None };
        let body = &several.body;
        let inside = |id: &TaskId| body.tasks.get(id.index());
        let pair: Vec<&Task> = body.scopes.get(1)?.tasks.iter().filter_map(inside).collect();
        let [contender, baseline, verdict] = pair.as_slice() else { return None };
        let names = [contender, baseline, verdict].map(|task| task.name.as_str());
        if plan.task(*task).name != PAIRS || names != [CONTENDER, BASELINE, VERDICT] {
            return None;
        }
        let called = |task: &Task| match &task.work {
            Work::Call { scope, .. } => {
                body.scopes.get(scope.index()).map(|scope| scope.pattern.clone())
            }
            _ => None,
        };
        let names = [called(contender)?, called(baseline).unwrap_or_else(|| SINGLE.to_owned())];
        let pairs = history.inside(*task).into_iter().filter_map(|scope| pair_of(history, scope));
        Some(Contest { names, pairs: pairs.collect() })
    }
}

fn named(plan: &Plan, scope: ScopeId, name: &str) -> Option<TaskId> {
    plan.scope(scope).tasks.iter().copied().find(|task| plan.task(*task).name == name)
}

fn pair_of(history: &History, scope: ScopeId) -> Option<Pair> {
    let plan = history.plan();
    // The scope of one time holds the task that uses the pair.
    let uses = *plan.scope(scope).tasks.first()?;
    let inside = *history.inside(uses).first()?;
    let side = |name: &str| named(plan, inside, name).map(|task| side_of(history, task));
    let verdict = named(plan, inside, VERDICT)?;
    Some(Pair {
        key: key_of(&plan.task(uses).path),
        sides: [side(CONTENDER)?, side(BASELINE)?],
        votes: history.task(verdict).votes.as_deref().cloned(),
    })
}

/// What stands in the brackets of an address.
fn key_of(path: &str) -> String {
    let inner = path.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    inner.map_or(path, |(key, _)| key).to_owned()
}

fn side_of(history: &History, task: TaskId) -> Side {
    let record = history.task(task);
    let ended = record.ended.filter(|_| record.status().is_final());
    let time =
        record.started.map(|started| ended.unwrap_or(history.worked).saturating_sub(started));
    let mut side = Side {
        succeeded: record.status() == TaskStatus::Succeeded,
        ended: ended.is_some(),
        time: time.unwrap_or_default(),
        ..Side::default()
    };
    let mut pending = vec![task];
    while let Some(task) = pending.pop() {
        for attempt in &history.task(task).attempts {
            side.calls += 1;
            let usages = [attempt.usage.as_ref(), attempt.in_vain.as_deref()];
            side.tokens += usages
                .into_iter()
                .flatten()
                .map(|usage| usage.prompt_tokens + usage.answer_tokens)
                .sum::<u64>();
        }
        let scopes = history.inside(task);
        pending.extend(scopes.iter().flat_map(|scope| history.plan().scope(*scope).tasks.clone()));
    }
    side
}

impl Pair {
    /// What the judge came to, as the record of its votes says.
    pub fn verdict(&self, votes: &Value) -> Verdict {
        match self.sides.map(|side| side.succeeded) {
            [false, false] => Verdict::Nothing,
            [true, false] => Verdict::Alone(true),
            [false, true] => Verdict::Alone(false),
            [true, true] => {
                let wins = |name: &str| {
                    let tally = votes["tally"].as_array().into_iter().flatten();
                    let own = tally.filter(|one| one["from"][0] == *name);
                    own.filter_map(|one| one["votes"].as_u64()).sum::<u64>()
                };
                match (votes.is_null(), wins(CONTENDER), wins(BASELINE)) {
                    (true, ..) => Verdict::Nothing,
                    (_, 1.., 0) => Verdict::Contender,
                    (_, 0, 1..) => Verdict::Baseline,
                    _ => Verdict::Neither,
                }
            }
        }
    }
}

/// What all pairs came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Score {
    /// Pairs in which each side was better, by the judge or because the other had no result.
    pub better: [u32; 2],
    /// Pairs in which neither was.
    pub neither: u32,
    /// Pairs with nothing to compare.
    pub nothing: u32,
}

impl Score {
    /// Counts verdicts.
    pub fn of(verdicts: impl IntoIterator<Item = Verdict>) -> Score {
        let mut score = Score::default();
        for verdict in verdicts {
            match verdict {
                Verdict::Contender | Verdict::Alone(true) => score.better[0] += 1,
                Verdict::Baseline | Verdict::Alone(false) => score.better[1] += 1,
                Verdict::Neither => score.neither += 1,
                Verdict::Nothing => score.nothing += 1,
            }
        }
        score
    }

    /// The share of pairs that the contender wins of those that one side wins, and its bounds with 95 %
    /// confidence; none where neither won any.
    pub fn preference(&self) -> Option<(f64, Interval)> {
        let [contender, baseline] = self.better;
        let decided = contender + baseline;
        let interval = wilson(contender, decided)?;
        Some((f64::from(contender) / f64::from(decided), interval))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(succeeded: [bool; 2], wins: [u64; 2], expected: Verdict) {
        let sides = succeeded.map(|succeeded| Side { succeeded, ended: true, ..Side::default() });
        let pair = Pair { key: "1".to_owned(), sides, votes: None };
        let votes = json!({ "tally": [
            { "from": [BASELINE], "votes": wins[1] }, { "from": [CONTENDER], "votes": wins[0] },
        ] });
        assert_eq!(pair.verdict(&votes), expected);
    }

    #[test]
    fn who_has_no_result_is_not_better() {
        check([true, true], [1, 0], Verdict::Contender);
        check([true, true], [0, 1], Verdict::Baseline);
        check([true, true], [0, 0], Verdict::Neither);
        check([true, false], [0, 0], Verdict::Alone(true));
        check([false, true], [0, 0], Verdict::Alone(false));
        check([false, false], [0, 0], Verdict::Nothing);
        let pair = Pair {
            key: "1".to_owned(),
            sides: [Side { succeeded: true, ..Side::default() }; 2],
            votes: None,
        };
        assert_eq!(pair.verdict(&Value::Null), Verdict::Nothing);
    }

    #[test]
    fn only_decided_pairs_say_who_is_preferred() {
        let verdicts =
            [Verdict::Contender, Verdict::Alone(true), Verdict::Neither, Verdict::Nothing];
        let score = Score::of(verdicts);
        assert_eq!(score, Score { better: [2, 0], neither: 1, nothing: 1 });
        let (share, interval) = score.preference().unwrap();
        assert!((share - 1.0).abs() < 1e-9 && interval.low < 0.5, "two pairs are too few");
        assert_eq!(Score::default().preference(), None);
    }

    #[test]
    fn a_key_stands_in_brackets() {
        assert_eq!(key_of("pairs[12]/contender"), "12");
    }
}
