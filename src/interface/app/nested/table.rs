//! The runs that a run has started: how each stands, what has happened since somebody looked, and who waits for it.

use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use serde_json::Value;
use tokio::sync::watch;

use crate::engine::{AwaitedNews, RunStatus};
use crate::insight::History;
use crate::interface::app::failure::Failure;
use crate::interface::app::stored::find_run;
use crate::language::document::Budget;
use crate::language::document::suggest::nearest;
use crate::runtime::embedded::{Control, Remote};
use crate::runtime::journal::RunRecord;

/// So many happenings are kept for who looks next, the newest.
const KEPT_HAPPENINGS: usize = 50;

/// A run that was started.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) run: String,
    /// The task that has started it.
    pub(super) task: String,
    /// The name of what is run, and the values of its inputs.
    pub(super) name: String,
    pub(super) inputs: Value,
    /// What it may spend.
    pub(super) granted: Budget,
    pub(super) standing: Standing,
    pub(super) history: History,
    /// What has happened that somebody should hear of, the oldest first.
    pub(super) happened: Vec<String>,
    /// Why it cannot be gone on with, if it cannot.
    pub(super) trouble: Option<String>,
    remote: Option<Remote>,
}

/// How a run stands, as seen from who started it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// An earlier process has worked on it and does no more.
    BrokenOff,
    /// This process works on it.
    UnderWay,
    /// It has stopped, for good or for now.
    Stopped(RunStatus),
}

impl Entry {
    /// Whether something has happened since somebody looked, or nothing will.
    pub(super) fn has_news(&self) -> bool {
        !self.happened.is_empty() || matches!(self.standing, Standing::Stopped(_))
    }

    fn is_over(&self) -> bool {
        matches!(self.standing, Standing::Stopped(status) if status.is_final())
    }
}

/// The runs that a run has started.
#[derive(Debug)]
pub(super) struct Table {
    entries: Mutex<Vec<Entry>>,
    /// What all of them are to do now, once the run that started them stops.
    closing: Mutex<Option<Control>>,
    changed: watch::Sender<()>,
}

impl Default for Table {
    fn default() -> Table {
        Table {
            entries: Mutex::default(),
            closing: Mutex::default(),
            changed: watch::channel(()).0,
        }
    }
}

impl Table {
    /// Enters a run that the journal has.
    pub(super) fn enter_stored(&self, journal: &Path, record: &RunRecord) -> Result<(), Failure> {
        let stored = find_run(journal, Some(record.id.as_str()))?;
        let history = stored.history()?;
        let inputs = stored.contents()?;
        let inputs = crate::engine::content::Contents::read(&inputs, &record.inputs);
        let is_final = history.status.is_final();
        let parent = record.setup.parent.as_ref();
        self.lock().push(Entry {
            run: record.id.to_string(),
            task: parent.map(|parent| parent.task.clone()).unwrap_or_default(),
            name: record.name.clone(),
            inputs: inputs.map(|inputs| (*inputs).clone()).unwrap_or_default(),
            granted: record.setup.budgets.get("").copied().unwrap_or_default(),
            standing: match is_final {
                true => Standing::Stopped(history.status),
                false => Standing::BrokenOff,
            },
            history,
            happened: Vec::new(),
            trouble: None,
            remote: None,
        });
        Ok(())
    }

    /// Enters a run that has just been started, and is under way.
    pub(super) fn enter(&self, entry: NewEntry) {
        let NewEntry { run, task, name, inputs, granted, history, remote } = entry;
        self.lock().push(Entry {
            run,
            task,
            name,
            inputs,
            granted,
            standing: Standing::UnderWay,
            history,
            happened: Vec::new(),
            trouble: None,
            remote: Some(remote.clone()),
        });
        self.say_what_all_do(&remote);
    }

    /// A run is under way that was taken up again.
    pub(super) fn went_on(&self, run: &str, history: History, remote: &Remote) {
        self.change(run, |entry| {
            entry.history = history;
            entry.remote = Some(remote.clone());
        });
        self.say_what_all_do(remote);
    }

    /// Whoever comes when everything is to stop stops as well.
    fn say_what_all_do(&self, remote: &Remote) {
        if let Ok(closing) = self.closing.lock()
            && let Some(control) = closing.as_ref()
        {
            remote.send(control.clone());
        }
    }

    /// Whether everything is to stop.
    pub(super) fn is_closing(&self) -> bool {
        self.closing.lock().map_or(true, |closing| closing.is_some())
    }

    /// A run that was broken off is to be taken up: it counts as under way from now on. Gives whether it was.
    pub(super) fn take_up(&self, run: &str) -> bool {
        let is_closing = self.is_closing();
        let taken = self.change(run, |entry| {
            let was_broken_off = entry.standing == Standing::BrokenOff && !is_closing;
            if was_broken_off {
                entry.standing = Standing::UnderWay;
            }
            was_broken_off
        });
        taken.unwrap_or(false)
    }

    /// A run has stopped.
    pub(super) fn stopped(&self, run: &str, status: RunStatus, trouble: Option<String>) {
        self.change(run, |entry| {
            entry.standing = Standing::Stopped(status);
            entry.remote = None;
            entry.trouble = trouble;
        });
    }

    /// Changes a run, and wakes those who wait.
    pub(super) fn change<T>(&self, run: &str, change: impl FnOnce(&mut Entry) -> T) -> Option<T> {
        let changed = {
            let mut entries = self.lock();
            let entry = entries.iter_mut().find(|entry| entry.run == run)?;
            let changed = change(entry);
            let surplus = entry.happened.len().saturating_sub(KEPT_HAPPENINGS);
            entry.happened.drain(..surplus);
            changed
        };
        self.changed.send_replace(());
        Some(changed)
    }

    /// Looks at a run.
    pub(super) fn with<T>(&self, run: &str, look: impl FnOnce(&Entry) -> T) -> Option<T> {
        self.lock().iter().find(|entry| entry.run == run).map(look)
    }

    /// Looks at all of them.
    pub(super) fn all<T>(&self, look: impl FnOnce(&[Entry]) -> T) -> T {
        look(&self.lock())
    }

    /// The run that somebody means: by the whole id or its beginning, else the one that the task has started last.
    pub(super) fn meant(&self, task: &str, given: Option<&str>) -> Result<String, String> {
        let entries = self.lock();
        let known = || entries.iter().map(|entry| entry.run.as_str());
        let Some(given) = given.map(|given| given.trim().to_lowercase()) else {
            let own = entries.iter().rev().find(|entry| entry.task == task);
            let last = own.or_else(|| entries.last());
            return last.map(|entry| entry.run.clone()).ok_or_else(|| {
                "no run has been started yet: start_workflow starts one".to_owned()
            });
        };
        let begun: Vec<&str> = known().filter(|run| run.starts_with(&given)).collect();
        match begun.as_slice() {
            [only] if !given.is_empty() => Ok((*only).to_owned()),
            _ if entries.is_empty() => {
                Err(format!("this run has started no run `{given}`, and none at all"))
            }
            _ => {
                let near = nearest(&given, known());
                let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
                let known: Vec<&str> = known().collect();
                let known = known.join(", ");
                Err(format!("this run has started no run `{given}`; {near}there are {known}"))
            }
        }
    }

    /// The runs of a task that go on, or were broken off with an earlier process.
    pub(super) fn unfinished(&self, task: &str) -> Vec<String> {
        let entries = self.lock();
        let going_on = entries
            .iter()
            .filter(|entry| entry.task == task && !matches!(entry.standing, Standing::Stopped(_)));
        going_on.map(|entry| entry.run.clone()).collect()
    }

    /// Those that have stopped only for now.
    pub(super) fn not_over(&self) -> Vec<String> {
        let entries = self.lock();
        entries.iter().filter(|entry| !entry.is_over()).map(|entry| entry.run.clone()).collect()
    }

    /// Ends the runs of a task that go on, or all of them and those that are to come.
    pub(super) fn cancel(&self, task: Option<&str>, by: &str) {
        let control = Control::Cancel { by: by.to_owned() };
        if task.is_none() {
            self.close(control.clone());
        }
        for entry in self.lock().iter().filter(|entry| task.is_none_or(|task| entry.task == task)) {
            if let Some(remote) = &entry.remote {
                remote.send(control.clone());
            }
        }
    }

    /// Has all runs stop for now, those that are to come as well.
    pub(super) fn interrupt(&self) {
        self.close(Control::Interrupt);
        for entry in self.lock().iter() {
            if let Some(remote) = &entry.remote {
                remote.send(Control::Interrupt);
            }
        }
    }

    fn close(&self, control: Control) {
        if let Ok(mut closing) = self.closing.lock() {
            *closing = Some(control);
        }
        self.changed.send_replace(());
    }

    /// Waits until there is news of runs.
    pub(super) async fn wait_for(&self, runs: &[String], news: AwaitedNews) {
        let is_meant = |entry: &&Entry| runs.contains(&entry.run);
        self.wait_until(|entries| {
            let mut meant = entries.iter().filter(is_meant);
            match news {
                AwaitedNews::Any => meant.any(Entry::has_news),
                AwaitedNews::End => {
                    meant.all(|entry| matches!(entry.standing, Standing::Stopped(_)))
                }
            }
        })
        .await;
    }

    /// Waits until this process works on none of them any more.
    pub(super) async fn all_stopped(&self) {
        self.wait_until(|entries| entries.iter().all(|entry| entry.standing != Standing::UnderWay))
            .await;
    }

    async fn wait_until(&self, is_so: impl Fn(&[Entry]) -> bool) {
        let mut changes = self.changed.subscribe();
        loop {
            changes.borrow_and_update();
            if is_so(&self.lock()) {
                return;
            }
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Whoever broke off while it was held has changed one entry as a whole.
    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A run that has just been started.
pub(super) struct NewEntry {
    pub(super) run: String,
    pub(super) task: String,
    pub(super) name: String,
    pub(super) inputs: Value,
    pub(super) granted: Budget,
    pub(super) history: History,
    pub(super) remote: Remote,
}
