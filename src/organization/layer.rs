//! Where somebody stands: the layers of an organisation, and how experienced its people are.
//!
//! Teams of every field have the same four layers under other titles: the role is the title, the
//! layer says what it may decide.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A layer of an organisation. The order is that of authority, from below to above.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// Does the work.
    #[default]
    Contributor,
    /// Plans the work of one domain, hands it out and approves it.
    Lead,
    /// Brings the domains together and watches the critical path.
    Coordinator,
    /// Decides on priorities and risks, and whether something goes ahead.
    Manager,
}

impl Layer {
    /// All layers, from above to below.
    pub const ALL: [Layer; 4] =
        [Layer::Manager, Layer::Coordinator, Layer::Lead, Layer::Contributor];

    /// The word for it in documents and machine output.
    pub fn as_str(self) -> &'static str {
        match self {
            Layer::Manager => "manager",
            Layer::Coordinator => "coordinator",
            Layer::Lead => "lead",
            Layer::Contributor => "contributor",
        }
    }

    /// Whether those of the layer belong to one domain.
    pub fn has_domain(self) -> bool {
        matches!(self, Layer::Lead | Layer::Contributor)
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How experienced somebody is. Who says nothing counts as `mid`.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Does easy work well.
    Junior,
    /// Does most work well.
    #[default]
    Mid,
    /// Does hard work well.
    Senior,
    /// Is best asked for the hardest.
    Staff,
}

impl Level {
    /// All levels, from the least experienced on.
    pub const ALL: [Level; 4] = [Level::Junior, Level::Mid, Level::Senior, Level::Staff];

    /// The word for it in documents and machine output.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Junior => "junior",
            Level::Mid => "mid",
            Level::Senior => "senior",
            Level::Staff => "staff",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How hard a piece of work is.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Complexity {
    /// Routine.
    Low,
    /// As most work is.
    #[default]
    Medium,
    /// It takes the best that there is.
    High,
}

impl Complexity {
    /// All of them, from the easiest on.
    pub const ALL: [Complexity; 3] = [Complexity::Low, Complexity::Medium, Complexity::High];

    /// The word for it in documents and machine output.
    pub fn as_str(self) -> &'static str {
        match self {
            Complexity::Low => "low",
            Complexity::Medium => "medium",
            Complexity::High => "high",
        }
    }

    /// How well work that is so hard fits somebody so experienced, from 0 to 100. Hard work is
    /// beyond juniors, and easy work is a waste of the most experienced.
    pub fn fit(self, level: Level) -> u8 {
        let [low, medium, high] = match level {
            Level::Junior => [100, 50, 0],
            Level::Mid => [80, 100, 60],
            Level::Senior => [50, 90, 100],
            Level::Staff => [30, 60, 100],
        };
        match self {
            Complexity::Low => low,
            Complexity::Medium => medium,
            Complexity::High => high,
        }
    }
}
