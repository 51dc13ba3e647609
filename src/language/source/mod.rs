//! Text, byte spans, and the YAML parser's only home.
//!
//! A [`Source`] is a text with a name; [`parse`] makes a [`Tree`] of it, in which every key and
//! every value knows its [`Span`]. A tree can be seen as JSON, and every place in that JSON, and
//! every byte of a decoded scalar, can be found again in the text.

// Texts and places in them.
mod decode;
mod limits;
mod lines;
mod span;
mod text;

// What a text holds, and what can be wrong with it.
mod error;
mod error_list;
mod help;
mod scalar;
mod schema;
mod tree;

// From the parser's events to a tree.
mod blame;
mod builder;
mod complaint;
mod gap;
mod mapping;
mod measure;
mod parse;
mod reference;
mod written;

// Changes of a text.
mod edit;
mod rewrite;

// From a value back to its place.
mod align;
mod align_block;
mod align_flow;
mod locate;
mod pointer;

// From a value to text.
mod quote;

pub use align::Alignment;
pub use decode::{NotUtf8, TooLarge, check_size, decode};
pub use edit::{Edit, apply_edits};
pub use error::{SyntaxError, SyntaxErrorKind};
pub use limits::{
    MAX_DEPTH, MAX_ERRORS, MAX_EXPANSION, MAX_EXPANSION_BYTES, MAX_KEY_BYTES, MAX_MERGE_DEPTH,
    MAX_NODES, MAX_SOURCE_BYTES,
};
pub use lines::Position;
pub use locate::{Location, Nearest};
pub use parse::{Parsed, parse};
pub use pointer::{child_pointer, escape_pointer, member, value_at};
pub use quote::{Surroundings, write_text, write_value};
pub use scalar::{Scalar, ScalarStyle, ScalarValue};
pub use span::{SourceId, Span};
pub use text::{Source, SourceMap};
pub use tree::{Anchor, Mapping, Node, NodeId, NodeKind, Pair, Tag, Tree};

#[cfg(test)]
mod align_tests;
#[cfg(test)]
mod error_tests;
#[cfg(test)]
mod fuzz_tests;
#[cfg(test)]
mod limit_tests;
#[cfg(test)]
mod locate_tests;
#[cfg(test)]
mod parse_tests;
#[cfg(test)]
mod rewrite_tests;
