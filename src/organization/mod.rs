//! The rules of teams, running nothing: who is in one, how they are addressed, who reports to
//! whom, and what an agent is told about itself.

mod agent;
mod briefing;
mod team;

pub use agent::{Agent, AgentId, is_same_role, role_id};
pub use briefing::system_message;
pub use team::{ReportingError, Team, lead_of, member_called};
