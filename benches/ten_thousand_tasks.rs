//! What the engine costs: tasks of no latency in one wave, against a bare client that asks the same
//! servers the same number of times.
//!
//! `cargo bench --bench ten_thousand_tasks` prints a table; `-- 1000` takes another number of tasks.
//! Figures are ratios in one run: the machine's speed cancels out.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program that measures, prints, and stops when something fails"
)]

mod servers;

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use partita::engine::Settings;
use partita::engine::content::MemoryContents;
use partita::engine::simulation::{Placeholders, Rehearsal, Script};
use partita::language::document::simulation::{Profile, SimulatedServer};
use partita::language::document::{ClusterSettings, Expectation, Library, ProjectFile};
use partita::language::plan::{Plan, compile};
use serde_json::{Map, Value, json};

use servers::Servers;

const SERVERS: usize = 2;
const SLOTS: usize = 8;
/// As long as what Partita tells the agent about itself.
const SYSTEM: &str = "You are the writer of the team t.\n\nDo the task you are given and nothing \
    beyond it. Do not invent figures, names or sources: where a fact is missing, say which, and go \
    on with a stated assumption.";
const SIMULATION: &str = "\
simulation:
  time_scale: 0
  servers: [{ name: a, slots: 8 }, { name: b, slots: 8 }]
";

fn main() {
    let tasks = std::env::args().filter_map(|word| word.parse().ok()).next().unwrap_or(10_000);
    let folder = tempfile::tempdir().expect("a folder");
    let text = pattern(tasks);
    let file = folder.path().join("wave.yaml");
    std::fs::write(&file, &text).expect("a file");

    let (plan, compiled) = timed(|| compiled(&text));
    let (steps, rehearsed) = timed(|| rehearse(plan));

    let simulation = folder.path().join("simulation.yaml");
    std::fs::write(&simulation, SIMULATION).expect("a file");
    let servers = Servers::start(&simulation);
    ask_bare(&servers.urls, tasks / 10);
    let ((), bare) = timed(|| ask_bare(&servers.urls, tasks));
    let run = run(&file, folder.path(), &servers.urls);

    assert_eq!(run.succeeded, tasks as u64, "every task succeeds");
    println!("{tasks} tasks of no latency in one wave, {SERVERS} servers of {SLOTS} slots");
    let row = |name: &str, time: Duration| {
        let each = time.as_secs_f64() * 1e6 / tasks as f64;
        let ratio = time.as_secs_f64() / bare.as_secs_f64();
        println!("  {name:<44} {:>8.2} s {each:>8.1} µs/task {ratio:>7.2}", time.as_secs_f64());
    };
    println!("  {:<44} {:>10} {:>16} {:>7}", "", "time", "", "ratio");
    row("a bare client, the same requests", bare);
    row("partita run: first start to last end", run.makespan);
    row("partita run: the whole process", run.process);
    row("reading and compiling the pattern", compiled);
    row("the engine in virtual time, no HTTP, no disk", rehearsed);
    let per_task = |bytes: u64| bytes as f64 / tasks as f64 / 1024.0;
    println!("  facts {steps}, journal {:.1} KiB a task", per_task(run.journal_bytes));
    match run.peak_bytes {
        Some(peak) => println!(
            "  peak memory {:.0} MiB, {:.1} KiB a task",
            peak as f64 / 1_048_576.0,
            per_task(peak)
        ),
        None => println!("  peak memory: not known on this system"),
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let made = work();
    (made, begun.elapsed())
}

fn pattern(tasks: usize) -> String {
    let mut text = String::from(
        "pattern: { name: wave }\nteam: { name: t, agents: [{ role: writer }] }\nwaves:\n  \
         - name: all\n    tasks:\n",
    );
    for number in 0..tasks {
        let _ = writeln!(text, "      t{number}: {{ agent: writer, prompt: Say {number} }}");
    }
    text
}

fn compiled(text: &str) -> Plan {
    let library = Library::of_files([ProjectFile {
        name: "wave.yaml".to_owned(),
        content: Ok(text.to_owned()),
        expectation: Expectation::Named,
    }]);
    let document = library.documents().next().expect("a document");
    compile(&library, document).expect("a plan").plan
}

/// The engine alone; how many facts it made.
fn rehearse(plan: Plan) -> usize {
    let named = |name: &str| SimulatedServer { slots: 8, ..SimulatedServer::named(name) };
    let profile =
        Profile { time_scale: 0.0, servers: vec![named("a"), named("b")], ..Profile::default() };
    let model = profile.models[0].name.clone();
    let cluster = ClusterSettings::of_urls(["a".to_owned(), "b".to_owned()]);
    let mut settings = Settings::of_cluster(&cluster, model);
    for server in &mut settings.servers {
        server.slots = 8;
    }
    let contents = MemoryContents::default();
    let script = Script { profile, ..Script::default() };
    let inputs = Map::new();
    let mut rehearsal =
        Rehearsal::new(Arc::new(plan), settings, script, &inputs, &contents, &Placeholders);
    rehearsal.run().expect("a rehearsal without fault");
    rehearsal.facts().len()
}

/// The same requests with nothing around them: as many at a time as the servers have slots.
fn ask_bare(urls: &[String], requests: usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("threads");
    runtime.block_on(async {
        let client = reqwest::Client::new();
        let next = Arc::new(AtomicUsize::new(0));
        let mut workers = Vec::new();
        for worker in 0..SERVERS * SLOTS {
            let url = format!("{}/api/chat", urls[worker % urls.len()]);
            let (client, next) = (client.clone(), Arc::clone(&next));
            workers.push(tokio::spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= requests {
                        return;
                    }
                    let body = json!({
                        "model": "llama3.1:8b",
                        "messages": [
                            { "role": "system", "content": SYSTEM },
                            { "role": "user", "content": format!("Say {number}") },
                        ],
                        "stream": true,
                    });
                    let answer = client.post(&url).json(&body).send().await.expect("an answer");
                    assert!(answer.status().is_success());
                    answer.bytes().await.expect("the whole answer");
                }
            }));
        }
        for worker in workers {
            worker.await.expect("a worker");
        }
    });
}

fn cluster_text(urls: &[String]) -> String {
    let mut text = String::from("cluster:\n  servers:\n");
    for (place, url) in urls.iter().enumerate() {
        let _ = writeln!(text, "    - {{ name: server_{place}, url: '{url}', slots: {SLOTS} }}");
    }
    text
}

struct Run {
    process: Duration,
    makespan: Duration,
    succeeded: u64,
    peak_bytes: Option<u64>,
    journal_bytes: u64,
}

/// `partita run` in a process of its own.
fn run(file: &Path, folder: &Path, urls: &[String]) -> Run {
    let journal = folder.join("journal");
    let mut command = Command::new(env!("CARGO_BIN_EXE_partita"));
    command.arg("--journal").arg(&journal).arg("run").arg(file).args(["--quiet", "--json"]);
    let cluster = folder.join("cluster.yaml");
    std::fs::write(&cluster, cluster_text(urls)).expect("a file");
    command.arg("--cluster").arg(&cluster);
    let begun = Instant::now();
    let mut process = command.stdout(Stdio::piped()).spawn().expect("a run");
    let mut output = process.stdout.take().expect("its output");
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut output, &mut text).map(|_| text)
    });
    let mut peak_bytes = None;
    while process.try_wait().expect("its state").is_none() {
        peak_bytes = peak_bytes.max(peak_memory(process.id()));
        std::thread::sleep(Duration::from_millis(5));
    }
    let took = begun.elapsed();
    let text = reader.join().expect("a reader").expect("text");
    let result: Value = serde_json::from_str(&text).expect("the object of a run");
    let files = std::fs::read_dir(&journal).expect("the journal").flatten();
    let journal_bytes = files.filter_map(|entry| entry.metadata().ok()).map(|data| data.len());
    Run {
        process: took,
        makespan: Duration::from_secs_f64(result["makespan_ms"].as_f64().expect("time") / 1000.0),
        succeeded: result["statistics"]["succeeded"].as_u64().expect("a count"),
        peak_bytes,
        journal_bytes: journal_bytes.sum(),
    }
}

/// The most memory that a process has had, where the system tells.
fn peak_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}
