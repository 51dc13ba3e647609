//! Imports: what is declared, what is locked, and whether both and the documents agree.

mod check;
mod declared;
mod found;
mod lock;
mod state;

pub use check::{CheckedImport, CheckedLock, Difference, check_lock};
pub use lock::{Fresh, Locked, LockedSource, MovedTags, lock_imports};
pub(super) use state::read_imports;
