//! `partita render`

use clap::Args;

use super::CommandResult;
use super::environment::Environment;
use super::options::{InContext, Inputs, Output};
use crate::interface::app::{Definition, Failure, Sampled, Told, read_decisions, rehearse_prompts};
use crate::interface::report::{prompts_json, prompts_text};
use crate::runtime::clock::Clock;

/// Show the exact prompts of a pattern, without running it
///
/// Where a prompt has the output of another task in it, a placeholder of that output's type stands
/// there. A required input that is not given has a sample value, and the output says so.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita render product_launch
  partita render product_launch market --input product=\"A field notebook\"
  partita render product_launch deferral_plan --decide go_no_go=no_go
  partita render product_launch --json")]
pub(super) struct Render {
    /// The name or the file of a pattern or pipeline, or the file of a saved plan
    name: String,

    /// Only this task, by its address in the plan
    task: Option<String>,

    #[command(flatten)]
    inputs: Inputs,

    /// Invent nothing: a required input that is not given is an error
    #[arg(long)]
    no_samples: bool,

    /// Decide a gate [default: its first option]; may be given several times
    #[arg(long = "decide", value_name = "TASK=CHOICE")]
    decide: Vec<String>,

    /// Leave out what a run in the open context of this folder would tell those who lead
    #[arg(long)]
    no_context: bool,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Render {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let definition = Definition::find(&environment.project, &self.name)?;
        let told = Told {
            guidance: definition.guidance(&environment.project, &environment.learnings())?,
            briefing: self.briefing(environment)?,
        };
        let plan = definition.into_plan();
        let given = self.inputs.given()?;
        let inputs = match self.no_samples {
            true => Sampled { inputs: given.bind(plan.root())?, invented: Vec::new() },
            false => Sampled::of(&given, plan.root())?,
        };
        let name = plan.name.clone();
        let decisions = read_decisions(&plan, &self.decide, &environment.user)?;
        let prompts = rehearse_prompts(plan, inputs, &decisions, self.task.as_deref(), told)?;
        if self.output.is_json() {
            environment.screen.json(&prompts_json(&name, &prompts));
        } else {
            environment.screen.print(&prompts_text(&prompts, environment.screen.out));
        }
        Ok(0)
    }
    /// What a run that begins now would tell those who lead.
    fn briefing(&self, environment: &Environment) -> Result<Option<String>, Failure> {
        let context = InContext::default().choose(environment, false)?;
        match context.filter(|_| !self.no_context) {
            Some(context) => context.briefing_now(&environment.journal, Clock::start().now()),
            None => Ok(None),
        }
    }
}
