//! Why somebody does a piece of work, and why something has its tier.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{basics, heading};
use crate::insight::organization::{Organization, TierSaid};
use crate::interface::app::OrganizationRun;
use crate::interface::report::paint::Paint;
use crate::interface::report::posts::{posts_json, posts_text};
use crate::interface::report::value_text;
use crate::interface::report::width::shortened;
use crate::language::plan::TaskId;

/// So much of a reason is shown.
const SHOWN_CHARACTERS: usize = 400;

/// Why, for programs.
pub fn assignment_reasons_json(run: &OrganizationRun, task: TaskId) -> Value {
    let organization = &run.organization;
    let said = organization.tiers.iter().map(|said| {
        json!({
            "task": organization.path(said.task),
            "agent": said.agent,
            "tier": said.tier,
            "reason": said.reason,
        })
    });
    let item = item(organization, task);
    let mut object = basics(run);
    object["task"] = organization.path(task).into();
    object["work"] = json!(organization.address(item));
    object["posts"] = posts_json(&organization.history, task);
    object["tier"] = json!({
        "tier": tier(organization, item),
        "said_by": said.collect::<Vec<_>>(),
    });
    object
}

/// The same for people.
pub fn assignment_reasons_text(run: &OrganizationRun, task: TaskId, paint: Paint) -> String {
    let organization = &run.organization;
    let mut text = heading(run, paint);
    let _ = writeln!(text, "{}", paint.bold(organization.path(task)));
    let posts = posts_text(&organization.history, task, paint);
    if posts.is_empty() {
        text.push_str("  no post is around it: who does it stands in its pattern\n");
    }
    text.push_str(&posts);
    let item = item(organization, task);
    let tier = tier(organization, item);
    let _ = writeln!(text, "\n{}", paint.bold("Which tier"));
    let _ = match tier {
        Some(tier) => writeln!(text, "  {tier}, by the inputs of the work"),
        None => writeln!(text, "  none is known: the work has no input `tier`"),
    };
    for TierSaid { task, agent, tier, reason } in &organization.tiers {
        let by = agent.as_ref().map(|agent| format!(" ({agent})")).unwrap_or_default();
        let reason =
            reason.as_ref().map(|reason| format!(": {}", shortened(reason, SHOWN_CHARACTERS)));
        let _ = writeln!(
            text,
            "  {}{by} said {}{}",
            organization.path(*task),
            value_text(tier),
            reason.unwrap_or_default()
        );
    }
    text
}

/// The piece of work that a task belongs to, or uses.
fn item(organization: &Organization, task: TaskId) -> Option<usize> {
    let items = &organization.work.items;
    let own = items.iter().position(|item| item.caller == Some(task));
    own.or_else(|| organization.work.of_task(&organization.history, task))
}

/// The tier of a piece of work, or of the nearest around it that has one.
fn tier(organization: &Organization, item: Option<usize>) -> Option<u8> {
    let mut item = organization.work.items.get(item?)?;
    loop {
        if let Some(tier) = item.about.tier {
            return Some(tier.number());
        }
        item = organization.work.items.get(item.part_of?)?;
    }
}
