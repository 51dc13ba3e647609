//! The rules of teams, running nothing: who is in one, how they are addressed, who reports to
//! whom, what an agent is told about itself, in which layers they stand, who does which work, and
//! how much time there is for it.

mod agent;
mod assignment;
#[cfg(test)]
mod assignment_tests;
mod briefing;
mod calendar;
mod capacity;
mod demand;
mod forecast;
#[cfg(test)]
mod forecast_tests;
mod layer;
mod ledger;
mod skills;
mod structure;
mod team;

pub use agent::{Agent, AgentId, is_same_role, role_id};
pub use assignment::{Assignment, HORIZON, LEAST_SKILL_TO_BORROW, Unassigned, assign};
pub use briefing::system_message;
pub use calendar::{Day, NoDay, Weekday};
pub use capacity::Capacity;
pub use demand::{DAYS_OF_WORKLOAD, Demand, Scored, WEIGHTS, Weights};
pub use forecast::{
    Admission, DAYS_AHEAD, Forecast, ForecastDay, Helper, MOST_PROMISED, Oversubscribed, Room,
    Shortage, admit, forecast, rebalance,
};
pub use layer::{Complexity, Layer, Level};
pub use ledger::{Booking, Ledger};
pub use skills::skill_match;
pub use structure::{
    LayerFault, SPAN_OF_CONTROL, has_layers, layer_faults, superior, superiors, wide_spans,
};
pub use team::{ReportingError, Team, lead_of, member_called};
