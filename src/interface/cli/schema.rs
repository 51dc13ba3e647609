//! `partita schema`

use std::fs;
use std::path::PathBuf;

use clap::Args;

use super::CommandResult;
use super::environment::Environment;
use crate::interface::app::{Failure, FailureKind};
use crate::language::document::suggest::nearest;
use crate::language::document::{DocumentKind, schema_text};

/// Print the JSON Schema of a kind of document, for editors and CI
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita schema                           the kinds there are
  partita schema pattern > pattern.json
  partita schema --write schemas           all of them, a file each

In an editor with a YAML language server, begin a file with
  # yaml-language-server: $schema=schemas/pattern.json")]
pub(super) struct Schema {
    /// pattern, pipeline, team, cluster, simulation, library_index, lint or tests
    kind: Option<String>,

    /// Write all schemas into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "kind")]
    write: Option<PathBuf>,
}

impl Schema {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let screen = &environment.screen;
        if let Some(folder) = &self.write {
            let cannot = |error: std::io::Error| {
                let message = format!("{} cannot be written: {error}", folder.display());
                Failure::new(FailureKind::Failed, message)
            };
            fs::create_dir_all(folder).map_err(cannot)?;
            for kind in DocumentKind::ALL {
                let path = folder.join(format!("{}.json", kind.as_str()));
                fs::write(path, schema_text(kind)).map_err(cannot)?;
            }
            return Ok(0);
        }
        let Some(name) = &self.kind else {
            for kind in DocumentKind::ALL {
                screen.line(kind.as_str());
            }
            return Ok(0);
        };
        match DocumentKind::ALL.into_iter().find(|kind| kind.as_str() == name) {
            Some(kind) => {
                screen.print(schema_text(kind));
                Ok(0)
            }
            None => {
                let names = DocumentKind::ALL.map(DocumentKind::as_str);
                let failure =
                    Failure::new(FailureKind::Usage, format!("there is no kind `{name}`"));
                Err(match nearest(name, names) {
                    Some(near) => failure.hint(format!("did you mean `{near}`?")),
                    None => failure.hint(format!("there is {}", names.join(", "))),
                })
            }
        }
    }
}
