//! What work asks of whoever does it, and how well somebody fits.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::calendar::Day;
use super::layer::{Complexity, Layer};
use super::ledger::Ledger;
use super::skills::skill_match;
use super::{Agent, AgentId};

/// What a piece of work asks of whoever does it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demand {
    /// The layer that does such work.
    pub layer: Layer,
    /// The domain to which the work belongs; that of anybody if absent. Layers above the domains
    /// do not look at it.
    pub domain: Option<String>,
    /// The skills that it takes.
    pub skills: Vec<String>,
    /// How hard it is.
    pub complexity: Complexity,
    /// How long it is expected to take.
    pub minutes: u32,
    /// What it belongs to: a milestone, a component.
    pub related: BTreeSet<String>,
}

/// What each part of a score counts, in hundredths.
pub const WEIGHTS: Weights = Weights { skill: 40, workload: 25, complexity: 20, continuity: 15 };

/// The weights of the parts of a score; together they are a hundred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weights {
    /// Of the match of skills.
    pub skill: u16,
    /// Of the time that is free.
    pub workload: u16,
    /// Of the fit of experience and difficulty.
    pub complexity: u16,
    /// Of earlier work on the same.
    pub continuity: u16,
}

/// The workload counts over so many working days.
pub const DAYS_OF_WORKLOAD: usize = 3;

/// How well somebody fits a piece of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scored {
    /// Who.
    pub agent: AgentId,
    /// How well the skills match, from 0 to 100.
    pub skill: u8,
    /// How much of the next three working days is free, from 0 to 100.
    pub workload: u8,
    /// How well experience and difficulty fit, from 0 to 100.
    pub complexity: u8,
    /// How much of what the work belongs to the person knows, from 0 to 100.
    pub continuity: u8,
    /// All of it by its weights, from 0 to 10 000.
    pub total: u16,
}

impl Scored {
    /// How well somebody fits, by what is promised on a day and has been worked on before.
    pub fn of(agent: &Agent, ledger: &Ledger, demand: &Demand, today: Day) -> Scored {
        let skill = skill_match(&demand.skills, &agent.skills);
        let workload = workload(agent, ledger, today);
        let complexity = demand.complexity.fit(agent.level.unwrap_or_default());
        let continuity = continuity(agent, ledger, demand);
        let weighted = |weight: u16, part: u8| weight * u16::from(part);
        let total = weighted(WEIGHTS.skill, skill)
            + weighted(WEIGHTS.workload, workload)
            + weighted(WEIGHTS.complexity, complexity)
            + weighted(WEIGHTS.continuity, continuity);
        Scored { agent: agent.id.clone(), skill, workload, complexity, continuity, total }
    }

    /// The order of candidates, the best first: the higher score, then the better match of skills,
    /// then who has promised less, then the id. No two people are equal in it.
    pub(super) fn rank(&self, promised: u32) -> impl Ord + use<> {
        (Reverse(self.total), Reverse(self.skill), promised, self.agent.clone())
    }
}

impl fmt::Display for Scored {
    /// The score as it is made: `ada 82.50: 40 % of 100, 25 % of 50, 20 % of 100, 15 % of 66`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Scored { agent, skill, workload, complexity, continuity, total } = self;
        write!(
            f,
            "{agent} {}.{:02}: skills {skill} ({} %), free time {workload} ({} %), difficulty \
             {complexity} ({} %), earlier work {continuity} ({} %)",
            total / 100,
            total % 100,
            WEIGHTS.skill,
            WEIGHTS.workload,
            WEIGHTS.complexity,
            WEIGHTS.continuity
        )
    }
}

/// 100 where nothing is promised over the next working days, 0 where they are full.
fn workload(agent: &Agent, ledger: &Ledger, today: Day) -> u8 {
    let days = agent.capacity.working_days(today).take(DAYS_OF_WORKLOAD);
    let (mut capacity, mut free) = (0u64, 0u64);
    for (day, minutes) in days {
        capacity += u64::from(minutes);
        free += u64::from(minutes.saturating_sub(ledger.minutes(&agent.id, day)));
    }
    (100 * free).checked_div(capacity).and_then(|share| u8::try_from(share).ok()).unwrap_or(0)
}

/// The share of the labels on which somebody has worked.
fn continuity(agent: &Agent, ledger: &Ledger, demand: &Demand) -> u8 {
    let known = demand.related.iter().filter(|label| ledger.has_worked_on(&agent.id, label));
    let share = (100 * known.count()).checked_div(demand.related.len());
    share.and_then(|share| u8::try_from(share).ok()).unwrap_or(0)
}
