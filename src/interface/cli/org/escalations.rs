//! `partita org escalations`

use clap::Args;

use crate::interface::app::organization_of;
use crate::interface::cli::CommandResult;
use crate::interface::cli::environment::Environment;
use crate::interface::cli::options::Output;
use crate::interface::report::{escalations_json, escalations_text};
use crate::runtime::clock::Clock;

/// Show what was blocked or escalated, who decided what and why, and what waits for a person
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita org escalations
  partita org escalations k7m2 --json

What waits for a person stands there with the command that answers it.")]
pub(super) struct Escalations {
    /// The run [default: the newest that has pieces of work]
    run: Option<String>,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Escalations {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let now = Clock::start().now();
        let run = organization_of(&environment.journal, self.run.as_deref(), now)?;
        let screen = &environment.screen;
        match self.output.is_json() {
            true => screen.json(&escalations_json(&run)),
            false => screen.print(&escalations_text(&run, screen.out)),
        }
        Ok(0)
    }
}
