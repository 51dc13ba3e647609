//! Shares of servers in virtual time: shares that come at random moments, and many engines on one
//! cluster that agree by the board.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use partita::engine::content::{Contents, MemoryContents};
use partita::engine::sharing::{Board, Holding, Member, Share, Sharing};
use partita::engine::simulation::{Rehearsal, Script};
use partita::engine::{Fact, Input, Recorded, RunStatus, ServerId, Settings, Time};
use partita::insight::{History, Metrics, Statistics};
use partita::language::document::simulation::{AnswerRule, Profile, RequestMatch, SimulatedServer};
use partita::language::document::{HumanDuration, Policy};
use partita::language::plan::Plan;
use serde_json::Map;

use super::journal::FaultyJournal;
use super::planners::Planners;
use super::play;
use super::story::{look, outputs};
use super::watch::Watch;
use super::world::{models, profile, random_plan, settings};
use crate::random_plans::MODELS;
use crate::support::{Dice, plan};

const POLICIES: [Policy; 4] =
    [Policy::ModelAffinity, Policy::RoundRobin, Policy::LoadAware, Policy::Capability];

/// How many seeds are tried.
const SEEDS: u64 = 200;

fn rehearsal<'c>(
    plan: &Arc<Plan>,
    settings: &Settings,
    profile: &Profile,
    contents: &'c dyn Contents,
) -> Rehearsal<'c> {
    let script = Script { profile: profile.clone(), ..Script::default() };
    let inputs = plan.root().bind_inputs(&Map::new()).expect("defaults");
    Rehearsal::new(Arc::clone(plan), settings.clone(), script, &inputs, contents, &Planners)
}

fn random_share(dice: &mut Dice) -> Share {
    let holding = match dice.below(4) {
        0 => Holding::Whole,
        1 => Holding::nothing(),
        _ => {
            let models = MODELS.iter().filter(|_| dice.one_in(2)).copied().collect::<Vec<_>>();
            let calls = models
                .into_iter()
                .map(|model| (model.to_owned(), u32::try_from(1 + dice.below(3)).expect("small")));
            Holding::Calls(calls.collect())
        }
    };
    Share { holding, sharing: None }
}

/// That every call that began was in the share that held, with those under way beside it.
fn assert_in_share(facts: &[Recorded], seen: usize, shares: &[Share], what: &str) {
    let mut running: BTreeMap<u32, (ServerId, &str)> = BTreeMap::new();
    for (number, recorded) in facts.iter().enumerate() {
        match &recorded.fact {
            Fact::AttemptStarted { attempt, server, model, .. } => {
                running.insert(attempt.task.0, (*server, model));
                let calls = running.values().filter(|call| **call == (*server, model)).count();
                let most = shares[server.index()].holding.calls_of(model, u32::MAX) as usize;
                assert!(number < seen || calls <= most, "{what}: {calls} calls of {most}");
            }
            Fact::AttemptEnded { attempt, .. } => drop(running.remove(&attempt.task.0)),
            Fact::TaskCancelled { task } => drop(running.remove(&task.0)),
            _ => {}
        }
    }
}

#[test]
fn no_call_begins_above_a_share_whenever_that_changes() {
    for seed in 0..SEEDS {
        let mut dice = Dice::new(seed ^ 0x5a5a);
        let plan = random_plan(seed);
        let with_faults = dice.one_in(2);
        let profile = profile(&mut dice, with_faults);
        let settings = settings(&profile, POLICIES[dice.below(4) as usize]);
        let contents = MemoryContents::default();
        let journal = FaultyJournal::new(&contents, &[], &[]);
        let mut rehearsal = rehearsal(&plan, &settings, &profile, &journal).kept_in(&journal);
        let mut watch = Watch::new(&plan, &settings);
        let mut stopped = None;
        let mut commits = 0;
        for _ in 0..dice.below(30) {
            let shares: Vec<Share> =
                settings.servers.iter().map(|_| random_share(&mut dice)).collect();
            rehearsal.tell(Input::Shares(shares.clone()));
            commits += 1 + usize::try_from(dice.below(8)).expect("small");
            let seen = rehearsal.facts().len();
            let mut broken = Ok(());
            stopped = rehearsal
                .run_until(commits, |now| {
                    if broken.is_ok() {
                        broken = look(now, &mut watch, &journal, None);
                    }
                })
                .unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            broken.unwrap_or_else(|broken| panic!("seed {seed}: {broken:?}"));
            assert_in_share(rehearsal.facts(), seen, &shares, &format!("seed {seed}"));
            if stopped.is_some() {
                break;
            }
        }
        rehearsal.tell(Input::Shares(settings.servers.iter().map(|_| Share::whole()).collect()));
        if stopped.is_none() {
            stopped = rehearsal.run().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        }
        assert!(stopped.is_some(), "seed {seed}: the run hangs");
    }
}

#[test]
fn a_run_does_not_give_up_while_others_have_its_servers() {
    let profile = Profile {
        servers: vec![SimulatedServer::named("server_0")],
        models: models(&MODELS),
        ..Profile::default()
    };
    let settings = settings(&profile, Policy::ModelAffinity);
    let contents = MemoryContents::default();
    let mut run = rehearsal(&flat_plan(3, MODELS[0]), &settings, &profile, &contents);
    let sharing = Sharing { slots: 0, of: 4, with: vec!["other".to_owned()] };
    let waiting = Share { holding: Holding::nothing(), sharing: Some(sharing) };
    run.tell(Input::Shares(vec![waiting]));
    let later = Time(0) + settings.give_up_after.0 * 10;
    assert_eq!(run.run_to(later), Ok(None), "it waits");
    run.tell(Input::Shares(vec![Share::whole()]));
    assert_eq!(run.run(), Ok(Some(RunStatus::Succeeded)));
    let told: Vec<&Fact> = run.facts().iter().map(|recorded| &recorded.fact).collect();
    let first =
        told.iter().find(|fact| !matches!(fact, Fact::RunStarted { .. } | Fact::ModelsSeen { .. }));
    assert!(matches!(first, Some(Fact::ServerShared { slots: 0, of: 4, .. })), "{told:?}");
    assert!(told.iter().any(|fact| matches!(fact, Fact::ServerUnshared { .. })), "{told:?}");
    // The stored run tells how long that was.
    let history = History::of_facts(run.engine().state().plan().clone(), run.facts());
    let statistics = Statistics::of(&history, &Metrics::of(&history));
    assert_eq!(statistics.waited_beside_others, settings.give_up_after.0 * 10);
}

/// A run among several.
struct Beside<'c> {
    rehearsal: Rehearsal<'c>,
    member: Member,
    next_look: Time,
    stopped: Option<RunStatus>,
    died: Option<Time>,
}

impl<'c> Beside<'c> {
    fn new(
        number: usize,
        plan: &Arc<Plan>,
        settings: &Settings,
        profile: &Profile,
        contents: &'c MemoryContents,
    ) -> Beside<'c> {
        let places = settings.servers.iter().map(|server| server.name.clone()).collect();
        let member = Member::new(format!("run_{number}"), settings.clone(), places);
        let mut rehearsal = rehearsal(plan, settings, profile, contents);
        rehearsal.tell(Input::Shares(member.shares().to_vec()));
        Beside { rehearsal, member, next_look: Time(0), stopped: None, died: None }
    }

    fn is_over(&self) -> bool {
        self.stopped.is_some() || self.died.is_some()
    }

    /// Lives until its next look, and looks.
    fn look(&mut self, board: &mut Board, pause: Duration) {
        let now = self.next_look;
        self.stopped = self.rehearsal.run_to(now).expect("no contradiction");
        if self.stopped.is_some() {
            board.runs.remove(self.member.run());
            return;
        }
        let needs = self.rehearsal.engine().needs();
        let shares = self.member.look(board, now, &needs).to_vec();
        self.rehearsal.tell(Input::Shares(shares));
        self.next_look = now + pause;
    }
}

/// Lets all live until all are over, with looks that come at random moments and some that die.
fn live(runs: &mut [Beside<'_>], dice: &mut Dice, deaths: bool, what: &str) -> Time {
    let mut board = Board::default();
    let mut now = Time(0);
    while let Some(next) = (0..runs.len())
        .filter(|number| !runs[*number].is_over())
        .min_by_key(|number| (runs[*number].next_look, *number))
    {
        now = runs[next].next_look;
        assert!(now < Time(86_400_000_000), "{what}: a run waits for ever");
        let pause = Duration::from_millis(200 + dice.below(100));
        runs[next].look(&mut board, pause);
        if deaths && dice.one_in(400) && !runs[next].is_over() {
            runs[next].died = Some(now);
            board.runs.remove(runs[next].member.run());
        }
    }
    now
}

/// That all runs together never asked more of a server than it has.
fn assert_servers_not_exceeded(runs: &[Beside<'_>], settings: &Settings, what: &str) {
    // Ends before beginnings, of the same moment.
    let mut edges: Vec<(Time, i32, ServerId, String)> = Vec::new();
    for run in runs {
        let mut open: BTreeMap<u32, (ServerId, String)> = BTreeMap::new();
        let mut close = |task: u32, at: Time, open: &mut BTreeMap<u32, (ServerId, String)>| {
            if let Some((server, model)) = open.remove(&task) {
                edges.push((at, -1, server, model));
            }
        };
        let mut begun = Vec::new();
        for Recorded { at, fact, .. } in run.rehearsal.facts() {
            match fact {
                Fact::AttemptStarted { attempt, server, model, .. } => {
                    open.insert(attempt.task.0, (*server, model.clone()));
                    begun.push((*at, 1, *server, model.clone()));
                }
                Fact::AttemptEnded { attempt, .. } => close(attempt.task.0, *at, &mut open),
                Fact::TaskCancelled { task } => close(task.0, *at, &mut open),
                _ => {}
            }
        }
        let tasks: Vec<u32> = open.keys().copied().collect();
        for task in tasks {
            close(task, run.died.expect("a call that has not ended is of a dead run"), &mut open);
        }
        edges.extend(begun);
    }
    edges.sort();
    let mut calls: BTreeMap<(ServerId, String), i32> = BTreeMap::new();
    for (at, change, server, model) in edges {
        *calls.entry((server, model)).or_default() += change;
        let here = calls.iter().filter(|((other, _), count)| *other == server && **count > 0);
        let counts: Vec<i32> = here.map(|(_, count)| *count).collect();
        let known = settings.server(server);
        let slots = i32::try_from(known.slots).expect("few");
        assert!(counts.iter().all(|count| *count <= slots), "{what}: {counts:?} at {at}");
        assert!(counts.len() <= known.max_models as usize, "{what}: {counts:?} at {at}");
    }
}

#[test]
fn many_runs_together_never_exceed_a_server_and_all_come_to_their_end() {
    for seed in 0..80 {
        let mut dice = Dice::new(seed ^ 0xc3c3);
        let with_faults = dice.one_in(3);
        let profile = profile(&mut dice, with_faults);
        let settings = settings(&profile, POLICIES[dice.below(4) as usize]);
        let plans: Vec<Arc<Plan>> =
            (0..2 + dice.below(3)).map(|number| random_plan(seed * 7 + number)).collect();
        let contents = MemoryContents::default();
        let mut runs: Vec<Beside<'_>> = plans
            .iter()
            .enumerate()
            .map(|(number, plan)| Beside::new(number, plan, &settings, &profile, &contents))
            .collect();
        let deaths = dice.one_in(2);
        live(&mut runs, &mut dice, deaths, &format!("seed {seed}"));
        assert_servers_not_exceeded(&runs, &settings, &format!("seed {seed}"));
        for (beside, plan) in runs.iter().zip(&plans).filter(|(run, _)| run.died.is_none()) {
            if with_faults {
                continue;
            }
            // Company changes when things are done, not what comes of them.
            let script = Script { profile: profile.clone(), ..Script::default() };
            let alone = play(plan, &settings, script, &MemoryContents::default());
            assert_eq!(beside.stopped, Some(alone.status), "seed {seed}");
            assert_eq!(outputs(beside.rehearsal.facts(), &contents), alone.outputs, "seed {seed}");
        }
    }
}

/// A pattern of so many tasks that need nothing of each other.
fn flat_plan(tasks: usize, model: &str) -> Arc<Plan> {
    let mut text = format!(
        "pattern: {{ name: flat }}\nteam: {{ name: t, agents: [{{ role: A, model: '{model}' }}] \
         }}\ntasks:\n"
    );
    for number in 0..tasks {
        let _ = writeln!(text, "  t{number}: {{ agent: a, prompt: 'Task {number}' }}");
    }
    plan(&[("flat.yaml", &text)])
}

/// How long runs of these plans take beside each other, on servers with two slots each.
fn makespan(plans: &[Arc<Plan>], servers: u32) -> Duration {
    let answer = AnswerRule {
        matches: RequestMatch::default(),
        duration: Some(HumanDuration(Duration::from_secs(5))),
        ..AnswerRule::default()
    };
    let servers = (0..servers).map(|number| SimulatedServer {
        slots: 2,
        max_loaded_models: 1,
        ..SimulatedServer::named(&format!("server_{number}"))
    });
    let profile = Profile {
        time_scale: 1.0,
        servers: servers.collect(),
        models: models(&MODELS),
        answers: vec![answer],
        ..Profile::default()
    };
    let settings = settings(&profile, Policy::ModelAffinity);
    let contents = MemoryContents::default();
    let mut runs: Vec<Beside<'_>> = plans
        .iter()
        .enumerate()
        .map(|(number, plan)| Beside::new(number, plan, &settings, &profile, &contents))
        .collect();
    live(&mut runs, &mut Dice::new(1), false, "equal runs");
    assert_servers_not_exceeded(&runs, &settings, "equal runs");
    assert!(runs.iter().all(|run| run.stopped == Some(RunStatus::Succeeded)));
    let ends = runs.iter().filter_map(|run| run.rehearsal.facts().last()).map(|fact| fact.at);
    ends.max().expect("facts").since(Time(0))
}

#[test]
fn equal_runs_take_hardly_longer_than_one_with_all_their_work() {
    for (count, servers) in [(2, 2), (3, 2), (4, 1)] {
        let plans: Vec<Arc<Plan>> = (0..count).map(|_| flat_plan(40, MODELS[0])).collect();
        let together = makespan(&plans, servers);
        let alone = makespan(&[flat_plan(40 * count, MODELS[0])], servers);
        assert!(together <= alone.mul_f64(1.1), "{count} runs: {together:?} beside {alone:?}");
    }
}

#[test]
fn runs_with_different_models_do_not_take_servers_from_each_other_call_by_call() {
    let plans = [flat_plan(40, MODELS[0]), flat_plan(40, MODELS[1])];
    let alone: Duration = plans.iter().map(|plan| makespan(std::slice::from_ref(plan), 1)).sum();
    let together = makespan(&plans, 1);
    // Each turn costs the end of the last call and a load.
    assert!(together <= alone.mul_f64(1.4), "{together:?} beside {alone:?}");
    let on_two = makespan(&plans, 2);
    assert!(on_two <= alone.mul_f64(0.55), "{on_two:?} beside {alone:?}");
}
