//! From YAML text to a plan.

pub mod document;
pub mod source;
pub mod template;
