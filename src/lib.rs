//! Partita conducts teams of language-model agents.
//!
//! Text goes in at the top and facts come out at the bottom; a module uses only what stands
//! above it in this list (`tests/integration/architecture.rs` proves it).

#![cfg_attr(
    test,
    expect(clippy::needless_pass_by_value, reason = "the check functions of tests take values")
)]

pub mod organization;

pub mod language;

pub mod engine;

pub mod runtime;

pub mod insight;

pub mod interface;
