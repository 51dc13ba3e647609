//! Priorities in virtual time: who comes first, who comes with them, and that nobody waits for all.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use partita::engine::content::MemoryContents;
use partita::engine::simulation::{Placeholders, Rehearsal, Script};
use partita::engine::{RunStatus, Settings};
use partita::insight::History;
use partita::language::document::simulation::{AnswerRule, Profile, SimulatedServer};
use partita::language::document::{ClusterSettings, HumanDuration};
use serde_json::Map;

use crate::support::plan;

const MINUTE: Duration = Duration::from_secs(60);

/// The names of tasks in the order in which they began, with when, on one slot where each takes a minute.
fn order(tasks: &str) -> Vec<(String, Duration)> {
    let text = format!(
        "pattern: {{ name: p }}\nteam: {{ name: t, agents: [{{ role: A }}] }}\ntasks:\n{tasks}"
    );
    let inner = "pattern: { name: inner }\nteam: { name: u, agents: [{ role: B }] }\ntasks:\n  one: { agent: \
                 b, prompt: x }\n";
    let plan = plan(&[("p.yaml", &text), ("inner.yaml", inner)]);
    let answer = AnswerRule {
        text: Some("done".to_owned()),
        duration: Some(HumanDuration(MINUTE)),
        ..AnswerRule::default()
    };
    let profile = Profile {
        time_scale: 1.0,
        servers: vec![SimulatedServer { slots: 1, ..SimulatedServer::named("s") }],
        answers: vec![answer],
        ..Profile::default()
    };
    let cluster = ClusterSettings::of_urls(["s".to_owned()]);
    let settings = Settings::of_cluster(&cluster, "llama3.1:8b".to_owned());
    let contents = MemoryContents::default();
    let script = Script { profile, ..Script::default() };
    let mut rehearsal =
        Rehearsal::new(Arc::clone(&plan), settings, script, &Map::new(), &contents, &Placeholders);
    assert_eq!(rehearsal.run().expect("no contradiction"), Some(RunStatus::Succeeded));
    let history = History::of_facts(Arc::clone(&plan), rehearsal.facts());
    let began = history.tasks().filter_map(|(id, task)| {
        let first = task.attempts.first()?;
        Some((plan.task(id).path.clone(), first.started))
    });
    let mut began: Vec<(String, Duration)> = began.collect();
    began.sort_by_key(|(_, at)| *at);
    began
}

fn names(tasks: &str) -> Vec<String> {
    order(tasks).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn the_most_urgent_come_before_the_longest_ways() {
    let found = names(
        "  slow: { agent: a, prompt: x, priority: low, estimate: 9m }\n  long: { agent: a, prompt: x, \
         estimate: 9m }\n  short: { agent: a, prompt: x }\n  urgent: { agent: a, prompt: x, priority: high \
         }\n",
    );
    assert_eq!(found, ["urgent", "long", "short", "slow"]);
}

#[test]
fn what_is_needed_and_what_lies_inside_is_as_urgent() {
    let found = names(
        "  plain: { agent: a, prompt: x, estimate: 9m }\n  first: { agent: a, prompt: x, priority: low }\n  \
         then: { agent: a, prompt: '{{ tasks.first.output }}', priority: high }\n  part: { uses: inner, \
         priority: high }\n",
    );
    assert_eq!(found, ["first", "part/one", "then", "plain"]);
}

#[test]
fn nobody_waits_for_all_that_is_more_urgent() {
    let mut tasks = "  low: { agent: a, prompt: x, priority: low, estimate: 5m }\n".to_owned();
    for number in 0..40 {
        let _ = writeln!(tasks, "  high{number}: {{ agent: a, prompt: x, priority: high }}");
    }
    let found = order(&tasks);
    let (_, began) = found.iter().find(|(name, _)| name == "low").expect("it began");
    assert!(*began >= 20 * MINUTE && *began < 23 * MINUTE, "{began:?}");
}
