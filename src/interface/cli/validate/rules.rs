//! Which rules are applied, and how much their findings weigh.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::interface::app::{Failure, FailureKind, Project};
use crate::language::diagnostic::Severity;
use crate::language::document::suggest::nearest;
use crate::language::document::{Audience, Level, LintSettings};
use crate::language::lint::kinds;

/// What the command line says over the settings of the project.
#[derive(Debug, Args)]
pub(super) struct RuleOptions {
    /// Whose rules are applied [default: what partita.yaml says, else author]
    #[arg(long, value_name = "AUDIENCE")]
    audience: Option<AudienceWord>,

    /// The level of a finding: off, info, warning or error; may be given several times
    #[arg(long = "level", value_name = "CODE=LEVEL")]
    levels: Vec<String>,

    /// The file of lint settings [default: partita.yaml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
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

impl RuleOptions {
    /// The settings of the project, with what the command line says over them.
    pub(super) fn settings(&self, project: &Project) -> Result<LintSettings, Failure> {
        let mut settings = project.lint_settings(self.config.as_deref())?;
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
