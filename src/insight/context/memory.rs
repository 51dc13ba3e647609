//! The memory hierarchy of seed 001. What is remembered where follows from the facts and the time alone;
//! nothing is moved or forgotten.
//!
//! | level | holds | moves on when |
//! | --- | --- | --- |
//! | working memory | what has happened in the session that is under way | the next session begins |
//! | short-term memory | what happened in the seven days before, in earlier sessions | it is seven days old |
//! | long-term memory | everything else | never |
//! | knowledge base | what was learned more than once, and how patterns have fared | see [`Knowledge`] |

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::happening::Happening;
use super::state::{Context, Insight};
use crate::engine::Time;
use crate::insight::wording::gist;

/// So far back reaches short-term memory.
pub const SHORT_TERM: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// From fewer runs nothing is concluded about a pattern.
const FEWEST_RUNS: u64 = 3;

/// What is remembered, by level; each the oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Memory {
    /// Of this session.
    pub working: Vec<Happening>,
    /// Of the last seven days, without this session.
    pub short_term: Vec<Happening>,
    /// Of the time before.
    pub long_term: Vec<Happening>,
    /// What has proved itself.
    pub knowledge: Knowledge,
}

/// What has proved itself, over all contexts of a journal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Knowledge {
    /// What was learned in several contexts, or in one of them again in another session or run; what was
    /// learned most often first.
    pub insights: Vec<KnownInsight>,
    /// How patterns have fared of which three runs or more are over, rehearsals left out.
    pub patterns: Vec<LearnedPattern>,
}

/// An insight that was confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownInsight {
    /// What.
    pub text: String,
    /// In how many contexts.
    pub contexts: u64,
    /// How often in all.
    pub times: u64,
}

/// How a pattern has fared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LearnedPattern {
    /// Its name.
    pub name: String,
    /// Runs that are over.
    pub runs: u64,
    /// Those of them that succeeded.
    pub succeeded: u64,
    /// Agents that they asked, together.
    pub agents: u64,
}

impl Memory {
    /// What is remembered of a project at a moment; `all` are the contexts of the journal, its own among
    /// them.
    pub fn of(context: &Context, all: &[Context], now: Time) -> Memory {
        let session = context.sessions.last().map_or(now, |session| session.began);
        let week = now - SHORT_TERM;
        let mut memory = Memory {
            working: Vec::new(),
            short_term: Vec::new(),
            long_term: Vec::new(),
            knowledge: Knowledge::of(all),
        };
        for happening in context.happenings() {
            let level = match happening.at {
                Some(at) if at >= session => &mut memory.working,
                Some(at) if at >= week => &mut memory.short_term,
                _ => &mut memory.long_term,
            };
            level.push(happening);
        }
        memory
    }
}

impl Knowledge {
    /// What contexts have taught together.
    pub fn of(contexts: &[Context]) -> Knowledge {
        let mut insights: BTreeMap<String, (KnownInsight, bool)> = BTreeMap::new();
        let mut patterns: BTreeMap<&str, LearnedPattern> = BTreeMap::new();
        for context in contexts {
            let mut counted = BTreeSet::new();
            for insight in &context.insights {
                let new = || KnownInsight { text: insight.text.clone(), contexts: 0, times: 0 };
                let meant = gist(&insight.text);
                let (known, confirmed) =
                    insights.entry(meant.clone()).or_insert_with(|| (new(), false));
                known.contexts += u64::from(counted.insert(meant));
                known.times += insight.seen.len().max(1) as u64;
                *confirmed |= was_confirmed(insight);
            }
            let ends = context.runs.iter().filter_map(|run| Some((run, run.end.as_ref()?)));
            for (run, end) in ends.filter(|(_, end)| !end.figures.simulated) {
                let new =
                    || LearnedPattern { name: run.name.clone(), runs: 0, succeeded: 0, agents: 0 };
                let pattern = patterns.entry(&run.name).or_insert_with(new);
                pattern.runs += 1;
                pattern.succeeded += u64::from(end.succeeded());
                pattern.agents += end.figures.agents;
            }
        }
        let known = insights.into_values();
        let known = known.filter(|(known, confirmed)| known.contexts > 1 || *confirmed);
        let mut insights: Vec<KnownInsight> = known.map(|(known, _)| known).collect();
        insights.sort_by(|one, other| {
            (other.contexts, other.times, &one.text).cmp(&(one.contexts, one.times, &other.text))
        });
        let patterns = patterns.into_values().filter(|pattern| pattern.runs >= FEWEST_RUNS);
        Knowledge { insights, patterns: patterns.collect() }
    }
}

/// Whether it was learned again elsewhere than where it was learned first.
fn was_confirmed(insight: &Insight) -> bool {
    insight.seen.len() > 1 && (insight.sessions.len() > 1 || insight.runs.len() > 1)
}
