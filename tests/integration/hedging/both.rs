//! What becomes of two attempts at a task.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use partita::engine::content::MemoryContents;
use partita::engine::simulation::{Placeholders, Rehearsal, Script};
use partita::engine::{AttemptId, Fact, FailureClass, RunStatus, State, TaskStatus, Time};
use partita::insight::Metrics;
use partita::language::document::simulation::Profile;
use serde_json::{Value, json};

use super::{Case, Ran, is_hedge, slow_last, tasks};

/// The last task, the first and the second attempt at which meet these faults.
fn both(first: &Value, second: &Value) -> Value {
    let matches = json!({ "task": "last" });
    json!([
        { "match": matches, "times": 1, "fault": first },
        { "match": matches, "after": 1, "times": 1, "fault": second },
    ])
}

#[test]
fn the_failure_of_one_is_not_the_tasks() {
    // From 4 s to 104 s, where a call that stalls is broken off after 100 s.
    let slow = json!({ "kind": "slow", "factor": 50 });
    let breaks = json!({ "kind": "disconnect", "after_tokens": 1 });
    let stalls = json!({ "kind": "stall", "after_tokens": 1 });
    let check = |first: &Value, second: &Value, ends: &[(u32, &str, &str)]| {
        let ran = Case::new(&tasks(12, ""), &both(first, second)).run();
        assert_eq!(ran.hedged(), ["last"]);
        assert_eq!(ran.ends("last"), ends);
        let done = ends.last().is_some_and(|(_, outcome, _)| *outcome == "answered");
        assert_eq!(ran.status == RunStatus::Succeeded, done);
        ran
    };
    // The hedge breaks, the first attempt goes on. The other way round the hedge counts.
    check(&slow, &breaks, &[(2, "disconnected", "goes on"), (1, "answered", "done")]);
    check(&stalls, &slow, &[(1, "stalled", "goes on"), (2, "answered", "done")]);
    // Both fail: the second failure decides, and is the only one that is counted.
    let ran = check(&stalls, &stalls, &[(1, "stalled", "goes on"), (2, "stalled", "done")]);
    let last = ran.history.task(ran.plan.find("last").expect("a task"));
    assert_eq!(last.failure.as_ref().map(|failure| failure.class), Some(FailureClass::Stalled));
    let ends = [(2, "disconnected", "goes on"), (1, "stalled", "done")];
    check(&stalls, &breaks, &ends);
}

#[test]
fn what_becomes_of_the_one_that_is_left_counts() {
    let stalls = json!({ "kind": "stall", "after_tokens": 1 });
    let last = ", retry: { max_attempts: 2 }";
    let ran = Case::new(&tasks(12, last), &both(&stalls, &stalls)).run();
    let ends = [(1, "stalled", "goes on"), (2, "stalled", "retry"), (3, "answered", "done")];
    assert_eq!(ran.ends("last"), ends);
    let state = State::of_facts(Arc::clone(&ran.plan), &ran.facts).expect("a history");
    let last = state.task(ran.plan.find("last").expect("a task"));
    assert_eq!((last.counted, last.moves, last.attempts), (1, 0, 3));
    assert_eq!((state.attempts, state.hedges), (14, 1));
    let metrics = Metrics::of(&ran.history);
    assert_eq!((metrics.retries, metrics.failovers), (1, 0));
}

#[test]
fn a_hedge_gives_way_to_a_task_that_wants_its_slot() {
    let slow = json!({ "kind": "slow", "factor": 20 });
    let late = "  go: { gate: approval, ask: 'Go?', options: [yes, no] }\n  late: { agent: a, prompt: \
                Late., needs: [go] }\n";
    let case = Case::new(&format!("{}{late}", tasks(12, "")), &both(&slow, &slow));
    let decided = |after: Duration| Script {
        decisions: BTreeMap::from([("go".to_owned(), (after, "yes".to_owned()))]),
        ..Script::default()
    };
    // Long after everything else has ended, the hedge first.
    let alone = case.run_by(decided(Duration::from_secs(600)));
    assert_eq!(alone.ends("last"), [(2, "superseded", "goes on"), (1, "answered", "done")]);
    let hedged = alone.facts.iter().find(|recorded| is_hedge(recorded)).expect("a hedge");
    let moment = hedged.at.since(Time::default()) + Duration::from_secs(1);
    let ran = case.run_by(decided(moment));
    assert_eq!(ran.ends("last"), [(2, "lost", "goes on"), (1, "answered", "done")]);
    let late = ran.history.task(ran.plan.find("late").expect("a task"));
    assert_eq!(late.started, Some(moment), "it has waited for nothing");
    assert_eq!(ran.hedged(), ["last"], "it is not hedged again");
}

#[test]
fn a_run_is_taken_up_that_died_with_both_under_way() {
    let case = Case::new(&tasks(12, ""), &slow_last());
    let contents = MemoryContents::default();
    let facts = case.until_hedged(&contents);
    let known = facts.len();
    let last = case.plan.find("last").expect("a task");
    let state = State::of_facts(Arc::clone(&case.plan), &facts).expect("a history");
    assert_eq!(state.task(last).status, TaskStatus::Hedged);
    let sound = Script {
        profile: Profile { faults: Vec::new(), ..case.profile.clone() },
        ..Script::default()
    };
    let (plan, settings) = (Arc::clone(&case.plan), case.settings.clone());
    let resumed = Rehearsal::resumed(plan, settings, sound, facts, &contents, &Placeholders);
    let mut resumed = resumed.expect("a history");
    let status = resumed.run().expect("no contradiction").expect("an end");
    let ran = Ran::of(&case.plan, resumed.facts().to_vec(), status);
    assert_eq!(ran.status, RunStatus::Succeeded);
    let ends = [(1, "lost", "goes on"), (2, "lost", "move"), (3, "answered", "done")];
    assert_eq!(ran.ends("last"), ends);
    // The others are not asked again.
    let asked = ran.facts[known..].iter().filter_map(|recorded| match &recorded.fact {
        Fact::AttemptStarted { attempt, .. } => Some(*attempt),
        _ => None,
    });
    assert_eq!(asked.collect::<Vec<_>>(), [AttemptId { task: last, number: 3 }]);
}

#[test]
fn a_run_is_stopped_with_both_under_way() {
    let case = Case::new(&tasks(12, ""), &slow_last());
    let facts = case.until_hedged(&MemoryContents::default());
    let hedged = facts.last().expect("facts").at.since(Time::default());
    let moment = Some(hedged + Duration::from_millis(500));
    let ran = case.run_by(Script { interrupt_at: moment, ..Script::default() });
    assert_eq!(ran.status, RunStatus::Interrupted);
    assert_eq!(ran.ends("last"), [(1, "lost", "goes on"), (2, "lost", "move")]);
    let ran = case.run_by(Script { cancel_at: moment, ..Script::default() });
    assert_eq!(ran.status, RunStatus::Cancelled);
    let last = ran.history.task(ran.plan.find("last").expect("a task"));
    assert_eq!(last.status(), TaskStatus::Cancelled);
    assert!(last.attempts.iter().all(|attempt| attempt.lost && attempt.ended.is_some()));
}

#[test]
fn an_attempt_that_is_not_under_way_does_not_end() {
    let ran = Case::new(&tasks(3, ""), &json!([])).run();
    let mut facts = ran.facts;
    let ended = facts.iter_mut().find_map(|recorded| match &mut recorded.fact {
        Fact::AttemptEnded { attempt, .. } => Some(attempt),
        _ => None,
    });
    ended.expect("an end").number += 1;
    let error = State::of_facts(ran.plan, &facts).expect_err("it does not follow");
    assert!(error.to_string().ends_with("which is not under way"), "{error}");
}
