//! rmcp's only home: the tools that agents use while they work on an answer, and those that tasks call.
//!
//! Built-in tools read below one folder; one of them runs programs, where the cluster file and the command
//! line both allow it. All others belong to servers that speak the Model Context
//! Protocol; each is started, or connected to, when it is first needed, and serves the whole run.

mod access;
mod built_in;
mod captured;
mod commands;
mod confined;
mod house;
mod offer;
mod orchestrating;
mod process_group;
mod program;
mod said;
mod server;
mod shown;

pub use access::ToolAccess;
pub use commands::{Commands, CommandsError};
pub(in crate::runtime) use house::Word;
pub use house::{ToolHouse, ToolsError};
pub use offer::{Offer, OfferedTool};
pub use orchestrating::{Awaitable, Closing, Managed, ManagerCall, MustWait, Orchestrating};
pub use process_group::kill_all_programs;
pub(in crate::runtime) use shown::{ToolEnding, ToolResult};
