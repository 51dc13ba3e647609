//! `partita plan`

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::CommandResult;
use super::environment::Environment;
use super::run::runtime;
use crate::interface::app::{
    Definition, Failure, FailureKind, Intent, PlacementForecast, WorldRequest, choose_world,
    forecast_placement, save_plan,
};
use crate::interface::report::{
    Depth, TableLook, placement_json, placement_text, plan_dot, plan_json, plan_mermaid, plan_svg,
    plan_text,
};

/// Show the waves, needs, critical path and estimate of a pattern, without running it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita plan product_launch
  partita plan product_launch --format svg > product_launch.svg
  partita plan pipelines/nightly.yaml --format mermaid --depth 0
  partita plan pipelines/nightly.yaml --json
  partita plan pipelines/nightly.yaml --placement --cluster cluster.yaml
  partita plan pipelines/nightly.yaml --save nightly.plan.json")]
pub(super) struct Plan {
    /// The name or the file of a pattern or pipeline, or the file of a saved plan
    name: String,

    /// The model of tasks that name none
    #[arg(long, value_name = "NAME")]
    model: Option<String>,

    /// How it is shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: PlanFormat,

    /// The same as --format json
    #[arg(long)]
    json: bool,

    /// Save the plan for `partita run --plan FILE` and `partita diff`; a file that is no saved plan
    /// is left alone
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,

    /// Say which models go to which servers, how long that takes, and what cannot be done: by a
    /// rehearsal on servers like those on which it would run
    #[arg(long)]
    placement: bool,

    /// The cluster for the placement [default: that of a run]
    #[arg(long, value_name = "FILE", requires = "placement")]
    cluster: Option<PathBuf>,

    /// Ask the servers what they have
    #[arg(long, requires = "placement")]
    online: bool,

    /// How many levels of used patterns are shown with their tasks [default: all in text, 1 in
    /// pictures]
    #[arg(long, value_name = "N")]
    depth: Option<usize>,
}

/// The formats of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PlanFormat {
    /// A table for people
    Text,
    /// For machines
    Json,
    /// A flowchart for Markdown
    Mermaid,
    /// A graph for Graphviz
    Dot,
    /// A picture
    Svg,
}

impl Plan {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let definition = Definition::find(&environment.project, &self.name)?;
        let plan = definition.plan();
        self.save(&definition, environment)?;
        let model = self.model.as_deref();
        let screen = &environment.screen;
        let picture_depth = Depth(self.depth.unwrap_or(1));
        let placement = self.forecast(&definition, environment)?;
        match self.format() {
            PlanFormat::Json => {
                let mut json = plan_json(plan, model);
                if let Some(path) = &self.save {
                    json["saved"] = path.display().to_string().into();
                }
                if let Some(forecast) = &placement {
                    json["placement"] = placement_json(forecast);
                }
                screen.json(&json);
            }
            PlanFormat::Text => {
                let depth = self.depth.map_or(Depth::ALL, Depth);
                let look = TableLook { paint: screen.out, width: screen.width, depth };
                screen.print(&plan_text(plan, model, look));
                if let Some(forecast) = &placement {
                    screen.print(&placement_text(forecast, screen.out));
                }
            }
            PlanFormat::Mermaid => screen.print(&plan_mermaid(plan, picture_depth)),
            PlanFormat::Dot => screen.print(&plan_dot(plan, picture_depth)),
            PlanFormat::Svg => screen.print(&plan_svg(plan, picture_depth)),
        }
        Ok(0)
    }

    fn forecast(
        &self,
        definition: &Definition,
        environment: &Environment,
    ) -> Result<Option<PlacementForecast>, Failure> {
        if !self.placement {
            return Ok(None);
        }
        if !matches!(self.format(), PlanFormat::Json | PlanFormat::Text) {
            let message = "--placement is shown as text or JSON, not in pictures";
            return Err(Failure::new(FailureKind::Usage, message).hint("leave out --format"));
        }
        let project = &environment.project;
        let folder = definition.folder(project);
        let request = WorldRequest {
            cluster: self.cluster.clone(),
            model: self.model.clone(),
            ollama_host: environment.ollama_host.clone(),
            ..WorldRequest::default()
        };
        let choice = choose_world(&request, project, Intent::of(definition, folder.as_deref()))?;
        let runtime = if self.online { Some(runtime()?) } else { None };
        let tokio = runtime.as_ref();
        forecast_placement(definition.plan(), choice, tokio).map(Some)
    }

    fn save(&self, definition: &Definition, environment: &Environment) -> Result<(), Failure> {
        let Some(path) = &self.save else { return Ok(()) };
        match definition {
            Definition::Compiled(loaded) => save_plan(&environment.project, loaded, path)?,
            Definition::Saved(_) => {
                let message = format!("{} is a saved plan already", self.name);
                return Err(Failure::new(FailureKind::Usage, message)
                    .hint("name the pattern or pipeline that it was made of"));
            }
        }
        let shown = path.display();
        environment.screen.note(&format!("saved as {shown}; partita run --plan {shown} runs it"));
        Ok(())
    }

    pub(super) fn is_json(&self) -> bool {
        self.format() == PlanFormat::Json
    }

    fn format(&self) -> PlanFormat {
        if self.json { PlanFormat::Json } else { self.format }
    }
}
