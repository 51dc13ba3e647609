//! Several runs that use the same servers: who may use how much of which. Every run says on a board
//! what it holds and what it wants, reads what the others say, and works out what is its own; all of
//! them come to the same, since they do the same with the same data.
//!
//! It deliberately knows nothing of where the board lies, how one is alone with it for a moment, and
//! how it is found out that a run is gone: that is the driver's business.

mod board;
mod draft;
mod member;

pub use board::{Board, Demand, Entry, Holding, Place};
pub use member::{Member, Needs, Share, Sharing, Want};

#[cfg(test)]
mod tests;
