//! Which server each policy chooses.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::{Claims, Servers, Shunned, View};
use crate::engine::clocks::Stage;
use crate::engine::experience::Took;
use crate::engine::hands::Ongoing;
use crate::engine::lanes::{Demand, Lanes};
use crate::engine::resources::{Allocation, Resources};
use crate::engine::urgency::{Rank, Turn};
use crate::engine::vocabulary::Observation;
use crate::engine::{AttemptId, ServerId, Settings, Time};
use crate::language::digest::Digest;
use crate::language::document::{ClusterSettings, Policy, Priority};
use crate::language::plan::TaskId;

const MODEL: &str = "llama3.1:8b";
const WORK: Duration = Duration::from_secs(20);

/// A cluster and tasks that all wait for it.
struct Scene {
    settings: Settings,
    servers: Servers,
    lanes: Lanes,
    turns: Vec<Turn>,
    calls: BTreeMap<AttemptId, Ongoing>,
    allocation: Allocation,
    now: Time,
}

impl Scene {
    /// Servers by their slots, weights and tags; tasks by their models and the ways behind them.
    fn new(
        policy: Policy,
        servers: &[(u32, f64, &[&str])],
        tasks: &[(&str, &[&str], Duration)],
    ) -> Scene {
        let urls = (0..servers.len()).map(|number| format!("http://s{number}"));
        let mut settings = Settings::of_cluster(&ClusterSettings::of_urls(urls), MODEL.to_owned());
        settings.policy = policy;
        for (server, (slots, weight, tags)) in settings.servers.iter_mut().zip(servers) {
            server.slots = *slots;
            server.weight = *weight;
            server.tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        }
        let demand = |(model, requires, _): &(&str, &[&str], Duration)| {
            let requires = requires.iter().map(|tag| (*tag).to_owned()).collect();
            Some(Demand {
                model: (*model).to_owned(),
                requires,
                takes: Vec::new(),
                prefix: None,
                estimate: WORK,
            })
        };
        let mut lanes = Lanes::of_demands(tasks.iter().map(demand));
        let rank = |way| Rank { priority: Reverse(Priority::Normal), way: Reverse(way) };
        let turns: Vec<Turn> =
            (0..).zip(tasks).map(|(place, task)| (rank(task.2), TaskId(place))).collect();
        for turn in &turns {
            lanes.enqueue(*turn, Digest::of(b"request"));
        }
        let servers = Servers::new(settings.servers.len());
        Scene {
            settings,
            servers,
            lanes,
            turns,
            calls: BTreeMap::new(),
            allocation: Allocation::new(Resources::none()),
            now: Time::default(),
        }
    }

    fn seen(&mut self, id: u32, models: &[&str], resident: &[&str]) {
        let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        let (models, resident) = (names(models), names(resident));
        let (windows, digests) = (BTreeMap::new(), BTreeMap::new());
        let observation = Observation::Up { models, resident, windows, digests };
        self.servers.get_mut(ServerId(id)).seen(&observation, 3, &BTreeMap::new());
    }

    fn view(&self) -> View<'_> {
        let Scene { settings, servers, lanes, calls, allocation, now, .. } = self;
        View { settings, servers, lanes, calls, allocation, now: *now }
    }

    fn claims(&self) -> Claims {
        match self.settings.policy {
            Policy::ModelAffinity => self.view().claims(&self.lanes.unlimited(&self.allocation)),
            _ => Claims::new(),
        }
    }

    fn choice(&self, task: usize, avoid: Option<u32>) -> Option<u32> {
        let lane = self.lanes.of(self.turns[task].1).expect("a lane");
        let shunned = Shunned { failed: avoid.map(ServerId), too_small: Vec::new() };
        self.view().choose(lane, WORK, &shunned, &self.claims()).map(|id| id.0)
    }

    /// Places a task, which keeps its slot.
    fn place(&mut self, task: usize) -> Option<u32> {
        let server = ServerId(self.choice(task, None)?);
        let turn = self.turns[task];
        let lane = self.lanes.get(self.lanes.of(turn.1).expect("a lane"));
        let model = lane.model.clone();
        let is_cold = self.servers.get(server).is_cold(&model);
        self.lanes.take(turn).expect("it waits");
        self.servers.chosen(server);
        self.servers.get_mut(server).call_started(self.settings.server(server), &model);
        let attempt = AttemptId { task: turn.1, number: 1 };
        let ongoing = Ongoing {
            server,
            model,
            since: self.now,
            is_cold,
            estimate: WORK,
            prefix: None,
            is_remembered: false,
            working_since: None,
            is_hedged: false,
            stage: Stage::of_start(is_cold),
            queue_deadline: None,
            key: None,
        };
        self.calls.insert(attempt, ongoing);
        Some(server.0)
    }

    /// The task's call ends.
    fn end(&mut self, task: usize, load: Duration) {
        let attempt = AttemptId { task: self.turns[task].1, number: 1 };
        let Ongoing { server, model, since, .. } = self.calls.remove(&attempt).expect("a call");
        self.servers.get_mut(server).call_ended(&model);
        self.servers.get_mut(server).answered(&model);
        let took = Took { whole: self.now.since(since), load, estimate: WORK };
        self.servers.experience.answered(server, &model, took);
    }
}

fn check(policy: Policy, servers: &[(u32, f64, &[&str])], expected: &[Option<u32>]) {
    let tasks = vec![(MODEL, &[][..], WORK); expected.len()];
    let mut scene = Scene::new(policy, servers, &tasks);
    let found: Vec<Option<u32>> = (0..expected.len()).map(|task| scene.place(task)).collect();
    assert_eq!(found, expected, "{policy:?}");
}

#[test]
fn round_robin_takes_turns_among_those_that_are_free() {
    let servers: [(u32, f64, &[&str]); 3] = [(2, 1.0, &[]), (1, 1.0, &[]), (2, 1.0, &[])];
    check(Policy::RoundRobin, &servers, &[Some(0), Some(1), Some(2), Some(0), Some(2), None]);
}

#[test]
fn load_aware_takes_the_smallest_share_by_weight() {
    let servers: [(u32, f64, &[&str]); 2] = [(4, 1.0, &[]), (1, 1.0, &[])];
    check(Policy::LoadAware, &servers, &[Some(0), Some(1), Some(0), Some(0), Some(0), None]);
    // Twice the weight gets twice the work.
    let servers: [(u32, f64, &[&str]); 2] = [(4, 1.0, &[]), (4, 2.0, &[])];
    let expected = [Some(0), Some(1), Some(1), Some(0), Some(1), Some(1)];
    check(Policy::LoadAware, &servers, &expected);
}

#[test]
fn capability_takes_the_strongest_that_is_free() {
    let servers: [(u32, f64, &[&str]); 3] = [(1, 1.0, &[]), (2, 4.0, &[]), (1, 2.0, &[])];
    check(Policy::Capability, &servers, &[Some(1), Some(1), Some(2), Some(0), None]);
}

#[test]
fn model_affinity_stays_where_the_model_is_until_half_is_taken() {
    let tasks = vec![(MODEL, &[][..], WORK); 8];
    let servers: [(u32, f64, &[&str]); 2] = [(4, 1.0, &[]), (4, 1.0, &[])];
    let mut scene = Scene::new(Policy::ModelAffinity, &servers, &tasks);
    scene.seen(0, &[MODEL], &[]);
    scene.seen(1, &[MODEL], &[MODEL]);
    let found: Vec<Option<u32>> = (0..4).map(|task| scene.place(task)).collect();
    assert_eq!(found, [Some(1), Some(1), Some(0), Some(1)]);
}

#[test]
fn tags_models_and_what_failed_limit_the_choice() {
    let servers: [(u32, f64, &[&str]); 2] = [(1, 1.0, &["gpu"]), (1, 1.0, &[])];
    let tasks: [(&str, &[&str], Duration); 3] =
        [(MODEL, &["gpu"], WORK), (MODEL, &["tpu"], WORK), (MODEL, &[], WORK)];
    for policy in [Policy::LoadAware, Policy::ModelAffinity] {
        let mut scene = Scene::new(policy, &servers, &tasks);
        assert_eq!(scene.choice(0, None), Some(0));
        assert_eq!(scene.choice(1, None), None);
        // What failed is avoided, unless there is nothing else.
        assert_eq!(scene.choice(2, Some(0)), Some(1));
        assert_eq!(scene.choice(0, Some(0)), Some(0));
        // A server without the model is none; one whose breaker is open is waited for.
        let suits = |scene: &Scene| {
            let lane = scene.lanes.get(scene.lanes.of(TaskId(0)).expect("a lane"));
            scene.servers.suits(ServerId(0), &scene.settings.servers[0], lane)
        };
        scene.seen(0, &["other:7b"], &[]);
        assert!(!suits(&scene));
        scene.seen(0, &[MODEL], &[]);
        scene.servers.get_mut(ServerId(0)).leave(Time(1));
        assert!(suits(&scene));
        assert_eq!(scene.choice(0, None), None);
    }
}

#[test]
fn every_model_gets_a_server_before_one_gets_two() {
    let servers: [(u32, f64, &[&str]); 3] = [(1, 1.0, &[]); 3];
    let of = |model| (model, &[][..], WORK);
    let tasks = [of("a"), of("a"), of("a"), of("b"), of("b"), of("c"), of("d")];
    let mut scene = Scene::new(Policy::ModelAffinity, &servers, &tasks);
    let found: Vec<Option<u32>> = (0..tasks.len()).map(|task| scene.place(task)).collect();
    assert_eq!(found, [Some(0), None, None, Some(1), None, Some(2), None]);
    // The work for `c` is done: `d` has waited for a server.
    scene.now = Time::default() + Duration::from_secs(30);
    scene.end(5, Duration::from_secs(10));
    assert_eq!(scene.place(1), None);
    assert_eq!(scene.place(6), Some(2));
    // `a` has work for another 40 s: a second server is worth the 10 s of a load.
    scene.now = Time::default() + Duration::from_secs(60);
    scene.end(6, Duration::from_secs(10));
    assert_eq!(scene.place(1), Some(2));
}

#[test]
fn a_load_must_be_worth_its_time() {
    let servers: [(u32, f64, &[&str]); 2] = [(1, 1.0, &[]); 2];
    let tasks = [(MODEL, &[][..], WORK); 4];
    let mut scene = Scene::new(Policy::ModelAffinity, &servers, &tasks);
    scene.seen(0, &[MODEL], &[MODEL]);
    scene.seen(1, &[MODEL], &[]);
    // Calls take a second, loads a minute.
    let took = |whole, load| Took {
        whole: Duration::from_secs(whole),
        load: Duration::from_secs(load),
        estimate: WORK,
    };
    scene.servers.experience.answered(ServerId(0), MODEL, took(61, 60));
    assert_eq!(scene.place(0), Some(0));
    assert_eq!(scene.place(1), None);
    // Loads that take half a second are worth it.
    for _ in 0..30 {
        scene.servers.experience.answered(ServerId(0), MODEL, took(1, 1));
    }
    let mut quick = Scene::new(Policy::ModelAffinity, &servers, &tasks);
    quick.seen(0, &[MODEL], &[MODEL]);
    quick.seen(1, &[MODEL], &[]);
    assert_eq!([quick.place(0), quick.place(1)], [Some(0), Some(1)]);
}

#[test]
fn a_long_way_goes_first() {
    let servers: [(u32, f64, &[&str]); 1] = [(1, 1.0, &[])];
    let hours = Duration::from_secs(3600);
    let mut tasks = vec![("a", &[][..], WORK); 3];
    tasks.push(("b", &[][..], WORK));
    let mut scene = Scene::new(Policy::ModelAffinity, &servers, &tasks);
    scene.seen(0, &["a", "b"], &["a"]);
    // Nothing is won by a swap: what is loaded is done first.
    assert_eq!([scene.choice(0, None), scene.choice(3, None)], [Some(0), None]);
    tasks[3].2 = hours;
    let mut scene = Scene::new(Policy::ModelAffinity, &servers, &tasks);
    scene.seen(0, &["a", "b"], &["a"]);
    // Behind `b` there is an hour's work.
    assert_eq!([scene.choice(0, None), scene.choice(3, None)], [None, Some(0)]);
    // A server that is at work takes no more of the other model meanwhile.
    let mut order = VecDeque::new();
    scene.servers.get_mut(ServerId(0)).call_started(&scene.settings.servers[0], "a");
    for task in 0..4 {
        order.push_back(scene.choice(task, None));
    }
    assert!(order.iter().all(Option::is_none), "{order:?}");
}
