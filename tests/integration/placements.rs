//! `partita plan --placement`: where and when a plan's tasks would be done, without asking anybody.

use serde_json::Value;

use crate::binary::{Place, Ran};

const CLUSTER: &str = "cluster:\n  servers:\n    - { name: fast, url: 'http://127.0.0.1:1', \
    weight: 2.0 }\n    - { name: slow, url: 'http://127.0.0.1:2' }\n  limits: { resources: { search: 1 } }\n";

const PATTERN: &str = "pattern: { name: p, summary: Two models. }\nteam: { name: t, agents: [{ role: \
    A, model: 'a:8b' }, { role: B, model: 'b:8b' }] }\ntasks:\n  a1: { agent: a, prompt: x, \
    estimate: 60s }\n  a2: { agent: a, prompt: x, estimate: 60s }\n  b1: { agent: b, prompt: x, \
    estimate: 60s, takes: [search] }\n  b2: { agent: b, prompt: x, estimate: 60s, takes: [search] }\n";

fn planned(pattern: &str, cluster: &str, arguments: &[&str]) -> Ran {
    let place = Place::new();
    place.write("p.yaml", pattern);
    place.write("cluster.yaml", cluster);
    place.run(&[&["plan", "p.yaml", "--placement"], arguments].concat())
}

#[test]
fn each_model_goes_to_a_server_and_the_makespan_is_known() {
    let json = planned(PATTERN, CLUSTER, &["--json"]).expect(0).json();
    let placement = &json["placement"];
    assert_eq!(placement["status"], "succeeded");
    assert_eq!(placement["simulated"], true);
    assert_eq!(placement["loads"], 2);
    // One of the two models has the slower server: a load of 10 s and two tasks of 60 s.
    assert_eq!(placement["makespan_ms"], 130_000.0);
    let calls = |server: &Value| server["models"][0]["calls"].clone();
    let servers = placement["servers"].as_array().expect("servers");
    assert_eq!(servers.iter().map(calls).collect::<Vec<_>>(), [2, 2]);
    assert_eq!(placement["conflicts"]["calls"], 1);
    assert_eq!(placement["cannot_be_done"], Value::Array(Vec::new()));
    let text = planned(PATTERN, CLUSTER, &[]).expect(0).out;
    assert!(text.contains("verdict  every task can be done"), "{text}");
}

#[test]
fn what_cannot_be_done_is_said_with_its_reason() {
    let pattern = PATTERN.replace("role: B,", "role: B, requires: [gpu],");
    let json = planned(&pattern, CLUSTER, &["--json"]).expect(0).json();
    let verdict = &json["placement"]["cannot_be_done"][0];
    assert_eq!(verdict["id"], "b1");
    assert_eq!(verdict["class"], "model_missing");
    let ran = planned(PATTERN, &CLUSTER.replace("search", "disk"), &[]).expect(1);
    assert!(ran.err.contains("`b1` takes `search`"), "{ran:?}");
}

#[test]
fn without_the_flag_a_plan_says_nothing_of_servers() {
    let place = Place::new();
    place.write("p.yaml", PATTERN);
    place.write("cluster.yaml", CLUSTER);
    let json = place.run(&["plan", "p.yaml", "--json"]).expect(0).json();
    assert!(json.get("placement").is_none());
}
