//! The rules, one a file.

use super::rule::Rule;

mod retry_disabled;

/// All rules, in the order in which they are documented.
pub const RULES: &[&Rule] = &[&retry_disabled::RULE];
