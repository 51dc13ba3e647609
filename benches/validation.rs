//! What validation costs: one file cold, a thousand files, and ten thousand tasks compiled; beside
//! other validators on the same machine in the same run, where they are installed.
//!
//! `cargo bench --bench validation` prints a table; `-- 100` takes another number of files. Peers are
//! looked for on the search path, or where `PARTITA_BENCH_BOON`, `PARTITA_BENCH_ZIZMOR` and
//! `PARTITA_BENCH_CHECK_JSONSCHEMA` say.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program that measures, prints, and stops when something fails"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use partita::language::document::{
    Document, DocumentKind, Expectation, Library, ProjectFile, schema,
};
use partita::language::plan::{Plan, compile};

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs of each command; the median counts.
const COLD_RUNS: usize = 21;
const RUNS: usize = 5;
/// Slow peers are run less often.
const SLOW: Duration = Duration::from_secs(2);
const TASKS: usize = 10_000;

fn main() {
    let files = std::env::args().filter_map(|word| word.parse().ok()).next().unwrap_or(1_000);
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    for number in 0..files {
        write(folder, &format!("flows/flow_{number}.yaml"), &pattern(number));
        write(folder, &format!("repo/.github/workflows/w{number}.yml"), &workflow(number));
    }
    let pattern_schema = schema(DocumentKind::Pattern).to_string();
    write(folder, "pattern.json", &pattern_schema);
    let lines = pattern(0).lines().count();

    println!("one file of {lines} lines, cold, and {files} files");
    println!("  {:<34} {:>10} {:>7} {:>10} {:>7}", "", "one", "ratio", "all", "ratio");
    let mut ours = None;
    for tool in tools(folder) {
        let Some(program) = tool.program else {
            println!("  {:<34} is not installed", tool.name);
            continue;
        };
        let one = measured(COLD_RUNS, &program, &tool.one, folder);
        let all = measured(RUNS, &program, &tool.all, folder);
        let (our_one, our_all) = *ours.get_or_insert((one, all));
        println!(
            "  {:<34} {:>7.1} ms {:>7.2} {:>7.0} ms {:>7.2}",
            tool.name,
            one.as_secs_f64() * 1e3,
            one.as_secs_f64() / our_one.as_secs_f64(),
            all.as_secs_f64() * 1e3,
            all.as_secs_f64() / our_all.as_secs_f64(),
        );
    }
    compiling();
}

/// A command to compare.
struct Tool {
    name: &'static str,
    program: Option<PathBuf>,
    one: Vec<String>,
    all: Vec<String>,
}

fn tools(folder: &Path) -> Vec<Tool> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let mut flows: Vec<String> = std::fs::read_dir(folder.join("flows"))
        .expect("the files")
        .flatten()
        .map(|entry| format!("flows/{}", entry.file_name().to_string_lossy()))
        .collect();
    flows.sort();
    let with_all = |first: &[&str]| [words(first), flows.clone()].concat();
    vec![
        Tool {
            name: "partita validate",
            program: Some(env!("CARGO_BIN_EXE_partita").into()),
            one: words(&["validate", "flows/flow_0.yaml"]),
            all: words(&["validate", "flows"]),
        },
        Tool {
            name: "boon (the schema alone)",
            program: installed("boon", "PARTITA_BENCH_BOON"),
            one: words(&["pattern.json", "flows/flow_0.yaml"]),
            all: with_all(&["pattern.json"]),
        },
        Tool {
            name: "check-jsonschema (the schema alone)",
            program: installed("check-jsonschema", "PARTITA_BENCH_CHECK_JSONSCHEMA"),
            one: words(&["--schemafile", "pattern.json", "flows/flow_0.yaml"]),
            all: with_all(&["--schemafile", "pattern.json"]),
        },
        Tool {
            name: "zizmor (workflows of that length)",
            program: installed("zizmor", "PARTITA_BENCH_ZIZMOR"),
            one: words(&["--offline", "--no-progress", "repo/.github/workflows/w0.yml"]),
            all: words(&["--offline", "--no-progress", "repo"]),
        },
    ]
}

fn installed(name: &str, variable: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = || std::env::split_paths(&path).map(|folder| folder.join(name));
    named.or_else(|| found().find(|path| path.is_file()))
}

/// The median time of a whole process. What it finds is not our business here, but it must end.
fn measured(runs: usize, program: &Path, arguments: &[String], folder: &Path) -> Duration {
    let mut times = Vec::new();
    while times.len() < runs {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder);
        let begun = Instant::now();
        let output = command.stdin(Stdio::null()).output().expect("the program starts");
        let took = begun.elapsed();
        assert!(output.status.code().is_some(), "{} is killed", program.display());
        times.push(took);
        if took > SLOW {
            break;
        }
    }
    times.sort();
    times[times.len() / 2]
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

/// A valid pattern of about 100 lines with templates, needs and outputs, on which nobody has advice.
fn pattern(number: usize) -> String {
    let mut text = format!(
        "pattern:\n  name: flow_{number}\n  summary: What went wrong, part by part, and what it means.\n  \
         tags: [bench]\nteam:\n  name: desk\n  purpose: Finds out what went wrong\n  model: llama3.1:8b\n  \
         agents:\n    - {{ role: Researcher, purpose: finds things out }}\n    \
         - {{ role: Writer, purpose: writes things down }}\ninputs:\n  \
         topic: {{ type: string, description: What it is about }}\n  \
         words: {{ type: integer, description: How long a text may be, default: {} }}\nwaves:\n",
        100 + number % 50
    );
    for (wave, agent) in [(0, "researcher"), (1, "researcher"), (2, "writer")] {
        let _ = writeln!(text, "  - name: wave_{wave}\n    tasks:");
        for task in 0..3 {
            let _ = writeln!(
                text,
                "      part_{wave}_{task}:\n        agent: {agent}\n        prompt: |\n          \
                 Look at part {wave}.{task} of {{{{ inputs.topic }}}} and say what went wrong.\n          \
                 Write no more than {{{{ inputs.words }}}} words."
            );
            for before in 0..if wave > 0 { 3 } else { 0 } {
                let _ = writeln!(
                    text,
                    "          {{{{ tasks.part_{}_{before}.output.finding }}}}",
                    wave - 1
                );
            }
            if wave == 2 {
                text.push_str("        needs: [something_was_found]\n");
            }
            text.push_str("        output:\n          finding: string\n");
        }
        if wave == 1 {
            text.push_str(
                "  - name: gate\n    tasks:\n      something_was_found:\n        gate: check\n        \
                 condition: tasks.part_1_0.output.finding | length > 0\n",
            );
        }
    }
    text.push_str("outputs:\n");
    for task in 0..3 {
        let _ = writeln!(text, "  part_{task}: \"{{{{ tasks.part_2_{task}.output.finding }}}}\"");
    }
    text
}

/// A workflow of GitHub Actions of the same length, for those that read such.
fn workflow(number: usize) -> String {
    let mut text = format!(
        "name: ci-{number}\non:\n  push:\n    branches: [main]\npermissions:\n  contents: read\njobs:\n"
    );
    for job in 0..4 {
        let _ = writeln!(
            text,
            "  job{job}:\n    runs-on: ubuntu-latest\n    timeout-minutes: 10\n    strategy:\n      \
             matrix:\n        version: ['1.80', '1.85', '1.90']\n    env:\n      LEVEL: '{number}'\n    \
             steps:\n      - uses: actions/checkout@0123456789abcdef0123456789abcdef01234567\n        \
             with:\n          persist-credentials: false"
        );
        for step in 0..3 {
            let _ = writeln!(
                text,
                "      - name: step {step}\n        run: |\n          echo \"part {step} of \
                 ${{{{ matrix.version }}}}\"\n          make part-{step}"
            );
        }
    }
    text
}

fn compiling() {
    println!("{TASKS} tasks in one file, inside one process");
    for (name, text) in [("of one line each", one_line_tasks()), ("that need one another", chain())]
    {
        let size = text.len() as f64 / 1024.0;
        let mut times = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..RUNS {
            let (library, read) = timed(|| {
                Library::of_files([ProjectFile {
                    name: "tasks.yaml".to_owned(),
                    content: Ok(text.clone()),
                    expectation: Expectation::Named,
                }])
            });
            let document: &Document = library.documents().next().expect("a document");
            let (plan, compiled) = timed(|| compile(&library, document).expect("a plan").plan);
            let (_, fingerprint) = timed(|| Plan::fingerprint(&plan));
            assert_eq!(plan.tasks.len(), TASKS);
            for (times, time) in times.iter_mut().zip([read, compiled, fingerprint]) {
                times.push(time);
            }
        }
        let [read, compiled, fingerprint] = times.map(|mut times| {
            times.sort();
            times[times.len() / 2].as_secs_f64() * 1e3
        });
        println!(
            "  {name:<34} {:>7.1} ms: reading {size:.0} KiB {read:.1}, compiling {compiled:.1} \
             (fingerprint {fingerprint:.1} besides)",
            read + compiled
        );
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let made = work();
    (made, begun.elapsed())
}

const HEAD: &str = "pattern: { name: many }\nteam: { name: t, agents: [{ role: writer }] }\n";

fn one_line_tasks() -> String {
    let mut text = format!("{HEAD}waves:\n  - name: all\n    tasks:\n");
    for number in 0..TASKS {
        let _ = writeln!(text, "      t{number}: {{ agent: writer, prompt: Say {number} }}");
    }
    text
}

fn chain() -> String {
    let mut text = format!("{HEAD}tasks:\n  t0: {{ agent: writer, prompt: Begin }}\n");
    for number in 1..TASKS {
        let _ = writeln!(
            text,
            "  t{number}: {{ agent: writer, prompt: 'On {{{{ tasks.t{}.output }}}}' }}",
            number - 1
        );
    }
    text
}
