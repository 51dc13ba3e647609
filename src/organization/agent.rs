//! One member of a team.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::capacity::Capacity;
use super::expertise::Expertise;
use super::layer::{Layer, Level};

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
    /// The layer in which it stands; none in a team without layers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<Layer>,
    /// The field in which it works or which it leads, such as `backend`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// How experienced it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// How much it knows of orchestration, where its document says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orchestration_expertise: Option<Expertise>,
    /// When it works.
    #[serde(default, skip_serializing_if = "Capacity::is_usual")]
    pub capacity: Capacity,
}

impl Agent {
    /// Somebody with a role of whom nothing else is said.
    pub fn of_role(id: Option<&str>, role: &str) -> Agent {
        Agent {
            id: AgentId::new(id, role),
            role: role.to_owned(),
            purpose: String::new(),
            skills: Vec::new(),
            focus_areas: Vec::new(),
            instructions: None,
            reports_to: None,
            layer: None,
            domain: None,
            level: None,
            orchestration_expertise: None,
            capacity: Capacity::default(),
        }
    }

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

    /// Plans that were stored before there were layers, and those of teams without, look the same.
    #[test]
    fn who_says_nothing_of_layers_is_stored_without() {
        let agent = Agent::of_role(None, "Writer");
        let stored = serde_json::to_value(&agent).unwrap();
        let keys: Vec<&String> = stored.as_object().unwrap().keys().collect();
        let known =
            ["id", "role", "purpose", "skills", "focus_areas", "instructions", "reports_to"];
        assert_eq!(keys, known);
        assert_eq!(serde_json::from_value::<Agent>(stored).unwrap(), agent);
        let mut layered = Agent { layer: Some(Layer::Lead), level: Some(Level::Staff), ..agent };
        layered.domain = Some("backend".into());
        layered.capacity.away.insert(crate::organization::Day(20_811));
        let stored = serde_json::to_value(&layered).unwrap();
        assert_eq!(stored["capacity"]["away"], serde_json::json!(["2026-12-24"]));
        assert_eq!(serde_json::from_value::<Agent>(stored).unwrap(), layered);
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
