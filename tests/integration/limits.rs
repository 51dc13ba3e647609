//! Limits of calls in virtual time: what they hold back, whom they do not, and how that is told.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use partita::engine::content::MemoryContents;
use partita::engine::simulation::{Placeholders, Rehearsal, Script};
use partita::engine::{Recorded, RunStatus, Settings};
use partita::insight::{Activity, Cause, History, Metrics, Statistics};
use partita::language::document::simulation::{AnswerRule, Profile, SimulatedServer};
use partita::language::document::{CallLimits, ClusterSettings, HumanDuration};
use partita::language::plan::Plan;
use serde_json::Map;

use crate::support::plan;

const SECOND: Duration = Duration::from_secs(1);

/// A pattern with these agents and tasks, each of which takes a second.
fn pattern(agents: &str, tasks: &str) -> Arc<Plan> {
    let text =
        format!("pattern: {{ name: p }}\nteam: {{ name: t, agents: [{agents}] }}\ntasks:\n{tasks}");
    plan(&[("p.yaml", &text)])
}

fn counts(counts: &[(&str, u32)]) -> BTreeMap<String, NonZeroU32> {
    let count = |most: u32| NonZeroU32::new(most).expect("not 0");
    counts.iter().map(|(name, most)| ((*name).to_owned(), count(*most))).collect()
}

/// Runs a plan on a server with so many slots; its history.
fn run(plan: &Arc<Plan>, limits: CallLimits, slots: u32) -> History {
    let answer = AnswerRule {
        text: Some("done".to_owned()),
        duration: Some(HumanDuration(SECOND)),
        ..AnswerRule::default()
    };
    let profile = Profile {
        time_scale: 1.0,
        servers: vec![SimulatedServer { slots, ..SimulatedServer::named("s") }],
        answers: vec![answer],
        ..Profile::default()
    };
    let cluster = ClusterSettings { limits, ..ClusterSettings::of_urls(["s".to_owned()]) };
    let mut settings = Settings::of_cluster(&cluster, "llama3.1:8b".to_owned());
    settings.servers[0].slots = slots;
    let contents = MemoryContents::default();
    let script = Script { profile, ..Script::default() };
    let mut rehearsal =
        Rehearsal::new(Arc::clone(plan), settings, script, &Map::new(), &contents, &Placeholders);
    assert_eq!(rehearsal.run().expect("no contradiction"), Some(RunStatus::Succeeded));
    let facts: &[Recorded] = rehearsal.facts();
    History::of_facts(Arc::clone(plan), facts)
}

fn statistics(history: &History) -> Statistics {
    Statistics::of(history, &Metrics::of(history))
}

/// The most calls at a time of tasks whose names begin so.
fn most_at_a_time(history: &History, prefix: &str) -> usize {
    let calls: Vec<(Duration, Duration)> = history
        .tasks()
        .filter(|(id, _)| history.plan().task(*id).name.starts_with(prefix))
        .flat_map(|(_, task)| &task.attempts)
        .map(|attempt| (attempt.started, attempt.ended.expect("it ended")))
        .collect();
    let open = |at: &Duration| calls.iter().filter(|call| call.0 <= *at && *at < call.1).count();
    calls.iter().map(|call| open(&call.0)).max().unwrap_or(0)
}

fn fan(prefix: &str, count: usize, rest: &str) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        let _ = writeln!(text, "  {prefix}{number}: {{ prompt: x, {rest} }}");
        text
    })
}

#[test]
fn a_limited_agent_holds_back_nobody_else() {
    let tasks = fan("slow", 200, "agent: slow") + &fan("free", 200, "agent: free");
    let plan = pattern("{ role: Slow }, { role: Free }", &tasks);
    let limits = CallLimits { agents: counts(&[("slow", 1)]), ..CallLimits::default() };
    let history = run(&plan, limits, 8);
    assert_eq!(most_at_a_time(&history, "slow"), 1);
    assert_eq!(most_at_a_time(&history, "free"), 7);
    let free = history.tasks().filter(|(id, _)| plan.task(*id).name.starts_with("free"));
    let last = free.filter_map(|(_, task)| task.ended).max().expect("tasks");
    // The load of the model, then 7 at a time.
    assert!(last < SECOND * 200 / 7 + SECOND * 5, "{last:?}");
}

#[test]
fn the_limit_of_an_agent_can_stand_in_its_team() {
    let agents = "{ role: Slow, max_parallel: 2 }";
    let plan = pattern(agents, &fan("slow", 6, "agent: slow"));
    assert_eq!(most_at_a_time(&run(&plan, CallLimits::default(), 8), "slow"), 2);
}

#[test]
fn models_are_limited_over_all_tasks() {
    let plan =
        pattern("{ role: A }, { role: B }", &(fan("a", 5, "agent: a") + &fan("b", 5, "agent: b")));
    let limits = CallLimits { models: counts(&[("LLAMA3.1:8b", 3)]), ..CallLimits::default() };
    let history = run(&plan, limits, 8);
    assert_eq!(most_at_a_time(&history, ""), 3);
}

#[test]
fn a_task_takes_all_that_it_takes_at_once() {
    let tasks = fan("both", 3, "agent: a, takes: [search, disk]")
        + &fan("search", 3, "agent: a, takes: [search]")
        + &fan("much", 2, "agent: b");
    let plan = pattern("{ role: A }, { role: B, takes: { disk: 2 } }", &tasks);
    let resources = counts(&[("search", 1), ("disk", 2)]);
    let history = run(&plan, CallLimits { resources, ..CallLimits::default() }, 8);
    assert_eq!(most_at_a_time(&history, "both"), 1);
    assert_eq!(most_at_a_time(&history, "search"), 1);
    assert_eq!(most_at_a_time(&history, "much"), 1);
}

/// Tasks that take one of two come again and again; the one that takes both has the longer way.
#[test]
fn who_comes_later_does_not_take_what_an_earlier_one_waits_for() {
    let tasks = fan("one", 20, "agent: a, takes: [disk]")
        + "  long: { agent: a, prompt: x, takes: [disk], estimate: 60s }\n  both: { agent: a, \
           prompt: x, takes: { disk: 2 }, estimate: 50s }\n  after: { agent: a, prompt: \
           '{{ tasks.both.output }}' }\n";
    let plan = pattern("{ role: A }", &tasks);
    let resources = counts(&[("disk", 2)]);
    let history = run(&plan, CallLimits { resources, ..CallLimits::default() }, 8);
    let started = |name: &str| history.task(plan.find(name).expect("a task")).started;
    let earlier = (0..20).filter(|n| started(&format!("one{n}")) < started("both")).count();
    assert!(earlier <= 1, "{earlier} came first");
}

#[test]
fn waiting_for_a_limit_is_told_from_waiting_for_a_server() {
    let plan = pattern("{ role: A }", &fan("t", 4, "agent: a, takes: [search]"));
    let limits = CallLimits { resources: counts(&[("search", 1)]), ..CallLimits::default() };
    let limited = statistics(&run(&plan, limits, 8));
    let waited: Duration = limited
        .courses
        .iter()
        .map(|(_, course)| {
            assert_eq!(course.spent_on(Activity::Queue), Duration::ZERO);
            course.spent_on(Activity::Limit)
        })
        .sum();
    assert!(waited >= SECOND * 6, "{waited:?}");
    assert!(limited.losses.iter().any(|loss| loss.cause == Cause::Limit));
    assert_eq!(limited.conflicts.calls, 3);
    assert_eq!(limited.conflicts.per_thousand, Some(750.0));
    let told: Vec<String> = limited.conflicts.by_limit.keys().map(ToString::to_string).collect();
    assert_eq!(told, ["the resource `search`"]);
    // With one slot it is the server that they wait for.
    let limits = CallLimits { resources: counts(&[("search", 4)]), ..CallLimits::default() };
    let queued = statistics(&run(&plan, limits, 1));
    assert_eq!(queued.conflicts.calls, 0);
    assert!(queued.losses.iter().any(|loss| loss.cause == Cause::Queue));
}
