//! `partita diff`

use clap::{Args, ValueEnum};

use super::CommandResult;
use super::environment::Environment;
use crate::interface::app::{Comparison, Failure, FailureKind, compare};
use crate::interface::report::{
    Look, Picture, definitions_json, definitions_markdown, definitions_text,
};

/// Show what is different between two patterns, pipelines or saved plans
///
/// Plans are compared, not texts: layout and comments do not count, and everything that a document
/// uses does.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita diff old.yaml patterns/launch.yaml
  partita diff launch.plan.json launch --exit-code
  git show main:patterns/launch.yaml > old.yaml && partita diff old.yaml launch --format markdown")]
pub(super) struct Diff {
    /// A name, the file of a pattern or pipeline, or the file of a saved plan
    old: String,

    /// What it is compared with
    new: String,

    /// How it is reported
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: DiffFormat,

    /// The same as --format json
    #[arg(long)]
    json: bool,

    /// Exit with 1 if anything is different
    #[arg(long)]
    exit_code: bool,

    /// With --format markdown, draw the new plan as a flowchart
    #[arg(long)]
    picture: bool,
}

/// The formats of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DiffFormat {
    /// For people
    Text,
    /// For machines
    Json,
    /// For a pull request
    Markdown,
}

impl Diff {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        if self.picture && self.format() != DiffFormat::Markdown {
            let message = "--picture goes with --format markdown";
            return Err(Failure::new(FailureKind::Usage, message)
                .hint("`partita plan NAME --format mermaid` draws a plan alone"));
        }
        let comparison = compare(&environment.project, &self.old, &self.new)?;
        let screen = &environment.screen;
        let Comparison::Definitions(definitions) = &comparison;
        match self.format() {
            DiffFormat::Json => screen.json(&definitions_json(definitions)),
            DiffFormat::Text => {
                let look = Look { colour: screen.out.colour, width: screen.width };
                screen.print(&definitions_text(definitions, look));
            }
            DiffFormat::Markdown => {
                let picture = if self.picture { Picture::Mermaid } else { Picture::None };
                screen.print(&definitions_markdown(definitions, picture));
            }
        }
        Ok(u8::from(self.exit_code && !comparison.is_same()))
    }

    pub(super) fn is_json(&self) -> bool {
        self.format() == DiffFormat::Json
    }

    fn format(&self) -> DiffFormat {
        if self.json { DiffFormat::Json } else { self.format }
    }
}
