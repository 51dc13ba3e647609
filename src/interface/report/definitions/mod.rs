//! What is different between two definitions: as text, as JSON, as Markdown for a pull request.

mod json;
mod markdown;
mod text;
mod wording;

pub use json::definitions_json;
pub use markdown::{Picture, definitions_markdown};
pub use text::definitions_text;
