//! SQLite's only home: runs, their facts and contents, on disk.
//!
//! One file, `journal.db`, in the journal folder, with a write-ahead log beside it; a lock file for
//! each run that is under way. Facts of a step are stored in one transaction with the contents
//! they mention, before any command of the step is carried out. A process that dies loses nothing
//! that was stored; a machine that loses power may lose the last moments, which are then done
//! again.

mod answers;
mod check;
mod contents;
mod error;
mod lock;
mod mailbox;
mod open;
mod retention;
mod runs;
mod stored;
mod tables;

pub use check::{Damage, Examination};
pub use contents::JournalContents;
pub use error::JournalError;
pub use lock::RunLock;
pub use mailbox::Note;
pub use open::{Journal, NewFacts};
pub use retention::{Removal, Removed, Retention};
pub use runs::{ForkRecord, NewRun, RunId, RunRecord, Setup};
