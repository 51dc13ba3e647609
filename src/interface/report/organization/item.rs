//! One piece of work, as all reports tell it.

use serde_json::{Value, json};

use crate::engine::Time;
use crate::insight::organization::{Organization, WorkItem};
use crate::interface::report::hours::hours_of;
use crate::interface::report::units::{milliseconds, moment, seconds};
use crate::organization::{AgentId, Owner, Timeliness, WorkState};

/// A piece of work for programs, without its moves.
pub(super) fn item_json(organization: &Organization, place: usize) -> Value {
    let Some(item) = organization.work.items.get(place) else { return Value::Null };
    let stay = item.stays().last().copied().filter(|stay| !stay.is_over);
    let level = item.state().service_level(item.about.tier.unwrap_or_default());
    json!({
        "work": item.address,
        "title": item.title(),
        "part_of": organization.address(item.part_of),
        "state": item.state(),
        "since": moment(item.since()),
        "in_state_ms": stay.map(|stay| milliseconds(stay.took())),
        "sla_minutes": level.map(|level| level.minutes),
        "sla_percent": item.share_of_time(),
        "sla": stay.and_then(|stay| item.timeliness(&stay)),
        "who": who(item),
        "author": item.author,
        "domain": item.about.domain,
        "tier": item.about.tier,
        "milestone": item.about.milestone,
        "hours": hours_of(item.about.minutes),
        "complexity": item.about.complexity,
    })
}

/// Who has the work in its hands: whoever the task asks by which it came into its state, or else its author
/// where that one answers for the state. Nobody has what is over.
pub(super) fn who(item: &WorkItem) -> Option<&AgentId> {
    let last = item.moves.last().filter(|last| !last.to.is_final())?;
    let is_authors = item.state().owner() == Some(Owner::Author);
    last.agent.as_ref().or(item.author.as_ref().filter(|_| is_authors))
}

/// How long it has been in its state; empty for the end.
pub(super) fn age(item: &WorkItem) -> String {
    let stay = item.stays().last().copied().filter(|stay| !stay.is_over);
    stay.map(|stay| seconds(stay.took())).unwrap_or_default()
}

/// The mark of work that has used up four fifths of the time of its state, or all of it.
pub(super) fn mark(item: &WorkItem) -> Option<String> {
    let stay = item.stays().last().copied().filter(|stay| !stay.is_over)?;
    let share = item.share_of_time()?;
    match item.timeliness(&stay)? {
        Timeliness::InTime => None,
        Timeliness::Late => Some(format!("! {share} %")),
        Timeliness::Breached => Some(format!("!! {share} %")),
    }
}

/// A state in words.
pub(super) fn words(state: WorkState) -> String {
    state.as_str().replace('_', " ")
}

/// A moment, or a dash where there is none.
pub(super) fn moment_or_dash(time: Option<Time>) -> String {
    time.map_or_else(|| "-".to_owned(), moment)
}
