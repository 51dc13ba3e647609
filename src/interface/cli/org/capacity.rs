//! `partita org capacity` and `partita org forecast`

use clap::Args;

use crate::interface::app::{Failure, Staffing, StaffingRequest, staffing};
use crate::interface::cli::CommandResult;
use crate::interface::cli::environment::Environment;
use crate::interface::cli::options::Output;
use crate::interface::report::{capacity_json, capacity_text, forecast_json, forecast_text};
use crate::organization::{DAYS_AHEAD, Day};
use crate::runtime::clock::Clock;

/// Whose time is looked at, and from when on.
#[derive(Debug, Clone, Args)]
pub(super) struct Time {
    /// The team
    pub(super) team: String,

    /// The run whose promises count [default: all that are not over]
    #[arg(long, value_name = "RUN")]
    run: Option<String>,

    /// The first day, such as 2026-12-24 [default: today, in UTC]
    #[arg(long, value_name = "DATE")]
    from: Option<Day>,
}

impl Time {
    pub(super) fn staffing(&self, environment: &Environment) -> Result<Staffing, Failure> {
        let now = Clock::start().now();
        let from = self.from.unwrap_or_else(|| now.day());
        let request = StaffingRequest { team: &self.team, run: self.run.as_deref(), from, now };
        staffing(&environment.project, &environment.journal, &request)
    }
}

/// Show how much time people have over the next three working days, and how much is promised
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita org capacity shop_floor
  partita org capacity shop_floor --run k7m2          what this run alone has promised
  partita org capacity shop_floor --from 2027-03-01
  partita org capacity shop_floor --json")]
pub(super) struct Capacity {
    #[command(flatten)]
    time: Time,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Capacity {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let staffing = self.time.staffing(environment)?;
        let planned = staffing.planned(DAYS_AHEAD);
        let screen = &environment.screen;
        match self.output.is_json() {
            true => screen.json(&capacity_json(&staffing, &planned)),
            false => screen.print(&capacity_text(&staffing, &planned, screen.out)),
        }
        Ok(0)
    }
}

/// Show the time of the next working days, day by day
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita org forecast shop_floor
  partita org forecast shop_floor --days 10
  partita org forecast shop_floor --run k7m2 --json")]
pub(super) struct Forecast {
    #[command(flatten)]
    time: Time,

    /// How many days on which anybody works
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=366))]
    days: u16,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Forecast {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let staffing = self.time.staffing(environment)?;
        let planned = staffing.planned(usize::from(self.days));
        let screen = &environment.screen;
        match self.output.is_json() {
            true => screen.json(&forecast_json(&staffing, &planned)),
            false => screen.print(&forecast_text(&staffing, &planned, screen.out)),
        }
        Ok(0)
    }
}
