//! `partita lsp`

use std::path::PathBuf;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::Duration;

use clap::Args;

use super::CommandResult;
use super::environment::Environment;
use super::run::runtime;
use crate::interface::app::{Failure, FailureKind, Project, WorldRequest, seen_models};
use crate::interface::lsp::{SeenModels, ServerOptions, serve};

/// Answer an editor: findings, completion, definitions, renaming, while somebody writes
///
/// A language server that speaks on standard input and output. Editors start it; docs/editors.md
/// says how to tell them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita lsp                       what an editor starts
  partita --library ../shared lsp   with the documents of a further folder
  partita lsp --online              offers also the models that your servers have

Exits with 1 when the editor goes away without saying so.")]
pub(super) struct Lsp {
    /// Look at the servers, so that their models are offered where one is written
    #[arg(long)]
    online: bool,

    /// With --online: a cluster file [default: as for `run`]
    #[arg(long, value_name = "FILE", requires = "online")]
    cluster: Option<PathBuf>,

    /// With --online: an Ollama server; may be given several times
    #[arg(long = "server", value_name = "URL", requires = "online")]
    servers: Vec<String>,

    /// Nothing else is spoken; some editors say so anyway
    #[arg(long, hide = true)]
    stdio: bool,
}

impl Lsp {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let options = ServerOptions {
            models: if self.online { self.watched(environment)? } else { SeenModels::default() },
            libraries: environment.project.libraries.clone(),
            builtin_folder: environment
                .cache
                .as_ref()
                .map(|cache| cache.join(concat!("library-", env!("CARGO_PKG_VERSION")))),
        };
        let in_order = serve(std::io::stdin(), std::io::stdout(), options).map_err(|error| {
            Failure::new(FailureKind::Failed, format!("the editor cannot be answered: {error}"))
        })?;
        Ok(u8::from(!in_order))
    }

    /// The models of the servers, looked for beside the conversation.
    fn watched(&self, environment: &Environment) -> Result<SeenModels, Failure> {
        let request = WorldRequest {
            cluster: self.cluster.clone(),
            servers: self.servers.clone(),
            ollama_host: environment.ollama_host.clone(),
            ..WorldRequest::default()
        };
        let (models, read) = SeenModels::awaited();
        let (project, seen) = (environment.project.clone(), models.clone());
        let tokio = runtime()?;
        thread::spawn(move || watch(&tokio, &project, &request, &seen, &read));
        Ok(models)
    }
}

/// Servers are looked at no more often than this.
const PAUSE: Duration = Duration::from_secs(30);

/// Looks at the servers now, and again when somebody reads what was seen; never without a reason.
fn watch(
    tokio: &tokio::runtime::Runtime,
    project: &Project,
    request: &WorldRequest,
    seen: &SeenModels,
    read: &Receiver<()>,
) {
    loop {
        seen.set(tokio.block_on(seen_models(project, request)));
        thread::sleep(PAUSE);
        while read.try_recv().is_ok() {}
        if read.recv().is_err() {
            return;
        }
    }
}
