//! `partita run`

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use tokio::runtime::Runtime;

use super::CommandResult;
use super::environment::{Environment, all_variables};
use super::options::{InContext, Inputs, OnAdvice, Output, OutputOptions, Servers};
use super::watch::{Watch, conduct};
use crate::engine::{DecidedAhead, People};
use crate::interface::app::{
    BudgetChange, Definition, Failure, FailureKind, Given, Intent, Session, StartRequest, Working,
    choose_world, learned_inputs,
};
use crate::runtime::journal::Durability;
use crate::runtime::tools::ToolAccess;

/// Run a pattern or pipeline by name or file
#[derive(Debug, Args)]
#[command(
    override_usage = "partita run [OPTIONS] <NAME>\n       partita run [OPTIONS] --plan <FILE>",
    after_help = "\
Examples:
  partita run product_launch --simulate
  partita run product_launch --server http://gpu1:11434 --server http://gpu2:11434
  partita run product_launch -i product=\"A field notebook\" -i launch_date=2027-03-01 --json
  partita run pipelines/nightly.yaml --cluster cluster.yaml --seed 7
  partita run --plan nightly.plan.json
  partita run product_launch --outputs launch     each output as a file in the folder launch
  partita run product_launch --cache              only what has changed is asked again
  partita run product_launch --budget calls=100,tokens=2M

Progress goes to standard error; with --json, standard output is one object.
Ctrl-C stops the run so that `partita resume` goes on with it."
)]
pub(super) struct Run {
    /// The name or the file of a pattern or pipeline
    #[arg(required_unless_present = "plan", conflicts_with = "plan")]
    name: Option<String>,

    /// Run a plan that `partita plan NAME --save FILE` has saved, as long as its documents are the
    /// same
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,

    #[command(flatten)]
    inputs: Inputs,

    /// Take answers of earlier runs where the same was asked of the same model
    #[arg(long)]
    cache: bool,

    #[command(flatten)]
    context: InContext,

    #[command(flatten)]
    advice: OnAdvice,

    #[command(flatten)]
    pub(super) work: WorkOptions,
}

/// What every command takes that works on a run: where, how it is watched, how it reports.
#[derive(Debug, Clone, Args)]
pub(super) struct WorkOptions {
    #[command(flatten)]
    pub(super) servers: Servers,

    #[command(flatten)]
    pub(super) watch: WatchOptions,

    #[command(flatten)]
    pub(super) output: Output,

    #[command(flatten)]
    pub(super) files: OutputOptions,

    /// What may be spent, over what the documents say: calls=100,tokens=2M,gpu_time=30m,time=2h, or
    /// TASK:calls=50 for what is inside a task; may be given several times
    #[arg(long, value_name = "LIMITS")]
    budget: Vec<String>,

    /// What may happen without a finished task being lost: `power` tells of nothing before
    /// the disk has it, `process` leaves writing to the system [default: $PARTITA_DURABILITY, or power]
    #[arg(long, value_name = "AGAINST", hide_possible_values = true)]
    durability: Option<SafeAgainst>,

    /// Agree to the use of a tool, or of all of a tool server, that agents ask for (`ask`); may be
    /// given several times
    #[arg(long = "allow-tool", value_name = "TOOL")]
    allow_tool: Vec<String>,

    /// Let tasks and agents run programs with `run_command`, of those that the cluster file names
    /// under `commands`
    #[arg(long)]
    allow_commands: bool,
}

/// What may happen without a finished task being lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SafeAgainst {
    /// The machine may lose power
    Power,
    /// The process may die, however it dies
    Process,
}

impl WorkOptions {
    pub(super) fn budgets(&self) -> Result<Vec<BudgetChange>, Failure> {
        self.budget.iter().map(|text| BudgetChange::read(text)).collect()
    }

    pub(super) fn working<'a>(
        &self,
        environment: &Environment,
        tokio: &'a Runtime,
    ) -> Result<Working<'a>, Failure> {
        let named = environment.durability.as_deref();
        let wanted = match (self.durability, named) {
            (Some(given), _) => given,
            (None, Some(named)) => SafeAgainst::from_str(named, true).map_err(|_| {
                let message = format!("PARTITA_DURABILITY is `{named}`");
                Failure::new(FailureKind::Usage, message).hint("it can be `power` or `process`")
            })?,
            (None, None) => SafeAgainst::Power,
        };
        let durability = match wanted {
            SafeAgainst::Power => Durability::Power,
            SafeAgainst::Process => Durability::Process,
        };
        let access = ToolAccess {
            folder: environment.project.root.clone(),
            variables: all_variables(),
            agreed: self.allow_tool.iter().cloned().collect(),
            commands: self.allow_commands,
        };
        let people = self.watch.people(environment);
        let project = environment.project.clone();
        Ok(Working { people, durability, tokio, access, project })
    }

    /// Starts a new run and works on it until it stops.
    pub(super) fn start(
        &self,
        mut request: StartRequest,
        decisions: Vec<DecidedAhead>,
        environment: &Environment,
    ) -> CommandResult {
        let watch = self.watch(environment);
        request.choice.budgets = self.budgets()?;
        watch.prepare_folder(&request.plan, &request.choice.setup)?;
        let runtime = runtime()?;
        let working = self.working(environment, &runtime)?;
        let session = Session::start(request, &environment.journal, &working)?;
        conduct(session, decisions, &watch, &runtime)
    }

    pub(super) fn watch<'a>(&'a self, environment: &'a Environment) -> Watch<'a> {
        Watch {
            options: &self.watch,
            is_json: self.output.is_json(),
            folder: self.files.folder(),
            environment,
        }
    }
}

/// How a run is watched.
#[derive(Debug, Clone, Args)]
pub(super) struct WatchOptions {
    /// Ask nobody: gates take their default, and a gate without one pauses the run
    #[arg(long)]
    pub(super) no_input: bool,

    /// Decide a gate beforehand; may be given several times
    #[arg(long = "decide", value_name = "TASK=CHOICE")]
    pub(super) decide: Vec<String>,

    /// Show no progress
    #[arg(short, long)]
    pub(super) quiet: bool,
}

impl WatchOptions {
    pub(super) fn people(&self, environment: &Environment) -> People {
        // Somebody who decides beforehand is there as far as those gates go; the others find
        // nobody when there is no terminal.
        let present = environment.can_ask && !self.no_input;
        if present { People::Present } else { People::Absent }
    }
}

impl Run {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let project = &environment.project;
        let definition = match (&self.plan, &self.name) {
            (Some(path), _) => Definition::of_saved(project, path)?,
            (None, name) => Definition::to_run(project, name.as_deref().unwrap_or_default())?,
        };
        let folder = definition.folder(project);
        let root = definition.plan().root();
        let given = self.inputs.given()?.values(root)?;
        let inputs = Given::bound(root, &given)?;
        let decisions = self.work.watch(environment).decisions(definition.plan())?;
        let request = self.work.servers.request(environment);
        let mut choice =
            choose_world(&request, project, Intent::of(&definition, folder.as_deref()))?;
        choice.setup.cache = self.cache;
        let learned = learned_inputs(definition.plan(), &given);
        let guidance = Some(definition.guidance(project, &environment.learnings())?);
        let plan = Arc::new(definition.into_plan());
        let is_simulated = choice.setup.simulation.is_some();
        let context = self.context.choose(environment, is_simulated)?;
        let advice = self.advice.choose(environment, self.name.as_deref(), is_simulated)?;
        let request = StartRequest {
            learned,
            context,
            guidance,
            advice,
            ..StartRequest::of(plan, inputs, choice)
        };
        self.work.start(request, decisions, environment)
    }
}

/// The thread on which calls run; who waits for them does so on its own.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(FailureKind::Failed, format!("no threads: {error}")))
}
