//! Pictures of a plan: what is drawn stands in the outline, how in a file for each format.

mod boxes;
mod dot;
mod mermaid;
mod outline;
mod svg;

pub(super) use boxes::waves_picture;
pub use dot::plan_dot;
pub use mermaid::plan_mermaid;
pub use svg::plan_svg;
