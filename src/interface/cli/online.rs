//! `partita validate --online`: what the servers say about the documents.

use super::environment::Environment;
use super::run::runtime;
use crate::interface::app::{
    Failure, FailureKind, Skipped, Validation, WorldRequest, check_online, look, skipped_offline,
};
use crate::language::document::LintSettings;

/// What asking servers came to, beside the findings.
pub(super) struct Online {
    /// The checks that were not made.
    pub(super) skipped: Vec<Skipped>,
    /// The exit code where no finding counts.
    pub(super) exit_code: u8,
}

impl Online {
    /// No server was to be asked.
    pub(super) fn not_asked(found: &Validation) -> Online {
        Online { skipped: skipped_offline(found), exit_code: 0 }
    }
}

/// Asks the servers, and adds what they say to the findings.
pub(super) fn ask_servers(
    environment: &Environment,
    world: &WorldRequest,
    settings: &LintSettings,
    found: &mut Validation,
) -> Result<Online, Failure> {
    let sights = runtime()?.block_on(look(&environment.project, world, found))?;
    for line in sights.unplaced(found) {
        environment.screen.note(&line);
    }
    let skipped = check_online(found, settings, &sights);
    // Whoever asks for servers and reaches none has not been told that all is well.
    let exit_code = if sights.are_dark() { FailureKind::NoServer.exit_code() } else { 0 };
    Ok(Online { skipped, exit_code })
}
