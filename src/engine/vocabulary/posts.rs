//! Posts, and who got them.

use serde::{Deserialize, Serialize};

use crate::language::plan::PlanAgentId;
use crate::organization::{Booking, Demand, Scored};

/// A post that somebody got, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FilledPost {
    /// The seat that its tasks asked until then.
    pub seat: PlanAgentId,
    /// Who got it.
    pub agent: PlanAgentId,
    /// Why this one.
    pub reason: PostReason,
    /// The hours that were set aside for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booking: Option<Booking>,
}

/// Why somebody got a post.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PostReason {
    /// The best of those who could do the work.
    Best {
        /// What there is to do.
        demand: Demand,
        /// The minutes that it was estimated to take, where earlier runs have shown that it takes more or less.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        estimated: Option<u32>,
        /// All who could, the best first.
        candidates: Vec<Scored>,
        /// The domain that it was borrowed from, where its own had no time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        borrowed: Option<String>,
    },
    /// The next above somebody.
    Above {
        /// Above whom.
        of: PlanAgentId,
        /// Whether there was no peer.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        for_want_of_a_peer: bool,
    },
}
