//! `partita org`: people and work, a subcommand a file.

mod admit;
mod assign;
mod board;
mod capacity;
mod escalations;
mod messages;
mod metrics;
mod show;
mod standup;
mod why;

use clap::{Args, Subcommand};

use super::CommandResult;
use super::environment::Environment;

/// Show what an organisation does: work and its states, people and their time, messages, figures
#[derive(Debug, Args)]
#[command(
    after_help = "\
Examples:
  partita org board                                 pieces of work by state, of the newest run that has some
  partita org show k7m2 add_index                   one of them, with all that happened to it
  partita org capacity shop_floor                   how much time people have, and what is promised
  partita org assign shop_floor --domain backend --skills sql,rust --hours 6
  partita org admit shop_floor work.yaml            whether so much more work fits
  partita org why k7m2 work[add_index]/build        why somebody does it
  partita org escalations                           what stands still, and what waits for a person
  partita org metrics --all                         the figures of all runs

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
    Board(board::Board),
    Show(show::Show),
    Capacity(capacity::Capacity),
    Forecast(capacity::Forecast),
    Assign(assign::Assign),
    Admit(admit::Admit),
    Why(why::Why),
    Standup(standup::Standup),
    Inbox(messages::Inbox),
    Channels(messages::Channels),
    Handoffs(messages::Handoffs),
    Escalations(escalations::Escalations),
    Metrics(metrics::Metrics),
}

impl Org {
    pub(super) fn is_json(&self) -> bool {
        match &self.view {
            View::Board(view) => view.output.is_json(),
            View::Show(view) => view.output.is_json(),
            View::Capacity(view) => view.output.is_json(),
            View::Forecast(view) => view.output.is_json(),
            View::Assign(view) => view.output.is_json(),
            View::Admit(view) => view.output.is_json(),
            View::Why(view) => view.output.is_json(),
            View::Standup(view) => view.output.is_json(),
            View::Inbox(view) => view.output.is_json(),
            View::Channels(view) => view.output.is_json(),
            View::Handoffs(view) => view.output.is_json(),
            View::Escalations(view) => view.output.is_json(),
            View::Metrics(view) => view.output.is_json(),
        }
    }

    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        match &self.view {
            View::Board(view) => view.execute(environment),
            View::Show(view) => view.execute(environment),
            View::Capacity(view) => view.execute(environment),
            View::Forecast(view) => view.execute(environment),
            View::Assign(view) => view.execute(environment),
            View::Admit(view) => view.execute(environment),
            View::Why(view) => view.execute(environment),
            View::Standup(view) => view.execute(environment),
            View::Inbox(view) => view.execute(environment),
            View::Channels(view) => view.execute(environment),
            View::Handoffs(view) => view.execute(environment),
            View::Escalations(view) => view.execute(environment),
            View::Metrics(view) => view.execute(environment),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args as _, Command};

    use super::*;

    #[test]
    fn every_view_has_examples() {
        let command = Org::augment_args(Command::new("org"));
        let mut views = 0;
        for view in command.get_subcommands() {
            let help = view.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Examples:"), "{}", view.get_name());
            views += 1;
        }
        assert_eq!(views, 13);
    }
}
