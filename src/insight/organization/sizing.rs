//! How large a request was said to be, and how large it was.

use serde_json::Value;

use super::about::tier;
use super::messages::read;
use super::view::TierSaid;
use super::work::WorkHistory;
use crate::engine::content::Contents;
use crate::engine::{Fact, Recorded, RunStatus};
use crate::insight::history::History;
use crate::language::document::Learned;
use crate::organization::{Sizing, Tier, WorkState};

/// The sizing of a run that learns from such: nothing where it has not succeeded, or somebody gave the tier.
pub(super) fn sizing(
    (history, work, tiers): (&History, &WorkHistory, &[TierSaid]),
    facts: &[Recorded],
    contents: &dyn Contents,
) -> Option<Sizing> {
    if history.status != RunStatus::Succeeded {
        return None;
    }
    let declared = &history.plan().root().inputs;
    let (name, _) =
        declared.iter().find(|(_, input)| input.learned == Some(Learned::TierPoints))?;
    let inputs = facts.iter().find_map(|recorded| match &recorded.fact {
        Fact::RunStarted { inputs, .. } => Some(read(contents, Some(inputs))),
        _ => None,
    })?;
    let is_given = tier(&inputs["tier"]).is_some();
    let said = tiers.first().and_then(|said| tier(&said.tier)).filter(|_| !is_given)?;
    let added =
        inputs.get(name).and_then(Value::as_i64).and_then(|added| i32::try_from(added).ok());
    Some(Sizing { said, was: Tier::of_tasks(work.done()), added: added.unwrap_or(0) })
}

impl WorkHistory {
    /// How many pieces of work there are but cancelled ones.
    pub fn done(&self) -> usize {
        self.pieces().filter(|(_, item)| item.state() != WorkState::Cancelled).count()
    }
}
