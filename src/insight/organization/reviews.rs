//! Reviews with their rounds: who found what.

use serde_json::Value;

use super::messages::read;
use super::work::WorkHistory;
use crate::engine::content::Contents;
use crate::engine::{TaskStatus, Time};
use crate::insight::history::History;
use crate::language::plan::{Iterate, Over, ScopeId, TaskId, Work};
use crate::organization::AgentId;

/// A gate at which agents decide.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    /// The task.
    pub task: TaskId,
    /// The name of the task by which the piece of work is reviewed: this one, or that which it is a part of.
    pub gate: String,
    /// The piece of work that is reviewed.
    pub item: Option<usize>,
    /// Its rounds, in order.
    pub rounds: Vec<ReviewRound>,
    /// Whether it was passed; nothing where that is open.
    pub passed: Option<bool>,
    /// When it was over.
    pub ended: Option<Time>,
}

/// A round of a review.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewRound {
    /// What each reviewer found, those that have said something.
    pub verdicts: Vec<ReviewVerdict>,
    /// Whether enough of them passed it; nothing while some are still at it.
    pub passed: Option<bool>,
}

/// What a reviewer found.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewVerdict {
    /// Who.
    pub reviewer: AgentId,
    /// Whether it passes everything.
    pub passed: bool,
    /// The criteria that are not met.
    pub unmet: Vec<String>,
    /// What was said to whoever does it again.
    pub feedback: String,
    /// When.
    pub at: Option<Time>,
}

impl Review {
    /// Whether the first round passed it; nothing where that is open.
    pub fn passed_at_once(&self) -> Option<bool> {
        self.rounds.first()?.passed
    }
}

/// The reviews of a run that have begun, in the plan's order.
pub(super) fn reviews(
    history: &History,
    work: &WorkHistory,
    contents: &dyn Contents,
) -> Vec<Review> {
    let plan = history.plan();
    let review = |(task, _): (TaskId, _)| {
        let Work::Iterate(iterate) = &plan.task(task).work else { return None };
        let Iterate { over: Over::Review(review), .. } = &**iterate else { return None };
        let sight = Sight { history, work, contents, review };
        let rounds = history.inside(task);
        let rounds: Vec<ReviewRound> = rounds.iter().filter_map(|one| sight.round(*one)).collect();
        let record = history.task(task);
        if rounds.is_empty() && record.kept.is_none() {
            return None;
        }
        let found = read(contents, record.output.as_ref());
        let passed = found["passed"].as_bool().filter(|_| record.status().is_final());
        let is_lost = record.status() == TaskStatus::Failed;
        Some(Review {
            task,
            gate: gate(history, work, task),
            item: work.of_task(history, task),
            rounds,
            passed: passed.or(is_lost.then_some(false)),
            ended: work.ended(task),
        })
    };
    history.tasks().filter_map(review).collect()
}

/// The name of what stands in the pattern of the piece of work, with the task inside it.
fn gate(history: &History, work: &WorkHistory, task: TaskId) -> String {
    let plan = history.plan();
    let item = work.of_task(history, task).and_then(|item| work.items.get(item)?.scope);
    let mut all = std::iter::once(task).chain(plan.around(task));
    let own = all.find(|one| Some(plan.task(*one).scope) == item).unwrap_or(task);
    plan.task(own).name.clone()
}

struct Sight<'h> {
    history: &'h History,
    work: &'h WorkHistory,
    contents: &'h dyn Contents,
    review: &'h crate::language::plan::Review,
}

impl Sight<'_> {
    fn round(&self, scope: ScopeId) -> Option<ReviewRound> {
        let plan = self.history.plan();
        let first = plan.scope(scope).tasks.first()?;
        let Work::Call { scope: inside, .. } = &plan.task(*first).work else { return None };
        let tasks = plan.scope(*inside).tasks.iter();
        let reviewers: Vec<TaskId> = tasks
            .copied()
            .filter(|id| self.review.reviewers.contains(&plan.task(*id).name))
            .collect();
        let verdicts: Vec<ReviewVerdict> =
            reviewers.iter().filter_map(|id| self.verdict(*id)).collect();
        let is_over = reviewers.iter().all(|id| self.history.task(*id).status().is_final());
        let passes = verdicts.iter().filter(|verdict| verdict.passed).count();
        let passed = is_over.then_some(passes >= self.review.required as usize);
        Some(ReviewRound { verdicts, passed })
    }

    /// What is no verdict has not passed it.
    fn verdict(&self, id: TaskId) -> Option<ReviewVerdict> {
        let (plan, task) = (self.history.plan(), self.history.task(id));
        if !task.status().is_final() {
            return None;
        }
        let said = read(self.contents, task.output.as_ref());
        let meets = |name: &&String| said["criteria"][name.as_str()]["pass"] == Value::Bool(true);
        let unmet = self.review.criteria.iter().filter(|name| !meets(name));
        let unmet: Vec<String> = unmet.cloned().collect();
        let agent = plan.agent_of(plan.task(id)).map(|agent| agent.agent.id.clone());
        Some(ReviewVerdict {
            reviewer: agent.unwrap_or_else(|| AgentId::new(None, &plan.task(id).name)),
            passed: unmet.is_empty(),
            unmet,
            feedback: said["feedback"].as_str().unwrap_or_default().trim().to_owned(),
            at: self.work.ended(id),
        })
    }
}
