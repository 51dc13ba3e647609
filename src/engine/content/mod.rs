//! What tasks say: prompts, answers and outputs. The engine itself knows only their addresses;
//! both drivers use these functions to carry its commands out. Nothing here reads a clock or asks
//! a server.

mod answer;
mod choose;
mod conclude;
mod consensus;
mod context;
mod expand;
mod inbox;
mod iterate;
mod json;
mod judge;
mod ladder;
mod look_up;
mod message;
mod pairs;
mod paused;
mod perform;
mod planned;
mod prepare;
mod request;
mod review;
mod rounds;
mod sample;
mod staff;
mod store;
mod tool_call;
mod tool_result;
mod truncation;
mod vote;

pub use answer::{Answer, Verdict, judge};
pub use context::task_record;
pub use message::AgentMessage;
pub use paused::{PausedTalk, permission_question};
pub use perform::{Asked, outcome_of, request_of, settle};
pub use request::{CalledFunction, Message, Request, Role, ToolCall, windows};
pub use staff::minutes_of_hours;
pub use store::{ContentError, Contents, KeptAnswer, MemoryContents, kept_answer};
pub(crate) use store::{bytes_of, of_bytes, read_as, write_as};
pub use tool_call::written_calls;
pub use tool_result::tool_output;
pub use vote::brief;
