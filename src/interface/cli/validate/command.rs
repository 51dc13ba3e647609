//! The command: what it is asked, and in which order it does it.

use std::path::PathBuf;

use clap::Args;

use super::online::OnlineOptions;
use super::repairs::RepairOptions;
use super::report::{Outcome, ReportOptions};
use super::rules::RuleOptions;
use super::verdict::VerdictOptions;
use crate::interface::cli::CommandResult;
use crate::interface::cli::environment::Environment;

/// Find every problem of every file in one pass, offline unless --online is given
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita validate                          the project: patterns/, pipelines/, teams/, cluster.yaml
  partita validate patterns/launch.yaml     one file
  partita validate . --strict               a folder; warnings are errors
  partita validate --online                 also whether the servers have what is asked for
  partita validate --audience ci            also what costs time, money or nights
  partita validate --fix --diff             what the safe repairs would change
  partita validate --format json > report.json
  partita validate --strict --format sarif > partita.sarif

Settings for a project are in partita.yaml; `partita explain CODE` says what a finding means.

Exits with 1 when there are errors (with --strict also for warnings).")]
pub(in crate::interface::cli) struct Validate {
    /// Files and folders [default: the project's own]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    verdict: VerdictOptions,

    #[command(flatten)]
    rules: RuleOptions,

    #[command(flatten)]
    repairs: RepairOptions,

    #[command(flatten)]
    online: OnlineOptions,

    #[command(flatten)]
    report: ReportOptions,
}

impl Validate {
    pub(in crate::interface::cli) fn execute(&self, environment: &Environment) -> CommandResult {
        let settings = self.rules.settings(&environment.project)?;
        let (mut found, repaired) =
            self.repairs.validate(&environment.project, &self.paths, &settings)?;
        let online = self.online.ask(environment, &settings, &mut found)?;
        let outcome = Outcome {
            found: &found,
            repaired: &repaired,
            tense: self.repairs.tense(),
            skipped: &online.skipped,
            threshold: self.verdict.threshold(),
        };
        self.report.print(&environment.screen, &outcome);
        let code = match self.verdict.exit_code(&found.diagnostics) {
            0 => online.exit_code,
            code => code,
        };
        // The process ends here: giving back every node of every document one by one takes a
        // twentieth of the whole time.
        std::mem::forget(found);
        Ok(code)
    }

    pub(in crate::interface::cli) fn is_json(&self) -> bool {
        self.report.is_json()
    }
}
