//! All that the facts of one run say of its organisation.

use std::sync::Arc;

use serde_json::Value;

use super::decisions::{Climb, Decision, climbs, decisions, reason};
use super::messages::{Message, Point, messages, read};
use super::reviews::{Review, reviews};
use super::sizing::sizing;
use super::work::WorkHistory;
use crate::engine::content::Contents;
use crate::engine::{Recorded, Time};
use crate::insight::history::History;
use crate::language::plan::{Plan, TaskId};
use crate::organization::{MessageKind, Sizing};

/// All that the facts of one run say of its organisation.
#[derive(Debug, Clone, PartialEq)]
pub struct Organization {
    /// What happened.
    pub history: History,
    /// The pieces of work.
    pub work: WorkHistory,
    /// The messages, in the order in which they were sent.
    pub messages: Vec<Message>,
    /// The handoffs among them, as places, with their checklists.
    pub checklists: Vec<(usize, Vec<Point>)>,
    /// The reviews that have begun.
    pub reviews: Vec<Review>,
    /// What people were asked, and what was decided about work that stood still.
    pub decisions: Vec<Decision>,
    /// Tasks that others took up.
    pub climbs: Vec<Climb>,
    /// Who said which tier something has.
    pub tiers: Vec<TierSaid>,
    /// How large the request was said to be, and how large it was; nothing where nobody sized it, or it is not done with.
    pub sizing: Option<Sizing>,
}

/// That a task said which tier something has.
#[derive(Debug, Clone, PartialEq)]
pub struct TierSaid {
    /// The task.
    pub task: TaskId,
    /// The agent that it asks; none where no model is asked.
    pub agent: Option<String>,
    /// The tier, as it was said.
    pub tier: Value,
    /// Why, where that was said.
    pub reason: Option<String>,
}

impl Organization {
    /// Of a run's plan and facts. Of a run that is not over the time until `now` counts.
    pub fn of(
        plan: Arc<Plan>,
        facts: &[Recorded],
        contents: &dyn Contents,
        now: Time,
    ) -> Organization {
        let (work, history) = WorkHistory::of(plan, facts, contents, now);
        let messages = messages(&history, &work, contents);
        let handoffs = messages.iter().enumerate();
        let handoffs = handoffs.filter(|(_, message)| message.kind == MessageKind::Handoff);
        let checklists =
            handoffs.map(|(place, message)| (place, message.checklist(&history, contents)));
        let tiers = tiers(&history, contents);
        Organization {
            sizing: sizing((&history, &work, &tiers), facts, contents),
            checklists: checklists.collect(),
            reviews: reviews(&history, &work, contents),
            decisions: decisions(&history, &work, contents),
            climbs: climbs(&history, &work),
            tiers,
            messages,
            work,
            history,
        }
    }

    /// The address of a task.
    pub fn path(&self, task: TaskId) -> &str {
        &self.history.plan().task(task).path
    }

    /// The address of a piece of work.
    pub fn address(&self, item: Option<usize>) -> Option<&str> {
        Some(self.work.items.get(item?)?.address.as_str())
    }
}

/// The tasks whose output has a `tier`, in the plan's order.
fn tiers(history: &History, contents: &dyn Contents) -> Vec<TierSaid> {
    let plan = history.plan();
    let said = |(task, record): (TaskId, &crate::insight::TaskRecord)| {
        // What a pattern gives was said by a task inside it.
        if !history.inside(task).is_empty() {
            return None;
        }
        let output = read(contents, record.output.as_ref());
        let tier = output.get("tier").filter(|tier| tier.is_number() || tier.is_string())?.clone();
        let agent = plan.agent_of(plan.task(task)).map(|agent| agent.agent.id.to_string());
        Some(TierSaid { task, agent, tier, reason: reason(&output) })
    };
    history.tasks().filter_map(said).collect()
}
