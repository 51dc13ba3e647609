//! What was blocked or escalated, who decided what, and what waits for a person.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::item::{moment_or_dash, words};
use super::{basics, heading};
use crate::insight::organization::{Climb, Decision, LateWork, Move, WorkItem};
use crate::interface::app::OrganizationRun;
use crate::interface::report::paint::Paint;
use crate::interface::report::units::{milliseconds, moment, seconds};
use crate::interface::report::value_text;
use crate::interface::report::width::{one_line, shortened};
use crate::language::plan::TaskId;
use crate::organization::{AgentId, Contact, WorkState};

/// So much of a question or reason is shown in a line.
const SHOWN_CHARACTERS: usize = 160;

/// What was blocked or escalated, decided, and waits, for programs.
pub fn escalations_json(run: &OrganizationRun) -> Value {
    let organization = &run.organization;
    let stood = standstills(run).map(|(item, one, next)| {
        json!({
            "work": item.address,
            "title": item.title(),
            "state": one.to,
            "from": moment(one.at),
            "until": next.map(|next| moment(next.at)),
            "took_ms": milliseconds(next.map_or(item.until, |next| next.at).since(one.at)),
            "reason": one.reason,
            "then": next.map(|next| next.to),
        })
    });
    let climbs = organization.climbs.iter().map(|climb| climb_json(run, climb));
    let mut object = basics(run);
    object["standstills"] = stood.collect();
    object["climbs"] = climbs.collect();
    object["late"] = organization.late_work().iter().map(|late| late_json(run, late)).collect();
    object["decisions"] =
        organization.decisions.iter().map(|one| decision_json(run, one)).collect();
    object["waiting"] = organization
        .decisions
        .iter()
        .filter(|one| one.waits)
        .map(|one| decision_json(run, one))
        .collect();
    object
}

/// The same for people.
pub fn escalations_text(run: &OrganizationRun, paint: Paint) -> String {
    let organization = &run.organization;
    let mut text = heading(run, paint);
    for (item, one, next) in standstills(run) {
        let took = seconds(next.map_or(item.until, |next| next.at).since(one.at));
        let then = next.map_or("still".to_owned(), |next| format!("then {}", words(next.to)));
        let _ = writeln!(
            text,
            "{}  {} {}, {took}, {then}: {}",
            moment(one.at),
            paint.bold(item.title()),
            words(one.to),
            shortened(&one.reason, SHOWN_CHARACTERS)
        );
    }
    let late = organization.late_work();
    for late in &late {
        let _ = writeln!(text, "{}", late_text(run, late, paint));
    }
    for climb in &organization.climbs {
        let end = match climb.resolved {
            Some(true) => "somebody did it",
            Some(false) => "nobody could",
            None => "open",
        };
        let reason = climb.reason.as_deref().unwrap_or_default();
        let _ = writeln!(
            text,
            "{}  {} taken up by {} after another, {end}: {}",
            moment_or_dash(climb.from),
            paint.bold(organization.path(climb.task)),
            climb.levels,
            shortened(reason, SHOWN_CHARACTERS)
        );
    }
    for decision in &organization.decisions {
        for line in decision_text(run, decision) {
            let _ = writeln!(text, "{line}");
        }
    }
    let is_quiet = standstills(run).next().is_none()
        && late.is_empty()
        && organization.climbs.is_empty()
        && organization.decisions.is_empty();
    if is_quiet {
        text.push_str("  nothing was blocked, escalated or late, and nobody was asked\n");
    }
    text
}

/// The moves by which work came to stand still, each with the one that ended it.
fn standstills(run: &OrganizationRun) -> impl Iterator<Item = (&WorkItem, &Move, Option<&Move>)> {
    let items = run.organization.work.items.iter();
    items.flat_map(|item| {
        let moves = item.moves.iter().enumerate();
        let stood =
            moves.filter(|(_, one)| matches!(one.to, WorkState::Blocked | WorkState::Escalated));
        stood.map(move |(place, one)| (item, one, item.moves.get(place + 1)))
    })
}

/// Work that is late, with who answers for it and whom it goes to.
fn late_json(run: &OrganizationRun, late: &LateWork) -> Value {
    let item = &run.organization.work.items[late.item];
    json!({
        "work": item.address,
        "title": item.title(),
        "state": late.stay.state,
        "since": moment(late.stay.from),
        "sla_percent": item.share_of_time(),
        "breached": late.is_breached,
        "answers": late.answers,
        "goes_to": contact(&late.goes_to),
    })
}

fn late_text(run: &OrganizationRun, late: &LateWork, paint: Paint) -> String {
    let item = &run.organization.work.items[late.item];
    let share = item.share_of_time().unwrap_or_default();
    let answers = late.answers.as_ref().map_or("nobody of the team", AgentId::as_str);
    let to = contact(&late.goes_to);
    let (mark, then) = match late.is_breached {
        true => (paint.bad("!!"), format!("it goes to {to}")),
        false => (paint.notice("!"), format!("then it goes to {to}")),
    };
    format!(
        "{}  {mark} {} {}, {share} % of its time: {answers} answers for it, {then}",
        moment(late.stay.from),
        paint.bold(item.title()),
        words(late.stay.state),
    )
}

fn contact(contact: &Contact) -> &str {
    match contact {
        Contact::Agent(agent) => agent.as_str(),
        Contact::Person => "person",
    }
}

fn climb_json(run: &OrganizationRun, climb: &Climb) -> Value {
    json!({
        "task": run.organization.path(climb.task),
        "work": run.organization.address(climb.item),
        "levels": climb.levels,
        "resolved": climb.resolved,
        "reason": climb.reason,
        "from": climb.from.map(moment),
        "until": climb.until.map(moment),
    })
}

/// A decision for programs.
pub(super) fn decision_json(run: &OrganizationRun, decision: &Decision) -> Value {
    json!({
        "task": run.organization.path(decision.task),
        "work": run.organization.address(decision.item),
        "ask": decision.ask,
        "options": decision.options,
        "asked": decision.asked.map(moment),
        "deadline": decision.deadline.map(moment),
        "choice": decision.choice,
        "by": decision.by,
        "reason": decision.reason,
        "decided": decision.decided.map(moment),
        "waits": decision.waits,
        "command": decision.waits.then(|| command(run, decision.task)),
    })
}

/// A decision for people: who chose what and why, or what is asked and how it is answered.
pub(super) fn decision_text(run: &OrganizationRun, decision: &Decision) -> Vec<String> {
    let path = run.organization.path(decision.task);
    let asked = moment_or_dash(decision.asked);
    let ask = shortened(&decision.ask, SHOWN_CHARACTERS);
    if decision.waits {
        let until = decision.deadline.map(|time| format!(", until {}", moment(time)));
        return vec![
            format!("{asked}  {path} waits for a person{}: {ask}", until.unwrap_or_default()),
            format!("  decide: {}", command(run, decision.task)),
        ];
    }
    let by = decision.by.as_deref().unwrap_or("nobody");
    let choice = shortened(&one_line(&value_text(&decision.choice)), SHOWN_CHARACTERS);
    let reason = decision
        .reason
        .as_ref()
        .map(|reason| format!(", because {}", shortened(reason, SHOWN_CHARACTERS)));
    let ask = if ask.is_empty() { ask } else { format!(" ({ask})") };
    let decided = decision.decided.map_or(asked, moment);
    vec![format!("{decided}  {path}{ask}: {by} chose {choice}{}", reason.unwrap_or_default())]
}

/// The command that answers what waits for a person.
pub(super) fn command(run: &OrganizationRun, task: TaskId) -> String {
    let decisions = run.organization.decisions.iter();
    let options = decisions.filter(|one| one.task == task).flat_map(|one| one.options.clone());
    let options: Vec<String> = options.collect();
    let choice = if options.is_empty() { "'RESULT'".to_owned() } else { options.join("|") };
    format!("partita approve {} {choice} --task {}", run.run, run.organization.path(task))
}
