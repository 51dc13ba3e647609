//! What of a pattern its cases have met: its tasks, both sides of its conditions, the choices of its
//! gates, its fallbacks, what undoes its tasks.

use super::play::Played;
use crate::engine::{FailureClass, SkipReason, TaskStatus};
use crate::insight::TaskRecord;
use crate::language::document::OnFailure;
use crate::language::plan::{FIRST_RUNG, Over, Plan, TaskId, Work, undoes};

/// What of a pattern its cases have met. What lies in patterns that it uses is theirs.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// Everything that can be met, in the order of the tasks.
    pub entries: Vec<Covered>,
}

/// Something that can be met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    task: TaskId,
    /// The task's name.
    pub name: String,
    /// What of the task.
    pub kind: Kind,
    /// In how many cases it was met.
    pub cases: usize,
}

/// What can be met of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// It is begun.
    Ran,
    /// Its condition is true, or false.
    When(bool),
    /// A person chooses this.
    Choice(String),
    /// The check or review is passed, or not.
    Check(bool),
    /// A fallback takes the place of its output.
    Fallback,
    /// It has failed, and the rung at this address takes it up; in words, who that is.
    TakenUp(String, &'static str),
    /// What undoes it is begun.
    Undone,
}

impl Kind {
    /// The group that it is counted with, in machine output.
    pub fn group(&self) -> &'static str {
        match self {
            Kind::Ran => "tasks",
            Kind::When(_) => "conditions",
            Kind::Choice(_) | Kind::Check(_) => "gates",
            Kind::Fallback | Kind::TakenUp(..) => "fallbacks",
            Kind::Undone => "compensations",
        }
    }

    /// What is met, in words.
    pub fn describe(&self) -> String {
        match self {
            Kind::Ran => "is begun".to_owned(),
            Kind::When(true) => "`when` is true".to_owned(),
            Kind::When(false) => "`when` is false".to_owned(),
            Kind::Choice(choice) => format!("`{choice}` is chosen"),
            Kind::Check(true) => "the check is passed".to_owned(),
            Kind::Check(false) => "the check is not passed".to_owned(),
            Kind::Fallback => "the fallback is taken".to_owned(),
            Kind::TakenUp(address, who) => format!("`{address}` (`{who}`) takes it up"),
            Kind::Undone => "is undone".to_owned(),
        }
    }
}

impl Coverage {
    /// The groups in the order in which they are shown.
    pub const GROUPS: [&'static str; 5] =
        ["tasks", "conditions", "gates", "fallbacks", "compensations"];

    /// Everything that can be met, and nothing met yet.
    pub(super) fn of(plan: &Plan) -> Coverage {
        let mut entries = Vec::new();
        for task in &plan.root().tasks {
            let mut add = |kind| {
                let name = plan.task(*task).name.clone();
                entries.push(Covered { task: *task, name, kind, cases: 0 });
            };
            add(Kind::Ran);
            let found = plan.task(*task);
            if found.when.is_some() {
                add(Kind::When(true));
                add(Kind::When(false));
            }
            match &found.work {
                Work::Approve { options, .. } => {
                    options.iter().for_each(|option| add(Kind::Choice(option.clone())));
                }
                Work::Check { .. } => {
                    add(Kind::Check(true));
                    add(Kind::Check(false));
                }
                Work::Iterate(iterate) => match &iterate.over {
                    Over::Review(_) => {
                        add(Kind::Check(true));
                        add(Kind::Check(false));
                    }
                    Over::Ladder(ladder) => {
                        for (number, rung) in (FIRST_RUNG..).zip(&ladder.rungs) {
                            let address = format!("{}[{number}]", found.path);
                            add(Kind::TakenUp(address, rung.kind.key()));
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
            if matches!(found.on_failure, OnFailure::Fallback(_)) {
                add(Kind::Fallback);
            }
            if found.undone_by().is_some() {
                add(Kind::Undone);
            }
        }
        Coverage { entries }
    }

    /// Adds what a case has met.
    pub(super) fn add(&mut self, played: &Played) {
        for entry in &mut self.entries {
            let history = &played.history;
            let is_met = match &entry.kind {
                Kind::Undone => is_undone(&entry.name, played),
                Kind::TakenUp(address, _) => history.plan().find(address).is_some(),
                kind => is_met(kind, history.task(entry.task)),
            };
            entry.cases += usize::from(is_met);
        }
    }

    /// How much of a group is met, and how much there is; of everything without a group.
    pub fn count(&self, group: Option<&str>) -> (usize, usize) {
        let of_group = |entry: &&Covered| group.is_none_or(|group| entry.kind.group() == group);
        let all = self.entries.iter().filter(of_group);
        (all.clone().filter(|entry| entry.cases > 0).count(), all.count())
    }

    /// What is met of everything, in percent; 100 where there is nothing.
    #[expect(clippy::cast_precision_loss, reason = "counts of tasks are small")]
    pub fn percent(&self) -> f64 {
        let (met, all) = self.count(None);
        if all == 0 { 100.0 } else { met as f64 * 100.0 / all as f64 }
    }
}

/// Whether a task is begun: not where it is skipped, never reached, or broken off before.
pub(super) fn has_run(record: &TaskRecord) -> bool {
    match record.status() {
        TaskStatus::Pending | TaskStatus::Skipped => false,
        TaskStatus::Cancelled => !record.attempts.is_empty(),
        _ => true,
    }
}

/// Whether what undoes a task, or one of the times that it was done, is begun.
fn is_undone(name: &str, played: &Played) -> bool {
    let plan = played.history.plan();
    let mut undoing = played.history.tasks().filter(|(id, _)| undoes(&plan.task(*id).path, name));
    undoing.any(|(_, record)| has_run(record))
}

fn is_met(kind: &Kind, record: &TaskRecord) -> bool {
    let failed_check =
        record.failure.as_ref().is_some_and(|failure| failure.class == FailureClass::CheckFailed);
    match kind {
        Kind::Ran | Kind::When(true) => has_run(record),
        Kind::When(false) => record.skipped == Some(SkipReason::Condition),
        Kind::Choice(choice) => {
            record.decision.as_ref().is_some_and(|decision| decision.0 == *choice)
        }
        Kind::Check(true) => record.status() == TaskStatus::Succeeded && !failed_check,
        Kind::Check(false) => failed_check,
        Kind::Fallback => record.fell_back,
        // Another task is begun then.
        Kind::TakenUp(..) | Kind::Undone => false,
    }
}
