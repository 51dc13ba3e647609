//! The states of a task and the moves between them belong to the rules of work
//! ([`organization`](crate::organization)); the engine moves tasks along their table and no other way.

pub use crate::organization::{ForbiddenMove, TaskStatus};
