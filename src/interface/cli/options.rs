//! Options that several commands take.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::environment::Environment;
use crate::engine::Fork;
use crate::interface::app::{
    AdviceOfRun, AdviceRequest, ContextOfRun, ContextPlace, ContextWish, Existing, Failure, Given,
    OutputFolder, WorldRequest, read_inputs_file, read_text_file,
};
use crate::runtime::clock::Clock;

/// How a command reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For machines
    Json,
}

/// `--format` and its short form `--json`.
#[derive(Debug, Clone, Args)]
pub(super) struct Output {
    /// How it is reported
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// The same as --format json
    #[arg(long)]
    json: bool,
}

impl Output {
    pub(super) fn is_json(&self) -> bool {
        self.json || self.format == Format::Json
    }
}

/// The inputs of a run.
#[derive(Debug, Clone, Args)]
pub(super) struct Inputs {
    /// An input; may be given several times. A value @FILE is read from the file
    #[arg(short, long = "input", value_name = "NAME=VALUE")]
    input: Vec<String>,

    /// A YAML or JSON file of inputs
    #[arg(long, value_name = "FILE")]
    inputs: Option<PathBuf>,
}

impl Inputs {
    pub(super) fn given(&self) -> Result<Given, Failure> {
        let file = match &self.inputs {
            Some(path) => read_inputs_file(path)?,
            None => serde_json::Map::new(),
        };
        Ok(Given { file, single: self.input.clone() })
    }
}

/// A text of the command line: itself, or with `@FILE` what is in the file.
pub(super) fn text_or_file(written: &str) -> Result<String, Failure> {
    match written.strip_prefix('@') {
        None => Ok(written.to_owned()),
        Some(path) => read_text_file(Path::new(path)),
    }
}

/// Where a run takes place.
#[derive(Debug, Clone, Args)]
pub(super) struct Servers {
    /// A cluster file [default: cluster.yaml if there is one, else OLLAMA_HOST, else the local port]
    #[arg(long, value_name = "FILE")]
    pub(super) cluster: Option<PathBuf>,

    /// An Ollama server; may be given several times
    #[arg(long = "server", value_name = "URL")]
    pub(super) servers: Vec<String>,

    /// Rehearse with simulated servers: no model is asked, every answer is invented
    #[arg(long)]
    pub(super) simulate: bool,

    /// How simulated servers behave: a simulation file (implies --simulate)
    #[arg(long, value_name = "FILE")]
    pub(super) simulation: Option<PathBuf>,

    /// The model of tasks that name none [default: the one that most servers have]
    #[arg(long, value_name = "NAME")]
    pub(super) model: Option<String>,

    /// A number from which every task's seed follows, so that a run gives the same again
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
}

impl Servers {
    pub(super) fn request(&self, environment: &Environment) -> WorldRequest {
        WorldRequest {
            simulate: self.simulate,
            simulation: self.simulation.clone(),
            cluster: self.cluster.clone(),
            servers: self.servers.clone(),
            model: self.model.clone(),
            seed: self.seed,
            ollama_host: environment.ollama_host.clone(),
        }
    }

    /// Whether anything is said about where a run takes place.
    pub(super) fn says_where(&self) -> bool {
        self.cluster.is_some()
            || !self.servers.is_empty()
            || self.simulate
            || self.simulation.is_some()
    }
}

/// The context in which a run is started.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct InContext {
    /// Start the run in the context of this folder, or of a project [default: if one is open, and
    /// the run is no rehearsal]
    #[arg(long, value_name = "PROJECT", num_args = 0..=1, require_equals = true)]
    context: Option<Option<String>>,

    /// Start the run in no context
    #[arg(long, conflicts_with_all = ["context", "task"])]
    no_context: bool,

    /// The task of the context that the run does, such as TASK_001 [default: a new one]
    #[arg(long, value_name = "TASK_ID")]
    task: Option<String>,
}

impl InContext {
    /// The context in which a run is to be started, if in any.
    pub(super) fn choose(
        &self,
        environment: &Environment,
        is_rehearsal: bool,
    ) -> Result<Option<ContextOfRun>, Failure> {
        let wish = match (&self.context, self.no_context) {
            (_, true) => ContextWish::Without,
            (Some(project), false) => ContextWish::In(project.clone()),
            (None, false) => ContextWish::Usual,
        };
        let place = ContextPlace {
            journal: &environment.journal,
            folder: &environment.project.root,
            project: None,
        };
        let now = Clock::start().now();
        ContextOfRun::choose(place, &wish, self.task.as_deref(), is_rehearsal, now)
    }
}

/// The advice that a run follows.
#[derive(Debug, Clone, Args)]
pub(super) struct OnAdvice {
    /// The advice that the run follows, such as A7 [default: the newest of the last day that speaks of it,
    /// unless a run has followed that]
    #[arg(long, value_name = "ID")]
    advice: Option<String>,
}

impl OnAdvice {
    /// The advice that a run may follow, if any.
    pub(super) fn choose(
        &self,
        environment: &Environment,
        called: Option<&str>,
        is_rehearsal: bool,
    ) -> Result<Option<AdviceOfRun>, Failure> {
        let named = self.advice.as_deref();
        let request = AdviceRequest { named, called, ..usual(environment, is_rehearsal) };
        AdviceOfRun::choose(request, Clock::start().now())
    }

    /// The advice that a run follows which does another one again: the same.
    pub(super) fn of_run(
        fork: Option<&Fork>,
        environment: &Environment,
        is_rehearsal: bool,
    ) -> Result<Option<AdviceOfRun>, Failure> {
        let Some(fork) = fork else { return Ok(None) };
        let request = AdviceRequest { of: Some(&fork.of), ..usual(environment, is_rehearsal) };
        AdviceOfRun::choose(request, Clock::start().now())
    }
}

fn usual(environment: &Environment, is_rehearsal: bool) -> AdviceRequest<'_> {
    AdviceRequest {
        journal: &environment.journal,
        folder: &environment.project.root,
        named: None,
        called: None,
        of: None,
        is_rehearsal,
    }
}

/// The folder for outputs as files.
#[derive(Debug, Clone, Args)]
pub(super) struct OutputOptions {
    /// Write the outputs into this folder, a file each: texts as NAME.md, anything else as NAME.json
    #[arg(long, value_name = "DIR")]
    outputs: Option<PathBuf>,

    /// Replace files of the same names in the folder of --outputs
    #[arg(long, requires = "outputs")]
    replace: bool,
}

impl OutputOptions {
    pub(super) fn folder(&self) -> Option<OutputFolder<'_>> {
        let existing = if self.replace { Existing::Replaced } else { Existing::Kept };
        self.outputs.as_deref().map(|path| OutputFolder { path, existing })
    }
}
