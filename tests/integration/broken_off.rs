//! Calls that are broken off reach their servers: the slot is free, the load is aborted. And calls
//! that only wait for a load are not broken off. What servers say of it is in their own log.

use std::process::{Child, Stdio};

use serde_json::Value;

use crate::binary::{Place, Servers, get, signal, until, wait};

/// One server with one slot.
fn one_slot(rest: &str) -> String {
    format!("simulation:\n  time_scale: 1\n  servers: [{{ name: one, slots: 1 }}]\n{rest}")
}

const SMALL_MODEL: &str = "  models: [{ name: 'm:latest', size_gigabytes: 0.1 }]\n";

fn pattern(task: &str) -> String {
    format!(
        "pattern: {{ name: small }}\nteam: {{ name: t, agents: [{{ role: A }}] }}\ntasks:\n  work: {{ \
         agent: a, prompt: x{task} }}\n"
    )
}

fn statistics(servers: &Servers) -> Value {
    let text = get(&format!("{}/simulator/statistics", servers.urls[0]));
    let all: Value = serde_json::from_str(&text).expect("JSON");
    all["servers"][0].clone()
}

/// The requests for tasks: their outcomes with when they got and left their slots, in ms.
fn log(servers: &Servers) -> Vec<(String, Option<f64>, Option<f64>)> {
    let text = get(&format!("{}/simulator/requests", servers.urls[0]));
    let all: Value = serde_json::from_str(&text).expect("JSON");
    let records = all["requests"].as_array().expect("requests").iter();
    records
        .filter(|record| record["task"].is_string())
        .map(|record| {
            let outcome = record["outcome"].as_str().expect("an outcome").to_owned();
            (outcome, record["started_ms"].as_f64(), record["ended_ms"].as_f64())
        })
        .collect()
}

/// Starts a run in the background.
fn start(place: &Place, servers: &Servers) -> Child {
    let mut arguments = vec!["run", "small", "--json"];
    arguments.extend(servers.options());
    let mut command = place.command(&arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts")
}

/// The id of the only run.
fn only_run(place: &Place) -> String {
    let runs = place.run(&["runs", "--json"]).expect(0).json();
    runs["runs"][0]["run"].as_str().expect("an id").to_owned()
}

#[test]
fn cancelling_frees_the_slot_in_mid_answer() {
    let place = Place::new();
    place.write("patterns/small.yaml", &pattern(""));
    let answers = "  answers: [{ duration: 60s, text: slow and long }]\n";
    let servers = Servers::start(&place, &one_slot(&format!("{SMALL_MODEL}{answers}")));
    let child = start(&place, &servers);
    until("the call has a slot", || statistics(&servers)["active_slots"] == 1);
    place.run(&["cancel", &only_run(&place)]).expect(0);
    assert_eq!(wait(child).expect(1).json()["status"], "cancelled");
    until("the slot is free", || statistics(&servers)["active_slots"] == 0);
    let requests = log(&servers);
    assert_eq!(requests.len(), 1, "{requests:?}");
    assert_eq!(requests[0].0, "abandoned");
}

#[test]
fn an_interruption_aborts_the_load() {
    let place = Place::new();
    place.write("patterns/small.yaml", &pattern(""));
    let large = "  models: [{ name: 'm:latest', size_gigabytes: 200 }]\n";
    let servers = Servers::start(&place, &one_slot(large));
    let child = start(&place, &servers);
    until("the load has begun", || statistics(&servers)["model_loads"] == 1);
    signal(&child, "-INT");
    wait(child).expect(130);
    until("the load is aborted", || statistics(&servers)["aborted_loads"] == 1);
}

#[test]
fn a_call_that_stalls_is_cut_and_its_slot_serves_the_next() {
    let place = Place::new();
    place.write("patterns/small.yaml", &pattern(", timeout: { silence: 300ms }"));
    let rest = "  answers: [{ duration: 100ms, text: one two three four }]\n  faults: [{ times: 1, \
                fault: { kind: stall, after_tokens: 2 } }]\n";
    let servers = Servers::start(&place, &one_slot(&format!("{SMALL_MODEL}{rest}")));
    let ran = wait(start(&place, &servers)).expect(0);
    assert!(ran.err.contains("stopped in mid-answer for 300ms"), "{}", ran.err);
    let requests = log(&servers);
    let [(first, _, Some(cut)), (second, Some(served), _)] = &requests[..] else {
        panic!("{requests:?}");
    };
    // With one slot, the second call had to wait for what the first one held.
    assert_eq!((first.as_str(), second.as_str()), ("broken", "answered"));
    assert!(served >= cut, "{requests:?}");
}

/// A cluster of these servers that is looked at often.
fn watched(place: &Place, servers: &Servers) {
    place.write(
        "cluster.yaml",
        &format!(
            "cluster: {{ servers: [{{ url: '{}' }}], health: {{ interval: 100ms }} }}\n",
            servers.urls[0]
        ),
    );
}

#[test]
fn a_load_is_waited_for_behind_a_clock_of_its_own() {
    let place = Place::new();
    let limits = ", timeout: { load: 20s, first_token: 900ms, total: 30s }";
    place.write("patterns/small.yaml", &pattern(limits));
    let rest = "  models: [{ name: 'm:latest', size_gigabytes: 4 }]\n  answers: [{ duration: 100ms, \
                text: fine }]\n";
    let servers = Servers::start(&place, &one_slot(rest));
    watched(&place, &servers);
    // The load takes 2.25 s, far more than the first token may.
    let result = place.run(&["run", "small", "--json"]).expect(0).json();
    assert_eq!(result["waves"][0]["tasks"][0]["attempts"], 1);
    let done = statistics(&servers);
    assert_eq!((&done["model_loads"], &done["aborted_loads"]), (&1.into(), &0.into()));
}

#[test]
fn a_load_that_takes_too_long_is_told_apart() {
    let place = Place::new();
    let limits = ", retry: { max_attempts: 1 }, timeout: { load: 500ms, first_token: 10s }";
    place.write("patterns/small.yaml", &pattern(limits));
    let rest = format!("{SMALL_MODEL}  faults: [{{ fault: {{ kind: load_stall }} }}]\n");
    let servers = Servers::start(&place, &one_slot(&rest));
    watched(&place, &servers);
    let ran = place.run(&["run", "small", "--json"]).expect(1);
    assert_eq!(ran.json()["failure"]["class"], "load_timeout");
    assert!(ran.err.contains("has not loaded m:latest in 0.5 s"), "{}", ran.err);
    assert!(ran.err.contains("`timeout: { load: … }`"), "{}", ran.err);
    until("the load is aborted", || statistics(&servers)["aborted_loads"] == 1);
}
