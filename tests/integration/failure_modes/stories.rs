//! Failure modes that take more than one faulty answer to show.

use serde_json::{Value, json};

use crate::binary::{Place, Servers};

fn pattern(place: &Place, tasks: &str) {
    let text = format!(
        "pattern: {{ name: small }}\nteam: {{ name: t, agents: [{{ role: A }}] }}\ntasks:\n  {tasks}\n"
    );
    place.write("patterns/small.yaml", &text);
}

/// What is told of a run on servers that are simulated for it.
pub(super) fn simulated(simulation: &Value, tasks: &str, code: i32) -> String {
    let place = Place::new();
    place.write("simulation.json", &json!({ "simulation": simulation }).to_string());
    pattern(&place, tasks);
    let arguments = ["run", "small", "--simulate", "--simulation", "simulation.json"];
    let ran = place.run(&arguments).expect(code);
    ran.err + &ran.out
}

/// What is told of a run on simulated servers in a process of their own, with further lines of the
/// cluster file.
fn clustered(simulation: &str, cluster: &str, tasks: &str, code: i32) -> String {
    let place = Place::new();
    pattern(&place, tasks);
    let servers = Servers::start(&place, &format!("simulation:\n{simulation}"));
    write_cluster(&place, &servers, cluster);
    let ran = place.run(&["run", "small", "--cluster", "cluster.yaml"]).expect(code);
    ran.err + &ran.out
}

fn write_cluster(place: &Place, servers: &Servers, cluster: &str) {
    let names = ["one", "two"];
    let entries: Vec<String> = names
        .iter()
        .zip(&servers.urls)
        .map(|(name, url)| format!("{{ name: {name}, url: '{url}', slots: 2 }}"))
        .collect();
    let text = format!("cluster:\n  servers: [{}]\n{cluster}", entries.join(", "));
    place.write("cluster.yaml", &text);
}

pub(super) fn silent_server() -> String {
    let place = Place::new();
    pattern(&place, "work: { agent: a, prompt: x }");
    // The second server starts for some hours.
    let servers = Servers::start(
        &place,
        "simulation:\n  time_scale: 0.001\n  servers:\n    - { name: one }\n    - { name: two, \
         startup: 10000000s }\n",
    );
    write_cluster(&place, &servers, "  health: { timeout: 300ms }\n");
    let ran = place.run(&["run", "small", "--cluster", "cluster.yaml"]).expect(0);
    ran.err + &ran.out
}

pub(super) fn slow_load() -> String {
    let limits = "timeout: { load: 7s }, retry: { max_attempts: 1 }";
    let simulation = "  time_scale: 1\n  servers: [{ name: one }]\n  models: [{ name: 'm:latest' }]\n  \
                      faults: [{ fault: { kind: load_stall } }]\n";
    let health = "  health: { interval: 200ms }\n";
    clustered(simulation, health, &format!("work: {{ agent: a, prompt: x, {limits} }}"), 1)
}

pub(super) fn slot_wait() -> String {
    // The server has one slot where the cluster says two, and the first answer never ends.
    let simulation = "  time_scale: 1\n  servers: [{ name: one, slots: 1 }]\n  models: [{ name: \
                      'm:latest', size_gigabytes: 0.1 }]\n  faults: [{ fault: { kind: stall, \
                      after_tokens: 1 } }]\n";
    let limits = "timeout: { first_token: 7s, silence: 9s, load: 9s }, retry: { max_attempts: 1 }, \
                  on_failure: continue";
    let tasks =
        format!("a: {{ agent: a, prompt: x, {limits} }}\n  b: {{ agent: a, prompt: y, {limits} }}");
    clustered(simulation, "  health: { interval: 200ms }\n", &tasks, 0)
}

pub(super) fn too_long() -> String {
    let prompt = "many words ".repeat(1000);
    let simulation = json!({
        "time_scale": 0,
        "servers": [{ "name": "one", "context_length": 512 }],
        "models": [{ "name": "m", "template": "native" }],
    });
    simulated(&simulation, &format!("work: {{ agent: a, prompt: '{prompt}' }}"), 1)
}

pub(super) fn only_thoughts() -> String {
    let simulation = json!({
        "time_scale": 0,
        "servers": [{ "name": "one" }],
        "models": [{ "name": "m", "capabilities": ["completion", "thinking"] }],
    });
    simulated(&simulation, "work: { agent: a, prompt: x, options: { num_predict: 2 } }", 1)
}

pub(super) fn reloads() -> String {
    let task = |name: char, model: &str, needs: &str| {
        format!("{name}: {{ agent: a, prompt: x, model: '{model}'{needs} }}")
    };
    let mut tasks = vec![task('a', "small:1b", "")];
    for (name, before) in ('b'..='f').zip('a'..) {
        let model = if tasks.len() % 2 == 0 { "small:1b" } else { "tiny:1b" };
        tasks.push(task(name, model, &format!(", needs: [{before}]")));
    }
    let simulation = json!({
        "time_scale": 0.001,
        "servers": [{ "name": "one", "max_loaded_models": 1 }],
        "models": [
            { "name": "small:1b", "size_gigabytes": 100.0 },
            { "name": "tiny:1b", "size_gigabytes": 100.0 },
        ],
    });
    simulated(&simulation, &tasks.join("\n  "), 0)
}

pub(super) fn stale_list() -> String {
    // After the crash the dead runner is listed until the model is loaded again.
    let simulation = "  time_scale: 0.001\n  servers: [{ name: one }]\n  models: [{ name: 'm:latest' }]\n  \
                      faults: [{ times: 1, fault: { kind: crash, after_tokens: 1 } }]\n";
    clustered(simulation, "", "work: { agent: a, prompt: x, retry: { backoff: 10ms } }", 0)
}

/// Two servers whose models of one name are not the same.
const DIFFERENT: &str = "  time_scale: 0\n  servers:\n    - { name: one, models: [{ name: m, \
                         parameter_size: 1B }] }\n    - { name: two, models: [{ name: m, \
                         parameter_size: 2B }] }\n";

pub(super) fn different_models() -> String {
    let task = "work: { agent: a, prompt: x }";
    let warned = clustered(DIFFERENT, "", task, 0);
    assert!(warned.contains("or write `digests: one` in the cluster"), "{warned}");
    let told = clustered(
        DIFFERENT,
        "  digests: one\n  policy: round_robin\n",
        &format!("{task}\n  more: {{ agent: a, prompt: y }}\n  most: {{ agent: a, prompt: z }}"),
        0,
    );
    assert!(!told.contains("two, "), "the other server is asked: {told}");
    told
}

pub(super) fn different_versions() -> String {
    let simulation =
        "  time_scale: 0\n  servers: [{ name: one }, { name: two, version: 0.12.11 }]\n";
    clustered(simulation, "", "work: { agent: a, prompt: x }", 0)
}
