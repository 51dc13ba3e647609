//! Runs inside a run: those who lead start them with the tools that they are offered for it, see how they go, and
//! review what came of them.
//!
//! A nested run is a run as any other: it stands in the journal under its own id, names the run that started it, and is
//! conducted on a thread of its own, on the same servers, which it shares with that run as with all others.

mod advice;
mod arguments;
mod conduct;
mod limits;
mod project;
mod start;
mod table;
mod telling;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use self::arguments::Arguments;
pub(super) use self::conduct::cancel_nested;
use self::table::{Standing, Table};
use super::failure::Failure;
use super::project::Project;
use crate::engine::AwaitedNews;
use crate::organization::{
    ANALYZE_NEEDS, CREATE_PROJECT, MONITOR_HEALTH, REVIEW_OUTCOMES, START_WORKFLOW,
};
use crate::runtime::journal::{Durability, Journal, Setup};
use crate::runtime::tools::{
    Awaitable, Closing, Managed, ManagerCall, MustWait, Orchestrating, ToolAccess,
};

/// How long the monitor of a run waits for something of note.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// What a run is that starts others, and where.
#[derive(Debug, Clone)]
pub(super) struct Starter {
    /// Its id.
    pub(super) run: String,
    /// What it runs on.
    pub(super) setup: Setup,
    /// The documents that it can name.
    pub(super) project: Project,
    /// The journal's folder.
    pub(super) journal: PathBuf,
    /// Against what its facts are safe.
    pub(super) durability: Durability,
    /// What its tools may reach.
    pub(super) access: ToolAccess,
}

/// The runs that a run has started.
#[derive(Debug)]
pub(super) struct Nested {
    inside: Arc<Inside>,
}

/// The same, for the threads on which it works.
#[derive(Debug)]
struct Inside {
    starter: Starter,
    table: Table,
    /// One run is started after the other: each counts before the next is judged.
    starting: Mutex<()>,
}

impl Nested {
    /// Of a run that begins, or is taken up again with the runs that it has started before.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub(super) fn of(starter: Starter) -> Result<Nested, Failure> {
        let journal = Journal::open_existing(&starter.journal)?;
        let known = match &journal {
            Some(journal) => journal.nested_runs(&starter.run)?,
            None => Vec::new(),
        };
        let table = Table::default();
        for record in known {
            table.enter_stored(&starter.journal, &record)?;
        }
        let inside = Inside { starter, table, starting: Mutex::default() };
        Ok(Nested { inside: Arc::new(inside) })
    }
}

impl Inside {
    /// Uses a tool, on a thread that may be held up.
    fn use_tool(self: &Arc<Self>, call: &ManagerCall) -> Managed {
        let ManagerCall { tool, arguments, task, .. } = call;
        let given = match Arguments::of(tool, arguments) {
            Ok(given) => given,
            Err(trouble) => return Managed { told: Err(trouble), note: None },
        };
        let told = match tool.as_str() {
            START_WORKFLOW => return self.start(call, &given),
            ANALYZE_NEEDS => self.analyze(&given),
            CREATE_PROJECT => self.create_project(&given),
            MONITOR_HEALTH => self.meant(task, arguments).and_then(|run| self.monitored(&run)),
            REVIEW_OUTCOMES => self.meant(task, arguments).and_then(|run| self.reviewed(&run)),
            other => Err(format!("there is no tool `{other}`")),
        };
        Managed { told: told.map(|value| value.to_string()), note: None }
    }

    /// The run that is meant: the named one, else the one that the task has started last.
    fn meant(&self, task: &str, arguments: &Value) -> Result<String, String> {
        self.table.meant(task, arguments.get("run").and_then(Value::as_str))
    }
}

impl Orchestrating for Nested {
    fn must_wait(&self, task: &str, tool: &str, arguments: &Value) -> Option<MustWait> {
        let table = &self.inside.table;
        let (news, patience) = match tool {
            MONITOR_HEALTH => (AwaitedNews::Any, Some(PATIENCE)),
            REVIEW_OUTCOMES => (AwaitedNews::End, None),
            _ => return None,
        };
        let run = self.inside.meant(task, arguments).ok()?;
        let waits = table.with(&run, |entry| match news {
            AwaitedNews::Any => !entry.has_news(),
            AwaitedNews::End => !matches!(entry.standing, Standing::Stopped(_)),
        })?;
        waits.then(|| MustWait { runs: vec![run], news, patience })
    }

    fn use_tool(&self, call: ManagerCall) -> Awaitable<'_, Managed> {
        let inside = Arc::clone(&self.inside);
        Box::pin(async move {
            let used = tokio::task::spawn_blocking(move || inside.use_tool(&call)).await;
            let broke_off = "the tool broke off".to_owned();
            used.unwrap_or(Managed { told: Err(broke_off), note: None })
        })
    }

    fn unfinished(&self, task: &str) -> Vec<String> {
        self.inside.table.unfinished(task)
    }

    fn outcomes(&self, runs: Vec<String>) -> Awaitable<'_, String> {
        let inside = Arc::clone(&self.inside);
        Box::pin(async move {
            let told = tokio::task::spawn_blocking(move || inside.all_reviewed(&runs)).await;
            told.unwrap_or_default()
        })
    }

    fn news(&self, runs: Vec<String>, news: AwaitedNews) -> Awaitable<'static, ()> {
        let inside = Arc::clone(&self.inside);
        for run in &runs {
            if inside.table.take_up(run) {
                inside.resume_on_a_thread(run.clone());
            }
        }
        Box::pin(async move { inside.table.wait_for(&runs, news).await })
    }

    fn task_is_over(&self, task: &str) {
        let by = format!("the end of `{task}` in run {}", self.inside.starter.run);
        self.inside.table.cancel(Some(task), &by);
    }

    fn close(&self, closing: Closing) -> Awaitable<'_, ()> {
        let inside = Arc::clone(&self.inside);
        let by = format!("the end of run {}", inside.starter.run);
        match closing {
            Closing::Interrupt => inside.table.interrupt(),
            Closing::End | Closing::Cancel => inside.table.cancel(None, &by),
        }
        Box::pin(async move {
            inside.table.all_stopped().await;
            if closing == Closing::Cancel {
                let paused = inside.table.not_over();
                let ended = tokio::task::spawn_blocking(move || inside.cancel_stored(&paused, &by));
                let _ = ended.await;
            }
        })
    }
}
