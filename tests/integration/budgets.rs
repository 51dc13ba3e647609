//! Budgets in virtual time and on the command line: what they hold back, whom they do not, what is
//! told, and how a run goes on.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use partita::engine::content::MemoryContents;
use partita::engine::simulation::{Placeholders, Rehearsal, Script};
use partita::engine::{
    Fact, PauseReason, Quantity, Recorded, RunStatus, Settings, TaskStatus, Time,
};
use partita::insight::History;
use partita::language::document::simulation::{
    AnswerRule, Fault, FaultRule, Profile, RequestMatch, SimulatedServer,
};
use partita::language::document::{Budget, ClusterSettings, HumanDuration};
use partita::language::plan::Plan;
use serde_json::{Map, json};

use crate::binary::Place;
use crate::support::plan;

/// A pattern with a header and these tasks, each of which is answered in a second.
fn pattern(header: &str, tasks: &str) -> String {
    format!(
        "pattern: {{ name: p }}\nteam: {{ name: t, agents: [{{ role: A }}] }}\n{header}\ntasks:\n{tasks}"
    )
}

fn fan(count: usize, rest: &str) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        let _ = writeln!(text, "  t{number}: {{ agent: a, prompt: x{rest} }}");
        text
    })
}

fn profile(faults: Vec<FaultRule>) -> Profile {
    let answer = AnswerRule {
        text: Some("done".to_owned()),
        duration: Some(HumanDuration(Duration::from_secs(1))),
        ..AnswerRule::default()
    };
    Profile {
        time_scale: 1.0,
        servers: vec![SimulatedServer { slots: 2, ..SimulatedServer::named("s") }],
        answers: vec![answer],
        faults,
        ..Profile::default()
    }
}

fn settings() -> Settings {
    let mut settings =
        Settings::of_cluster(&ClusterSettings::of_urls(["s".to_owned()]), "llama3.1:8b".to_owned());
    settings.servers[0].slots = 2;
    settings
}

fn budget(written: serde_json::Value) -> Budget {
    serde_json::from_value(written).expect("a budget")
}

/// Goes on with a run behind these facts.
fn go_on(
    plan: &Arc<Plan>,
    settings: Settings,
    profile: Profile,
    facts: Vec<Recorded>,
    contents: &MemoryContents,
) -> (RunStatus, Vec<Recorded>) {
    let script = Script { profile, ..Script::default() };
    let plan = Arc::clone(plan);
    let mut rehearsal = if facts.is_empty() {
        Rehearsal::new(plan, settings, script, &Map::new(), contents, &Placeholders)
    } else {
        Rehearsal::resumed(plan, settings, script, facts, contents, &Placeholders)
            .expect("a history")
    };
    let status = rehearsal.run().expect("no contradiction").expect("it stops");
    (status, rehearsal.facts().to_vec())
}

fn run(plan: &Arc<Plan>, settings: Settings, faults: Vec<FaultRule>) -> (RunStatus, History) {
    let contents = MemoryContents::default();
    let (status, facts) = go_on(plan, settings, profile(faults), Vec::new(), &contents);
    (status, History::of_facts(Arc::clone(plan), &facts))
}

fn calls(facts: &[Recorded]) -> usize {
    facts.iter().filter(|fact| matches!(fact.fact, Fact::AttemptStarted { .. })).count()
}

fn succeeded(history: &History) -> usize {
    history.tasks().filter(|(_, task)| task.status() == TaskStatus::Succeeded).count()
}

#[test]
fn a_run_pauses_when_its_calls_are_used_up_and_goes_on_with_more() {
    let plan = plan(&[("p.yaml", &pattern("budget: { calls: 4 }", &fan(7, "")))]);
    let contents = MemoryContents::default();
    let (status, facts) = go_on(&plan, settings(), profile(Vec::new()), Vec::new(), &contents);
    assert_eq!((status, calls(&facts)), (RunStatus::Interrupted, 4));
    let paused = Fact::RunPaused { reason: PauseReason::Budget };
    assert_eq!(facts.last().expect("facts").fact, paused);
    let reached = Fact::BudgetReached { of: None, quantity: Quantity::Calls };
    assert_eq!(facts.iter().filter(|fact| fact.fact == reached).count(), 1);
    assert_eq!(succeeded(&History::of_facts(Arc::clone(&plan), &facts)), 4);

    // The same budget again: nothing is asked.
    let (status, facts) = go_on(&plan, settings(), profile(Vec::new()), facts, &contents);
    assert_eq!((status, calls(&facts)), (RunStatus::Interrupted, 4));

    let mut more = settings();
    more.budgets.insert(String::new(), budget(json!({ "calls": 7 })));
    let (status, facts) = go_on(&plan, more, profile(Vec::new()), facts, &contents);
    assert_eq!((status, calls(&facts)), (RunStatus::Succeeded, 7));
}

#[test]
fn attempts_after_failures_count_and_those_that_nobody_took_do_not() {
    let fault = |fault: Fault, times| FaultRule {
        matches: RequestMatch::default(),
        after: 0,
        times: Some(times),
        fault,
    };
    let plan = plan(&[("p.yaml", &pattern("budget: { calls: 3 }", &fan(3, "")))]);
    let empty = run(&plan, settings(), vec![fault(Fault::Empty, 1)]);
    assert_eq!((empty.0, succeeded(&empty.1)), (RunStatus::Interrupted, 2));
    let busy = run(&plan, settings(), vec![fault(Fault::Overloaded, 2)]);
    assert_eq!((busy.0, succeeded(&busy.1)), (RunStatus::Succeeded, 3));
    assert_eq!(busy.1.budgets.account(None).spent.calls, 3);
}

#[test]
fn answers_with_a_greatest_length_never_pass_a_budget_of_tokens() {
    let tasks = fan(40, ", options: { num_predict: 50 }");
    let plan = plan(&[("p.yaml", &pattern("budget: { tokens: 1k }", &tasks))]);
    let (status, history) = run(&plan, settings(), Vec::new());
    let spent = history.budgets.account(None).spent;
    assert_eq!(status, RunStatus::Interrupted);
    assert!(spent.tokens <= 1000 && spent.calls > 5, "{spent:?}");
}

#[test]
fn no_call_begins_when_the_time_is_over() {
    let plan = plan(&[("p.yaml", &pattern("budget: { time: 5s }", &fan(40, "")))]);
    let (status, history) = run(&plan, settings(), Vec::new());
    assert_eq!(status, RunStatus::Interrupted);
    let attempts = history.tasks().flat_map(|(_, task)| &task.attempts);
    let last = attempts.map(|attempt| attempt.started).max().expect("attempts");
    assert!(last < Duration::from_secs(5), "{last:?}");
}

#[test]
fn what_models_work_is_bounded_over_all_calls() {
    let tasks = fan(40, ", estimate: 1s");
    let plan = plan(&[("p.yaml", &pattern("budget: { gpu_time: 20s }", &tasks))]);
    let (status, history) = run(&plan, settings(), Vec::new());
    let spent = history.budgets.account(None).spent;
    assert_eq!(status, RunStatus::Interrupted);
    assert!(spent.calls > 5 && spent.gpu_us <= 21_000_000, "{spent:?}");
}

const PART: &str = "
pattern: { name: part }
team: { name: t, agents: [{ role: B }] }
tasks:
  one: { agent: b, prompt: x }
  two: { agent: b, prompt: x, needs: [one] }
outputs: { one: '{{ tasks.one.output }}' }
";

#[test]
fn the_budget_of_a_part_bounds_what_is_inside_and_nothing_else() {
    let tasks = fan(5, "") + "  part: { uses: part, budget: { calls: 1 } }\n";
    let outer = pattern("", &tasks);
    let plan = plan(&[("p.yaml", &outer), ("part.yaml", PART)]);
    let (status, history) = run(&plan, settings(), Vec::new());
    assert_eq!((status, succeeded(&history)), (RunStatus::Interrupted, 6));
    let inside = plan.find("part/two").expect("a task");
    assert_eq!(history.task(inside).status(), TaskStatus::Pending);
    let mut more = settings();
    more.budgets.insert("part".to_owned(), budget(json!({ "calls": 2 })));
    assert_eq!(run(&plan, more, Vec::new()).0, RunStatus::Succeeded);
}

#[test]
fn the_budget_of_items_is_for_all_of_them_together() {
    let each = "  each: { for_each: [a, b, c], uses: part, budget: { calls: 4 } }\n";
    let one_each = "  each: { for_each: [a, b, c], uses: part }\n";
    let limited = format!("budget: {{ calls: 1 }}{PART}");
    for (tasks, part, expected) in [(each, PART, 4), (one_each, limited.as_str(), 3)] {
        let plan = plan(&[("p.yaml", &pattern("", tasks)), ("part.yaml", part)]);
        let (status, history) = run(&plan, settings(), Vec::new());
        assert_eq!(status, RunStatus::Interrupted);
        assert_eq!(history.budgets.account(None).spent.calls, expected, "{tasks}");
    }
}

#[test]
fn a_budget_that_only_watches_is_told_of_once() {
    let plan = plan(&[("p.yaml", &pattern("budget: { calls: 2, mode: audit }", &fan(5, "")))]);
    let contents = MemoryContents::default();
    let (status, facts) = go_on(&plan, settings(), profile(Vec::new()), Vec::new(), &contents);
    assert_eq!((status, calls(&facts)), (RunStatus::Succeeded, 5));
    let told = |fact: &&Recorded| matches!(fact.fact, Fact::BudgetReached { .. });
    assert_eq!(facts.iter().filter(told).count(), 1);
}

#[test]
fn time_in_which_nobody_works_on_a_run_does_not_count() {
    let plan = plan(&[("p.yaml", &pattern("budget: { calls: 2, time: 1h }", &fan(3, "")))]);
    let contents = MemoryContents::default();
    let (_, mut facts) = go_on(&plan, settings(), profile(Vec::new()), Vec::new(), &contents);
    let worked = History::of_facts(Arc::clone(&plan), &facts).budgets.worked();
    let settings = settings();
    let sequence = facts.len() as u64 + 1;
    let at = facts.last().expect("facts").at + Duration::from_secs(100_000);
    facts.push(Recorded { sequence, at, fact: Fact::RunResumed { settings } });
    let later = History::of_facts(Arc::clone(&plan), &facts).budgets.worked();
    assert_eq!(later, worked);
    assert!(at > Time::default() + worked);
}

const BOUNDED: &str = "
pattern: { name: bounded, summary: Three notes within a budget. }
team: { name: t, agents: [{ role: A }] }
budget: { calls: 2, tokens: 1M }
waves:
  - name: first
    tasks: { one: { agent: a, prompt: x }, two: { agent: a, prompt: x } }
  - name: last
    tasks: { three: { agent: a, prompt: \"{{ tasks.one.output }}\" } }
outputs: { three: '{{ tasks.three.output }}' }
";

#[test]
fn the_command_line_says_what_is_used_up_and_how_to_go_on() {
    let place = Place::new();
    place.write("patterns/bounded.yaml", BOUNDED);
    place.write("quick.yaml", "simulation: { time_scale: 0, servers: [{ name: one }] }\n");
    let planned = place.run(&["plan", "bounded", "--json"]).expect(0).json();
    assert_eq!((&planned["least_calls"], &planned["budget"]["calls"]), (&json!(3), &json!(2)));
    let told = place.run(&["plan", "bounded"]).expect(0).out;
    assert!(told.contains("that is not enough: at least 3 are needed"), "{told}");

    let ran = place.run(&["run", "bounded", "--simulation", "quick.yaml", "--json"]).expect(5);
    let run = ran.json();
    assert_eq!((&run["status"], &run["pause"]), (&json!("interrupted"), &json!("budget")));
    assert_eq!(run["spent"]["calls"], 2);
    assert_eq!(run["budgets"][0]["calls"], json!({ "limit": 2, "spent": 2 }));
    assert_eq!(run["budgets"][0]["reached"], json!(["calls"]));
    assert!(ran.err.contains("the budget of the run is used up: 2 of 2 calls"), "{}", ran.err);
    let id = run["run"].as_str().expect("an id");
    let way = format!("go on with: partita resume {id} --budget calls=4");
    assert!(ran.err.contains(&way), "{}", ran.err);
    let shown = place.run(&["show", id]).expect(0).out;
    assert!(shown.contains("Budget  2 of 2 calls, "), "{shown}");

    // Without more it pauses again, and what was raised once stays so.
    place.run(&["resume", id]).expect(5);
    place.run(&["resume", id, "--budget", "tokens=none"]).expect(5);
    let ended = place.run(&["resume", id, "--budget", "calls=3", "--json"]).expect(0).json();
    assert_eq!((&ended["status"], &ended["spent"]["calls"]), (&json!("succeeded"), &json!(3)));
    assert!(ended["budgets"][0].get("tokens").is_none(), "{ended:#}");
}

#[test]
fn budgets_that_cannot_be_are_refused_before_anything_runs() {
    let place = Place::new();
    place.write("patterns/bounded.yaml", BOUNDED);
    for (given, said) in [
        ("calls", "no part of a budget"),
        ("calls=0", "is not a number from 1 on"),
        ("part:calls=2", "there is no task `part`"),
        ("one:calls=2", "`one` uses no pattern"),
    ] {
        let ran = place.run(&["run", "bounded", "--simulate", "--budget", given]).expect(2);
        assert!(ran.err.contains(said), "{given}: {}", ran.err);
    }
    assert_eq!(place.run(&["runs", "--json"]).expect(0).json()["runs"], json!([]));
}
