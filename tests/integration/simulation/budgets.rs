//! Random runs with random budgets, that of the whole and those of parts: they are never passed, and
//! who raises them comes to the same end.

use std::time::Duration;

use partita::engine::content::MemoryContents;
use partita::engine::simulation::Script;
use partita::engine::{Fact, PauseReason, RunStatus, Settings};
use partita::language::document::{Amount, Budget, HumanDuration, Policy};
use partita::language::plan::{Plan, Work};

use super::seeds::for_seeds;
use super::story::Story;
use super::world::{hedge, profile, random_plan, random_settings, settings};
use super::{deaths, play};
use crate::support::Dice;

/// More is not needed for any of these plans.
const ROUNDS: usize = 40;

fn random_budget(dice: &mut Dice) -> Budget {
    let mut some = |most: u64| dice.one_in(2).then(|| 1 + dice.below(most));
    let (calls, tokens, gpu, time) = (some(8), some(20_000), some(120), some(120));
    Budget {
        calls: calls.map(Amount),
        tokens: tokens.map(Amount),
        gpu_time: gpu.map(|seconds| HumanDuration(Duration::from_secs(seconds))),
        time: time.map(|seconds| HumanDuration(Duration::from_secs(seconds))),
        ..Budget::default()
    }
}

/// A budget of the run, and of some of its parts.
fn give_budgets(settings: &mut Settings, plan: &Plan, dice: &mut Dice) {
    settings.budgets.insert(String::new(), random_budget(dice));
    for task in plan.all_tasks() {
        let has_parts = matches!(task.work, Work::Call { .. } | Work::Iterate(_));
        if has_parts && !task.path.contains('[') && dice.one_in(2) {
            settings.budgets.insert(task.path.clone(), random_budget(dice));
        }
    }
}

/// Twice as much of everything.
fn raise(settings: &mut Settings) {
    for budget in settings.budgets.values_mut() {
        let twice = |amount: Option<Amount>| amount.map(|amount| Amount(amount.0 * 2));
        let longer = |time: Option<HumanDuration>| time.map(|time| HumanDuration(time.0 * 2));
        budget.calls = twice(budget.calls);
        budget.tokens = twice(budget.tokens);
        budget.gpu_time = longer(budget.gpu_time);
        budget.time = longer(budget.time);
    }
}

#[test]
fn budgets_are_never_passed_whatever_happens() {
    for_seeds(2, |seed| {
        let mut dice = Dice::new(seed ^ 0xb0d6);
        let plan = random_plan(seed);
        let profile = profile(&mut dice, true);
        let mut settings = random_settings(&profile, &mut dice);
        give_budgets(&mut settings, &plan, &mut dice);
        let script = Script { profile, ..Script::default() };
        let many = dice.below(4);
        let story = Story::new(&plan, &settings, script).befallen(deaths(&mut dice, many, 60));
        let ended = story.run(&MemoryContents::default());
        let paused = Fact::RunPaused { reason: PauseReason::Budget };
        let last = ended.facts.last().expect("facts");
        assert!(ended.status.is_final() || last.fact == paused, "{:?}", ended.status);
    });
}

#[test]
fn who_raises_a_budget_comes_to_the_same_end() {
    for_seeds(2, |seed| {
        let mut dice = Dice::new(seed ^ 0x4a15);
        let plan = random_plan(seed);
        let profile = profile(&mut dice, false);
        let mut settings = settings(&profile, Policy::ModelAffinity);
        hedge(&mut settings, &mut dice);
        let script = Script { profile, ..Script::default() };
        let whole = play(&plan, &settings, script.clone(), &MemoryContents::default());
        let is_call = |fact: &Fact| matches!(fact, Fact::AttemptStarted { .. });
        let calls = whole.facts.iter().filter(|recorded| is_call(&recorded.fact)).count() as u64;
        let least = plan.least_calls(None);
        assert!(least <= calls, "{least} calls are said to be needed, and there were {calls}");
        give_budgets(&mut settings, &plan, &mut dice);
        let contents = MemoryContents::default();
        let mut earlier = Vec::new();
        for _ in 0..ROUNDS {
            let many = dice.below(2);
            let story = Story::new(&plan, &settings, script.clone());
            let story = Story { earlier, ..story.befallen(deaths(&mut dice, many, 60)) };
            let ended = story.run(&contents);
            if ended.status.is_final() {
                assert_eq!((ended.status, ended.outputs), (RunStatus::Succeeded, whole.outputs));
                return;
            }
            earlier = ended.facts;
            raise(&mut settings);
        }
        panic!("{ROUNDS} times as much is not enough");
    });
}
