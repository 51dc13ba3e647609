//! Findings as data: codes, places, help. How they look on a screen is the interface's business.

mod code;
mod finding;
mod findings;
mod fix;

pub use code::{Code, CodeEntry};
pub use finding::{Confidence, Diagnostic, Label, Severity, sort};
pub use findings::{Findings, MAX_FINDINGS};
pub use fix::{Fix, Safety};
