//! Why a task asked a server or did not, and why it ran where and when it did.

use std::sync::Arc;

use super::failure::Failure;
use super::forking::task_at;
use super::stored::{StoredRun, find_run};
use crate::insight::{Differing, History, Origin, Told};
use crate::language::plan::{TaskId, Work};
use crate::runtime::journal::RunRecord;

/// What is to be said of a task of a run.
pub struct Account {
    /// The run.
    pub record: RunRecord,
    /// What happened in it.
    pub history: History,
    /// The task.
    pub task: TaskId,
    /// The run that it is compared with.
    pub than: Option<String>,
    /// Why it asked, or asked nobody.
    pub reason: Reason,
    /// The key under which its answer is found, where it has asked or could have.
    pub key: Option<String>,
    /// What its answer follows from otherwise than in the run that it is compared with.
    pub differing: Vec<Differing>,
    /// Where that comes from, step by step.
    pub origins: Vec<Origin>,
}

/// Why a task asked a server, or asked nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It took an answer of an earlier run.
    Reused,
    /// It kept its result in a fork.
    Kept,
    /// It has not begun, or was not to be done.
    NotAsked,
    /// It asks no model.
    AsksNobody,
    /// Its run is the first of its name.
    FirstRun,
    /// The run that it is compared with has no such task.
    NewTask,
    /// It asked nobody there.
    NotAskedThere,
    /// Nobody answered there.
    NotAnsweredThere,
    /// Its answer follows from something else than there.
    Differs,
    /// It asks anew every time: `cache: false`.
    OptedOut,
    /// The same was answered there, and its run was not to take answers.
    CacheOff,
    /// The same was answered there, and was not found.
    NotFound,
}

impl Reason {
    /// The reason in machine output.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Reused => "reused",
            Reason::Kept => "kept",
            Reason::NotAsked => "not_asked",
            Reason::AsksNobody => "asks_nobody",
            Reason::FirstRun => "first_run",
            Reason::NewTask => "new_task",
            Reason::NotAskedThere => "not_asked_there",
            Reason::NotAnsweredThere => "not_answered_there",
            Reason::Differs => "differs",
            Reason::OptedOut => "opted_out",
            Reason::CacheOff => "cache_off",
            Reason::NotFound => "not_found",
        }
    }
}

impl StoredRun {
    /// What is to be said of a task, in comparison with another run: the newest earlier one of the
    /// same name where none is given, for a reused answer the one that it comes from.
    ///
    /// # Errors
    /// When the task or the other run is unknown, or the journal is damaged.
    pub fn account(self, task: &str, than: Option<&str>) -> Result<Account, Failure> {
        let folder = self.journal.folder().to_owned();
        let facts = self.facts()?;
        let history = History::of_facts(Arc::clone(&self.plan), &facts);
        // Not the plan as it was entered: a task may be one by which it has grown.
        let id = task_at(history.plan(), task)?;
        let earlier = match than {
            Some(than) => Some(find_run(&folder, Some(than))?),
            None => self.earlier(&history, id)?,
        };
        let contents = self.contents()?;
        let now = Told::of(&self.plan, &facts, &contents).map_err(|e| self.damaged(&e))?;
        let mut account = Account {
            than: earlier.as_ref().map(|run| run.record.id.to_string()),
            reason: reason_alone(&history, id).unwrap_or(Reason::FirstRun),
            key: now.requests().get(id).map(|asked| asked.manifest.key().to_string()),
            differing: Vec::new(),
            origins: Vec::new(),
            task: id,
            history,
            record: self.record.clone(),
        };
        if let Some(earlier) = &earlier {
            earlier.compare(&now, &mut account)?;
        }
        Ok(account)
    }

    /// The run that a task is compared with where none is named.
    fn earlier(&self, history: &History, task: TaskId) -> Result<Option<StoredRun>, Failure> {
        let record = &self.record;
        let runs = self.journal.runs()?;
        let source = history.task(task).reused.as_ref().map(|reused| reused.run.as_str());
        let older = runs.iter().skip_while(|run| run.id != record.id).skip(1);
        let chosen = match source {
            Some(source) => runs.iter().find(|run| run.id.as_str() == source),
            None => older.into_iter().find(|run| run.name == record.name),
        };
        match chosen {
            Some(chosen) => find_run(self.journal.folder(), Some(chosen.id.as_str())).map(Some),
            None => Ok(None),
        }
    }

    /// Compares what a task asked in another run with what it asked in this one, which was earlier.
    fn compare(&self, now: &Told<'_>, account: &mut Account) -> Result<(), Failure> {
        let facts = self.facts()?;
        let contents = self.contents()?;
        let before = Told::of(&self.plan, &facts, &contents).map_err(|e| self.damaged(&e))?;
        let reused = account.history.task(account.task).reused.as_ref();
        let path = match reused.filter(|reused| reused.run == self.record.id.as_str()) {
            Some(reused) => &reused.task,
            None => &now.plan().task(account.task).path,
        };
        let there = before.plan().find(path);
        let asked_there = there.and_then(|task| before.requests().get(task));
        if let Some(asked) = now.requests().get(account.task)
            && let Some(asked_there) = asked_there
        {
            let found = now.differing(asked, (&before, asked_there));
            account.differing = found.map_err(|error| self.damaged(&error))?;
        }
        if account.reason != Reason::FirstRun {
            return Ok(());
        }
        account.reason = match (there, asked_there) {
            (None, _) => Reason::NewTask,
            (Some(_), None) => Reason::NotAskedThere,
            (Some(_), Some(_)) if !account.differing.is_empty() => Reason::Differs,
            (Some(_), Some(asked)) if !asked.answered => Reason::NotAnsweredThere,
            _ if opts_out(&account.history, account.task) => Reason::OptedOut,
            _ if !account.history.reuses_answers() => Reason::CacheOff,
            _ => Reason::NotFound,
        };
        if account.reason == Reason::Differs {
            account.origins = now.origins(account.task, &before);
        }
        Ok(())
    }
}

/// Why a task asked nobody; `None` where it did ask.
fn reason_alone(history: &History, id: TaskId) -> Option<Reason> {
    let task = history.task(id);
    if !history.plan().task(id).asks_a_model() {
        return Some(Reason::AsksNobody);
    }
    match (&task.reused, &task.kept) {
        (Some(_), _) => Some(Reason::Reused),
        (None, Some(_)) => Some(Reason::Kept),
        (None, None) => task.attempts.is_empty().then_some(Reason::NotAsked),
    }
}

fn opts_out(history: &History, id: TaskId) -> bool {
    matches!(&history.plan().task(id).work, Work::Ask(ask) if !ask.cache)
}
