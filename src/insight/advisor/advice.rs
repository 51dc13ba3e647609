//! What the advisor says.

use super::catalogue::ScoreParts;
use super::questions::Answer;
use crate::organization::Tier;

/// How a request is best gone about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Approach {
    /// One agent, no orchestration.
    Direct,
    /// One team in a few steps.
    Workflow,
    /// Several teams or domains.
    Project,
    /// Many teams, with gates, seen by those who lead.
    Initiative,
}

impl Approach {
    /// All approaches, the cheapest first.
    pub const ALL: [Approach; 4] =
        [Approach::Direct, Approach::Workflow, Approach::Project, Approach::Initiative];

    /// The approach of a tier.
    pub fn of(tier: Tier) -> Approach {
        match tier {
            Tier::One => Approach::Direct,
            Tier::Two => Approach::Workflow,
            Tier::Three => Approach::Project,
            Tier::Four => Approach::Initiative,
        }
    }

    /// Its tier.
    pub fn tier(self) -> Tier {
        match self {
            Approach::Direct => Tier::One,
            Approach::Workflow => Tier::Two,
            Approach::Project => Tier::Three,
            Approach::Initiative => Tier::Four,
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Approach::Direct => "direct",
            Approach::Workflow => "workflow",
            Approach::Project => "project",
            Approach::Initiative => "initiative",
        }
    }
}

/// How those who work on a request work together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coordination {
    /// One agent alone.
    Single,
    /// One after the other.
    Sequential,
    /// Side by side, and what comes of it is put together.
    Parallel,
    /// Independent judgements become one.
    Consensus,
    /// Levels that hand work down and results up.
    Hierarchical,
}

impl Coordination {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Coordination::Single => "single",
            Coordination::Sequential => "sequential",
            Coordination::Parallel => "parallel",
            Coordination::Consensus => "consensus",
            Coordination::Hierarchical => "hierarchical",
        }
    }
}

/// A pattern with its score.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The pattern's name.
    pub pattern: String,
    /// How well it fits: above 2 is usual for what fits, below 1 for what does not.
    pub score: f64,
    /// What the score is made of.
    pub parts: ScoreParts,
    /// What experience says about it, where that moved the score.
    pub experience: Option<String>,
    /// Whether it is not recommended here because of that, however well it fits.
    pub withheld: bool,
}

/// The cheaper way that was not recommended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// How it would be gone about.
    pub approach: Approach,
    /// The pattern for it, if the library has one.
    pub pattern: Option<String>,
    /// Why it was rejected.
    pub reason: String,
}

/// What the advisor says about a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    /// How much orchestration it takes.
    pub tier: Tier,
    /// How to go about it.
    pub approach: Approach,
    /// The pattern that is recommended, if one fits.
    pub pattern: Option<String>,
    /// The patterns that came first, the best first. They are there also where none is recommended.
    pub candidates: Vec<Candidate>,
    /// How those who work on it work together, as far as the request says. Whoever has the pattern's plan knows it better.
    pub coordination: Coordination,
    /// Where no pattern fits: one of the library's coordination patterns, which are made for no subject.
    pub coordination_pattern: Option<String>,
    /// The five questions, answered.
    pub answers: Vec<Answer>,
    /// How the advice came about, a sentence each.
    pub reasoning: Vec<String>,
    /// How sure it is, from 0 to 1.
    pub confidence: f64,
    /// The cheaper way, and why not that.
    pub alternative: Option<Alternative>,
    /// What speaks against a team although one is recommended, or against the advice as a whole.
    pub warnings: Vec<String>,
}

/// Why nothing can be advised. The request's author can change it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unadvisable {
    /// There is no text.
    #[error("the request is empty")]
    Empty,
    /// No word says what it is about.
    #[error("no word of the request says what it is about")]
    SaysNothing,
}
