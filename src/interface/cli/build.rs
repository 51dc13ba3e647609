//! `partita teams build`

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::CommandResult;
use super::environment::Environment;
use super::options::Output;
use crate::interface::app::{
    Existing, Failure, FailureKind, Fate, OutputFiles, OutputFolder, imported_team, place_at,
    team_prompts, write_prompts,
};
use crate::interface::report::{team_prompts_json, team_prompts_text};

/// Build the complete system prompts of a team's agents, as every run gives them
///
/// Who leads is told the orchestration decision framework in front of their responsibilities. What a project's
/// context adds in a run is not among it; `partita render` shows that.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita teams build launch_team
  partita teams build launch_team --agent launch_lead
  partita teams build team_config.yaml --output prompts
  partita teams build team_config.yaml --write teams/quality.yaml   a team of a foreign file
  partita teams build launch_team --json")]
pub(super) struct BuildTeam {
    /// The name or the file of a team
    team: String,

    /// Only this agent, by id or role
    #[arg(long, value_name = "ROLE")]
    agent: Option<String>,

    /// Write the prompts into this folder, a file each: ID.md
    #[arg(long = "output", value_name = "FOLDER")]
    folder: Option<PathBuf>,

    /// Replace files of the same names in the folder of --output
    #[arg(long, requires = "folder")]
    replace: bool,

    /// Write a team of a configuration that was made for another system, and build nothing
    #[arg(long, value_name = "TEAM_FILE", conflicts_with_all = ["folder", "agent"])]
    write: Option<PathBuf>,

    #[command(flatten)]
    pub(super) output: Output,
}

impl BuildTeam {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        if let Some(to) = &self.write {
            return self.import(to, environment);
        }
        let learnings = environment.learnings();
        let prompts =
            team_prompts(&environment.project, &self.team, self.agent.as_deref(), &learnings)?;
        let existing = if self.replace { Existing::Replaced } else { Existing::Kept };
        let files = match &self.folder {
            Some(path) => write_prompts(&prompts, OutputFolder { path, existing })?,
            None => OutputFiles::default(),
        };
        let screen = &environment.screen;
        if self.output.is_json() {
            screen.json(&team_prompts_json(&prompts, &files));
        } else {
            screen.print(&team_prompts_text(&prompts, &files, screen.out));
        }
        Ok(0)
    }

    fn import(&self, to: &Path, environment: &Environment) -> CommandResult {
        let imported = imported_team(&environment.project, Path::new(&self.team), to)?;
        let draft = &imported.draft;
        if place_at(&draft.path, &draft.text)? == Fate::Kept {
            let message = format!("there is a file {} already", draft.path.display());
            return Err(Failure::new(FailureKind::Usage, message)
                .hint("it stays as it is; name another with --write FILE"));
        }
        let screen = &environment.screen;
        let file = draft.path.display().to_string();
        if self.output.is_json() {
            let told = json!({ "name": draft.name, "file": file, "notes": imported.notes });
            screen.json(&told);
            return Ok(0);
        }
        screen.line(&format!("{}  {file}", screen.out.good("wrote")));
        for note in &imported.notes {
            screen.line(&format!("  {note}"));
        }
        Ok(0)
    }
}
