//! `partita learnings`: what was learned of advice.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use super::CommandResult;
use super::environment::Environment;
use super::options::Output;
use super::question::{NoInput, Questions, Unless};
use crate::insight::learning::Experiences;
use crate::interface::app::{
    Failure, FailureKind, Overwriting, ResetRequest, experiences, export_learnings, reset_learnings,
};
use crate::interface::report::{learning_text, learnings_json, learnings_text};
use crate::runtime::clock::Clock;

/// Show what was learned of advice, carry it elsewhere, or have it count no more
#[derive(Debug, Args)]
#[command(
    after_help = "\
Examples:
  partita learnings                                how patterns fared, and what advice came to
  partita learnings show A7                        one piece of advice, run or pattern
  partita learnings export learnings.json
  partita learnings reset --pattern product_launch
  partita learnings --json

More: docs/learning.md",
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true
)]
pub(super) struct Learnings {
    #[command(subcommand)]
    action: Option<Action>,

    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Subcommand)]
enum Action {
    Show(Show),
    Export(Export),
    Reset(Reset),
}

/// Show one piece of advice, run or pattern
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita learnings show A7
  partita learnings show k7m2
  partita learnings show product_launch --json")]
struct Show {
    /// Advice (A7), a run, or a pattern
    what: String,

    #[command(flatten)]
    output: Output,
}

/// Write all that was learned into a file, as JSON
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita learnings export learnings.json
  partita learnings export learnings.json --force  in the place of a file that is there")]
struct Export {
    /// The file
    file: PathBuf,

    /// Replace a file that is there
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    output: Output,
}

/// Have what was learned until now count no more; nothing is removed
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita learnings reset --pattern product_launch
  partita learnings reset --advice A7
  partita learnings reset --yes                    all of it, without being asked")]
struct Reset {
    /// Only what was learned of this pattern
    #[arg(long, value_name = "NAME")]
    pattern: Option<String>,

    /// Only what was learned of this advice
    #[arg(long, value_name = "ID")]
    advice: Option<String>,

    /// Do it without asking
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    output: Output,
}

impl Learnings {
    pub(super) fn is_json(&self) -> bool {
        match &self.action {
            None => self.output.is_json(),
            Some(Action::Show(action)) => action.output.is_json(),
            Some(Action::Export(action)) => action.output.is_json(),
            Some(Action::Reset(action)) => action.output.is_json(),
        }
    }

    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        match &self.action {
            Some(Action::Show(action)) => return action.execute(environment),
            Some(Action::Export(action)) => return action.execute(environment),
            Some(Action::Reset(action)) => return action.execute(environment),
            None => {}
        }
        let known = known(environment)?;
        let screen = &environment.screen;
        match self.output.is_json() {
            true => screen.json(&learnings_json(&known, None)),
            false if known.advice.is_empty() && known.runs.is_empty() => {
                screen.line(
                    "nothing was learned yet: `partita advise` gives advice, and runs follow it",
                );
            }
            false => screen.print(&learnings_text(&known, screen.out, screen.width)),
        }
        Ok(0)
    }
}

fn known(environment: &Environment) -> Result<Experiences, Failure> {
    experiences(&environment.journal, Clock::start().now())
}

impl Show {
    fn execute(&self, environment: &Environment) -> CommandResult {
        let known = known(environment)?;
        let screen = &environment.screen;
        let Some(text) = learning_text(&known, &self.what, screen.out) else {
            let message = format!("nothing is known of `{}`", self.what);
            return Err(Failure::new(FailureKind::Usage, message).hint(
                "`partita learnings` lists advice, runs and patterns of which something is",
            ));
        };
        match self.output.is_json() {
            true => screen.json(&learnings_json(&known, Some(&self.what))),
            false => screen.print(&text),
        }
        Ok(0)
    }
}

impl Export {
    fn execute(&self, environment: &Environment) -> CommandResult {
        let overwriting = if self.force { Overwriting::Forced } else { Overwriting::Refused };
        let now = Clock::start().now();
        let written = |known: &Experiences| learnings_json(known, None);
        let exported =
            export_learnings(&environment.journal, &self.file, overwriting, now, written)?;
        let (path, screen) = (exported.path.display().to_string(), &environment.screen);
        let (advice, runs) = (exported.advice, exported.runs);
        match self.output.is_json() {
            true => screen.json(&json!({ "file": path, "advice": advice, "runs": runs })),
            false => screen.line(&format!("{path}  {advice} pieces of advice, {runs} runs")),
        }
        Ok(0)
    }
}

impl Reset {
    fn execute(&self, environment: &Environment) -> CommandResult {
        let of = match (&self.pattern, &self.advice) {
            (Some(pattern), Some(advice)) => format!("of `{pattern}` on {advice}"),
            (Some(pattern), None) => format!("of `{pattern}`"),
            (None, Some(advice)) => format!("of {advice}"),
            (None, None) => "in all runs".to_owned(),
        };
        if !self.yes && !is_agreed(environment, &of)? {
            environment.screen.note("nothing was changed");
            return Ok(0);
        }
        let request =
            ResetRequest { pattern: self.pattern.as_deref(), advice: self.advice.as_deref() };
        let now = Clock::start().now();
        let count = reset_learnings(&environment.journal, request, &environment.user, now)?;
        let screen = &environment.screen;
        match self.output.is_json() {
            true => screen.json(&json!({ "runs": count })),
            false => screen.line(&format!(
                "what was learned {of} counts no more ({count} runs); `partita learnings` still shows it"
            )),
        }
        Ok(0)
    }
}

fn is_agreed(environment: &Environment, of: &str) -> Result<bool, Failure> {
    let Some(mut questions) = Questions::at_terminal(environment, NoInput::No) else {
        return Err(Failure::new(
            FailureKind::Usage,
            "a person has to agree, and there is no terminal",
        )
        .hint("say `--yes`"));
    };
    let question = format!("Have what was learned {of} count no more?");
    Ok(questions.is_wanted(&question, Unless::Wanted))
}
