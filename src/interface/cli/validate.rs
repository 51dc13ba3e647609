//! `partita validate`

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::CommandResult;
use super::environment::Environment;
use crate::interface::app::validate;
use crate::interface::report::{
    Look, count_line, diagnostics_github, diagnostics_json, diagnostics_junit, diagnostics_sarif,
    diagnostics_text,
};
use crate::language::diagnostic::Severity;

/// Find every problem of every file in one pass, offline
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita validate                          the project: patterns/, pipelines/, teams/, cluster.yaml
  partita validate patterns/launch.yaml     one file
  partita validate . --strict               a folder; warnings are errors
  partita validate --format json > report.json
  partita validate --strict --format sarif > partita.sarif

Exits with 1 when there are errors (with --strict also for warnings).")]
pub(super) struct Validate {
    /// Files and folders [default: the project's own]
    paths: Vec<PathBuf>,

    /// Take warnings for errors
    #[arg(long)]
    strict: bool,

    /// How it is reported
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ReportFormat,

    /// The same as --format json
    #[arg(long)]
    json: bool,
}

/// How findings are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// For people
    Text,
    /// For machines
    Json,
    /// SARIF 2.1.0, for code hosts and editors
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// A JUnit report, for build servers
    Junit,
}

impl Validate {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let found = validate(&environment.project, &self.paths)?;
        let (sources, screen) = (found.library.sources(), &environment.screen);
        let threshold = if self.strict { Severity::Warning } else { Severity::Error };
        match self.format {
            _ if self.is_json() => screen.json(&json!({
                "diagnostics": diagnostics_json(sources, &found.diagnostics),
                "files": found.files.len(),
            })),
            ReportFormat::Sarif => screen.json(&diagnostics_sarif(sources, &found.diagnostics)),
            ReportFormat::Github => screen.print(&diagnostics_github(sources, &found.diagnostics)),
            ReportFormat::Junit => {
                let report =
                    diagnostics_junit(sources, &found.files, &found.diagnostics, threshold);
                screen.print(&report);
            }
            ReportFormat::Text | ReportFormat::Json => {
                let look = Look { colour: screen.out.colour, width: screen.width };
                screen.print(&diagnostics_text(sources, &found.diagnostics, look));
                let files = found.files.len();
                screen.line(&count_line(&found.diagnostics, files, found.passed_over));
            }
        }
        let is_bad = found.diagnostics.iter().any(|found| found.severity >= threshold);
        Ok(u8::from(is_bad))
    }

    pub(super) fn is_json(&self) -> bool {
        self.json || self.format == ReportFormat::Json
    }
}
