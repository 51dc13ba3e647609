//! Answers of earlier runs in virtual time: what was answered is not asked again, and what would be
//! asked otherwise is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use partita::engine::content::{Contents, MemoryContents, settle};
use partita::engine::simulation::Script;
use partita::engine::{
    Beginning, Command, Engine, Fact, Input, Observation, Outcome, RunStatus, ServerId, Settings,
    Time, Usage,
};
use partita::insight::{History, Metrics, Requests, Simulated};
use partita::language::digest::Digest;
use partita::language::document::simulation::Profile;
use partita::language::document::{Policy, Stop};
use partita::language::plan::{Change, Over, Plan, Work};
use serde_json::json;

use super::journal::Trouble;
use super::seeds::for_seeds;
use super::story::{Ended, Story, compiled};
use super::world::{plain_plan_about, profile, settings};
use crate::support::{Dice, plan};

/// What was asked, by task.
fn asked(run: &Ended) -> BTreeMap<String, Digest> {
    let asked = run.facts.iter().filter_map(|recorded| match &recorded.fact {
        Fact::AttemptStarted { attempt, request, .. } => {
            Some((run.path(attempt.task), request.clone()))
        }
        _ => None,
    });
    asked.collect()
}

/// The tasks that servers answered.
fn answered(run: &Ended) -> BTreeSet<String> {
    let answered = run.facts.iter().filter_map(|recorded| match &recorded.fact {
        Fact::AttemptEnded { attempt, outcome: Outcome::Answered { .. }, .. } => {
            Some(run.path(attempt.task))
        }
        _ => None,
    });
    answered.collect()
}

/// The runs whose answers were reused, and the tasks there, by task.
fn reused(run: &Ended) -> BTreeMap<String, (String, String)> {
    let reused = run.facts.iter().filter_map(|recorded| match &recorded.fact {
        Fact::TaskReused { task, run: from, there, .. } => {
            Some((run.path(*task), (from.clone(), there.clone())))
        }
        _ => None,
    });
    reused.collect()
}

/// Whether it depends on time which tasks of a plan are done at all.
fn has_races(plan: &Plan) -> bool {
    plan.tasks.iter().any(|task| match &task.work {
        Work::Iterate(iterate) => {
            matches!(&iterate.over, Over::Items(items) if items.stop == Stop::WhenDecided)
        }
        _ => false,
    })
}

/// Runs that know each other's answers.
struct Runs<'a> {
    settings: &'a Settings,
    profile: &'a Profile,
    contents: &'a MemoryContents,
    seed: u64,
}

impl Runs<'_> {
    /// A run that takes answers of those before it, and dies now and then.
    fn cached(&self, plan: &Arc<Plan>, name: &str) -> Ended {
        let mut dice = Dice::new(self.seed);
        let deaths = super::deaths(&mut dice, self.seed % 3, 40);
        let settings = Settings { cache: true, ..self.settings.clone() };
        self.run(plan, &settings, name, &deaths)
    }

    fn run(
        &self,
        plan: &Arc<Plan>,
        settings: &Settings,
        name: &str,
        troubles: &[(usize, Trouble)],
    ) -> Ended {
        let script = Script { profile: self.profile.clone(), ..Script::default() };
        let story = Story::new(plan, settings, script).befallen(troubles.iter().copied());
        let ended = story.run(self.contents);
        self.contents.keep_answers(&ended.plan, name, &ended.facts);
        ended
    }
}

#[test]
fn a_second_run_asks_nothing_and_comes_to_the_same() {
    let count = AtomicUsize::new(0);
    for_seeds(7, |seed| {
        let mut dice = Dice::new(seed);
        let plan = plain_plan_about("tea", seed);
        // Who has time for a post may be another one where answers come at once.
        if has_races(&plan) || plan.agents.iter().any(|agent| agent.is_seat) {
            return;
        }
        let profile = profile(&mut dice, false);
        let mut settings = settings(&profile, Policy::ModelAffinity);
        settings.seed = dice.one_in(2).then_some(7);
        let contents = MemoryContents::default();
        let runs = Runs { settings: &settings, profile: &profile, contents: &contents, seed };
        let first = runs.run(&plan, &settings, "first", &[]);
        for name in ["second", "third"] {
            let again = runs.cached(&plan, name);
            assert_eq!(asked(&again), BTreeMap::new(), "seed {seed}: {name} asks");
            assert_eq!(again.outputs, first.outputs, "seed {seed}: {name}");
            let reused = reused(&again);
            count.fetch_add(reused.len(), Relaxed);
            for (task, from) in &reused {
                // Each its own, although many ask the same.
                let own = ("first".to_owned(), task.clone());
                assert_eq!(*from, own, "seed {seed}: {name}");
            }
            let history = History::of_facts(Arc::clone(&plan), &again.facts);
            let metrics = Metrics::of(&history);
            assert_eq!(metrics.reused as usize, reused.len(), "seed {seed}");
            assert_eq!(history.simulated(), Simulated::Wholly, "seed {seed}");
        }
        let without = runs.run(&plan, &settings, "without", &[]);
        assert_eq!(reused(&without), BTreeMap::new(), "seed {seed}");
    });
    assert!(count.into_inner() > 0, "nothing was ever reused");
}

#[test]
fn after_faults_only_what_has_no_answer_or_another_prompt_is_asked() {
    let count = AtomicUsize::new(0);
    for_seeds(7, |seed| {
        let mut dice = Dice::new(seed);
        let plan = plain_plan_about("tea", seed);
        if has_races(&plan) {
            return;
        }
        let faulty = profile(&mut dice, true);
        let settings = settings(&faulty, Policy::ModelAffinity);
        let contents = MemoryContents::default();
        let runs = Runs { settings: &settings, profile: &faulty, contents: &contents, seed };
        let first = runs.run(&plan, &settings, "first", &[]);
        let sound = Profile { faults: Vec::new(), ..faulty.clone() };
        let second = Runs { profile: &sound, ..runs }.cached(&plan, "second");
        assert_eq!(second.status, RunStatus::Succeeded, "seed {seed}");
        count.fetch_add(reused(&second).len(), Relaxed);
        let (before, now) = (asked(&first), asked(&second));
        for task in answered(&first) {
            let same = now.get(&task).is_some_and(|request| before.get(&task) == Some(request));
            assert!(!same, "seed {seed}: {task} is asked the same again");
        }
        for task in reused(&second).keys() {
            assert!(answered(&first).contains(task), "seed {seed}: nobody answered {task}");
        }
    });
    assert!(count.into_inner() > 0, "nothing was ever reused");
}

#[test]
fn with_another_input_only_what_it_reaches_is_asked_again() {
    let counts = (AtomicUsize::new(0), AtomicUsize::new(0));
    for_seeds(7, |seed| {
        let mut dice = Dice::new(seed);
        let (tea, coffee) = (plain_plan_about("tea", seed), plain_plan_about("coffee", seed));
        if has_races(&tea) {
            return;
        }
        let profile = profile(&mut dice, false);
        let settings = settings(&profile, Policy::ModelAffinity);
        let contents = MemoryContents::default();
        let runs = Runs { settings: &settings, profile: &profile, contents: &contents, seed };
        runs.run(&tea, &settings, "tea", &[]);
        let other = runs.cached(&coffee, "coffee");
        let inputs = BTreeSet::from(["topic".to_owned()]);
        let reached = tea.reached_by(&Change { inputs, ..Change::default() });
        for task in asked(&other).keys() {
            let compiled = compiled(&tea, task);
            assert!(reached.contains(&compiled), "seed {seed}: {task} is asked");
        }
        for task in reused(&other).keys() {
            let id = other.plan.find(task).expect("a task");
            let text = serde_json::to_string(other.plan.task(id)).expect("a JSON form");
            // What is done for items reads what each of them gives.
            let reads_inputs = text.contains("inputs.") && !task.contains('[');
            assert!(!reads_inputs, "seed {seed}: {task} is reused");
        }
        counts.0.fetch_add(asked(&other).len(), Relaxed);
        counts.1.fetch_add(reused(&other).len(), Relaxed);
        // What is asked without the cache comes to the same.
        let fresh = runs.run(&coffee, &settings, "fresh", &[]);
        assert_eq!(other.outputs, fresh.outputs, "seed {seed}");
    });
    let counts = (counts.0.into_inner(), counts.1.into_inner());
    assert!(counts.0 > 0 && counts.1 > 0, "{counts:?} asked and reused");
}

const HEAD: &str = "pattern: { name: p }\nteam: { name: t, agents: [{ role: A }] }\n";

#[test]
fn an_answer_serves_its_own_task_and_nobody_twice() {
    let profile = Profile::default();
    let mut settings = settings(&profile, Policy::ModelAffinity);
    settings.seed = None;
    let contents = MemoryContents::default();
    let runs = Runs { settings: &settings, profile: &profile, contents: &contents, seed: 0 };
    let voters = |names: &[&str]| {
        let tasks = names.iter().map(|name| format!("  {name}: {{ agent: a, prompt: Vote. }}\n"));
        plan(&[("p.yaml", &format!("{HEAD}tasks:\n{}", tasks.collect::<String>()))])
    };
    let check = |names: &[&str], asks: &[&str], reuses: &[(&str, &str)]| {
        let plan = voters(names);
        let ended = runs.cached(&plan, names[0]);
        let paths: Vec<String> = asked(&ended).into_keys().collect();
        assert_eq!(paths, asks);
        let found = reused(&ended);
        let found: Vec<(&str, &str)> =
            found.iter().map(|(task, (_, there))| (task.as_str(), there.as_str())).collect();
        assert_eq!(found, reuses);
    };
    check(&["one", "two"], &["one", "two"], &[]);
    // A third vote is a vote of its own.
    check(&["one", "two", "three"], &["three"], &[("one", "one"), ("two", "two")]);
    // A task that has only got another name asks nobody.
    check(&["one", "two", "last"], &[], &[("last", "three"), ("one", "one"), ("two", "two")]);
}

#[test]
fn a_task_may_want_a_new_answer_every_time() {
    let profile = Profile::default();
    let settings = settings(&profile, Policy::ModelAffinity);
    let check = |defaults: &str, modifier: &str, asks: usize| {
        let contents = MemoryContents::default();
        let runs = Runs { settings: &settings, profile: &profile, contents: &contents, seed: 0 };
        let text =
            format!("{HEAD}{defaults}tasks:\n  one: {{ agent: a, prompt: Vote.{modifier} }}\n");
        let plan = plan(&[("p.yaml", &text)]);
        let first = runs.cached(&plan, "first");
        assert_eq!(asked(&first).len(), 1);
        assert_eq!(asked(&runs.cached(&plan, "second")).len(), asks, "{text}");
    };
    check("", "", 0);
    check("", ", cache: true", 0);
    check("", ", cache: false", 1);
    check("defaults: { cache: false }\n", "", 1);
    check("defaults: { cache: false }\n", ", cache: true", 0);
}

#[test]
fn what_was_invented_never_serves_a_run_on_real_servers() {
    let plan =
        plan(&[("p.yaml", &format!("{HEAD}tasks:\n  one: {{ agent: a, prompt: Vote. }}\n"))]);
    let profile = Profile::default();
    let invented = settings(&profile, Policy::ModelAffinity);
    let mut real = invented.clone();
    real.servers.iter_mut().for_each(|server| server.simulated = false);
    let contents = MemoryContents::default();
    let run = |settings: &Settings, name: &str| {
        let runs = Runs { settings, profile: &profile, contents: &contents, seed: 0 };
        asked(&runs.cached(&plan, name)).len()
    };
    assert_eq!(run(&invented, "rehearsal"), 1);
    assert_eq!(run(&real, "real"), 1);
    assert_eq!(run(&real, "real again"), 0);
    assert_eq!(run(&invented, "rehearsal again"), 0);
}

#[test]
fn the_file_behind_a_model_is_the_one_at_the_start_of_the_attempt() {
    let plan =
        plan(&[("p.yaml", &format!("{HEAD}tasks:\n  one: {{ agent: a, prompt: Vote. }}\n"))]);
    let settings = settings(&Profile::default(), Policy::ModelAffinity);
    let contents = MemoryContents::default();
    let mut engine = Engine::new(Arc::clone(&plan), settings);
    let mut facts = Vec::new();
    let mut handle = |input: Input| {
        let mut step = engine.handle(Time::default(), input).expect("no contradiction");
        settle(&mut engine, Time::default(), &mut step, &contents).expect("no contradiction");
        let stored = step.store(|new| {
            facts.extend_from_slice(new);
            Ok::<(), ()>(())
        });
        stored.expect("stored").1
    };
    let seen = |file: &str| Input::Observed {
        server: ServerId(0),
        observation: Observation::Up {
            models: Some(vec!["llama3.1:8b".to_owned()]),
            resident: None,
            windows: BTreeMap::new(),
            digests: BTreeMap::from([("llama3.1:8b".to_owned(), file.to_owned())]),
        },
    };
    handle(seen("old"));
    let inputs = Some(contents.write(json!({})));
    let commands = handle(Input::Begin(Beginning { inputs, ..Beginning::default() }));
    let attempt = commands.iter().find_map(|command| match command {
        Command::Call(call) => Some(call.attempt),
        _ => None,
    });
    handle(seen("old"));
    handle(seen("new"));
    let output = contents.write(json!("yes"));
    let outcome = Outcome::Answered { output, usage: Usage::default() };
    handle(Input::AttemptEnded { attempt: attempt.expect("a call"), outcome });
    let said: Vec<&String> = facts
        .iter()
        .filter_map(|recorded| match &recorded.fact {
            Fact::ModelsSeen { digests, .. } => digests.get("llama3.1:8b"),
            _ => None,
        })
        .collect();
    assert_eq!(said, ["old", "new"]);
    let requests = Requests::of(&plan, &facts);
    let asked = requests.get(plan.find("one").expect("a task")).expect("a request");
    assert_eq!(asked.manifest.digest.as_deref(), Some("old"));
    let key = facts.iter().find_map(|recorded| match &recorded.fact {
        Fact::AttemptEnded { key, .. } => key.clone(),
        _ => None,
    });
    assert_eq!(key, Some(asked.manifest.key()));
}
