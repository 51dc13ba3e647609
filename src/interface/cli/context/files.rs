//! A context as a file.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{Chosen, now};
use crate::interface::app::{Overwriting, import_context};
use crate::interface::cli::CommandResult;
use crate::interface::cli::environment::Environment;

/// Write the context to a file, as JSON
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita context export                      .atlas/orchestrator/PROJECT_context.json
  partita context export backup.json
  partita context export --force              over what somebody else has written there")]
pub(super) struct Export {
    /// The file [default: .atlas/orchestrator/PROJECT_context.json]
    file: Option<PathBuf>,

    /// Write over a file that has changed since it was last written or read
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    pub(super) chosen: Chosen,
}

impl Export {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let now = now();
        let mut opened = self.chosen.open(environment, now)?;
        let usual = || opened.usual_file(&environment.project.root);
        let path = self.file.clone().unwrap_or_else(usual);
        let exported = opened.export(&path, overwriting(self.force), now)?;
        let (path, screen) = (exported.path.display().to_string(), &environment.screen);
        if self.chosen.output.is_json() {
            let project = &opened.context.project;
            let changed = exported.has_changed;
            screen.json(&json!({ "project": project, "file": path, "changed": changed }));
        } else {
            let how = if exported.has_changed { "written" } else { "as it was" };
            screen.line(&format!("{path}  {how}"));
        }
        Ok(0)
    }
}

/// Read a context from a file
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita context import .atlas/orchestrator/project_alpha_context.json
  partita context import backup.json --force  also where this loses what only the context has

Where no context is open for the folder, the file begins one.")]
pub(super) struct Import {
    /// The file
    file: PathBuf,

    /// Take the file also where the context has changed since it was last written or read
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    pub(super) chosen: Chosen,
}

impl Import {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let place = self.chosen.place(environment);
        let imported = import_context(place, &self.file, overwriting(self.force), now())?;
        let context = &imported.opened.context;
        let screen = &environment.screen;
        if self.chosen.output.is_json() {
            screen.json(&json!({
                "project": context.project,
                "file": self.file.display().to_string(),
                "new": imported.is_new,
                "changed": imported.has_changed,
            }));
            return Ok(0);
        }
        let how = match (imported.is_new, imported.has_changed) {
            (true, _) => "begun with",
            (false, true) => "taken from",
            (false, false) => "the same as",
        };
        screen.line(&format!("{}  {how} {}", context.project, self.file.display()));
        screen.note("`partita context resume` begins a session");
        Ok(0)
    }
}

fn overwriting(force: bool) -> Overwriting {
    if force { Overwriting::Forced } else { Overwriting::Refused }
}
