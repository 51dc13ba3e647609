//! What tasks say of how hard they are, what it takes, and how long they may take: the first chooses the model, the
//! others change nothing but what is told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use partita::engine::content::MemoryContents;
use partita::engine::simulation::Script;
use partita::engine::{Fact, Next, Recorded, Time};
use partita::insight::{Courses, History, promises};
use partita::language::document::Policy;
use partita::language::plan::{Plan, ScopeId, Task, TaskId};

use super::rules::{Broken, Rule, holds};
use super::seeds::for_seeds;
use super::story::Story;
use super::world::{plan_of, profile, settings};
use crate::random_plans::{line_of, models_named, random_pattern, without_promises};
use crate::support::{Dice, plan};

#[test]
fn the_model_that_is_asked_is_the_one_that_the_complexity_chooses() {
    for_seeds(3, |seed| {
        let texts = random_pattern(seed);
        let text = texts[0].1.clone();
        if !text.contains("complexity:") {
            return;
        }
        let named = models_named(&text);
        let plan = plan_of(texts);
        let mut dice = Dice::new(seed);
        let profile = profile(&mut dice, seed % 2 == 0);
        let settings = settings(&profile, Policy::ModelAffinity);
        let story = Story::new(&plan, &settings, Script { profile, ..Script::default() });
        let ended = story.run(&MemoryContents::default());
        for recorded in &ended.facts {
            let Fact::AttemptStarted { attempt, model, .. } = &recorded.fact else { continue };
            let path = ended.path(attempt.task);
            let Some(named) = named.get(own_task(&path, &text).unwrap_or_default()) else {
                continue;
            };
            let expected = named.as_deref().unwrap_or(&settings.default_model);
            assert_eq!(model, expected, "{path} in\n{text}");
        }
    });
}

/// The task of a random pattern by itself that is asked at an address: not what takes it up, undoes it, does again
/// what was not passed, or lies in a pattern.
fn own_task<'p>(path: &'p str, text: &str) -> Option<&'p str> {
    let name = path.split(['[', '/', '.']).next()?;
    let line = line_of(text, name);
    let is_other = |other: &str| path.contains(other);
    if ["revise", "undo"].into_iter().any(is_other) {
        return None;
    }
    if line.contains("escalate:") {
        return (path == format!("{name}[1]"))
            .then_some(name)
            .filter(|_| !line.contains("samples:"));
    }
    (!path.contains('/') || line.contains("gate: review")).then_some(name)
}

#[test]
fn skills_and_times_change_nothing_of_a_run() {
    for_seeds(5, |seed| {
        let texts = random_pattern(seed);
        if !texts[0].1.contains(", sla: ") && !texts[0].1.contains("skills: [writing]") {
            return;
        }
        let mut without = texts.clone();
        without[0].1 = without_promises(&without[0].1);
        let facts = [texts, without].map(|texts| {
            let plan = plan_of(texts);
            let profile = profile(&mut Dice::new(seed), seed % 2 == 0);
            let settings = settings(&profile, Policy::LoadAware);
            let story = Story::new(&plan, &settings, Script { profile, ..Script::default() });
            let facts = story.run(&MemoryContents::default()).facts;
            // The first names the plan, which differs.
            facts[1..].to_vec()
        });
        assert!(facts[0] == facts[1], "{}", random_pattern(seed)[0].1);
    });
}

#[test]
fn who_takes_longer_than_promised_is_told_and_nobody_else() {
    for_seeds(3, |seed| {
        let plan = plan_of(random_pattern(seed));
        if plan.tasks().all(|(_, task)| task.sla.is_none()) {
            return;
        }
        let profile = profile(&mut Dice::new(seed), seed % 2 == 0);
        let settings = settings(&profile, Policy::LoadAware);
        let story = Story::new(&plan, &settings, Script { profile, ..Script::default() });
        let facts = story.run(&MemoryContents::default()).facts;
        let told = told(&plan, &facts);
        let holds = promises_are_told(&plan, &facts, &told);
        assert_eq!(holds.map_err(|broken| broken.what), Ok(()));
    });
}

/// The tasks of which it is told that they took longer than they may.
fn told(plan: &Arc<Plan>, facts: &[Recorded]) -> BTreeSet<TaskId> {
    let history = History::of_facts(Arc::clone(plan), facts);
    let promises = promises(&history, &Courses::of(&history));
    promises.iter().filter(|promise| promise.is_broken()).map(|promise| promise.task).collect()
}

/// That a task took longer than it may where it is told so, by the facts alone.
fn promises_are_told(
    plan: &Plan,
    facts: &[Recorded],
    told: &BTreeSet<TaskId>,
) -> Result<(), Broken> {
    let ends: BTreeMap<TaskId, Time> =
        facts.iter().filter_map(|recorded| Some((end_of(&recorded.fact)?, recorded.at))).collect();
    let begin = facts.first().map(|recorded| recorded.at).unwrap_or_default();
    for (id, task) in plan.tasks().filter(|(_, task)| task.scope == ScopeId::ROOT) {
        let (Some(sla), Some(end)) = (task.sla, ends.get(&id)) else { continue };
        let before = before(plan, task).map(|id| ends.get(&id).copied());
        // One that is broken off before it could begin has not taken any time.
        let Some(ready) = before.collect::<Option<Vec<Time>>>() else { continue };
        let ready = ready.into_iter().max().unwrap_or_default().max(begin);
        let took = end.since(ready);
        holds(Rule::PromisesTold, told.contains(&id) == (took > sla.0), || {
            format!("{} took {took:?} and may take {sla}: {told:?}", task.path)
        })?;
    }
    Ok(())
}

/// The tasks that must have ended before another of the same scope: a wave without a barrier is open as soon as the one
/// before it is.
fn before<'p>(plan: &'p Plan, task: &'p Task) -> impl Iterator<Item = TaskId> + 'p {
    let waves = &plan.scope(task.scope).waves;
    let own = waves.iter().position(|wave| *wave == task.wave).unwrap_or_default();
    let barrier = (0..=own).rev().find(|place| plan.wave(waves[*place]).barrier);
    let behind = waves[..barrier.unwrap_or_default()].iter();
    let behind = behind.flat_map(|wave| &plan.wave(*wave).tasks).copied();
    task.needs.iter().map(|need| need.task).chain(behind)
}

/// The task that a fact ends.
fn end_of(fact: &Fact) -> Option<TaskId> {
    match fact {
        Fact::TaskSkipped { task, .. }
        | Fact::GateDecided { task, .. }
        | Fact::MessageSent { task, .. }
        | Fact::TaskCancelled { task }
        | Fact::TaskSucceeded { task, .. }
        | Fact::TaskFailed { task, next: Next::Done, .. } => Some(*task),
        Fact::AttemptEnded { attempt, next: Next::Done, .. } => Some(attempt.task),
        _ => None,
    }
}

#[test]
fn a_promise_that_is_told_wrongly_is_found() {
    let text = |sla: &str| {
        format!(
            "pattern: {{ name: p }}\nteam: {{ name: t, agents: [{{ role: A }}] }}\ntasks:\n  one: {{ agent: a, prompt: x, \
             sla: {sla} }}\n"
        )
    };
    let (hurried, patient) = (plan(&[("p.yaml", &text("1ms"))]), plan(&[("p.yaml", &text("1h"))]));
    let profile = profile(&mut Dice::new(1), false);
    let settings = settings(&profile, Policy::LoadAware);
    let story = Story::new(&hurried, &settings, Script { profile, ..Script::default() });
    let facts = story.run(&MemoryContents::default()).facts;
    let told = told(&hurried, &facts);
    let broken = |plan: &Plan, told: &BTreeSet<TaskId>| {
        promises_are_told(plan, &facts, told).err().map(|found| found.rule)
    };
    assert_eq!(broken(&hurried, &told), None);
    assert_eq!(broken(&hurried, &BTreeSet::new()), Some(Rule::PromisesTold));
    assert_eq!(broken(&patient, &told), Some(Rule::PromisesTold));
}
