//! A piece of work: what it is, who does it, and through which states it has gone.

use std::time::Duration;

use serde_json::Value;

use crate::engine::Time;
use crate::language::plan::{ScopeId, TaskId};
use crate::organization::{AgentId, Complexity, Tier, Timeliness, WorkState};

/// A pattern with tasks that say in which state they have its work, with everything inside it.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkItem {
    /// The scope; none where it is listed and has not begun.
    pub scope: Option<ScopeId>,
    /// The address of the task that uses the pattern; the plan's name for the whole.
    pub address: String,
    /// The task that uses the pattern; none for the whole, and where it has not begun.
    pub caller: Option<TaskId>,
    /// The piece of work that it is a part of: a place among all.
    pub part_of: Option<usize>,
    /// What is known of it.
    pub about: About,
    /// Who has which post.
    pub posts: Vec<Holder>,
    /// Who does it: whoever has the first post with hours.
    pub author: Option<AgentId>,
    /// When it was listed.
    pub listed: Time,
    /// Its moves, in order.
    pub moves: Vec<Move>,
    /// Until when it stands as it does: when it was over, or the moment that is looked at.
    pub until: Time,
}

/// What is known of a piece of work.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct About {
    /// What it is called.
    pub title: Option<String>,
    /// The domain to which it belongs.
    pub domain: Option<String>,
    /// How large it is.
    pub tier: Option<Tier>,
    /// What it belongs to.
    pub milestone: Option<String>,
    /// The minutes that it is expected to take.
    pub minutes: u32,
    /// How hard it is.
    pub complexity: Option<Complexity>,
    /// What must be true of it to be accepted; null where nothing is said.
    pub acceptance: Value,
}

/// Who has a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The post.
    pub post: AgentId,
    /// Who has it.
    pub agent: AgentId,
    /// The minutes that were set aside for it.
    pub minutes: u32,
}

/// A move from one state to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Where it stood.
    pub from: WorkState,
    /// Where it went.
    pub to: WorkState,
    /// When.
    pub at: Time,
    /// The task that began and took it there, if one did.
    pub task: Option<TaskId>,
    /// The post or agent that this task asks.
    pub agent: Option<AgentId>,
    /// Why, in words.
    pub reason: String,
    /// Whether the table of moves has it.
    pub is_regular: bool,
}

/// A time that work was in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    /// The state.
    pub state: WorkState,
    /// From when.
    pub from: Time,
    /// Until when.
    pub until: Time,
    /// Whether it has left it.
    pub is_over: bool,
}

impl Stay {
    /// How long it was, or is.
    pub fn took(&self) -> Duration {
        self.until.since(self.from)
    }
}

impl WorkItem {
    /// What people call it.
    pub fn title(&self) -> &str {
        self.about.title.as_deref().unwrap_or(&self.address)
    }

    /// The state in which it is.
    pub fn state(&self) -> WorkState {
        self.moves.last().map_or(WorkState::Pending, |last| last.to)
    }

    /// Since when it is in this state.
    pub fn since(&self) -> Time {
        self.moves.last().map_or(self.listed, |last| last.at)
    }

    /// The times that it has been in each state, in order; the end is none.
    pub fn stays(&self) -> Vec<Stay> {
        let mut stays = Vec::with_capacity(self.moves.len() + 1);
        let (mut state, mut from) = (WorkState::Pending, self.listed);
        for one in &self.moves {
            stays.push(Stay { state, from, until: one.at, is_over: true });
            (state, from) = (one.to, one.at);
        }
        if !state.is_final() {
            stays.push(Stay { state, from, until: self.until, is_over: false });
        }
        stays
    }

    /// How a stay stands to the time that work of its tier may be in the state; nothing for the end.
    /// Work of no known tier counts as small.
    pub fn timeliness(&self, stay: &Stay) -> Option<Timeliness> {
        let level = stay.state.service_level(self.about.tier.unwrap_or_default())?;
        let minutes = u32::try_from(stay.took().as_secs() / 60).unwrap_or(u32::MAX);
        Some(level.timeliness(minutes))
    }

    /// The share of the time of its state that is over, in hundredths; nothing for the end.
    pub fn share_of_time(&self) -> Option<u64> {
        let stay = self.stays().last().copied().filter(|stay| !stay.is_over)?;
        let level = stay.state.service_level(self.about.tier.unwrap_or_default())?;
        (stay.took().as_secs() * 100).checked_div(u64::from(level.minutes) * 60)
    }

    /// From when it was listed to its end, if it has been completed.
    pub fn lead_time(&self) -> Option<Duration> {
        (self.state() == WorkState::Completed).then(|| self.since().since(self.listed))
    }
}
