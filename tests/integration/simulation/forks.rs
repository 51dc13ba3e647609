//! Forks in virtual time: whatever is kept is not asked again, and what depends on a change is.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use partita::engine::content::MemoryContents;
use partita::engine::simulation::Script;
use partita::engine::{Ending, Fact, Fork, Kept, RunStatus, Settings, State, TaskStatus};
use partita::insight::{History, Simulated};
use partita::language::document::Policy;
use partita::language::document::simulation::Profile;
use partita::language::plan::{Plan, Task, TaskId};

use super::seeds::for_seeds;
use super::story::{Ended, Story, compiled};
use super::world::{profile, random_plan, settings};
use super::{deaths, play};
use crate::support::{Dice, plan};

/// What is different in a fork.
#[derive(Debug, Clone, Default)]
struct Change {
    from: Vec<TaskId>,
    inputs: BTreeSet<String>,
}

impl Change {
    /// A task or the input of the outermost pattern, drawn by the dice.
    fn random(plan: &Plan, dice: &mut Dice) -> Change {
        if dice.one_in(4) {
            return Change { inputs: BTreeSet::from(["topic".to_owned()]), ..Change::default() };
        }
        Change::from(TaskId(u32::try_from(dice.below(plan.tasks.len() as u64)).expect("small")))
    }

    fn from(task: TaskId) -> Change {
        Change { from: vec![task], ..Change::default() }
    }

    /// The tasks in which the change begins, with those of used patterns or without.
    fn beginnings(&self, plan: &Plan) -> Vec<TaskId> {
        let reads = |task: &Task| {
            let text = serde_json::to_string(task).expect("a JSON form");
            self.inputs.iter().any(|name| text.contains(&format!("inputs.{name}")))
        };
        let readers = plan.root().tasks.iter().copied().filter(|id| reads(plan.task(*id)));
        self.from.iter().copied().chain(readers).collect()
    }
}

/// How far something is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Follow {
    /// Into used patterns: at most these may be done again.
    Inside,
    /// Along needs and out of used patterns only: at least these must be done again.
    Along,
}

/// What depends on tasks by needs alone; an oracle that knows nothing of templates.
fn downstream(plan: &Plan, beginnings: Vec<TaskId>, follow: Follow) -> BTreeSet<TaskId> {
    let mut found = BTreeSet::new();
    let mut pending = beginnings;
    while let Some(id) = pending.pop() {
        let reached = match follow {
            Follow::Inside => plan.with_inside(id),
            Follow::Along => BTreeSet::from([id]),
        };
        for id in reached {
            // A pattern that is opened again for something inside it is not entered as a whole.
            let mut around = Some(id);
            while let Some(id) = around.filter(|id| found.insert(*id)) {
                let needs = |task: &Task| task.needs.iter().any(|need| need.task == id);
                pending.extend(plan.tasks().filter(|(_, task)| needs(task)).map(|(id, _)| id));
                around = plan.scope(plan.task(id).scope).caller;
            }
        }
    }
    found
}

/// The tasks that servers are asked for; for those that are done several times the task that does
/// so.
fn asked(plan: &Plan, ended: &Ended) -> BTreeSet<TaskId> {
    let asked = ended.facts.iter().filter_map(|recorded| match &recorded.fact {
        Fact::AttemptStarted { attempt, .. } => Some(compiled(plan, &ended.path(attempt.task))),
        _ => None,
    });
    asked.collect()
}

/// A fork of a run, dying now and then, and what must hold of every fork.
fn run_fork(
    plan: &Arc<Plan>,
    settings: &Settings,
    profile: &Profile,
    contents: &MemoryContents,
    earlier: &Ended,
    (change, seed): (&Change, u64),
) -> (Fork, Ended) {
    let fork = Fork::of_run("earlier", plan, &earlier.facts, &change.from, change.inputs.clone())
        .unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    let script = Script { profile: profile.clone(), fork: Some(fork.clone()), ..Script::default() };
    let mut dice = Dice::new(seed);
    let many = dice.below(3);
    let story = Story::new(plan, settings, script).befallen(deaths(&mut dice, many, 60));
    let ended = story.run(contents);
    for task in asked(plan, &ended) {
        let path = &plan.task(task).path;
        assert!(fork.kept(task).is_none(), "seed {seed}: {path} is asked again");
    }
    for task in downstream(plan, change.beginnings(plan), Follow::Along) {
        let path = &plan.task(task).path;
        assert!(fork.kept(task).is_none(), "seed {seed}: {path} is kept");
    }
    (fork, ended)
}

#[test]
fn a_fork_asks_nothing_that_it_keeps_and_comes_to_the_same() {
    let kept = AtomicUsize::new(0);
    for_seeds(3, |seed| {
        let mut dice = Dice::new(seed);
        let plan = random_plan(seed);
        let profile = profile(&mut dice, false);
        let settings = settings(&profile, Policy::ModelAffinity);
        let contents = MemoryContents::default();
        let script = Script { profile: profile.clone(), ..Script::default() };
        let whole = play(&plan, &settings, script, &contents);
        let change = Change::random(&plan, &mut dice);
        let (fork, ended) =
            run_fork(&plan, &settings, &profile, &contents, &whole, (&change, seed));
        assert_eq!(ended.status, RunStatus::Succeeded, "seed {seed}");
        assert_eq!(ended.outputs, whole.outputs, "seed {seed}: {change:?}");
        kept.fetch_add(fork.kept.len(), Ordering::Relaxed);
        let at_most = downstream(&plan, change.beginnings(&plan), Follow::Inside);
        // An input that says who gets a post reaches everything that is done there.
        let has_posts = plan.agents.iter().any(|agent| agent.is_seat);
        for task in asked(&plan, &ended) {
            let path = &plan.task(task).path;
            assert!(has_posts || at_most.contains(&task), "seed {seed}: {path} is asked");
        }
        let before = History::of_facts(Arc::clone(&plan), &whole.facts);
        let now = History::of_facts(Arc::clone(&plan), &ended.facts);
        for (id, task) in plan.tasks() {
            let same = now.task(id).status() == before.task(id).status();
            assert!(same, "seed {seed}: {} ends otherwise", task.path);
        }
        // A fork of the fork keeps what it kept, and still knows where it was done.
        let (again, _) = run_fork(&plan, &settings, &profile, &contents, &ended, (&change, seed));
        assert_eq!(again.kept, fork.kept, "seed {seed}");
    });
    assert!(kept.into_inner() > 0, "nothing was ever kept");
}

#[test]
fn what_was_invented_stays_invented_in_forks_on_real_servers() {
    let plan = plan(&[(
        "p.yaml",
        "pattern: { name: p }\nteam: { name: t, agents: [{ role: A }] }\ntasks:\n  one: { agent: a, \
         prompt: x }\n  two: { agent: a, prompt: '{{ tasks.one.output }}' }\n",
    )]);
    let profile = Profile::default();
    let mut settings = settings(&profile, Policy::ModelAffinity);
    let contents = MemoryContents::default();
    let script = Script { profile: profile.clone(), ..Script::default() };
    let whole = play(&plan, &settings, script, &contents);
    settings.servers.iter_mut().for_each(|server| server.simulated = false);
    let check = |from: &str, expected: Simulated| {
        let change = Change::from(plan.find(from).expect("a task"));
        let (_, ended) = run_fork(&plan, &settings, &profile, &contents, &whole, (&change, 0));
        let history = History::of_facts(Arc::clone(&plan), &ended.facts);
        assert_eq!(history.simulated(), expected);
    };
    check("two", Simulated::Partly);
    check("one", Simulated::No);
}

#[test]
fn what_failed_can_be_retried_whatever_happened() {
    let retried = AtomicUsize::new(0);
    for_seeds(3, |seed| {
        let mut dice = Dice::new(seed);
        let plan = random_plan(seed);
        let faulty = profile(&mut dice, true);
        let settings = settings(&faulty, Policy::ModelAffinity);
        let contents = MemoryContents::default();
        let script = Script {
            profile: faulty.clone(),
            cancel_at: dice.one_in(4).then(|| Duration::from_millis(dice.below(30_000))),
            ..Script::default()
        };
        let earlier = play(&plan, &settings, script, &contents);
        let state = State::of_facts(Arc::clone(&plan), &earlier.facts).expect("sound");
        let from = state.to_be_retried();
        retried.fetch_add(usize::from(!from.is_empty()), Ordering::Relaxed);
        let change = match from.is_empty() {
            true => Change::random(&plan, &mut dice),
            false => Change { from, ..Change::default() },
        };
        let fork = |profile: &Profile| {
            run_fork(&plan, &settings, profile, &contents, &earlier, (&change, seed))
        };
        let (_, ended) = fork(&faulty);
        assert!(ended.status.is_final(), "seed {seed}: {:?}", ended.status);
        let (fork, ended) = fork(&Profile { faults: Vec::new(), ..faulty });
        // Kept failures that were handled may make others fail again.
        let is_handled = |kept: &Kept| match &kept.ending {
            Ending::Succeeded { failure, .. } => failure.is_some(),
            ending => ending.status() == TaskStatus::Failed,
        };
        let handled = fork.kept.iter().any(is_handled);
        let status = ended.status;
        assert!(handled || status == RunStatus::Succeeded, "seed {seed}: {status:?}");
    });
    assert!(retried.into_inner() > 0, "nothing ever failed");
}
