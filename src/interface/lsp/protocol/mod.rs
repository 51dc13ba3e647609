//! The language server protocol as far as it knows nothing of us: framing, messages, positions,
//! addresses.

mod address;
mod message;
mod position;
mod wire;

pub use message::{Message, Refusal, RequestId};
pub use wire::{Frame, read_frame, write_frame};

pub(super) use address::{path_of, uri_of};
pub(super) use message::{answer, notification, refused, request};
pub(super) use position::Encoding;
