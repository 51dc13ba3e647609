//! `partita why`

use clap::Args;

use super::CommandResult;
use super::environment::Environment;
use super::options::Output;
use crate::interface::app::find_run;
use crate::interface::report::{why_json, why_text};

/// Say why a task was asked again or not, and why it ran where and when it did
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita why k7m2 launch_plan               in comparison with the run before of the same name
  partita why k7m2 launch_plan --than c4dn   in comparison with another run
  partita why k7m2 work/r/technical          a task inside a used pattern
  partita why k7m2 launch_plan --json")]
pub(super) struct Why {
    /// The run, by its id or the beginning of it
    run: String,

    /// The task, by its address
    task: String,

    /// The run that it is compared with [default: the newest earlier one of the same name]
    #[arg(long, value_name = "RUN")]
    than: Option<String>,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Why {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let stored = find_run(&environment.journal, Some(&self.run))?;
        let account = stored.account(&self.task, self.than.as_deref())?;
        let screen = &environment.screen;
        if self.output.is_json() {
            screen.json(&why_json(&account));
        } else {
            screen.print(&why_text(&account, screen.out));
        }
        Ok(0)
    }
}
