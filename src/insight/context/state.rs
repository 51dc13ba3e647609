//! A context as its facts say: what it holds, beside the JSON of seed 001 that anybody may read.

use std::collections::{BTreeMap, BTreeSet};

use super::document::Document;
use super::fact::{DecisionRecord, SynthesisRecord, TaskEnding};
use super::run_news::RunFigures;
use crate::engine::Time;

/// What is known of a project: the fold of the facts of its context.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// The project.
    pub project: String,
    /// The JSON of seed 001.
    pub document: Document,
    /// When it was begun here, by creating or importing it.
    pub began: Time,
    /// The sessions that began here, in order.
    pub sessions: Vec<Session>,
    /// What is to be reached.
    pub objectives: Vec<Objective>,
    /// What is to be done and what was done.
    pub tasks: Vec<ContextTask>,
    /// Decisions that are asked for or made.
    pub decisions: Vec<ContextDecision>,
    /// What was put together of what several agents said.
    pub syntheses: Vec<(Time, SynthesisRecord)>,
    /// What was learned.
    pub insights: Vec<Insight>,
    /// Runs that were started in it, in order.
    pub runs: Vec<ContextRun>,
    /// The files that its JSON was written to or read from, with the hashes of their texts.
    pub files: BTreeMap<String, String>,
    /// How often something that was known went away without having ended.
    pub losses: u64,
    /// Whether it was put away.
    pub closed: bool,
    /// The number of its last fact.
    pub sequence: u64,
    /// When its last fact was stored.
    pub latest: Time,
    /// The number of facts when the file was read or written that is the same as the document.
    pub(super) filed_at: Option<u64>,
}

/// A time in which somebody worked in a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// `session_20240115_143000`.
    pub name: String,
    /// When it began.
    pub began: Time,
    /// When something was done in it first.
    pub first_act: Option<Time>,
    /// Whether something that was known before was lost when it began or in it.
    pub lost: bool,
}

/// Something that is to be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objective {
    /// `OBJ_001`.
    pub id: String,
    /// What.
    pub description: String,
    /// `active`, `completed`, `dropped`, or what an imported file says.
    pub status: String,
    /// When it was set, where that is known.
    pub created: Option<Time>,
}

/// Something that is to be done, or was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextTask {
    /// `TASK_001`.
    pub id: String,
    /// What.
    pub description: String,
    /// When it was added here; none for one of an imported file.
    pub added: Option<Time>,
    /// What came of it, if it is over.
    pub end: Option<TaskEnd>,
    /// The runs that did it, in order.
    pub runs: Vec<String>,
}

/// The end of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskEnd {
    /// What came of it.
    pub outcome: String,
    /// How.
    pub ending: TaskEnding,
    /// When, where that is known.
    pub at: Option<Time>,
}

/// A decision that is asked for or made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextDecision {
    /// `DEC_001`; of an imported file that gives it none, the question.
    pub id: String,
    /// What is to be decided.
    pub question: String,
    /// When it was asked; none where it was decided without having been asked, or was imported.
    pub asked: Option<Time>,
    /// What was decided, and when.
    pub made: Option<(DecisionRecord, Option<Time>)>,
    /// The run that decided it.
    pub run: Option<String>,
}

/// Something that was learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insight {
    /// What.
    pub text: String,
    /// When it was recorded and confirmed; empty for one of an imported file.
    pub seen: Vec<Time>,
    /// The sessions in which it was.
    pub sessions: BTreeSet<usize>,
    /// The runs that it came from.
    pub runs: BTreeSet<String>,
}

/// A run that was started in a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextRun {
    /// Its id.
    pub run: String,
    /// The name of the pattern or pipeline.
    pub name: String,
    /// The task that it does.
    pub task: String,
    /// The run that it is a fork of.
    pub of: Option<String>,
    /// When it was entered.
    pub entered: Time,
    /// The addresses of the tasks whose agents are entered.
    pub spawned: BTreeSet<String>,
    /// How it ended, what came of it, and its figures.
    pub end: Option<ContextRunEnd>,
}

/// The end of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextRunEnd {
    /// `succeeded`, `failed` or `cancelled`.
    pub status: String,
    /// What came of it.
    pub outcome: String,
    /// Its figures.
    pub figures: RunFigures,
    /// When it was known here.
    pub at: Time,
}

impl ContextRunEnd {
    /// Whether it has succeeded.
    pub fn succeeded(&self) -> bool {
        self.status == "succeeded"
    }
}

impl Context {
    /// The objectives that are to be reached.
    pub fn active_objectives(&self) -> impl Iterator<Item = &Objective> {
        self.objectives.iter().filter(|objective| objective.is_active())
    }

    /// The tasks that are to be done.
    pub fn active_tasks(&self) -> impl Iterator<Item = &ContextTask> {
        self.tasks.iter().filter(|task| task.end.is_none())
    }

    /// The tasks that are over, with their ends.
    pub fn ended_tasks(&self) -> impl Iterator<Item = (&ContextTask, &TaskEnd)> {
        self.tasks.iter().filter_map(|task| Some((task, task.end.as_ref()?)))
    }

    /// What is to be decided.
    pub fn pending_decisions(&self) -> impl Iterator<Item = &ContextDecision> {
        self.decisions.iter().filter(|decision| decision.made.is_none())
    }

    /// What was decided.
    pub fn made_decisions(&self) -> impl Iterator<Item = (&ContextDecision, &DecisionRecord)> {
        self.decisions.iter().filter_map(|decision| Some((decision, &decision.made.as_ref()?.0)))
    }

    /// The runs that are not known to be over.
    pub fn open_runs(&self) -> impl Iterator<Item = &ContextRun> {
        self.runs.iter().filter(|run| run.end.is_none())
    }

    /// A run.
    pub fn run(&self, id: &str) -> Option<&ContextRun> {
        self.runs.iter().find(|run| run.run == id)
    }

    /// Whether anything but sessions has happened since its JSON was last read from a file or written
    /// to one.
    pub fn has_unfiled_changes(&self) -> bool {
        self.filed_at != Some(self.sequence)
    }
}

impl Objective {
    /// Whether it is still to be reached.
    pub fn is_active(&self) -> bool {
        !matches!(self.status.as_str(), "completed" | "dropped")
    }
}
