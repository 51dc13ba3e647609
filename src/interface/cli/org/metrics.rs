//! `partita org metrics`

use clap::Args;

use crate::insight::organization::{Organization, metrics};
use crate::interface::app::{Organizations, all_organizations, organization_of};
use crate::interface::cli::CommandResult;
use crate::interface::cli::environment::Environment;
use crate::interface::cli::options::Output;
use crate::interface::report::{metrics_json, metrics_text};
use crate::runtime::clock::Clock;

/// Show the figures of an organisation: times, service levels, reviews, estimates, bottlenecks
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita org metrics
  partita org metrics k7m2 --json
  partita org metrics --all                over all runs of the journal that have pieces of work

What each figure is: docs/organization.md")]
pub(super) struct Metrics {
    /// The run [default: the newest that has pieces of work]
    run: Option<String>,

    /// Over all runs of the journal
    #[arg(long, conflicts_with = "run")]
    all: bool,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Metrics {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let now = Clock::start().now();
        let Organizations { runs, unreadable } = match self.all {
            true => all_organizations(&environment.journal, now)?,
            false => {
                let run = organization_of(&environment.journal, self.run.as_deref(), now)?;
                Organizations { runs: vec![run], unreadable: Vec::new() }
            }
        };
        let organizations: Vec<&Organization> = runs.iter().map(|run| &run.organization).collect();
        let metrics = metrics(&organizations);
        let screen = &environment.screen;
        match self.output.is_json() {
            true => screen.json(&metrics_json(&runs, &unreadable, &metrics)),
            false => screen.print(&metrics_text(&runs, &unreadable, &metrics, screen.out)),
        }
        Ok(0)
    }
}
