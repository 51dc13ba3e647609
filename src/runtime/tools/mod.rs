//! rmcp's only home: the tools that agents use while they work on an answer, and those that tasks call.
//!
//! Built-in tools read below one folder. All others belong to servers that speak the Model Context
//! Protocol; each is started, or connected to, when it is first needed, and serves the whole run.

mod built_in;
mod confined;
mod house;
mod offer;
mod said;
mod server;
mod shown;

pub(in crate::runtime) use house::Word;
pub use house::{ToolAccess, ToolHouse, ToolsError};
pub use offer::{Offer, OfferedTool};
pub(in crate::runtime) use shown::{ToolEnding, ToolResult};
