//! Findings as data: codes, places, help. How they look on a screen is the interface's business.

mod code;
mod finding;

pub use code::{Code, CodeEntry};
pub use finding::{Diagnostic, Label, Severity, sort};
