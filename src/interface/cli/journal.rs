//! `partita journal`

use clap::{Args, Subcommand};

use super::CommandResult;
use super::environment::Environment;
use super::options::Output;
use crate::interface::app::{FailureKind, check_journal};
use crate::interface::report::{examination_json, examination_text};
use crate::runtime::journal::Examination;

/// Look after the journal
#[derive(Debug, Args)]
#[command(
    after_help = "\
Examples:
  partita journal check
  partita journal check --json",
    disable_help_subcommand = true
)]
pub(super) struct Journal {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Check(Check),
}

/// Look whether the journal is as it was written
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita journal check
  partita journal check --json

Looks at the file, at every fact of every run, and at every content that they name. Nothing is changed.
Exits with 1 if something is damaged.")]
struct Check {
    #[command(flatten)]
    output: Output,
}

impl Journal {
    pub(super) fn is_json(&self) -> bool {
        let Action::Check(check) = &self.action;
        check.output.is_json()
    }

    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let Action::Check(check) = &self.action;
        check.execute(environment)
    }
}

impl Check {
    fn execute(&self, environment: &Environment) -> CommandResult {
        let screen = &environment.screen;
        let found = check_journal(&environment.journal)?;
        match &found {
            found if self.output.is_json() => {
                let nothing = Examination::default();
                screen.json(&examination_json(found.as_ref().unwrap_or(&nothing)));
            }
            Some(found) => screen.print(&examination_text(found, screen.out)),
            None => screen.line("no runs yet"),
        }
        let Some(found) = found.filter(|found| !found.damages.is_empty()) else {
            return Ok(0);
        };
        if found.is_index_wrong {
            screen.note("what is called missing may be there: look again after `partita gc`");
        } else {
            screen.note(&format!(
                "runs that are not named can be used as before; the others come back with a copy of {}",
                environment.journal.join("journal.db").display()
            ));
        }
        Ok(FailureKind::Failed.exit_code())
    }
}
