//! Typed documents and their schemas.

mod duration;
pub mod simulation;

pub use duration::HumanDuration;
