//! Second attempts over real sockets and with the real binary.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::binary::{Place, Servers, get, signal, until, wait};

/// Four calls that nothing may be hedged of, and then one.
const PATTERN: &str = "
pattern: { name: tail }
team: { name: t, agents: [{ role: A }] }
tasks:
  one: { agent: a, prompt: One., hedge: false }
  two: { agent: a, prompt: Two., hedge: false }
  three: { agent: a, prompt: Three., hedge: false }
  four: { agent: a, prompt: Four., hedge: false }
  five: { agent: a, prompt: Five., hedge: false }
  six: { agent: a, prompt: Six., hedge: false }
  last: { agent: a, prompt: Last., needs: [one, two, three, four, five, six] }
outputs:
  last: '{{ tasks.last.output }}'
";

/// Two servers, and so many requests for the last task that come to a stop after a token.
fn place(stalled: u32) -> (Place, Servers) {
    let place = Place::new();
    place.write("patterns/tail.yaml", PATTERN);
    let profile = format!(
        "simulation:\n  time_scale: 1\n  servers: [{{ name: one, slots: 1 }}, {{ name: two, slots: 1 \
         }}]\n  models: [{{ name: 'm:latest', size_gigabytes: 0.1 }}]\n  answers: [{{ duration: 50ms, \
         text: fine and well }}]\n  faults: [{{ match: {{ task: last }}, times: {stalled}, fault: {{ \
         kind: stall, after_tokens: 1 }} }}]\n"
    );
    let servers = Servers::start(&place, &profile);
    let cluster = format!(
        "cluster: {{ servers: ['{}', '{}'], hedge: {{ after: 2.0 }} }}\n",
        servers.urls[0], servers.urls[1]
    );
    place.write("cluster.yaml", &cluster);
    (place, servers)
}

fn start(place: &Place) -> Child {
    let mut command = place.command(&["run", "tail", "--json"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts")
}

/// What servers say of the requests for the last task: their outcomes, sorted.
fn outcomes(servers: &Servers) -> Vec<String> {
    let text = get(&format!("{}/simulator/requests", servers.urls[0]));
    let all: Value = serde_json::from_str(&text).expect("JSON");
    let records = all["requests"].as_array().expect("requests").iter();
    let outcomes = records.filter(|record| record["task"] == "last");
    let mut outcomes: Vec<String> =
        outcomes.map(|record| record["outcome"].as_str().expect("a text").to_owned()).collect();
    outcomes.sort();
    outcomes
}

fn last(result: &Value) -> &Value {
    let waves = result["waves"].as_array().expect("waves");
    let mut tasks = waves.iter().flat_map(|wave| wave["tasks"].as_array().expect("tasks"));
    tasks.find(|task| task["id"] == "last").expect("the task")
}

/// Reads what a run says until one of its lines has these words in it.
fn read_until(child: &mut Child, words: &str) {
    let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    assert!(lines.any(|line| line.expect("a line").contains(words)), "nobody said `{words}`");
}

#[test]
fn the_slower_call_is_cut() {
    let (place, servers) = place(1);
    let ran = wait(start(&place)).expect(0);
    let result = ran.json();
    assert_eq!(result["outputs"]["last"], "fine and well");
    assert_eq!(
        (&last(&result)["status"], &last(&result)["attempts"]),
        (&"succeeded".into(), &2.into())
    );
    let hedging = &result["statistics"]["hedging"];
    assert_eq!((&hedging["hedges"], &hedging["won"]), (&1.into(), &1.into()));
    assert!(ran.err.contains("hedge   last"), "{}", ran.err);
    assert!(ran.err.contains("the hedge came first"), "{}", ran.err);
    until("the slower call is cut", || outcomes(&servers) == ["answered", "broken"]);
}

#[test]
fn a_run_that_is_killed_with_both_under_way_is_taken_up() {
    let (place, servers) = place(2);
    let mut child = start(&place);
    read_until(&mut child, "hedge   last");
    until("both servers are asked", || outcomes(&servers).len() == 2);
    signal(&child, "-KILL");
    wait(child);
    until("both calls are cut", || outcomes(&servers) == ["broken", "broken"]);
    let result = place.run(&["resume", "--json"]).expect(0).json();
    assert_eq!((&result["status"], &last(&result)["attempts"]), (&"succeeded".into(), &3.into()));
    assert_eq!(outcomes(&servers), ["answered", "broken", "broken"]);
    let hedging = &result["statistics"]["hedging"];
    assert_eq!((&hedging["hedges"], &hedging["won"]), (&1.into(), &0.into()));
}
