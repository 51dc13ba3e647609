//! Learning: advice is kept, runs follow it, what comes of them is entered, and people say what it was worth.

mod block_yaml;
mod export;
mod follow;
mod proposals;
mod stored;
mod verdict;

pub use export::{Exported, export_learnings};
pub use follow::{AdviceOfRun, AdviceRequest};
pub use proposals::{Proposal, Proposals, accept_proposal, propose_patterns};
pub use stored::{
    adjustments_for, experiences, recent_learnings, record_advice, settle_advised_run,
};
pub(super) use stored::{check_learning, settle_learning};
pub use verdict::{ResetRequest, give_verdict, reset_learnings};
