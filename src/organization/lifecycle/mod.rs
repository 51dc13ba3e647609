//! The lifecycle of work: the states of a piece of work in an organisation, those of the single tasks
//! that a run makes of it, the moves of both, and how the two go together.

mod service_level;
mod task_status;
#[cfg(test)]
mod tests;
mod together;
mod work_moves;
mod work_state;

pub use service_level::{ServiceLevel, Timeliness};
pub use task_status::{ForbiddenMove, TaskStatus};
pub use work_moves::{ForbiddenWorkMove, WORK_MOVES, WorkMove, moved};
pub use work_state::{Owner, WorkState};
