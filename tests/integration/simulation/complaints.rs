//! What was wrong with an answer is told to who is asked again, whoever dies in between.

use partita::engine::content::MemoryContents;
use partita::engine::simulation::{Placeholders, Rehearsal, Script};
use partita::engine::{Fact, Outcome, Recorded, RunStatus};
use partita::language::document::Policy;
use partita::language::document::simulation::{Fault, FaultRule, RequestMatch};

use super::journal::Trouble;
use super::rules::Rule;
use super::story::Story;
use super::watch::View;
use super::world::{profile, settings};
use crate::support::{Dice, plan};

const SCORE: &str = "
pattern: { name: p }
team: { name: t, agents: [{ role: A }] }
defaults: { retry: { max_attempts: 5, backoff: 1s..2s }, timeout: { silence: 5s } }
tasks:
  one: { agent: a, prompt: Score it., output: { score: integer } }
";

/// The first requests meet these faults, one after the other.
fn story(faults: &[Fault]) -> Story {
    let plan = plan(&[("p.yaml", SCORE)]);
    let mut profile = profile(&mut Dice::new(1), false);
    profile.faults = (0..)
        .zip(faults)
        .map(|(after, fault)| FaultRule {
            matches: RequestMatch::default(),
            after,
            times: Some(1),
            fault: fault.clone(),
        })
        .collect();
    let settings = settings(&profile, Policy::LoadAware);
    Story::new(&plan, &settings, Script { profile, ..Script::default() })
}

/// The facts of a run up to a rejected answer.
fn up_to_the_rejected_answer(contents: &MemoryContents) -> Vec<Recorded> {
    let mut facts = story(&[Fault::Malformed]).run(contents).facts;
    let rejected = facts.iter().position(|recorded| {
        matches!(recorded.fact, Fact::AttemptEnded { outcome: Outcome::Failed { .. }, .. })
    });
    facts.truncate(rejected.expect("a rejected answer") + 1);
    facts
}

#[test]
fn what_is_taken_up_behind_a_rejected_answer_begins_with_the_complaint() {
    // The server dies, hangs, or is gone before it has answered again, or nothing happens.
    let faults: [&[Fault]; 4] = [
        &[],
        &[Fault::Crash { after_tokens: 1 }],
        &[Fault::Stall { after_tokens: 1 }],
        &[Fault::Disconnect { after_tokens: 1 }],
    ];
    for faults in faults {
        let contents = MemoryContents::default();
        let facts = up_to_the_rejected_answer(&contents);
        let Story { plan, settings, script, .. } = story(faults);
        let resumed = Rehearsal::resumed(plan, settings, script, facts, &contents, &Placeholders);
        let mut resumed = resumed.expect("they follow");
        assert_eq!(resumed.run().expect("sound"), Some(RunStatus::Succeeded), "{faults:?}");
        assert_eq!(resumed.asked().len(), 1 + faults.len(), "{faults:?}");
        for asked in resumed.asked() {
            assert_eq!(asked.request.messages.len(), 4, "{faults:?}, attempt {}", asked.attempt);
            let said = &asked.request.messages[3].content;
            assert!(said.starts_with("That answer cannot be used: "), "{said}");
        }
    }
}

#[test]
fn a_death_behind_any_write_takes_no_complaint_along() {
    let second = [Fault::Crash { after_tokens: 1 }, Fault::Stall { after_tokens: 1 }];
    for second in second {
        for write in 1..40 {
            let contents = MemoryContents::default();
            let earlier = up_to_the_rejected_answer(&contents);
            let story = Story { earlier, ..story(std::slice::from_ref(&second)) };
            // The rule is held against each step of every life.
            let ended = story.befallen([(write, Trouble::Dies)]).run(&contents);
            assert_eq!(ended.status, RunStatus::Succeeded, "{second:?}, write {write}");
        }
    }
}

#[test]
fn a_complaint_that_is_not_told_is_found() {
    let story = story(&[Fault::Malformed]);
    let play = |tamper: &dyn Fn(&mut View<'_>)| {
        let played = story.play(&MemoryContents::default(), &story.settings, Some(tamper));
        played.err().map(|broken| broken.rule)
    };
    assert_eq!(play(&|_| ()), None);
    let forgotten = play(&|view| {
        view.asked.to_mut().iter_mut().for_each(|asked| asked.request.messages.truncate(2));
    });
    assert_eq!(forgotten, Some(Rule::ComplaintsShown));
}
