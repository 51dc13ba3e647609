//! When what happened in a run: rows of bars on a terminal, and a page with pictures.

mod bars;
mod rows;
mod text;

pub use text::{TimelineLook, timeline_text};
