//! `partita retry`

use clap::Args;

use super::CommandResult;
use super::environment::Environment;
use super::fork::begin;
use super::options::InContext;
use super::run::WorkOptions;
use crate::interface::app::find_run;

/// Run the failed tasks of a run that is over again, and what depends on them
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita retry k7m2                       the tasks that failed
  partita retry k7m2 technical             one of them
  partita retry k7m2 --server http://gpu2:11434

A run that is over stays as it is: this is a fork of it, a new run that keeps all other results.")]
pub(super) struct Retry {
    /// The run, by its id or the beginning of it
    run: String,

    /// The tasks [default: all that failed, or were broken off if the run was cancelled]
    tasks: Vec<String>,

    #[command(flatten)]
    context: InContext,

    #[command(flatten)]
    pub(super) work: WorkOptions,
}

impl Retry {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let stored = find_run(&environment.journal, Some(&self.run))?;
        let forked = stored.retried(&self.tasks)?;
        begin(&stored, forked, &self.work, &self.context, environment)
    }
}
