//! One member of a team.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How an agent is addressed in documents, plans and journals: its role in snake case unless its
/// team gives it another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AgentId(String);

impl AgentId {
    /// The id that a document gives, or the one that follows from the role.
    pub fn new(given: Option<&str>, role: &str) -> Self {
        AgentId(given.map_or_else(|| role_id(role), str::to_owned))
    }

    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AgentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One member of a team, as far as people know each other: what it is for and whom it reports to.
/// Which model speaks for it is the plan's business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// How it is addressed.
    pub id: AgentId,
    /// Its title, such as `Quality Audit Manager`.
    pub role: String,
    /// What it is there for, in a sentence.
    pub purpose: String,
    /// What it can do.
    pub skills: Vec<String>,
    /// What it pays attention to.
    pub focus_areas: Vec<String>,
    /// How it goes about its work, in the author's words.
    pub instructions: Option<String>,
    /// Whom it reports to.
    pub reports_to: Option<AgentId>,
}

impl Agent {
    /// Whether an address may mean the agent: it is the id, or the role.
    pub fn is_called(&self, address: &str) -> bool {
        self.id.as_str() == address || is_same_role(&self.role, address)
    }
}

impl AsRef<Agent> for Agent {
    fn as_ref(&self) -> &Agent {
        self
    }
}

/// A role in snake case: `QA Lead (Web)` becomes `qa_lead_web`.
pub fn role_id(role: &str) -> String {
    let mut id = String::with_capacity(role.len());
    for character in role.chars() {
        if character.is_alphanumeric() {
            id.extend(character.to_lowercase());
        } else if !id.ends_with('_') && !id.is_empty() {
            id.push('_');
        }
    }
    id.truncate(id.trim_end_matches('_').len());
    id
}

/// Whether two texts mean one role: they are the same, or they are in snake case.
pub fn is_same_role(one: &str, other: &str) -> bool {
    let same_id = || {
        let id = role_id(one);
        // Signs alone have nothing in snake case.
        !id.is_empty() && id == role_id(other)
    };
    one == other || same_id()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_the_same_in_snake_case() {
        for (one, other, same) in [
            ("Market Analyst", "market_analyst", true),
            ("🎨 Designer", "designer", true),
            ("作者", "作者", true),
            ("作者", "编辑", false),
            ("🎨", "🎨", true),
            ("🎨", "🎼", false),
        ] {
            assert_eq!(is_same_role(one, other), same, "{one} {other}");
        }
    }

    #[test]
    fn a_role_becomes_an_id() {
        for (role, id) in [
            ("Market Analyst", "market_analyst"),
            ("QA Lead (Web)", "qa_lead_web"),
            ("  Head of R&D  ", "head_of_r_d"),
            ("Élan Vital", "élan_vital"),
            ("", ""),
        ] {
            assert_eq!(role_id(role), id);
        }
    }
}
