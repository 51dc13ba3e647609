//! `partita org board`

use clap::Args;

use crate::interface::app::organization_of;
use crate::interface::cli::CommandResult;
use crate::interface::cli::environment::Environment;
use crate::interface::cli::options::Output;
use crate::interface::report::{BoardLook, board_json, board_text};
use crate::runtime::clock::Clock;

/// Show pieces of work by state: who has each, for how long, and whose time is nearly over
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita org board
  partita org board k7m2
  partita org board k7m2 --json

`! 85 %` is 85 % of the time that work of its tier may be in the state, `!! 120 %` more than all of it.")]
pub(super) struct Board {
    /// The run [default: the newest that has pieces of work]
    run: Option<String>,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Board {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let now = Clock::start().now();
        let run = organization_of(&environment.journal, self.run.as_deref(), now)?;
        let screen = &environment.screen;
        match self.output.is_json() {
            true => screen.json(&board_json(&run)),
            false => {
                let look = BoardLook { paint: screen.out, width: screen.width };
                screen.print(&board_text(&run, look));
            }
        }
        Ok(0)
    }
}
