//! Writes that fail: the driver stops, carries out nothing of what was not kept, and the next one
//! goes on from what was.

use partita::engine::RunStatus;
use partita::engine::content::MemoryContents;
use partita::engine::simulation::Script;
use partita::language::document::Policy;

use super::journal::Trouble;
use super::seeds::for_seeds;
use super::story::{Ended, Story};
use super::world::{profile, random_plan, random_settings, settings};
use super::{assert_same_ends, deaths};
use crate::support::Dice;

/// Writes that are refused, once or many times in a row, or kept without a word, among deaths.
fn random_troubles(dice: &mut Dice, writes: u64) -> Vec<(usize, Trouble)> {
    let mut troubles = Vec::new();
    for _ in 0..1 + dice.below(4) {
        let at = dice.below(writes) as usize + 1;
        match dice.below(4) {
            0 => troubles.push((at, Trouble::Refused)),
            // The disk stays full for a while: whoever begins stops at its first write.
            1 => troubles.extend((0..2 + dice.below(8)).map(|_| (at, Trouble::Refused))),
            2 => troubles.push((at, Trouble::Unacknowledged)),
            _ => troubles.extend(deaths(dice, 1, writes)),
        }
    }
    troubles
}

/// A run on servers without faults, and how it ends when nothing befalls it.
fn on_sound_servers(seed: u64, dice: &mut Dice) -> (Story, Ended) {
    let plan = random_plan(seed);
    let profile = profile(dice, false);
    let settings = settings(&profile, Policy::ModelAffinity);
    let story = Story::new(&plan, &settings, Script { profile, ..Script::default() });
    let whole = story.run(&MemoryContents::default());
    (story, whole)
}

#[test]
fn without_faults_of_servers_failed_writes_change_no_output() {
    for_seeds(2, |seed| {
        let mut dice = Dice::new(seed);
        let (story, whole) = on_sound_servers(seed, &mut dice);
        let story = story.befallen(random_troubles(&mut dice, whole.facts.len() as u64 * 2));
        let ended = story.run(&MemoryContents::default());
        assert_eq!(ended.status, RunStatus::Succeeded, "{story}");
        assert_eq!(ended.outputs, whole.outputs, "{story}");
        assert_same_ends(&story.plan, &ended, &whole);
    });
}

#[test]
fn each_write_of_a_run_may_fail() {
    for_seeds(100, |seed| {
        let mut dice = Dice::new(seed);
        let (story, whole) = on_sound_servers(seed, &mut dice);
        for write in 1..=whole.facts.len() * 2 {
            for trouble in [Trouble::Refused, Trouble::Unacknowledged] {
                let story = story.clone().befallen([(write, trouble)]);
                let ended = story.run(&MemoryContents::default());
                assert_eq!(ended.status, RunStatus::Succeeded, "{story}");
                assert_eq!(ended.outputs, whole.outputs, "{story}");
                assert!(ended.lives <= 2, "{story}");
            }
        }
    });
}

#[test]
fn with_faults_of_servers_the_rules_hold_all_the_same() {
    for_seeds(1, |seed| {
        let mut dice = Dice::new(seed);
        let plan = random_plan(seed);
        let profile = profile(&mut dice, true);
        let settings = random_settings(&profile, &mut dice);
        let story = Story::new(&plan, &settings, Script { profile, ..Script::default() });
        let story = story.befallen(random_troubles(&mut dice, 120));
        let ended = story.run(&MemoryContents::default());
        assert!(ended.status.is_final(), "{:?}", ended.status);
    });
}
