//! A run in this process, from its first fact or from where it stopped.

mod tools;

use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};
use tokio::runtime::Runtime;

use self::tools::{commands_of, folder_of, orchestrated, tools_of};
use super::budgets::change_budgets;
use super::choice::Choice;
use super::context::ContextOfRun;
use super::failure::{Failure, FailureKind};
use super::guidance::{guidance_of, no_learnings};
use super::learning::AdviceOfRun;
use super::organization::Experience;
use super::project::Project;
use super::stored::StoredRun;
use super::world::{World, check_models};
use crate::engine::content::Contents;
use crate::engine::{
    Beginning, DecidedAhead, Engine, FoldError, Fork, People, RunStatus, Settings, full_name,
};
use crate::insight::History;
use crate::language::document::{Digests, Library};
use crate::language::plan::Plan;
use crate::organization::Guidance;
use crate::runtime::clock::Clock;
use crate::runtime::cluster::Client;
use crate::runtime::embedded::{Conductor, Observer, Remote};
use crate::runtime::journal::{
    Durability, Journal, JournalContents, Log, NewRun, ParentRecord, RunId, RunInContext, RunLock,
    RunOnAdvice, Setup, StoredAdvice, StoredFact,
};
use crate::runtime::tools::{Commands, ToolAccess, ToolHouse};

/// A run that is to be started.
pub struct StartRequest {
    /// What is run.
    pub plan: Arc<Plan>,
    /// The values of its inputs.
    pub inputs: Map<String, Value>,
    /// Those of them that take what earlier runs have shown, if they have shown anything.
    pub learned: Vec<String>,
    /// What it keeps of an earlier run.
    pub fork: Option<Fork>,
    /// The context in which it is started.
    pub context: Option<ContextOfRun>,
    /// What those who lead are told of patterns and learnings.
    pub guidance: Option<Guidance>,
    /// The advice that it may follow.
    pub advice: Option<AdviceOfRun>,
    /// Where.
    pub choice: Choice,
    /// The run that starts it, if a run does.
    pub parent: Option<ParentRecord>,
}

impl StartRequest {
    /// Of a plan with the values of its inputs and where it is to take place, and nothing beside.
    pub fn of(plan: Arc<Plan>, inputs: Map<String, Value>, choice: Choice) -> StartRequest {
        StartRequest {
            plan,
            inputs,
            learned: Vec::new(),
            fork: None,
            context: None,
            guidance: None,
            advice: None,
            choice,
            parent: None,
        }
    }
}

/// How a process works on a run.
#[derive(Debug, Clone)]
pub struct Working<'a> {
    /// Whether somebody can be asked.
    pub people: People,
    /// Against what the facts that it stores are safe.
    pub durability: Durability,
    /// Where calls run, on threads of its own.
    pub tokio: &'a Runtime,
    /// What tools are allowed.
    pub access: ToolAccess,
    /// The documents that those who lead can name when they start runs.
    pub project: Project,
}

/// A run that this process works on.
pub struct Session {
    plan: Arc<Plan>,
    run: RunId,
    conductor: Conductor,
    beginning: Beginning,
    world: World,
    lock: RunLock,
    history: History,
    /// What must be on the disk before anybody is told of a run that has just been entered.
    log: Option<Log>,
    project: Option<String>,
    advice: Option<String>,
}

/// A run that has stopped, for now or for good.
pub struct Finished {
    /// How it stands.
    pub status: RunStatus,
    /// Which run.
    pub run: RunId,
    /// Its contents.
    pub contents: JournalContents,
    /// What it ran on.
    pub setup: Setup,
}

impl Session {
    /// Starts a new run: finds its servers, enters it into the journal in a folder.
    ///
    /// # Errors
    /// When no server can be reached, a model is missing, the journal cannot be written, or the run
    /// that it is a fork of has been removed.
    pub fn start(
        request: StartRequest,
        folder: &Path,
        working: &Working<'_>,
    ) -> Result<Session, Failure> {
        let StartRequest {
            plan,
            mut inputs,
            learned,
            fork,
            context,
            guidance,
            advice,
            mut choice,
            parent,
        } = request;
        // A fork of a run that another one has started is nobody's but who forks it.
        choice.setup.parent = parent;
        change_budgets(&plan, &mut choice.setup.budgets, &choice.budgets)?;
        choice.setup.folder = folder_of(&plan, &choice.setup, &working.access)?;
        let commands = commands_of(&plan, &choice.setup, &working.access)?;
        // The journal first: a run that cannot be kept should not ask anybody anything.
        let mut journal = Journal::open(folder)?;
        journal.set_durability(working.durability)?;
        let log = journal.write_out_apart()?;
        let (world, tools) = open_world(choice, &plan, working, commands)?;
        let clock = Clock::start();
        let contents = JournalContents::of(&journal)?;
        let briefing = match &context {
            Some(context) => context.briefing(&journal, clock.now())?,
            None => None,
        };
        let of = fork.as_ref().map(|fork| fork.of.as_str());
        let entry = context.as_ref().map(|context| {
            let plan = &plan;
            let enter = move |run: &str, facts: &[StoredFact]| context.entry(plan, of, run, facts);
            (context.id(), enter)
        });
        let entry = entry.as_ref().map(|(id, change)| RunInContext { context: *id, change });
        let is_simulated = world.setup.simulation.is_some();
        let experience = Experience::of((folder, &plan), &learned, is_simulated, clock.now())?;
        experience.teach(&mut inputs, learned);
        let choose = |run: &str, open: &[StoredAdvice]| {
            advice.as_ref().and_then(|advice| advice.followed(&plan.name, run, open))
        };
        let on_advice = advice.as_ref();
        let on_advice =
            on_advice.map(|advice| RunOnAdvice { wish: advice.wish().clone(), choose: &choose });
        let new = NewRun {
            plan: &plan,
            inputs: &inputs,
            setup: &world.setup,
            fork: fork.as_ref(),
            started: clock.now(),
            context: entry.as_ref(),
            advice: on_advice.as_ref(),
        };
        let run = journal.enter(new, &contents)?;
        let followed = match &advice {
            Some(_) => journal.advice_of_run(run.as_str())?.map(|id| id.to_string()),
            None => None,
        };
        let inputs = Some(contents.write(Value::Object(inputs)));
        let lock = journal.lock(&run)?;
        let mut settings = settings(&world, working.people);
        experience.settle(&mut settings);
        settings.briefing = briefing;
        settings.guidance = guidance;
        let engine = Engine::new(Arc::clone(&plan), settings);
        let contents = contents.forgetful();
        let mut conductor =
            Conductor::new(engine, journal, contents, run.clone(), &world.client, clock)?;
        share_servers(&mut conductor, &world)?;
        let starts = (folder, &run, &world.setup, working);
        give_tools(&mut conductor, orchestrated(&plan, tools, starts)?);
        let history = History::new(Arc::clone(&plan));
        let beginning = Beginning { inputs, fork, ..Beginning::default() };
        let project = context.map(|context| context.project().to_owned());
        Ok(Session {
            plan,
            run,
            conductor,
            beginning,
            world,
            lock,
            history,
            log,
            project,
            advice: followed,
        })
    }

    /// Waits until the disk has the run, for one who is to be told of it before its first fact.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn wait_for_the_disk(&self) -> Result<(), Failure> {
        self.log.as_ref().map_or(Ok(()), |log| Ok(log.write_out()?))
    }

    /// Takes a stored run up again.
    ///
    /// # Errors
    /// When it is over or under way elsewhere, or no server can be reached.
    pub fn resume(
        stored: StoredRun,
        mut choice: Choice,
        working: &Working<'_>,
    ) -> Result<Session, Failure> {
        let lock = stored.journal.lock(&stored.record.id)?;
        // Read behind the lock: until now another process may have gone on with it or removed it.
        let stored = stored.again()?;
        let facts = stored.facts()?;
        let history = History::of_facts(Arc::clone(&stored.plan), &facts);
        if history.status.is_final() || stored.record.is_over() {
            let run = &stored.record.id;
            let message = format!("run {run} is over: {}", stored.record.status);
            return Err(Failure::new(FailureKind::Usage, message)
                .hint(format!("`partita show {run}` shows what came of it"))
                .hint(format!("`partita retry {run}` runs what failed again")));
        }
        // Whoever took it up last may have raised them.
        if let Some(settings) = history.settings() {
            choice.setup.budgets.clone_from(&settings.budgets);
        }
        change_budgets(&stored.plan, &mut choice.setup.budgets, &choice.budgets)?;
        let commands = commands_of(&stored.plan, &choice.setup, &working.access)?;
        let folder = stored.journal.folder().to_owned();
        let StoredRun { mut journal, record, plan } = stored;
        journal.set_durability(working.durability)?;
        journal.enter_late_answers(&record.id, history.plan(), &facts)?;
        // A process that died before its first fact has left behind what the run begins with.
        let beginning = if facts.is_empty() {
            let fork = journal.fork(&record)?;
            Beginning { inputs: Some(record.inputs.clone()), fork, ..Beginning::default() }
        } else {
            Beginning::default()
        };
        let (world, tools) = open_world(choice, &plan, working, commands)?;
        let damaged = |error: FoldError| {
            let message = format!("the journal of run {} is damaged: {error}", record.id);
            Failure::new(FailureKind::Failed, message)
        };
        let mut settings = settings(&world, working.people);
        // A run is of one mind from its beginning to its end.
        if let Some(known) = history.settings() {
            settings.estimates.clone_from(&known.estimates);
            settings.promised.clone_from(&known.promised);
            settings.briefing.clone_from(&known.briefing);
            settings.guidance.clone_from(&known.guidance);
        } else {
            // It has told nobody anything yet. Where its documents lie now is not known.
            settings.guidance = Some(guidance_of(&plan, &Library::default(), &no_learnings)?);
        }
        let engine = Engine::of_history(Arc::clone(&plan), settings, &facts).map_err(damaged)?;
        let run = record.id.clone();
        let clock = Clock::start();
        let starts = (folder.as_path(), &run, &world.setup, working);
        let tools = orchestrated(&plan, tools, starts)?;
        let contents = JournalContents::of(&journal)?;
        let mut conductor =
            Conductor::new(engine, journal, contents, run.clone(), &world.client, clock)?;
        share_servers(&mut conductor, &world)?;
        give_tools(&mut conductor, tools);
        // The disk has had the run for long.
        Ok(Session {
            plan,
            run,
            conductor,
            beginning,
            world,
            lock,
            history,
            log: None,
            project: None,
            advice: None,
        })
    }

    /// The plan.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Which run.
    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// What has happened before this process took the run up.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// What it keeps of an earlier run, if it is a fork.
    pub fn fork(&self) -> Option<&Fork> {
        self.beginning.fork.as_ref().or(self.history.fork.as_ref())
    }

    /// The project in whose context it was started just now.
    pub fn project(&self) -> Option<&str> {
        self.project.as_deref()
    }

    /// The advice that it was started on just now.
    pub fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }

    /// Where it takes place.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// A way to the run for other threads.
    pub fn remote(&self) -> Remote {
        self.conductor.remote()
    }

    /// Works on the run until it stops, with what was decided beforehand. The observer has been told
    /// every fact that was stored.
    ///
    /// # Errors
    /// When facts cannot be stored; the run can be resumed.
    pub fn conduct(
        mut self,
        decisions: Vec<DecidedAhead>,
        observer: &mut dyn Observer,
        tokio: &Runtime,
    ) -> Result<Finished, Failure> {
        let beginning = Beginning { decisions, ..self.beginning };
        self.conductor.make_calls_on(tokio.handle().clone(), &Client::new()?);
        let conducted = self.conductor.conduct(beginning, &self.world.reports, observer);
        let status = thread_of_its_own()?.block_on(conducted)?;
        let contents = self.conductor.into_contents();
        if status.is_final() {
            self.lock.finish();
        }
        if let Some(simulated) = self.world.simulated {
            simulated.shutdown();
        }
        Ok(Finished { status, run: self.run, contents, setup: self.world.setup })
    }
}

/// The servers of a run, with all models that it needs, and its tools.
fn open_world(
    choice: Choice,
    plan: &Plan,
    working: &Working<'_>,
    commands: Option<Commands>,
) -> Result<(World, Option<ToolHouse>), Failure> {
    let world = World::open(choice, plan, working.tokio)?;
    check_models(plan, &world)?;
    let tools = tools_of(plan, &world, &working.access)?;
    Ok((world, tools.map(|tools| tools.with_commands(commands))))
}

/// What conducts a run on the thread that waits for it.
fn thread_of_its_own() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(FailureKind::Failed, format!("no threads: {error}")))
}

/// Servers that were simulated for the run are its own; others may be used by more.
fn share_servers(conductor: &mut Conductor, world: &World) -> Result<(), Failure> {
    if world.simulated.is_none() { Ok(conductor.share_servers()?) } else { Ok(()) }
}

fn give_tools(conductor: &mut Conductor, tools: Option<ToolHouse>) {
    if let Some(tools) = tools {
        conductor.give_tools(tools);
    }
}

fn settings(world: &World, people: People) -> Settings {
    let mut settings = Settings::of_cluster(&world.setup.cluster, world.model.name.clone());
    settings.people = people;
    settings.cache = world.setup.cache;
    settings.budgets.clone_from(&world.setup.budgets);
    settings.trained_windows.clone_from(&world.trained_windows);
    if world.setup.cluster.digests == Digests::One {
        let chosen = world.different_models.iter().filter_map(|model| {
            let (digest, _) = model.digests.first()?;
            Some((full_name(&model.name), digest.clone()))
        });
        settings.digests = chosen.collect();
    }
    for (place, server) in settings.servers.iter_mut().enumerate() {
        let report = world.reports.get(place);
        server.simulated =
            world.setup.simulation.is_some() || report.is_some_and(|report| report.is_simulated);
    }
    // A rehearsal has a seed even where none was given, so that it can be rehearsed again.
    settings.seed = world.setup.seed.or(world.setup.simulation.as_ref().map(|p| p.seed));
    settings
}
