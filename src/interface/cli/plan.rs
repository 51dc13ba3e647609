//! `partita plan`

use clap::Args;

use super::CommandResult;
use super::environment::Environment;
use super::options::Output;
use crate::interface::app::load;
use crate::interface::report::{plan_json, plan_text};

/// Show the waves, needs, critical path and estimate of a pattern, without running it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita plan product_launch
  partita plan pipelines/nightly.yaml --json")]
pub(super) struct Plan {
    /// The name or the file of a pattern or pipeline
    name: String,

    /// The model of tasks that name none
    #[arg(long, value_name = "NAME")]
    model: Option<String>,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Plan {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let loaded = load(&environment.project, &self.name)?;
        let plan = &loaded.compiled.plan;
        let model = self.model.as_deref();
        if self.output.is_json() {
            environment.screen.json(&plan_json(plan, model));
        } else {
            environment.screen.print(&plan_text(plan, model, environment.screen.out));
        }
        Ok(0)
    }
}
