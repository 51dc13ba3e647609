//! What the editor has open, and what the projects around it hold.

mod buffer;
mod place;
mod view;
mod workspace;

pub(super) use buffer::Buffer;
pub(super) use view::View;
pub(super) use workspace::Workspace;
