//! `partita patterns discover`

use std::path::PathBuf;

use clap::Args;

use super::CommandResult;
use super::environment::Environment;
use super::options::Output;
use super::question::{NoInput, Questions, Unless};
use crate::interface::app::{
    DocumentName, Failure, FailureKind, Proposal, accept_proposal, propose_patterns,
};
use crate::interface::report::{proposals_json, proposals_text};
use crate::runtime::clock::Clock;

/// Propose patterns for what was run again and again
///
/// Runs of your own documents that have the same shape and other texts become one pattern, with inputs for what
/// differs. A proposal is shown, and written only if you want it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita patterns discover                                    what could be a pattern
  partita patterns discover --write patterns/tea.yaml --name tea
  partita patterns discover --json

At least three runs on real servers, of documents that are neither built in nor imported. One of the
documents must still be as it was when it was run.")]
pub(super) struct Discover {
    /// Write the proposal into this file, after a yes; there must be one only
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,

    /// The name of the pattern
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Write it without asking
    #[arg(long, requires = "write")]
    yes: bool,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Discover {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        if let Some(name) = &self.name {
            DocumentName::parse(name)?;
        }
        let wanted = (self.name.as_deref(), self.write.as_deref());
        let found = propose_patterns(&environment.project, &environment.journal, wanted)?;
        let screen = &environment.screen;
        if self.output.is_json() {
            screen.json(&proposals_json(&found));
        } else {
            screen.print(&proposals_text(&found, screen.out));
        }
        let Some(path) = &self.write else { return Ok(0) };
        let [proposal] = found.proposals.as_slice() else {
            let message =
                format!("there are {} proposals, and one is written", found.proposals.len());
            return Err(Failure::new(FailureKind::Usage, message)
                .hint("copy what you want into a file, and validate it"));
        };
        if !self.yes && !is_agreed(environment, proposal)? {
            screen.note("nothing was written");
            return Ok(0);
        }
        let now = Clock::start().now();
        accept_proposal(&environment.journal, proposal, &environment.user, now)?;
        screen.note(&format!("written: {}", path.display()));
        Ok(0)
    }
}

fn is_agreed(environment: &Environment, proposal: &Proposal) -> Result<bool, Failure> {
    let Some(mut questions) = Questions::at_terminal(environment, NoInput::No) else {
        let message = "a person has to agree, and there is no terminal";
        return Err(Failure::new(FailureKind::Usage, message).hint("say `--yes`"));
    };
    let question = format!("Write {}?", proposal.draft.path.display());
    Ok(questions.is_wanted(&question, Unless::Wanted))
}
