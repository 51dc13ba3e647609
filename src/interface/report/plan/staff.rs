//! The posts of a plan: how it is decided in a run who gets them.

use serde_json::{Value, json};

use crate::language::plan::{Plan, PlannedPost, PostChoice, WorkTemplate};

/// A post and how it is filled, in words: `author`, `the best contributor of {{ inputs.domain }}`.
pub(super) fn post_lines(plan: &Plan) -> Vec<(&str, String)> {
    let posts = plan.root().staff.iter();
    posts.map(|post| (post.name.as_str(), how(plan, post))).collect()
}

/// The same for programs.
pub(super) fn posts_json(plan: &Plan) -> Value {
    let post = |post: &PlannedPost| {
        let candidates: Vec<&str> =
            post.candidates.iter().map(|one| plan.agent_name(*one)).collect();
        json!({ "name": post.name, "how": how(plan, post), "candidates": candidates })
    };
    plan.root().staff.iter().map(post).collect()
}

fn how(plan: &Plan, post: &PlannedPost) -> String {
    let mut text = match &post.choice {
        PostChoice::Assign(work) => assigned(work),
        PostChoice::PeerOf(of, _) => {
            format!("another of the domain of {}, or whoever is above", plan.agent_name(*of))
        }
        PostChoice::Above(of) => format!("whoever is above {}", plan.agent_name(*of)),
    };
    if !post.never.is_empty() {
        let never: Vec<&str> = post.never.iter().map(|one| plan.agent_name(*one)).collect();
        text.push_str(&format!("; never {}", never.join(", ")));
    }
    text
}

fn assigned(work: &WorkTemplate) -> String {
    let domain = work.domain.as_ref().map(|domain| format!(" of {domain}")).unwrap_or_default();
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let hours = work.hours.as_ref().map(|hours| format!(", who has {} hours", shown(hours)));
    let skills = work.skills.as_ref().map(|skills| format!(" for {}", shown(skills)));
    format!(
        "the best {}{domain}{}{}",
        work.layer.as_str(),
        skills.unwrap_or_default(),
        hours.unwrap_or_default()
    )
}
