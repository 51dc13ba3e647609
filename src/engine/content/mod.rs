//! What tasks say: prompts, answers and outputs. The engine itself knows only their addresses;
//! both drivers use these functions to carry its commands out. Nothing here reads a clock or asks
//! a server.

mod answer;
mod choose;
mod conclude;
mod consensus;
mod context;
mod iterate;
mod json;
mod judge;
mod look_up;
mod pairs;
mod perform;
mod prepare;
mod request;
mod review;
mod rounds;
mod sample;
mod store;
mod tool_call;
mod truncation;
mod vote;

pub use answer::{Answer, Verdict, judge};
pub use context::task_record;
pub use perform::{outcome_of, request_of, settle};
pub use request::{CalledFunction, Message, Request, Role, ToolCall, windows};
pub use store::{ContentError, Contents, KeptAnswer, MemoryContents, kept_answer};
pub(crate) use store::{bytes_of, of_bytes, read_as, write_as};
pub use tool_call::written_calls;
