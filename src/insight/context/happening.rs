//! What has happened in a context, one after the other, in words.

use super::fact::TaskEnding;
use super::state::Context;
use crate::engine::Time;

/// Something that has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// When, where that is known.
    pub at: Option<Time>,
    /// What kind of thing.
    pub kind: HappeningKind,
    /// The id of what it is about; empty for an insight or a synthesis.
    pub id: String,
    /// In words.
    pub text: String,
}

/// What kind of thing has happened. The order is that in which prompts tell of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HappeningKind {
    /// Something was decided.
    Decided,
    /// Something was learned.
    Learned,
    /// A task was done.
    Done,
    /// A task was given up, or a run of it ended without success.
    Failed,
    /// What agents said was put together.
    Synthesized,
    /// An objective was reached or dropped.
    ObjectiveEnded,
    /// An objective was set.
    ObjectiveSet,
}

impl HappeningKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            HappeningKind::Decided => "decided",
            HappeningKind::Learned => "learned",
            HappeningKind::Done => "done",
            HappeningKind::Failed => "failed",
            HappeningKind::Synthesized => "synthesis",
            HappeningKind::ObjectiveEnded => "objective ended",
            HappeningKind::ObjectiveSet => "objective",
        }
    }
}

impl Context {
    /// All that has happened, the oldest first; what has no time comes before everything else.
    pub fn happenings(&self) -> Vec<Happening> {
        let mut all = Vec::new();
        let mut add = |at: Option<Time>, kind, id: &str, text: String| {
            all.push(Happening { at, kind, id: id.to_owned(), text });
        };
        for objective in &self.objectives {
            let (kind, text) = match objective.is_active() {
                true => (HappeningKind::ObjectiveSet, objective.description.clone()),
                false => {
                    let text = format!("{} ({})", objective.description, objective.status);
                    (HappeningKind::ObjectiveEnded, text)
                }
            };
            add(objective.created, kind, &objective.id, text);
        }
        for (task, end) in self.ended_tasks() {
            let kind = match end.ending {
                TaskEnding::Succeeded => HappeningKind::Done,
                TaskEnding::Failed => HappeningKind::Failed,
            };
            add(end.at, kind, &task.id, format!("{}: {}", task.description, end.outcome));
        }
        for run in &self.runs {
            if let Some(end) = run.end.as_ref().filter(|end| !end.succeeded()) {
                let text = format!("run {} of {}: {}", run.run, run.name, end.outcome);
                add(Some(end.at), HappeningKind::Failed, &run.task, text);
            }
        }
        for decision in &self.decisions {
            if let Some((record, at)) = &decision.made {
                let because = match record.rationale.is_empty() {
                    true => String::new(),
                    false => format!(", because {}", record.rationale),
                };
                let text = format!("{} {}{because}", record.question, record.choice);
                add(*at, HappeningKind::Decided, &decision.id, text);
            }
        }
        for (at, synthesis) in &self.syntheses {
            let part = |name: &str, texts: &[String]| match texts.is_empty() {
                true => None,
                false => Some(format!("{name}: {}", texts.join("; "))),
            };
            let parts = [
                part("agreed", &synthesis.agreements),
                part("in conflict", &synthesis.conflicts),
                part("patterns", &synthesis.patterns),
                part("unknown", &synthesis.unknowns),
            ];
            let parts: Vec<String> = parts.into_iter().flatten().collect();
            let question = match synthesis.question.is_empty() {
                true => String::new(),
                false => format!("{} ", synthesis.question),
            };
            let text = format!("{question}{}", parts.join(". "));
            add(Some(*at), HappeningKind::Synthesized, "", text);
        }
        for insight in &self.insights {
            add(insight.seen.last().copied(), HappeningKind::Learned, "", insight.text.clone());
        }
        // A stable order: of one moment, as they stand above.
        all.sort_by_key(|happening| happening.at);
        all
    }

    /// What has happened since a moment, the oldest first.
    pub fn since(&self, moment: Time) -> Vec<Happening> {
        let mut all = self.happenings();
        all.retain(|happening| happening.at.is_some_and(|at| at >= moment));
        all
    }
}
