//! A nested run on a thread of its own: started or taken up again, watched, and out of the table's way when it stops.

use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::Inside;
use super::table::NewEntry;
use super::telling::happening;
use crate::engine::{People, RunStatus};
use crate::interface::app::choice::Choice;
use crate::interface::app::context::settle_run;
use crate::interface::app::failure::{Failure, FailureKind};
use crate::interface::app::session::{Session, StartRequest, Working};
use crate::interface::app::stored::{cancel_stored, find_run};
use crate::runtime::clock::Clock;
use crate::runtime::embedded::{Event, Observer};
use crate::runtime::journal::{Journal, JournalError};

/// How soon a run is looked at again that another process works on.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// What is started.
pub(super) struct Wanted {
    pub(super) request: StartRequest,
    pub(super) entry: EntryOf,
}

/// What the table is to know of it.
pub(super) struct EntryOf {
    pub(super) task: String,
    pub(super) name: String,
    pub(super) inputs: Value,
    pub(super) granted: crate::language::document::Budget,
}

impl Inside {
    /// Starts a run on a thread of its own, and gives its id once it stands in the journal.
    pub(super) fn start_on_a_thread(self: &Arc<Self>, wanted: Wanted) -> Result<String, Failure> {
        let (tell, told) = mpsc::channel();
        let inside = Arc::clone(self);
        let thread = thread::Builder::new().name("nested run".to_owned()).spawn(move || {
            let Wanted { request, entry } = wanted;
            match inside.begin(request, entry) {
                Ok((session, tokio)) => {
                    let run = session.run().to_string();
                    let mut ending = Ending::of(&inside, &run);
                    let _ = tell.send(Ok(run));
                    ending.status = inside.conduct(session, &tokio);
                }
                Err(failure) => {
                    let _ = tell.send(Err(failure));
                }
            }
        });
        thread.map_err(|error| no_thread(&error))?;
        let broke_off = || Failure::new(FailureKind::Failed, "the run broke off");
        told.recv().map_err(|_| broke_off())?
    }

    fn begin(
        self: &Arc<Self>,
        request: StartRequest,
        entry: EntryOf,
    ) -> Result<(Session, tokio::runtime::Runtime), Failure> {
        let tokio = threads()?;
        let session = Session::start(request, &self.starter.journal, &self.working(&tokio))?;
        session.wait_for_the_disk()?;
        let EntryOf { task, name, inputs, granted } = entry;
        let history = session.history().clone();
        let (run, remote) = (session.run().to_string(), session.remote());
        self.table.enter(NewEntry { run, task, name, inputs, granted, history, remote });
        Ok((session, tokio))
    }

    /// Takes a run up again on a thread of its own. The table has it as under way already.
    pub(super) fn resume_on_a_thread(self: &Arc<Self>, run: String) {
        let (inside, known) = (Arc::clone(self), run.clone());
        let thread = thread::Builder::new().name("nested run".to_owned()).spawn(move || {
            let mut ending = Ending::of(&inside, &run);
            match inside.go_on(&run) {
                Ok(status) => ending.status = Ok(status),
                Err(failure) => ending.status = Err(failure.message),
            }
        });
        if let Err(error) = thread {
            let trouble = no_thread(&error).message;
            self.table.stopped(&known, RunStatus::Interrupted, Some(trouble));
        }
    }

    /// Goes on with a run, or waits for the process that does.
    fn go_on(self: &Arc<Self>, run: &str) -> Result<RunStatus, Failure> {
        let tokio = threads()?;
        loop {
            let stored = find_run(&self.starter.journal, Some(run))?;
            if stored.record.is_over() {
                let history = stored.history()?;
                let status = history.status;
                self.table.change(run, |entry| entry.history = history);
                return Ok(status);
            }
            if self.table.is_closing() {
                return Ok(RunStatus::Interrupted);
            }
            if stored.journal.is_under_way(&stored.record.id) {
                thread::sleep(LOOK_AGAIN);
                continue;
            }
            let by = "the run itself".to_owned();
            let setup = stored.record.setup.clone();
            let choice = Choice { setup, by, budgets: Vec::new() };
            let session = Session::resume(stored, choice, &self.working(&tokio))?;
            self.table.went_on(run, session.history().clone(), &session.remote());
            return self
                .conduct(session, &tokio)
                .map_err(|message| Failure::new(FailureKind::Failed, message));
        }
    }

    /// Works on a run until it stops.
    fn conduct(
        &self,
        session: Session,
        tokio: &tokio::runtime::Runtime,
    ) -> Result<RunStatus, String> {
        let run = session.run().to_string();
        let mut watching = Watching { inside: self, run: run.clone() };
        let finished = session.conduct(Vec::new(), &mut watching, tokio);
        let finished = finished.map_err(|failure| failure.message)?;
        // What it has brought is entered when somebody looks at the context next, if it cannot be now.
        let _ = settle_run(&self.starter.journal, &run, Clock::start().now());
        Ok(finished.status)
    }

    /// How this process works on nested runs. What a person has agreed to on the command line was said of the run that
    /// they started, not of those that a model starts; and nobody is at a terminal of theirs.
    fn working<'a>(&self, tokio: &'a tokio::runtime::Runtime) -> Working<'a> {
        let mut access = self.starter.access.clone();
        access.agreed.clear();
        access.commands = false;
        Working {
            people: People::Absent,
            durability: self.starter.durability,
            tokio,
            access,
            project: self.starter.project.clone(),
        }
    }

    /// Ends runs for good on which nobody works.
    pub(super) fn cancel_stored(&self, runs: &[String], by: &str) {
        for run in runs {
            // One that cannot be ended stays as it is, and `partita show` says how.
            if let Ok(stored) = find_run(&self.starter.journal, Some(run)) {
                let _ = cancel_stored(stored, by);
            }
        }
    }
}

/// Ends the runs that a run has started and that are not over; those on which somebody works are told.
pub(in crate::interface::app) fn cancel_nested(
    folder: &Path,
    journal: &Journal,
    run: &str,
) -> Result<(), JournalError> {
    for nested in journal.nested_runs(run)?.into_iter().filter(|nested| !nested.is_over()) {
        if let Ok(stored) = find_run(folder, Some(nested.id.as_str())) {
            let _ = cancel_stored(stored, &format!("the end of run {run}"));
        }
    }
    Ok(())
}

/// Tells the table how a run ended, however its thread does.
struct Ending<'i> {
    inside: &'i Inside,
    run: String,
    status: Result<RunStatus, String>,
}

impl<'i> Ending<'i> {
    fn of(inside: &'i Inside, run: &str) -> Ending<'i> {
        let status = Err("its thread broke off".to_owned());
        Ending { inside, run: run.to_owned(), status }
    }
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        let (status, trouble) = match &self.status {
            Ok(status) => (*status, None),
            Err(trouble) => (RunStatus::Interrupted, Some(trouble.clone())),
        };
        self.inside.table.stopped(&self.run, status, trouble);
    }
}

/// Enters what happens in a run.
struct Watching<'i> {
    inside: &'i Inside,
    run: String,
}

impl Observer for Watching<'_> {
    fn event(&mut self, event: Event<'_>) {
        let Event::Facts(facts) = event else { return };
        self.inside.table.change(&self.run, |entry| {
            for recorded in facts {
                entry.history.apply(recorded);
                entry.happened.extend(happening(&entry.history, &recorded.fact));
            }
        });
    }
}

/// The thread on which the calls of a run are made.
fn threads() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| no_thread(&error))
}

fn no_thread(error: &std::io::Error) -> Failure {
    Failure::new(FailureKind::Failed, format!("no threads: {error}"))
}
