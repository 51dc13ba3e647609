//! What is known of a piece of work: from the inputs of its pattern, or else from what its posts ask.

use serde_json::Value;

use super::item::{About, Holder};
use crate::engine::content::minutes_of_hours;
use crate::engine::{FilledPost, PostReason};
use crate::language::plan::Plan;
use crate::organization::{AgentId, Complexity, Demand, Tier};

impl About {
    /// What inputs say, by their names.
    pub(super) fn of_inputs(inputs: &Value) -> About {
        let text = |key: &str| said(&inputs[key]);
        About {
            title: text("title"),
            domain: text("domain"),
            tier: tier(&inputs["tier"]),
            milestone: text("milestone"),
            minutes: minutes_of_hours(&inputs["hours"]).unwrap_or_default(),
            complexity: text("complexity").and_then(|word| complexity(&word)),
            acceptance: inputs["acceptance"].clone(),
        }
    }

    /// Adds what the first post that was given to the best says of the work, where inputs say nothing.
    pub(super) fn complete(&mut self, posts: &[FilledPost]) {
        let Some((demand, estimated)) = posts.iter().find_map(asked) else { return };
        if self.domain.is_none() {
            self.domain.clone_from(&demand.domain);
        }
        if self.milestone.is_none() {
            self.milestone = demand.related.first().cloned();
        }
        if self.minutes == 0 {
            self.minutes = estimated.unwrap_or(demand.minutes);
        }
        self.complexity.get_or_insert(demand.complexity);
    }
}

/// What there was to do for who has a post, and the minutes that it was estimated at, where others were set aside.
fn asked(post: &FilledPost) -> Option<(&Demand, Option<u32>)> {
    match &post.reason {
        PostReason::Best { demand, estimated, .. } => Some((demand, *estimated)),
        PostReason::Above { .. } => None,
    }
}

fn wanted(post: &FilledPost) -> Option<&Demand> {
    asked(post).map(|(demand, _)| demand)
}

/// Who has got which posts.
pub(super) fn holders(plan: &Plan, posts: &[FilledPost]) -> Vec<Holder> {
    let id = |agent| plan.agent_id(agent).cloned();
    let holder = |post: &FilledPost| {
        let days = post.booking.iter().flat_map(|booking| &booking.days);
        let minutes = days.map(|(_, minutes)| minutes).sum();
        Some(Holder { post: id(post.seat)?, agent: id(post.agent)?, minutes })
    };
    posts.iter().filter_map(holder).collect()
}

/// Who does the work: whoever has the first post with hours, else the first that went to the best.
pub(super) fn author(plan: &Plan, posts: &[FilledPost]) -> Option<AgentId> {
    let with_hours =
        posts.iter().find(|post| wanted(post).is_some_and(|demand| demand.minutes > 0));
    let post = with_hours.or_else(|| posts.iter().find(|post| wanted(post).is_some()))?;
    plan.agent_id(post.agent).cloned()
}

/// A text that is not empty.
fn said(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// A tier as a number, or a text with one: `3`, `"3"`, `tier 3`.
pub(super) fn tier(value: &Value) -> Option<Tier> {
    let text = said(value)?;
    let digits = text.trim_start_matches(|sign: char| !sign.is_ascii_digit());
    digits.parse::<u8>().ok().and_then(|number| Tier::try_from(number).ok())
}

fn complexity(word: &str) -> Option<Complexity> {
    Complexity::ALL.into_iter().find(|known| known.as_str() == word.to_lowercase())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn inputs_say_what_work_is() {
        let inputs = json!({ "title": " Index the orders ", "domain": "backend", "tier": "tier 3",
            "hours": "1.5", "complexity": "High", "milestone": 2, "acceptance": ["it is fast"] });
        let about = About::of_inputs(&inputs);
        assert_eq!(about.title.as_deref(), Some("Index the orders"));
        assert_eq!((about.tier, about.minutes), (Some(Tier::Three), 90));
        assert_eq!(about.complexity, Some(Complexity::High));
        assert_eq!(about.milestone.as_deref(), Some("2"));
        assert_eq!(about.acceptance, json!(["it is fast"]));
        for nothing in [json!({}), json!(null), json!({ "tier": 9, "hours": -3, "title": "" })] {
            let about = About::of_inputs(&nothing);
            assert_eq!((about.tier, about.minutes, about.title), (None, 0, None));
        }
    }
}
