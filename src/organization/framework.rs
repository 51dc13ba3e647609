//! The orchestration decision framework: what those who lead are told in front of their responsibilities, so that
//! they choose as little orchestration as will do (seed 000, "Team Factory Enhancement").

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::agent::is_same_role;
use super::guidance::{KnownPattern, TeamGuidance};
use super::{Agent, Layer, Team, Tier};

/// The five questions that decide how much orchestration a request needs, as they are asked everywhere.
pub const KEY_QUESTIONS: [&str; 5] = [
    "How many teams need to coordinate?",
    "Are there formal approval gates?",
    "Do tasks need parallel execution?",
    "What's the error impact if this fails?",
    "Is executive visibility required?",
];

/// Where the framework begins in a system message, and what comes after it.
pub const FRAMEWORK_HEADING: &str = "## Orchestration Decision Framework";
/// Where the framework has ended.
pub const RESPONSIBILITIES_HEADING: &str = "## Your Responsibilities";

/// How many tokens the framework adds at most to what somebody is told, without learnings and tools, in a language
/// of four characters to a token.
pub const FRAMEWORK_TOKENS: u64 = 400;

/// So many of a team's patterns are told with their summaries, and so many by name for each approach.
const MOST_SUMMARIES: usize = 4;
const MOST_NAMES: usize = 2;

/// So many domains are told by name.
const MOST_DOMAINS: usize = 6;

/// No longer, in characters: the role, a summary, a name, a learning.
const ROLE: usize = 60;
const SUMMARY: usize = 90;
const NAME: usize = 40;
const LEARNING: usize = 160;

/// How much of the framework those who lead a team are told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FrameworkExtent {
    /// All of it.
    #[default]
    Full,
    /// The five questions alone: for small windows.
    Short,
    /// Nothing.
    None,
}

impl FrameworkExtent {
    /// Whether nothing is said of it.
    pub fn is_usual(&self) -> bool {
        *self == FrameworkExtent::Full
    }
}

/// How much orchestration a piece of work takes, as the decision matrix calls it.
pub fn approach(tier: Tier) -> &'static str {
    match tier {
        Tier::One => "Direct",
        Tier::Two => "Workflow",
        Tier::Three => "Project",
        Tier::Four => "Initiative",
    }
}

/// The framework for somebody who leads a team, without what follows it; empty where the team wants none. `tools`
/// are the names of those that orchestrate, with a line each. It depends on nothing that differs between two tasks of a
/// run, so that a server's prompt cache stays warm.
pub fn decision_framework(
    agent: &Agent,
    team: &Team,
    guidance: &TeamGuidance,
    tools: &[(&str, &str)],
) -> String {
    let mut text = format!("{FRAMEWORK_HEADING}\n\nAs {}, ", shortened(&agent.role, ROLE));
    match (team.framework(), tools.is_empty()) {
        (FrameworkExtent::None, _) => return String::new(),
        (_, true) => text.push_str("you decide how much orchestration a request takes. Use this framework:\n"),
        (_, false) => text.push_str(
            "you have access to powerful orchestration tools. Use this framework to decide when to use each:\n",
        ),
    }
    for (name, line) in tools {
        let _ = write!(text, "\n- `{name}`: {line}");
    }
    if !tools.is_empty() {
        text.push('\n');
    }
    if team.framework() == FrameworkExtent::Full {
        text.push_str("\n### Decision Matrix\n");
        for tier in Tier::ALL {
            let _ = write!(text, "{}", row(tier, agent, team, guidance));
        }
        patterns(&mut text, agent, guidance);
    }
    text.push_str("\n### Key Questions to Ask\n");
    for (number, question) in (1..).zip(KEY_QUESTIONS) {
        let _ = writeln!(text, "{number}. {question}");
    }
    if !guidance.learnings.is_empty() {
        text.push_str("\n### Recent Learnings\n");
        for learning in &guidance.learnings {
            let _ = writeln!(text, "- {}", shortened(learning, LEARNING));
        }
    }
    text.push_str("\nRemember: Choose the minimal orchestration that ensures success.");
    text
}

/// A line of the decision matrix: what an approach is for, who takes part in it here, and its patterns.
fn row(tier: Tier, agent: &Agent, team: &Team, guidance: &TeamGuidance) -> String {
    let domains = domains(team);
    let names = listed(&domains);
    let of_one_field = || match domains.as_slice() {
        [only] => format!("your team covers {} alone", shortened(only, NAME)),
        _ => "your team is one field".to_owned(),
    };
    // A team without domains may still be of many fields, as its patterns show.
    let has_own = guidance.patterns.iter().any(|pattern| pattern.tier == tier);
    let own = agent.domain.as_deref().filter(|_| domains.len() > 1);
    let what = match tier {
        Tier::One => match team.agents().len() {
            1 => "you answer at once, without any coordination".to_owned(),
            people => {
                format!("one of your {people} agents answers at once, without any coordination")
            }
        },
        Tier::Two => match (own, domains.len()) {
            (Some(own), _) => format!("some steps inside {}", shortened(own, NAME)),
            (None, 2..) => "some steps inside one of your domains".to_owned(),
            _ => "some steps inside your team".to_owned(),
        },
        Tier::Three if domains.len() <= 1 && has_own => {
            "several fields take part; your team has patterns for it".to_owned()
        }
        Tier::Four if domains.len() <= 1 && has_own => {
            "many teams, approval gates, executives looking on; your team has patterns for it"
                .to_owned()
        }
        Tier::Three if domains.len() > 1 => format!("two or more of your domains ({names})"),
        Tier::Three => {
            format!("other fields take part; {}, so this lies beyond it", of_one_field())
        }
        Tier::Four if domains.len() > 1 => {
            "all your domains or further teams, with approval gates and executives looking on"
                .to_owned()
        }
        Tier::Four => {
            "many teams, approval gates, executives looking on; beyond your team".to_owned()
        }
    };
    let mut text = format!("- {}: {what}", approach(tier));
    let there = |layer: &&Layer| team.agents().iter().any(|agent| agent.layer == Some(**layer));
    let layers: Vec<&str> =
        tier.rules().layers.iter().filter(there).map(|layer| layer.as_str()).collect();
    if !layers.is_empty() {
        let _ = write!(text, "; takes {}", layers.join(", "));
    }
    let is_short = |name: &&str| name.chars().count() <= NAME;
    let names = guidance.of_tier(tier).map(|pattern| pattern.name.as_str()).filter(is_short);
    let names: Vec<&str> = names.take(MOST_NAMES).collect();
    if !names.is_empty() {
        let _ = write!(text, " (`{}`)", names.join("`, `"));
    }
    text.push('\n');
    text
}

/// The patterns of the team, the most fitting first; of others where it has none.
fn patterns(text: &mut String, agent: &Agent, guidance: &TeamGuidance) {
    let own = guidance.fitting(agent);
    let (known, opening) = match own.is_empty() {
        false => (own, None),
        true => (guidance.beyond.iter().collect(), Some("None of its own; near to its work are:")),
    };
    if known.is_empty() {
        return;
    }
    text.push_str("\n### Your Team's Patterns\n");
    if let Some(opening) = opening {
        let _ = writeln!(text, "{opening}");
    }
    let is_short = |pattern: &&&KnownPattern| pattern.name.chars().count() <= NAME;
    for pattern in known.iter().filter(is_short).take(MOST_SUMMARIES) {
        let _ = write!(text, "- `{}` (tier {})", pattern.name, pattern.tier.number());
        if !pattern.summary.trim().is_empty() {
            let _ = write!(text, ": {}", shortened(&pattern.summary, SUMMARY));
        }
        text.push('\n');
    }
    if known.len() > MOST_SUMMARIES {
        let _ = writeln!(text, "- and {} more", known.len() - MOST_SUMMARIES);
    }
}

/// The domains of a team, in the order in which its members name them.
fn domains(team: &Team) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for domain in team.agents().iter().filter_map(|agent| agent.domain.as_deref()) {
        if !found.iter().any(|known| is_same_role(known, domain)) {
            found.push(domain);
        }
    }
    found
}

fn listed(domains: &[&str]) -> String {
    let mut names: Vec<String> =
        domains.iter().take(MOST_DOMAINS).map(|domain| shortened(domain, NAME / 2)).collect();
    if domains.len() > MOST_DOMAINS {
        names.push("…".to_owned());
    }
    names.join(", ")
}

/// One line of a text, cut between words if it is longer than so many characters.
fn shortened(text: &str, most: usize) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    let cut: String = line.chars().take(most).collect();
    let kept = cut.rsplit_once(' ').map_or(cut.as_str(), |(kept, _)| kept);
    format!("{}…", kept.trim_end_matches([',', ';', ':']))
}
