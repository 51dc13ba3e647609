//! Work that is done several times, as often as only a run knows.
//!
//! A plan holds it once, as a body whose ids count from its own first task. When a run knows how
//! often it is done, the plan grows by a copy of the body for each time.

use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::choice::{MOST_CANDIDATES, Pairs, Samples, TieBreak};
use super::expand::{Expand, Part};
use super::ladder::Ladder;
use super::model::{Plan, Scope, Task, TaskId, Wave};
use crate::language::document::{DocumentKind, Require, Stop, Unmet, is_identifier};

/// So many items are expected where nobody can know.
const EXPECTED_ITEMS: usize = 5;

/// Work that is done several times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Iterate {
    /// What is done each time.
    pub body: Body,
    /// How often.
    pub over: Over,
}

/// How often work is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Over {
    /// Once for each item of a list.
    Items(Items),
    /// Until it is good enough, one time behind the other.
    Rounds(Rounds),
    /// Until reviewers pass it: the body is a review, from the second time on of what has been done
    /// again.
    Review(Review),
    /// So often that the answer given most often is known.
    Samples(Samples),
    /// Once where a vote ends in a tie, else never.
    TieBreak(TieBreak),
    /// Twice for each two of several results.
    Pairs(Pairs),
    /// As an agent plans: the body is what the agent is asked.
    Expand(Box<Expand>),
    /// Until somebody succeeds: the body is what is done at first.
    Ladder(Ladder),
}

/// The items for which work is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Items {
    /// A list or a mapping, or an expression that gives either.
    pub items: Value,
    /// What an item is called in templates.
    pub name: String,
    /// What tells an item from the others: a template.
    pub key: Option<String>,
    /// More are an error.
    pub max: u32,
    /// The most that are worked on at a time.
    pub parallel: Option<NonZeroU32>,
    /// How many must succeed.
    pub require: Require,
    /// When those that are left are not done any more.
    pub stop: Stop,
}

/// When what is done in rounds is good enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rounds {
    /// It is, where this expression is true of a round.
    pub until: Option<String>,
    /// The most rounds.
    pub max: u32,
    /// An expression that says how good a round is, in a number.
    pub best: Option<String>,
    /// So many rounds without a better one are the last.
    pub patience: Option<NonZeroU32>,
    /// What it means that `until` was never true.
    pub unmet: Unmet,
}

/// What reviewers decide on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// An expression that gives what is reviewed.
    pub of: String,
    /// The criteria by name.
    pub criteria: Vec<String>,
    /// The reviewers, by the names of their tasks.
    pub reviewers: Vec<String>,
    /// So many of them must pass it.
    pub required: u32,
    /// So often it is done again where they do not.
    pub revisions: u32,
    /// What is said where they never do: a template.
    pub message: Option<String>,
}

/// The task of which an expression gives the whole output: `tasks.NAME.output`.
pub(super) fn reviewed_task(of: &str) -> Option<&str> {
    let of = of.trim();
    let inner = of.strip_prefix("{{").and_then(|of| of.strip_suffix("}}")).unwrap_or(of).trim();
    let name = inner.strip_prefix("tasks.")?.strip_suffix(".output")?;
    is_identifier(name).then_some(name)
}

/// One task, and what is inside it, as it is done each time. Ids count from 0; addresses have `[*]` in the
/// place of the key, or where it is always the same, such as that of a plan, the key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// Scopes; the first has one task and no caller yet.
    pub scopes: Vec<Scope>,
    /// Waves.
    pub waves: Vec<Wave>,
    /// Tasks; the first is what is done.
    pub tasks: Vec<Task>,
}

impl Iterate {
    /// What is done each time.
    pub fn task(&self) -> &Task {
        &self.body.tasks[0]
    }

    /// The most times that it is done at once.
    pub fn parallel(&self) -> usize {
        match &self.over {
            Over::Items(items) => {
                items.parallel.map_or(usize::MAX, |parallel| parallel.get() as usize)
            }
            Over::Samples(samples) => {
                samples.parallel.map_or(usize::MAX, |parallel| parallel.get() as usize)
            }
            Over::TieBreak(_) | Over::Pairs(_) | Over::Expand(_) => usize::MAX,
            Over::Rounds(_) | Over::Review(_) | Over::Ladder(_) => 1,
        }
    }

    /// The most times that it is done in all.
    pub fn most(&self) -> usize {
        match &self.over {
            Over::Items(items) => items.max as usize,
            Over::Rounds(rounds) => rounds.max as usize,
            Over::Review(review) => 1 + review.revisions as usize,
            Over::Samples(samples) => samples.count as usize,
            Over::TieBreak(_) => 1,
            Over::Ladder(ladder) => 1 + ladder.rungs.len(),
            Over::Pairs(_) => Pairs::comparisons(MOST_CANDIDATES),
            Over::Expand(expand) => {
                let of_round = 1 + expand.planning.max_tasks as usize;
                of_round * (1 + expand.replans as usize) + usize::from(expand.synthesis.is_some())
            }
        }
    }

    /// How often it is expected to be done: as often as the author's own list says, or a guess; of rounds,
    /// as many as there may be.
    pub fn expected_count(&self) -> usize {
        match &self.over {
            Over::Items(items) => match &items.items {
                Value::Array(list) => list.len(),
                Value::Object(map) => map.len(),
                _ => EXPECTED_ITEMS.min(items.max as usize),
            },
            Over::Rounds(rounds) => rounds.max as usize,
            Over::Review(review) => 1 + review.revisions as usize,
            Over::Samples(samples) => samples.expected_count(),
            Over::TieBreak(_) | Over::Ladder(_) => 1,
            Over::Pairs(pairs) => Pairs::comparisons(pairs.sources.len()),
            Over::Expand(expand) => {
                1 + expand.expected_tasks() + usize::from(expand.synthesis.is_some())
            }
        }
    }

    /// How long it is expected to take: one after the other, and as it runs.
    pub(super) fn estimates(&self) -> (Duration, Duration) {
        if let Over::Expand(expand) = &self.over {
            return self.estimates_of_plan(expand);
        }
        let forecast = self.body.as_plan().forecast();
        let times = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let count = self.expected_count();
        let rounds = count.div_ceil(self.parallel().min(count.max(1)));
        (forecast.sequential * times(count), forecast.parallel * times(rounds))
    }

    /// The same of what is planned: each entry of the catalogue about as often as the others, all of
    /// them side by side.
    fn estimates_of_plan(&self, expand: &Expand) -> (Duration, Duration) {
        let around = std::iter::once(&self.body).chain(&expand.synthesis);
        let around = around.map(|body| body.as_plan().forecast());
        let (mut sequential, mut parallel) = (Duration::ZERO, Duration::ZERO);
        for forecast in around {
            sequential += forecast.sequential;
            parallel += forecast.parallel;
        }
        let entries = expand.entries.iter().map(|body| body.as_plan().forecast());
        let entries: Vec<_> = entries.collect();
        for place in 0..expand.expected_tasks() {
            if let Some(entry) = entries.get(place % entries.len().max(1)) {
                sequential += entry.sequential;
            }
        }
        let longest = entries.iter().map(|entry| entry.parallel).max().unwrap_or_default();
        (sequential, parallel + longest)
    }

    /// Everything that it may do: what it does each time, or what a plan may be made of, or what others
    /// do where it fails.
    pub fn bodies(&self) -> impl Iterator<Item = &Body> {
        std::iter::once(&self.body).chain(self.others().into_iter().map(|(_, body)| body))
    }

    /// The parts that these are, in the same order.
    pub fn parts(&self) -> impl Iterator<Item = Part> {
        std::iter::once(Part::Main).chain(self.others().into_iter().map(|(part, _)| part))
    }

    /// What it may do besides what it does each time.
    fn others(&self) -> Vec<(Part, &Body)> {
        let numbered = |part: fn(u32) -> Part| (0..).map(part);
        match &self.over {
            Over::Expand(expand) => {
                let entries = numbered(Part::Entry).zip(&expand.entries);
                let synthesis = expand.synthesis.iter().map(|body| (Part::Synthesis, body));
                entries.chain(synthesis).collect()
            }
            Over::Ladder(ladder) => {
                numbered(Part::Rung).zip(ladder.rungs.iter().map(|rung| &rung.body)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The bodies, to be changed.
    pub(super) fn bodies_mut(&mut self) -> impl Iterator<Item = &mut Body> {
        let others: Vec<&mut Body> = match &mut self.over {
            Over::Expand(expand) => {
                expand.entries.iter_mut().chain(&mut expand.synthesis).collect()
            }
            Over::Ladder(ladder) => ladder.rungs.iter_mut().map(|rung| &mut rung.body).collect(),
            _ => Vec::new(),
        };
        std::iter::once(&mut self.body).chain(others)
    }

    /// What is done in one of the times.
    pub(super) fn part(&self, part: Part) -> Option<&Body> {
        match (part, &self.over) {
            (Part::Main, _) => Some(&self.body),
            (Part::Entry(place), Over::Expand(expand)) => expand.entries.get(place as usize),
            (Part::Synthesis, Over::Expand(expand)) => expand.synthesis.as_ref(),
            (Part::Rung(place), Over::Ladder(ladder)) => {
                ladder.rungs.get(place as usize).map(|rung| &rung.body)
            }
            _ => None,
        }
    }
}

impl Over {
    /// The tasks whose results it chooses from, if it chooses.
    pub fn sources(&self) -> &[TaskId] {
        match self {
            Over::TieBreak(tie_break) => &tie_break.sources,
            Over::Pairs(pairs) => &pairs.sources,
            Over::Items(_)
            | Over::Rounds(_)
            | Over::Review(_)
            | Over::Samples(_)
            | Over::Expand(_)
            | Over::Ladder(_) => &[],
        }
    }

    /// The same, to be changed.
    pub(super) fn sources_mut(&mut self) -> Option<&mut Vec<TaskId>> {
        match self {
            Over::TieBreak(tie_break) => Some(&mut tie_break.sources),
            Over::Pairs(pairs) => Some(&mut pairs.sources),
            Over::Items(_)
            | Over::Rounds(_)
            | Over::Review(_)
            | Over::Samples(_)
            | Over::Expand(_)
            | Over::Ladder(_) => None,
        }
    }
}

impl Body {
    /// The same as a plan, to look at it as one.
    pub(super) fn as_plan(&self) -> Plan {
        Plan {
            name: String::new(),
            kind: DocumentKind::Pattern,
            summary: String::new(),
            scopes: self.scopes.clone(),
            waves: self.waves.clone(),
            tasks: self.tasks.clone(),
            teams: Vec::new(),
            agents: Vec::new(),
            tool_servers: Vec::new(),
            expected: None,
            budget: None,
        }
    }
}
