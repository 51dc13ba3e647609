//! Tasks that must not be done twice, whatever fails and whoever dies.

use partita::engine::content::MemoryContents;
use partita::engine::simulation::Script;

use super::deaths;
use super::seeds::for_seeds;
use super::story::Story;
use super::world::{plan_done_once, profile, random_settings};
use crate::support::Dice;

#[test]
fn what_must_not_be_done_twice_is_not() {
    for_seeds(10, |seed| {
        let mut dice = Dice::new(seed ^ 0x71b3);
        let plan = plan_done_once(seed);
        let profile = profile(&mut dice, seed % 2 == 0);
        let settings = random_settings(&profile, &mut dice);
        let many = 1 + dice.below(3);
        let script = Script { profile, ..Script::default() };
        let story = Story::new(&plan, &settings, script).befallen(deaths(&mut dice, many, 80));
        let ended = story.run(&MemoryContents::default());
        assert!(ended.status.is_final(), "{:?}", ended.status);
    });
}
