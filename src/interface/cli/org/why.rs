//! `partita org why`

use clap::Args;

use crate::interface::app::{Failure, FailureKind, organization_of};
use crate::interface::cli::CommandResult;
use crate::interface::cli::environment::Environment;
use crate::interface::cli::options::Output;
use crate::interface::report::{assignment_reasons_json, assignment_reasons_text};
use crate::runtime::clock::Clock;

/// Say why somebody does a task, with all candidates and their scores, and why the work has its tier
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita org why k7m2 work[add_index]/build
  partita org why k7m2 add_index              the posts of a piece of work
  partita org why k7m2 work[add_index]/build --json

Each total is made of skills (40 %), free time (25 %), difficulty (20 %) and earlier work (15 %).")]
pub(super) struct Why {
    /// The run, by its id or the beginning of it
    run: String,

    /// The address of a task, or a piece of work
    task: String,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Why {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let now = Clock::start().now();
        let run = organization_of(&environment.journal, Some(&self.run), now)?;
        let history = &run.organization.history;
        let as_work = || -> Result<_, Failure> {
            let item = &run.organization.work.items[run.work(&self.task)?];
            let first = item.scope.and_then(|s| history.plan().scope(s).tasks.first().copied());
            first.ok_or_else(|| {
                let message = format!("`{}` has not begun: nobody has it yet", item.address);
                Failure::new(FailureKind::Usage, message)
            })
        };
        let plan = history.plan();
        let is_work = run.organization.work.items.iter().any(|item| item.address == self.task);
        let task = match plan.find(&self.task).filter(|_| !is_work) {
            Some(task) => task,
            None => as_work().map_err(|failure| match is_work {
                true => failure,
                false => Failure::new(
                    FailureKind::Usage,
                    format!("run {} has no task and no piece of work `{}`", run.run, self.task),
                )
                .hint(format!("`partita org board {0}` and `partita show {0}` list them", run.run)),
            })?,
        };
        let screen = &environment.screen;
        match self.output.is_json() {
            true => screen.json(&assignment_reasons_json(&run, task)),
            false => screen.print(&assignment_reasons_text(&run, task, screen.out)),
        }
        Ok(0)
    }
}
