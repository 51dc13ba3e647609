//! kill -9 at any moment, and Ctrl-C: nothing that has finished is asked again, and the outputs
//! are those of a run that nothing happened to.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Stdio};

use serde_json::Value;

use crate::binary::{Place, Servers, signal, until, wait};
use crate::support::Dice;

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

pub(crate) const SERVERS: &str = "
simulation:
  seed: 3
  time_scale: 0.02
  servers: [{ name: one, slots: 2 }, { name: two, slots: 2 }]
  models: [{ name: 'm:latest', size_gigabytes: 0.1 }]
";

pub(crate) fn place() -> Place {
    let place = Place::new();
    place.write("patterns/killable.yaml", PATTERN);
    place.write("patterns/part.yaml", PART);
    place
}

pub(crate) fn with<'a>(first: &[&'a str], options: &[&'a str]) -> Vec<&'a str> {
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
pub(crate) fn newest(place: &Place) -> String {
    let runs = place.run(&["runs", "--json"]).expect(0).json();
    runs["runs"][0]["run"].as_str().expect("an id").to_owned()
}

/// So many kills are tried; `PARTITA_KILLS=200` tries more.
const KILLS: u64 = 30;

/// Starts a run and kills it as soon as so many bytes stand in the journal's log, which is in the
/// middle of a write or behind one. Gives whether it was killed, and how long the log became.
pub(crate) fn kill_after(place: &Place, servers: &Servers, bytes: u64) -> (bool, u64) {
    let arguments = with(&["run", "killable", "--json", "--seed", "9"], &servers.options());
    let mut command = place.command(&arguments);
    let mut child =
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts");
    let log = place.path("journal/journal.db-wal");
    let mut longest = 0;
    while child.try_wait().expect("a child").is_none() {
        longest = std::fs::metadata(&log).map_or(longest, |data| data.len().max(longest));
        if longest >= bytes {
            child.kill().expect("a child");
        }
        std::thread::yield_now();
    }
    (wait(child).code.is_none(), longest)
}

/// What came of a run that nothing befalls, and how long the journal's log became.
pub(crate) fn undisturbed() -> (Value, u64) {
    let place = place();
    let servers = Servers::start(&place, SERVERS);
    let (killed, longest) = kill_after(&place, &servers, u64::MAX);
    assert!(!killed && longest > 0);
    (place.run(&["show", &newest(&place), "--json"]).expect(0).json(), longest)
}

/// Resumes the newest run, which must come to the same as one that nothing befell, without asking
/// again for anything that had finished. False where no run had begun, or it was over.
pub(crate) fn resume_to(whole: &Value, place: &Place, servers: &Servers, what: &str) -> bool {
    let runs = place.run(&["runs", "--json"]).expect(0).json();
    let Some(run) = runs["runs"][0]["run"].as_str() else {
        return false;
    };
    let shown = place.run(&["show", run, "--json"]).expect(0).json();
    let is_over = shown["status"] == "succeeded";
    if !is_over {
        let resumed = place.run(&["resume", "--json"]).expect(0).json();
        assert_eq!(resumed["run"], *run);
    }
    let end = place.run(&["show", run, "--json"]).expect(0).json();
    assert_eq!(end["status"], "succeeded", "{what}");
    assert_eq!(end["outputs"], whole["outputs"], "{what}");
    assert_eq!(finished(&end), finished(whole), "{what}");
    let asked = counts(servers);
    for task in finished(&shown) {
        // Syntheses and patterns ask nobody.
        assert!(asked.get(&task).is_none_or(|times| *times == 1), "{task}: {asked:?}, {what}");
    }
    for task in asked.keys() {
        assert!(finished(&end).contains(task), "{task} was asked and has not finished, {what}");
    }
    place.run(&["journal", "check"]).expect(0);
    !is_over
}

#[test]
fn kill_at_any_moment_and_resume() {
    let (whole, longest) = undisturbed();
    let kills = std::env::var("PARTITA_KILLS").ok();
    let kills = kills.map_or(KILLS, |text| text.parse().expect("PARTITA_KILLS=NUMBER"));
    let mut dice = Dice::new(9);
    let mut in_the_middle = 0;
    for number in 0..kills {
        // One random place in each stretch of the log.
        let stretch = longest / kills;
        let bytes = number * stretch + dice.below(stretch) + 1;
        let place = place();
        let servers = Servers::start(&place, SERVERS);
        let (killed, _) = kill_after(&place, &servers, bytes);
        let what = format!("killed at byte {bytes} of {longest}");
        in_the_middle += u64::from(resume_to(&whole, &place, &servers, &what) && killed);
    }
    assert!(
        in_the_middle * 3 >= kills * 2,
        "only {in_the_middle} of {kills} had begun and not ended"
    );
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
