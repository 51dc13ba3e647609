//! Every class of failure in virtual time, and what follows from it.

use std::collections::BTreeSet;
use std::sync::Arc;

use partita::engine::content::MemoryContents;
use partita::engine::simulation::{Asked, Placeholders, Rehearsal, Script, digest_of};
use partita::engine::{Fact, FailureClass, Next, Outcome, People, RunStatus, Settings};
use partita::language::document::simulation::Profile;
use partita::language::document::{ClusterSettings, Policy};
use serde_json::{Map, Value, json};

use crate::support::plan;

/// What came of a run: the classes of its failures in order, what followed each attempt, what was
/// asked, and how it ended.
struct Ran {
    classes: Vec<FailureClass>,
    next: Vec<Next>,
    asked: Vec<Asked>,
    /// The models that were left to other servers, with the number of the server.
    left: Vec<(String, u32)>,
    status: RunStatus,
}

/// Runs tasks on two virtual servers with these faults.
fn run(tasks: &str, profile: &Value) -> Ran {
    let profile: Profile = serde_json::from_value(profile.clone()).expect("a profile");
    run_with(tasks, profile, |_| ())
}

/// Runs tasks on virtual servers with other settings.
fn run_with(tasks: &str, profile: Profile, change: impl FnOnce(&mut Settings)) -> Ran {
    let text = format!(
        "pattern: {{ name: p }}\nteam: {{ name: t, agents: [{{ role: A }}] }}\ninputs: {{ zero: {{ \
         type: integer, default: 0 }} }}\ntasks:\n{tasks}"
    );
    let inner = "pattern: { name: inner }\nteam: { name: t, agents: [{ role: C }] }\ntasks:\n  \
                 deep: { gate: check, condition: 'false' }\n";
    let staffed = "pattern: { name: staffed }\nteam: { name: s, agents: [{ role: L, layer: lead, domain: d }, { \
                   role: C, layer: contributor, domain: d, reports_to: L }] }\ninputs: { domain: { type: string, \
                   default: elsewhere } }\nstaff: { author: { domain: '{{ inputs.domain }}' } }\ntasks:\n  \
                   deep: { agent: author, prompt: x }\n";
    let files = [("case.yaml", text.as_str()), ("inner.yaml", inner), ("staffed.yaml", staffed)];
    let plan = plan(&files);
    let cluster = ClusterSettings::of_urls(profile.servers.iter().map(|s| s.name.clone()));
    let mut settings = Settings::of_cluster(&cluster, "llama3.1:8b".to_owned());
    settings.people = People::Present;
    for (server, simulated) in settings.servers.iter_mut().zip(&profile.servers) {
        server.slots = simulated.slots;
    }
    change(&mut settings);
    let contents = MemoryContents::default();
    let inputs = plan.root().bind_inputs(&Map::new()).expect("defaults");
    let script = Script { profile, ..Script::default() };
    let mut rehearsal =
        Rehearsal::new(Arc::clone(&plan), settings, script, &inputs, &contents, &Placeholders);
    let status = rehearsal.run().expect("no contradiction").expect("an end");
    let mut classes = Vec::new();
    let mut follows = Vec::new();
    let mut left = Vec::new();
    for recorded in rehearsal.facts() {
        match &recorded.fact {
            Fact::AttemptEnded { outcome: Outcome::Failed { failure, .. }, next, .. } => {
                classes.push(failure.class);
                follows.push(*next);
            }
            Fact::TaskFailed { failure, .. } => classes.push(failure.class),
            Fact::ModelLeft { server, model, .. } => left.push((model.clone(), server.0)),
            _ => {}
        }
    }
    Ran { classes, next: follows, asked: rehearsal.asked().to_vec(), left, status }
}

/// Two servers on which this goes wrong so many times.
fn faulty(times: u32, fault: &Value) -> Value {
    json!({
        "time_scale": 1.0,
        "servers": [{ "name": "one" }, { "name": "two" }],
        "answers": [{ "text": "fine" }],
        "faults": [{ "times": times, "fault": fault }],
    })
}

const PLAIN: &str = "  a: { agent: a, prompt: x }\n";
const PLANNED: &str = "  a: { expand: { agent: a, prompt: x, catalogue: { agents: [a] } } }\n";
const TYPED: &str = "  a: { agent: a, prompt: x, output: { n: integer } }\n";

#[test]
fn every_class_can_be_met() {
    use FailureClass as Class;
    let long = format!("  a: {{ agent: a, prompt: '{}' }}\n", "many words ".repeat(2000));
    let asked = long.replace("prompt:", "options: { num_ctx: 512 }, prompt:");
    let limits = "timeout: { load: 20s, first_token: 10s, silence: 10s, total: 60s }";
    let slow = PLAIN.replace("x }", "x, timeout: { total: 1s, load: 500ms } }");
    let queued = "  a: { agent: a, prompt: x, estimate: 1h }\n  b: { agent: a, prompt: x, timeout: { \
                  queue: 1s } }\n";
    let one_slot = json!({ "time_scale": 1.0, "servers": [{ "name": "one", "slots": 1 }] });
    let warm = format!(
        "  a: {{ agent: a, prompt: x }}\n  b: {{ agent: a, prompt: y, needs: [a], {limits} }}\n"
    );
    let mut second = faulty(1, &json!({ "kind": "silent" }));
    second["faults"][0]["after"] = 1.into();
    second["servers"] = json!([{ "name": "one" }]);
    let fails = |kind: &str| faulty(1, &json!({ "kind": kind, "after_tokens": 1 }));
    let plain = |kind: &str| faulty(1, &json!({ "kind": kind }));
    let status = |status: u16| faulty(1, &json!({ "kind": "status", "status": status }));
    let well = faulty(0, &json!({ "kind": "empty" }));
    let mut unplanned = faulty(0, &json!({ "kind": "empty" }));
    unplanned["answers"] = json!([{ "json": { "tasks": [] } }]);
    let clocks = PLAIN.replace("x }", &format!("x, {limits} }}"));
    let cases: Vec<(Class, &str, Value)> = vec![
        (Class::Connection, PLAIN, plain("down")),
        (Class::Overloaded, PLAIN, plain("overloaded")),
        (Class::Disconnected, PLAIN, fails("disconnect")),
        (Class::Cancelled, PLAIN, status(499)),
        (Class::Crashed, PLAIN, fails("crash")),
        (Class::LoadFailed, PLAIN, plain("load_failure")),
        (Class::ServerError, PLAIN, status(500)),
        (Class::Garbage, PLAIN, plain("garbage")),
        (Class::Incomplete, PLAIN, fails("unfinished")),
        (Class::LoadTimeout, &clocks, plain("load_stall")),
        (Class::FirstTokenTimeout, &warm, second),
        (Class::Stalled, &clocks, fails("stall")),
        (Class::TotalTimeout, &slow, faulty(9, &json!({ "kind": "slow", "factor": 100 }))),
        (Class::QueueTimeout, queued, one_slot),
        (Class::Malformed, TYPED, plain("malformed")),
        (Class::InvalidPlan, PLANNED, unplanned),
        (Class::ToolCall, PLAIN, plain("tool_call")),
        (Class::Empty, PLAIN, plain("empty")),
        (Class::CutByLength, TYPED, fails("cut_by_length")),
        (Class::Refused, PLAIN, plain("refused")),
        (Class::ContextTooLong, &asked, well.clone()),
        (Class::Truncated, &long, well.clone()),
        (Class::ModelMissing, "  a: { agent: a, prompt: x, model: 'x:1b' }\n", well.clone()),
        (Class::Unsupported, PLAIN, status(501)),
        (Class::Unauthorized, PLAIN, status(401)),
        (Class::BadRequest, PLAIN, status(400)),
        (Class::Template, "  a: { agent: a, prompt: '{{ 1 // inputs.zero }}' }\n", well.clone()),
        (Class::CheckFailed, "  a: { gate: check, condition: 'false' }\n", well.clone()),
        (
            Class::GateExpired,
            "  a: { gate: approval, ask: x, options: [go, stop], deadline: 1m }\n",
            well.clone(),
        ),
        (
            Class::NoSources,
            "  a: { gate: check, condition: 'false', on_failure: continue }\n  b: { agent: a, \
             prompt: x, output: { n: integer }, retry: { max_attempts: 1 }, on_failure: continue \
             }\n  c: { synthesize: { from: [b], strategy: merge_all } }\n",
            faulty(1, &json!({ "kind": "malformed" })),
        ),
        (
            Class::Undecided,
            "  a: { gate: check, condition: 'true' }\n  b: { gate: check, condition: 'false', on_failure: \
             continue }\n  c: { synthesize: { from: [a, b], strategy: vote, on: passed, tie: fail } }\n",
            well.clone(),
        ),
        (Class::PatternFailed, "  a: { uses: inner }\n", well.clone()),
        (Class::Unstaffed, "  a: { uses: staffed }\n", well),
        (
            Class::Overdue,
            "  a: { agent: a, prompt: x, on_failure: { escalate: [{ model: 'llama3.1:8b' }], after: 5s } }\n",
            plain("silent"),
        ),
    ];
    let mut met = BTreeSet::new();
    for (class, tasks, profile) in cases {
        let ran = run(tasks, &profile);
        assert!(ran.classes.contains(&class), "{}: {:?}", class.as_str(), ran.classes);
        met.insert(class);
    }
    // Only a fault of ours would be one; nothing that can be scripted gives it.
    met.insert(Class::Internal);
    // In virtual time nobody uses tools; `tools` meets these through the real binary.
    met.extend([Class::ToolTurns, Class::ToolsUnavailable, Class::ToolFailed, Class::ToolLost]);
    // Only what is done once and was cut off meets it; `undoing` cuts it off.
    met.insert(Class::OutcomeUnknown);
    assert_eq!(met, BTreeSet::from(FailureClass::ALL));
}

#[test]
fn a_busy_cluster_is_waited_for_and_nothing_fails() {
    let ran = run(PLAIN, &faulty(40, &json!({ "kind": "overloaded" })));
    assert_eq!(ran.status, RunStatus::Succeeded);
    assert_eq!(ran.classes, [FailureClass::Overloaded; 40]);
    assert!(ran.next.iter().all(|next| matches!(next, Next::Wait { .. })), "{:?}", ran.next);
    let pauses: Vec<u64> =
        ran.asked.windows(2).map(|pair| pair[1].at.since(pair[0].at).as_secs()).collect();
    // The other server at once, then longer and longer pauses.
    assert_eq!(pauses[0], 0, "{pauses:?}");
    assert!(pauses[4] > pauses[1] && pauses[39] >= 20, "{pauses:?}");
}

#[test]
fn a_wait_for_busy_servers_is_a_wait_in_the_queue() {
    let tasks = PLAIN.replace("x }", "x, timeout: { queue: 20s } }");
    let ran = run(&tasks, &faulty(40, &json!({ "kind": "overloaded" })));
    assert_eq!(ran.status, RunStatus::Failed);
    assert_eq!(ran.classes.last(), Some(&FailureClass::QueueTimeout));
}

#[test]
fn a_malformed_answer_is_asked_for_once_more_and_told_what_was_wrong() {
    let ran = run(TYPED, &faulty(9, &json!({ "kind": "malformed" })));
    assert_eq!(ran.classes, [FailureClass::Malformed; 2]);
    let messages: Vec<usize> = ran.asked.iter().map(|asked| asked.request.messages.len()).collect();
    assert_eq!(messages, [2, 4]);
    let told = &ran.asked[1].request.messages[3].content;
    assert!(told.contains("the answer is not JSON; it begins"), "{told}");
}

#[test]
fn a_server_that_has_not_answered_does_not_use_up_the_question() {
    let mut profile = faulty(1, &json!({ "kind": "malformed" }));
    let busy = json!({ "after": 1, "times": 1, "fault": { "kind": "overloaded" } });
    profile["faults"].as_array_mut().expect("faults").push(busy);
    profile["answers"] = json!([{ "json": { "n": 1 } }]);
    let ran = run(TYPED, &profile);
    assert_eq!(ran.classes, [FailureClass::Malformed, FailureClass::Overloaded]);
    let messages: Vec<usize> = ran.asked.iter().map(|asked| asked.request.messages.len()).collect();
    assert_eq!(messages, [2, 4, 4]);
    assert_eq!(ran.status, RunStatus::Succeeded);
}

#[test]
fn a_cut_answer_may_be_longer_the_next_time() {
    let tasks = TYPED.replace("x,", "x, options: { num_predict: 100 },");
    let ran = run(&tasks, &faulty(9, &json!({ "kind": "cut_by_length", "after_tokens": 1 })));
    assert_eq!(ran.classes, [FailureClass::CutByLength; 2]);
    let lengths: Vec<_> = ran.asked.iter().map(|a| a.request.options.num_predict).collect();
    assert_eq!(lengths, [Some(100), Some(200)]);
}

#[test]
fn classes_that_are_not_chosen_are_not_tried_again() {
    let chosen = |classes: &str, kind: &str| {
        let retry = format!("x, retry: {{ classes: {classes} }} }}");
        run(&PLAIN.replace("x }", &retry), &faulty(9, &json!({ "kind": kind }))).classes
    };
    assert_eq!(chosen("[crashed]", "empty"), [FailureClass::Empty]);
    assert_eq!(chosen("[crashed, empty]", "empty"), [FailureClass::Empty; 3]);
    // A busy server is waited for, whatever is chosen.
    assert_eq!(chosen("[crashed]", "overloaded").len(), 9);
}

#[test]
fn a_server_that_names_a_time_is_not_asked_before_it() {
    let limited = json!({ "kind": "status", "status": 429, "retry_after": "90s" });
    let mut profile = faulty(1, &limited);
    profile["servers"] = json!([{ "name": "one" }]);
    let tasks = "  a: { agent: a, prompt: x, estimate: 9s }\n  b: { agent: a, prompt: y, needs: [c] }\n  \
                 c: { gate: check, condition: 'true' }\n";
    let ran = run(tasks, &profile);
    assert_eq!(
        (ran.status, ran.classes.as_slice()),
        (RunStatus::Succeeded, &[FailureClass::Overloaded][..])
    );
    // Neither for the task that it refused, nor for others; what was under way then goes on.
    let refused = ran.asked[0].at;
    let later = ran.asked.iter().filter(|asked| asked.at > refused);
    let pauses: Vec<u64> = later.map(|asked| asked.at.since(refused).as_secs()).collect();
    assert!(pauses.iter().all(|pause| *pause >= 90), "{pauses:?}");
    assert!(!pauses.is_empty());
    // Where there is another server, nobody waits.
    let ran = run(PLAIN, &faulty(1, &limited));
    assert_eq!(ran.asked[1].at, ran.asked[0].at);
    assert_ne!(ran.asked[1].server, ran.asked[0].server);
}

/// Tasks one after the other.
fn chain(count: usize) -> String {
    let task = |number: usize| match number {
        0 => "  t0: { agent: a, prompt: x }\n".to_owned(),
        _ => format!("  t{number}: {{ agent: a, prompt: x, needs: [t{}] }}\n", number - 1),
    };
    (0..count).map(task).collect()
}

#[test]
fn a_model_that_crashes_twice_on_a_server_is_left_to_others() {
    let mut profile = faulty(9, &json!({ "kind": "crash", "after_tokens": 1 }));
    profile["faults"][0]["match"] = json!({ "server": "one" });
    let profile: Profile = serde_json::from_value(profile).expect("a profile");
    // By affinity it would stay where it is loaded anyway.
    let ran = run_with(&chain(12), profile, |settings| settings.policy = Policy::RoundRobin);
    assert_eq!(ran.status, RunStatus::Succeeded, "{:?}", ran.classes);
    assert_eq!(ran.classes, [FailureClass::Crashed; 2]);
    let asked = ran.asked.iter().filter(|asked| asked.server.0 == 0).count();
    assert_eq!(asked, 2, "it is asked no more");
    assert_eq!(ran.left, [("llama3.1:8b".to_owned(), 0)]);
}

#[test]
fn a_model_that_crashes_on_the_only_server_is_tried_all_the_same() {
    let mut profile = faulty(2, &json!({ "kind": "crash", "after_tokens": 1 }));
    profile["servers"] = json!([{ "name": "one" }]);
    let ran = run(PLAIN, &profile);
    assert_eq!((ran.status, ran.left.len()), (RunStatus::Succeeded, 0), "{:?}", ran.classes);
}

#[test]
fn a_dead_runner_that_is_still_listed_is_loaded_again() {
    // The first token has less time than the load takes, and less than until the next look.
    let tasks = PLAIN.replace("x }", "x, timeout: { load: 60s, first_token: 3s } }");
    let mut profile = slow_to_load();
    profile["faults"] = json!([{ "times": 1, "fault": { "kind": "crash", "after_tokens": 1 } }]);
    let ran = run(&tasks, &profile);
    assert_eq!(ran.status, RunStatus::Succeeded);
    assert_eq!(ran.classes, [FailureClass::Crashed]);
}

#[test]
fn only_servers_with_the_wanted_digest_are_asked() {
    let mut profile = faulty(0, &json!({ "kind": "empty" }));
    let model = |size: &str| json!([{ "name": "llama3.1:8b", "parameter_size": size }]);
    profile["servers"][0]["models"] = model("1B");
    profile["servers"][1]["models"] = model("2B");
    let profile: Profile = serde_json::from_value(profile).expect("a profile");
    let wanted = digest_of(&profile.servers[1].models.as_ref().expect("models")[0]);
    let digests = [("llama3.1:8b".to_owned(), wanted)];
    let ran = run_with(&chain(5), profile, |settings| settings.digests.extend(digests));
    assert!(ran.asked.iter().all(|asked| asked.server.0 == 1), "{:?}", ran.asked.len());
    assert_eq!((ran.status, ran.asked.len()), (RunStatus::Succeeded, 5));
}

/// One server that takes ten seconds to load the model.
fn slow_to_load() -> Value {
    json!({
        "time_scale": 1.0,
        "servers": [{ "name": "one", "load_gigabytes_per_second": 0.5 }],
        "models": [{ "size_gigabytes": 5.0 }],
        "answers": [{ "text": "fine" }],
    })
}

#[test]
fn a_model_that_is_being_loaded_is_waited_for() {
    let limited = |limits: &str| PLAIN.replace("x }", &format!("x, timeout: {limits} }}"));
    // The first token has less time than the load takes: its clock starts behind the load.
    let ran = run(&limited("{ load: 30s, first_token: 6s }"), &slow_to_load());
    assert_eq!((ran.status, ran.asked.len()), (RunStatus::Succeeded, 1), "{:?}", ran.classes);
    let ran = run(&limited("{ load: 7s, first_token: 6s }"), &slow_to_load());
    assert_eq!(ran.classes.first(), Some(&FailureClass::LoadTimeout));
    // Behind the load the first token has its own time and no more, whatever was left of the load's.
    let mut profile = slow_to_load();
    profile["answers"] = json!([]);
    profile["models"][0]["prefill_tokens_per_second"] = 0.1.into();
    let ran = run(&limited("{ load: 60s, first_token: 6s }"), &profile);
    assert_eq!(ran.classes.first(), Some(&FailureClass::FirstTokenTimeout));
    let pause = ran.asked[1].at.since(ran.asked[0].at).as_secs();
    assert!((16..30).contains(&pause), "{pause}");
}

#[test]
fn what_a_server_was_seen_to_load_bounds_the_next_prompt() {
    let long = "many words ".repeat(2000);
    let tasks = format!(
        "  a: {{ agent: a, prompt: x }}\n  b: {{ agent: a, prompt: '{long}', needs: [c] }}\n  c: {{ \
         agent: a, prompt: y, needs: [a] }}\n"
    );
    let mut profile = slow_to_load();
    profile["servers"][0]["context_length"] = 2048.into();
    let ran = run(&tasks, &profile);
    assert_eq!(ran.classes, [FailureClass::ContextTooLong]);
    assert_eq!(ran.asked.len(), 2, "the prompt that does not fit was not sent");
}

#[test]
fn a_prompt_goes_where_it_fits() {
    let long = "many words ".repeat(2000);
    // The short ones find out that the first server loads the model with a small window.
    let tasks = format!(
        "  a: {{ agent: a, prompt: x }}\n  b: {{ agent: a, prompt: y }}\n  c: {{ agent: a, prompt: \
         z, needs: [a, b] }}\n  d: {{ agent: a, prompt: '{long}', needs: [c] }}\n  e: {{ agent: a, \
         prompt: '{long}', needs: [c] }}\n"
    );
    let mut profile = slow_to_load();
    let small = profile["servers"][0].clone();
    profile["servers"] = json!([small, small]);
    profile["servers"][0]["context_length"] = 2048.into();
    profile["servers"][1]["name"] = "two".into();
    profile["servers"][1]["context_length"] = 16384.into();
    let ran = run(&tasks, &profile);
    assert_eq!((ran.status, ran.classes.len()), (RunStatus::Succeeded, 0), "{:?}", ran.classes);
    let of_long = ran.asked.iter().filter(|asked| ["d", "e"].contains(&asked.task.as_str()));
    let servers: Vec<u32> = of_long.map(|asked| asked.server.0).collect();
    assert_eq!(servers, [1, 1]);
}
