//! From YAML text to a plan.

pub mod diagnostic;
pub mod digest;
pub mod document;
pub mod plan;
pub mod source;
pub mod template;
