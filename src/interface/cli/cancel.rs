//! `partita cancel`

use clap::Args;

use super::CommandResult;
use super::environment::Environment;
use crate::interface::app::{cancel_stored, find_run};

/// End a run for good
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita cancel k7m2

A run that is under way in another process is told to end there.")]
pub(super) struct Cancel {
    /// The run, by its id or the beginning of it
    run: String,
}

impl Cancel {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let stored = find_run(&environment.journal, Some(&self.run))?;
        let id = stored.record.id.clone();
        let done = cancel_stored(stored, &environment.user)?;
        environment.screen.line(&if done {
            format!("run {id} is cancelled")
        } else {
            format!("run {id} is under way in another process and was told to end")
        });
        Ok(0)
    }
}
