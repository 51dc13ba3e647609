//! That each rule can be broken: faults made on purpose in what is kept, asked and done, each of
//! which must be found under the name of its rule.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use partita::engine::content::MemoryContents;
use partita::engine::simulation::Script;
use partita::engine::{Fact, Next, Outcome, People, Recorded, Settings, TaskStatus, Time};
use partita::insight::History;
use partita::language::digest::Digest;
use partita::language::document::{Amount, Budget, Hedge, HumanDuration, Policy};
use partita::language::plan::{Plan, Task};

use super::journal::{FaultyJournal, Trouble};
use super::rules::Rule;
use super::story::{Story, Tamper};
use super::watch::{View, Watch};
use super::world::{profile, random_plan, settings};
use crate::support::{Dice, plan};

/// So many seeds are tried to find a run to which a fault applies.
const SEEDS: u64 = 16;

/// A fault on purpose.
enum Mutant<'m> {
    /// In what is kept of a whole run; true where it applies.
    History(&'m dyn Fn(&mut Vec<Recorded>, &Plan) -> bool),
    /// In what there is to see behind every step.
    Sight(Tamper<'m>),
    /// In what the engine is told of the world.
    World(&'m dyn Fn(&mut Settings)),
    /// In what the journal does.
    Journal(Trouble),
}

/// The rules that are found broken in many runs with a mutant.
fn broken_by(mutant: &Mutant<'_>) -> BTreeSet<Rule> {
    let mut broken = BTreeSet::new();
    for seed in 0..SEEDS {
        let plan = random_plan(seed);
        let profile = profile(&mut Dice::new(seed), seed % 2 == 0);
        let settings = settings(&profile, Policy::LoadAware);
        let story = Story::new(&plan, &settings, Script { profile, ..Script::default() });
        let contents = MemoryContents::default();
        let found = match mutant {
            Mutant::History(change) => {
                let mut facts = story.run(&contents).facts;
                let grown = History::of_facts(Arc::clone(&plan), &facts);
                if !change(&mut facts, grown.plan()) {
                    continue;
                }
                let journal = FaultyJournal::new(&contents, &[], &[]);
                Watch::new(&plan, &settings).open(&facts, &journal)
            }
            Mutant::Sight(tamper) => story.play(&contents, &settings, Some(*tamper)).map(drop),
            Mutant::World(change) => {
                let mut told = settings.clone();
                change(&mut told);
                story.play(&contents, &told, None).map(drop)
            }
            Mutant::Journal(trouble) => {
                let story = story.befallen([(6, *trouble)]);
                story.play(&contents, &settings, None).map(drop)
            }
        };
        broken.extend(found.err().map(|broken| broken.rule));
    }
    broken
}

fn number_anew(facts: &mut [Recorded]) {
    for (recorded, sequence) in facts.iter_mut().zip(1..) {
        recorded.sequence = sequence;
    }
}

/// Lets the first task of a kind begin before everything else.
fn begin_early(facts: &mut Vec<Recorded>, plan: &Plan, kind: impl Fn(&Task) -> bool) -> bool {
    let of_kind = |recorded: &Recorded| match &recorded.fact {
        // What the plan has grown by is none of its tasks at the beginning.
        Fact::AttemptStarted { attempt, .. } => {
            let task = plan.task(attempt.task);
            !task.path.contains('[') && kind(task)
        }
        _ => false,
    };
    let Some(place) = facts.iter().position(of_kind) else { return false };
    let started = facts.remove(place);
    facts.insert(1, started);
    number_anew(facts);
    true
}

/// Repeats the first fact of a kind at the end.
fn repeat(facts: &mut Vec<Recorded>, kind: impl Fn(&Fact) -> bool) -> bool {
    let Some(again) = facts.iter().find(|recorded| kind(&recorded.fact)).cloned() else {
        return false;
    };
    facts.push(again);
    number_anew(facts);
    true
}

fn is_answer(fact: &Fact) -> bool {
    matches!(fact, Fact::AttemptEnded { outcome: Outcome::Answered { .. }, .. })
}

/// What is kept, to be tampered with.
fn each_fact(view: &mut View<'_>, change: impl Fn(&mut Fact)) {
    view.kept.to_mut().iter_mut().for_each(|recorded| change(&mut recorded.fact));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn every_rule_is_broken_by_a_fault_on_purpose() {
    let nowhere = Digest::of(b"nowhere");
    let mutants: [(Rule, Mutant<'_>); 20] = [
        (
            Rule::Numbered,
            Mutant::History(&|facts, _| {
                facts.remove(2);
                true
            }),
        ),
        (
            Rule::NeedsFirst,
            Mutant::History(&|facts, plan| begin_early(facts, plan, |task| !task.needs.is_empty())),
        ),
        (
            Rule::BarriersHold,
            Mutant::History(&|facts, plan| {
                let second = |task: &Task| plan.scope(task.scope).waves.get(1) == Some(&task.wave);
                begin_early(facts, plan, |task| {
                    second(task) && plan.wave(task.wave).barrier && task.needs.is_empty()
                })
            }),
        ),
        (Rule::OneEnd, Mutant::History(&|facts, _| repeat(facts, is_answer))),
        (
            Rule::NothingAgain,
            Mutant::History(&|facts, _| {
                let ended: BTreeSet<_> = facts
                    .iter()
                    .filter(|r| is_answer(&r.fact))
                    .filter_map(|r| r.fact.task())
                    .collect();
                repeat(
                    facts,
                    |fact| matches!(fact, Fact::AttemptStarted { attempt, .. } if ended.contains(&attempt.task)),
                )
            }),
        ),
        (
            Rule::TheTableDecides,
            Mutant::History(&|facts, _| {
                for recorded in facts.iter_mut() {
                    if let Fact::AttemptEnded { outcome: Outcome::Failed { .. }, next, .. } =
                        &mut recorded.fact
                    {
                        *next = Next::Wait { at: Time(u64::MAX) };
                        return true;
                    }
                }
                false
            }),
        ),
        // An engine that hedges without being told to.
        (
            Rule::HedgesBounded,
            Mutant::World(&|settings| settings.hedge = Some(Hedge { after: 1.0, budget: 0.25 })),
        ),
        // An attempt that is lost although it is the only one.
        (
            Rule::HedgesBounded,
            Mutant::History(&|facts, _| {
                for recorded in facts.iter_mut() {
                    if let Fact::AttemptEnded { outcome, next, .. } = &mut recorded.fact {
                        (*outcome, *next) = (Outcome::Superseded, Next::GoesOn);
                        return true;
                    }
                }
                false
            }),
        ),
        // A fold that misses a fact.
        (
            Rule::FoldIsLive,
            Mutant::Sight(&|view| {
                view.kept
                    .to_mut()
                    .retain(|recorded| !matches!(recorded.fact, Fact::GateDecided { .. }));
                number_anew(view.kept.to_mut());
            }),
        ),
        // A fact that says something else than was meant.
        (
            Rule::FoldIsLive,
            Mutant::Sight(&|view| {
                let Some(Fact::RunStarted { inputs, .. }) =
                    view.kept.first().map(|r| r.fact.clone())
                else {
                    return;
                };
                each_fact(view, |fact| {
                    if let Fact::TaskSucceeded { output, .. } = fact {
                        output.clone_from(&inputs);
                    }
                });
            }),
        ),
        (
            Rule::ReportIsLive,
            Mutant::Sight(&|view| {
                each_fact(view, |fact| {
                    if let Fact::AttemptEnded { outcome: Outcome::Answered { usage, .. }, .. } =
                        fact
                    {
                        usage.first_token_us += 1;
                    }
                });
            }),
        ),
        // A driver that makes each call twice.
        (
            Rule::AskedOnce,
            Mutant::Sight(&|view| {
                view.asked =
                    view.asked.iter().flat_map(|asked| [asked.clone(), asked.clone()]).collect();
            }),
        ),
        // A driver that asks what nobody has kept.
        (
            Rule::KeptFirst,
            Mutant::Sight(&|view| {
                view.asked.to_mut().iter_mut().for_each(|asked| asked.attempt += 1);
            }),
        ),
        // A call of a task that waits for its next attempt, or has ended.
        (
            Rule::OnlyTheRunningHoldSlots,
            Mutant::Sight(&|view| {
                let left = view.asked.iter().rev().find(|asked| {
                    let task = view.live.plan().find(&asked.task).expect("a task");
                    view.live.task(task).status == TaskStatus::BackingOff
                });
                if let Some(left) = left {
                    let task = view.live.plan().find(&left.task).expect("a task");
                    let attempt = partita::engine::AttemptId { task, number: left.attempt };
                    view.under_way.push((attempt, left.server));
                }
            }),
        ),
        // A driver that loses a call.
        (
            Rule::OnlyTheRunningHoldSlots,
            Mutant::Sight(&|view| {
                view.under_way.pop();
            }),
        ),
        (
            Rule::ContentsKept,
            Mutant::Sight(&|view| {
                each_fact(view, |fact| {
                    if let Fact::AttemptStarted { request, .. } = fact {
                        request.clone_from(&nowhere);
                    }
                });
            }),
        ),
        (
            Rule::ServersRespected,
            Mutant::World(&|settings| {
                settings.servers.iter_mut().for_each(|server| server.slots += 2);
            }),
        ),
        (
            Rule::ServersRespected,
            Mutant::World(&|settings| {
                settings.servers.iter_mut().for_each(|server| server.max_models += 2);
            }),
        ),
        // A driver that does not hear when servers want to be asked again.
        (
            Rule::RestsRespected,
            Mutant::Sight(&|view| {
                each_fact(view, |fact| {
                    if let Fact::AttemptEnded { outcome: Outcome::Failed { failure, .. }, .. } =
                        fact
                    {
                        failure.retry_after = Some(HumanDuration(Duration::from_secs(600)));
                    }
                });
            }),
        ),
        (Rule::NothingLost, Mutant::Journal(Trouble::Forgets)),
    ];
    for (number, (rule, mutant)) in mutants.iter().enumerate() {
        let broken = broken_by(mutant);
        assert!(broken.contains(rule), "mutant {number}: not {rule:?} but {broken:?}");
    }
    let elsewhere = [
        Rule::LimitsRespected,
        Rule::BudgetsRespected,
        Rule::IterationsRespected,
        Rule::RoundsFollow,
        Rule::ComesToRest,
    ];
    let shown: BTreeSet<Rule> = mutants.iter().map(|(rule, _)| *rule).chain(elsewhere).collect();
    assert_eq!(shown, BTreeSet::from(Rule::ALL), "rules that nothing has broken");
}

const GATE: &str = "
pattern: { name: p }
team: { name: t, agents: [{ role: A }] }
tasks:
  one: { agent: a, prompt: x }
  two: { agent: a, prompt: x }
  gate: { gate: approval, ask: 'Go?', options: [go, stop] }
";

fn fixed() -> (Arc<Plan>, Story) {
    let plan = plan(&[("p.yaml", GATE)]);
    let profile = profile(&mut Dice::new(1), false);
    let settings = settings(&profile, Policy::LoadAware);
    let story = Story::new(&plan, &settings, Script { profile, ..Script::default() });
    (plan, story)
}

#[test]
fn more_calls_than_the_run_may_have_are_found() {
    let (_, mut story) = fixed();
    let told = story.settings.clone();
    story.settings.max_parallel = 1;
    let broken =
        story.play(&MemoryContents::default(), &told, None).err().map(|broken| broken.rule);
    assert_eq!(broken, Some(Rule::LimitsRespected));
}

#[test]
fn calls_beyond_a_budget_are_found() {
    let one_call = Budget { calls: Some(Amount(1)), ..Budget::default() };
    let few_tokens = Budget { tokens: Some(Amount(600)), ..Budget::default() };
    for budget in [one_call, few_tokens] {
        let (_, mut story) = fixed();
        let told = story.settings.clone();
        story.settings.budgets.insert(String::new(), budget);
        let play = |told: &Settings| {
            let played = story.play(&MemoryContents::default(), told, None);
            played.err().map(|broken| broken.rule)
        };
        assert_eq!(play(&told), Some(Rule::BudgetsRespected), "{budget}");
        assert_eq!(play(&story.settings), None, "{budget}");
    }
}

#[test]
fn a_run_that_never_ends_is_found() {
    let (_, mut story) = fixed();
    // Somebody is there, and never decides.
    story.settings.people = People::Present;
    let told = story.settings.clone();
    let broken =
        story.play(&MemoryContents::default(), &told, None).err().map(|broken| broken.rule);
    assert_eq!(broken, Some(Rule::ComesToRest));
}

/// What breaks when what one plan does is held against another that differs in one task.
fn broken_against(told: &str, done: &str) -> Option<Rule> {
    let text = |task: &str| {
        format!(
            "pattern: {{ name: p }}\nteam: {{ name: t, agents: [{{ role: A }}] }}\ntasks:\n  one: {{ {task}, \
             agent: a, prompt: x }}\n"
        )
    };
    let (told, done) = (plan(&[("p.yaml", &text(told))]), plan(&[("p.yaml", &text(done))]));
    let profile = profile(&mut Dice::new(1), false);
    let settings = settings(&profile, Policy::LoadAware);
    let contents = MemoryContents::default();
    let story = Story::new(&done, &settings, Script { profile, ..Script::default() });
    let facts = story.run(&contents).facts;
    let journal = FaultyJournal::new(&contents, &[], &[]);
    Watch::new(&told, &settings).open(&facts, &journal).err().map(|broken| broken.rule)
}

#[test]
fn more_items_at_a_time_than_there_may_be_are_found() {
    let each = |parallel: u32| format!("for_each: {{ in: [a, b, c], parallel: {parallel} }}");
    assert_eq!(broken_against(&each(1), &each(3)), Some(Rule::IterationsRespected));
    assert_eq!(broken_against(&each(3), &each(3)), None);
}

#[test]
fn more_rounds_than_there_may_be_are_found_and_rounds_side_by_side() {
    let rounds = |max: u32| format!("repeat: {{ max: {max} }}");
    assert_eq!(broken_against(&rounds(2), &rounds(3)), Some(Rule::RoundsFollow));
    assert_eq!(broken_against(&rounds(3), &rounds(3)), None);
    assert_eq!(broken_against(&rounds(3), "for_each: [a, b, c]"), Some(Rule::RoundsFollow));
}

#[test]
fn more_samples_than_there_may_be_are_found() {
    let samples = |count: u32| format!("samples: {{ count: {count}, stop: at_end }}");
    assert_eq!(broken_against(&samples(2), &samples(3)), Some(Rule::IterationsRespected));
    assert_eq!(broken_against(&samples(3), &samples(3)), None);
}
