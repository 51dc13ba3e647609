//! Second attempts beside slow ones, in virtual time: what is won by them, and when none is made.

mod both;
mod real;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use partita::engine::content::MemoryContents;
use partita::engine::sharing::{Holding, Share};
use partita::engine::simulation::{Placeholders, Rehearsal, Script};
use partita::engine::{
    Fact, Input, Next, Outcome, People, Recorded, RunStatus, ServerId, Settings,
};
use partita::insight::{Hedging, History, Metrics, Statistics};
use partita::language::document::Hedge;
use partita::language::document::simulation::Profile;
use partita::language::plan::Plan;
use serde_json::{Map, Value, json};

use crate::support::{plan, servers_of, settings_of};

/// Tasks that need nothing, each a call of 2 s, the last one with more to be said of it.
fn tasks(count: usize, of_last: &str) -> String {
    let mut text = String::new();
    for number in 1..count {
        let _ = writeln!(text, "  t{number:02}: {{ agent: a, prompt: Part {number}. }}");
    }
    let _ = writeln!(text, "  last: {{ agent: a, prompt: The last part.{of_last} }}");
    text
}

/// A run that is to be made.
struct Case {
    plan: Arc<Plan>,
    profile: Profile,
    settings: Settings,
}

impl Case {
    /// Two servers that are alike, with these faults, and hedges.
    fn new(tasks: &str, faults: &Value) -> Case {
        let text = format!(
            "pattern: {{ name: p }}\nteam: {{ name: t, agents: [{{ role: A }}] }}\ndefaults: {{ timeout: \
             {{ silence: 100s }}, retry: {{ max_attempts: 1 }} }}\ntasks:\n{tasks}"
        );
        let profile = json!({
            "time_scale": 1.0,
            "servers": [{ "name": "one", "slots": 1 }, { "name": "two", "slots": 1 }],
            "models": [{ "name": "m:8b", "size_gigabytes": 1.0 }],
            "answers": [{ "match": {}, "text": "fine", "duration": "2s" }],
            "faults": faults,
        });
        Case::of_profile(&text, serde_json::from_value(profile).expect("a profile"))
    }

    fn of_profile(text: &str, profile: Profile) -> Case {
        let mut settings = settings_of(&profile, "m:8b");
        settings.people = People::Present;
        settings.hedge = Some(Hedge::default());
        Case { plan: plan(&[("case.yaml", text)]), profile, settings }
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Case {
        change(&mut self.settings);
        self
    }

    fn without_hedges(self) -> Case {
        self.with(|settings| settings.hedge = None)
    }

    fn run(&self) -> Ran {
        self.run_by(Script::default())
    }

    fn run_by(&self, script: Script) -> Ran {
        let contents = MemoryContents::default();
        let script = Script { profile: self.profile.clone(), ..script };
        let mut rehearsal = self.rehearsal(script, &contents);
        let status = rehearsal.run().expect("no contradiction").expect("an end");
        Ran::of(&self.plan, rehearsal.facts().to_vec(), status)
    }

    fn rehearsal<'c>(&self, script: Script, contents: &'c MemoryContents) -> Rehearsal<'c> {
        let (plan, settings) = (Arc::clone(&self.plan), self.settings.clone());
        let inputs = plan.root().bind_inputs(&Map::new()).expect("defaults");
        Rehearsal::new(plan, settings, script, &inputs, contents, &Placeholders)
    }

    /// The facts of a run up to the first hedge, whose driver dies then.
    fn until_hedged(&self, contents: &MemoryContents) -> Vec<Recorded> {
        let script = Script { profile: self.profile.clone(), ..Script::default() };
        let mut rehearsal = self.rehearsal(script, contents);
        for commits in 1.. {
            let stopped = rehearsal.run_until(commits, |_| ()).expect("no contradiction");
            assert_eq!(stopped, None, "it ends without a hedge");
            if rehearsal.facts().iter().any(is_hedge) {
                break;
            }
        }
        assert_eq!(rehearsal.under_way().count(), 2);
        rehearsal.facts().to_vec()
    }
}

fn is_hedge(recorded: &Recorded) -> bool {
    matches!(recorded.fact, Fact::AttemptStarted { hedge: true, .. })
}

/// What came of a run.
struct Ran {
    plan: Arc<Plan>,
    facts: Vec<Recorded>,
    history: History,
    status: RunStatus,
}

impl Ran {
    fn of(plan: &Arc<Plan>, facts: Vec<Recorded>, status: RunStatus) -> Ran {
        let history = History::of_facts(Arc::clone(plan), &facts);
        let ran = Ran { plan: Arc::clone(plan), facts, history, status };
        ran.assert_each_hedge_is_elsewhere();
        ran
    }

    fn assert_each_hedge_is_elsewhere(&self) {
        for (_, task) in self.history.tasks() {
            for hedge in task.attempts.iter().filter(|attempt| attempt.hedge) {
                let before = &task.attempts[..hedge.number as usize - 1];
                let beside = before.iter().filter(|a| a.ended.is_none_or(|at| at >= hedge.started));
                let beside: Vec<usize> = beside.map(|attempt| attempt.server).collect();
                assert!(beside.len() == 1 && beside[0] != hedge.server, "{beside:?}");
            }
        }
    }

    /// The tasks that were hedged.
    fn hedged(&self) -> Vec<&str> {
        let hedges = self.facts.iter().filter(|recorded| is_hedge(recorded));
        let tasks = hedges.filter_map(|recorded| recorded.fact.task());
        tasks.map(|task| self.plan.task(task).path.as_str()).collect()
    }

    fn hedging(&self) -> Hedging {
        Statistics::of(&self.history, &Metrics::of(&self.history)).hedging
    }

    fn makespan(&self) -> f64 {
        self.history.worked.as_secs_f64()
    }

    /// How the attempts at a task ended, with what followed, in order.
    fn ends(&self, path: &str) -> Vec<(u32, &'static str, &'static str)> {
        let task = self.plan.find(path).expect("a task");
        let ends = self.facts.iter().filter_map(|recorded| match &recorded.fact {
            Fact::AttemptEnded { attempt, outcome, next, .. } if attempt.task == task => {
                let outcome = match outcome {
                    Outcome::Answered { .. } => "answered",
                    Outcome::Failed { failure, .. } => failure.class.as_str(),
                    Outcome::Lost => "lost",
                    Outcome::Superseded => "superseded",
                };
                let next = match next {
                    Next::Done => "done",
                    Next::GoesOn => "goes on",
                    Next::Retry { .. } => "retry",
                    Next::Move { .. } => "move",
                    Next::Wait { .. } => "wait",
                    Next::FallBack => "falls back",
                };
                Some((attempt.number, outcome, next))
            }
            _ => None,
        });
        ends.collect()
    }
}

/// The first request of the last task takes twenty times as long.
fn slow_last() -> Value {
    json!([{ "match": { "task": "last" }, "times": 1, "fault": { "kind": "slow", "factor": 20 } }])
}

#[test]
fn a_straggler_no_longer_holds_the_run_up() {
    let with = Case::new(&tasks(12, ""), &slow_last()).run();
    let without = Case::new(&tasks(12, ""), &slow_last()).without_hedges().run();
    assert_eq!((with.status, without.status), (RunStatus::Succeeded, RunStatus::Succeeded));
    assert_eq!((with.hedged(), without.hedged()), (vec!["last"], vec![]));
    // Six rounds of 2 s and a load on both; then 4 s until the last is a straggler and 2 s for the
    // hedge, instead of 40 s.
    let (with_hedge, without_hedge) = (with.makespan(), without.makespan());
    assert!(without_hedge / with_hedge > 2.5, "{without_hedge} s and {with_hedge} s");
    assert_eq!(with.ends("last"), [(1, "superseded", "goes on"), (2, "answered", "done")]);
    let Hedging { hedges, won, superseded } = with.hedging();
    assert_eq!((hedges, won), (1, 1));
    let superseded = superseded.as_secs_f64();
    assert!((5.9..7.0).contains(&superseded), "{superseded} s of the slower");
    assert_eq!(Metrics::of(&with.history).retries, 0);
}

#[test]
fn without_a_straggler_nothing_is_hedged() {
    for count in [1, 2, 5, 12, 40] {
        let ran = Case::new(&tasks(count, ""), &json!([])).run();
        assert_eq!(ran.status, RunStatus::Succeeded);
        assert_eq!((ran.hedged(), ran.hedging()), (vec![], Hedging::default()), "{count} tasks");
    }
}

#[test]
fn hedging_without_a_straggler_changes_nothing() {
    let with = Case::new(&tasks(12, ""), &json!([])).run();
    let without = Case::new(&tasks(12, ""), &json!([])).without_hedges().run();
    let rest = |ran: &Ran| ran.facts[1..].to_vec();
    assert_eq!(rest(&with), rest(&without));
}

#[test]
fn some_tasks_are_never_hedged() {
    let check = |case: Case| assert_eq!(case.run().hedged(), Vec::<&str>::new());
    check(Case::new(&tasks(12, ", hedge: false"), &slow_last()));
    // The model, the run, or a resource that the task takes has no more.
    let limited = |settings: &mut Settings| {
        let one = std::num::NonZeroU32::MIN;
        settings.limits.models = BTreeMap::from([("m:8b".to_owned(), one)]);
    };
    check(Case::new(&tasks(12, ""), &slow_last()).with(limited));
    let one_call = |settings: &mut Settings| settings.max_parallel = 1;
    check(Case::new(&tasks(12, ""), &slow_last()).with(one_call));
    check(Case::new(&tasks(12, ", takes: { disk: 1 }"), &slow_last()));
    // Nothing is learnt from two answers.
    check(Case::new(&tasks(3, ""), &slow_last()));
    // There is no other server, or it has not the model.
    let alone = |settings: &mut Settings| settings.servers.truncate(1);
    let mut case = Case::new(&tasks(12, ""), &slow_last()).with(alone);
    case.profile.servers.truncate(1);
    check(case);
    let mut case = Case::new(&tasks(12, ""), &slow_last());
    case.profile.servers[1].models = Some(Vec::new());
    check(case);
}

#[test]
fn a_task_may_be_hedged_where_others_are_not() {
    let all = tasks(12, ", hedge: true");
    let text = format!(
        "pattern: {{ name: p }}\nteam: {{ name: t, agents: [{{ role: A }}] }}\ndefaults: {{ hedge: false \
         }}\ntasks:\n{all}"
    );
    let mut faults = slow_last();
    faults[0]["match"] = json!({ "task": "t11" });
    let profile = Case::new(&all, &slow_last()).profile;
    assert_eq!(Case::of_profile(&text, profile.clone()).run().hedged(), ["last"]);
    let faults = serde_json::from_value(faults).expect("faults");
    let ran = Case::of_profile(&text, Profile { faults, ..profile }).run();
    assert_eq!(ran.hedged(), Vec::<&str>::new());
}

#[test]
fn a_server_that_loads_is_waited_for() {
    let mut case = Case::new(&tasks(6, ""), &json!([]));
    case.profile.servers[1].load_gigabytes_per_second = 0.005;
    let ran = case.run();
    assert_eq!(ran.status, RunStatus::Succeeded);
    let on_two = ran.facts.iter().filter(|recorded| {
        matches!(recorded.fact, Fact::AttemptStarted { server: ServerId(1), .. })
    });
    assert_eq!(on_two.count(), 1, "it loads for 200 s, and its call waits");
    assert!(ran.makespan() > 200.0);
    assert_eq!(ran.hedged(), Vec::<&str>::new());
}

#[test]
fn a_server_that_other_runs_use_is_left_to_them() {
    let case = Case::new(&tasks(12, ""), &slow_last());
    let check = |holding: Holding, hedged: &[&str]| {
        let contents = MemoryContents::default();
        let script = Script { profile: case.profile.clone(), ..Script::default() };
        let mut rehearsal = case.rehearsal(script, &contents);
        let shares = case.settings.servers.iter();
        let shares = shares.map(|_| Share { holding: holding.clone(), sharing: None }).collect();
        rehearsal.tell(Input::Shares(shares));
        let status = rehearsal.run().expect("no contradiction").expect("an end");
        let ran = Ran::of(&case.plan, rehearsal.facts().to_vec(), status);
        assert_eq!((ran.status, ran.hedged()), (RunStatus::Succeeded, hedged.to_vec()));
    };
    check(Holding::Whole, &["last"]);
    // There is a slot for it, and somebody else may want it next.
    check(Holding::Calls(BTreeMap::from([("m:8b".to_owned(), 1)])), &[]);
}

#[test]
fn hedges_are_few() {
    let mut faults = slow_last();
    for task in ["t10", "t11"] {
        let mut fault = faults[0].clone();
        fault["match"]["task"] = task.into();
        faults.as_array_mut().expect("a list").push(fault);
    }
    let check = |budget: f64, hedges: u32| {
        let mut case = Case::new(&tasks(12, ""), &faults)
            .with(|settings| settings.hedge = Some(Hedge { budget, ..Hedge::default() }));
        let more = ["three", "four"].map(|name| {
            let mut server = case.profile.servers[0].clone();
            server.name = name.to_owned();
            server
        });
        case.profile.servers.extend(more);
        case.settings.servers = servers_of(&case.profile);
        let ran = case.run();
        assert_eq!(ran.hedging().hedges, hedges, "{:?}", ran.hedged());
    };
    // Of twelve attempts and the hedges, rounded up.
    check(0.05, 1);
    check(0.1, 2);
    check(0.25, 3);
}

#[test]
fn nothing_is_hedged_where_a_task_waits() {
    // The last has one of two, the other one waits for both: a hedge would take what it waits for.
    let waits = "  held: { agent: a, prompt: Held., takes: { disk: 2 } }\n";
    let all = format!("{}{waits}", tasks(12, ", takes: { disk: 1 }"));
    let two_disks = |settings: &mut Settings| {
        let two = std::num::NonZeroU32::MIN.saturating_add(1);
        settings.limits.resources = BTreeMap::from([("disk".to_owned(), two)]);
    };
    let ran = Case::new(&all, &slow_last()).with(two_disks).run();
    assert_eq!((ran.status, ran.hedged()), (RunStatus::Succeeded, vec![]));
    let held = ran.history.task(ran.plan.find("held").expect("a task"));
    assert!(held.started > ran.history.task(ran.plan.find("last").expect("a task")).started);
    // Without it there is nobody to be held up.
    let ran = Case::new(&tasks(12, ", takes: { disk: 1 }"), &slow_last()).with(two_disks).run();
    assert_eq!(ran.hedged(), ["last"]);
}

#[test]
fn facts_of_runs_that_do_not_hedge_are_as_they_were() {
    let ran = Case::new(&tasks(3, ""), &json!([])).without_hedges().run();
    for recorded in &ran.facts {
        let stored = serde_json::to_string(recorded).expect("JSON");
        assert!(!stored.contains("hedge"), "{stored}");
        assert_eq!(serde_json::from_str::<Recorded>(&stored).expect("a fact"), *recorded);
    }
}
