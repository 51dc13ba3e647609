//! What runs of a hundred thousand tasks take: memory for each task and each wave beside prompts and
//! answers, and the time to compile such a plan and to replay its facts.
//!
//! `cargo bench --bench large_runs` prints a table; `-- 10000` takes another number of tasks. A process
//! of its own measures each plan. Memory is the growth of the process with copies beyond the first
//! ones, so that what was freed before does not count; the limits stand beside what was measured.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program that measures, prints, and stops when something fails"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mimalloc::MiMalloc;
use partita::engine::content::MemoryContents;
use partita::engine::simulation::{Placeholders, Rehearsal, Script};
use partita::engine::{Engine, Recorded, Settings, State};
use partita::insight::History;
use partita::interface::report::{Detail, Outcome, Paint, run_json, run_text};
use partita::language::document::simulation::{Profile, SimulatedServer};
use partita::language::document::{ClusterSettings, Expectation, Library, ProjectFile};
use partita::language::plan::{Plan, compile};
use partita::runtime::journal::Setup;
use serde_json::Map;

/// The allocator of the binary.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const TASKS: usize = 100_000;
/// Bytes that a task may take, beside what is asked and answered.
const TASK_LIMIT: f64 = 1024.0;
/// Bytes that a wave may take.
const WAVE_LIMIT: f64 = 10.0 * 1024.0;
/// How long it may take to compile such a plan, and to replay its run.
const TIME_LIMIT: Duration = Duration::from_secs(1);
const COPIES: usize = 6;
/// So many copies use up what was freed before.
const FIRST: usize = 6;

const SHAPES: [&str; 4] = ["one_wave", "many_waves", "chained", "nested"];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if let [shape, tasks] = words.as_slice() {
        return measure(shape, tasks.parse().expect("a number"));
    }
    let tasks = words.first().and_then(|word| word.parse().ok()).unwrap_or(TASKS);
    println!("{tasks} tasks; memory in bytes a task, one copy of each");
    println!(
        "  {:<12} {:>6} {:>7} {:>7} {:>8} {:>7} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "plan",
        "waves",
        "plan B",
        "state B",
        "engine B",
        "told B",
        "compile",
        "state",
        "history",
        "text",
        "json"
    );
    for shape in SHAPES {
        let program = std::env::current_exe().expect("this program");
        let measured = Command::new(program).arg(shape).arg(tasks.to_string()).output();
        let measured = measured.expect("a process");
        assert!(measured.status.success(), "{}", String::from_utf8_lossy(&measured.stderr));
        print!("{}", String::from_utf8_lossy(&measured.stdout));
    }
    println!(
        "limits: engine and told together {TASK_LIMIT} B a task, {WAVE_LIMIT} B a wave; compiling and replaying {TIME_LIMIT:?}"
    );
}

fn measure(shape: &str, tasks: usize) {
    let texts = texts(shape, tasks);
    let (plan, compiling) = timed(|| Arc::new(compiled(&texts)));
    let (settings, facts, contents) = played(&plan);
    let count = plan.tasks.len() as f64;
    let each = |bytes: f64| bytes / count;
    let (_, folding) = timed(|| State::of_facts(Arc::clone(&plan), &facts).expect("a run"));
    let (history, replaying) = timed(|| History::of_facts(Arc::clone(&plan), &facts));
    let setup = Setup::of_cluster(ClusterSettings::of_urls([]));
    let outcome =
        Outcome { run: "k7m2k7m2", history: &history, contents: &contents, setup: &setup };
    let (text, telling) = timed(|| run_text(&outcome, Detail::Everything, Paint::PLAIN));
    let (json, objects) = timed(|| run_json(&outcome));
    black_box((text, json));
    let of_plan = each(growth(|| (*plan).clone()));
    let of_state = each(growth(|| State::of_facts(Arc::clone(&plan), &facts).expect("a run")));
    let new_engine =
        || Engine::of_history(Arc::clone(&plan), settings.clone(), &facts).expect("a run");
    let of_engine = each(growth(new_engine));
    let of_history = each(growth(|| History::of_facts(Arc::clone(&plan), &facts)));
    println!(
        "  {shape:<12} {:>6} {of_plan:>7.0} {of_state:>7.0} {of_engine:>8.0} {of_history:>7.0} {:>6.0} ms {:>6.0} ms {:>6.0} ms {:>6.0} ms {:>6.0} ms",
        plan.waves.len(),
        milliseconds(compiling),
        milliseconds(folding),
        milliseconds(replaying),
        milliseconds(telling),
        milliseconds(objects),
    );
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let made = work();
    (made, begun.elapsed())
}

/// By how many bytes the process grows with one more.
fn growth<T>(make: impl Fn() -> T) -> f64 {
    let mut copies: Vec<T> = (0..FIRST).map(|_| make()).collect();
    let before = resident();
    copies.extend((0..COPIES).map(|_| make()));
    let after = resident();
    black_box(&copies);
    after.saturating_sub(before) as f64 / COPIES as f64
}

/// The memory that this process has, in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a line");
    let kilobytes: u64 =
        line.split_whitespace().nth(1).expect("a number").parse().expect("a number");
    kilobytes * 1024
}

/// The documents of a shape, the outermost first. One file cannot hold them all.
fn texts(shape: &str, tasks: usize) -> Vec<String> {
    if shape == "nested" {
        // A hundred tasks in patterns that are used ten times in patterns that are used.
        return vec![
            uses("large", "middle", tasks / 1012),
            uses("middle", "inner", 10),
            part("inner", "one_wave", 100),
        ];
    }
    let half = tasks / 2 - 1;
    let outer = head("large") + "tasks:\n  a: { uses: half_a }\n  b: { uses: half_b }\n";
    vec![outer, part("half_a", shape, half), part("half_b", shape, half)]
}

fn head(name: &str) -> String {
    format!(
        "pattern: {{ name: {name} }}\nteam: {{ name: t_{name}, agents: [{{ role: writer }}] }}\n"
    )
}

fn uses(name: &str, used: &str, times: usize) -> String {
    let mut text = head(name) + "tasks:\n";
    for number in 0..times {
        let _ = writeln!(text, "  u{number}: {{ uses: {used} }}");
    }
    text
}

fn part(name: &str, shape: &str, tasks: usize) -> String {
    let mut text = head(name);
    let say = |number: usize| format!("t{number}: {{ agent: writer, prompt: Say {number} }}");
    match shape {
        "many_waves" => {
            text.push_str("waves:\n");
            for wave in 0..tasks / 10 {
                let _ = writeln!(text, "  - name: w{wave}\n    tasks:");
                for number in wave * 10..wave * 10 + 10 {
                    let _ = writeln!(text, "      {}", say(number));
                }
            }
        }
        // Each reads the answer of the one a hundred places before it.
        "chained" => {
            text.push_str("tasks:\n");
            for number in 0..tasks {
                let _ = match number.checked_sub(100) {
                    Some(before) => writeln!(
                        text,
                        "  t{number}: {{ agent: writer, prompt: 'After {{{{ tasks.t{before}.output }}}}' }}"
                    ),
                    None => writeln!(text, "  {}", say(number)),
                };
            }
        }
        _ => {
            text.push_str("waves:\n  - name: all\n    tasks:\n");
            for number in 0..tasks {
                let _ = writeln!(text, "      {}", say(number));
            }
        }
    }
    text
}

fn compiled(texts: &[String]) -> Plan {
    let library = Library::of_files(texts.iter().enumerate().map(|(number, text)| ProjectFile {
        name: format!("file_{number}.yaml"),
        content: Ok(text.clone()),
        expectation: Expectation::Named,
    }));
    let document = library.documents().next().expect("a document");
    match compile(&library, document) {
        Ok(compiled) => compiled.plan,
        Err(found) => unreachable!("{found:?}"),
    }
}

/// A run in virtual time: its facts, and what was asked and answered.
fn played(plan: &Arc<Plan>) -> (Settings, Vec<Recorded>, MemoryContents) {
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
    let mut rehearsal = Rehearsal::new(
        Arc::clone(plan),
        settings.clone(),
        script,
        &Map::new(),
        &contents,
        &Placeholders,
    );
    rehearsal.run().expect("a rehearsal without fault").expect("an end");
    let facts = rehearsal.facts().to_vec();
    drop(rehearsal);
    (settings, facts, contents)
}
