//! `partita fork`

use std::sync::Arc;

use clap::Args;

use super::CommandResult;
use super::environment::Environment;
use super::options::{InContext, OnAdvice};
use super::resume::choice;
use super::run::WorkOptions;
use crate::interface::app::{Forked, StartRequest, StoredRun, find_run};

/// Run a plan again from a task on, or with other inputs, and keep all other results
#[derive(Debug, Args)]
#[command(
    override_usage = "partita fork [OPTIONS] <RUN> --from <TASK>\n       partita fork [OPTIONS] <RUN> --set <INPUT=VALUE>",
    after_help = "\
Examples:
  partita fork k7m2 --from launch_plan             launch_plan, and what depends on it
  partita fork k7m2 --from work/r/technical        a task inside a used pattern
  partita fork k7m2 --set launch_date=2027-05-01   what reads this input
  partita fork k7m2 --from market --set product=@brief.txt --json

The fork is a new run on the servers of the earlier one, which stays as it is. A task that keeps its
result is not asked again."
)]
pub(super) struct Fork {
    /// The run, by its id or the beginning of it
    run: String,

    /// A task that runs again, with everything that depends on it; may be given several times
    #[arg(long, value_name = "TASK", required_unless_present = "set")]
    from: Vec<String>,

    /// Another value of an input; may be given several times. A value @FILE is read from the file
    #[arg(long, value_name = "INPUT=VALUE")]
    set: Vec<String>,

    #[command(flatten)]
    context: InContext,

    #[command(flatten)]
    pub(super) work: WorkOptions,
}

impl Fork {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let stored = find_run(&environment.journal, Some(&self.run))?;
        let forked = stored.forked(&self.from, &self.set)?;
        begin(&stored, forked, &self.work, &self.context, environment)
    }
}

/// Starts a fork on the servers that the earlier run had, unless others are named.
pub(super) fn begin(
    stored: &StoredRun,
    forked: Forked,
    work: &WorkOptions,
    context: &InContext,
    environment: &Environment,
) -> CommandResult {
    let decisions = work.watch(environment).decisions(&stored.plan)?;
    forked.check_decisions(&stored.plan, &decisions)?;
    let mut choice = choice(stored, &work.servers, environment)?;
    // Whatever is done again is to be done again.
    choice.setup.cache = false;
    let Forked { inputs, fork, guidance } = forked;
    let (plan, fork) = (Arc::clone(&stored.plan), Some(fork));
    let context = context.choose(environment, choice.setup.simulation.is_some())?;
    let advice = OnAdvice::of_run(fork.as_ref(), environment, choice.setup.simulation.is_some())?;
    let request =
        StartRequest { fork, context, guidance, advice, ..StartRequest::of(plan, inputs, choice) };
    work.start(request, decisions, environment)
}
