//! A run that is under way, as a terminal or a log sees it, and what is said when it has stopped.

use tokio::runtime::Runtime;

use super::CommandResult;
use super::ask::Asker;
use super::environment::Environment;
use super::live::Live;
use super::outputs::{NOT_WRITTEN, add_files, note_files};
use super::run::WatchOptions;
use super::signals;
use crate::engine::{DecidedAhead, Fact, PauseReason, Recorded, RunStatus, Time, Wait};
use crate::insight::History;
use crate::interface::app::{
    Failure, FailureKind, Finished, OutputFolder, Session, read_decisions, settle_advised_run,
    settle_run,
};
use crate::interface::report::{
    Detail, Outcome, Paint, Seen, ToldWaits, UsedUp, fact_line, fork_line, header_lines, run_json,
    run_text, used_up, wave_line,
};
use crate::language::plan::{Plan, TaskId, WaveId};
use crate::runtime::clock::Clock;
use crate::runtime::embedded::{Event, Observer};
use crate::runtime::journal::Setup;

/// How a run is watched.
pub(super) struct Watch<'a> {
    pub(super) options: &'a WatchOptions,
    pub(super) is_json: bool,
    /// Where the outputs are to be written.
    pub(super) folder: Option<OutputFolder<'a>>,
    pub(super) environment: &'a Environment,
}

impl Watch<'_> {
    /// What was decided beforehand.
    pub(super) fn decisions(&self, plan: &Plan) -> Result<Vec<DecidedAhead>, Failure> {
        let by = format!("{}, beforehand", self.environment.user);
        read_decisions(plan, &self.options.decide, &by)
    }

    /// Sees to it that the outputs can be written when the run is over.
    pub(super) fn prepare_folder(&self, plan: &Plan, setup: &Setup) -> Result<(), Failure> {
        let prepare = |folder: OutputFolder<'_>| folder.prepare(plan, setup.simulation.is_some());
        self.folder.map_or(Ok(()), prepare)
    }
}

/// Works on a run until it stops, and reports what came of it.
pub(super) fn conduct(
    session: Session,
    decisions: Vec<DecidedAhead>,
    watch: &Watch<'_>,
    runtime: &Runtime,
) -> CommandResult {
    let screen = &watch.environment.screen;
    if !watch.options.quiet {
        session.wait_for_the_disk()?;
    }
    let world = session.world();
    let paint = if watch.is_json { screen.err } else { screen.out };
    let mut header = header_lines(
        session.plan(),
        session.run(),
        &world.setup,
        Seen {
            reports: &world.reports,
            model: &world.model,
            different_models: &world.different_models,
        },
        paint,
    );
    if let (Some(first), Some(project)) = (header.first_mut(), session.project()) {
        first.push_str(&format!(", in the context of {project}"));
    }
    header.extend(session.advice().map(|advice| format!("follows advice {advice}")));
    header.extend(session.fork().map(|fork| fork_line(session.plan(), fork)));
    for line in header.iter().filter(|_| !watch.options.quiet) {
        if watch.is_json { screen.note(line) } else { screen.line(line) }
    }
    let mut watcher = Watcher::of(&session, watch);
    signals::listen(session.remote(), watcher.note());
    watcher.resume_ended_waves();
    let finished = session.conduct(decisions, &mut watcher, runtime);
    watcher.close();
    if let Ok(finished) = &finished {
        // Where this cannot be done now, it is done when somebody looks next.
        let now = Clock::start().now();
        let _ = settle_run(&watch.environment.journal, finished.run.as_str(), now);
        let _ = settle_advised_run(&watch.environment.journal, finished.run.as_str(), now);
    }
    report(&finished?, &watcher.history, watch)
}

/// Whoever watches: folds the facts, draws or writes lines, asks.
struct Watcher<'a> {
    watch: &'a Watch<'a>,
    history: History,
    live: Option<Live>,
    asker: Asker,
    told_waits: ToldWaits,
    ended_waves: Vec<WaveId>,
}

impl<'a> Watcher<'a> {
    fn of(session: &Session, watch: &'a Watch<'a>) -> Watcher<'a> {
        let environment = watch.environment;
        let draws = environment.can_draw && !watch.options.quiet;
        let can_ask = environment.can_ask && !watch.options.no_input;
        Watcher {
            history: session.history().clone(),
            live: draws.then(|| Live::new(session.plan(), environment.screen.err)),
            asker: Asker::new(session.remote(), environment.user.clone(), can_ask),
            told_waits: ToldWaits::default(),
            ended_waves: Vec::new(),
            watch,
        }
    }

    /// Writes lines to standard error, above the live view where there is one.
    fn note(&self) -> impl Fn(&str) + Send + 'static {
        let screen = self.watch.environment.screen;
        let view = self.live.as_ref().map(Live::handle);
        move |line: &str| match &view {
            Some(view) => view.suspend(|| screen.note(line)),
            None => screen.note(line),
        }
    }

    /// Waves that had ended before this process took the run up are not announced again.
    fn resume_ended_waves(&mut self) {
        let plan = self.history.plan().clone();
        let ended = |wave: &&WaveId| self.history.wave(**wave).is_over();
        self.ended_waves = plan.root().waves.iter().filter(ended).copied().collect();
    }

    fn close(&mut self) {
        if let Some(live) = &mut self.live {
            live.close();
        }
    }

    fn fact(&mut self, recorded: &Recorded) {
        self.history.apply(recorded);
        let paint = self.watch.environment.screen.err;
        if !self.watch.options.quiet {
            let note = self.note();
            if let Some(line) = fact_line(&self.history, recorded, paint) {
                match &self.live {
                    // The live view shows what starts; only what has come of it stays.
                    Some(_)
                        if matches!(recorded.fact, Fact::AttemptStarted { hedge: false, .. }) => {}
                    _ => note(&line),
                }
            }
        }
        if let Some(live) = &mut self.live {
            live.fact(&self.history, recorded);
        }
        if let Some(task) = recorded.fact.task()
            && self.history.task(task).status().is_final()
        {
            self.announce_wave(self.history.plan().root_wave(task));
        }
    }

    fn announce_wave(&mut self, wave: WaveId) {
        if !self.history.wave(wave).is_over() || self.ended_waves.contains(&wave) {
            return;
        }
        self.ended_waves.push(wave);
        if self.watch.options.quiet {
            return;
        }
        let screen = &self.watch.environment.screen;
        let paint: Paint = if self.watch.is_json { screen.err } else { screen.out };
        let line = wave_line(&self.history, wave, paint);
        match (&self.live, self.watch.is_json) {
            (_, true) => self.note()(&line),
            (Some(live), false) => live.handle().suspend(|| screen.line(&line)),
            (None, false) => screen.line(&line),
        }
    }

    /// The live view shows every wait; elsewhere one that lasts is told once.
    fn waits(&mut self, waits: &[Wait]) {
        if let Some(live) = &mut self.live {
            live.waits(waits, &self.history);
        } else if !self.watch.options.quiet {
            let note = self.note();
            let paint = self.watch.environment.screen.err;
            self.told_waits.lines(waits, &self.history, paint).iter().for_each(|line| note(line));
        }
    }

    fn question(&mut self, task: TaskId, question: &serde_json::Value, deadline: Option<Time>) {
        if let Some(live) = &mut self.live {
            live.hide();
        }
        self.asker.ask(task, question, deadline, self.watch.environment.screen.err);
    }
}

impl Observer for Watcher<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Facts(facts) => facts.iter().for_each(|fact| self.fact(fact)),
            Event::Progress { attempt, pieces } => {
                if let Some(live) = &mut self.live {
                    live.progress(attempt, pieces);
                }
            }
            Event::Waits(waits) => self.waits(waits),
            Event::Question { task, question, deadline } => self.question(task, question, deadline),
            Event::QuestionWithdrawn { task } => {
                self.asker.withdraw(task);
                if let Some(live) = &mut self.live {
                    live.unhide();
                }
            }
        }
    }
}

/// Says what came of a run, and gives the exit code.
fn report(finished: &Finished, history: &History, watch: &Watch<'_>) -> CommandResult {
    let screen = &watch.environment.screen;
    let outcome = Outcome {
        run: finished.run.as_str(),
        history,
        contents: &finished.contents,
        setup: &finished.setup,
    };
    let run = &finished.run;
    let has_succeeded = finished.status == RunStatus::Succeeded;
    let folder = watch.folder.filter(|_| has_succeeded);
    let written = folder.map(|folder| folder.write(history, &finished.contents));
    if watch.is_json {
        let mut object = run_json(&outcome);
        if watch.folder.is_some() {
            add_files(&mut object, written.as_ref());
        }
        screen.json(&object);
    } else {
        screen.print(&run_text(&outcome, Detail::Summary, screen.out));
    }
    if watch.folder.is_some() && !has_succeeded {
        screen.note(NOT_WRITTEN);
    }
    let kind = match (finished.status, history.pause) {
        (RunStatus::Succeeded, _) => {
            let Some(written) = written else { return Ok(0) };
            return match written {
                Ok(files) => {
                    note_files(&files, screen);
                    Ok(0)
                }
                Err(failure) => {
                    let again = format!("write them with: partita show {run} --outputs DIR");
                    let failure = failure.hint(again);
                    screen.failure(&failure);
                    Ok(failure.kind.exit_code())
                }
            };
        }
        (RunStatus::Failed, _) => {
            screen.note(&format!("run what failed again: partita retry {run}"));
            FailureKind::Failed
        }
        (RunStatus::Cancelled, _) => FailureKind::Failed,
        (RunStatus::Waiting, _) => FailureKind::Waiting,
        (_, Some(PauseReason::NoServer)) => {
            screen.note("no server has been there for too long; nothing is lost");
            screen.note(&format!("go on with: partita resume {run}"));
            FailureKind::NoServer
        }
        (_, Some(PauseReason::Budget)) => {
            let UsedUp { lines, raises } = used_up(history);
            lines.iter().for_each(|line| screen.note(line));
            screen.note(&format!("go on with: partita resume {run}{raises}"));
            FailureKind::Budget
        }
        _ => {
            screen.note(&format!("go on with: partita resume {run}"));
            FailureKind::Interrupted
        }
    };
    Ok(kind.exit_code())
}
