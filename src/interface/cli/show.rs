//! `partita show`

use clap::Args;
use serde_json::Value;

use super::CommandResult;
use super::environment::Environment;
use super::options::Output;
use crate::engine::content::Contents;
use crate::interface::app::{Failure, FailureKind, find_run};
use crate::interface::report::{
    Outcome, TimelineLook, run_json, run_text, timeline_text, value_text,
};

/// Show what came of a run, or one of its outputs in full
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita show k7m2                    results, times, servers
  partita show k7m2 launch_plan        one output, or the output of one task, in full
  partita show k7m2 --timeline         when each task waited and worked, as bars
  partita show k7m2 --json")]
pub(super) struct Show {
    /// The run, by its id or the beginning of it
    run: String,

    /// An output or a task
    item: Option<String>,

    /// When each task waited and worked, as bars
    #[arg(long, conflicts_with_all = ["item", "json", "format"])]
    timeline: bool,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Show {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let stored = find_run(&environment.journal, Some(&self.run))?;
        let history = stored.history()?;
        let contents = stored.contents()?;
        let outcome = Outcome {
            run: stored.record.id.as_str(),
            history: &history,
            contents: &contents,
            setup: &stored.record.setup,
        };
        let screen = &environment.screen;
        if self.timeline {
            let look = TimelineLook { paint: screen.out, width: screen.width };
            screen.print(&timeline_text(&history, look));
            return Ok(0);
        }
        let Some(item) = &self.item else {
            if self.output.is_json() {
                screen.json(&run_json(&outcome));
            } else {
                screen.print(&run_text(&outcome, screen.out));
            }
            return Ok(0);
        };
        let outputs = history.outputs.as_ref().and_then(|address| contents.read(address).ok());
        let output = outputs.as_ref().and_then(|outputs| outputs.get(item)).cloned();
        let task = stored.plan.find(item).map(|id| outcome.output_of(history.task(id)));
        let Some(value) = output.or(task) else {
            let message = format!("run {} has no output and no task `{item}`", stored.record.id);
            return Err(Failure::new(FailureKind::Usage, message));
        };
        if self.output.is_json() {
            screen.json(&value);
        } else if value == Value::Null {
            screen.line("nothing came out of it");
        } else {
            screen.line(&value_text(&value));
        }
        Ok(0)
    }
}
