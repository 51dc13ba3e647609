//! kill -9 at any moment, and Ctrl-C: nothing that has finished is asked again, and the outputs
//! are those of a run that nothing happened to.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Stdio};

use serde_json::Value;

use crate::binary::{Place, Servers, signal, until, wait};

const PATTERN: &str = "
pattern: { name: killable }
team: { name: t, agents: [{ role: A }, { role: B }, { role: C }] }
waves:
  - name: research
    tasks:
      one: { agent: a, prompt: 'one' }
      two: { agent: b, prompt: 'two', output: { n: integer, why: string } }
      three: { agent: c, prompt: 'three' }
      four: { agent: a, prompt: 'four' }
  - name: inner
    tasks:
      call: { uses: part, with: { subject: '{{ tasks.one.output }}' } }
      five: { agent: b, prompt: 'five {{ tasks.two.output.n }}' }
  - name: join
    tasks:
      joined: { synthesize: { from: [three, four, five, call], strategy: consensus } }
      merged: { synthesize: { from: [three, four], strategy: merge_all } }
  - name: last
    tasks:
      final_word: { agent: c, prompt: 'end {{ tasks.joined.output }} {{ tasks.merged.output }}' }
outputs:
  final_word: '{{ tasks.final_word.output }}'
  joined: '{{ tasks.joined.output }}'
  call: '{{ tasks.call.output }}'
";

const PART: &str = "
pattern: { name: part }
team: { name: p, agents: [{ role: P }] }
inputs: { subject: string }
tasks:
  left: { agent: p, prompt: 'left of {{ inputs.subject }}' }
  right: { agent: p, prompt: 'right of {{ inputs.subject }}' }
  both: { synthesize: { from: [left, right], strategy: merge_all } }
outputs: { both: '{{ tasks.both.output }}' }
";

const SERVERS: &str = "
simulation:
  seed: 3
  time_scale: 0.02
  servers: [{ name: one, slots: 2 }, { name: two, slots: 2 }]
  models: [{ name: 'm:latest', size_gigabytes: 0.1 }]
";

fn place() -> Place {
    let place = Place::new();
    place.write("patterns/killable.yaml", PATTERN);
    place.write("patterns/part.yaml", PART);
    place
}

fn with<'a>(first: &[&'a str], options: &[&'a str]) -> Vec<&'a str> {
    first.iter().chain(options).copied().collect()
}

/// How often servers were asked for each task.
fn counts(servers: &Servers) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (task, _) in servers.requests() {
        *counts.entry(task).or_default() += 1;
    }
    counts
}

/// The tasks of a run that had succeeded, as the journal has it.
fn finished(shown: &Value) -> BTreeSet<String> {
    let waves = shown["waves"].as_array().expect("waves");
    waves
        .iter()
        .flat_map(|wave| wave["tasks"].as_array().expect("tasks"))
        .filter(|task| task["status"] == "succeeded")
        .map(|task| task["id"].as_str().expect("an id").to_owned())
        .collect()
}

/// Starts a run, and gives what it writes while it goes.
fn begin(place: &Place, servers: &Servers) -> (Child, BufReader<ChildStderr>) {
    let arguments = with(&["run", "killable", "--json", "--seed", "9"], &servers.options());
    let mut child = place
        .command(&arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    (child, stderr)
}

/// Reads lines until one has these words in it.
fn read_until(reader: &mut impl BufRead, words: &str) {
    let mut line = String::new();
    while !line.contains(words) {
        line.clear();
        assert!(reader.read_line(&mut line).expect("a line") > 0, "nobody said `{words}`");
    }
}

/// The id of the newest run.
fn newest(place: &Place) -> String {
    let runs = place.run(&["runs", "--json"]).expect(0).json();
    runs["runs"][0]["run"].as_str().expect("an id").to_owned()
}

/// Starts a run and stops it by a signal as soon as it has written so many lines of progress.
fn stop_after(place: &Place, servers: &Servers, lines: usize, how: &str) -> bool {
    let (child, mut reader) = begin(place, servers);
    let mut line = String::new();
    for _ in 0..lines {
        line.clear();
        if reader.read_line(&mut line).expect("a line") == 0 {
            break;
        }
    }
    signal(&child, how);
    // The rest is read so that nobody waits for a full pipe.
    let drain = std::thread::spawn(move || reader.lines().count());
    let ran = wait(child);
    drain.join().expect("drained");
    ran.code != Some(0)
}

#[test]
fn kill_at_any_moment_and_resume() {
    let whole = {
        let place = place();
        let servers = Servers::start(&place, SERVERS);
        let arguments = with(&["run", "killable", "--json", "--seed", "9"], &servers.options());
        place.run(&arguments).expect(0).json()
    };
    let mut killed = 0;
    // A run writes about 30 lines: each number of lines is another moment of it.
    for lines in 1..=28 {
        let place = place();
        let servers = Servers::start(&place, SERVERS);
        if !stop_after(&place, &servers, lines, "-KILL") {
            continue;
        }
        let runs = place.run(&["runs", "--json"]).expect(0).json();
        let Some(run) = runs["runs"][0]["run"].as_str() else {
            continue;
        };
        let shown = place.run(&["show", run, "--json"]).expect(0).json();
        if shown["status"] == "succeeded" {
            continue;
        }
        killed += 1;
        let before = counts(&servers);
        let resumed = place.run(&["resume", "--json"]).expect(0).json();
        assert_eq!(resumed["run"], *run);
        assert_eq!(resumed["status"], "succeeded", "killed after {lines} lines");
        assert_eq!(resumed["outputs"], whole["outputs"], "killed after {lines} lines");
        let after = counts(&servers);
        for task in finished(&shown) {
            assert_eq!(before.get(&task), after.get(&task), "{task}, killed after {lines} lines");
        }
    }
    assert!(killed >= 20, "only {killed} runs were killed before their end");
}

#[test]
fn ctrl_c_stops_cleanly_and_says_how_to_go_on() {
    let place = place();
    let servers = Servers::start(&place, &SERVERS.replace("0.02", "0.2"));
    let (child, mut reader) = begin(&place, &servers);
    read_until(&mut reader, "start");
    until("a server is asked", || !servers.requests().is_empty());
    signal(&child, "-INT");
    let rest = std::thread::spawn(move || reader.lines().map_while(Result::ok).collect::<Vec<_>>());
    let ran = wait(child);
    let rest = rest.join().expect("read").join("\n");
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert!(rest.contains("go on with: partita resume"), "{rest}");
    // The streams are closed and the slots free: the servers see their clients gone.
    let log = format!("{}/simulator/requests", servers.urls[0]);
    until("a call is abandoned", || crate::binary::get(&log).contains("abandoned"));
    let resumed = place.run(&["resume", "--json"]).expect(0).json();
    assert_eq!(resumed["status"], "succeeded");
    assert_eq!(resumed["statistics"]["resumptions"], 1);
}

#[test]
fn a_second_ctrl_c_leaves_at_once_and_the_run_can_be_resumed() {
    let place = place();
    let servers = Servers::start(&place, &SERVERS.replace("0.02", "0.2"));
    let (child, mut stderr) = begin(&place, &servers);
    read_until(&mut stderr, "start");
    // Somebody else writes into the journal and does not end: the run can store nothing, so that the
    // first signal cannot stop it.
    let blocker = rusqlite::Connection::open(place.path("journal/journal.db")).expect("a journal");
    blocker.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    signal(&child, "-INT");
    read_until(&mut stderr, "stopping");
    signal(&child, "-INT");
    let drain = std::thread::spawn(move || stderr.lines().count());
    // While the journal is locked only the second signal ends it so: a journal that stays locked is
    // a failure, which is another code.
    assert_eq!(wait(child).code, Some(130));
    drain.join().expect("drained");
    blocker.execute_batch("ROLLBACK").expect("the end of the lock");
    let before = finished(&place.run(&["show", &newest(&place), "--json"]).expect(0).json());
    let asked = counts(&servers);
    let resumed = place.run(&["resume", "--json"]).expect(0).json();
    assert_eq!(resumed["status"], "succeeded");
    for task in before {
        assert_eq!(counts(&servers).get(&task), asked.get(&task), "{task} was asked again");
    }
}

#[test]
fn two_processes_do_not_work_on_one_run() {
    let place = place();
    let servers = Servers::start(&place, &SERVERS.replace("0.02", "0.3"));
    let (child, mut reader) = begin(&place, &servers);
    read_until(&mut reader, "run ");
    let second = place.run(&["resume"]).expect(1);
    assert!(second.err.contains("under way in another process"), "{}", second.err);
    // Cancelling reaches the process that works on it.
    let run = newest(&place);
    let told = place.run(&["cancel", &run]).expect(0);
    assert!(told.out.contains("was told to end"), "{}", told.out);
    let drain = std::thread::spawn(move || reader.lines().count());
    assert_eq!(wait(child).code, Some(1));
    drain.join().expect("drained");
    let shown = place.run(&["show", &run, "--json"]).expect(0).json();
    assert_eq!(shown["status"], "cancelled");
}
