//! When what happened in a run: rows of bars on a terminal, and a page with pictures.

mod bars;
mod page;
mod rows;
mod tables;
mod text;

pub use page::{PAGE_MARK, run_page};
pub(super) use rows::Row;
pub use text::{TimelineLook, timeline_text};
