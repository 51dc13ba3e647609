//! That each rule can be broken: faults made on purpose in what is kept, asked and done, each of
//! which must be found under the name of its rule.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use partita::engine::content::MemoryContents;
use partita::engine::simulation::{Placeholders, Rehearsal, Script};
use partita::engine::{
    Fact, Iteration, Next, Outcome, People, Recorded, RunStatus, Settings, SkipReason, TaskStatus,
    Time,
};
use partita::insight::History;
use partita::language::digest::Digest;
use partita::language::document::simulation::{Fault, FaultRule, RequestMatch};
use partita::language::document::{Amount, Budget, Hedge, HumanDuration, Policy};
use partita::language::plan::{Part, Plan, Task};

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
            !task.path.contains(['[', '.']) && kind(task)
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

fn is_undo(fact: &Fact) -> bool {
    matches!(fact, Fact::CompensationStarted { .. })
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
    let mutants: [(Rule, Mutant<'_>); 22] = [
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
        // Messages that were never sent, and are read and acted on all the same.
        (
            Rule::MessagesFirst,
            Mutant::History(&|facts, _| {
                let mut is_there = false;
                for recorded in facts.iter_mut() {
                    if let Fact::MessageSent { task, .. } = recorded.fact {
                        let reason = SkipReason::Condition;
                        recorded.fact = Fact::TaskSkipped { task, reason };
                        is_there = true;
                    }
                }
                is_there
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
        // An engine that asks another model, of its own accord.
        (
            Rule::ModelAsPlanned,
            Mutant::Sight(&|view| {
                each_fact(view, |fact| {
                    if let Fact::AttemptStarted { model, .. } = fact {
                        "other:1b".clone_into(model);
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
        Rule::PromisesTold,
        Rule::ComplaintsShown,
        Rule::IterationsRespected,
        Rule::RoundsFollow,
        Rule::RungsFollow,
        Rule::PlansHold,
        Rule::PostsFilledFirst,
        Rule::PostsFit,
        Rule::HoursFit,
        Rule::HoldersAsked,
        Rule::ComesToRest,
        Rule::UndoneInReverse,
        Rule::OnceIsOnce,
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

const BOOKINGS: &str = "
pattern: { name: p }
team: { name: t, agents: [{ role: A }] }
tasks:
  one: { agent: a, prompt: x, compensate: { agent: a, prompt: 'Undo {{ output }}' } }
  two: { agent: a, needs: [one], prompt: x, compensate: { agent: a, prompt: 'Undo {{ output }}' } }
  three: { needs: [two], gate: check, condition: false }
";

/// What breaks when the facts of a run in which two tasks are undone are tampered with.
fn broken_undoing(change: impl Fn(&mut Vec<Recorded>, Vec<usize>)) -> Option<Rule> {
    let plan = plan(&[("p.yaml", BOOKINGS)]);
    let profile = profile(&mut Dice::new(1), false);
    let settings = settings(&profile, Policy::LoadAware);
    let contents = MemoryContents::default();
    let story = Story::new(&plan, &settings, Script { profile, ..Script::default() });
    let mut facts = story.run(&contents).facts;
    let undos: Vec<usize> = (0..facts.len()).filter(|place| is_undo(&facts[*place].fact)).collect();
    assert_eq!(undos.len(), 2);
    change(&mut facts, undos);
    number_anew(&mut facts);
    let journal = FaultyJournal::new(&contents, &[], &[]);
    Watch::new(&plan, &settings).open(&facts, &journal).err().map(|broken| broken.rule)
}

#[test]
fn what_is_undone_otherwise_than_in_reverse_is_found() {
    let wrong = Some(Rule::UndoneInReverse);
    assert_eq!(broken_undoing(|_, _| ()), None);
    let twice = |facts: &mut Vec<Recorded>, undos: Vec<usize>| facts.push(facts[undos[0]].clone());
    assert_eq!(broken_undoing(twice), wrong);
    let before_it_is_done = |facts: &mut Vec<Recorded>, undos: Vec<usize>| {
        let undo = facts.remove(undos[0]);
        facts.insert(1, undo);
    };
    assert_eq!(broken_undoing(before_it_is_done), wrong);
    let in_the_order_of_doing = |facts: &mut Vec<Recorded>, undos: Vec<usize>| {
        let (last, first) = (facts[undos[0]].fact.clone(), facts[undos[1]].fact.clone());
        (facts[undos[0]].fact, facts[undos[1]].fact) = (first, last);
    };
    assert_eq!(broken_undoing(in_the_order_of_doing), wrong);
    let side_by_side = |facts: &mut Vec<Recorded>, undos: Vec<usize>| {
        let second = facts.remove(undos[1]);
        facts.insert(undos[0] + 1, second);
    };
    assert_eq!(broken_undoing(side_by_side), wrong);
    let not_at_all = |facts: &mut Vec<Recorded>, undos: Vec<usize>| {
        drop(facts.drain(undos[0]..facts.len() - 1));
    };
    assert_eq!(broken_undoing(not_at_all), wrong);
}

#[test]
fn what_is_done_twice_although_it_must_not_is_found() {
    let story = |task: &str| {
        let text = format!(
            "pattern: {{ name: p }}\nteam: {{ name: t, agents: [{{ role: A }}] }}\ntasks:\n  one: {{ {task}agent: \
             a, prompt: x }}\n"
        );
        let plan = plan(&[("p.yaml", &text)]);
        let mut profile = profile(&mut Dice::new(1), false);
        profile.faults = vec![FaultRule {
            matches: RequestMatch::default(),
            after: 0,
            times: Some(1),
            fault: Fault::Empty,
        }];
        let settings = settings(&profile, Policy::LoadAware);
        Story::new(&plan, &settings, Script { profile, ..Script::default() })
    };
    let contents = MemoryContents::default();
    let facts = story("").run(&contents).facts;
    let journal = FaultyJournal::new(&contents, &[], &[]);
    let broken = |task: &str| {
        let told = story(task);
        Watch::new(&told.plan, &told.settings)
            .open(&facts, &journal)
            .err()
            .map(|broken| broken.rule)
    };
    assert_eq!(broken("effect: once, "), Some(Rule::OnceIsOnce));
    assert_eq!(broken(""), None);
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
fn rungs_that_are_left_out_repeated_or_not_needed_are_found() {
    let failing = "on_failure: { escalate: [{ agent: a }, { agent: b }] }";
    let listed = |facts: &mut Vec<Recorded>, number: usize, part: Part| {
        let lists = facts.iter_mut().filter_map(|recorded| match &mut recorded.fact {
            Fact::IterationsListed { iterations, .. } => iterations.first_mut(),
            _ => None,
        });
        let list = lists.into_iter().nth(number).expect("so many rungs");
        list.part = part;
    };
    let broken = |number, part| broken_on_a_ladder(failing, |facts| listed(facts, number, part));
    assert_eq!(broken(2, Part::Rung(1)), None);
    assert_eq!(broken(2, Part::Rung(0)), Some(Rule::RungsFollow));
    assert_eq!(broken(1, Part::Main), Some(Rule::RungsFollow));
    assert_eq!(broken(0, Part::Rung(0)), Some(Rule::RungsFollow));
    let early = |facts: &mut Vec<Recorded>| {
        let ends = |recorded: &Recorded| matches!(recorded.fact, Fact::AttemptEnded { .. });
        let end = facts.iter().position(ends).expect("an end");
        let lists = |recorded: &Recorded| matches!(recorded.fact, Fact::IterationsListed { .. });
        let list = end + facts[end..].iter().position(lists).expect("a rung");
        let list = facts.remove(list);
        facts.insert(end, list);
    };
    assert_eq!(broken_on_a_ladder(failing, early), Some(Rule::RungsFollow));
}

/// What breaks when something is changed in what is kept of a task that fails but for its last rung.
fn broken_on_a_ladder(ladder: &str, change: impl Fn(&mut Vec<Recorded>)) -> Option<Rule> {
    let text = format!(
        "pattern: {{ name: p }}\nteam: {{ name: t, agents: [{{ role: A }}, {{ role: B }}] }}\ntasks:\n  one: \
         {{ agent: a, prompt: x, {ladder} }}\n"
    );
    let fault = |task: &str| FaultRule {
        matches: RequestMatch { task: Some(task.to_owned()), ..RequestMatch::default() },
        after: 0,
        times: None,
        fault: Fault::Refused,
    };
    broken_when(&text, vec![fault("one[1]"), fault("one[2]")], change)
}

/// What breaks when something is changed in what is listed of work that an agent plans.
fn broken_in_a_plan(change: impl Fn(&mut Vec<Recorded>)) -> Option<Rule> {
    let text = "pattern: { name: p }\nteam: { name: t, agents: [{ role: A }, { role: B }] }\ntasks:\n  one: { expand: { \
                agent: a, prompt: x, catalogue: { agents: [a, b] }, max_tasks: 2, synthesize: { prompt: x } } }\n";
    // One task, and another one that needs it.
    broken_when(text, Vec::new(), change)
}

/// What breaks when something is changed in what is kept of a run that succeeds.
fn broken_when(
    text: &str,
    faults: Vec<FaultRule>,
    change: impl Fn(&mut Vec<Recorded>),
) -> Option<Rule> {
    let plan = plan(&[("p.yaml", text)]);
    let mut profile = profile(&mut Dice::new(1), false);
    profile.faults = faults;
    let settings = settings(&profile, Policy::LoadAware);
    let contents = MemoryContents::default();
    let script = Script { profile, ..Script::default() };
    let inputs = serde_json::Map::new();
    let (done, told) = (Arc::clone(&plan), settings.clone());
    let mut rehearsal = Rehearsal::new(done, told, script, &inputs, &contents, &Placeholders);
    assert_eq!(rehearsal.run().expect("sound"), Some(RunStatus::Succeeded));
    let mut facts = rehearsal.facts().to_vec();
    change(&mut facts);
    number_anew(&mut facts);
    let journal = FaultyJournal::new(&contents, &[], &[]);
    Watch::new(&plan, &settings).open(&facts, &journal).err().map(|broken| broken.rule)
}

/// The lists of what is done, in their order: a plan, its tasks, one result of all.
fn each_list(facts: &mut [Recorded]) -> impl Iterator<Item = &mut Vec<Iteration>> {
    facts.iter_mut().filter_map(|recorded| match &mut recorded.fact {
        Fact::IterationsListed { iterations, .. } => Some(iterations),
        _ => None,
    })
}

#[test]
fn what_no_plan_may_hold_is_found() {
    type Change = fn(&mut Vec<Recorded>);
    let changes: [Change; 6] = [
        |facts| each_list(facts).nth(1).expect("tasks")[0].part = Part::Entry(2),
        |facts| {
            let tasks = each_list(facts).nth(1).expect("tasks");
            tasks.push(tasks[0].clone());
        },
        |facts| each_list(facts).nth(1).expect("tasks")[0].needs = vec![2],
        |facts| each_list(facts).nth(2).expect("a result")[0].part = Part::Main,
        |facts| {
            let plan = each_list(facts).next().expect("a plan");
            plan.push(plan[0].clone());
        },
        // Begun together with what it needs.
        |facts| {
            let started = |recorded: &Recorded| match recorded.fact {
                Fact::AttemptStarted { attempt, .. } => Some(attempt.task),
                _ => None,
            };
            let places: Vec<usize> =
                (0..facts.len()).filter(|place| started(&facts[*place]).is_some()).collect();
            let late = facts.remove(places[2]);
            facts.insert(places[1], late);
        },
    ];
    assert_eq!(broken_in_a_plan(|_| {}), None);
    for (number, change) in changes.iter().enumerate() {
        assert_eq!(broken_in_a_plan(change), Some(Rule::PlansHold), "change {number}");
    }
}

#[test]
fn more_samples_than_there_may_be_are_found() {
    let samples = |count: u32| format!("samples: {{ count: {count}, stop: at_end }}");
    assert_eq!(broken_against(&samples(2), &samples(3)), Some(Rule::IterationsRespected));
    assert_eq!(broken_against(&samples(3), &samples(3)), None);
}
