//! `partita validate`

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::CommandResult;
use super::environment::Environment;
use super::online::{Online, ask_servers};
use crate::interface::app::{
    Failure, FailureKind, Fixable, Repaired, Skipped, Validation, WorldRequest, repair, validate,
    write_repairs,
};
use crate::interface::report::{
    Look, Tally, Tense, allowed_text, count_line, diagnostics_github, diagnostics_json,
    diagnostics_junit, diagnostics_sarif, diagnostics_text, repaired_text, skipped_json,
    skipped_text, unified_diff,
};
use crate::language::diagnostic::{Diagnostic, Safety, Severity};
use crate::language::document::suggest::nearest;
use crate::language::document::{Audience, Level, LintSettings};
use crate::language::lint::kinds;

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
pub(super) struct Validate {
    /// Files and folders [default: the project's own]
    paths: Vec<PathBuf>,

    /// Take warnings for errors: the same as --fail-on warning
    #[arg(long)]
    strict: bool,

    /// The least severity at which the command fails
    #[arg(long, value_name = "SEVERITY", default_value = "error", conflicts_with = "strict")]
    fail_on: Threshold,

    /// Say by the exit code how bad the worst finding is that counts: 11 info, 12 warning, 13 error
    #[arg(long)]
    exit_severity: bool,

    /// Whose rules are applied [default: what partita.yaml says, else author]
    #[arg(long, value_name = "AUDIENCE")]
    audience: Option<AudienceWord>,

    /// The level of a finding: off, info, warning or error; may be given several times
    #[arg(long = "level", value_name = "CODE=LEVEL")]
    levels: Vec<String>,

    /// The file of lint settings [default: partita.yaml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Repair what can be: `safe` repairs, or `all`
    #[arg(long, value_name = "KIND", num_args = 0..=1, require_equals = true,
        default_missing_value = "safe")]
    fix: Option<FixWord>,

    /// Show what the repairs change, and change nothing [implies --fix]
    #[arg(long)]
    diff: bool,

    /// Ask the servers, too: whether models are there, can do what is asked, and have the window
    #[arg(long)]
    online: bool,

    /// With --online: a cluster file [default: what a pipeline names, else as for `run`]
    #[arg(long, value_name = "FILE", requires = "online")]
    cluster: Option<PathBuf>,

    /// With --online: an Ollama server; may be given several times
    #[arg(long = "server", value_name = "URL", requires = "online")]
    servers: Vec<String>,

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

/// From which severity on the command fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Threshold {
    /// Any finding
    Info,
    /// Warnings and errors
    Warning,
    /// Errors
    Error,
    /// No finding
    Never,
}

/// Which repairs are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FixWord {
    /// Those after which a run does the same as before, or runs at all
    Safe,
    /// Also those that guess, or change what a run does
    All,
}

/// Whose rules are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AudienceWord {
    /// What is probably not meant
    Author,
    /// Also what costs time, money or nights
    Ci,
    /// Everything, also what is mostly fine
    Auditor,
}

impl Validate {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let (project, settings) = (&environment.project, self.settings(environment)?);
        let (mut found, repaired) = match self.repairs() {
            None => (validate(project, &self.paths, &settings)?, Vec::new()),
            Some(limit) => {
                let repairs = repair(project, &self.paths, &settings, limit)?;
                if !self.diff {
                    write_repairs(&repairs.files)?;
                }
                (repairs.left, repairs.files)
            }
        };
        let online = if self.online {
            ask_servers(environment, &self.world(environment), &settings, &mut found)?
        } else {
            Online::not_asked(&found)
        };
        self.report(environment, &found, &repaired, &online.skipped);
        let code = match self.exit_code(&found.diagnostics) {
            0 => online.exit_code,
            code => code,
        };
        // The process ends here: giving back every node of every document one by one takes a
        // twentieth of the whole time.
        std::mem::forget(found);
        Ok(code)
    }

    /// The servers that are asked.
    fn world(&self, environment: &Environment) -> WorldRequest {
        WorldRequest {
            cluster: self.cluster.clone(),
            servers: self.servers.clone(),
            ollama_host: environment.ollama_host.clone(),
            ..WorldRequest::default()
        }
    }

    fn report(
        &self,
        environment: &Environment,
        found: &Validation,
        repaired: &[Repaired],
        skipped: &[Skipped],
    ) {
        let (sources, screen) = (found.library.sources(), &environment.screen);
        match self.format {
            _ if self.is_json() => {
                let fixable = Fixable::of(&found.diagnostics);
                let repaired: Vec<_> = repaired
                    .iter()
                    .map(|file| json!({ "file": file.path.display().to_string(), "fixes": file.titles }))
                    .collect();
                screen.json(&json!({
                    "version": 1,
                    "diagnostics": diagnostics_json(sources, &found.diagnostics),
                    "files": found.files.len(),
                    "suppressed": diagnostics_json(sources, &found.suppressed),
                    "fixable": { "safe": fixable.safe, "unsafe": fixable.risky },
                    "fixed": repaired,
                    "skipped": skipped_json(skipped),
                }));
            }
            ReportFormat::Sarif => {
                screen.json(&diagnostics_sarif(sources, &found.diagnostics, &found.suppressed));
            }
            ReportFormat::Github => screen.print(&diagnostics_github(sources, &found.diagnostics)),
            ReportFormat::Junit => {
                let threshold = self.threshold().unwrap_or(Severity::Error);
                let report =
                    diagnostics_junit(sources, &found.files, &found.diagnostics, threshold);
                screen.print(&report);
            }
            ReportFormat::Text | ReportFormat::Json => {
                self.report_text(environment, found, repaired);
                environment.screen.print(&skipped_text(skipped));
            }
        }
    }

    fn report_text(&self, environment: &Environment, found: &Validation, repaired: &[Repaired]) {
        let (sources, screen) = (found.library.sources(), &environment.screen);
        if self.diff {
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
        let tense = if self.diff { Tense::Proposed } else { Tense::Done };
        for file in repaired {
            screen.print(&repaired_text(&file.path.display().to_string(), &file.titles, tense));
        }
        screen.line(&count_line(Tally {
            found: &found.diagnostics,
            suppressed: &found.suppressed,
            files: found.files.len(),
            passed_over: found.passed_over,
        }));
    }

    /// The settings of the project, with what the command line says over them.
    fn settings(&self, environment: &Environment) -> Result<LintSettings, Failure> {
        let mut settings = environment.project.lint_settings(self.config.as_deref())?;
        if let Some(audience) = self.audience {
            settings.audience = match audience {
                AudienceWord::Author => Audience::Author,
                AudienceWord::Ci => Audience::Ci,
                AudienceWord::Auditor => Audience::Auditor,
            };
        }
        for written in &self.levels {
            let (code, level) = read_level(written)?;
            settings.rules.insert(code, level);
        }
        Ok(settings)
    }

    fn repairs(&self) -> Option<Safety> {
        match self.fix {
            Some(FixWord::All) => Some(Safety::Unsafe),
            Some(FixWord::Safe) => Some(Safety::Safe),
            None => self.diff.then_some(Safety::Safe),
        }
    }

    /// The least severity that counts, if any does.
    fn threshold(&self) -> Option<Severity> {
        match self.fail_on {
            _ if self.strict => Some(Severity::Warning),
            Threshold::Info => Some(Severity::Info),
            Threshold::Warning => Some(Severity::Warning),
            Threshold::Error => Some(Severity::Error),
            Threshold::Never => None,
        }
    }

    fn exit_code(&self, found: &[Diagnostic]) -> u8 {
        let counting =
            |severity: &Severity| self.threshold().is_some_and(|least| *severity >= least);
        match found.iter().map(|found| found.severity).filter(counting).max() {
            None => 0,
            Some(_) if !self.exit_severity => 1,
            Some(Severity::Info) => 11,
            Some(Severity::Warning) => 12,
            Some(Severity::Error) => 13,
        }
    }

    pub(super) fn is_json(&self) -> bool {
        self.json || self.format == ReportFormat::Json
    }
}

/// `CODE=LEVEL`.
fn read_level(written: &str) -> Result<(String, Level), Failure> {
    let wrong = |message: String| Failure::new(FailureKind::Usage, message);
    let Some((code, word)) = written.split_once('=') else {
        return Err(wrong(format!("`{written}` says no level"))
            .hint("write it as CODE=LEVEL, for example `--level unpinned-model=error`"));
    };
    let Some(level) = Level::ALL.into_iter().find(|level| level.as_str() == word) else {
        return Err(wrong(format!("there is no level `{word}`"))
            .hint("the levels are off, info, warning, error"));
    };
    if let Some(kind) = kinds().find(|kind| kind.code.as_str() == code) {
        if kind.severity == Severity::Error && !kind.is_rule {
            return Err(wrong(format!("`{code}` is an error and stays one")));
        }
        return Ok((code.to_owned(), level));
    }
    let failure = wrong(format!("there is no finding `{code}`"));
    Err(match nearest(code, kinds().map(|kind| kind.code.as_str())) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint("`partita explain` lists the findings there are"),
    })
}
