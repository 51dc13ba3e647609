//! What estimates are worth: how long work took beside how long it was to take.
//!
//! Each group of observations has a factor. Where there are few, the factor of the wider group counts
//! with them: of all work, then of the domain, then of work so hard in it, then of the one who does
//! it. Everything is in whole thousandths, and sums do not depend on the order of what is observed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::AgentId;
use super::layer::Complexity;

/// The wider group counts as much as so many observations.
const WEIGHT_OF_WIDER: u64 = 4;

/// No factor is below a quarter or above four: beyond that an estimate was of something else.
const LEAST: u64 = 250;
const MOST: u64 = 4000;

/// An estimate that is right.
const RIGHT: u64 = 1000;

/// One piece of work that is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Who did it.
    pub agent: AgentId,
    /// In which domain.
    pub domain: Option<String>,
    /// How hard it was.
    pub complexity: Complexity,
    /// The minutes that it was to take, as they were estimated before any calibration.
    pub estimated: u32,
    /// The minutes that it took.
    pub taken: u32,
}

/// What is known of estimates: a fold over observations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calibration {
    all: Sums,
    domains: BTreeMap<Option<String>, Sums>,
    complexities: BTreeMap<(Option<String>, Complexity), Sums>,
    agents: BTreeMap<(Option<String>, Complexity, AgentId), Sums>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sums {
    count: u64,
    estimated: u64,
    taken: u64,
}

impl Sums {
    fn add(&mut self, seen: &Observation) {
        self.count += 1;
        self.estimated += u64::from(seen.estimated);
        self.taken += u64::from(seen.taken);
    }

    /// The factor of the group in thousandths, given that of the wider one.
    fn factor(self, wider: u64) -> u64 {
        let own = (self.taken.saturating_mul(RIGHT)).checked_div(self.estimated).unwrap_or(wider);
        let own = own.clamp(LEAST, MOST);
        let count = self.count.min(u64::from(u32::MAX));
        let sum = count * own + WEIGHT_OF_WIDER * wider;
        let weight = count + WEIGHT_OF_WIDER;
        (sum + weight / 2) / weight
    }
}

/// By how much estimates of such work are wrong: what a run takes over of what is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EstimateFactor {
    /// Of whose work; of anybody's if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
    /// In which domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// How hard it is.
    pub complexity: Complexity,
    /// By how many thousandths an estimate is to be multiplied.
    pub thousandths: u32,
    /// How many pieces of work that follows from.
    pub observations: u64,
}

impl EstimateFactor {
    /// The factor for such work of somebody, or else of anybody, if one is known.
    pub fn of<'f>(
        known: &'f [EstimateFactor],
        agent: &AgentId,
        domain: Option<&str>,
        complexity: Complexity,
    ) -> Option<&'f EstimateFactor> {
        let of_kind = |factor: &&EstimateFactor| {
            factor.domain.as_deref() == domain && factor.complexity == complexity
        };
        let of_kind = || known.iter().filter(of_kind);
        let own = of_kind().find(|factor| factor.agent.as_ref() == Some(agent));
        own.or_else(|| of_kind().find(|factor| factor.agent.is_none()))
    }

    /// An estimate in minutes as it should be, rounded to the next minute.
    pub fn apply(&self, minutes: u32) -> u32 {
        let scaled = u64::from(minutes) * u64::from(self.thousandths) + RIGHT / 2;
        u32::try_from(scaled / RIGHT).unwrap_or(u32::MAX)
    }
}

impl Calibration {
    /// The factors of all kinds of work of which something is known: for whoever does it, and for each who has.
    pub fn factors(&self) -> Vec<EstimateFactor> {
        let factor = |agent: Option<&AgentId>, domain: &Option<String>, complexity, sums: &Sums| {
            EstimateFactor {
                agent: agent.cloned(),
                domain: domain.clone(),
                complexity,
                thousandths: self.factor(agent, domain.as_deref(), complexity),
                observations: sums.count,
            }
        };
        let kinds = self.complexities.iter();
        let of_anybody =
            kinds.map(|((domain, complexity), sums)| factor(None, domain, *complexity, sums));
        let own = self.agents.iter();
        let of_each = own.map(|((domain, complexity, agent), sums)| {
            factor(Some(agent), domain, *complexity, sums)
        });
        of_anybody.chain(of_each).collect()
    }

    /// Takes in how long a piece of work took. Of work that was to take no time nothing is learned.
    pub fn observe(&mut self, seen: &Observation) {
        if seen.estimated == 0 {
            return;
        }
        let (domain, complexity) = (seen.domain.clone(), seen.complexity);
        self.all.add(seen);
        self.domains.entry(domain.clone()).or_default().add(seen);
        self.complexities.entry((domain.clone(), complexity)).or_default().add(seen);
        self.agents.entry((domain, complexity, seen.agent.clone())).or_default().add(seen);
    }

    /// By how many thousandths estimates of such work are to be multiplied, from 250 to 4000. Without an
    /// agent, for whoever does it.
    pub fn factor(
        &self,
        agent: Option<&AgentId>,
        domain: Option<&str>,
        complexity: Complexity,
    ) -> u32 {
        let domain = domain.map(str::to_owned);
        let of = |sums: Option<&Sums>, wider| sums.map_or(wider, |sums| sums.factor(wider));
        let mut factor = of(Some(&self.all), RIGHT);
        factor = of(self.domains.get(&domain), factor);
        factor = of(self.complexities.get(&(domain.clone(), complexity)), factor);
        if let Some(agent) = agent {
            factor = of(self.agents.get(&(domain, complexity, agent.clone())), factor);
        }
        u32::try_from(factor).unwrap_or(u32::MAX)
    }

    /// An estimate in minutes as it should be, rounded to the next minute.
    pub fn apply(
        &self,
        agent: Option<&AgentId>,
        domain: Option<&str>,
        complexity: Complexity,
        minutes: u32,
    ) -> u32 {
        let factor = u64::from(self.factor(agent, domain, complexity));
        let scaled = (u64::from(minutes) * factor + RIGHT / 2) / RIGHT;
        u32::try_from(scaled).unwrap_or(u32::MAX)
    }

    /// How many pieces of work have been taken in.
    pub fn observations(&self) -> u64 {
        self.all.count
    }
}
