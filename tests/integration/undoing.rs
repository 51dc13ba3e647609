//! What is undone when a run fails or is broken off: what, in which order, once, whatever is killed when.
//! And what is done once.

use std::sync::Arc;

use partita::engine::content::MemoryContents;
use partita::engine::simulation::{Placeholders, Rehearsal, Script};
use partita::engine::{
    Engine, Fact, FailureClass, FoldError, Fork, Input, Recorded, RunStatus, Settings, State,
};
use partita::insight::History;
use partita::language::diagnostic::Severity;
use partita::language::document::simulation::{
    Fault, FaultRule, Profile, RequestMatch, SimulatedModel,
};
use partita::language::plan::{Plan, TaskId};
use serde_json::Map;

use crate::binary::Place;
use crate::support::{findings, library, plan, settings_of};

const HEAD: &str = "pattern: { name: p, summary: s }\nteam: { name: t, agents: [{ role: A }] }\n";

/// Two bookings one behind the other, and a payment.
const TRIP: &str = "tasks:
  flight: { agent: a, prompt: Fly, compensate: { agent: a, prompt: 'Cancel {{ output }}' } }
  hotel: { agent: a, needs: [flight], prompt: Sleep, compensate: { agent: a, prompt: 'Cancel {{ output }}' } }
  pay: { agent: a, needs: [hotel], prompt: Pay }
";

struct World {
    plan: Arc<Plan>,
    profile: Profile,
    settings: Settings,
}

struct Ran {
    status: RunStatus,
    asked: Vec<String>,
    facts: Vec<Recorded>,
}

impl World {
    fn of(texts: &[(&str, &str)], refused: &[&str]) -> World {
        let model = SimulatedModel { name: "llama3.1:8b".to_owned(), ..SimulatedModel::default() };
        let faults = refused.iter().map(|task| FaultRule {
            matches: RequestMatch { task: Some((*task).to_owned()), ..RequestMatch::default() },
            after: 0,
            times: None,
            fault: Fault::Refused,
        });
        let profile =
            Profile { faults: faults.collect(), models: vec![model], ..Profile::default() };
        let settings = settings_of(&profile, "llama3.1:8b");
        World { plan: plan(texts), profile, settings }
    }

    fn rehearsal<'r>(
        &self,
        earlier: Option<Vec<Recorded>>,
        fork: Option<Fork>,
        contents: &'r MemoryContents,
    ) -> Rehearsal<'r> {
        let (plan, settings) = (Arc::clone(&self.plan), self.settings.clone());
        let script = Script { profile: self.profile.clone(), fork, ..Script::default() };
        let inputs = self.plan.root().bind_inputs(&Map::new()).expect("inputs");
        match earlier {
            Some(facts) => {
                Rehearsal::resumed(plan, settings, script, facts, contents, &Placeholders)
                    .expect("facts that follow from each other")
            }
            None => Rehearsal::new(plan, settings, script, &inputs, contents, &Placeholders),
        }
    }

    fn run(&self, contents: &MemoryContents) -> Ran {
        let mut rehearsal = self.rehearsal(None, None, contents);
        let status = rehearsal.run().expect("no contradiction").expect("an end");
        ran(&rehearsal, status)
    }
}

fn ran(rehearsal: &Rehearsal<'_>, status: RunStatus) -> Ran {
    Ran {
        status,
        asked: rehearsal.asked().iter().map(|asked| asked.task.clone()).collect(),
        facts: rehearsal.facts().to_vec(),
    }
}

/// Who was asked, in order, by a pattern whose tasks are these.
fn asked(tasks: &str, refused: &[&str]) -> (RunStatus, Vec<String>) {
    let world = World::of(&[("p.yaml", &format!("{HEAD}{tasks}"))], refused);
    let ran = world.run(&MemoryContents::default());
    (ran.status, ran.asked)
}

#[test]
fn what_has_ended_is_undone_in_reverse() {
    let (status, all) = asked(TRIP, &[]);
    assert_eq!((status, all.len()), (RunStatus::Succeeded, 3));
    let (status, failed) = asked(TRIP, &["pay"]);
    assert_eq!(status, RunStatus::Failed);
    assert_eq!(failed, ["flight", "hotel", "pay", "hotel.undo", "flight.undo"]);
    let (_, early) = asked(TRIP, &["hotel"]);
    assert_eq!(early, ["flight", "hotel", "flight.undo"], "what has not ended well is not undone");
    let (status, one_fails) = asked(TRIP, &["pay", "hotel.undo"]);
    assert_eq!(status, RunStatus::Failed);
    assert_eq!(one_fails.last().map(String::as_str), Some("flight.undo"));
}

#[test]
fn items_are_undone_one_by_one_with_what_they_read() {
    let tasks = "tasks:
  nights:
    for_each: { in: [mon, tue], as: night, parallel: 1 }
    agent: a
    prompt: Book
    compensate: { agent: a, prompt: 'Cancel {{ night }}, number {{ index }}: {{ output }}' }
  pay: { agent: a, needs: [nights], prompt: Pay }
";
    let world = World::of(&[("p.yaml", &format!("{HEAD}{tasks}"))], &["pay"]);
    let contents = MemoryContents::default();
    let mut rehearsal = world.rehearsal(None, None, &contents);
    rehearsal.run().expect("no contradiction").expect("an end");
    let undone = rehearsal.asked().iter().filter(|asked| asked.task.ends_with(".undo"));
    let undone: Vec<_> = undone
        .map(|asked| {
            let prompt = asked.request.messages.last().map(|message| message.content.clone());
            (asked.task.clone(), prompt.unwrap_or_default())
        })
        .collect();
    assert_eq!(undone.len(), 2, "{undone:?}");
    assert_eq!(undone[0].0, "nights[2].undo");
    assert!(undone[0].1.starts_with("Cancel tue, number 2: "), "{undone:?}");
    assert!(undone[1].1.starts_with("Cancel mon, number 1: "), "{undone:?}");
}

const INNER: &str = "pattern: { name: inner, summary: s }
team: { name: t, agents: [{ role: B }] }
tasks:
  one: { agent: b, prompt: x, compensate: { agent: b, prompt: 'Undo {{ output }}' } }
  two: { agent: b, needs: [one], prompt: y }
outputs: { out: '{{ tasks.two.output }}' }
";

/// Who was asked, where the pattern `inner` is used.
fn with_inner(tasks: &str, refused: &[&str]) -> (RunStatus, Vec<String>) {
    let outer = format!("{HEAD}{tasks}");
    let world = World::of(&[("p.yaml", &outer), ("inner.yaml", INNER)], refused);
    let ran = world.run(&MemoryContents::default());
    (ran.status, ran.asked)
}

#[test]
fn a_used_pattern_that_fails_undoes_its_own() {
    let tasks = "tasks:
  part: { uses: inner, on_failure: continue }
  more: { agent: a, needs: [part], prompt: More }
";
    let (status, asked) = with_inner(tasks, &["part/two"]);
    assert_eq!(status, RunStatus::Succeeded);
    assert_eq!(asked, ["part/one", "part/two", "part/one.undo", "more"]);
}

#[test]
fn what_a_used_pattern_has_done_is_undone_with_the_run() {
    let tasks = "tasks:
  part: { uses: inner }
  pay: { agent: a, needs: [part], prompt: Pay }
";
    let (_, asked) = with_inner(tasks, &["pay"]);
    assert_eq!(asked, ["part/one", "part/two", "pay", "part/one.undo"]);
    let whole = tasks.replace(
        "uses: inner",
        "uses: inner, compensate: { agent: a, prompt: 'Undo {{ output.out }}' }",
    );
    let (_, asked) = with_inner(&whole, &["pay"]);
    assert_eq!(asked, ["part/one", "part/two", "pay", "part.undo"], "what uses it speaks for it");
    let (_, asked) = with_inner(&whole, &["part/two"]);
    assert_eq!(asked, ["part/one", "part/two", "part/one.undo"], "it has not been done");
}

/// Whoever loses a race is undone before the run ends well.
#[test]
fn what_was_broken_off_is_undone() {
    let tasks = "tasks:
  race:
    for_each: { in: [a, b], require: any, stop: when_decided }
    uses: inner
";
    let slow = FaultRule {
        matches: RequestMatch { task: Some("race[2]/two".to_owned()), ..RequestMatch::default() },
        after: 0,
        times: None,
        fault: Fault::Slow { factor: 30.0 },
    };
    let outer = format!("{HEAD}{tasks}");
    let mut world = World::of(&[("p.yaml", &outer), ("inner.yaml", INNER)], &[]);
    world.profile.faults.push(slow);
    let ran = world.run(&MemoryContents::default());
    assert_eq!(ran.status, RunStatus::Succeeded);
    let undone = ran.asked.iter().filter(|task| task.ends_with(".undo"));
    assert_eq!(undone.collect::<Vec<_>>(), ["race[2]/one.undo"]);
}

/// The facts of a run up to where it is cut off lead to the same, and nothing is undone twice.
#[test]
fn a_run_that_is_cut_off_anywhere_undoes_everything_once() {
    let world = World::of(&[("p.yaml", &format!("{HEAD}{TRIP}"))], &["pay"]);
    let contents = MemoryContents::default();
    let whole = world.run(&contents);
    for cut in 1..whole.facts.len() {
        let facts = whole.facts[..cut].to_vec();
        if matches!(facts.last().map(|last| &last.fact), Some(Fact::RunEnded { .. })) {
            continue;
        }
        let mut rehearsal = world.rehearsal(Some(facts), None, &contents);
        let status = rehearsal.run().expect("no contradiction").expect("an end");
        let ran = ran(&rehearsal, status);
        assert_eq!(ran.status, RunStatus::Failed, "cut at {cut}");
        assert_eq!(undone(&world.plan, &ran.facts), ["hotel", "flight"], "cut at {cut}");
    }
}

/// The tasks that were undone, in order.
fn undone(plan: &Arc<Plan>, facts: &[Recorded]) -> Vec<String> {
    let state = State::of_facts(Arc::clone(plan), facts).expect("facts that follow");
    assert!(facts.iter().filter(|r| is_undo(r)).count() == state.compensations().len());
    let name = |task: TaskId| state.plan().task(task).path.clone();
    state.compensations().into_iter().map(|(task, _)| name(task)).collect()
}

fn is_undo(recorded: &Recorded) -> bool {
    matches!(recorded.fact, Fact::CompensationStarted { .. })
}

#[test]
fn a_task_is_not_undone_twice_nor_before_it_ended() {
    let world = World::of(&[("p.yaml", &format!("{HEAD}{TRIP}"))], &["pay"]);
    let facts = world.run(&MemoryContents::default()).facts;
    let place = facts.iter().position(is_undo).expect("something is undone");
    let wrong = |facts: Vec<Recorded>| {
        let numbered =
            (1..).zip(facts).map(|(sequence, recorded)| Recorded { sequence, ..recorded });
        let numbered: Vec<Recorded> = numbered.collect();
        State::of_facts(Arc::clone(&world.plan), &numbered).expect_err("a contradiction")
    };
    let mut twice = facts[..=place].to_vec();
    twice.push(facts[place].clone());
    assert!(matches!(wrong(twice), FoldError::NothingToUndo { .. }));
    let early = vec![facts[0].clone(), facts[place].clone()];
    assert!(matches!(wrong(early), FoldError::NothingToUndo { .. }));
}

/// A run that is cancelled when its bookings are made undoes them; cancelled again it ends.
#[test]
fn a_cancelled_run_undoes_what_it_has_done_unless_it_is_cancelled_again() {
    let world = World::of(&[("p.yaml", &format!("{HEAD}{TRIP}"))], &[]);
    let contents = MemoryContents::default();
    let whole = world.run(&contents);
    let last = whole.facts.iter().rposition(|recorded| {
        matches!(&recorded.fact, Fact::AttemptStarted { attempt, .. }
            if world.plan.task(attempt.task).path == "pay")
    });
    let mut facts = whole.facts[..=last.expect("the payment begins")].to_vec();
    let now = facts.last().expect("facts").at;
    let cancel = |facts: &[Recorded]| {
        let (plan, settings) = (Arc::clone(&world.plan), world.settings.clone());
        let mut engine = Engine::of_history(plan, settings, facts).expect("facts that follow");
        let step = engine.handle(now, Input::Cancel { by: "somebody".to_owned() }).expect("a step");
        let mut all = facts.to_vec();
        let _ = step.store(|new| -> Result<(), ()> {
            all.extend_from_slice(new);
            Ok(())
        });
        (engine.state().status, all)
    };
    let (status, cancelled) = cancel(&facts);
    assert_eq!(status, RunStatus::Running, "it has something to undo");
    facts = cancelled;
    let (again, over) = cancel(&facts);
    assert_eq!(again, RunStatus::Cancelled);
    let history = History::of_facts(Arc::clone(&world.plan), &over);
    assert_eq!(history.is_undone(), Some(false));
    let mut rehearsal = world.rehearsal(Some(facts), None, &contents);
    let status = rehearsal.run().expect("no contradiction").expect("an end");
    let ran = ran(&rehearsal, status);
    assert_eq!(ran.status, RunStatus::Cancelled);
    assert_eq!(ran.asked, ["hotel.undo", "flight.undo"]);
    let history = History::of_facts(Arc::clone(&world.plan), &ran.facts);
    assert_eq!(history.is_undone(), Some(true));
}

/// What was undone is done again in a fork, and what an earlier run has done is not undone by a later one.
#[test]
fn a_fork_does_again_what_was_undone_and_undoes_only_its_own() {
    let world = World::of(&[("p.yaml", &format!("{HEAD}{TRIP}"))], &["pay"]);
    let contents = MemoryContents::default();
    let failed = world.run(&contents);
    let pay = world.plan.find("pay").expect("a task");
    let fork = |facts: &[Recorded], from: TaskId| {
        Fork::of_run("earlier", &world.plan, facts, &[from], std::iter::empty().collect())
            .expect("a fork")
    };
    assert!(fork(&failed.facts, pay).kept.is_empty(), "nothing of it is there any more");

    let well = World::of(&[("p.yaml", &format!("{HEAD}{TRIP}"))], &[]);
    let done = well.run(&contents);
    let kept = fork(&done.facts, pay);
    assert_eq!(kept.kept.len(), 2);
    let mut rehearsal = world.rehearsal(None, Some(kept), &contents);
    let status = rehearsal.run().expect("no contradiction").expect("an end");
    assert_eq!(status, RunStatus::Failed);
    let ran = ran(&rehearsal, status);
    assert_eq!(ran.asked, ["pay"], "the bookings are those of a run that stands");
}

#[test]
fn what_cannot_be_undone_is_refused_with_its_place() {
    let check = |task: &str, expected: &[(&str, &str)]| {
        let text = format!("{HEAD}tasks:\n  one: {{ {task} }}\n");
        let library = library(&[("p.yaml", &text)]);
        let found = findings(&library);
        let found: Vec<(&str, &str)> = found
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| (finding.code.as_str(), finding.message.as_str()))
            .collect();
        assert_eq!(found, expected, "{task}");
    };
    let undo = "compensate: { agent: a, prompt: 'Undo {{ output }}' }";
    check(&format!("agent: a, prompt: x, {undo}"), &[]);
    check(
        &format!("agent: a, prompt: x, samples: 3, {undo}"),
        &[("invalid-value", "samples of one answer have no effect to undo")],
    );
    check(
        "agent: a, prompt: x, output: { id: string }, compensate: { agent: a, prompt: 'Undo {{ output.idd }}' }",
        &[("unknown-field", "`output` has no field `idd`")],
    );
    check(
        "agent: a, prompt: x, compensate: { agent: nobody, prompt: Undo }",
        &[("unknown-agent", "unknown agent `nobody`")],
    );
}

#[test]
fn a_report_tells_what_was_undone() {
    let place = Place::new();
    let text = format!("{HEAD}{TRIP}").replace("prompt: Pay", "prompt: '{{ 1 / 0 }}'");
    place.write("patterns/p.yaml", &text);
    let report = place.run(&["run", "p", "--simulate", "--json"]).expect(1).json();
    assert_eq!((&report["status"], &report["undone"]), (&"failed".into(), &true.into()));
    let undone = report["compensations"].as_array().expect("a list");
    let tasks: Vec<&str> = undone.iter().filter_map(|undo| undo["task"].as_str()).collect();
    assert_eq!(tasks, ["hotel", "flight"]);
    assert_eq!(report["statistics"]["tasks"], 3, "what undoes them is no part of the work");
    let id = report["run"].as_str().expect("an id");
    let shown = place.run(&["show", id]).out;
    assert!(shown.contains("Undone\n  hotel  undone\n  flight  undone"), "{shown}");
    assert!(shown.contains("failed; what it had done is undone"), "{shown}");
}

const ONCE: &str = "tasks:
  send: { agent: a, prompt: Send it, effect: once }
  tell: { agent: a, needs: [send], prompt: Tell }
";

fn once(fault: Option<Fault>) -> World {
    let mut world = World::of(&[("p.yaml", &format!("{HEAD}{ONCE}"))], &[]);
    world.profile.faults.extend(fault.map(|fault| FaultRule {
        matches: RequestMatch { task: Some("send".to_owned()), ..RequestMatch::default() },
        after: 0,
        times: Some(1),
        fault,
    }));
    world
}

/// Whoever takes a run up asks nothing again of which nobody knows whether it was done.
#[test]
fn what_is_done_once_is_not_asked_again_by_a_run_that_is_taken_up() {
    let world = once(None);
    let contents = MemoryContents::default();
    let whole = world.run(&contents);
    let send = world.plan.find("send").expect("a task");
    let mut failed = None;
    for cut in 1..whole.facts.len() {
        let facts = whole.facts[..cut].to_vec();
        let before = State::of_facts(Arc::clone(&world.plan), &facts).expect("facts that follow");
        if before.status.is_final() {
            continue;
        }
        let was_cut = before.task(send).running.is_some();
        let mut rehearsal = world.rehearsal(Some(facts), None, &contents);
        let status = rehearsal.run().expect("no contradiction").expect("an end");
        let ran = ran(&rehearsal, status);
        let state =
            State::of_facts(Arc::clone(&world.plan), &ran.facts).expect("facts that follow");
        let class = state.task(send).failure.as_ref().map(|failure| failure.class);
        assert_eq!(class, was_cut.then_some(FailureClass::OutcomeUnknown), "cut at {cut}");
        assert_eq!(state.task(send).attempts, 1, "cut at {cut}");
        assert_eq!(status == RunStatus::Failed, was_cut, "cut at {cut}");
        if was_cut {
            failed = Some((state.to_be_retried(), ran.facts));
        }
    }
    // On explicit wish it is done again.
    let (again, facts) = failed.expect("a run that was cut while it was asked");
    assert_eq!(again, [send]);
    let fork = Fork::of_run("earlier", &world.plan, &facts, &again, std::iter::empty().collect());
    let mut rehearsal = world.rehearsal(None, Some(fork.expect("a fork")), &contents);
    let status = rehearsal.run().expect("no contradiction").expect("an end");
    assert_eq!(ran(&rehearsal, status).asked, ["send", "tell"]);
}

#[test]
fn what_is_done_once_is_tried_again_only_where_no_server_has_taken_it() {
    let check = |fault: Fault, status: RunStatus, asked: &[&str]| {
        let ran = once(Some(fault.clone())).run(&MemoryContents::default());
        assert_eq!(
            (ran.status, ran.asked),
            (status, asked.iter().map(|s| (*s).to_owned()).collect()),
            "{fault:?}"
        );
    };
    check(Fault::Empty, RunStatus::Failed, &["send"]);
    check(Fault::Crash { after_tokens: 1 }, RunStatus::Failed, &["send"]);
    check(Fault::Disconnect { after_tokens: 1 }, RunStatus::Failed, &["send"]);
    check(Fault::Overloaded, RunStatus::Succeeded, &["send", "send", "tell"]);
}

#[test]
fn what_has_an_effect_is_neither_reused_nor_asked_of_two_servers() {
    let check = |effect: &str, expected: (bool, bool)| {
        let text = format!("{HEAD}tasks:\n  one: {{ {effect}agent: a, prompt: x }}\n");
        let plan = plan(&[("p.yaml", &text)]);
        let found = plan.asks().map(|(_, ask)| (ask.cache, ask.hedge)).next();
        assert_eq!(found, Some(expected), "{effect}");
    };
    check("", (true, true));
    check("effect: pure, ", (true, true));
    check("effect: idempotent, ", (false, true));
    check("effect: once, ", (false, false));
    check("compensate: { agent: a, prompt: y }, ", (false, false));
}
