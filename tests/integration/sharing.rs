//! Several runs on the same servers, as processes that know nothing of each other but the journal's
//! folder: what the servers saw of them.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Stdio};

use serde_json::Value;

use crate::binary::{Place, Servers, get, signal, wait};

/// One server; its calls take about 100 ms.
const SERVERS: &str = "
simulation:
  time_scale: 0.01
  servers: [{ name: one, slots: 4 }]
  models: [{ name: 'm:latest', size_gigabytes: 0.1 }]
  answers: [{ match: {}, duration: 10s }]
";

/// A pattern with so many tasks that need nothing of each other.
fn pattern(name: &str, tasks: usize) -> String {
    let tasks: Vec<String> = (0..tasks)
        .map(|number| format!("  {name}_{number}: {{ agent: a, prompt: '{name} {number}' }}\n"))
        .collect();
    let team = "team: { name: t, agents: [{ role: A }] }";
    format!("pattern: {{ name: {name} }}\n{team}\ntasks:\n{}", tasks.concat())
}

/// A folder with patterns and servers that take so many calls at a time.
fn place(slots: u32, patterns: &[(&str, usize)]) -> (Place, Servers) {
    let place = Place::new();
    for (name, tasks) in patterns {
        place.write(&format!("patterns/{name}.yaml"), &pattern(name, *tasks));
    }
    let servers = Servers::start(&place, &SERVERS.replace('4', &slots.to_string()));
    let url = &servers.urls[0];
    let cluster = format!("cluster:\n  servers: [{{ name: one, url: '{url}', slots: {slots} }}]\n");
    place.write("cluster.yaml", &cluster);
    (place, servers)
}

/// A run under way, and what it writes.
struct Run {
    child: Child,
    lines: BufReader<ChildStderr>,
}

impl Run {
    fn start(place: &Place, name: &str) -> Run {
        let mut child = place
            .command(&["run", name, "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let lines = BufReader::new(child.stderr.take().expect("a pipe"));
        Run { child, lines }
    }

    /// Reads lines until one has these words in it, and gives that.
    fn read_until(&mut self, words: &str) -> String {
        let mut line = String::new();
        while !line.contains(words) {
            line.clear();
            assert!(self.lines.read_line(&mut line).expect("a line") > 0, "nobody said `{words}`");
        }
        line
    }

    /// Reads until it ends well; what it wrote until then, and its result.
    fn finish(self) -> (String, Value) {
        let lines = self.lines;
        let rest =
            std::thread::spawn(move || lines.lines().map_while(Result::ok).collect::<Vec<_>>());
        let ran = wait(self.child).expect(0);
        (rest.join().expect("read").join("\n"), ran.json())
    }
}

/// A request to the server, in the order of arrival.
struct Request {
    task: String,
    arrived: f64,
    ended: f64,
    /// Whether its client went away before the end.
    abandoned: bool,
}

fn requests(servers: &Servers) -> Vec<Request> {
    let log = get(&format!("{}/simulator/requests", servers.urls[0]));
    let log: Value = serde_json::from_str(&log).expect("JSON");
    let records = log["requests"].as_array().expect("a list");
    let requests = records.iter().filter_map(|record| {
        Some(Request {
            task: record["task"].as_str()?.to_owned(),
            arrived: record["arrived_ms"].as_f64()?,
            ended: record["ended_ms"].as_f64().unwrap_or(f64::MAX),
            abandoned: record["outcome"] == "abandoned",
        })
    });
    requests.collect()
}

/// The most requests that the server had at a time.
fn most_at_a_time<'r>(requests: impl Iterator<Item = &'r Request>) -> i32 {
    let mut edges: Vec<(f64, i32)> =
        requests.flat_map(|request| [(request.arrived, 1), (request.ended, -1)]).collect();
    // What ends at the moment in which another arrives has ended before.
    edges.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let counts = edges.iter().scan(0, |open, (_, change)| {
        *open += change;
        Some(*open)
    });
    counts.max().unwrap_or(0)
}

#[test]
fn two_runs_together_never_ask_more_than_there_are_slots() {
    let (place, servers) = place(4, &[("left", 60), ("right", 60)]);
    let mut left = Run::start(&place, "left");
    left.read_until("start");
    let mut right = Run::start(&place, "right");
    let told = right.read_until("share");
    assert!(told.contains("one  with run ") && told.contains("of 4 slots"), "{told}");
    left.read_until("share");
    let (_, result) = left.finish();
    assert_eq!(result["statistics"]["succeeded"], 60);
    let (_, result) = right.finish();
    assert_eq!(result["statistics"]["succeeded"], 60);
    assert!(result["statistics"]["waited_beside_other_runs_ms"].as_f64() > Some(0.0), "{result}");
    let requests = requests(&servers);
    assert_eq!(most_at_a_time(requests.iter()), 4);
    let of = |name: &'static str| requests.iter().filter(move |r| r.task.starts_with(name));
    assert!(most_at_a_time(of("right")) >= 2, "both used it at the same time");
    let end_of_left = of("left").map(|request| request.ended).fold(0.0, f64::max);
    let in_between = of("right").filter(|request| request.ended < end_of_left).count();
    assert!(in_between >= 10, "only {in_between} of the second before the end of the first");
    // Nothing stays behind, and the stored run tells what the live one did.
    let board = std::fs::read_to_string(place.path("journal/shares/board.json")).expect("a board");
    assert!(board.contains("\"runs\":{}"), "{board}");
    let run = result["run"].as_str().expect("an id");
    let shown = place.run(&["show", run, "--json"]).expect(0).json();
    assert_eq!(shown["statistics"], result["statistics"]);
}

#[test]
fn what_a_killed_run_held_goes_to_the_others() {
    let (place, servers) = place(4, &[("left", 400), ("right", 60)]);
    let mut left = Run::start(&place, "left");
    left.read_until("start");
    let mut right = Run::start(&place, "right");
    right.read_until("share");
    right.read_until("done");
    signal(&left.child, "-KILL");
    wait(left.child);
    right.read_until("no other run uses it");
    let killed_at = requests(&servers).len();
    let (_, result) = right.finish();
    assert_eq!(result["statistics"]["succeeded"], 60);
    let requests = requests(&servers);
    // The server may still find out that the dead one's calls are.
    assert!(most_at_a_time(requests.iter().filter(|request| !request.abandoned)) <= 4);
    let alone = requests[killed_at..].iter().filter(|r| r.task.starts_with("right"));
    assert_eq!(most_at_a_time(alone), 4, "the other has all slots");
    // It can be taken up again, and has everything.
    let resumed = place.run(&["resume", "--json"]).expect(0).json();
    assert_eq!(resumed["statistics"]["succeeded"], 400);
}

#[test]
fn where_there_is_one_slot_runs_take_turns() {
    let (place, servers) = place(1, &[("left", 12), ("middle", 6), ("right", 6)]);
    let mut left = Run::start(&place, "left");
    left.read_until("start");
    let mut middle = Run::start(&place, "middle");
    let told = middle.read_until("used by run ");
    assert!(told.contains("wait     one"), "{told}");
    let right = Run::start(&place, "right");
    for (run, tasks) in [(left, 12), (middle, 6), (right, 6)] {
        assert_eq!(run.finish().1["statistics"]["succeeded"], tasks);
    }
    let requests = requests(&servers);
    assert_eq!(most_at_a_time(requests.iter()), 1);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for request in &requests {
        *counts.entry(request.task.split('_').next().unwrap_or_default()).or_default() += 1;
    }
    assert_eq!(counts, BTreeMap::from([("left", 12), ("middle", 6), ("right", 6)]));
}

#[test]
fn servers_that_were_simulated_for_a_run_are_its_own() {
    let (place, _servers) = place(1, &[("left", 2)]);
    let ran = place.run(&["run", "left", "--simulate"]).expect(0);
    assert!(ran.out.contains("SIMULATED"), "{ran:?}");
    assert!(!place.path("journal/shares/board.json").exists());
}
