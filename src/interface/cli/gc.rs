//! `partita gc`

use clap::Args;

use super::CommandResult;
use super::environment::Environment;
use super::options::Output;
use crate::interface::app::remove_old_runs;
use crate::interface::report::{removed_json, removed_text};
use crate::language::document::HumanDuration;
use crate::runtime::journal::Removal;

/// Remove old runs that are over, and contents that no run needs any more
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita gc --keep 100                        the newest 100 runs that are over stay
  partita gc --older-than 30d                  runs that ended more than 30 days ago go
  partita gc --keep 20 --older-than 7d --dry-run
  partita gc                                   no run goes, only contents that none needs

Runs that are not over stay: those that are under way, were cut off, are paused or wait for a person.
`partita cancel` ends them.")]
pub(super) struct Gc {
    /// So many of the newest runs that are over stay
    #[arg(long, value_name = "N")]
    keep: Option<usize>,

    /// Only runs go that ended so long ago, such as 12h or 30d
    #[arg(long, value_name = "DURATION")]
    older_than: Option<HumanDuration>,

    /// Say what would be removed, and remove nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Gc {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let removal = if self.dry_run { Removal::Dry } else { Removal::Real };
        let age = self.older_than.map(|age| age.0);
        let removed = remove_old_runs(&environment.journal, self.keep, age, removal)?;
        let screen = &environment.screen;
        match &removed {
            removed if self.output.is_json() => {
                screen.json(&removed_json(removed.as_ref(), removal));
            }
            Some(removed) => screen.print(&removed_text(removed, removal, screen.out)),
            None => screen.line("no runs yet"),
        }
        Ok(0)
    }
}
