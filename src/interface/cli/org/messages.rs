//! `partita org inbox`, `partita org channels`, `partita org handoffs`

use std::collections::BTreeSet;

use clap::Args;

use crate::interface::app::{Failure, FailureKind, OrganizationRun, organization_of};
use crate::interface::cli::CommandResult;
use crate::interface::cli::environment::Environment;
use crate::interface::cli::options::Output;
use crate::interface::report::{
    channels_json, channels_text, handoffs_json, handoffs_text, inbox_json, inbox_text,
};
use crate::language::document::suggest::nearest;
use crate::runtime::clock::Clock;

fn read(environment: &Environment, run: Option<&str>) -> Result<OrganizationRun, Failure> {
    organization_of(&environment.journal, run, Clock::start().now())
}

fn unknown<'n>(what: &str, word: &str, names: impl Iterator<Item = &'n str>) -> Failure {
    let names: BTreeSet<&str> = names.collect();
    let failure =
        Failure::new(FailureKind::Usage, format!("there is no {what} `{word}` in the run"));
    match (nearest(word, names.iter().copied()), names.is_empty()) {
        (Some(near), _) => failure.hint(format!("did you mean `{near}`?")),
        (None, true) => failure,
        (None, false) => {
            let names: Vec<&str> = names.into_iter().collect();
            failure.hint(format!("there is {}", names.join(", ")))
        }
    }
}

/// Show the messages to an agent
#[derive(Debug, Args)]
#[command(
    allow_missing_positional = true,
    after_help = "\
Examples:
  partita org inbox ann                    in the newest run that has pieces of work
  partita org inbox k7m2 ann
  partita org inbox k7m2 ann --json"
)]
pub(super) struct Inbox {
    /// The run [default: the newest that has pieces of work]
    run: Option<String>,

    /// The agent, by its id or role
    #[arg(required = true)]
    agent: String,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Inbox {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let run = read(environment, self.run.as_deref())?;
        let agents = || run.organization.history.plan().agents.iter().map(|agent| &agent.agent);
        let Some(agent) = agents().find(|agent| agent.is_called(&self.agent)) else {
            return Err(unknown("agent", &self.agent, agents().map(|agent| agent.id.as_str())));
        };
        let screen = &environment.screen;
        match self.output.is_json() {
            true => screen.json(&inbox_json(&run, agent.id.as_str())),
            false => screen.print(&inbox_text(&run, agent.id.as_str(), screen.out)),
        }
        Ok(0)
    }
}

/// Show broadcasts and events, by topic
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita org channels
  partita org channels k7m2 releases
  partita org channels k7m2 --json")]
pub(super) struct Channels {
    /// The run [default: the newest that has pieces of work]
    run: Option<String>,

    /// One topic
    topic: Option<String>,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Channels {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let run = read(environment, self.run.as_deref())?;
        let topic = self.topic.as_deref();
        let topics =
            || run.organization.messages.iter().filter_map(|message| message.topic.as_deref());
        if let Some(word) = topic.filter(|word| topics().all(|known| known != *word)) {
            return Err(unknown("topic", word, topics()));
        }
        let screen = &environment.screen;
        match self.output.is_json() {
            true => screen.json(&channels_json(&run, topic)),
            false => screen.print(&channels_text(&run, topic, screen.out)),
        }
        Ok(0)
    }
}

/// Show handoffs with their checklists
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita org handoffs
  partita org handoffs k7m2 --json

A checklist is what the checks say that the task of the handoff needs, and `checklist` of its body.")]
pub(super) struct Handoffs {
    /// The run [default: the newest that has pieces of work]
    run: Option<String>,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Handoffs {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let run = read(environment, self.run.as_deref())?;
        let screen = &environment.screen;
        match self.output.is_json() {
            true => screen.json(&handoffs_json(&run)),
            false => screen.print(&handoffs_text(&run, screen.out)),
        }
        Ok(0)
    }
}
