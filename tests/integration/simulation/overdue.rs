//! Whoever does not get a task done in time is broken off, at the moment at which the time is over, whatever befalls the
//! process before and whoever takes the run up.

use std::time::Duration;

use partita::engine::content::MemoryContents;
use partita::engine::simulation::{Rehearsal, Script};
use partita::engine::{Fact, FailureClass, Next, Outcome, Recorded, RunStatus, Time};
use partita::language::document::Policy;
use partita::language::document::simulation::{Fault, FaultRule, RequestMatch};

use super::journal::Trouble;
use super::planners::Planners;
use super::story::Story;
use super::world::{profile, settings};
use crate::support::{Dice, plan};

/// Whoever takes the task up has so much time.
const AFTER: Duration = Duration::from_secs(600);

/// What is asked of the model that everybody has who has none never comes back.
fn story(task: &str) -> Story {
    let text = format!(
        "pattern: {{ name: p }}\nteam: {{ name: t, agents: [{{ role: A }}, {{ role: B }}, {{ role: C }}] }}\ntasks:\n  one: {{ \
         agent: a, prompt: x, output: {{ queue: {{ enum: [one, two] }} }}, timeout: {{ total: 9h, first_token: 9h, silence: 9h }}, \
         {task} }}\noutputs: {{ one: '{{{{ tasks.one.output }}}}' }}\n"
    );
    let plan = plan(&[("p.yaml", &text)]);
    let mut profile = profile(&mut Dice::new(1), false);
    let model = Some("llama3.1:8b".to_owned());
    profile.faults = vec![FaultRule {
        matches: RequestMatch { model, ..RequestMatch::default() },
        after: 0,
        times: None,
        fault: Fault::Silent,
    }];
    let settings = settings(&profile, Policy::LoadAware);
    Story::new(&plan, &settings, Script { profile, ..Script::default() })
}

/// When somebody's time was over, in order.
fn overdue(facts: &[Recorded]) -> Vec<Time> {
    let is_overdue = |recorded: &&Recorded| match &recorded.fact {
        Fact::AttemptEnded {
            outcome: Outcome::Failed { failure, .. }, next: Next::Done, ..
        }
        | Fact::TaskFailed { failure, next: Next::Done, .. } => {
            failure.class == FailureClass::Overdue
        }
        _ => false,
    };
    facts.iter().filter(is_overdue).map(|recorded| recorded.at).collect()
}

/// When rungs began.
fn begun(facts: &[Recorded]) -> Vec<Time> {
    let begins = |recorded: &&Recorded| matches!(recorded.fact, Fact::IterationsOpened { .. });
    facts.iter().filter(begins).map(|recorded| recorded.at).collect()
}

const LADDERS: [&str; 3] = [
    "on_failure: { escalate: [{ agent: b, prompt: Again. }, { model: 'qwen3:4b' }], after: 10m }",
    // What has parts is broken off with all of them.
    "on_failure: { escalate: [{ peers: [b, c] }, { model: 'qwen3:4b' }], after: 10m }",
    "samples: { count: 3, on: queue }, on_failure: { escalate: [{ peers: [b, c] }, { model: 'qwen3:4b' }], after: 10m }",
];

#[test]
fn the_next_one_takes_a_task_up_at_the_same_moment_whoever_died_before() {
    let contents = MemoryContents::default;
    let due = [Time::default() + AFTER, Time::default() + AFTER + AFTER];
    for ladder in LADDERS {
        let story = story(ladder);
        let whole = story.run(&contents());
        assert_eq!(whole.status, RunStatus::Succeeded, "{ladder}");
        assert_eq!(overdue(&whole.facts), due, "{ladder}");
        for write in 1..=whole.facts.len() + 5 {
            for trouble in [Trouble::Dies, Trouble::Unacknowledged] {
                let ended = story.clone().befallen([(write, trouble)]).run(&contents());
                let said = || format!("{ladder}, {trouble:?} at write {write}");
                assert_eq!(ended.status, RunStatus::Succeeded, "{}", said());
                assert_eq!(ended.outputs, whole.outputs, "{}", said());
                assert_eq!(overdue(&ended.facts), due, "{}", said());
                assert_eq!(begun(&ended.facts), begun(&whole.facts), "{}", said());
            }
        }
    }
}

#[test]
fn time_that_is_over_while_nobody_is_there_is_over() {
    for ladder in LADDERS {
        let contents = MemoryContents::default();
        let Story { plan, settings, script, .. } = story(ladder);
        let whole = story(ladder).run(&contents).facts;
        let first = whole.iter().position(|recorded| recorded.at > Time::default());
        let early = whole[..first.expect("time passes")].to_vec();
        let taken_up_after = |minutes: i64| {
            let facts = early.clone();
            let (plan, settings, script) = (plan.clone(), settings.clone(), script.clone());
            let resumed = Rehearsal::resumed(plan, settings, script, facts, &contents, &Planners);
            let mut resumed = resumed.expect("they follow");
            resumed.set_clock(minutes * 60 * 1_000_000);
            assert_eq!(resumed.run().expect("sound"), Some(RunStatus::Succeeded), "{ladder}");
            let first = overdue(resumed.facts())[0];
            first.since(Time::default()).as_secs() / 60
        };
        // What is left of the time is given, and no more.
        assert_eq!(taken_up_after(4), 10, "{ladder}");
        assert_eq!(taken_up_after(10), 10, "{ladder}");
        assert_eq!(taken_up_after(90), 90, "{ladder}");
    }
}
