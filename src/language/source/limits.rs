//! How large a document may be. Beyond a limit there is an error, never less of the document.

/// The largest text that is parsed, in bytes: 16 MiB.
///
/// A file that people write is a thousandth of it; a file of this size still parses in seconds.
pub const MAX_SOURCE_BYTES: usize = 16 * 1024 * 1024;
