//! The engine in virtual time: random plans, random faults, death at any moment, and what must
//! hold whatever happens.

mod forks;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use partita::engine::content::{Contents, MemoryContents};
use partita::engine::simulation::{Placeholders, Rehearsal, Script};
use partita::engine::{
    Engine, Fact, FailureClass, Next, Outcome, People, Recorded, Remedy, ResourceId, Resources,
    RunStatus, Server, ServerId, Settings, TaskStatus,
};
use partita::insight::History;
use partita::language::document::simulation::{
    Fault, FaultRule, Profile, RequestMatch, SimulatedModel, SimulatedServer,
};
use partita::language::document::{Backoff, CallLimits, ClusterSettings, HumanDuration, Policy};
use partita::language::plan::{Plan, TaskId};
use serde_json::{Map, Value};

use crate::random_plans::{MODELS, random_pattern};
use crate::statistics::assert_times_are_explained;
use crate::support::{Dice, plan};

/// How many seeds are tried. `PARTITA_SEEDS` on the command line tries others.
const SEEDS: u64 = 1500;

fn seeds() -> std::ops::Range<u64> {
    match std::env::var("PARTITA_SEEDS").ok().and_then(|text| {
        let (from, to) = text.split_once("..")?;
        Some(from.parse().ok()?..to.parse().ok()?)
    }) {
        Some(range) => range,
        None => 0..SEEDS,
    }
}

fn random_plan(seed: u64) -> Arc<Plan> {
    let texts = random_pattern(seed);
    let texts: Vec<(&str, &str)> =
        texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    plan(&texts)
}

fn settings(profile: &Profile, policy: Policy) -> Settings {
    let cluster = ClusterSettings::of_urls(profile.servers.iter().map(|s| s.name.clone()));
    let mut settings = Settings::of_cluster(&cluster, "llama3.1:8b".to_owned());
    settings.policy = policy;
    settings.servers = profile
        .servers
        .iter()
        .map(|server| Server {
            name: server.name.clone(),
            url: String::new(),
            slots: server.slots,
            max_models: server.max_loaded_models,
            tags: Vec::new(),
            weight: server.speed,
            simulated: true,
        })
        .collect();
    settings.breaker_open =
        Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(8) };
    settings.give_up_after = HumanDuration(Duration::from_secs(600));
    settings.seed = Some(7);
    settings.people = People::Absent;
    settings
}

/// Two of three runs have limits.
fn limit(settings: &mut Settings, dice: &mut Dice) {
    if !dice.one_in(3) {
        settings.limits = limits(dice);
        settings.max_parallel = u32::try_from(1 + dice.below(8)).expect("small");
    }
}

/// Limits of some of what the random plans ask and take.
fn limits(dice: &mut Dice) -> CallLimits {
    let mut limit = |names: &[&str]| -> BTreeMap<String, NonZeroU32> {
        let names = names.iter().filter(|_| dice.one_in(2)).map(|name| (*name).to_owned());
        let names: Vec<String> = names.collect();
        let count = |dice: &mut Dice| NonZeroU32::MIN.saturating_add(dice.below(3) as u32);
        names.into_iter().map(|name| (name, count(dice))).collect()
    };
    CallLimits {
        models: limit(&MODELS),
        agents: limit(&["lead", "hand", "helper"]),
        resources: limit(&["search", "disk"]),
    }
}

fn profile(dice: &mut Dice, with_faults: bool) -> Profile {
    let servers = 1 + dice.below(3);
    let servers = (0..servers).map(|number| SimulatedServer {
        slots: u32::try_from(1 + dice.below(3)).expect("small"),
        speed: [0.5, 1.0, 2.0][dice.below(3) as usize],
        max_loaded_models: u32::try_from(1 + dice.below(2)).expect("small"),
        // The first has them all: a run need not fail because nobody has a model.
        models: (number > 0 && dice.one_in(3)).then(|| models(&MODELS[..1])),
        ..SimulatedServer::named(&format!("server_{number}"))
    });
    let servers: Vec<SimulatedServer> = servers.collect();
    let faults = if with_faults { 1 + dice.below(5) } else { 0 };
    Profile {
        time_scale: 1.0,
        models: models(&MODELS),
        faults: (0..faults).map(|_| random_fault(dice)).collect(),
        servers,
        ..Profile::default()
    }
}

fn models(names: &[&str]) -> Vec<SimulatedModel> {
    let model = |name: &&str| SimulatedModel {
        name: (*name).to_owned(),
        size_gigabytes: 1.0,
        ..SimulatedModel::default()
    };
    names.iter().map(model).collect()
}

fn random_fault(dice: &mut Dice) -> FaultRule {
    let after_tokens = u32::try_from(dice.below(6)).expect("small");
    let fault = match dice.below(20) {
        0 => Fault::Down { duration: Some(HumanDuration(Duration::from_secs(1 + dice.below(60)))) },
        1 => Fault::Silent,
        2 => Fault::Overloaded,
        3 => Fault::Status { status: 500, message: None },
        4 => Fault::Stall { after_tokens },
        5 => Fault::Disconnect { after_tokens },
        6 => Fault::Crash { after_tokens },
        7 => Fault::Unfinished { after_tokens },
        8 => Fault::Slow { factor: 30.0 },
        9 => Fault::Malformed,
        10 => Fault::Empty,
        11 => Fault::CutByLength { after_tokens },
        12 => Fault::LoadFailure,
        13 => Fault::LoadStall,
        14 => Fault::Truncate { kept_tokens: after_tokens },
        15 => Fault::ToolCall,
        16 => Fault::Refused,
        17 => Fault::Status { status: 401, message: None },
        18 => Fault::Status { status: 499, message: None },
        _ => Fault::Garbage,
    };
    FaultRule {
        matches: RequestMatch::default(),
        after: u32::try_from(dice.below(8)).expect("small"),
        times: Some(u32::try_from(1 + dice.below(3)).expect("small")),
        fault,
    }
}

/// What must hold after every step.
struct Watch<'p> {
    plan: &'p Plan,
    seen: usize,
    ended: BTreeSet<TaskId>,
    running: BTreeMap<TaskId, (ServerId, String)>,
    resources: Resources,
    /// How often each task was tried again behind each class of failure.
    retried: BTreeMap<(TaskId, FailureClass), u32>,
}

impl<'p> Watch<'p> {
    fn new(plan: &'p Plan, settings: &Settings) -> Watch<'p> {
        Watch {
            plan,
            seen: 0,
            ended: BTreeSet::new(),
            running: BTreeMap::new(),
            resources: Resources::of(plan, settings),
            retried: BTreeMap::new(),
        }
    }

    fn check(&mut self, facts: &[Recorded], settings: &Settings, seed: u64) {
        for recorded in &facts[self.seen..] {
            self.seen += 1;
            assert_eq!(recorded.sequence, self.seen as u64, "seed {seed}: a gap");
            match &recorded.fact {
                Fact::AttemptStarted { attempt, server, model, .. } => {
                    self.starts(attempt.task, seed);
                    self.running.insert(attempt.task, (*server, model.clone()));
                    let at_work = self.running.values().filter(|(s, _)| s == server);
                    let mut calls: BTreeMap<&str, u32> = BTreeMap::new();
                    for (_, model) in at_work {
                        *calls.entry(model).or_default() += 1;
                    }
                    let Server { slots, max_models, .. } = settings.server(*server);
                    let held = u32::try_from(calls.len()).expect("few models");
                    assert!(held <= *max_models, "seed {seed}: {calls:?} on one server");
                    assert!(calls.values().all(|n| n <= slots), "seed {seed}: {calls:?}");
                    self.keeps_limits(seed);
                }
                Fact::AttemptEnded { attempt, outcome, next } => {
                    self.running.remove(&attempt.task);
                    self.follows_the_table(attempt.task, outcome, *next, seed);
                    let answered = matches!(outcome, Outcome::Answered { .. });
                    if answered || *next == Next::Done {
                        self.ends(attempt.task, seed);
                    }
                }
                Fact::TaskCancelled { task } => {
                    self.running.remove(task);
                    self.ends(*task, seed);
                }
                Fact::TaskKept { task } => {
                    self.starts(*task, seed);
                    self.ends(*task, seed);
                }
                Fact::TaskSkipped { task, .. }
                | Fact::GateDecided { task, .. }
                | Fact::TaskSucceeded { task, .. } => self.ends(*task, seed),
                Fact::TaskFailed { task, next: Next::Done, .. } => {
                    self.ends(*task, seed);
                }
                Fact::PatternOpened { task, .. } | Fact::GateOpened { task, .. } => {
                    self.starts(*task, seed);
                }
                _ => {}
            }
        }
    }

    fn starts(&self, id: TaskId, seed: u64) {
        let task = self.plan.task(id);
        assert!(!self.ended.contains(&id), "seed {seed}: {} starts after its end", task.path);
        for need in &task.needs {
            let needed = &self.plan.task(need.task).path;
            assert!(
                self.ended.contains(&need.task),
                "seed {seed}: {} starts before {needed}",
                task.path
            );
        }
        let scope = self.plan.scope(task.scope);
        let own = scope.waves.iter().position(|wave| *wave == task.wave).expect("its wave");
        if self.plan.wave(task.wave).barrier {
            for wave in &scope.waves[..own] {
                for before in &self.plan.wave(*wave).tasks {
                    assert!(
                        self.ended.contains(before),
                        "seed {seed}: {} passes a barrier",
                        task.path
                    );
                }
            }
        }
    }

    /// Calls under way take no more of anything than there is.
    fn keeps_limits(&self, seed: u64) {
        let mut in_use: BTreeMap<ResourceId, u32> = BTreeMap::new();
        for share in self.running.keys().flat_map(|task| self.resources.of_task(*task)) {
            *in_use.entry(share.resource).or_default() += share.count;
        }
        for (id, count) in in_use {
            let (limited, most) = (self.resources.limited(id), self.resources.capacity(id));
            assert!(count <= most, "seed {seed}: {count} of {most}: {limited}");
        }
    }

    /// What follows a failure is what the table of classes says.
    fn follows_the_table(&mut self, id: TaskId, outcome: &Outcome, next: Next, seed: u64) {
        let Outcome::Failed { failure, .. } = outcome else { return };
        let task = self.plan.task(id);
        let path = &task.path;
        let class = failure.class;
        if let Next::Retry { .. } = next {
            *self.retried.entry((id, class)).or_default() += 1;
            let of_task = self.retried.iter().filter(|((task, _), _)| *task == id);
            let counted: u32 = of_task.map(|(_, times)| times).sum();
            assert!(counted < task.retry.max_attempts, "seed {seed}: {path} is tried too often");
        }
        let times = self.retried.get(&(id, class)).copied().unwrap_or_default();
        let ends = matches!(next, Next::Done | Next::FallBack);
        let holds = match class.treatment().remedy {
            Remedy::Wait => matches!(next, Next::Wait { .. }),
            Remedy::Move | Remedy::Retry => !matches!(next, Next::Wait { .. }),
            Remedy::Elsewhere => ends || matches!(next, Next::Move { .. }),
            Remedy::RetryOnce => ends || times == 1,
            Remedy::GiveUp => ends,
        };
        assert!(holds, "seed {seed}: {path}: {next:?} behind {}", class.as_str());
    }

    fn ends(&mut self, id: TaskId, seed: u64) {
        assert!(self.ended.insert(id), "seed {seed}: {} ends twice", self.plan.task(id).path);
    }
}

struct Ended {
    status: RunStatus,
    facts: Vec<Recorded>,
    outputs: Option<Value>,
}

fn outputs(facts: &[Recorded], contents: &MemoryContents) -> Option<Value> {
    facts.iter().rev().find_map(|recorded| match &recorded.fact {
        Fact::RunEnded { outputs: Some(outputs), .. } => {
            contents.read(outputs).ok().map(|value| (*value).clone())
        }
        _ => None,
    })
}

/// Runs a plan to its end, dying after each of the given numbers of steps.
fn run(
    plan: &Arc<Plan>,
    settings: &Settings,
    profile: &Profile,
    deaths: &[usize],
    seed: u64,
) -> Ended {
    let script = Script { profile: profile.clone(), ..Script::default() };
    run_script(plan, settings, script, &MemoryContents::default(), deaths, seed)
}

/// The same with a script, and contents that outlive the run.
fn run_script(
    plan: &Arc<Plan>,
    settings: &Settings,
    script: Script,
    contents: &MemoryContents,
    deaths: &[usize],
    seed: u64,
) -> Ended {
    let mut rehearsal = Rehearsal::new(
        Arc::clone(plan),
        settings.clone(),
        script.clone(),
        &plan.root().bind_inputs(&Map::new()).expect("defaults"),
        contents,
        &Placeholders,
    );
    let mut watch = Watch::new(plan, settings);
    let mut stopped = None;
    for death in deaths {
        stopped = rehearsal
            .run_until(*death, |now| watch.check(now.facts(), settings, seed))
            .unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        if stopped.is_some() {
            break;
        }
        let facts = rehearsal.facts().to_vec();
        if facts.is_empty() {
            continue;
        }
        // The driver dies: everything but the facts and contents is gone, and its calls with it.
        watch.running.clear();
        rehearsal = Rehearsal::resumed(
            Arc::clone(plan),
            settings.clone(),
            script.clone(),
            facts,
            contents,
            &Placeholders,
        )
        .unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
    let status = match stopped {
        Some(status) => Some(status),
        None => rehearsal
            .run_until(200_000, |now| watch.check(now.facts(), settings, seed))
            .unwrap_or_else(|error| panic!("seed {seed}: {error}")),
    };
    let status = status.unwrap_or_else(|| {
        let last: Vec<_> = rehearsal.facts().iter().rev().take(5).collect();
        panic!("seed {seed}: the run never ends; deaths {deaths:?}; last {last:#?}")
    });
    let facts = rehearsal.facts().to_vec();
    let folded = Engine::of_history(Arc::clone(plan), settings.clone(), &facts)
        .unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    assert_eq!(folded.state(), rehearsal.engine().state(), "seed {seed}: fold and live differ");
    if status.is_final() {
        let state = rehearsal.engine().state();
        let history = History::of_facts(Arc::clone(plan), &facts);
        for (id, task) in plan.tasks() {
            let shown = history.task(id).status();
            assert_eq!(shown, state.task(id).status, "seed {seed}: {} is shown so", task.path);
            let inside_closed = plan.scope(task.scope).caller.is_some_and(|caller| {
                state.scope_inputs(task.scope).is_none() && state.task(caller).status.is_final()
            });
            assert!(
                state.task(id).status.is_final() || inside_closed,
                "seed {seed}: {} is {:?} at the end",
                task.path,
                state.task(id).status
            );
        }
    }
    let outputs = outputs(&facts, contents);
    Ended { status, facts, outputs }
}

#[test]
fn whatever_happens_the_rules_hold() {
    for seed in seeds() {
        let mut dice = Dice::new(seed);
        let plan = random_plan(seed);
        let profile = profile(&mut dice, true);
        let policy =
            [Policy::RoundRobin, Policy::Capability, Policy::LoadAware, Policy::ModelAffinity]
                [dice.below(4) as usize];
        let mut settings = settings(&profile, policy);
        limit(&mut settings, &mut dice);
        let ended = run(&plan, &settings, &profile, &[], seed);
        assert!(ended.status.is_final(), "seed {seed}: {:?}", ended.status);
        // The same again, to the letter.
        let again = run(&plan, &settings, &profile, &[], seed);
        assert_eq!(ended.facts, again.facts, "seed {seed}: two runs differ");
        assert_times_are_explained(&plan, &ended.facts, seed);
    }
}

#[test]
fn without_faults_every_run_succeeds_and_death_changes_no_output() {
    for seed in seeds() {
        let mut dice = Dice::new(seed);
        let plan = random_plan(seed);
        let profile = profile(&mut dice, false);
        let mut settings = settings(&profile, Policy::ModelAffinity);
        limit(&mut settings, &mut dice);
        let whole = run(&plan, &settings, &profile, &[], seed);
        assert_eq!(whole.status, RunStatus::Succeeded, "seed {seed}");
        let steps = whole.facts.len() as u64 * 2;
        let deaths: Vec<usize> =
            (0..1 + dice.below(4)).map(|_| dice.below(steps) as usize + 1).collect();
        let broken = run(&plan, &settings, &profile, &deaths, seed);
        assert_eq!(broken.status, RunStatus::Succeeded, "seed {seed}");
        assert_eq!(broken.outputs, whole.outputs, "seed {seed}: deaths {deaths:?}");
        assert_never_asked_again(&broken.facts, seed);
        assert_times_are_explained(&plan, &broken.facts, seed);
        let history = History::of_facts(Arc::clone(&plan), &broken.facts);
        let whole_history = History::of_facts(Arc::clone(&plan), &whole.facts);
        for (id, task) in plan.tasks() {
            assert_eq!(
                history.task(id).status(),
                whole_history.task(id).status(),
                "seed {seed}: {}",
                task.path
            );
        }
    }
}

/// Between an answer and the end of the run no further attempt at the task begins.
fn assert_never_asked_again(facts: &[Recorded], seed: u64) {
    let mut answered = BTreeSet::new();
    for recorded in facts {
        match &recorded.fact {
            Fact::AttemptEnded { attempt, outcome: Outcome::Answered { .. }, .. } => {
                answered.insert(attempt.task);
            }
            Fact::AttemptStarted { attempt, .. } => {
                assert!(!answered.contains(&attempt.task), "seed {seed}: asked again");
            }
            _ => {}
        }
    }
}

#[test]
fn a_run_can_be_interrupted_and_cancelled_at_any_moment() {
    for seed in seeds().step_by(5) {
        let mut dice = Dice::new(seed);
        let plan = random_plan(seed);
        let profile = profile(&mut dice, seed % 2 == 0);
        let mut settings = settings(&profile, Policy::ModelAffinity);
        limit(&mut settings, &mut dice);
        let moment = Duration::from_millis(dice.below(60_000));
        let contents = MemoryContents::default();
        let inputs = plan.root().bind_inputs(&Map::new()).expect("defaults");
        let script = Script {
            profile: profile.clone(),
            interrupt_at: (seed % 3 != 0).then_some(moment),
            cancel_at: (seed % 3 == 0).then_some(moment),
            ..Script::default()
        };
        let mut rehearsal = Rehearsal::new(
            Arc::clone(&plan),
            settings.clone(),
            script,
            &inputs,
            &contents,
            &Placeholders,
        );
        let status = rehearsal.run().expect("no contradiction").expect("an end");
        if status != RunStatus::Interrupted {
            assert!(status.is_final(), "seed {seed}: {status:?}");
            assert_times_are_explained(&plan, rehearsal.facts(), seed);
            continue;
        }
        let facts = rehearsal.facts().to_vec();
        assert_times_are_explained(&plan, &facts, seed);
        let script = Script { profile, ..Script::default() };
        let mut resumed = Rehearsal::resumed(
            Arc::clone(&plan),
            settings,
            script,
            facts,
            &contents,
            &Placeholders,
        )
        .expect("a history");
        let status = resumed.run().expect("no contradiction").expect("an end");
        assert!(status.is_final(), "seed {seed}: {status:?}");
        assert_never_asked_again(resumed.facts(), seed);
    }
}

#[test]
fn a_gate_without_default_pauses_a_run_that_nobody_watches() {
    let plan = plan(&[(
        "p.yaml",
        "pattern: { name: p }\nteam: { name: t, agents: [{ role: A }] }\ntasks:\n  work: { agent: a, \
         prompt: x }\n  gate: { gate: approval, ask: 'Go?', options: [go, stop] }\n  after: { agent: \
         a, prompt: y, when: \"tasks.gate.choice == 'go'\" }\n",
    )]);
    let profile = Profile::default();
    let mut settings = settings(&profile, Policy::ModelAffinity);
    let contents = MemoryContents::default();
    let script = Script { profile, ..Script::default() };
    let mut rehearsal = Rehearsal::new(
        Arc::clone(&plan),
        settings.clone(),
        script.clone(),
        &Map::new(),
        &contents,
        &Placeholders,
    );
    assert_eq!(rehearsal.run().expect("sound"), Some(RunStatus::Waiting));
    let facts = rehearsal.facts().to_vec();
    settings.people = People::Present;
    let decisions =
        BTreeMap::from([("gate".to_owned(), (Duration::from_secs(5), "go".to_owned()))]);
    let script = Script { decisions, ..script };
    let mut resumed =
        Rehearsal::resumed(Arc::clone(&plan), settings, script, facts, &contents, &Placeholders)
            .expect("a history");
    assert_eq!(resumed.run().expect("sound"), Some(RunStatus::Succeeded));
    let after = plan.find("after").expect("a task");
    assert_eq!(resumed.engine().state().task(after).status, TaskStatus::Succeeded);
}
