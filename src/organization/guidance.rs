//! What those who lead are told of the patterns that there are, and of what was learned: put together once
//! when a run begins, and stored with its first fact.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Agent, Team, Tier};

/// So many patterns of a team are kept, and so many of the library for each tier.
const MOST_OF_TEAM: usize = 12;
const MOST_OF_TIER: usize = 2;

/// So many learnings are kept, the first ones.
const MOST_LEARNINGS: usize = 5;

/// Shorter words say little of what a text is about.
const SHORTEST_WORD: usize = 4;

/// What those who lead are told, by the names of their teams.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guidance {
    /// By the names of teams.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub teams: BTreeMap<String, TeamGuidance>,
}

/// What those who lead one team are told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamGuidance {
    /// The patterns that the team works on, the smallest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patterns: Vec<KnownPattern>,
    /// Patterns of others that are near to what the team does, some for each tier.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beyond: Vec<KnownPattern>,
    /// What was learned lately, a sentence each, the most important first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub learnings: Vec<String>,
}

/// A pattern that can be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownPattern {
    /// The name by which it is run.
    pub name: String,
    /// What it does, in a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// How much orchestration it is.
    pub tier: Tier,
}

/// A pattern that a team may be told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The pattern.
    pub pattern: KnownPattern,
    /// The team that works on it.
    pub team: Option<PatternTeam>,
    /// Whether it can be recommended to others: it is no part of another pattern.
    pub is_whole: bool,
    /// Whether it is made for no subject, and so for any.
    pub is_general: bool,
}

/// The team of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatternTeam {
    /// A team that has a document, by the name there.
    Named(String),
    /// A team that is written in the pattern: others may have the same name.
    Own {
        /// Its name.
        name: String,
        /// What it is there for.
        purpose: Option<String>,
    },
}

impl PatternTeam {
    fn is(&self, team: &Team) -> bool {
        match self {
            PatternTeam::Named(name) => name == team.name(),
            PatternTeam::Own { name, purpose } => {
                name == team.name() && purpose.as_deref() == team.purpose()
            }
        }
    }
}

static NOTHING: TeamGuidance =
    TeamGuidance { patterns: Vec::new(), beyond: Vec::new(), learnings: Vec::new() };

impl Guidance {
    /// What those who lead a team are told.
    pub fn of(&self, team: &str) -> &TeamGuidance {
        self.teams.get(team).unwrap_or(&NOTHING)
    }
}

impl TeamGuidance {
    /// Chooses for a team: its own patterns, and for each tier those of others that have most words in common
    /// with it, else such as are made for any subject. The same of the same candidates, in whatever order.
    pub fn of_team(team: &Team, candidates: &[Candidate]) -> TeamGuidance {
        let is_own =
            |candidate: &&Candidate| candidate.team.as_ref().is_some_and(|named| named.is(team));
        let own = candidates.iter().filter(is_own);
        let mut patterns: Vec<KnownPattern> = own.map(|one| one.pattern.clone()).collect();
        patterns.sort_by(|a, b| (a.tier, &a.name).cmp(&(b.tier, &b.name)));
        patterns.dedup_by(|a, b| a.name == b.name);
        patterns.truncate(MOST_OF_TEAM);
        let words = words_of_team(team);
        let mut others: Vec<(usize, &Candidate)> = candidates
            .iter()
            .filter(|one| one.is_whole && !is_own(one))
            .map(|one| (in_common(&words, &one.pattern), one))
            .filter(|(common, one)| *common > 0 || one.is_general)
            .collect();
        others.sort_by(|(one, a), (other, b)| {
            let rank = |common: &usize, of: &Candidate| (usize::MAX - common, !of.is_general);
            (rank(one, a), &a.pattern.name).cmp(&(rank(other, b), &b.pattern.name))
        });
        let mut beyond = Vec::new();
        for tier in Tier::ALL {
            let of_tier = others.iter().filter(|(_, one)| one.pattern.tier == tier);
            beyond.extend(of_tier.take(MOST_OF_TIER).map(|(_, one)| one.pattern.clone()));
        }
        TeamGuidance { patterns, beyond, learnings: Vec::new() }
    }

    /// With what was learned, the most important first; what is too much is left out.
    #[must_use]
    pub fn with_learnings(self, learnings: impl IntoIterator<Item = String>) -> TeamGuidance {
        TeamGuidance { learnings: learnings.into_iter().take(MOST_LEARNINGS).collect(), ..self }
    }

    /// The names of all patterns that are told of.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.patterns.iter().chain(&self.beyond).map(|pattern| pattern.name.as_str())
    }

    /// The team's patterns, those first that have most words in common with what somebody is there for.
    pub(super) fn fitting(&self, agent: &Agent) -> Vec<&KnownPattern> {
        let mut words = words(&agent.role);
        words.extend(words_of_agent(agent));
        let mut patterns: Vec<&KnownPattern> = self.patterns.iter().collect();
        // Sorting is stable: among equals the smallest stays first.
        patterns.sort_by_key(|pattern| std::cmp::Reverse(in_common(&words, pattern)));
        patterns
    }

    /// The patterns for work of a tier, the team's first.
    pub(super) fn of_tier(&self, tier: Tier) -> impl Iterator<Item = &KnownPattern> {
        self.patterns.iter().chain(&self.beyond).filter(move |pattern| pattern.tier == tier)
    }
}

fn words_of_team(team: &Team) -> BTreeSet<String> {
    let mut found = words(team.purpose().unwrap_or_default());
    found.extend(words(team.department().unwrap_or_default()));
    found.extend(team.agents().iter().flat_map(words_of_agent));
    found
}

/// What somebody is there for; not the title, since every team has managers and analysts.
fn words_of_agent(agent: &Agent) -> BTreeSet<String> {
    let texts = [agent.purpose.as_str(), agent.domain.as_deref().unwrap_or_default()];
    let lists = agent.skills.iter().chain(&agent.focus_areas).map(String::as_str);
    texts.into_iter().chain(lists).flat_map(words).collect()
}

fn in_common(words_of: &BTreeSet<String>, pattern: &KnownPattern) -> usize {
    let mut own = words(&pattern.summary);
    own.extend(words(&pattern.name));
    own.intersection(words_of).count()
}

fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let long = words.filter(|word| word.chars().count() >= SHORTEST_WORD);
    long.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(name: &str, summary: &str, tier: Tier, team: &str) -> Candidate {
        let (name, summary) = (name.to_owned(), summary.to_owned());
        Candidate {
            pattern: KnownPattern { name, summary, tier },
            team: Some(PatternTeam::Named(team.to_owned())),
            is_whole: true,
            is_general: false,
        }
    }

    fn names<'p>(patterns: impl IntoIterator<Item = &'p KnownPattern>) -> Vec<&'p str> {
        patterns.into_iter().map(|pattern| pattern.name.as_str()).collect()
    }

    #[test]
    fn a_team_is_told_of_its_own_and_of_what_is_near() {
        let purpose = Some("Answer customers about invoices".to_owned());
        let head =
            Agent { purpose: "Watch complaints".into(), ..Agent::of_role(None, "Head of Support") };
        let team = Team::new("desk".into(), purpose, None, vec![head.clone()]).unwrap();
        let mut part = candidate("part", "Invoices of customers", Tier::Two, "other");
        part.is_whole = false;
        let mut general = candidate("any", "Steps", Tier::Three, "other");
        general.is_general = true;
        let mut of_another_desk = candidate("tables", "Plane tables", Tier::One, "desk");
        of_another_desk.team =
            Some(PatternTeam::Own { name: "desk".into(), purpose: Some("Make desks".into()) });
        let mut candidates = vec![
            candidate("triage", "Sort questions", Tier::Two, "desk"),
            candidate("complaints", "Answer complaints", Tier::Two, "desk"),
            candidate("launch", "Ship a product", Tier::Four, "other"),
            of_another_desk,
            candidate("dunning", "Remind customers of invoices", Tier::Two, "other"),
            part,
            general,
        ];
        let guidance =
            TeamGuidance::of_team(&team, &candidates)
                .with_learnings(vec!["Ask once".to_owned(); 9]);
        assert_eq!(names(&guidance.patterns), ["complaints", "triage"]);
        assert_eq!(names(&guidance.beyond), ["dunning", "any"]);
        assert_eq!(guidance.learnings.len(), MOST_LEARNINGS);
        assert_eq!(names(guidance.of_tier(Tier::Two)), ["complaints", "triage", "dunning"]);
        assert_eq!(names(guidance.fitting(&head)), ["complaints", "triage"]);
        candidates.reverse();
        let again =
            TeamGuidance::of_team(&team, &candidates)
                .with_learnings(vec!["Ask once".to_owned(); 9]);
        assert_eq!(again, guidance);
    }

    #[test]
    fn what_a_team_does_not_say_is_no_word() {
        assert!(words("of to a; the 2nd").is_empty());
        assert_eq!(
            words("Invoice-matching"),
            BTreeSet::from(["invoice".into(), "matching".into()])
        );
    }
}
