//! Cases of a pattern: what tasks are answered in them, what is expected of values, and whether what
//! is written fits the pattern.

mod address;
mod check;
mod check_expected;
mod condition;
mod expected;
mod script;

pub use address::{addressed, answered, in_plan, is_for, of_any_item};
pub(super) use check::check;
pub use expected::{Expected, Unequal};
pub use script::{Reply, scripted};
