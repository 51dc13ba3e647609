//! Clocks that are set: forward or back, by minutes or days, while a driver is at work or while
//! none is.

use std::time::Duration;

use partita::engine::content::MemoryContents;
use partita::engine::simulation::Script;
use partita::engine::{RunStatus, Time};
use partita::language::document::Policy;

use super::assert_same_ends;
use super::deaths;
use super::journal::Trouble;
use super::seeds::for_seeds;
use super::story::Story;
use super::world::{profile, random_plan, settings};
use crate::support::Dice;

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// Far enough from the beginning of time to be set back.
const TODAY: (usize, Trouble) = (0, Trouble::ClockSet(20_000 * DAY));

fn random_settings_of_clocks(dice: &mut Dice, writes: u64, ways: &[i64]) -> Vec<(usize, Trouble)> {
    let many = 1 + dice.below(3);
    let set = |_| {
        let way = ways[dice.below(ways.len() as u64) as usize];
        let by = [MINUTE, 10 * MINUTE, DAY, 30 * DAY][dice.below(4) as usize];
        (dice.below(writes) as usize + 1, Trouble::ClockSet(way * by))
    };
    (0..many).map(set).collect()
}

#[test]
fn a_clock_that_is_set_back_holds_nothing_up() {
    for_seeds(2, |seed| {
        let mut dice = Dice::new(seed);
        let plan = random_plan(seed);
        let faulty = seed % 4 == 0;
        let profile = profile(&mut dice, faulty);
        let settings = settings(&profile, Policy::ModelAffinity);
        let story = Story::new(&plan, &settings, Script { profile, ..Script::default() });
        let story = story.befallen([TODAY]);
        let whole = story.run(&MemoryContents::default());
        let writes = whole.facts.len() as u64 * 2;
        let many = dice.below(3);
        let story = story
            .befallen(deaths(&mut dice, many, writes))
            .befallen(random_settings_of_clocks(&mut dice, writes, &[-1]));
        let ended = story.run(&MemoryContents::default());
        assert!(ended.status.is_final(), "{:?}", ended.status);
        // Deaths and faults cost time; a clock that is hours or days behind must not.
        let most = whole.took + Duration::from_secs(3600);
        assert!(ended.took < most, "{} s became {} s\n{story}", whole.took, ended.took);
        if !faulty {
            assert_eq!(ended.outputs, whole.outputs, "{story}");
            assert_same_ends(&plan, &ended, &whole);
        }
        let mut before = Time::default();
        for recorded in &ended.facts {
            assert!(recorded.at >= before, "history goes back\n{story}");
            before = recorded.at;
        }
    });
}

#[test]
fn a_clock_that_is_set_forward_only_makes_deadlines_pass() {
    for_seeds(2, |seed| {
        let mut dice = Dice::new(seed);
        let plan = random_plan(seed);
        let profile = profile(&mut dice, seed % 4 == 0);
        let settings = settings(&profile, Policy::ModelAffinity);
        let story = Story::new(&plan, &settings, Script { profile, ..Script::default() });
        let many = dice.below(3);
        let story = story
            .befallen([TODAY])
            .befallen(deaths(&mut dice, many, 120))
            .befallen(random_settings_of_clocks(&mut dice, 120, &[1, -1]));
        let ended = story.run(&MemoryContents::default());
        assert!(
            ended.status.is_final() || ended.status == RunStatus::Interrupted,
            "{:?}\n{story}",
            ended.status
        );
    });
}
