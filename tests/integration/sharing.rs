//! Several runs on the same servers, as processes that know nothing of each other but the journal's
//! folder: what the servers saw of them.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Stdio};

use partita::engine::content::MemoryContents;
use partita::engine::sharing::{Board, Holding, Member, Share};
use partita::engine::simulation::{Placeholders, Rehearsal, Script};
use partita::engine::{Input, RunStatus, Settings, Time};
use partita::language::document::ClusterSettings;
use partita::runtime::sharing::{BoardFile, Looked};
use serde_json::{Map, Value};

use crate::binary::{Place, Servers, get, signal, wait};
use crate::support::plan;

/// One server; its calls take about 100 ms.
const SERVERS: &str = "
simulation:
  time_scale: 0.01
  servers: [{ name: one, slots: 4 }]
  models: [{ name: 'm:latest', size_gigabytes: 0.1 }]
  answers: [{ match: {}, duration: 10s }]
";

/// So many tasks are not done before everything else is.
const MANY: usize = 2000;

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
    fn start(place: &Place, arguments: &[&str]) -> Run {
        let mut child = place
            .command(arguments)
            .arg("--json")
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

    /// Waits until it ends with an exit code, and gives its result.
    fn finish(mut self, code: i32) -> Value {
        let lines = self.lines;
        let mut out = self.child.stdout.take().expect("a pipe");
        // All is read so that nobody waits for a full pipe.
        let drain = std::thread::spawn(move || lines.lines().count());
        let result = std::thread::spawn(move || serde_json::from_reader(&mut out));
        wait(self.child).expect(code);
        drain.join().expect("drained");
        result.join().expect("read").expect("JSON")
    }

    /// Interrupts it.
    fn stop(self) {
        signal(&self.child, "-INT");
        self.finish(130);
    }
}

/// A request to the server, in the order of arrival.
struct Request {
    task: String,
    arrived: f64,
    ended: f64,
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
        })
    });
    requests.collect()
}

/// Requests of a run that was stopped as they were until then: what the server does with them later
/// is nothing that another run could know of.
fn until_its_end(mut requests: Vec<Request>, run: &str) -> Vec<Request> {
    let of_run = |request: &&Request| request.task.starts_with(run);
    let last = requests.iter().filter(of_run).map(|request| request.arrived).fold(0.0, f64::max);
    for request in requests.iter_mut().filter(|request| request.task.starts_with(run)) {
        request.ended = request.ended.min(last);
    }
    requests
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
    let (place, servers) = place(4, &[("left", MANY), ("right", 40)]);
    let mut left = Run::start(&place, &["run", "left"]);
    left.read_until("start");
    let mut right = Run::start(&place, &["run", "right"]);
    let told = right.read_until("share");
    assert!(told.contains("one  with run ") && told.contains("of 4 slots"), "{told}");
    left.read_until("share");
    let result = right.finish(0);
    assert_eq!(result["statistics"]["succeeded"], 40);
    assert!(result["statistics"]["waited_beside_other_runs_ms"].as_f64() > Some(0.0), "{result}");
    left.read_until("no other run uses it");
    left.stop();
    let requests = until_its_end(requests(&servers), "left");
    assert_eq!(most_at_a_time(requests.iter()), 4);
    let of_right = requests.iter().filter(|request| request.task.starts_with("right"));
    assert!(most_at_a_time(of_right) >= 2, "both used it at the same time");
    // Nothing stays behind, and the stored run tells what the live one did.
    let board = std::fs::read_to_string(place.path("journal/shares/board.json")).expect("a board");
    assert!(board.contains("\"runs\":{}"), "{board}");
    let run = result["run"].as_str().expect("an id");
    let shown = place.run(&["show", run, "--json"]).expect(0).json();
    assert_eq!(shown["statistics"], result["statistics"]);
}

#[test]
fn what_a_killed_run_held_goes_to_the_others() {
    let (place, servers) = place(4, &[("left", MANY), ("right", MANY)]);
    let mut left = Run::start(&place, &["run", "left"]);
    left.read_until("start");
    let mut right = Run::start(&place, &["run", "right"]);
    right.read_until("share");
    right.read_until("done");
    signal(&left.child, "-KILL");
    wait(left.child);
    right.read_until("no other run uses it");
    let before = requests(&servers).len();
    while requests(&servers).len() < before + 20 {
        right.read_until("done");
    }
    // The dead one can be taken up again, beside the other.
    let mut resumed = Run::start(&place, &["resume"]);
    resumed.read_until("share");
    resumed.read_until("done");
    right.stop();
    resumed.stop();
    let requests = requests(&servers);
    let alone = requests[before..before + 20].iter().filter(|r| r.task.starts_with("right"));
    assert_eq!(most_at_a_time(alone), 4, "the other has all slots");
    let until_the_kill = until_its_end(requests.into_iter().take(before).collect(), "left");
    assert_eq!(most_at_a_time(until_the_kill.iter()), 4);
}

#[test]
fn where_there_is_one_slot_a_run_waits_for_its_turn() {
    let (place, servers) = place(1, &[("left", MANY), ("middle", 6), ("right", 6)]);
    let mut left = Run::start(&place, &["run", "left"]);
    left.read_until("start");
    let mut others = ["middle", "right"].map(|name| Run::start(&place, &["run", name]));
    for other in &mut others {
        let told = other.read_until("used by run");
        assert!(told.contains("wait    one"), "{told}");
    }
    let listed = place.run(&["runs", "--json"]).expect(0).json();
    let waiting = listed["runs"].as_array().expect("runs");
    let waiting = waiting.iter().filter(|run| run["waits_for_other_runs"] == true).count();
    assert!(waiting >= 1, "{listed}");
    left.stop();
    for other in others {
        assert_eq!(other.finish(0)["statistics"]["succeeded"], 6);
    }
    let requests = until_its_end(requests(&servers), "left");
    assert_eq!(most_at_a_time(requests.iter()), 1);
}

#[test]
fn servers_that_were_simulated_for_a_run_are_its_own() {
    let (place, _servers) = place(1, &[("left", 2)]);
    let ran = place.run(&["run", "left", "--simulate"]).expect(0);
    assert!(ran.out.contains("SIMULATED"), "{ran:?}");
    assert!(!place.path("journal/shares/board.json").exists());
}

/// The clock of the tests below: they look at moments of their own.
const LATER: Time = Time(1_000_000);

fn server() -> Settings {
    let cluster = ClusterSettings::of_urls(["http://127.0.0.1:1".to_owned()]);
    Settings::of_cluster(&cluster, "llama3.1:8b".to_owned())
}

/// A run that has begun and may use nothing yet.
fn begun(contents: &MemoryContents) -> Rehearsal<'_> {
    let plan = plan(&[("left.yaml", &pattern("left", 3))]);
    let mut script = Script::default();
    script.profile.servers.truncate(1);
    let mut run = Rehearsal::new(plan, server(), script, &Map::new(), contents, &Placeholders);
    run.tell(Input::Shares(vec![Share::nothing()]));
    assert_eq!(run.run_to(Time(0)).expect("no contradiction"), None);
    run
}

fn on_board(folder: &std::path::Path, run: &str) -> BoardFile {
    let member = Member::new(run.to_owned(), server(), vec!["here".to_owned()]);
    BoardFile::new(folder.to_owned(), member)
}

fn holding(looked: Looked) -> Holding {
    match looked {
        Looked::Shares(shares) => shares[0].holding.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_run_is_on_the_board_from_its_first_look_until_it_leaves() {
    let (folder, contents) = (tempfile::tempdir().expect("a folder"), MemoryContents::default());
    let run = begun(&contents);
    let engine = run.engine();
    let (mut first, mut second) = (on_board(folder.path(), "a"), on_board(folder.path(), "b"));
    assert_eq!(holding(first.look(Time(0), engine).expect("a board")), Holding::Whole);
    let Looked::Shares(shares) = second.look(Time(0), engine).expect("a board") else {
        panic!("the other has it all")
    };
    assert!(shares[0].holding.is_nothing());
    assert_eq!(shares[0].sharing.as_ref().expect("another").with, ["a"]);
    assert!(matches!(second.look(Time(0), engine), Ok(Looked::Unchanged)));
    drop(first);
    assert_eq!(holding(second.look(LATER, engine).expect("a board")), Holding::Whole);
    second.leave();
    let names = std::fs::read_dir(folder.path()).expect("a folder");
    let mut names: Vec<_> = names.map(|entry| entry.expect("a file").file_name()).collect();
    names.sort();
    assert_eq!(names, ["board.json", "board.lock"]);
}

#[test]
fn whoever_finds_somebody_at_the_board_comes_again_soon() {
    let (folder, contents) = (tempfile::tempdir().expect("a folder"), MemoryContents::default());
    let run = begun(&contents);
    let somebody = std::fs::File::create(folder.path().join("board.lock")).expect("a file");
    somebody.lock().expect("the lock");
    let mut sharing = on_board(folder.path(), "a");
    assert!(matches!(sharing.look(Time(0), run.engine()), Ok(Looked::Busy)));
    assert!(sharing.next_look(run.engine()) < LATER);
    somebody.unlock().expect("the end of the lock");
    assert_eq!(holding(sharing.look(LATER, run.engine()).expect("a board")), Holding::Whole);
}

#[test]
fn a_board_that_cannot_be_read_is_nobodys() {
    let (folder, contents) = (tempfile::tempdir().expect("a folder"), MemoryContents::default());
    let run = begun(&contents);
    std::fs::write(folder.path().join("board.json"), "{\"runs\": [").expect("a file");
    let mut sharing = on_board(folder.path(), "a");
    assert_eq!(holding(sharing.look(Time(0), run.engine()).expect("a board")), Holding::Whole);
}

#[test]
fn a_run_that_needs_no_server_says_so_once_and_does_not_look_again() {
    let (folder, contents) = (tempfile::tempdir().expect("a folder"), MemoryContents::default());
    let mut run = begun(&contents);
    let mut sharing = on_board(folder.path(), "a");
    assert_eq!(sharing.next_look(run.engine()), Time(0), "it has work");
    drop(sharing.look(Time(0), run.engine()).expect("a board"));
    run.tell(Input::Shares(vec![Share::whole()]));
    assert_eq!(run.run().expect("no contradiction"), Some(RunStatus::Succeeded));
    assert!(sharing.next_look(run.engine()) < LATER);
    assert_eq!(holding(sharing.look(LATER, run.engine()).expect("a board")), Holding::nothing());
    assert_eq!(sharing.next_look(run.engine()), Time(u64::MAX));
    let text = std::fs::read_to_string(folder.path().join("board.json")).expect("a board");
    let board: Board = serde_json::from_str(&text).expect("a board");
    assert!(board.runs["a"].places.values().all(|place| place.holds.is_nothing()));
}
