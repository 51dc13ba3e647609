//! What estimates were worth: of hours, of days, of tiers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{ALL, Figure, Metric, Row, count, float, metric, pieces, ratio, row, share};
use crate::insight::organization::about::tier;
use crate::insight::organization::item::WorkItem;
use crate::insight::organization::view::Organization;
use crate::organization::{Observation, Sizing, Tier, WorkState, learned_points};

pub(super) fn metrics(runs: &[&Organization]) -> Vec<Metric> {
    let worked = worked(runs);
    vec![
        metric("estimate_accuracy", "estimates beside the time of servers", accuracy(&worked)),
        metric("estimate_bias", "bias of estimates, by agent, domain, complexity", bias(&worked)),
        metric("forecast_error", "days between forecast and end", forecast_error(runs)),
        metric("tier_accuracy", "tiers beside the pieces of work done", tier_accuracy(runs)),
        metric("tier_points", "points to add to the sizes of requests", tier_points(runs)),
    ]
}

/// A completed piece of work with the hours that were set aside and the time that servers worked on it.
struct Worked<'r> {
    item: &'r WorkItem,
    minutes: f64,
    /// The servers' time over what the hours would be at the rate of its run: 1 is right.
    ratio: f64,
    /// The minutes that the servers' time stands for at that rate.
    taken: f64,
}

fn worked<'r>(runs: &'r [&Organization]) -> Vec<Worked<'r>> {
    let mut found = Vec::new();
    for run in runs {
        let completed = run
            .work
            .pieces()
            .filter(|(_, item)| item.state() == WorkState::Completed && item.about.minutes > 0);
        let timed: Vec<(&WorkItem, f64, f64)> = completed
            .map(|(place, item)| {
                let tasks = run.work.tasks_of(&run.history, place);
                let attempts = tasks.flat_map(|task| &run.history.task(task).attempts);
                let time: Duration = attempts.map(crate::insight::AttemptRecord::took).sum();
                (item, f64::from(item.about.minutes), time.as_secs_f64())
            })
            .filter(|(_, _, seconds)| *seconds > 0.0)
            .collect();
        let minutes: f64 = timed.iter().map(|(_, minutes, _)| minutes).sum();
        let seconds: f64 = timed.iter().map(|(_, _, seconds)| seconds).sum();
        // A rate that one piece makes says nothing of that piece.
        let Some(rate) = ratio(seconds, minutes).filter(|_| timed.len() > 1) else { continue };
        found.extend(timed.into_iter().map(|(item, minutes, seconds)| Worked {
            item,
            minutes,
            ratio: seconds / (minutes * rate),
            taken: seconds / rate,
        }));
    }
    found
}

/// What completed pieces of work show of estimates: the minutes that were estimated, and those for which the time of
/// servers stands at the rate of their run.
pub fn observations(runs: &[&Organization]) -> Vec<Observation> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "minutes of work are few, and never below nothing"
    )]
    let whole = |minutes: f64| minutes.round().clamp(0.0, f64::from(u32::MAX)) as u32;
    let seen = |one: &Worked<'_>| {
        let about = &one.item.about;
        Some(Observation {
            agent: one.item.author.clone()?,
            domain: about.domain.clone(),
            complexity: about.complexity.unwrap_or_default(),
            estimated: about.minutes,
            taken: whole(one.taken),
        })
    };
    worked(runs).iter().filter_map(seen).collect()
}

/// How far estimates were off, in the median, and how many were off by a quarter at most.
fn accuracy(worked: &[Worked<'_>]) -> Vec<Row> {
    const NEAR: f64 = 0.25;
    let mut off: Vec<f64> = worked.iter().map(|one| (one.ratio - 1.0).abs()).collect();
    off.sort_by(f64::total_cmp);
    let Some(median) = off.get(off.len().saturating_sub(1) / 2).copied() else { return Vec::new() };
    let near = off.iter().filter(|off| **off <= NEAR).count();
    let mut figures = vec![("median_error", Figure::Share(median))];
    figures.extend(share("within_a_quarter", near, off.len()));
    vec![row(ALL, figures)]
}

/// What a group took over what was set aside for it: above 1 its estimates are too low.
fn bias(worked: &[Worked<'_>]) -> Vec<Row> {
    let mut groups: BTreeMap<String, (f64, f64, usize)> = BTreeMap::new();
    for one in worked {
        let about = &one.item.about;
        let names = [
            one.item.author.as_ref().map(|agent| format!("agent {agent}")),
            about.domain.as_ref().map(|domain| format!("domain {domain}")),
            about.complexity.map(|how| format!("complexity {}", how.as_str())),
        ];
        for name in names.into_iter().flatten() {
            let (taken, minutes, number) = groups.entry(name).or_default();
            *taken += one.taken;
            *minutes += one.minutes;
            *number += 1;
        }
    }
    let of = |(name, (taken, minutes, number)): (String, (f64, f64, usize))| {
        let bias = ratio(taken, minutes).unwrap_or(1.0);
        row(name, vec![("bias", Figure::Number(bias)), ("count", count(number))])
    };
    groups.into_iter().map(of).collect()
}

/// The days from the last day that was set aside for a piece of work to that on which it was completed.
fn forecast_error(runs: &[&Organization]) -> Vec<Row> {
    let mut off: Vec<i64> = Vec::new();
    for (run, _, item) in pieces(runs).filter(|(_, _, i)| i.state() == WorkState::Completed) {
        let posts = item.scope.and_then(|scope| run.history.posts().get(&scope));
        let bookings =
            posts.iter().flat_map(|(_, posts)| posts).filter_map(|post| post.booking.as_ref());
        let days = bookings.flat_map(|booking| &booking.days).map(|(day, _)| *day);
        off.extend(days.max().map(|day| item.since().day().0.saturating_sub(day.0)));
    }
    if off.is_empty() {
        return Vec::new();
    }
    #[expect(clippy::cast_precision_loss, reason = "days of runs are few")]
    let mean = |days: &mut dyn Iterator<Item = i64>| {
        days.map(|day| day as f64).sum::<f64>() / float(off.len())
    };
    let figures = vec![
        ("mean_days", Figure::Number(mean(&mut off.iter().copied()))),
        ("mean_absolute_days", Figure::Number(mean(&mut off.iter().map(|day| day.abs())))),
        ("count", count(off.len())),
    ];
    vec![row(ALL, figures)]
}

/// By the tier that was said: the pieces of work there were but cancelled ones, and in how many runs that is what the tier takes.
fn tier_accuracy(runs: &[&Organization]) -> Vec<Row> {
    let mut groups: BTreeMap<Tier, (usize, usize, usize)> = BTreeMap::new();
    for run in runs {
        let Some(said) = tier_of(run) else { continue };
        let done = run.work.done();
        let (right, all, pieces) = groups.entry(said).or_default();
        *right += usize::from(Tier::of_tasks(done) == said);
        *all += 1;
        *pieces += done;
    }
    let of = |(tier, (right, all, pieces)): (Tier, (usize, usize, usize))| {
        let mut figures = share("right", right, all);
        figures.push(("pieces_of_work", count(pieces)));
        row(format!("tier {}", tier.number()), figures)
    };
    groups.into_iter().map(of).collect()
}

/// What the next request is sized by, as those that were sized have shown.
fn tier_points(runs: &[&Organization]) -> Vec<Row> {
    let sizings: Vec<Sizing> = runs.iter().filter_map(|run| run.sizing).collect();
    let Some(points) = learned_points(&sizings) else { return Vec::new() };
    let figures = vec![("points", Figure::Number(points.into())), ("count", count(sizings.len()))];
    vec![row(ALL, figures)]
}

/// The tier of a run: what was said of it first, or else the highest that its work has.
fn tier_of(run: &Organization) -> Option<Tier> {
    let said = run.tiers.first().and_then(|said| tier(&said.tier));
    let items = run.work.items.iter().filter_map(|item| item.about.tier);
    said.or_else(|| items.collect::<BTreeSet<Tier>>().last().copied())
}
