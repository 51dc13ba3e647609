//! `partita runs`, `partita patterns`, `partita teams`

use std::collections::BTreeSet;

use clap::Args;
use serde_json::json;

use super::CommandResult;
use super::environment::Environment;
use super::options::Output;
use super::page::{OnePattern, OneTeam};
use crate::interface::app::{Failure, FailureKind, overview};
use crate::interface::report::{
    overview_json, overview_text, patterns_json, patterns_text, runs_json, runs_text, teams_json,
    teams_text,
};
use crate::language::document::{Document, Library};
use crate::runtime::journal::{Journal, RunRecord};

/// List the runs of the journal, the newest first
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita runs
  partita runs product_launch              those of one pattern or pipeline
  partita runs --statistics                how often they succeed, how long they take, what fails
  partita runs --json")]
pub(super) struct Runs {
    /// Names of patterns or pipelines [default: all]
    names: Vec<String>,

    /// What the runs of each name show together
    #[arg(long)]
    statistics: bool,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Runs {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let screen = &environment.screen;
        let Some(journal) = Journal::open_existing(&environment.journal)? else {
            match (self.output.is_json(), self.statistics) {
                (false, _) => screen.line("no runs yet"),
                (true, false) => screen.json(&json!({ "runs": [] })),
                (true, true) => screen.json(&json!({ "statistics": [], "unreadable": [] })),
            }
            return Ok(0);
        };
        let mut runs = journal.runs()?;
        self.check_names(&runs)?;
        runs.retain(|run| self.names.is_empty() || self.names.contains(&run.name));
        match (self.output.is_json(), self.statistics) {
            (true, false) => screen.json(&runs_json(&journal, &runs)),
            (false, false) => screen.print(&runs_text(&journal, &runs, screen.out)),
            (true, true) => screen.json(&overview_json(&overview(&journal, &runs))),
            (false, true) => screen.print(&overview_text(&overview(&journal, &runs), screen.out)),
        }
        Ok(0)
    }
}

impl Runs {
    /// A name of which there is no run is more likely misspelt than asked for.
    fn check_names(&self, runs: &[RunRecord]) -> Result<(), Failure> {
        let known: BTreeSet<&str> = runs.iter().map(|run| run.name.as_str()).collect();
        match self.names.iter().find(|name| !known.contains(name.as_str())) {
            None => Ok(()),
            Some(name) => {
                let message = format!("there is no run of `{name}`");
                let known: Vec<&str> = known.into_iter().collect();
                let hint = format!("there are runs of {}", known.join(", "));
                Err(Failure::new(FailureKind::Usage, message).hint(hint))
            }
        }
    }
}

/// List the patterns and pipelines that can be run by name
#[derive(Debug, Args)]
#[command(
    after_help = "\
Examples:
  partita patterns
  partita patterns launch                  those that have the word in name, summary or tags
  partita patterns show product_launch     one of them on a page
  partita patterns lock                    what imports.yaml names is fetched and written down
  partita patterns lock --check            in CI: whether that is still so
  partita patterns discover                propose patterns for what was run again and again
  partita patterns --json",
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true
)]
pub(super) struct Patterns {
    #[command(subcommand)]
    one: Option<OnePattern>,

    /// Words that the name, the summary or the tags must have in them
    words: Vec<String>,

    #[command(flatten)]
    output: Output,
}

impl Patterns {
    pub(super) fn is_json(&self) -> bool {
        match &self.one {
            Some(OnePattern::Show(show)) => show.output.is_json(),
            Some(OnePattern::Lock(lock)) => lock.output.is_json(),
            Some(OnePattern::Discover(discover)) => discover.output.is_json(),
            None => self.output.is_json(),
        }
    }

    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        match &self.one {
            Some(OnePattern::Show(show)) => return show.execute(environment),
            Some(OnePattern::Lock(lock)) => return lock.execute(environment),
            Some(OnePattern::Discover(discover)) => return discover.execute(environment),
            None => {}
        }
        let library = library(environment);
        let words: Vec<String> = self.words.iter().map(|word| word.to_lowercase()).collect();
        let wanted = |document: &Document| {
            let header = document.value().get(document.kind().as_str());
            let text = header.map(ToString::to_string).unwrap_or_default().to_lowercase();
            words.iter().all(|word| text.contains(word))
        };
        if self.output.is_json() {
            environment.screen.json(&patterns_json(&library, wanted));
        } else {
            let paint = environment.screen.out;
            environment.screen.print(&patterns_text(&library, wanted, paint));
        }
        Ok(0)
    }
}

/// List the teams and their agents
#[derive(Debug, Args)]
#[command(
    after_help = "\
Examples:
  partita teams
  partita teams show launch_team           one of them on a page
  partita teams build launch_team          what its agents are told before every task
  partita teams --json",
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true
)]
pub(super) struct Teams {
    #[command(subcommand)]
    one: Option<OneTeam>,

    #[command(flatten)]
    output: Output,
}

impl Teams {
    pub(super) fn is_json(&self) -> bool {
        match &self.one {
            Some(OneTeam::Show(show)) => show.output.is_json(),
            Some(OneTeam::Build(build)) => build.output.is_json(),
            None => self.output.is_json(),
        }
    }

    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        match &self.one {
            Some(OneTeam::Show(show)) => return show.execute(environment),
            Some(OneTeam::Build(build)) => return build.execute(environment),
            None => {}
        }
        let library = library(environment);
        if self.output.is_json() {
            environment.screen.json(&teams_json(&library));
        } else {
            environment.screen.print(&teams_text(&library, environment.screen.out));
        }
        Ok(0)
    }
}

/// The project's documents, what it imports, and all of the built-in library.
pub(super) fn library(environment: &Environment) -> Library {
    environment.project.library_with_imports().with_builtins()
}
