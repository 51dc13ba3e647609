//! Tools that tasks call: none that may change something is called twice, whatever happens.

use std::collections::BTreeMap;
use std::sync::Arc;

use partita::engine::content::MemoryContents;
use partita::engine::simulation::Script;
use partita::engine::{Fact, FailureClass, Outcome, RunStatus};
use partita::language::document::Policy;
use partita::language::plan::{Plan, Work};

use super::deaths;
use super::journal::Trouble;
use super::seeds::for_seeds;
use super::story::Story;
use super::world::{profile, random_settings, settings};
use crate::random_plans::without_repetition;
use crate::support::{Dice, plan};

/// A random plan in which nobody allows a tool that may change something to be called again.
fn with_effects(seed: u64) -> Option<Arc<Plan>> {
    let texts = without_repetition(seed)?;
    let texts: Vec<(&str, &str)> =
        texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    Some(plan(&texts))
}

#[test]
fn what_may_change_something_is_called_once() {
    for_seeds(1, |seed| {
        let Some(plan) = with_effects(seed) else { return };
        let mut dice = Dice::new(seed);
        let with_faults = dice.one_in(2);
        let profile = profile(&mut dice, with_faults);
        let settings = random_settings(&profile, &mut dice);
        let story = Story::new(&plan, &settings, Script { profile, ..Script::default() });
        let many = 1 + dice.below(5);
        let story = story.befallen(deaths(&mut dice, many, 120));
        let ended = story.run(&MemoryContents::default());
        assert!(ended.status.is_final(), "{:?}", ended.status);
        let mut calls: BTreeMap<&str, u32> = BTreeMap::new();
        for recorded in &ended.facts {
            if let Fact::ToolCalled { attempt, .. } = &recorded.fact {
                let task = ended.plan.task(attempt.task);
                let Work::Tool(tool) = &task.work else { panic!("{} calls no tool", task.path) };
                if tool.tool == "desk.add" {
                    *calls.entry(&task.path).or_default() += 1;
                }
            }
        }
        assert!(calls.values().all(|calls| *calls == 1), "{calls:?}: {story}");
    });
}

#[test]
fn a_call_that_death_broke_off_is_told_and_not_made_again() {
    let text = "pattern: { name: p }\ntools: { servers: { desk: { command: desk } } }\ntasks:\n  add: { tool: \
                desk.add, estimate: 10s }\n";
    let plan = plan(&[("p.yaml", text)]);
    let profile = profile(&mut Dice::new(1), false);
    let settings = settings(&profile, Policy::ModelAffinity);
    let story = Story::new(&plan, &settings, Script { profile, ..Script::default() });
    let whole = story.run(&MemoryContents::default());
    assert_eq!(whole.status, RunStatus::Succeeded);
    let mut lost = 0;
    for write in 1..=whole.facts.len() * 2 {
        let story = story.clone().befallen([(write, Trouble::Dies)]);
        let ended = story.run(&MemoryContents::default());
        let is_lost = |fact: &Fact| {
            matches!(fact, Fact::AttemptEnded { outcome: Outcome::Failed { failure, .. }, .. }
                if failure.class == FailureClass::ToolLost && failure.message.contains("not known"))
        };
        let is_called = |fact: &Fact| matches!(fact, Fact::ToolCalled { .. });
        let count = |is: &dyn Fn(&Fact) -> bool| {
            ended.facts.iter().filter(|recorded| is(&recorded.fact)).count()
        };
        assert_eq!(count(&is_called), 1, "{story}");
        assert_eq!(ended.status == RunStatus::Failed, count(&is_lost) == 1, "{story}");
        lost += count(&is_lost);
    }
    assert!(lost > 0, "no death came in the middle of the call");
}
