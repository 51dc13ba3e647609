//! What the servers say about the documents.

use std::path::PathBuf;

use clap::Args;

use crate::interface::app::{
    Failure, FailureKind, Skipped, Validation, WorldRequest, check_online, look, skipped_offline,
};
use crate::interface::cli::environment::{Environment, all_variables};
use crate::interface::cli::run::runtime;
use crate::language::document::LintSettings;
use crate::runtime::tools::ToolAccess;

/// Whether servers are asked, and which.
#[derive(Debug, Args)]
pub(super) struct OnlineOptions {
    /// Ask the servers, too: whether models are there, can do what is asked, and have the window
    #[arg(long)]
    online: bool,

    /// With --online: a cluster file [default: what a pipeline names, else as for `run`]
    #[arg(long, value_name = "FILE", requires = "online")]
    cluster: Option<PathBuf>,

    /// With --online: an Ollama server; may be given several times
    #[arg(long = "server", value_name = "URL", requires = "online")]
    servers: Vec<String>,
}

/// What asking servers came to, beside the findings.
pub(super) struct Online {
    /// The checks that were not made.
    pub(super) skipped: Vec<Skipped>,
    /// The exit code where no finding counts.
    pub(super) exit_code: u8,
}

impl OnlineOptions {
    /// Asks the servers if that is wanted, and adds what they say to the findings.
    pub(super) fn ask(
        &self,
        environment: &Environment,
        settings: &LintSettings,
        found: &mut Validation,
    ) -> Result<Online, Failure> {
        if !self.online {
            return Ok(Online { skipped: skipped_offline(found), exit_code: 0 });
        }
        let world = self.world(environment);
        let sights = {
            let access = ToolAccess {
                folder: environment.project.root.clone(),
                variables: all_variables(),
                ..ToolAccess::default()
            };
            runtime()?.block_on(look(&environment.project, &world, found, &access))?
        };
        for line in sights.unplaced(found) {
            environment.screen.note(&line);
        }
        let skipped = check_online(found, settings, &sights);
        // Whoever asks for servers and reaches none has not been told that all is well.
        let exit_code = if sights.are_dark() { FailureKind::NoServer.exit_code() } else { 0 };
        Ok(Online { skipped, exit_code })
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
}
