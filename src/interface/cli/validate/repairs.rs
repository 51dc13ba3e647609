//! What is repaired on the way.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::interface::app::{
    Failure, Project, Repaired, Validation, repair, validate, write_repairs,
};
use crate::interface::report::Tense;
use crate::language::diagnostic::Safety;
use crate::language::document::LintSettings;

/// Which repairs are made, and whether they are.
#[derive(Debug, Args)]
pub(super) struct RepairOptions {
    /// Repair what can be: `safe` repairs, or `all`
    #[arg(long, value_name = "KIND", num_args = 0..=1, require_equals = true,
        default_missing_value = "safe")]
    fix: Option<FixWord>,

    /// Show what the repairs change, and change nothing [implies --fix]
    #[arg(long)]
    diff: bool,
}

/// Which repairs are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FixWord {
    /// Those after which a run does the same as before, or runs at all
    Safe,
    /// Also those that guess, or change what a run does
    All,
}

impl RepairOptions {
    /// What is found, after the repairs if any are asked for, and the files that these change.
    pub(super) fn validate(
        &self,
        project: &Project,
        paths: &[PathBuf],
        settings: &LintSettings,
    ) -> Result<(Validation, Vec<Repaired>), Failure> {
        let Some(limit) = self.limit() else {
            return Ok((validate(project, paths, settings)?, Vec::new()));
        };
        let repairs = repair(project, paths, settings, limit)?;
        if self.tense() == Tense::Done {
            write_repairs(&repairs.files)?;
        }
        Ok((repairs.left, repairs.files))
    }

    /// Whether the repairs are made.
    pub(super) fn tense(&self) -> Tense {
        if self.diff { Tense::Proposed } else { Tense::Done }
    }

    fn limit(&self) -> Option<Safety> {
        match self.fix {
            Some(FixWord::All) => Some(Safety::Unsafe),
            Some(FixWord::Safe) => Some(Safety::Safe),
            None => self.diff.then_some(Safety::Safe),
        }
    }
}
