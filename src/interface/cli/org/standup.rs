//! `partita org standup`

use clap::Args;

use crate::interface::app::organization_of;
use crate::interface::cli::CommandResult;
use crate::interface::cli::environment::Environment;
use crate::interface::cli::options::Output;
use crate::interface::report::{standup_json, standup_text};
use crate::language::document::HumanDuration;
use crate::runtime::clock::Clock;

/// Show what everybody has done, is doing, does next, and what stands still
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita org standup                      what was done over the last day
  partita org standup k7m2 --since 4h
  partita org standup k7m2 --json")]
pub(super) struct Standup {
    /// The run [default: the newest that has pieces of work]
    run: Option<String>,

    /// How far back it looks for what was done and said
    #[arg(long, value_name = "DURATION", default_value = "1d")]
    since: HumanDuration,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Standup {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let now = Clock::start().now();
        let run = organization_of(&environment.journal, self.run.as_deref(), now)?;
        let since = now - self.since.0;
        let screen = &environment.screen;
        match self.output.is_json() {
            true => screen.json(&standup_json(&run, since)),
            false => screen.print(&standup_text(&run, since, screen.out)),
        }
        Ok(0)
    }
}
