//! Narrow layered graphs on unequal servers: how far a run is from a schedule that knows everything
//! beforehand. The lower bound by work and critical path is not reached by either there: with few
//! tasks a layer, fast slots wait for what slow ones do.

use std::collections::BTreeMap;
use std::time::Duration;

use partita::language::document::simulation::{AnswerRule, RequestMatch};
use partita::language::document::{HumanDuration, Policy};
use partita::language::plan::{Plan, TaskId};

use crate::schedules::{Machine, layered, profile, run, seconds};
use crate::support::Dice;

const MACHINES: [Machine; 4] = [(1.0, 2, 1), (1.0, 2, 1), (2.0, 2, 1), (4.0, 2, 1)];

/// How long a schedule takes that is made ahead with every time known: tasks by their way to the end,
/// each in the first gap in which it ends soonest (HEFT: Topcuoglu, Hariri, Wu, 2002).
fn made_ahead(plan: &Plan, work: &BTreeMap<TaskId, f64>) -> f64 {
    let speeds: Vec<f64> = MACHINES
        .iter()
        .flat_map(|(speed, slots, _)| std::iter::repeat_n(*speed, *slots as usize))
        .collect();
    let ways = plan.forecast().remaining;
    let mut order: Vec<TaskId> = plan.tasks().map(|(id, _)| id).collect();
    order.sort_by_key(|id| (std::cmp::Reverse(ways[id.index()]), *id));
    let mut slots: Vec<Vec<(f64, f64)>> = vec![Vec::new(); speeds.len()];
    let mut ends: BTreeMap<TaskId, f64> = BTreeMap::new();
    for id in order {
        let needs = plan.task(id).needs.iter().map(|need| ends[&need.task]);
        let ready = needs.fold(0.0, f64::max);
        let place = |slot: usize| {
            let took = work[&id] / speeds[slot];
            let mut begin = ready;
            for (from, until) in &slots[slot] {
                if begin + took <= *from {
                    break;
                }
                begin = f64::max(begin, *until);
            }
            (begin + took, slot, begin)
        };
        let (end, slot, begin) =
            (0..speeds.len()).map(place).min_by(|a, b| a.0.total_cmp(&b.0)).expect("slots");
        slots[slot].push((begin, end));
        slots[slot].sort_by(|a, b| a.0.total_cmp(&b.0));
        ends.insert(id, end);
    }
    ends.values().copied().fold(0.0, f64::max)
}

#[test]
fn narrow_graphs_come_near_a_schedule_that_knows_everything() {
    for width in [3, 4, 6, 8, 12] {
        let mut over = Vec::new();
        for seed in 0..10 {
            let mut dice = Dice::new(seed);
            let (plan, tasks) = layered(&mut dice, 12, width);
            let mut profile = profile(&MACHINES, &["a:8b"], &[seconds(1.0)], seconds(0.25));
            let answer = |(name, work): &(String, f64)| AnswerRule {
                matches: RequestMatch { task: Some(name.clone()), ..RequestMatch::default() },
                text: Some("done".to_owned()),
                duration: Some(HumanDuration(Duration::from_secs_f64(*work))),
                ..AnswerRule::default()
            };
            profile.answers = tasks.iter().map(answer).collect();
            let ran = run(&plan, &profile, Policy::ModelAffinity).makespan.as_secs_f64();
            let find = |name: &str| plan.find(name).expect("a task");
            let work = tasks.iter().map(|(name, work)| (find(name), *work)).collect();
            over.push(ran / made_ahead(&plan, &work));
        }
        over.sort_by(f64::total_cmp);
        println!("width {width}: {:.2}, at most {:.2}", over[over.len() / 2], over[9]);
        assert!(over[over.len() / 2] <= 1.25, "width {width}: {over:.2?}");
    }
}
