//! Messages: that somebody sends them, and that they reach somebody.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Edge, meant, message_lines};
use crate::language::diagnostic::{Code, Findings};
use crate::language::document::{EVERYBODY, VerbKind};
use crate::language::plan::model::NeedKind;
use crate::language::plan::outline::{Outline, TaskOutline};
use crate::language::plan::team_outline::{Member, TeamOutline};
use crate::language::source::Span;

/// More messages of one document would be read by too many tasks.
const MOST_MESSAGES: usize = 100;

/// A task that waits for a topic needs all that send on it.
const MOST_SENDERS: usize = 20;

pub(super) fn check(outline: &Outline<'_>, team: Option<&TeamOutline<'_>>, found: &mut Findings) {
    let is_message = |task: &&TaskOutline<'_>| task.verb == Some(VerbKind::Send);
    if let Some(task) = outline.tasks.iter().filter(is_message).nth(MOST_MESSAGES) {
        let pointer = format!("{}/send", task.pointer);
        let message = format!("a document sends at most {MOST_MESSAGES} messages");
        let help = "send a list as one message, or make a pattern of a part";
        found.push(outline.document.diagnostic(Code::INVALID_VALUE, &pointer, message).help(help));
    }
    // Without a team there is nobody to write to, which is said once.
    let Some(team) = team else { return };
    let rules = message_lines::rules_of(team);
    for task in outline.tasks.iter().filter(is_message) {
        // A sender whom the team does not have is a finding of its own.
        let Some(sender) = sender(team, task) else { continue };
        addressees(outline, team, task, sender, found);
        if let Some(rules) = &rules {
            message_lines::check(outline, (team, rules), task, sender, found);
        }
    }
}

/// Who sends what tasks start on, and that somebody does.
pub(super) fn topics(outline: &Outline<'_>, found: &mut Findings) -> Vec<Edge> {
    let mut senders: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, task) in outline.tasks.iter().enumerate() {
        if let Some(topic) = topic(task) {
            senders.entry(topic).or_default().push(place);
        }
    }
    for (topic, senders) in &senders {
        if let Some(place) = senders.get(MOST_SENDERS) {
            let pointer = format!("{}/topic", outline.tasks[*place].pointer);
            let message = format!("more than {MOST_SENDERS} tasks send messages on `{topic}`");
            let diagnostic = outline.document.diagnostic(Code::INVALID_VALUE, &pointer, message);
            found.push(diagnostic.help("give some of them another topic"));
        }
    }
    let mut edges = Vec::new();
    for (place, task) in outline.tasks.iter().enumerate() {
        for named in &task.topics {
            let document = outline.document;
            let span = document.span(&named.pointer);
            if let Some(senders) = senders.get(named.name) {
                let edge = |needs| Edge { task: place, needs, kind: NeedKind::Message, span };
                edges.extend(senders.iter().copied().take(MOST_SENDERS).map(edge));
                continue;
            }
            let topic = named.name;
            let message = format!("no task sends a message on `{topic}`");
            let near = meant(found, topic, senders.keys().copied());
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None if senders.is_empty() => {
                    format!(
                        "add a task that does: `{{ send: broadcast, topic: {topic}, body: … }}`"
                    )
                }
                None => {
                    let known: Vec<&str> = senders.keys().copied().take(20).collect();
                    format!("the topics are {}", known.join(", "))
                }
            };
            let fix = near.and_then(|near| document.respelling(&named.pointer, near));
            let diagnostic = document.diagnostic(Code::UNKNOWN_TOPIC, &named.pointer, message);
            found.push(diagnostic.help(help).maybe_fix(fix));
        }
    }
    edges
}

/// Who sends the messages on which tasks start, by the task that waits and the place that names the topic.
pub(super) type Senders = BTreeMap<(usize, Span), Vec<usize>>;

/// The same, read from what tasks need.
pub(super) fn senders(edges: &[Edge]) -> Senders {
    let mut senders = Senders::new();
    for edge in edges.iter().filter(|edge| edge.kind == NeedKind::Message) {
        senders.entry((edge.task, edge.span)).or_default().push(edge.needs);
    }
    senders
}

/// The topic of the message that a task sends.
pub(crate) fn topic<'d>(task: &TaskOutline<'d>) -> Option<&'d str> {
    let is_message = task.verb == Some(VerbKind::Send);
    task.get("topic").and_then(Value::as_str).filter(|_| is_message)
}

/// Who sends a message.
fn sender<'t, 'd>(team: &'t TeamOutline<'d>, task: &TaskOutline<'_>) -> Option<&'t Member<'d>> {
    match task.get("from") {
        Some(from) => from.as_str().and_then(|from| team.find(from)),
        None => team.lead(),
    }
}

/// That a message is to somebody else than its sender.
fn addressees(
    outline: &Outline<'_>,
    team: &TeamOutline<'_>,
    task: &TaskOutline<'_>,
    sender: &Member<'_>,
    found: &mut Findings,
) {
    let id = &sender.agent.id;
    let is_sender = |member: &Member<'_>| member.agent.id == *id;
    let mut say = |key: &str, message: String, help: String| {
        let pointer = format!("{}/{key}", task.pointer);
        let diagnostic = outline.document.diagnostic(Code::NO_ADDRESSEE, &pointer, message);
        found.push(diagnostic.help(help));
    };
    let kind = task.get("send").and_then(Value::as_str).unwrap_or_default();
    match (task.get("to"), kind) {
        (Some(Value::String(word)), _)
            if word == EVERYBODY && team.members.iter().all(is_sender) =>
        {
            let message = format!("nobody but `{id}` is in the team");
            say("to", message, "a message needs a reader: add an agent to the team".to_owned());
        }
        (Some(Value::String(agent)), _) if team.find(agent).is_some_and(is_sender) => {
            say("to", format!("`{id}` sends this to itself"), to_another(team, sender));
        }
        (Some(Value::Array(agents)), _) => {
            for (place, agent) in agents.iter().enumerate() {
                let member = agent.as_str().and_then(|agent| team.find(agent));
                if member.is_some_and(is_sender) {
                    let message = format!("`{id}` sends this to itself");
                    say(&format!("to/{place}"), message, to_another(team, sender));
                }
            }
        }
        (None, "broadcast") if team.members.iter().all(is_sender) => {
            let message = format!("nobody but `{id}` is in the team");
            say("send", message, "a message needs a reader: add an agent to the team".to_owned());
        }
        (None, "standup") if sender.agent.reports_to.is_none() => {
            let message = format!("`{id}` reports to nobody");
            let help = match task.get("from") {
                Some(_) => {
                    "say who reads it: `to: all`, or an agent; or give the agent a `reports_to`"
                }
                None => {
                    "say whose report it is: `from: AGENT`; without it the lead of the team speaks"
                }
            };
            say("send", message, help.to_owned());
        }
        (None, "delegation" | "handoff") => {
            say("send", format!("this {kind} is to nobody"), to_another(team, sender));
        }
        _ => {}
    }
}

fn to_another(team: &TeamOutline<'_>, sender: &Member<'_>) -> String {
    let others = team.members.iter().filter(|member| member.agent.id != sender.agent.id);
    let others: Vec<&str> = others.take(20).map(|member| member.agent.id.as_str()).collect();
    match others.as_slice() {
        [] => "a message needs a reader: add an agent to the team".to_owned(),
        [only] => format!("say who reads it: `to: {only}`"),
        others => format!("say who reads it: `to:` one of {}", others.join(", ")),
    }
}
