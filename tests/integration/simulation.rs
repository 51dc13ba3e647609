//! The engine in virtual time: random plans, random faults, death at any moment, and what must
//! hold whatever happens.
//!
//! `PARTITA_SEEDS=0..1000000 cargo test --release --test integration -- simulation` tries more seeds.

mod budgets;
mod cache;
mod clocks;
mod complaints;
mod forks;
mod hedges;
mod journal;
mod mutants;
mod once;
mod overdue;
mod planners;
mod posts;
mod purse;
mod rules;
mod seeds;
mod sharing;
mod staffed;
mod story;
mod tools;
mod undo;
mod unkept;
mod watch;
mod wishes;
mod world;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use partita::engine::content::MemoryContents;
use partita::engine::simulation::{Placeholders, Rehearsal, Script};
use partita::engine::{People, RunStatus, Settings, TaskStatus};
use partita::insight::History;
use partita::language::document::Policy;
use partita::language::document::simulation::Profile;
use partita::language::plan::{Plan, Work};
use serde_json::Map;

use crate::statistics::assert_times_are_explained;
use crate::support::{Dice, plan};

use journal::Trouble;
use seeds::for_seeds;
use story::{Ended, Story};
use world::{hedge, hurried_plan, profile, random_plan, random_settings, settings};

/// A run that nothing befalls but what its script says.
fn play(plan: &Arc<Plan>, settings: &Settings, script: Script, contents: &MemoryContents) -> Ended {
    Story::new(plan, settings, script).run(contents)
}

/// So many deaths, each behind a write below a number.
fn deaths(dice: &mut Dice, many: u64, below: u64) -> Vec<(usize, Trouble)> {
    (0..many).map(|_| (dice.below(below) as usize + 1, Trouble::Dies)).collect()
}

#[test]
fn whatever_happens_the_rules_hold() {
    for_seeds(1, |seed| {
        let mut dice = Dice::new(seed);
        let plan = hurried_plan(seed);
        let profile = profile(&mut dice, true);
        let settings = random_settings(&profile, &mut dice);
        let script = Script { profile, ..Script::default() };
        let ended = play(&plan, &settings, script.clone(), &MemoryContents::default());
        assert!(ended.status.is_final(), "{:?}", ended.status);
        // The same again, to the letter.
        let again = play(&plan, &settings, script, &MemoryContents::default());
        assert_eq!(ended.facts, again.facts, "two runs differ");
        assert_times_are_explained(&plan, &ended.facts, seed);
    });
}

#[test]
fn without_faults_every_run_succeeds_and_death_changes_no_output() {
    for_seeds(1, |seed| {
        let mut dice = Dice::new(seed);
        let plan = random_plan(seed);
        let profile = profile(&mut dice, false);
        let mut settings = settings(&profile, Policy::ModelAffinity);
        hedge(&mut settings, &mut dice);
        let script = Script { profile, ..Script::default() };
        let whole = play(&plan, &settings, script.clone(), &MemoryContents::default());
        assert_eq!(whole.status, RunStatus::Succeeded);
        let steps = whole.facts.len() as u64 * 2;
        let many = 1 + dice.below(4);
        let story = Story::new(&plan, &settings, script).befallen(deaths(&mut dice, many, steps));
        let broken = story.run(&MemoryContents::default());
        assert_eq!(broken.status, RunStatus::Succeeded);
        assert_eq!(broken.outputs, whole.outputs, "{story}");
        assert_times_are_explained(&plan, &broken.facts, seed);
        assert_same_ends(&plan, &broken, &whole);
    });
}

/// That each task of a run ended as in another.
fn assert_same_ends(plan: &Arc<Plan>, one: &Ended, other: &Ended) {
    let one = History::of_facts(Arc::clone(plan), &one.facts);
    let other = History::of_facts(Arc::clone(plan), &other.facts);
    for (id, task) in plan.tasks() {
        assert_eq!(one.task(id).status(), other.task(id).status(), "{}", task.path);
    }
}

#[test]
fn a_run_can_be_interrupted_and_cancelled_at_any_moment() {
    for_seeds(5, |seed| {
        let mut dice = Dice::new(seed);
        let plan = hurried_plan(seed);
        let profile = profile(&mut dice, seed % 2 == 0);
        let settings = random_settings(&profile, &mut dice);
        let moment = Duration::from_millis(dice.below(60_000));
        let contents = MemoryContents::default();
        let script = Script {
            profile: profile.clone(),
            interrupt_at: (seed % 3 != 0).then_some(moment),
            cancel_at: (seed % 3 == 0).then_some(moment),
            ..Script::default()
        };
        let ended = play(&plan, &settings, script, &contents);
        assert_times_are_explained(&plan, &ended.facts, seed);
        if ended.status != RunStatus::Interrupted {
            assert!(ended.status.is_final(), "{:?}", ended.status);
            return;
        }
        let script = Script { profile, ..Script::default() };
        let earlier = ended.facts;
        let resumed = Story { earlier, ..Story::new(&plan, &settings, script) }.run(&contents);
        assert!(resumed.status.is_final(), "{:?}", resumed.status);
    });
}

#[test]
fn gates_are_decided_by_people_by_time_or_later() {
    for_seeds(5, |seed| {
        let mut dice = Dice::new(seed);
        let plan = random_plan(seed);
        let gates = plan.tasks().filter(|(_, task)| matches!(task.work, Work::Approve { .. }));
        let gates: Vec<String> = gates.map(|(_, task)| task.path.clone()).collect();
        if gates.is_empty() {
            return;
        }
        let profile = profile(&mut dice, seed % 2 == 0);
        let mut settings = random_settings(&profile, &mut dice);
        settings.people = People::Present;
        // Some are decided in time, some too late, some never.
        let decided = gates.iter().filter(|_| !dice.one_in(3)).cloned().collect::<Vec<_>>();
        let decide = |path: String| {
            let after = Duration::from_secs(dice.below(7200));
            (path, (after, ["go", "stop"][dice.below(2) as usize].to_owned()))
        };
        let decisions: BTreeMap<_, _> = decided.into_iter().map(decide).collect();
        let script = Script { profile, decisions, ..Script::default() };
        let many = dice.below(3);
        let story = Story::new(&plan, &settings, script).befallen(deaths(&mut dice, many, 60));
        let ended = story.run(&MemoryContents::default());
        assert!(ended.status.is_final(), "{:?}", ended.status);
    });
}

#[test]
fn a_gate_without_default_pauses_a_run_that_nobody_watches() {
    let plan = plan(&[(
        "p.yaml",
        "pattern: { name: p }\nteam: { name: t, agents: [{ role: A }] }\ntasks:\n  work: { agent: a, \
         prompt: x }\n  gate: { gate: approval, ask: 'Go?', options: [go, stop] }\n  after: { agent: \
         a, prompt: y, when: \"tasks.gate.choice == 'go'\" }\n",
    )]);
    let profile = Profile::default();
    let mut settings = settings(&profile, Policy::ModelAffinity);
    let contents = MemoryContents::default();
    let script = Script { profile, ..Script::default() };
    let mut rehearsal = Rehearsal::new(
        Arc::clone(&plan),
        settings.clone(),
        script.clone(),
        &Map::new(),
        &contents,
        &Placeholders,
    );
    assert_eq!(rehearsal.run().expect("sound"), Some(RunStatus::Waiting));
    let facts = rehearsal.facts().to_vec();
    settings.people = People::Present;
    let decisions =
        BTreeMap::from([("gate".to_owned(), (Duration::from_secs(5), "go".to_owned()))]);
    let script = Script { decisions, ..script };
    let mut resumed =
        Rehearsal::resumed(Arc::clone(&plan), settings, script, facts, &contents, &Placeholders)
            .expect("a history");
    assert_eq!(resumed.run().expect("sound"), Some(RunStatus::Succeeded));
    let after = plan.find("after").expect("a task");
    assert_eq!(resumed.engine().state().task(after).status, TaskStatus::Succeeded);
}
