//! petgraph's only home: what a pattern means, whether it can be run, and the plan that is run.

mod cases;
mod cast;
mod check;
mod choice;
mod compensation;
mod compile;
mod consensus;
mod difference;
mod expand;
mod failure_outline;
mod gates;
mod growth;
mod inputs;
mod integrity;
mod iterate;
mod ladder;
mod least_calls;
mod levels;
mod limits;
mod lower;
mod model;
pub(crate) mod outline;
mod outlines;
mod people;
mod posts;
mod reach;
#[cfg(test)]
mod reach_tests;
mod saved;
mod schedule;
mod sketch;
mod stand_ins;
mod symbols;
mod team_outline;
pub(crate) mod template_site;
mod tools;
mod typing;
mod urgency;
mod values;

pub use cases::{
    Expected, Reply, Unequal, addressed, answered, in_plan, is_for, of_any_item, scripted,
};
pub use cast::team_of_document;
pub(crate) use check::messages::topic;
pub use check::{Analysis, analyse, check_library, check_outlines, import_faults};
pub(crate) use check::{Edge, check_budgets, check_limits, check_recursion};
pub use choice::{
    Ballot, MOST_CANDIDATES, Pairs, Samples, TieBreak, comparison_output, tie_break_output,
};
pub use compensation::undoes;
pub use compile::{Compiled, compile};
pub use consensus::consensus_output;
pub use difference::{Difference, Entry, FieldChange, Status};
pub use expand::{Expand, Offer, OfferKind, PLAN, Part, Planned, Planning, SYNTHESIS};
pub(crate) use failure_outline::{goes_on, goes_on_without_output, may_ask_the_lead};
pub use gates::{Gate, NoDecision};
pub use inputs::InputProblem;
pub use iterate::{Body, Items, Iterate, Over, Review, Rounds};
pub use ladder::{FIRST_RUNG, Ladder, Rung, RungKind, VOTE};
pub use limits::Unavailable;
pub use model::{
    Ask, Combine, CombineMethod, Input, Limits, MessageTemplate, Need, NeedKind, Plan, PlanAgent,
    PlanAgentId, Purpose, RetryPolicy, Scope, ScopeId, Task, TaskId, Trigger, Wave, WaveId, Work,
};
pub(crate) use outline::{Outline, TaskOutline};
pub use outlines::Outlines;
pub use posts::{PlannedPost, PostChoice, Voice, WorkTemplate};
pub use reach::Change;
pub use saved::{FORM, SavedDocument, SavedPlan, SavedPlanError};
pub use schedule::Forecast;
pub use sketch::{Sketch, TaskSketch};
pub use stand_ins::AskedModel;
pub use symbols::{Occurrence, Role, Symbol, SymbolIndex, TeamPlace};
pub(crate) use team_outline::{Member, TeamOutline};
pub use tools::{Permission, PlanToolServer, PlannedTool, Toolbox};
pub use typing::{FieldShown, TypeShown, Types};
pub use values::{Misfit, misfits};
