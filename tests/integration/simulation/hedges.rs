//! Random runs that hedge as early and as much as they may: every end that two attempts can come to
//! is met.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use partita::engine::content::MemoryContents;
use partita::engine::simulation::Script;
use partita::engine::{Fact, Next, Outcome, Recorded};
use partita::insight::{Hedging, History, Metrics, Statistics};
use partita::language::document::Hedge;
use partita::language::document::simulation::{
    Fault, FaultRule, Profile, RequestMatch, SimulatedServer,
};
use partita::language::plan::Plan;

use super::deaths;
use super::seeds::for_seeds;
use super::story::Story;
use super::world::{profile, random_plan, random_settings};
use crate::statistics::assert_times_are_explained;
use crate::support::Dice;

/// How the attempts ended beside which another went on: whether each was the hedge, and how.
fn ends(facts: &[Recorded], count: &mut BTreeMap<(bool, &'static str), u32>) {
    let mut hedges = BTreeSet::new();
    for recorded in facts {
        match &recorded.fact {
            Fact::AttemptStarted { attempt, hedge: true, .. } => drop(hedges.insert(*attempt)),
            Fact::AttemptEnded { attempt, outcome, next: Next::GoesOn, .. } => {
                let how = match outcome {
                    Outcome::Failed { .. } => "failed",
                    Outcome::Lost => "lost",
                    Outcome::Superseded => "superseded",
                    Outcome::Answered { .. } => panic!("answered, and the other goes on"),
                };
                *count.entry((hedges.contains(attempt), how)).or_default() += 1;
            }
            _ => {}
        }
    }
}

/// That statistics count what facts say.
fn assert_counted(plan: &Arc<Plan>, facts: &[Recorded]) {
    let history = History::of_facts(Arc::clone(plan), facts);
    let Hedging { hedges, won, .. } = Statistics::of(&history, &Metrics::of(&history)).hedging;
    let count = |is: fn(&Fact) -> bool| facts.iter().filter(|fact| is(&fact.fact)).count();
    let begun = count(|fact| matches!(fact, Fact::AttemptStarted { hedge: true, .. }));
    assert!(hedges as usize == begun && won <= hedges, "{hedges} and {won} of {begun}");
}

/// More servers that are alike, and calls now and then that take long.
fn with_stragglers(mut profile: Profile, dice: &mut Dice) -> Profile {
    let first = SimulatedServer { slots: 1, max_loaded_models: 3, ..profile.servers[0].clone() };
    profile.servers = ["a", "b", "c"]
        .map(|name| SimulatedServer { name: name.to_owned(), ..first.clone() })
        .to_vec();
    let slow = (0..6).map(|_| FaultRule {
        matches: RequestMatch::default(),
        after: u32::try_from(3 + dice.below(16)).expect("small"),
        times: Some(1),
        fault: match dice.below(3) {
            0 => Fault::Stall { after_tokens: 1 },
            factor => Fault::Slow { factor: [20.0, 200.0][factor as usize - 1] },
        },
    });
    profile.faults.extend(slow);
    profile
}

#[test]
fn whatever_becomes_of_two_attempts_the_rules_hold() {
    let count = Mutex::new(BTreeMap::new());
    for_seeds(1, |seed| {
        let mut dice = Dice::new(seed ^ 0x3e46);
        let plan = random_plan(seed);
        let profile = with_stragglers(profile(&mut dice, seed % 2 == 0), &mut dice);
        let mut settings = random_settings(&profile, &mut dice);
        settings.hedge = Some(Hedge { after: 1.0, budget: 0.25 });
        let script = Script { profile, ..Script::default() };
        let many = dice.below(3);
        let story = Story::new(&plan, &settings, script).befallen(deaths(&mut dice, many, 80));
        let ended = story.run(&MemoryContents::default());
        assert!(ended.status.is_final(), "{:?}", ended.status);
        assert_times_are_explained(&plan, &ended.facts, seed);
        assert_counted(&plan, &ended.facts);
        ends(&ended.facts, &mut count.lock().expect("no panic inside"));
    });
    let count = count.into_inner().expect("no panic inside");
    for hedge in [false, true] {
        for how in ["superseded", "failed", "lost"] {
            assert!(count.contains_key(&(hedge, how)), "hedge: {hedge}, {how}: not in {count:?}");
        }
    }
}
