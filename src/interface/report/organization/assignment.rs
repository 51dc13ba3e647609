//! Who would get new work, and whether it fits.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::staffing::{promises_text, runs_json};
use crate::interface::app::{AdmissionFound, Candidates, Staffing};
use crate::interface::report::hours::{hours, hours_of};
use crate::interface::report::paint::Paint;
use crate::interface::report::posts::scored_text;
use crate::organization::{Admission, Assignment, Demand, Scored, Unassigned};

/// Who would get a piece of work and why, for people.
pub fn assignment_text(staffing: &Staffing, found: &Candidates, paint: Paint) -> String {
    let mut text = String::new();
    let candidates = match &found.found {
        Ok(assignment) => {
            let borrowed = assignment.borrowed.as_ref().map_or_else(String::new, |domain| {
                format!(", borrowed from {domain}: nobody of its own domain has time")
            });
            let agent = paint.bold(assignment.agent.as_str());
            let (days, expected) =
                (days_text(assignment), expected_text(&found.demand, assignment));
            let _ = writeln!(text, "{agent}{borrowed}{days}{expected}");
            assignment.candidates.as_slice()
        }
        Err(reason) => {
            let _ = writeln!(text, "{}: {reason}", paint.bad("nobody"));
            unable(reason)
        }
    };
    for scored in candidates {
        let _ = writeln!(text, "  {}", scored_text(scored));
    }
    promises_text(staffing, paint, &mut text);
    text
}

/// The same for programs: `agent` is null where nobody gets it, and `reason` says why.
pub fn assignment_json(staffing: &Staffing, found: &Candidates) -> Value {
    let mut object = json!({
        "team": staffing.team.name(),
        "from": staffing.from,
        "demand": found.demand,
        "agent": null,
        "runs": runs_json(staffing),
    });
    match &found.found {
        Ok(assignment) => {
            let days = assignment.days.iter();
            let days = days.map(|(day, minutes)| json!({ "day": day, "minutes": minutes }));
            object["agent"] = assignment.agent.as_str().into();
            object["days"] = days.collect();
            object["expected_hours"] = json!(hours_of(assignment.minutes));
            object["borrowed"] = json!(assignment.borrowed);
            object["candidates"] = json!(assignment.candidates);
        }
        Err(reason) => {
            object["reason"] = reason.to_string().into();
            object["candidates"] = json!(unable(reason));
        }
    }
    object
}

fn unable(reason: &Unassigned) -> &[Scored] {
    match reason {
        Unassigned::NoCapacity { candidates, .. } => candidates,
        Unassigned::NobodyThere { .. } | Unassigned::NobodyElse { .. } => &[],
    }
}

/// What earlier work shows of the estimate.
fn expected_text(demand: &Demand, assignment: &Assignment) -> String {
    if assignment.minutes == demand.minutes {
        return String::new();
    }
    format!(" (estimated {}, as earlier work shows)", hours(demand.minutes))
}

fn days_text(assignment: &Assignment) -> String {
    let days: Vec<String> =
        assignment.days.iter().map(|(day, minutes)| format!("{day} {}", hours(*minutes))).collect();
    if days.is_empty() { String::new() } else { format!(": {}", days.join(", ")) }
}

/// Whether new work fits, for people.
pub fn admission_text(staffing: &Staffing, found: &AdmissionFound, paint: Paint) -> String {
    let mut text = String::new();
    let all: u32 = found.demands.iter().map(|demand| demand.minutes).sum();
    match &found.admission {
        Admission::Fits { until, assignments } => {
            let until = until.map_or_else(String::new, |day| format!("; all is done on {day}"));
            let _ = writeln!(text, "{}  {}{until}", paint.good("it fits"), hours(all));
            for ((title, demand), assignment) in
                found.titles.iter().zip(&found.demands).zip(assignments)
            {
                let (days, expected) = (days_text(assignment), expected_text(demand, assignment));
                let borrowed = assignment.borrowed.as_ref();
                let borrowed =
                    borrowed.map_or_else(String::new, |domain| format!(", borrowed from {domain}"));
                let agent = paint.bold(assignment.agent.as_str());
                let _ = writeln!(text, "  {title}: {agent}{borrowed}{days}{expected}");
            }
        }
        Admission::TooMuch { shortages } => {
            let _ = writeln!(text, "{}  {}", paint.bad("it does not fit"), hours(all));
            for shortage in shortages {
                let title = found.titles.get(shortage.demand).map(String::as_str);
                let _ = writeln!(text, "  {}: {}", title.unwrap_or_default(), shortage.reason);
            }
        }
    }
    promises_text(staffing, paint, &mut text);
    text
}

/// The same for programs.
pub fn admission_json(staffing: &Staffing, found: &AdmissionFound) -> Value {
    let mut object = json!({
        "team": staffing.team.name(),
        "from": staffing.from,
        "fits": false,
        "until": null,
        "work": [],
        "shortages": [],
        "runs": runs_json(staffing),
    });
    match &found.admission {
        Admission::Fits { until, assignments } => {
            let work = found.titles.iter().zip(assignments).map(|(title, assignment)| {
                let days = assignment.days.iter();
                let days = days.map(|(day, minutes)| json!({ "day": day, "minutes": minutes }));
                json!({
                    "title": title,
                    "agent": assignment.agent,
                    "expected_hours": hours_of(assignment.minutes),
                    "days": days.collect::<Vec<_>>(),
                    "borrowed": assignment.borrowed,
                })
            });
            object["fits"] = true.into();
            object["until"] = json!(until);
            object["work"] = work.collect();
        }
        Admission::TooMuch { shortages } => {
            let shortages = shortages.iter().map(|shortage| {
                json!({
                    "title": found.titles.get(shortage.demand),
                    "domain": shortage.domain,
                    "reason": shortage.reason.to_string(),
                })
            });
            object["shortages"] = shortages.collect();
        }
    }
    object
}
