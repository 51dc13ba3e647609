//! Standup: what is done, being done, next and blocked, by person, domain and in all.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::item::{item_json, words};
use super::messages::{message_json, message_line};
use super::{basics, heading};
use crate::engine::Time;
use crate::insight::organization::{Message, Report, Standup};
use crate::interface::app::OrganizationRun;
use crate::interface::report::paint::Paint;
use crate::interface::report::units::moment;
use crate::organization::{AgentId, MessageKind};

/// The rollup since a moment, for programs.
pub fn standup_json(run: &OrganizationRun, since: Time) -> Value {
    let standup = Standup::of(&run.organization, since);
    let people = standup.people.iter().map(|(agent, report)| {
        let mut object = report_json(run, report);
        object["agent"] = json!(agent);
        object["messages"] = said(run, agent.as_ref(), since)
            .map(|message| message_json(&run.organization, message))
            .collect();
        object
    });
    let domains = standup.domains.iter().map(|(domain, report)| {
        let mut object = report_json(run, report);
        object["domain"] = domain.as_str().into();
        object
    });
    let all = run.organization.messages.iter().filter(|one| is_standup(one, since));
    let mut object = basics(run);
    object["since"] = moment(since).into();
    object["contributors"] = people.collect();
    object["domains"] = domains.collect();
    object["organization"] = report_json(run, &standup.whole);
    object["messages"] = all.map(|message| message_json(&run.organization, message)).collect();
    object
}

/// The same for people.
pub fn standup_text(run: &OrganizationRun, since: Time, paint: Paint) -> String {
    let standup = Standup::of(&run.organization, since);
    let mut text = heading(run, paint);
    let _ = writeln!(text, "{}  {}", paint.bold("all"), counts(&standup.whole));
    for (domain, report) in &standup.domains {
        let name = if domain.is_empty() { "no domain" } else { domain };
        let _ = writeln!(text, "  {}  {}", paint.bold(name), counts(report));
    }
    for (agent, report) in &standup.people {
        let name = agent.as_ref().map_or("nobody yet", AgentId::as_str);
        let _ = writeln!(text, "\n{}", paint.bold(name));
        let parts = [
            ("done", &report.done),
            ("doing", &report.doing),
            ("next", &report.next),
            ("blocked", &report.blocked),
        ];
        for (title, places) in parts {
            let items = places.iter().filter_map(|place| run.organization.work.items.get(*place));
            for item in items {
                let _ = writeln!(text, "  {title:<8} {} ({})", item.title(), words(item.state()));
            }
        }
        for message in said(run, agent.as_ref(), since) {
            let _ = writeln!(text, "  {}", message_line(&run.organization, message));
        }
    }
    let authors = |from: &str| standup.people.keys().flatten().any(|one| one.as_str() == from);
    let all = run.organization.messages.iter().filter(|one| is_standup(one, since));
    let others: Vec<&Message> = all.filter(|message| !authors(&message.from)).collect();
    if !others.is_empty() {
        let _ = writeln!(text, "\n{}", paint.bold("others"));
    }
    for message in others {
        let _ = writeln!(text, "  {}", message_line(&run.organization, message));
    }
    text
}

fn counts(report: &Report) -> String {
    let Report { done, doing, next, blocked } = report;
    let (done, doing, next, blocked) = (done.len(), doing.len(), next.len(), blocked.len());
    format!("{done} done, {doing} doing, {next} next, {blocked} blocked")
}

fn report_json(run: &OrganizationRun, report: &Report) -> Value {
    let list = |places: &[usize]| -> Value {
        places.iter().map(|place| item_json(&run.organization, *place)).collect()
    };
    json!({
        "done": list(&report.done),
        "doing": list(&report.doing),
        "next": list(&report.next),
        "blocked": list(&report.blocked),
    })
}

fn is_standup(message: &Message, since: Time) -> bool {
    message.kind == MessageKind::Standup && message.at >= since
}

/// The standups of somebody.
fn said<'r>(
    run: &'r OrganizationRun,
    agent: Option<&AgentId>,
    since: Time,
) -> impl Iterator<Item = &'r Message> {
    let agent = agent.cloned();
    let messages = run.organization.messages.iter().filter(move |one| is_standup(one, since));
    messages.filter(move |message| agent.as_ref().is_some_and(|a| a.as_str() == message.from))
}
