//! How much time there is.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::interface::app::{Planned, Staffing};
use crate::interface::report::hours::{hours, hours_of, percent};
use crate::interface::report::paint::Paint;
use crate::interface::report::width::{columns, padded};
use crate::organization::{Agent, Layer, Oversubscribed, Room};

/// The time of each contributor, domain and all, for people.
pub fn capacity_text(staffing: &Staffing, planned: &Planned, paint: Paint) -> String {
    let mut text = heading(staffing, planned, paint);
    let mut rows: Vec<(String, Room)> = Vec::new();
    for (domain, members) in by_domain(staffing) {
        rows.push((domain.to_owned(), planned.forecast.of_domain(domain)));
        let of = |agent: &&Agent| (format!("  {}", agent.id), planned.forecast.of_agent(&agent.id));
        rows.extend(members.iter().map(of));
    }
    rows.push(("all".to_owned(), planned.forecast.overall()));
    table(&rows, paint, &mut text);
    oversubscribed_text(planned, paint, &mut text);
    promises_text(staffing, paint, &mut text);
    text
}

/// The same for programs.
pub fn capacity_json(staffing: &Staffing, planned: &Planned) -> Value {
    let forecast = &planned.forecast;
    let people = contributors(staffing).map(|agent| {
        let mut room = room_json(forecast.of_agent(&agent.id));
        room["agent"] = agent.id.as_str().into();
        room["domain"] = json!(agent.domain);
        room
    });
    let domains = by_domain(staffing).into_iter().map(|(domain, _)| {
        let mut room = room_json(forecast.of_domain(domain));
        room["domain"] = domain.into();
        room
    });
    let mut object = basics(staffing, planned);
    object["days"] = forecast.days.iter().map(|day| json!(day.day)).collect();
    object["contributors"] = people.collect();
    object["domains"] = domains.collect();
    object["overall"] = room_json(forecast.overall());
    object
}

/// The time of the next days, day by day, for people.
pub fn forecast_text(staffing: &Staffing, planned: &Planned, paint: Paint) -> String {
    let mut text = heading(staffing, planned, paint);
    for day in &planned.forecast.days {
        let _ = writeln!(text, "\n{} {}", paint.bold(&day.day.to_string()), weekday(day.day));
        let mut rows: Vec<(String, Room)> = Vec::new();
        for (domain, members) in by_domain(staffing) {
            rows.push((domain.to_owned(), day.domains.get(domain).copied().unwrap_or_default()));
            let of = |agent: &&Agent| {
                let room = day.people.get(&agent.id).copied().unwrap_or_default();
                (format!("  {}", agent.id), room)
            };
            rows.extend(members.iter().map(of));
        }
        rows.push(("all".to_owned(), day.overall));
        table(&rows, paint, &mut text);
    }
    oversubscribed_text(planned, paint, &mut text);
    promises_text(staffing, paint, &mut text);
    text
}

/// The same for programs.
pub fn forecast_json(staffing: &Staffing, planned: &Planned) -> Value {
    let days = planned.forecast.days.iter().map(|day| {
        let people = day.people.iter().map(|(agent, room)| {
            let mut room = room_json(*room);
            room["agent"] = agent.as_str().into();
            room
        });
        let domains = day.domains.iter().map(|(domain, room)| {
            let mut room = room_json(*room);
            room["domain"] = domain.as_str().into();
            room
        });
        json!({
            "day": day.day,
            "contributors": people.collect::<Vec<_>>(),
            "domains": domains.collect::<Vec<_>>(),
            "overall": room_json(day.overall),
        })
    });
    let mut object = basics(staffing, planned);
    object["days"] = days.collect();
    object["overall"] = room_json(planned.forecast.overall());
    object
}

fn heading(staffing: &Staffing, planned: &Planned, paint: Paint) -> String {
    let days = &planned.forecast.days;
    let name = paint.bold(staffing.team.name());
    match (days.first(), days.last()) {
        (Some(first), Some(last)) => {
            format!("{name}  {} working days, {} to {}\n", days.len(), first.day, last.day)
        }
        _ => format!("{name}  nobody works on any day from {}\n", staffing.from),
    }
}

fn weekday(day: crate::organization::Day) -> &'static str {
    day.weekday().as_str()
}

/// A line for each: there is, promised, free, and how much of it is promised.
fn table(rows: &[(String, Room)], paint: Paint, text: &mut String) {
    let width = rows.iter().map(|(name, _)| columns(name)).max().unwrap_or(0).max(4);
    let title = format!(
        "{}  {:>9}  {:>9}  {:>9}  {:>4}",
        padded("", width),
        "there are",
        "promised",
        "free",
        "%"
    );
    let _ = writeln!(text, "  {}", paint.dim(&title));
    for (name, room) in rows {
        let share = percent(room.promised, room.capacity);
        let mark = if room.is_oversubscribed() { paint.bad("  too much") } else { String::new() };
        let _ = writeln!(
            text,
            "  {}  {:>9}  {:>9}  {:>9}  {share:>4}{mark}",
            padded(name, width),
            hours(room.capacity),
            hours(room.promised),
            hours(room.free),
        );
    }
}

fn oversubscribed_text(planned: &Planned, paint: Paint, text: &mut String) {
    for Oversubscribed { domain, room, helpers } in &planned.oversubscribed {
        let helpers: Vec<String> = helpers
            .iter()
            .map(|helper| {
                let of = helper.domain.as_deref().unwrap_or("no domain");
                let free = hours(helper.free);
                format!("{} of {of} ({free} free, skills {})", helper.agent, helper.skill)
            })
            .collect();
        let helpers = if helpers.is_empty() {
            "nobody of another domain can help".to_owned()
        } else {
            format!("it could borrow {}", helpers.join(", "))
        };
        let promised = percent(room.promised, room.capacity);
        let _ = writeln!(
            text,
            "\n{} {domain} has promised {promised} % of its next three working days; {helpers}",
            paint.bad("oversubscribed:")
        );
    }
}

/// Which runs have promised how much.
pub(super) fn promises_text(staffing: &Staffing, paint: Paint, text: &mut String) {
    for promised in &staffing.runs {
        let mark = if promised.simulated { " (simulated)" } else { "" };
        let of = format!("run {} has promised {}", promised.run, hours(promised.minutes));
        let _ = writeln!(text, "{}{}", paint.dim(&of), paint.notice(mark));
    }
    for (run, reason) in &staffing.unreadable {
        let _ = writeln!(text, "{}  run {run}: {reason}", paint.bad("cannot be read"));
    }
}

fn contributors(staffing: &Staffing) -> impl Iterator<Item = &Agent> {
    staffing.team.agents().iter().filter(|agent| agent.layer == Some(Layer::Contributor))
}

/// The contributors of each domain, in the order of the team.
fn by_domain(staffing: &Staffing) -> Vec<(&str, Vec<&Agent>)> {
    let mut found: Vec<(&str, Vec<&Agent>)> = Vec::new();
    for agent in contributors(staffing) {
        let domain = agent.domain.as_deref().unwrap_or_default();
        match found.iter_mut().find(|(known, _)| *known == domain) {
            Some((_, members)) => members.push(agent),
            None => found.push((domain, vec![agent])),
        }
    }
    found
}

fn basics(staffing: &Staffing, planned: &Planned) -> Value {
    let oversubscribed = planned.oversubscribed.iter().map(|found| {
        let helpers = found.helpers.iter().map(|helper| {
            json!({
                "agent": helper.agent,
                "domain": helper.domain,
                "skill": helper.skill,
                "free_hours": hours_of(helper.free),
            })
        });
        let mut object = room_json(found.room);
        object["domain"] = found.domain.as_str().into();
        object["helpers"] = helpers.collect();
        object
    });
    json!({
        "team": staffing.team.name(),
        "from": staffing.from,
        "oversubscribed": oversubscribed.collect::<Vec<_>>(),
        "runs": runs_json(staffing),
        "unreadable": unreadable_json(&staffing.unreadable),
    })
}

/// The same for programs.
pub(super) fn runs_json(staffing: &Staffing) -> Value {
    let runs = staffing.runs.iter().map(|promised| {
        json!({
            "run": promised.run,
            "simulated": promised.simulated,
            "promised_hours": hours_of(promised.minutes),
        })
    });
    runs.collect()
}

/// Runs that could not be read.
pub(super) fn unreadable_json(unreadable: &[(String, String)]) -> Value {
    let runs = unreadable.iter();
    runs.map(|(run, reason)| json!({ "run": run, "reason": reason })).collect()
}

fn room_json(room: Room) -> Value {
    json!({
        "capacity_hours": hours_of(room.capacity),
        "promised_hours": hours_of(room.promised),
        "free_hours": hours_of(room.free),
        "promised_percent": percent(room.promised, room.capacity),
        "oversubscribed": room.is_oversubscribed(),
    })
}
