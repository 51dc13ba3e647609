//! `partita outcome`

use clap::{Args, ValueEnum};

use super::CommandResult;
use super::environment::Environment;
use super::options::Output;
use crate::insight::learning::{Verdict, VerdictRecord};
use crate::interface::app::give_verdict;
use crate::interface::report::{experience_json, experience_line};
use crate::runtime::clock::Clock;

/// Say what a run was worth, so that advice to come takes it into account
///
/// What a person says counts more than whether the run came to its end. What was said before stays on record and
/// counts no more.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita outcome k7m2 good
  partita outcome k7m2 bad --because \"legal had to do all of it again\"
  partita learnings show k7m2                      what is known of the run")]
pub(super) struct Outcome {
    /// The run, by its id or the beginning of it; it must be over
    run: String,

    /// What it was worth
    verdict: Word,

    /// Why
    #[arg(long, value_name = "TEXT")]
    because: Option<String>,

    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Word {
    /// It was right to do it so
    Good,
    /// It was not
    Bad,
}

impl Outcome {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let verdict = match self.verdict {
            Word::Good => Verdict::Good,
            Word::Bad => Verdict::Bad,
        };
        let because = self.because.as_ref().map(|because| because.trim().to_owned());
        let said = VerdictRecord { verdict, because, by: environment.user.clone() };
        let now = Clock::start().now();
        let known = give_verdict(&environment.journal, &self.run, said, now)?;
        let screen = &environment.screen;
        if self.output.is_json() {
            screen.json(&experience_json(&known));
            return Ok(0);
        }
        screen.line(&experience_line(&known, screen.out));
        if known.advice.is_none() {
            screen.note(
                "the run follows no advice: this is told of its pattern, and does not change what is recommended",
            );
        }
        Ok(0)
    }
}
