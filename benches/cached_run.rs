//! What a run costs whose answers are all there: the real binary from its start to its exit, with
//! the journal on, beside the same run when it asks, and beside a process that only looks.
//!
//! `cargo bench --bench cached_run` prints a table; `-- 1000` takes another number of tasks. A hundred
//! tasks are to end in 50 ms.

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
use std::time::{Duration, Instant};

use serde_json::Value;

use servers::Servers;

/// Runs of each kind; the least and the median are told.
const RUNS: usize = 15;
/// How long a hundred tasks may take.
const LIMIT: Duration = Duration::from_millis(50);
const SIMULATION: &str = "\
simulation:
  time_scale: 0
  servers: [{ name: a, slots: 8 }, { name: b, slots: 8 }]
";

fn main() {
    let tasks = std::env::args().filter_map(|word| word.parse().ok()).next().unwrap_or(100);
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    std::fs::write(folder.join("simulation.yaml"), SIMULATION).expect("a file");
    let servers = Servers::start(&folder.join("simulation.yaml"));
    println!("{tasks} tasks, from the start of the process to its exit, {RUNS} runs of each");
    println!("  {:<46} {:>9} {:>9} {:>7}", "", "least", "median", "ratio");
    for (shape, text) in [("wave", wave(tasks)), ("chain", chain(tasks))] {
        let file = folder.join(format!("{shape}.yaml"));
        std::fs::write(&file, text).expect("a file");
        let place = Place { file: &file, folder, urls: &servers.urls, tasks };
        let looks = times(|| place.partita(&["plan", &file.display().to_string(), "--json"]));
        place.run(&[], 0);
        let asks = times(|| place.run(&[], 0));
        let cached = times(|| place.run(&["--cache"], tasks as u64));
        let row = |name: &str, (least, median): (Duration, Duration)| {
            let ratio = least.as_secs_f64() / cached.0.as_secs_f64();
            let (least, median) = (least.as_secs_f64() * 1e3, median.as_secs_f64() * 1e3);
            let name = format!("{name}, a {shape}");
            println!("  {name:<46} {least:>6.1} ms {median:>6.1} ms {ratio:>7.2}");
        };
        row("partita plan", looks);
        row("partita run", asks);
        row("partita run --cache", cached);
        if tasks == 100 {
            let verdict = if cached.0 <= LIMIT { "within" } else { "above" };
            println!("  {verdict} the limit of {} ms", LIMIT.as_millis());
        }
    }
}

/// The least and the median time of some work.
fn times(mut work: impl FnMut()) -> (Duration, Duration) {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let begun = Instant::now();
            work();
            begun.elapsed()
        })
        .collect();
    times.sort();
    (times[0], times[RUNS / 2])
}

const HEAD: &str = "team: { name: t, agents: [{ role: writer }] }\ntasks:\n";

fn wave(tasks: usize) -> String {
    let mut text = format!("pattern: {{ name: wave }}\n{HEAD}");
    for number in 0..tasks {
        let _ = writeln!(text, "  t{number}: {{ agent: writer, prompt: Say {number} }}");
    }
    text
}

fn chain(tasks: usize) -> String {
    let mut text =
        format!("pattern: {{ name: chain }}\n{HEAD}  t0: {{ agent: writer, prompt: Begin }}\n");
    for number in 1..tasks {
        let before = number - 1;
        let _ = writeln!(
            text,
            "  t{number}: {{ agent: writer, prompt: 'Go on from {{{{ tasks.t{before}.output }}}}' }}"
        );
    }
    text
}

/// Where runs take place.
struct Place<'a> {
    file: &'a Path,
    folder: &'a Path,
    urls: &'a [String],
    tasks: usize,
}

impl Place<'_> {
    fn run(&self, more: &[&str], reused: u64) {
        let file = self.file.display().to_string();
        let mut arguments = vec!["run", file.as_str(), "--quiet", "--json"];
        arguments.extend(self.urls.iter().flat_map(|url| ["--server", url.as_str()]));
        arguments.extend(more);
        let result: Value =
            serde_json::from_slice(&self.output(&arguments)).expect("the object of a run");
        let figures = &result["statistics"];
        assert_eq!(figures["reused"].as_u64().unwrap_or_default(), reused);
        assert_eq!(figures["succeeded"].as_u64(), Some(self.tasks as u64 - reused));
    }

    fn partita(&self, arguments: &[&str]) {
        self.output(arguments);
    }

    fn output(&self, arguments: &[&str]) -> Vec<u8> {
        let output = Command::new(env!("CARGO_BIN_EXE_partita"))
            .args(arguments)
            .env("PARTITA_JOURNAL", self.folder.join("journal"))
            .current_dir(self.folder)
            .stderr(Stdio::null())
            .output()
            .expect("the binary");
        assert!(output.status.success(), "{arguments:?}");
        output.stdout
    }
}
