//! How the findings are reported.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::interface::app::{Fixable, Repaired, Skipped, Validation};
use crate::interface::cli::screen::Screen;
use crate::interface::report::{
    Look, Tally, Tense, allowed_text, count_line, diagnostics_github, diagnostics_json,
    diagnostics_junit, diagnostics_sarif, diagnostics_text, repaired_text, skipped_json,
    skipped_text, unified_diff,
};
use crate::language::diagnostic::Severity;

/// What is reported, and in which form.
#[derive(Debug, Args)]
pub(super) struct ReportOptions {
    /// Show also what comments in the documents allow
    #[arg(long)]
    show_allowed: bool,

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

/// What there is to report.
pub(super) struct Outcome<'v> {
    pub(super) found: &'v Validation,
    pub(super) repaired: &'v [Repaired],
    /// Whether the repairs were made.
    pub(super) tense: Tense,
    /// The checks that were not made.
    pub(super) skipped: &'v [Skipped],
    /// The least severity that counts, if any does.
    pub(super) threshold: Option<Severity>,
}

impl ReportOptions {
    pub(super) fn print(&self, screen: &Screen, outcome: &Outcome<'_>) {
        let Validation { library, diagnostics, suppressed, files, .. } = outcome.found;
        let sources = library.sources();
        match self.format() {
            ReportFormat::Text => self.print_text(screen, outcome),
            ReportFormat::Json => screen.json(&json_report(outcome)),
            ReportFormat::Sarif => {
                screen.json(&diagnostics_sarif(sources, diagnostics, suppressed));
            }
            ReportFormat::Github => screen.print(&diagnostics_github(sources, diagnostics)),
            ReportFormat::Junit => {
                let threshold = outcome.threshold.unwrap_or(Severity::Error);
                screen.print(&diagnostics_junit(sources, files, diagnostics, threshold));
            }
        }
    }

    fn print_text(&self, screen: &Screen, outcome: &Outcome<'_>) {
        let Outcome { found, repaired, tense, skipped, .. } = *outcome;
        let sources = found.library.sources();
        if tense == Tense::Proposed {
            for file in repaired {
                let name = file.path.display().to_string();
                screen.print(&unified_diff(&name, &file.before, &file.after, screen.out));
            }
        }
        let look = Look { colour: screen.out.colour, width: screen.width };
        screen.print(&diagnostics_text(sources, &found.diagnostics, look));
        if self.show_allowed {
            screen.print(&allowed_text(sources, &found.suppressed));
        }
        for file in repaired {
            screen.print(&repaired_text(&file.path.display().to_string(), &file.titles, tense));
        }
        screen.line(&count_line(Tally {
            found: &found.diagnostics,
            suppressed: &found.suppressed,
            files: found.files.len(),
            passed_over: found.passed_over,
        }));
        screen.print(&skipped_text(skipped));
    }

    fn format(&self) -> ReportFormat {
        if self.json { ReportFormat::Json } else { self.format }
    }

    pub(super) fn is_json(&self) -> bool {
        self.format() == ReportFormat::Json
    }
}

fn json_report(outcome: &Outcome<'_>) -> Value {
    let Outcome { found, repaired, skipped, .. } = *outcome;
    let sources = found.library.sources();
    let fixable = Fixable::of(&found.diagnostics);
    let fixed =
        |file: &Repaired| json!({ "file": file.path.display().to_string(), "fixes": file.titles });
    json!({
        "version": 1,
        "diagnostics": diagnostics_json(sources, &found.diagnostics),
        "files": found.files.len(),
        "suppressed": diagnostics_json(sources, &found.suppressed),
        "fixable": { "safe": fixable.safe, "unsafe": fixable.risky },
        "fixed": repaired.iter().map(fixed).collect::<Vec<_>>(),
        "skipped": skipped_json(skipped),
    })
}
