//! `partita patterns show`, `partita teams show`; what else is done with patterns

use clap::{Args, Subcommand};

use super::CommandResult;
use super::build::BuildTeam;
use super::discover::Discover;
use super::environment::Environment;
use super::list::library;
use super::lock::Lock;
use super::options::Output;
use crate::interface::app::{Failure, FailureKind, example_of, load};
use crate::interface::report::{
    pattern_card_json, pattern_card_text, team_card_json, team_card_text,
};
use crate::language::document::Document;

/// What is done with one pattern.
#[derive(Debug, Subcommand)]
pub(super) enum OnePattern {
    Show(ShowPattern),
    Lock(Lock),
    Discover(Discover),
}

/// What is done with one team.
#[derive(Debug, Subcommand)]
pub(super) enum OneTeam {
    Show(ShowTeam),
    Build(BuildTeam),
}

/// Show one pattern on a page: inputs, team, waves, outputs, a command to try it
#[derive(Debug, Args)]
pub(super) struct ShowPattern {
    /// The name or the file of a pattern or pipeline
    name: String,

    #[command(flatten)]
    pub(super) output: Output,
}

/// Show one team on a page: its agents, who reports to whom, what it works on
#[derive(Debug, Args)]
pub(super) struct ShowTeam {
    /// The name of a team
    name: String,

    #[command(flatten)]
    pub(super) output: Output,
}

impl ShowPattern {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let loaded = load(&environment.project, &self.name)?;
        let example = example_of(&loaded, &self.name);
        let screen = &environment.screen;
        if self.output.is_json() {
            screen.json(&pattern_card_json(&loaded, &example));
        } else {
            screen.print(&pattern_card_text(&loaded, &example, screen.out));
        }
        Ok(0)
    }
}

impl ShowTeam {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let library = library(environment);
        let usage = |message: String| Failure::new(FailureKind::Usage, message);
        let found = library.team(&self.name).ok_or_else(|| {
            let failure = usage(format!("there is no team `{}`", self.name));
            match library.near_teams(&self.name).as_slice() {
                [] => failure.hint("`partita teams` lists what there is"),
                near => failure.hint(format!("did you mean `{}`?", near.join("`, `"))),
            }
        })?;
        if found.body().is_none() {
            let is_its = |d: &&crate::language::diagnostic::Diagnostic| {
                d.primary.span.source == Document::source(found)
            };
            let wrong = library.diagnostics().iter().filter(is_its).cloned().collect();
            return Err(Failure::new(
                FailureKind::Failed,
                format!("`{}` cannot be shown as it is", self.name),
            )
            .with_diagnostics(library.sources(), wrong));
        }
        let screen = &environment.screen;
        if self.output.is_json() {
            screen.json(&team_card_json(&library, found));
        } else {
            screen.print(&team_card_text(&library, found, screen.out));
        }
        Ok(0)
    }
}
