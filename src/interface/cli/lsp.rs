//! `partita lsp`

use clap::Args;

use super::CommandResult;
use super::environment::Environment;
use crate::interface::app::{Failure, FailureKind};
use crate::interface::lsp::{ServerOptions, serve};

/// Answer an editor: findings, completion, definitions, renaming, while somebody writes
///
/// A language server that speaks on standard input and output. Editors start it; docs/editors.md
/// says how to tell them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita lsp                       what an editor starts
  partita --library ../shared lsp   with the documents of a further folder

Exits with 1 when the editor goes away without saying so.")]
pub(super) struct Lsp {
    /// Nothing else is spoken; some editors say so anyway
    #[arg(long, hide = true)]
    stdio: bool,
}

impl Lsp {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let options = ServerOptions {
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
}
