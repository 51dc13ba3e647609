//! `partita validate`

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::CommandResult;
use super::environment::Environment;
use super::options::Output;
use crate::interface::app::validate;
use crate::interface::report::{Look, count_line, diagnostics_json, diagnostics_text};
use crate::language::diagnostic::Severity;

/// Find every problem of every file in one pass, offline
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita validate                          the project: patterns/, pipelines/, teams/, cluster.yaml
  partita validate patterns/launch.yaml     one file
  partita validate . --strict               a folder; warnings are errors
  partita validate --format json > report.json

Exits with 1 when there are errors (with --strict also for warnings).")]
pub(super) struct Validate {
    /// Files and folders [default: the project's own]
    paths: Vec<PathBuf>,

    /// Take warnings for errors
    #[arg(long)]
    strict: bool,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Validate {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let found = validate(&environment.project, &self.paths)?;
        let sources = found.library.sources();
        let screen = &environment.screen;
        if self.output.is_json() {
            screen.json(&json!({
                "diagnostics": diagnostics_json(sources, &found.diagnostics),
                "files": found.files,
            }));
        } else {
            let look = Look { colour: screen.out.colour, width: screen.width };
            screen.print(&diagnostics_text(sources, &found.diagnostics, look));
            screen.line(&count_line(&found.diagnostics, found.files, found.passed_over));
        }
        let bad = found.count(Severity::Error)
            + if self.strict { found.count(Severity::Warning) } else { 0 };
        Ok(u8::from(bad > 0))
    }
}
