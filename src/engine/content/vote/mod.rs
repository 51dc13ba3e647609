//! Votes: which answers are the same, how many there are of each, and what that decides.
//!
//! Everything here is a pure function of answers; who asks for them is not known here.

mod count;
#[cfg(test)]
mod law_tests;
mod normal;
mod standing;

pub use count::brief;
pub(super) use count::{Count, Decision, Vote};
