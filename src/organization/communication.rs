//! Who may write to whom, and for what.
//!
//! The rules are about those who have a layer. A message from or to somebody without one is nobody's
//! business.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::layer::Layer;
use super::structure::{inferiors, superior, superiors};
use super::{Agent, AgentId, Team};

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// Gives work to those who read it.
    Delegation,
    /// Tells all, or several, the same.
    Broadcast,
    /// Passes on what one has done to whoever goes on with it.
    Handoff,
    /// Says how far its sender has come.
    Standup,
}

impl MessageKind {
    /// All kinds.
    pub const ALL: [MessageKind; 4] = [
        MessageKind::Delegation,
        MessageKind::Broadcast,
        MessageKind::Handoff,
        MessageKind::Standup,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            MessageKind::Delegation => "delegation",
            MessageKind::Broadcast => "broadcast",
            MessageKind::Handoff => "handoff",
            MessageKind::Standup => "standup",
        }
    }

    /// Along which lines such messages go.
    pub fn rule(self) -> &'static str {
        match self {
            MessageKind::Delegation => "work is delegated to those below in the reporting line",
            MessageKind::Broadcast => {
                "leads broadcast to those below in the reporting line, coordinators and managers to all"
            }
            MessageKind::Handoff => {
                "leads and contributors hand off to those of other domains, everybody to the next above"
            }
            MessageKind::Standup => "standups go to those above in the reporting line",
        }
    }
}

/// A message that goes along no permitted line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{from}` may not send a {} to `{to}`", .kind.as_str())]
pub struct NotPermitted {
    /// What for.
    pub kind: MessageKind,
    /// Who sends it.
    pub from: AgentId,
    /// Who should get it.
    pub to: AgentId,
}

/// Whether somebody may send somebody else a message of a kind.
///
/// # Errors
/// They may not; [`MessageKind::rule`] says who may.
pub fn may_send(
    kind: MessageKind,
    from: &AgentId,
    to: &AgentId,
    team: &Team,
) -> Result<(), NotPermitted> {
    let reader = team.agents().iter().find(|agent| agent.id == *to);
    let lines = Lines::of(from, team);
    if reader.zip(lines).is_some_and(|(reader, lines)| lines.lead_to(kind, reader)) {
        Ok(())
    } else {
        Err(NotPermitted { kind, from: from.clone(), to: to.clone() })
    }
}

/// Whom somebody may send messages of a kind, in the order of the members.
pub fn permitted<'t>(kind: MessageKind, from: &AgentId, team: &'t Team) -> Vec<&'t Agent> {
    let Some(lines) = Lines::of(from, team) else { return Vec::new() };
    team.agents().iter().filter(|reader| lines.lead_to(kind, reader)).collect()
}

/// The lines along which somebody may write.
struct Lines<'t> {
    from: &'t Agent,
    above: Vec<&'t Agent>,
    below: BTreeSet<&'t AgentId>,
    next_above: Option<&'t AgentId>,
}

impl<'t> Lines<'t> {
    fn of(from: &AgentId, team: &'t Team) -> Option<Lines<'t>> {
        let sender = team.agents().iter().find(|agent| agent.id == *from)?;
        Some(Lines {
            from: sender,
            above: superiors(team, from),
            below: inferiors(team, from),
            next_above: superior(team, from).map(|above| &above.id),
        })
    }

    fn lead_to(&self, kind: MessageKind, reader: &Agent) -> bool {
        if reader.id == self.from.id {
            return false;
        }
        let (Some(layer), Some(other)) = (self.from.layer, reader.layer) else { return true };
        match kind {
            MessageKind::Delegation => self.below.contains(&reader.id),
            MessageKind::Broadcast => match layer {
                Layer::Manager | Layer::Coordinator => true,
                Layer::Lead => self.below.contains(&reader.id),
                Layer::Contributor => false,
            },
            MessageKind::Handoff => {
                let is_other_domain = self.from.domain != reader.domain;
                let between_domains = layer.has_domain() && other.has_domain() && is_other_domain;
                between_domains
                    || self.next_above == Some(&reader.id)
                    || self.from.reports_to.as_ref() == Some(&reader.id)
            }
            MessageKind::Standup => self.above.iter().any(|above| above.id == reader.id),
        }
    }
}
