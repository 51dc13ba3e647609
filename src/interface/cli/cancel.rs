//! `partita cancel`

use clap::Args;

use super::CommandResult;
use super::environment::Environment;
use crate::interface::app::{Cancelled, cancel_stored, find_run};

/// End a run for good
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita cancel k7m2

A run that is under way in another process is told to end there. What tasks with
`compensate` have done is undone first; a run that is cancelled again ends at once.")]
pub(super) struct Cancel {
    /// The run, by its id or the beginning of it
    run: String,
}

impl Cancel {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let stored = find_run(&environment.journal, Some(&self.run))?;
        let id = stored.record.id.clone();
        let done = cancel_stored(stored, &environment.user)?;
        environment.screen.line(&match done {
            Cancelled::Over => format!("run {id} is cancelled"),
            Cancelled::ToBeUndone => format!(
                "run {id} is cancelled, and what it has done is to be undone: partita resume {id}"
            ),
            Cancelled::Told => {
                format!("run {id} is under way in another process and was told to end")
            }
        });
        Ok(0)
    }
}
