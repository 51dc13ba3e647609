//! `partita test`

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::CommandResult;
use super::environment::Environment;
use super::run::runtime;
use crate::interface::app::{
    Failure, FailureKind, Recorder, Tested, Updated, WorldRequest, run_tests, update_tests,
};
use crate::interface::report::{CasesLook, cases_json, cases_junit, cases_text, traced_case};

/// Run the cases of patterns in virtual time, without any model unless --record is given
///
/// Cases stand beside their pattern, in NAME.test.yaml: inputs, answers, decisions, what goes wrong,
/// and what must come of it. What no case scripts is as it was recorded, else invented.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita test                              the cases of the project
  partita test product_launch               those of a pattern
  partita test patterns/launch.test.yaml    those of a file or a folder
  partita test product_launch --case go --trace
  partita test --coverage --min 80          fail where a pattern is covered less
  partita test --format junit > cases.xml
  partita test product_launch --update      expect what has come out
  partita test product_launch --case go --record --server http://gpu1:11434

docs/testing.md says how cases are written. Exits with 1 when a case fails.")]
pub(super) struct Test {
    /// Patterns by name, files, or folders [default: all cases of the project]
    names: Vec<String>,

    /// Only this case; may be given several times
    #[arg(long = "case", value_name = "NAME")]
    cases: Vec<String>,

    /// Show the whole run of each case
    #[arg(long)]
    trace: bool,

    /// Show what of each pattern its cases have met: tasks, both sides of conditions, choices of
    /// gates, fallbacks
    #[arg(long)]
    coverage: bool,

    /// The least share of each pattern that must be covered, in percent
    #[arg(long, value_name = "PERCENT", requires = "coverage")]
    #[arg(value_parser = clap::value_parser!(u8).range(0..=100))]
    min: Option<u8>,

    /// Ask real servers for what is not scripted, and keep their answers in NAME.cassette.json
    /// beside the cases, for all further tests
    #[arg(long)]
    record: bool,

    /// An Ollama server to record from; may be given several times
    #[arg(long = "server", value_name = "URL", requires = "record")]
    servers: Vec<String>,

    /// A cluster file to record from [default: cluster.yaml if there is one, else OLLAMA_HOST, else
    /// the local port]
    #[arg(long, value_name = "FILE", requires = "record")]
    cluster: Option<PathBuf>,

    /// The model of tasks that name none, when recording [default: the one that most servers have]
    #[arg(long, value_name = "NAME", requires = "record")]
    model: Option<String>,

    /// Write expected values anew as they have come out, in the files of the cases
    #[arg(long)]
    update: bool,

    /// How it is reported
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: TestFormat,

    /// The same as --format json
    #[arg(long)]
    json: bool,
}

/// How cases are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TestFormat {
    /// For people
    Text,
    /// For machines
    Json,
    /// A JUnit report, for build servers
    Junit,
}

impl Test {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let screen = &environment.screen;
        let tested = self.run(environment)?;
        match self.format() {
            TestFormat::Text => {
                let look =
                    CasesLook { paint: screen.out, width: screen.width, coverage: self.coverage };
                if self.trace {
                    for case in tested.cases() {
                        screen.print(&traced_case(case, screen.out));
                    }
                }
                screen.print(&cases_text(&tested, look));
            }
            TestFormat::Json => screen.json(&cases_json(&tested)),
            TestFormat::Junit => screen.print(&cases_junit(&tested)),
        }
        if self.update {
            let updated = update_tests(&tested)?;
            for Updated { file, values, left } in &updated {
                screen.note(&format!("{file}: {values} written anew, {left} left to you"));
            }
            let is_faulty = tested.files.iter().any(|file| !file.faults.is_empty());
            let is_done = updated.iter().all(|file| file.left == 0) && !is_faulty;
            return Ok(if is_done { 0 } else { FailureKind::Failed.exit_code() });
        }
        if !tested.has_passed() {
            return Ok(FailureKind::Failed.exit_code());
        }
        self.check_coverage(&tested)?;
        Ok(0)
    }

    fn run(&self, environment: &Environment) -> Result<Tested, Failure> {
        let Environment { project, screen, .. } = environment;
        if !self.record {
            return run_tests(project, &self.names, &self.cases, None);
        }
        let request = WorldRequest {
            cluster: self.cluster.clone(),
            servers: self.servers.clone(),
            model: self.model.clone(),
            ollama_host: environment.ollama_host.clone(),
            ..WorldRequest::default()
        };
        let tokio = runtime()?;
        let told = |text: &str| screen.note(text);
        let recorder = Recorder { request: &request, tokio: &tokio, told: &told };
        run_tests(project, &self.names, &self.cases, Some(recorder))
    }

    fn check_coverage(&self, tested: &Tested) -> Result<(), Failure> {
        let Some(least) = self.min else { return Ok(()) };
        let too_little =
            tested.files.iter().filter(|file| file.coverage.percent() < f64::from(least));
        let mut lines = too_little
            .map(|file| format!("{}: {:.1} %", file.pattern, file.coverage.percent()))
            .peekable();
        if lines.peek().is_none() {
            return Ok(());
        }
        let failure = Failure::new(FailureKind::Failed, format!("less than {least} % is covered"));
        Err(lines.fold(failure, Failure::hint))
    }

    fn format(&self) -> TestFormat {
        if self.json { TestFormat::Json } else { self.format }
    }

    pub(super) fn is_json(&self) -> bool {
        self.format() == TestFormat::Json
    }
}
