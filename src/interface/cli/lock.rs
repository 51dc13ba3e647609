//! `partita patterns lock`

use clap::Args;

use super::CommandResult;
use super::environment::Environment;
use super::options::Output;
use crate::interface::app::{FailureKind, MovedTags, check_lock, lock_imports};
use crate::interface::report::{
    checked_lock_json, checked_lock_text, locked_json, locked_text, unread_text,
};

/// Fetch what imports.yaml names, and write down what exactly it is
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita patterns lock                        resolve, fetch, write partita.lock
  partita patterns lock --check                in CI: nothing is written down, what differs is told
  partita patterns lock --accept-moved-tags    lock a tag that is another commit than before

Repositories are read with `git`, which asks nobody for a password. With --check, what is locked and not
on this machine is fetched by its commit; exits with 1 if anything differs from partita.lock.")]
pub(super) struct Lock {
    /// Compare with partita.lock instead of writing it
    #[arg(long, conflicts_with = "accept_moved_tags")]
    check: bool,

    /// Lock tags as they are now that were other commits before
    #[arg(long)]
    accept_moved_tags: bool,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Lock {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        if self.check {
            return self.compare(environment);
        }
        let moved = if self.accept_moved_tags { MovedTags::Accepted } else { MovedTags::Refused };
        let locked = lock_imports(&environment.project, moved)?;
        let screen = &environment.screen;
        if self.output.is_json() {
            screen.json(&locked_json(&locked));
        } else {
            screen.print(&locked_text(&locked, screen.out));
            if let Some(unread) = unread_text(&locked) {
                screen.note(&unread);
            }
        }
        Ok(0)
    }

    fn compare(&self, environment: &Environment) -> CommandResult {
        let checked = check_lock(&environment.project)?;
        let screen = &environment.screen;
        if self.output.is_json() {
            screen.json(&checked_lock_json(&checked));
        } else {
            screen.print(&checked_lock_text(&checked, screen.out));
        }
        if checked.is_current() {
            return Ok(0);
        }
        screen.note("`partita patterns lock` locks what is declared and there now");
        Ok(FailureKind::Failed.exit_code())
    }
}
