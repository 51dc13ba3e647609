//! How long runs take on clusters whose servers hold few of the models, in virtual time: what is
//! won over taking servers by turns, and how far the ideal is.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use partita::engine::content::MemoryContents;
use partita::engine::simulation::{Placeholders, Rehearsal, Script};
use partita::engine::{Fact, Outcome, RunStatus};
use partita::language::document::simulation::{
    AnswerRule, Profile, RequestMatch, SimulatedModel, SimulatedServer,
};
use partita::language::document::{HumanDuration, Policy};
use partita::language::plan::Plan;
use serde_json::Map;

use crate::support::{Dice, plan, settings_of};

/// A run that has ended well.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ran {
    pub(crate) makespan: Duration,
    pub(crate) loads: usize,
}

/// A server by its speed, its slots, and how many models it holds.
pub(crate) type Machine = (f64, u32, u32);

pub(crate) fn profile(
    machines: &[Machine],
    models: &[&str],
    work: &[Duration],
    load: Duration,
) -> Profile {
    let servers =
        machines.iter().enumerate().map(|(number, (speed, slots, held))| SimulatedServer {
            speed: *speed,
            slots: *slots,
            max_loaded_models: *held,
            load_gigabytes_per_second: 1.0,
            ..SimulatedServer::named(&format!("server_{number}"))
        });
    let model = |name: &&str| SimulatedModel {
        name: (*name).to_owned(),
        // A load takes a quarter of a second besides.
        size_gigabytes: load.as_secs_f64() - 0.25,
        ..SimulatedModel::default()
    };
    let answer = |(model, duration): (&&str, &Duration)| AnswerRule {
        matches: RequestMatch { model: Some((*model).to_owned()), ..RequestMatch::default() },
        text: Some("done".to_owned()),
        duration: Some(HumanDuration(*duration)),
        ..AnswerRule::default()
    };
    Profile {
        time_scale: 1.0,
        servers: servers.collect(),
        models: models.iter().map(model).collect(),
        answers: models.iter().zip(work).map(answer).collect(),
        ..Profile::default()
    }
}

pub(crate) fn run(plan: &Arc<Plan>, profile: &Profile, policy: Policy) -> Ran {
    let mut settings = settings_of(profile, "a:8b");
    settings.policy = policy;
    settings.max_parallel = 64;
    let contents = MemoryContents::default();
    let script = Script { profile: profile.clone(), ..Script::default() };
    let mut rehearsal =
        Rehearsal::new(Arc::clone(plan), settings, script, &Map::new(), &contents, &Placeholders);
    let status = rehearsal.run().expect("no contradiction");
    assert_eq!(status, Some(RunStatus::Succeeded));
    let facts = rehearsal.facts();
    let loads = facts.iter().filter(|recorded| match &recorded.fact {
        Fact::AttemptEnded { outcome: Outcome::Answered { usage, .. }, .. } => usage.load_us > 0,
        _ => false,
    });
    let (first, last) = (facts.first().expect("a fact"), facts.last().expect("a fact"));
    Ran { makespan: last.at.since(first.at), loads: loads.count() }
}

/// Tasks that need nothing, by their models.
fn fan(models: impl Iterator<Item = impl AsRef<str>>) -> Arc<Plan> {
    let mut text = String::from(
        "pattern: { name: fan }\nteam: { name: t, agents: [{ role: Worker }] }\ndefaults: { timeout: \
         { total: 10h, first_token: 10h, silence: 10h, load: 10h } }\ntasks:\n",
    );
    for (number, model) in models.enumerate() {
        let model = model.as_ref();
        let _ = writeln!(text, "  t{number}: {{ agent: worker, model: '{model}', prompt: x }}");
    }
    plan(&[("fan.yaml", &text)])
}

pub(crate) fn seconds(value: f64) -> Duration {
    Duration::from_secs_f64(value)
}

/// The ideal: each server takes one model whole, then all three share the fourth.
#[test]
fn four_models_on_three_servers_that_hold_one_each_are_not_swapped_to_and_fro() {
    let models = ["a:8b", "b:8b", "c:8b", "d:8b"];
    let profile = profile(&[(1.0, 1, 1); 3], &models, &[seconds(2.0); 4], seconds(30.0));
    let ideal = seconds(30.0 + 50.0 * 2.0 + 30.0 + 50.0 * 2.0 / 3.0);
    // Models one after the other, and by turns.
    let blocks = fan(models.iter().flat_map(|model| [model; 50]));
    let mixed = fan((0..200).map(|task| models[task % 4]));
    for (plan, least) in [(blocks, 1.3), (mixed, 8.0)] {
        let ran = run(&plan, &profile, Policy::ModelAffinity);
        assert!(ran.loads <= 6, "{ran:?}");
        assert!(ran.makespan <= ideal.mul_f64(1.02), "{ran:?}, ideal {ideal:?}");
        let by_turns = run(&plan, &profile, Policy::RoundRobin);
        println!("{ran:?}, by turns {by_turns:?}");
        assert!(by_turns.makespan > ran.makespan.mul_f64(least), "{ran:?}, {by_turns:?}");
    }
}

/// 240 tasks over 6 models on 4 servers that hold 2 each.
#[test]
fn six_models_on_four_servers_that_hold_two_each() {
    let models = ["a:8b", "b:8b", "c:8b", "d:8b", "e:8b", "f:8b"];
    let work = [4.0, 6.0, 8.0, 10.0, 12.0, 16.0].map(seconds);
    for seed in 0..10 {
        let mut dice = Dice::new(seed);
        let plan = fan((0..240).map(|_| models[dice.below(6) as usize]));
        let compare = |machines: &[Machine], least: f64| {
            let profile = profile(machines, &models, &work, seconds(20.0));
            let ran = run(&plan, &profile, Policy::ModelAffinity);
            let by_turns = run(&plan, &profile, Policy::RoundRobin);
            let won = by_turns.makespan.as_secs_f64() / ran.makespan.as_secs_f64();
            println!("seed {seed} {machines:?}: {ran:?}, by turns {by_turns:?}, {won:.2} times");
            assert!(won >= least, "seed {seed}: {won:.2} times");
        };
        compare(&[(1.0, 1, 2); 4], 1.5);
        compare(&[(1.0, 1, 2), (1.0, 1, 2), (2.0, 1, 2), (4.0, 1, 2)], 2.0);
    }
}

/// Layers of tasks, each of which reads some of the layer before: the plan, and what each takes.
pub(crate) fn layered(
    dice: &mut Dice,
    layers: usize,
    width: usize,
) -> (Arc<Plan>, Vec<(String, f64)>) {
    let mut text = String::from(
        "pattern: { name: layered }\nteam: { name: t, agents: [{ role: Worker }] }\ndefaults: { \
         timeout: { total: 10h, first_token: 10h, silence: 10h, load: 10h } }\ntasks:\n",
    );
    let mut tasks = Vec::new();
    for layer in 0..layers {
        for place in 0..width {
            let mut prompt = String::from("x");
            for _ in 0..if layer > 0 { 1 + dice.below(3) } else { 0 } {
                let before = dice.below(width as u64);
                let _ = write!(prompt, " {{{{ tasks.l{}_{before}.output }}}}", layer - 1);
            }
            let name = format!("l{layer}_{place}");
            let work = 5 + dice.below(16);
            let _ = writeln!(
                text,
                "  {name}: {{ agent: worker, estimate: {work}s, prompt: \"{prompt}\" }}"
            );
            tasks.push((name, work as f64));
        }
    }
    (plan(&[("layered.yaml", &text)]), tasks)
}

/// No schedule is shorter than the work over all slots, nor than the critical path on the fastest
/// server.
#[test]
fn layered_graphs_on_unequal_servers_come_near_the_lower_bound() {
    let machines = [(1.0, 2, 1), (1.0, 2, 1), (2.0, 2, 1), (4.0, 2, 1)];
    let mut over = Vec::new();
    for seed in 0..20 {
        let mut dice = Dice::new(seed);
        let (plan, tasks) = layered(&mut dice, 12, 30);
        let mut profile = profile(&machines, &["a:8b"], &[seconds(1.0)], seconds(0.25));
        profile.answers = tasks
            .iter()
            .map(|(name, work)| AnswerRule {
                matches: RequestMatch { task: Some(name.clone()), ..RequestMatch::default() },
                text: Some("done".to_owned()),
                duration: Some(HumanDuration(seconds(*work))),
                ..AnswerRule::default()
            })
            .collect();
        let ran = run(&plan, &profile, Policy::ModelAffinity);
        let capacity: f64 =
            machines.iter().map(|(speed, slots, _)| speed * f64::from(*slots)).sum();
        let work: f64 = tasks.iter().map(|(_, work)| work).sum();
        let path = plan.forecast().parallel.as_secs_f64() / 4.0;
        let bound = (work / capacity).max(path);
        let ratio = ran.makespan.as_secs_f64() / bound;
        let by_turns = run(&plan, &profile, Policy::RoundRobin);
        println!(
            "seed {seed}: {ratio:.3}, by turns {:.3}",
            by_turns.makespan.as_secs_f64() / bound
        );
        over.push(ratio);
    }
    over.sort_by(f64::total_cmp);
    assert!(over[over.len() / 2] <= 1.10, "{over:?}");
}

/// While one server ends the first wave, the other loads what the second asks.
#[test]
fn the_next_models_are_loaded_while_others_work() {
    let mut text = String::from(
        "pattern: { name: two_waves }\nteam: { name: t, agents: [{ role: Worker }] }\ndefaults: { \
         timeout: { total: 10h, first_token: 10h, silence: 10h, load: 10h } }\nwaves:\n",
    );
    for (wave, model) in [("first", "a:8b"), ("second", "b:8b")] {
        let _ = writeln!(text, "  - name: {wave}\n    tasks:");
        for task in ["long", "short"] {
            let name = format!("{wave}_{task}");
            let _ =
                writeln!(text, "      {name}: {{ agent: worker, model: '{model}', prompt: x }}");
        }
    }
    let plan = plan(&[("two_waves.yaml", &text)]);
    let models = ["a:8b", "b:8b"];
    let mut profile = profile(&[(1.0, 1, 1); 2], &models, &[seconds(10.0); 2], seconds(30.0));
    let long = AnswerRule {
        matches: RequestMatch { task: Some("first_long".to_owned()), ..RequestMatch::default() },
        text: Some("done".to_owned()),
        duration: Some(HumanDuration(seconds(60.0))),
        ..AnswerRule::default()
    };
    profile.answers.insert(0, long);
    let ran = run(&plan, &profile, Policy::ModelAffinity);
    // The short task ends at 40 s, the long one at 90 s; `b` is there by then.
    assert_eq!(ran.makespan, seconds(90.0 + 10.0 + 10.0));
    let by_turns = run(&plan, &profile, Policy::RoundRobin);
    assert_eq!(by_turns.makespan, seconds(90.0 + 30.0 + 10.0));
}
