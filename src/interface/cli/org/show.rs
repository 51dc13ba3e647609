//! `partita org show`

use clap::Args;

use crate::interface::app::organization_of;
use crate::interface::cli::CommandResult;
use crate::interface::cli::environment::Environment;
use crate::interface::cli::options::Output;
use crate::interface::report::{progress_json, progress_text, work_json, work_text};
use crate::runtime::clock::Clock;

/// Show how far work has come, or one piece of it with all that happened to it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita org show                         the whole, milestones, domains, pieces, the critical path
  partita org show k7m2
  partita org show k7m2 add_index          its moves, reviews, decisions, messages, and what blocks it
  partita org show k7m2 work[add_index] --json")]
pub(super) struct Show {
    /// The run [default: the newest that has pieces of work]
    run: Option<String>,

    /// A piece of work: its address, the end of it, or its title
    work: Option<String>,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Show {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let now = Clock::start().now();
        let run = organization_of(&environment.journal, self.run.as_deref(), now)?;
        let screen = &environment.screen;
        let work = self.work.as_ref().map(|word| run.work(word)).transpose()?;
        match (work, self.output.is_json()) {
            (None, true) => screen.json(&progress_json(&run)),
            (None, false) => screen.print(&progress_text(&run, screen.out)),
            (Some(place), true) => screen.json(&work_json(&run, place)),
            (Some(place), false) => screen.print(&work_text(&run, place, screen.out)),
        }
        Ok(0)
    }
}
