//! From YAML text to a plan.

pub mod diagnostic;
pub mod digest;
pub mod document;
pub(crate) mod examples;
pub mod lint;
pub mod plan;
pub mod source;
pub mod template;
pub mod tokens;
pub(crate) mod workers;
