//! Who got which posts, and why, for people and programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::hours::hours;
use super::paint::Paint;
use crate::engine::{FilledPost, PostReason};
use crate::insight::{History, posts_around};
use crate::language::plan::TaskId;
use crate::organization::{Demand, Scored};

/// So many candidates are shown; `--json` has all.
const SHOWN_CANDIDATES: usize = 6;

/// Who has the posts of the pattern in which a task stands, and why; nothing where it has none.
pub(super) fn posts_text(history: &History, task: TaskId, paint: Paint) -> String {
    let mut text = String::new();
    let Some(posts) = posts_around(history, task) else { return text };
    let plan = history.plan();
    let _ = writeln!(text, "\n{}", paint.bold("Who does it"));
    for post in posts {
        let (seat, agent) = (plan.agent_name(post.seat), plan.agent_name(post.agent));
        match &post.reason {
            PostReason::Above { of, for_want_of_a_peer } => {
                let why = if *for_want_of_a_peer { ", who has no peer" } else { "" };
                let _ = writeln!(
                    text,
                    "  {seat}  {agent}: the next above {}{why}",
                    plan.agent_name(*of)
                );
            }
            PostReason::Best { demand, estimated, candidates, borrowed } => {
                let borrowed = borrowed.as_ref().map_or_else(String::new, |domain| {
                    format!(", borrowed from {domain}: nobody of {} has time", domain_of(demand))
                });
                let estimated = estimated.map_or_else(String::new, |minutes| {
                    format!(" (estimated {}, as earlier work shows)", hours(minutes))
                });
                let wanted = wanted(demand);
                let _ = writeln!(text, "  {seat}  {agent}: {wanted}{estimated}{borrowed}");
                for scored in candidates.iter().take(SHOWN_CANDIDATES) {
                    let _ = writeln!(text, "    {}", scored_text(scored));
                }
                let more = candidates.len().saturating_sub(SHOWN_CANDIDATES);
                if more > 0 {
                    let _ = writeln!(text, "    and {more} more: --json");
                }
            }
        }
    }
    text
}

/// The same for programs; null where the pattern has no posts.
pub(super) fn posts_json(history: &History, task: TaskId) -> Value {
    let plan = history.plan();
    let post = |post: &FilledPost| {
        let (reason, booking) = (&post.reason, &post.booking);
        let days = booking.iter().flat_map(|booking| &booking.days);
        let days: Vec<Value> =
            days.map(|(day, minutes)| json!({ "day": day, "minutes": minutes })).collect();
        let mut told = json!({
            "post": plan.agent_name(post.seat),
            "agent": plan.agent_name(post.agent),
            "days": days,
        });
        match reason {
            PostReason::Above { of, for_want_of_a_peer } => {
                told["above"] = plan.agent_name(*of).into();
                told["for_want_of_a_peer"] = (*for_want_of_a_peer).into();
            }
            PostReason::Best { demand, estimated, candidates, borrowed } => {
                told["demand"] = json!(demand);
                told["estimated_minutes"] = json!(estimated);
                told["candidates"] = json!(candidates);
                told["borrowed"] = json!(borrowed);
            }
        }
        told
    };
    posts_around(history, task).map_or(Value::Null, |posts| posts.iter().map(post).collect())
}

fn domain_of(demand: &Demand) -> &str {
    demand.domain.as_deref().unwrap_or("the team")
}

/// What there is to do, in a line.
fn wanted(demand: &Demand) -> String {
    let mut parts = vec![format!("the best of {} for", domain_of(demand))];
    let complexity = demand.complexity.as_str();
    let hours = match demand.minutes {
        0 => String::new(),
        minutes => format!(", {}", hours(minutes)),
    };
    let skills = match demand.skills.as_slice() {
        [] => "any skills".to_owned(),
        skills => skills.join(", "),
    };
    parts.push(format!("{skills}, complexity {complexity}{hours}"));
    parts.join(" ")
}

/// A candidate's score and what it is made of: `82.50  ann  skills 100, time 50, …`.
pub(super) fn scored_text(scored: &Scored) -> String {
    const WHOLE: f64 = 100.0;
    let Scored { agent, skill, workload, complexity, continuity, total } = scored;
    format!(
        "{:6.2}  {agent}  skills {skill}, time {workload}, complexity {complexity}, continuity {continuity}",
        f64::from(*total) / WHOLE,
    )
}
