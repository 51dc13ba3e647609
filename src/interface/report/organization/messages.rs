//! Messages by whom they are to, by topic, and handoffs with their checklists.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{basics, heading};
use crate::insight::organization::{Message, Organization, Point};
use crate::interface::app::OrganizationRun;
use crate::interface::report::paint::Paint;
use crate::interface::report::units::moment;
use crate::interface::report::width::shortened;
use crate::organization::MessageKind;

/// So much of what a message says is shown in a line.
const SHOWN_CHARACTERS: usize = 90;

/// A message for programs.
pub(super) fn message_json(organization: &Organization, message: &Message) -> Value {
    json!({
        "task": organization.path(message.task),
        "work": organization.address(message.item),
        "kind": message.kind,
        "from": message.from,
        "to": message.to,
        "topic": message.topic,
        "subject": message.subject,
        "body": message.body,
        "at": moment(message.at),
    })
}

/// A message in a line: when, what for, who told whom what.
pub(super) fn message_line(organization: &Organization, message: &Message) -> String {
    let topic = message.topic.as_ref().map(|topic| format!(" [{topic}]")).unwrap_or_default();
    format!(
        "{}  {}{topic}, {} to {}: {} ({})",
        moment(message.at),
        message.kind.as_str(),
        message.from,
        message.to.join(", "),
        shortened(&message.gist(), SHOWN_CHARACTERS),
        organization.path(message.task),
    )
}

/// What was sent to an agent, for programs.
pub fn inbox_json(run: &OrganizationRun, agent: &str) -> Value {
    let mut object = basics(run);
    object["agent"] = agent.into();
    object["messages"] =
        to(run, agent).map(|message| message_json(&run.organization, message)).collect();
    object
}

/// The same for people, in the order in which it was sent.
pub fn inbox_text(run: &OrganizationRun, agent: &str, paint: Paint) -> String {
    let mut text = heading(run, paint);
    let _ = writeln!(text, "{}", paint.bold(agent));
    lines(&mut text, &run.organization, to(run, agent), "nothing was sent to it");
    text
}

fn to<'r>(run: &'r OrganizationRun, agent: &str) -> impl Iterator<Item = &'r Message> {
    let messages = run.organization.messages.iter();
    messages.filter(move |message| message.to.iter().any(|to| to == agent))
}

fn lines<'m>(
    text: &mut String,
    organization: &Organization,
    messages: impl Iterator<Item = &'m Message>,
    nothing: &str,
) {
    let mut messages = messages.peekable();
    if messages.peek().is_none() {
        let _ = writeln!(text, "  {nothing}");
    }
    for message in messages {
        let _ = writeln!(text, "  {}", message_line(organization, message));
    }
}

/// Broadcasts and events by topic, for programs; those of one topic where it is named.
pub fn channels_json(run: &OrganizationRun, topic: Option<&str>) -> Value {
    let channels = channels(run, topic).into_iter().map(|(name, messages)| {
        let messages = messages.into_iter();
        let messages = messages.map(|message| message_json(&run.organization, message));
        json!({ "topic": name, "messages": messages.collect::<Vec<_>>() })
    });
    let mut object = basics(run);
    object["channels"] = channels.collect();
    object
}

/// The same for people.
pub fn channels_text(run: &OrganizationRun, topic: Option<&str>, paint: Paint) -> String {
    let mut text = heading(run, paint);
    let channels = channels(run, topic);
    if channels.is_empty() {
        text.push_str("  nothing was broadcast\n");
    }
    for (name, messages) in channels {
        let _ = writeln!(text, "{}", paint.bold(name.unwrap_or("to all, without a topic")));
        lines(&mut text, &run.organization, messages.into_iter(), "");
    }
    text
}

/// Broadcasts, and whatever else has a topic.
fn channels<'r>(
    run: &'r OrganizationRun,
    topic: Option<&str>,
) -> BTreeMap<Option<&'r str>, Vec<&'r Message>> {
    let mut channels: BTreeMap<Option<&str>, Vec<&Message>> = BTreeMap::new();
    for message in &run.organization.messages {
        let is_public = message.kind == MessageKind::Broadcast || message.topic.is_some();
        let is_wanted = topic.is_none() || message.topic.as_deref() == topic;
        if is_public && is_wanted {
            channels.entry(message.topic.as_deref()).or_default().push(message);
        }
    }
    channels
}

/// Handoffs with their checklists, for programs.
pub fn handoffs_json(run: &OrganizationRun) -> Value {
    let handoffs = handoffs(run).map(|(message, points)| {
        let mut object = message_json(&run.organization, message);
        let checklist =
            points.iter().map(|point| json!({ "name": point.name, "holds": point.holds }));
        object["checklist"] = checklist.collect();
        object["complete"] = points.iter().all(|point| point.holds).into();
        object
    });
    let mut object = basics(run);
    object["handoffs"] = handoffs.collect();
    object
}

/// The same for people.
pub fn handoffs_text(run: &OrganizationRun, paint: Paint) -> String {
    let mut text = heading(run, paint);
    for (message, points) in handoffs(run) {
        let _ = writeln!(text, "{}", message_line(&run.organization, message));
        for point in points {
            let mark = if point.holds { paint.good("[x]") } else { paint.bad("[ ]") };
            let _ = writeln!(text, "  {mark} {}", point.name);
        }
        if points.is_empty() {
            let _ = writeln!(text, "  {}", paint.notice("without a checklist"));
        }
    }
    if run.organization.checklists.is_empty() {
        text.push_str("  nothing was handed off\n");
    }
    text
}

fn handoffs(run: &OrganizationRun) -> impl Iterator<Item = (&Message, &[Point])> {
    let organization = &run.organization;
    let checklists = organization.checklists.iter();
    checklists
        .filter_map(|(place, points)| Some((organization.messages.get(*place)?, points.as_slice())))
}
