//! The rules of teams, running nothing: who is in one, how they are addressed, who reports to
//! whom, what an agent is told about itself, in which layers they stand, who does which work and how
//! much time there is for it, through which states work goes, who reviews it, who may write to whom,
//! and who is asked when it cannot go on.

mod agent;
mod assignment;
#[cfg(test)]
mod assignment_tests;
mod briefing;
mod calendar;
mod calibration;
mod capacity;
mod communication;
mod demand;
mod escalation;
mod expertise;
mod forecast;
#[cfg(test)]
mod forecast_tests;
mod framework;
mod guidance;
#[cfg(test)]
mod history_tests;
mod hours;
mod layer;
mod ledger;
mod lifecycle;
mod manager_tools;
mod people;
mod quality;
#[cfg(test)]
mod rules_tests;
mod sizing;
mod skills;
mod structure;
mod team;
mod tier;

pub use agent::{Agent, AgentId, is_same_role, role_id};
pub use assignment::{Assignment, HORIZON, LEAST_SKILL_TO_BORROW, Unassigned, assign};
pub use briefing::{is_guided, is_orchestrator, leads, leads_among, system_message};
pub use calendar::{Day, NoDay, Weekday};
pub use calibration::{Calibration, EstimateFactor, Observation};
pub use capacity::Capacity;
pub use communication::{MessageKind, NotPermitted, may_send, permitted};
pub use demand::{DAYS_OF_WORKLOAD, Demand, Scored, WEIGHTS, Weights};
pub use escalation::{Contact, EscalationKind, route};
pub use expertise::Expertise;
pub use forecast::{
    Admission, DAYS_AHEAD, Forecast, ForecastDay, Helper, MOST_PROMISED, Oversubscribed, Room,
    Shortage, admit, forecast, rebalance,
};
pub use framework::{
    FRAMEWORK_HEADING, FRAMEWORK_TOKENS, FrameworkExtent, KEY_QUESTIONS, RESPONSIBILITIES_HEADING,
    approach, decision_framework,
};
pub use guidance::{Candidate, Guidance, KnownPattern, PatternTeam, TeamGuidance};
pub use hours::{NoHours, hours_of, minutes_of, minutes_of_text};
pub use layer::{Complexity, Layer, Level};
pub use ledger::{Booking, Ledger};
pub use lifecycle::{
    ForbiddenMove, ForbiddenWorkMove, Owner, ServiceLevel, TaskStatus, Timeliness, WORK_MOVES,
    WorkMove, WorkState, moved,
};
pub use manager_tools::{
    ANALYZE_NEEDS, CREATE_PROJECT, MANAGER_TOOLS, MONITOR_HEALTH, REVIEW_OUTCOMES, START_WORKFLOW,
    is_manager_tool,
};
pub use people::who_answers;
pub use quality::{
    AfterReview, Gate, MOST_REVISIONS, VALIDATING_DOMAINS, Verdict, reviewers, seats,
};
pub use sizing::{MOST_LEARNED_POINTS, Sizing, learned_points};
pub use skills::skill_match;
pub use structure::{
    LayerFault, SPAN_OF_CONTROL, has_layers, inferiors, layer_faults, superior, superiors,
    wide_spans,
};
pub use team::{ReportingError, Team, lead_of, member_called};
pub use tier::{NoTier, PlanningPhase, Tier, TierRules};
