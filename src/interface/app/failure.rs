//! Why a command could not do what it was asked, and the exit code that says so.

use crate::language::diagnostic::Diagnostic;
use crate::language::source::SourceMap;
use crate::runtime::cluster::{AddressError, ClientError};
use crate::runtime::embedded::ConductError;
use crate::runtime::journal::JournalError;

/// Why a command could not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    /// What kind of trouble, which decides the exit code.
    pub kind: FailureKind,
    /// What happened, in lower case.
    pub message: String,
    /// What to do about it, a line each.
    pub hints: Vec<String>,
    /// What is wrong with the documents, with the sources they are in.
    pub diagnostics: Option<Box<(SourceMap, Vec<Diagnostic>)>>,
}

/// The kinds of trouble. All exit codes of the program stand here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The documents, the run or the journal failed: exit code 1.
    Failed,
    /// The command line does not make sense: exit code 2.
    Usage,
    /// No server could be reached: exit code 3.
    NoServer,
    /// A gate waits for a person: exit code 4.
    Waiting,
    /// A budget of the run is used up: exit code 5.
    Budget,
    /// The run was interrupted: exit code 130.
    Interrupted,
}

impl FailureKind {
    /// The exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            FailureKind::Failed => 1,
            FailureKind::Usage => 2,
            FailureKind::NoServer => 3,
            FailureKind::Waiting => 4,
            FailureKind::Budget => 5,
            FailureKind::Interrupted => 130,
        }
    }
}

impl Failure {
    /// A failure with what happened.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Failure {
        Failure { kind, message: message.into(), hints: Vec::new(), diagnostics: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hints.push(hint.into());
        self
    }

    /// Adds what is wrong with the documents.
    #[must_use]
    pub fn with_diagnostics(mut self, sources: &SourceMap, found: Vec<Diagnostic>) -> Failure {
        self.diagnostics = Some(Box::new((sources.clone(), found)));
        self
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Failure {
        let kind = match error {
            JournalError::UnknownRun(_)
            | JournalError::Ambiguous { .. }
            | JournalError::NotInContext(_) => FailureKind::Usage,
            _ => FailureKind::Failed,
        };
        let failure = Failure::new(kind, error.to_string());
        match error {
            JournalError::CannotOpen { .. } | JournalError::CannotWrite { .. } => failure.hint(
                "choose another folder with --journal DIR or PARTITA_JOURNAL; nothing that was \
                 stored is lost",
            ),
            JournalError::NotAJournal { .. } => {
                failure.hint("choose another folder with --journal DIR or PARTITA_JOURNAL")
            }
            JournalError::Newer { .. } => {
                failure.hint("update Partita, or choose another folder with --journal DIR")
            }
            JournalError::UnknownForm(_) => failure
                .hint("if a newer Partita has written it, update this one; nothing is lost")
                .hint("`partita journal check` looks for damage"),
            JournalError::UnknownRun(_) | JournalError::Ambiguous { .. } => {
                failure.hint("`partita runs` lists the runs there are")
            }
            JournalError::NotInContext(_) => failure
                .hint("`partita context status` shows what it holds; `--no-context` leaves it out"),
            JournalError::Busy { .. } => failure.hint("wait for it, or stop it there with Ctrl-C"),
            JournalError::Damaged(_) => {
                failure.hint("`partita journal check` lists everything that is damaged")
            }
        }
    }
}

impl From<ConductError> for Failure {
    fn from(error: ConductError) -> Failure {
        match error {
            ConductError::NotStored { ref run, ref source } => {
                let failure = Failure::new(FailureKind::Failed, error.to_string());
                let failure = match source {
                    JournalError::Damaged(_) => {
                        failure.hint("`partita journal check` lists everything that is damaged")
                    }
                    _ => failure.hint(
                        "make room there, or see to it that it can be written; nothing that was \
                         stored is lost",
                    ),
                };
                failure.hint(format!("then go on with `partita resume {run}`"))
            }
            ConductError::Journal(error) => {
                Failure::from(error).hint("then go on with `partita resume`")
            }
            ConductError::Engine(error) => {
                Failure::new(FailureKind::Failed, format!("Partita is at fault: {error}"))
                    .hint("please report this")
            }
        }
    }
}

impl From<AddressError> for Failure {
    fn from(error: AddressError) -> Failure {
        Failure::new(FailureKind::Usage, error.to_string())
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Failure {
        Failure::new(FailureKind::Failed, error.to_string())
    }
}
