//! Sessions in a context: begin, go on, look, put away.

use clap::Args;
use serde_json::json;

use super::{Chosen, now};
use crate::insight::context::{BRIEFING_TOKENS, Wish, briefing};
use crate::interface::app::{begin_context, list_contexts, resume_context};
use crate::interface::cli::CommandResult;
use crate::interface::cli::environment::Environment;
use crate::interface::cli::options::Output;
use crate::interface::report::{
    ContextStatus, agents_json, agents_text, begun_text, context_status_json, context_status_text,
    contexts_json, contexts_text, resumed_json, resumed_text,
};

/// Begin the context of this folder's project
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita context new
  partita context new --project project_alpha

A folder has one open context; `partita context close` puts it away.")]
pub(super) struct New {
    #[command(flatten)]
    pub(super) chosen: Chosen,
}

impl New {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let opened = begin_context(self.chosen.place(environment), now())?;
        let next = opened.context.next_steps(&[]);
        let screen = &environment.screen;
        match self.chosen.output.is_json() {
            true => screen.json(&resumed_json(&opened.context, None, &next)),
            false => screen.print(&begun_text(&opened.context, &next, screen.out)),
        }
        Ok(0)
    }
}

/// Begin a session: what was done, what has changed since, what is pending, what to do next
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita context resume
  partita context resume --json
  partita context resume --project project_alpha      from another folder")]
pub(super) struct Resume {
    #[command(flatten)]
    pub(super) chosen: Chosen,
}

impl Resume {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let resumed = resume_context(self.chosen.place(environment), now())?;
        let context = &resumed.opened.context;
        let next = context.next_steps(&resumed.opened.open_runs()?);
        let screen = &environment.screen;
        match self.chosen.output.is_json() {
            true => screen.json(&resumed_json(context, Some(&resumed), &next)),
            false => screen.print(&resumed_text(&resumed, &next, screen.out)),
        }
        Ok(0)
    }
}

/// Show how the context stands: memory, runs, decisions, metrics, what to do next
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita context status
  partita context status --json
  partita context status --prompt                 what those who lead are told in runs
  partita context status --prompt --tokens 200")]
pub(super) struct Status {
    /// Show what of it those who lead are told in runs, and nothing else
    #[arg(long)]
    prompt: bool,

    /// At most so many tokens of it
    #[arg(long, value_name = "N", default_value_t = BRIEFING_TOKENS, requires = "prompt")]
    tokens: u64,

    #[command(flatten)]
    pub(super) chosen: Chosen,
}

impl Status {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let now = now();
        let opened = self.chosen.open(environment, now)?;
        let (context, memory) = (&opened.context, opened.memory(now)?);
        let screen = &environment.screen;
        if self.prompt {
            let prompt = briefing(context, &memory, self.tokens);
            let project = &context.project;
            match self.chosen.output.is_json() {
                true => screen.json(&json!({ "project": project, "prompt": prompt })),
                false => screen.line(&prompt),
            }
            return Ok(0);
        }
        let open = opened.open_runs()?;
        let next = context.next_steps(&open);
        let status = ContextStatus { context, memory: &memory, open: &open, next: &next };
        match self.chosen.output.is_json() {
            true => screen.json(&context_status_json(&status)),
            false => screen.print(&context_status_text(&status, screen.out)),
        }
        Ok(0)
    }
}

/// Show the agents that were spawned, with their missions
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita context agents
  partita context agents --json")]
pub(super) struct Agents {
    #[command(flatten)]
    pub(super) chosen: Chosen,
}

impl Agents {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let opened = self.chosen.open(environment, now())?;
        let screen = &environment.screen;
        match self.chosen.output.is_json() {
            true => screen.json(&agents_json(&opened.context)),
            false => screen.print(&agents_text(&opened.context)),
        }
        Ok(0)
    }
}

/// List the contexts of the journal
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita context list
  partita context list --json")]
pub(super) struct List {
    #[command(flatten)]
    pub(super) output: Output,
}

impl List {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let listed = list_contexts(&environment.journal)?;
        let screen = &environment.screen;
        match (self.output.is_json(), listed.is_empty()) {
            (true, _) => screen.json(&contexts_json(&listed)),
            (false, true) => screen.line("no contexts yet; `partita context new` begins one"),
            (false, false) => screen.print(&contexts_text(&listed, screen.out)),
        }
        Ok(0)
    }
}

/// Put the context away, so that another one can be begun
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita context close

It stays in the journal with all that it holds; what it has taught is told in other contexts.")]
pub(super) struct Close {
    #[command(flatten)]
    pub(super) chosen: Chosen,
}

impl Close {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        self.chosen.wish(environment, &[Wish::Close])
    }
}
