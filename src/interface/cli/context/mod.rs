//! `partita context`: the orchestrator's memory of a project.

mod files;
mod say;
mod session;

use clap::{Args, Subcommand};

use super::CommandResult;
use super::environment::Environment;
use super::options::Output;
use crate::engine::Time;
use crate::insight::context::{ContextFact, Wish};
use crate::interface::app::{ContextPlace, Failure, OpenedContext};
use crate::interface::report::{context_changed_json, context_changed_text};
use crate::runtime::clock::Clock;

/// Keep what is known of a project over many sessions and runs
#[derive(Debug, Args)]
#[command(
    after_help = "\
Examples:
  partita context new                                   begin for this folder
  partita context objective \"Migrate authentication to OAuth2\"
  partita context task \"Research OAuth providers\"
  partita run research --task TASK_001                  a run does it, and enters what came of it
  partita context insight \"Migration can be phased by user segment\"
  partita context resume                                the next day: done, changed, pending, next
  partita context status                                memory, runs, metrics

Runs that are started while a context is open for the folder belong to it, unless --no-context is said.
What it holds is kept in the journal; `export` and `import` carry it as JSON. More: docs/context.md",
    disable_help_subcommand = true,
    arg_required_else_help = true
)]
pub(super) struct Context {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    New(session::New),
    Resume(session::Resume),
    Status(session::Status),
    Objective(say::Objective),
    Task(say::Task),
    Complete(say::Complete),
    Insight(say::Insight),
    Pending(say::Pending),
    Decide(say::Decide),
    Synthesis(say::Synthesis),
    Agents(session::Agents),
    List(session::List),
    Export(files::Export),
    Import(files::Import),
    Close(session::Close),
}

/// Which context, and how it is reported.
#[derive(Debug, Clone, Args)]
struct Chosen {
    /// The project [default: the one whose context is open for this folder]
    #[arg(long, value_name = "NAME")]
    project: Option<String>,

    #[command(flatten)]
    output: Output,
}

impl Chosen {
    fn place<'a>(&'a self, environment: &'a Environment) -> ContextPlace<'a> {
        ContextPlace {
            journal: &environment.journal,
            folder: &environment.project.root,
            project: self.project.as_deref(),
        }
    }

    fn open(&self, environment: &Environment, now: Time) -> Result<OpenedContext, Failure> {
        OpenedContext::find(self.place(environment), now)
    }

    /// Has wishes followed, and says what was added.
    fn wish(&self, environment: &Environment, wishes: &[Wish]) -> CommandResult {
        let now = now();
        let mut opened = self.open(environment, now)?;
        let mut added: Vec<ContextFact> = Vec::new();
        for wish in wishes {
            added.extend(opened.wish(wish, now)?);
        }
        let screen = &environment.screen;
        match self.output.is_json() {
            true => screen.json(&context_changed_json(&opened.context.project, &added)),
            false => screen.print(&context_changed_text(&added)),
        }
        Ok(0)
    }
}

fn now() -> Time {
    Clock::start().now()
}

impl Context {
    pub(super) fn is_json(&self) -> bool {
        match &self.action {
            Action::New(action) => action.chosen.output.is_json(),
            Action::Resume(action) => action.chosen.output.is_json(),
            Action::Status(action) => action.chosen.output.is_json(),
            Action::Objective(action) => action.chosen.output.is_json(),
            Action::Task(action) => action.chosen.output.is_json(),
            Action::Complete(action) => action.chosen.output.is_json(),
            Action::Insight(action) => action.chosen.output.is_json(),
            Action::Pending(action) => action.chosen.output.is_json(),
            Action::Decide(action) => action.chosen.output.is_json(),
            Action::Synthesis(action) => action.chosen.output.is_json(),
            Action::Agents(action) => action.chosen.output.is_json(),
            Action::List(action) => action.output.is_json(),
            Action::Export(action) => action.chosen.output.is_json(),
            Action::Import(action) => action.chosen.output.is_json(),
            Action::Close(action) => action.chosen.output.is_json(),
        }
    }

    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        match &self.action {
            Action::New(action) => action.execute(environment),
            Action::Resume(action) => action.execute(environment),
            Action::Status(action) => action.execute(environment),
            Action::Objective(action) => action.execute(environment),
            Action::Task(action) => action.execute(environment),
            Action::Complete(action) => action.execute(environment),
            Action::Insight(action) => action.execute(environment),
            Action::Pending(action) => action.execute(environment),
            Action::Decide(action) => action.execute(environment),
            Action::Synthesis(action) => action.execute(environment),
            Action::Agents(action) => action.execute(environment),
            Action::List(action) => action.execute(environment),
            Action::Export(action) => action.execute(environment),
            Action::Import(action) => action.execute(environment),
            Action::Close(action) => action.execute(environment),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args as _, Command};

    use super::*;

    #[test]
    fn every_action_has_examples() {
        let command = Context::augment_args(Command::new("context"));
        let mut actions = 0;
        for action in command.get_subcommands() {
            let help = action.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Examples:"), "{}", action.get_name());
            actions += 1;
        }
        assert_eq!(actions, 15);
    }
}
