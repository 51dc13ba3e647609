//! SQLite's only home: runs, their facts and contents, the contexts of projects, and advice with what was learned of it, on
//! disk.
//!
//! One file, `journal.db`, in the journal folder, with a write-ahead log beside it; a lock file for
//! each run that is under way. Facts of a step are stored in one transaction with the contents
//! they mention, before any command of the step is carried out. A process that dies loses nothing
//! that was stored, and unless somebody chose otherwise ([`Durability`]) neither does a machine that
//! loses power.

mod addresses;
mod advice;
mod answers;
mod check;
mod contents;
mod contexts;
mod durability;
mod error;
mod late;
mod lock;
mod log;
mod mailbox;
mod open;
mod retention;
mod runs;
mod stored;
mod stored_fact;
mod tables;
mod whole;

pub use advice::{
    AdviceId, AdviceWish, ChooseAdvice, FollowedAdvice, LearningChange, NewAdvice, RunOnAdvice,
    StoredAdvice,
};
pub use check::{Damage, Examination};
pub use contents::JournalContents;
pub use contexts::{BegunContext, ContextChange, ContextId, ContextRecord, EnterRun, RunInContext};
pub use durability::Durability;
pub use error::JournalError;
pub use lock::RunLock;
pub use log::Log;
pub use mailbox::Note;
pub use open::{Journal, NewFacts};
pub use retention::{Removal, Removed, Retention};
pub use runs::{ForkRecord, NewRun, ParentRecord, RunId, RunRecord, Setup};
pub use stored_fact::StoredFact;
