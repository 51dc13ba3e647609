//! Partita conducts teams of language-model agents.
//!
//! Text goes in at the top and facts come out at the bottom; a module uses only what stands
//! above it in this list (`tests/architecture.rs` proves it).

pub mod organization;

pub mod language;
pub mod runtime;
