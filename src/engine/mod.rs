//! The deterministic core: what is done next, and why. No clock, no randomness, no IO, no threads.
//!
//! [`Engine::handle`] takes the time and one [`Input`] and gives a [`Step`]: facts, which are to be
//! stored, and commands, which may be carried out only then.

mod admission;
mod attempts;
mod blame;
mod budgets;
mod clocks;
mod conduct;
pub mod content;
mod distrust;
mod experience;
mod failure;
mod fold_error;
mod fork;
mod gates;
mod hands;
mod hedging;
mod iterations;
mod lanes;
mod loading;
mod manifest;
mod moves;
mod named;
mod nested;
mod overdue;
mod permissions;
mod placement;
mod posts;
mod prefixes;
mod preparations;
mod resources;
mod reuse;
mod scopes;
mod servers;
mod settings;
mod shares;
pub mod sharing;
pub mod simulation;
mod spending;
mod state;
mod step;
mod task_state;
mod time;
mod timers;
mod tool_tasks;
mod tools;
mod undoing;
mod urgency;
mod vocabulary;
mod waits;
mod warming;
mod windows;

pub use budgets::{Account, Bounded, Budgets, Quantity, Spent};
pub use conduct::Engine;
pub use failure::{Blame, Change, Failure, FailureClass, Remedy, Treatment};
pub use fold_error::FoldError;
pub use fork::{Ending, Fork, Kept, KeptItem};
pub use iterations::{Iteration, Iterations, RoundsEnd, Stopped};
pub use manifest::{Asking, Manifest, ModelFiles};
pub use moves::{ForbiddenMove, TaskStatus};
pub use resources::{Limited, ResourceId, Resources, Share};
pub use servers::{full_name, with_tag};
pub use settings::{People, Server, ServerId, Settings};
pub use state::State;
pub use step::Step;
pub use task_state::TaskState;
pub use time::Time;
pub use vocabulary::{
    AttemptId, AwaitedNews, Awaiting, Beginning, Call, Changes, Command, DecidedAhead, Decision,
    Fact, FilledPost, Found, GoesOn, Input, Next, Observation, Outcome, PERMISSION_OPTIONS,
    PauseReason, PostReason, Preparation, Recorded, RunNote, RunStatus, Rung, SkipReason,
    StartLimit, ToolAnswer, ToolAsking, ToolUse, Usage,
};
pub use waits::{Wait, WaitReason};
