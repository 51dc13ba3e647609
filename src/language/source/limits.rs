//! How large a document may be. Beyond a limit there is an error, never less of the document.

/// The largest text that is parsed, in bytes: 16 MiB.
///
/// A file that people write is a thousandth of it; a file of this size still parses in seconds.
pub const MAX_SOURCE_BYTES: usize = 16 * 1024 * 1024;

/// How many nodes a document may have, keys included: some 200,000 lines of `key: value`.
pub const MAX_NODES: usize = 400_000;

/// How deep collections may lie within each other, aliases and merges followed.
///
/// JSON values are built and dropped recursively; this is far below what a stack holds.
pub const MAX_DEPTH: usize = 64;

/// How long a key may be, in bytes: the 1024 characters that YAML allows for keys without `?`
/// (YAML 1.2.2, section 7.4.2), of up to four bytes each.
pub const MAX_KEY_BYTES: usize = 4096;

/// How many nodes aliases and merge keys may add to those that are written.
pub const MAX_EXPANSION: u64 = 400_000;

/// How many bytes of text aliases and merge keys may add: 16 MiB.
pub const MAX_EXPANSION_BYTES: u64 = 16 * 1024 * 1024;

/// How many mappings may take each other in through `<<`, one behind the other.
pub const MAX_MERGE_DEPTH: u32 = 16;

/// How many errors of one source are reported; a last one says how many more there are. Errors
/// that leave no tree are counted apart, up to as many again.
pub const MAX_ERRORS: usize = 1_000;

/// How many documents of a file are looked at. One is allowed; the others may have errors, too.
pub(super) const MAX_DOCUMENTS: usize = 100;

/// How many comments may follow each other before a value. The parser keeps them in memory.
pub(super) const MAX_COMMENTS_IN_A_ROW: usize = 65_536;
