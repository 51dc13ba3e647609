//! Typed documents, their schemas, and resolving names across files.

mod cluster;
mod duration;
mod input;
mod library_index;
pub(crate) mod name;
mod output_type;
mod pattern;
mod settings;
pub mod simulation;
pub mod suggest;
mod task;
mod team;

pub use cluster::{Breaker, ClusterDocument, ClusterSettings, Egress, Health, Policy, ServerEntry};
pub use duration::{DurationError, HumanDuration};
pub use input::InputDeclaration;
pub use library_index::LibraryIndex;
pub use output_type::{OutputType, TypeProblem};
pub use pattern::{
    ClusterReference, ExpectedTimes, Header, PatternDocument, PipelineDocument, SuccessCriteria,
    TeamReference, Wave,
};
pub use settings::{Backoff, Condition, Defaults, ModelOptions, OnFailure, Retry, Timeouts};
pub use task::{
    AgentTask, ApprovalGate, ApprovalWord, CheckGate, CheckWord, Conditions, Modifiers, Strategy,
    Synthesis, SynthesizeTask, Task, UsesTask, Verb, VerbKind,
};
pub use team::{AgentEntry, Expertise, InlineTeam, TeamDocument, TeamHeader};
