//! A run with everything that befalls it, played in virtual time.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use partita::engine::content::{Contents, MemoryContents};
use partita::engine::simulation::{Rehearsal, RehearsalError, Script};
use partita::engine::{Fact, Recorded, RunStatus, Settings, Time};
use partita::insight::History;
use partita::language::plan::{Plan, TaskId};
use serde_json::{Map, Value};

use super::journal::{FaultyJournal, Trouble};
use super::planners::Planners;
use super::rules::{Broken, Rule};
use super::watch::{View, Watch};

/// More steps than any of these runs takes.
const STEPS: usize = 200_000;

/// More lives than troubles take.
const LIVES: usize = 100;

/// Changes what there is to see: a mutant.
pub(super) type Tamper<'t> = &'t dyn Fn(&mut View<'_>);

/// A run and what befalls it.
#[derive(Debug, Clone)]
pub(super) struct Story {
    pub(super) plan: Arc<Plan>,
    pub(super) settings: Settings,
    pub(super) script: Script,
    /// What is known of it from before.
    pub(super) earlier: Vec<Recorded>,
    /// By the number of the write, in order.
    pub(super) troubles: Vec<(usize, Trouble)>,
}

/// How a story ended.
pub(super) struct Ended {
    pub(super) status: RunStatus,
    pub(super) facts: Vec<Recorded>,
    /// As far as it has grown.
    pub(super) plan: Arc<Plan>,
    pub(super) outputs: Option<Value>,
    /// How long it took by the servers' time.
    pub(super) took: Time,
    /// How often the driver began.
    pub(super) lives: usize,
}

impl Ended {
    /// The address of a task.
    pub(super) fn path(&self, task: TaskId) -> String {
        self.plan.task(task).path.clone()
    }
}

/// The task of a plan that has not grown which is at an address, or does it several times.
pub(super) fn compiled(plan: &Plan, path: &str) -> TaskId {
    plan.find(path.split(['[', '.']).next().unwrap_or_default()).expect("a task of the plan")
}

impl Story {
    pub(super) fn new(plan: &Arc<Plan>, settings: &Settings, script: Script) -> Story {
        let (plan, settings) = (Arc::clone(plan), settings.clone());
        Story { plan, settings, script, earlier: Vec::new(), troubles: Vec::new() }
    }

    /// With troubles, which are put into order.
    pub(super) fn befallen(
        mut self,
        troubles: impl IntoIterator<Item = (usize, Trouble)>,
    ) -> Story {
        self.troubles.extend(troubles);
        self.troubles.sort_by_key(|(at, _)| *at);
        self
    }

    /// Plays it. Where a rule is broken, the least of it that still breaks one is told.
    pub(super) fn run(&self, contents: &MemoryContents) -> Ended {
        let broken = match self.play(contents, &self.settings, None) {
            Ok(ended) => return ended,
            Err(broken) => broken,
        };
        // What a fork keeps is not in other contents.
        let least = if self.script.fork.is_none() { self.shrunk() } else { self.clone() };
        panic!("{:?} is broken: {}\n{least}", broken.rule, broken.what)
    }

    fn breaks(&self) -> bool {
        self.play(&MemoryContents::default(), &self.settings, None).is_err()
    }

    /// The same story without what is not needed to break a rule.
    fn shrunk(&self) -> Story {
        let mut least = self.clone();
        for place in (0..self.troubles.len()).rev() {
            let mut less = least.clone();
            less.troubles.remove(place);
            if less.breaks() {
                least = less;
            }
        }
        for place in (0..self.script.profile.faults.len()).rev() {
            let mut less = least.clone();
            less.script.profile.faults.remove(place);
            if less.breaks() {
                least = less;
            }
        }
        least
    }

    /// Plays it, with an engine that is told these settings, and a mutant.
    pub(super) fn play(
        &self,
        contents: &MemoryContents,
        told: &Settings,
        tamper: Option<Tamper<'_>>,
    ) -> Result<Ended, Broken> {
        let journal = FaultyJournal::new(contents, &self.earlier, &self.troubles);
        let mut watch = Watch::new(&self.plan, &self.settings);
        let (mut now, mut clock) = (Time::default(), 0);
        for lives in 1..=LIVES {
            let facts = journal.open();
            watch.open(&facts, &journal)?;
            let begun = journal.writes();
            let mut history = History::of_facts(Arc::clone(&self.plan), &facts);
            let mut watched = facts.len();
            let mut rehearsal = self.rehearsal(facts, told, &journal)?;
            // A new process reads the clock anew, and no time has passed for anybody else.
            let started = rehearsal.now();
            let due = now.0.cast_signed() + clock - started.0.cast_signed();
            rehearsal.set_clock(due);
            let stopped = loop {
                let until = journal.next_outside().map_or(STEPS, |at| at.saturating_sub(begun));
                let mut broken = Ok(());
                let result = rehearsal.run_until(until, |rehearsal| {
                    if broken.is_ok() {
                        broken = look(rehearsal, &mut watch, &journal, tamper);
                    }
                    for recorded in &rehearsal.facts()[watched..] {
                        history.apply(recorded);
                    }
                    watched = rehearsal.facts().len();
                });
                broken?;
                match result {
                    Ok(None) if journal.writes() - begun < until => {
                        return Err(Broken::new(Rule::ComesToRest, "nothing will ever happen"));
                    }
                    Ok(None) => match journal.take_outside() {
                        Some(Trouble::ClockSet(by)) => {
                            clock += by;
                            rehearsal.set_clock(by);
                        }
                        Some(_) => break None,
                        None => return Err(Broken::new(Rule::ComesToRest, "it never ends")),
                    },
                    Ok(status) => break status,
                    Err(RehearsalError::NotKept(_)) => {
                        watch.refused(rehearsal.asked().len())?;
                        break None;
                    }
                    Err(RehearsalError::Engine(error)) => {
                        return Err(Broken::new(Rule::FoldIsLive, error.to_string()));
                    }
                }
            };
            now = now + rehearsal.now().since(started);
            if let Some(status) = stopped {
                watch.stopped(status, (rehearsal.engine().state(), &history), &journal)?;
                let facts = journal.kept().clone();
                let outputs = outputs(&facts, contents);
                let plan = Arc::clone(rehearsal.engine().state().plan());
                return Ok(Ended { status, facts, plan, outputs, took: now, lives });
            }
        }
        Err(Broken::new(Rule::ComesToRest, format!("{LIVES} processes have not ended it")))
    }

    fn rehearsal<'r>(
        &self,
        facts: Vec<Recorded>,
        told: &Settings,
        journal: &'r FaultyJournal<'r>,
    ) -> Result<Rehearsal<'r>, Broken> {
        let (plan, settings) = (Arc::clone(&self.plan), told.clone());
        let script = self.script.clone();
        let rehearsal = if facts.is_empty() {
            let inputs = plan.root().bind_inputs(&Map::new()).expect("defaults");
            Rehearsal::new(plan, settings, script, &inputs, journal, &Planners)
        } else {
            Rehearsal::resumed(plan, settings, script, facts, journal, &Planners)
                .map_err(|error| Broken::new(Rule::FoldIsLive, error.to_string()))?
        };
        Ok(rehearsal.kept_in(journal))
    }
}

/// What the watch sees of a step.
pub(super) fn look(
    rehearsal: &Rehearsal<'_>,
    watch: &mut Watch<'_>,
    journal: &FaultyJournal<'_>,
    tamper: Option<Tamper<'_>>,
) -> Result<(), Broken> {
    let kept = journal.kept();
    let mut view = View {
        kept: Cow::Borrowed(&kept),
        asked: Cow::Borrowed(rehearsal.asked()),
        used_tools: Cow::Borrowed(rehearsal.used_tools()),
        under_way: rehearsal.under_way().collect(),
        live: rehearsal.engine().state(),
    };
    if let Some(tamper) = tamper {
        tamper(&mut view);
    }
    watch.step(&view, journal)
}

/// What a run came to.
pub(super) fn outputs(facts: &[Recorded], contents: &MemoryContents) -> Option<Value> {
    facts.iter().rev().find_map(|recorded| match &recorded.fact {
        Fact::RunEnded { outputs: Some(outputs), .. } => {
            contents.read(outputs).ok().map(|value| (*value).clone())
        }
        _ => None,
    })
}

/// The troubles and faults, for people.
impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "it takes no more than this:")?;
        for (at, trouble) in &self.troubles {
            writeln!(f, "  write {at}: {trouble:?}")?;
        }
        for rule in &self.script.profile.faults {
            writeln!(
                f,
                "  after {} requests, {:?} times: {:?}",
                rule.after, rule.times, rule.fault
            )?;
        }
        Ok(())
    }
}
