//! Which findings count, and what the exit code says of them.

use clap::{Args, ValueEnum};

use crate::language::diagnostic::{Diagnostic, Severity};

/// From which finding on the command fails, and how.
#[derive(Debug, Args)]
pub(super) struct VerdictOptions {
    /// Take warnings for errors: the same as --fail-on warning
    #[arg(long)]
    strict: bool,

    /// The least severity at which the command fails
    #[arg(long, value_name = "SEVERITY", default_value = "error", conflicts_with = "strict")]
    fail_on: Threshold,

    /// Say by the exit code how bad the worst finding is that counts: 11 info, 12 warning, 13 error
    #[arg(long)]
    exit_severity: bool,
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

impl VerdictOptions {
    /// The least severity that counts, if any does.
    pub(super) fn threshold(&self) -> Option<Severity> {
        match self.fail_on {
            _ if self.strict => Some(Severity::Warning),
            Threshold::Info => Some(Severity::Info),
            Threshold::Warning => Some(Severity::Warning),
            Threshold::Error => Some(Severity::Error),
            Threshold::Never => None,
        }
    }

    /// How the command ends as far as the findings go.
    pub(super) fn exit_code(&self, found: &[Diagnostic]) -> u8 {
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
}
