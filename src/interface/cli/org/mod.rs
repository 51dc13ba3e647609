//! `partita org`: people and work, a subcommand a file.

mod assign;
mod capacity;

use clap::{Args, Subcommand};

use super::CommandResult;
use super::environment::Environment;

/// Show what an organisation does: work and its states, people and their time, messages, figures
#[derive(Debug, Args)]
#[command(
    after_help = "\
Examples:
  partita org capacity shop_floor                     how much time people have, and what is promised
  partita org forecast shop_floor --days 5
  partita org assign shop_floor --domain backend --skills sql,rust --hours 6

Everything is read from the journal; nothing is changed.",
    disable_help_subcommand = true,
    arg_required_else_help = true
)]
pub(super) struct Org {
    #[command(subcommand)]
    view: View,
}

#[derive(Debug, Subcommand)]
enum View {
    Capacity(capacity::Capacity),
    Forecast(capacity::Forecast),
    Assign(assign::Assign),
}

impl Org {
    pub(super) fn is_json(&self) -> bool {
        match &self.view {
            View::Capacity(view) => view.output.is_json(),
            View::Forecast(view) => view.output.is_json(),
            View::Assign(view) => view.output.is_json(),
        }
    }

    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        match &self.view {
            View::Capacity(view) => view.execute(environment),
            View::Forecast(view) => view.execute(environment),
            View::Assign(view) => view.execute(environment),
        }
    }
}
