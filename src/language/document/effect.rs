//! What doing a task changes outside of a run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What doing a task changes outside of the run, and so whether it may be done a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Nothing: it may be done as often as anybody likes, or not at all where its answer is known.
    Pure,
    /// Something, and a second time changes nothing more: it is done in every run, and tried again
    /// where it fails.
    Idempotent,
    /// Something that must not happen twice: an attempt that a server has taken is the only one.
    Once,
}
