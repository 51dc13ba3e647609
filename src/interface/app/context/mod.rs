//! The orchestrator's context: finding it, changing it, carrying it elsewhere, and what runs bring.

mod files;
mod find;
mod opened;
mod refusal;
mod runs;

pub use files::{ExportedContext, ImportedContext, Overwriting, import_context};
pub use find::{ContextPlace, ListedContext, list_contexts};
pub use opened::{OpenedContext, Resumed, begin_context, resume_context};
pub use runs::{ContextOfRun, ContextWish, settle_run};
pub(super) use runs::{check_contexts, settle_all};
