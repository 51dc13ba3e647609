//! Tiers: how much organisation a piece of work takes, from a fix to an undertaking of many teams.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::layer::Layer;
use super::quality::Gate;

/// How large a piece of work is. Written as a number.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "u8", into = "u8")]
pub enum Tier {
    /// One agent does one task.
    #[default]
    One,
    /// One domain plans, does and approves it.
    Two,
    /// Several domains work on it together.
    Three,
    /// Many work on it for long, and it can go wrong at great cost.
    Four,
}

/// A number that is no tier. The author's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no tier; there are 1, 2, 3 and 4")]
pub struct NoTier(pub u8);

/// A phase of planning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanningPhase {
    /// Into milestones with domains, dependencies and risks.
    Strategic,
    /// Of a milestone into tasks with skills, estimates and people, by the lead of the domain.
    Tactical,
}

/// What work of a tier takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TierRules {
    /// The layers that take part, from above to below.
    pub layers: &'static [Layer],
    /// How it is planned, in order.
    pub planning: &'static [PlanningPhase],
    /// What it must pass, in order.
    pub gates: &'static [Gate],
    /// The least number of strategic items.
    pub strategic_items: u32,
    /// The least number of tactical tasks.
    pub tactical_tasks: u32,
    /// Whether a manager says that it goes ahead before it does.
    pub go_no_go: bool,
}

impl Tier {
    /// All tiers, the smallest first.
    pub const ALL: [Tier; 4] = [Tier::One, Tier::Two, Tier::Three, Tier::Four];

    /// The tier's number.
    pub fn number(self) -> u8 {
        match self {
            Tier::One => 1,
            Tier::Two => 2,
            Tier::Three => 3,
            Tier::Four => 4,
        }
    }

    /// The tier that takes so many tasks.
    pub fn of_tasks(tasks: usize) -> Tier {
        let takes = |tier: &Tier| tier.rules().tactical_tasks as usize <= tasks;
        Tier::ALL.into_iter().rev().find(takes).unwrap_or_default()
    }

    /// What work of the tier takes.
    pub fn rules(self) -> TierRules {
        use Layer::{Contributor, Coordinator, Lead, Manager};
        use PlanningPhase::{Strategic, Tactical};
        let every_gate = &Gate::ALL;
        match self {
            Tier::One => TierRules {
                layers: &[Contributor],
                planning: &[],
                gates: &[],
                strategic_items: 0,
                tactical_tasks: 1,
                go_no_go: false,
            },
            Tier::Two => TierRules {
                layers: &[Lead, Contributor],
                planning: &[Tactical],
                gates: &[Gate::Peer, Gate::Domain],
                strategic_items: 0,
                tactical_tasks: 2,
                go_no_go: false,
            },
            Tier::Three => TierRules {
                layers: &[Coordinator, Lead, Contributor],
                planning: &[Strategic, Tactical],
                gates: every_gate,
                strategic_items: 3,
                tactical_tasks: 10,
                go_no_go: false,
            },
            Tier::Four => TierRules {
                layers: &[Manager, Coordinator, Lead, Contributor],
                planning: &[Strategic, Tactical],
                gates: every_gate,
                strategic_items: 30,
                tactical_tasks: 100,
                go_no_go: true,
            },
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number())
    }
}

impl TryFrom<u8> for Tier {
    type Error = NoTier;

    fn try_from(number: u8) -> Result<Tier, NoTier> {
        Tier::ALL.into_iter().find(|tier| tier.number() == number).ok_or(NoTier(number))
    }
}

impl From<Tier> for u8 {
    fn from(tier: Tier) -> u8 {
        tier.number()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_tier_takes_no_less() {
        for pair in Tier::ALL.windows(2) {
            let [low, high] = [pair[0].rules(), pair[1].rules()];
            assert!(low.layers.iter().all(|layer| high.layers.contains(layer)));
            assert!(low.planning.iter().all(|phase| high.planning.contains(phase)));
            assert!(low.gates.iter().all(|gate| high.gates.contains(gate)));
            assert!(low.strategic_items <= high.strategic_items);
            assert!(low.tactical_tasks < high.tactical_tasks);
            assert!(low.go_no_go <= high.go_no_go);
        }
        for tier in Tier::ALL {
            let rules = tier.rules();
            assert!(rules.gates.is_sorted() && rules.planning.is_sorted());
            assert_eq!(rules.go_no_go, rules.layers.contains(&Layer::Manager));
            assert_eq!(
                rules.strategic_items > 0,
                rules.planning.contains(&PlanningPhase::Strategic)
            );
        }
    }

    #[test]
    fn tiers_take_so_many_tasks() {
        assert_eq!((Tier::of_tasks(0), Tier::of_tasks(1)), (Tier::One, Tier::One));
        for tier in Tier::ALL {
            assert_eq!(Tier::of_tasks(tier.rules().tactical_tasks as usize), tier);
        }
        assert_eq!(Tier::of_tasks(1000), Tier::Four);
    }

    #[test]
    fn a_tier_is_a_number() {
        assert_eq!(serde_json::to_value(Tier::Three).unwrap(), 3);
        assert_eq!(serde_json::from_str::<Tier>("4").unwrap(), Tier::Four);
        let refused = serde_json::from_str::<Tier>("5").unwrap_err().to_string();
        assert!(refused.starts_with("5 is no tier"), "{refused}");
    }
}
