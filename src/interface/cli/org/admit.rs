//! `partita org admit`

use std::path::PathBuf;

use clap::Args;

use super::capacity::Time;
use crate::interface::app::FailureKind;
use crate::interface::cli::CommandResult;
use crate::interface::cli::environment::Environment;
use crate::interface::cli::options::Output;
use crate::interface::report::{admission_json, admission_text};
use crate::organization::Admission;

/// Say whether new work fits beside what is promised, who would do it, and until when
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita org admit shop_floor work.yaml
  partita org admit shop_floor work.yaml --from 2027-03-01
  partita org admit shop_floor work.json --json

The file is a list, in the order in which the work is handed out:
  - { title: Index the orders, domain: backend, skills: [sql], complexity: high, hours: 6 }
  - { title: Show the index, domain: web, hours: 3, related: [orders] }

Nothing is set aside. Exits with 1 if it does not fit.")]
pub(super) struct Admit {
    #[command(flatten)]
    time: Time,

    /// The work: a list in YAML or JSON
    #[arg(value_name = "FILE")]
    work: PathBuf,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Admit {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let staffing = self.time.staffing(environment)?;
        let found = staffing.admission(&self.work)?;
        let screen = &environment.screen;
        match self.output.is_json() {
            true => screen.json(&admission_json(&staffing, &found)),
            false => screen.print(&admission_text(&staffing, &found, screen.out)),
        }
        let fits = matches!(found.admission, Admission::Fits { .. });
        Ok(if fits { 0 } else { FailureKind::Failed.exit_code() })
    }
}
