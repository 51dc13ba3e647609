//! Pictures of a plan: what is drawn stands in the outline, how in a file for each format.

mod boxes;
mod dot;
mod elements;
mod gantt;
mod letters;
mod mermaid;
mod outline;
mod svg;

pub(super) use boxes::waves_picture;
pub use dot::plan_dot;
pub(super) use elements::escaped;
pub(super) use gantt::{STYLE as GANTT_STYLE, legend_svg, servers_svg, waves_svg};
pub use mermaid::plan_mermaid;
pub use svg::plan_svg;
