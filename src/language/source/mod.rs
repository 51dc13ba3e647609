//! Text, byte spans, and the YAML parser's only home.

// Texts and places in them.
mod decode;
mod limits;
mod lines;
mod span;
mod text;

pub use decode::{NotUtf8, TooLarge, check_size, decode};
pub use limits::MAX_SOURCE_BYTES;
pub use lines::Position;
pub use span::{SourceId, Span};
pub use text::{Source, SourceMap};
