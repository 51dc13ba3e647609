//! How work flows: times in states, service levels, what stands still.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{
    ALL, Figure, Metric, Row, count, domain, float, metric, pieces, ratio, row, share, spread,
    spreads,
};
use crate::insight::organization::item::Stay;
use crate::insight::organization::view::Organization;
use crate::insight::{Courses, CriticalPath};
use crate::organization::{Timeliness, WorkState};

pub(super) fn metrics(runs: &[&Organization]) -> Vec<Metric> {
    let levels = Levels::of(runs);
    vec![
        metric("cycle_time", "cycle time by state", cycle_time(runs)),
        metric("lead_time", "lead time of completed work", lead_time(runs)),
        metric("throughput", "throughput by domain", throughput(runs)),
        metric("work_in_progress", "work in progress by domain", work_in_progress(runs)),
        metric("completion", "completed and cancelled work", completion(runs)),
        metric("sla_compliance", "service levels kept, by state", levels.rows(|l| (l.kept, true))),
        metric("sla_warnings", "warnings at 80 %, by state", levels.rows(|l| (l.warned, false))),
        metric("sla_breaches", "breaches, by state", levels.rows(|l| (l.breached, false))),
        metric("blocked_time", "time blocked or escalated, by domain", blocked(runs)),
        metric("bottleneck_by_state", "bottleneck by state", bottleneck(runs)),
        metric("critical_path_slack", "slack beside the critical path", slack(runs)),
        metric("irregular_moves", "moves that the table does not have", irregular(runs)),
    ]
}

fn stays<'r>(runs: &'r [&Organization]) -> impl Iterator<Item = Stay> + 'r {
    pieces(runs).flat_map(|(_, _, item)| item.stays())
}

fn cycle_time(runs: &[&Organization]) -> Vec<Row> {
    let mut groups: BTreeMap<WorkState, Vec<Duration>> = BTreeMap::new();
    for stay in stays(runs).filter(|stay| stay.is_over) {
        groups.entry(stay.state).or_default().push(stay.took());
    }
    spreads(groups)
}

fn lead_time(runs: &[&Organization]) -> Vec<Row> {
    let times: Vec<Duration> = pieces(runs).filter_map(|(_, _, item)| item.lead_time()).collect();
    if times.is_empty() { Vec::new() } else { vec![row(ALL, spread(times))] }
}

/// Completed work, and how much of it in an hour from the beginning of a run to its end.
fn throughput(runs: &[&Organization]) -> Vec<Row> {
    const HOUR: f64 = 3600.0;
    let spans = runs.iter().map(|run| run.work.now.since(run.work.began));
    let hours = spans.sum::<Duration>().as_secs_f64() / HOUR;
    let mut groups: BTreeMap<String, usize> = BTreeMap::new();
    for (_, _, item) in pieces(runs) {
        let done = groups.entry(domain(item)).or_default();
        *done += usize::from(item.state() == WorkState::Completed);
    }
    let of = |(name, done): (String, usize)| {
        let mut figures = vec![("completed", count(done))];
        figures.extend(ratio(float(done), hours).map(|rate| ("an_hour", Figure::Number(rate))));
        row(name, figures)
    };
    groups.into_iter().map(of).collect()
}

fn work_in_progress(runs: &[&Organization]) -> Vec<Row> {
    let is_under_way = |state: WorkState| {
        !state.is_final() && !matches!(state, WorkState::Pending | WorkState::Assigned)
    };
    let mut groups: BTreeMap<String, (usize, Vec<(crate::engine::Time, i64)>)> = BTreeMap::new();
    for (_, _, item) in pieces(runs) {
        let (now, edges) = groups.entry(domain(item)).or_default();
        *now += usize::from(is_under_way(item.state()));
        for stay in item.stays().iter().filter(|stay| is_under_way(stay.state)) {
            edges.extend([(stay.from, 1), (stay.until, -1)]);
        }
    }
    let of = |(name, (now, mut edges)): (String, (usize, Vec<(crate::engine::Time, i64)>))| {
        // At one moment what ends goes before what begins.
        edges.sort_unstable();
        let (mut open, mut most) = (0i64, 0i64);
        for (_, change) in edges {
            open += change;
            most = most.max(open);
        }
        let most = usize::try_from(most).unwrap_or(0).max(now);
        row(name, vec![("now", count(now)), ("most", count(most))])
    };
    groups.into_iter().map(of).collect()
}

fn completion(runs: &[&Organization]) -> Vec<Row> {
    let states: Vec<WorkState> = pieces(runs).map(|(_, _, item)| item.state()).collect();
    let of = |wanted| states.iter().filter(|state| **state == wanted).count();
    if states.is_empty() {
        return Vec::new();
    }
    let mut figures = share("completed", of(WorkState::Completed), states.len());
    figures.push(("cancelled", count(of(WorkState::Cancelled))));
    vec![row(ALL, figures)]
}

/// How stays in each state stood to their time.
#[derive(Default)]
struct Level {
    kept: usize,
    warned: usize,
    breached: usize,
    all: usize,
}

struct Levels(BTreeMap<WorkState, Level>);

impl Levels {
    /// Of stays that are over, and those whose time is.
    fn of(runs: &[&Organization]) -> Levels {
        let mut levels: BTreeMap<WorkState, Level> = BTreeMap::new();
        for (_, _, item) in pieces(runs) {
            for stay in item.stays() {
                let Some(timeliness) = item.timeliness(&stay) else { continue };
                let is_breached = timeliness == Timeliness::Breached;
                let level = levels.entry(stay.state).or_default();
                level.warned += usize::from(timeliness != Timeliness::InTime);
                if !stay.is_over && !is_breached {
                    continue;
                }
                level.all += 1;
                level.kept += usize::from(!is_breached);
                level.breached += usize::from(is_breached);
            }
        }
        Levels(levels)
    }

    fn rows(&self, wanted: impl Fn(&Level) -> (usize, bool)) -> Vec<Row> {
        let of = |(state, level): (&WorkState, &Level)| {
            let (number, is_share) = wanted(level);
            let figures = match is_share {
                true => share("kept", number, level.all),
                false => vec![("count", count(number))],
            };
            row(state.as_str(), figures)
        };
        self.0.iter().map(of).collect()
    }
}

fn blocked(runs: &[&Organization]) -> Vec<Row> {
    let mut groups: BTreeMap<String, (Duration, Duration)> = BTreeMap::new();
    for (_, _, item) in pieces(runs) {
        let (stood, all) = groups.entry(domain(item)).or_default();
        for stay in item.stays() {
            *all += stay.took();
            if matches!(stay.state, WorkState::Blocked | WorkState::Escalated) {
                *stood += stay.took();
            }
        }
    }
    let of = |(name, (stood, all)): (String, (Duration, Duration))| {
        let mut figures = vec![("time", Figure::Time(stood))];
        let share = ratio(stood.as_secs_f64(), all.as_secs_f64());
        figures.extend(share.map(|share| ("share", Figure::Share(share))));
        row(name, figures)
    };
    groups.into_iter().map(of).collect()
}

/// The state that held most time of all work, besides the time in which it was worked on.
fn bottleneck(runs: &[&Organization]) -> Vec<Row> {
    let mut groups: BTreeMap<WorkState, Duration> = BTreeMap::new();
    for stay in stays(runs).filter(|stay| stay.state != WorkState::InProgress) {
        *groups.entry(stay.state).or_default() += stay.took();
    }
    let all: Duration = groups.values().sum();
    let most = groups.into_iter().max_by_key(|(_, time)| *time);
    let Some((state, time)) = most.filter(|(_, time)| !time.is_zero()) else { return Vec::new() };
    let share = ratio(time.as_secs_f64(), all.as_secs_f64()).unwrap_or(0.0);
    let name = Figure::Name(state.as_str().to_owned());
    vec![row(
        ALL,
        vec![("state", name), ("time", Figure::Time(time)), ("share", Figure::Share(share))],
    )]
}

/// How much later each piece of work could have ended without anything having begun later.
fn slack(runs: &[&Organization]) -> Vec<Row> {
    let mut rows = Vec::new();
    for run in runs {
        let history = &run.history;
        let courses = Courses::of(history);
        let path = CriticalPath::of(history, &courses);
        for (place, item) in run.work.pieces() {
            let Some(caller) = item.caller else { continue };
            let Some(end) = history.task(caller).ended else { continue };
            let is_on_path =
                path.tasks.iter().any(|task| run.work.of_task(history, *task) == Some(place));
            let next = next_begin(run, &courses, caller).unwrap_or(history.worked);
            let slack = if is_on_path { Duration::ZERO } else { next.saturating_sub(end) };
            let on_path = count(usize::from(is_on_path));
            rows.push(row(
                item.address.clone(),
                vec![("slack", Figure::Time(slack)), ("on_critical_path", on_path)],
            ));
        }
    }
    rows
}

/// When the first task began that needs a task, or something around it.
fn next_begin(
    run: &Organization,
    courses: &Courses,
    task: crate::language::plan::TaskId,
) -> Option<Duration> {
    let plan = run.history.plan();
    let around: Vec<_> = std::iter::once(task).chain(plan.around(task)).collect();
    around.iter().find_map(|one| {
        let needs_it = |(_, other): &(_, &crate::language::plan::Task)| {
            other.needs.iter().any(|need| need.task == *one)
        };
        let began = plan.tasks().filter(needs_it);
        began.filter_map(|(id, _)| courses.get(id)).map(|course| course.ready).min()
    })
}

fn irregular(runs: &[&Organization]) -> Vec<Row> {
    let mut groups: BTreeMap<String, usize> = BTreeMap::new();
    for (_, _, item) in pieces(runs) {
        for one in item.moves.iter().filter(|one| !one.is_regular) {
            *groups.entry(format!("{} to {}", one.from, one.to)).or_default() += 1;
        }
    }
    groups.into_iter().map(|(of, number)| row(of, vec![("count", count(number))])).collect()
}
