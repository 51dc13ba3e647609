//! A lane for each slot of a server that was used, with the calls in it.

use std::fmt::Write as _;
use std::time::Duration;

use super::super::elements::{Line, number, text};
use super::super::letters::{NAMES, SMALL, fitted, text_width};
use super::axis::axis;
use super::lanes::lanes;
use super::{Field, HEAD, ROW, TITLE, WIDTH, begin, stretch};
use crate::insight::{Activity, AttemptRecord, History, Metrics, Stretch};
use crate::interface::report::units::{counted, seconds};
use crate::language::plan::TaskId;

/// The numbers of lanes.
const LEFT: f64 = 40.0;
const RIGHT: f64 = 24.0;
/// Calls of many more would make a page that no browser likes; then the longest are drawn.
const MOST_CALLS: usize = 4_000;

/// A call with its lane.
struct Call<'a> {
    task: TaskId,
    attempt: &'a AttemptRecord,
    until: Duration,
    lane: usize,
}

/// The calls of a run as a picture, and how many of them are in it.
pub(in crate::interface::report) fn servers_svg(
    history: &History,
    metrics: &Metrics,
) -> (String, usize) {
    let servers = calls(history);
    let of_lanes = |calls: &[Call<'_>]| calls.iter().map(|call| call.lane + 1).max().unwrap_or(1);
    let all_lanes: usize = servers.iter().map(|calls| of_lanes(calls)).sum();
    let height = HEAD + TITLE * servers.len() as f64 + ROW * all_lanes as f64 + 4.0;
    let field = Field { left: LEFT, width: WIDTH - LEFT - RIGHT, whole: history.worked };
    let least = shortest_drawn(&servers);
    let mut svg = String::new();
    let title = format!("{} by server: what each was asked when", history.plan().name);
    begin("by-server", &title, height, &mut svg);
    let mut bars = String::new();
    let mut y = HEAD;
    let mut drawn = 0;
    for (place, calls) in servers.iter().enumerate() {
        let _ = writeln!(
            svg,
            "<rect class=\"band\" x=\"0\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
            number(y),
            number(WIDTH),
            number(TITLE - 2.0)
        );
        let heading = fitted(&heading(history, metrics, place), NAMES, WIDTH - 20.0);
        text(&Line { class: "name", x: 8.0, y: y + 17.0, text: &heading }, &mut bars);
        y += TITLE;
        for lane in 0..of_lanes(calls) {
            let label = (lane + 1).to_string();
            let top = y + ROW * lane as f64;
            text(&Line { class: "small", x: 16.0, y: top + 15.0, text: &label }, &mut bars);
        }
        for call in calls.iter().filter(|call| took(call) >= least) {
            draw(history, call, field, y + ROW * call.lane as f64, &mut bars);
            drawn += 1;
        }
        y += ROW * of_lanes(calls) as f64;
    }
    axis(field, height, &mut svg);
    svg.push_str(&bars);
    svg.push_str("</svg>\n");
    (svg, drawn)
}

/// The calls of each server, in the order in which they began.
fn calls(history: &History) -> Vec<Vec<Call<'_>>> {
    let mut servers: Vec<Vec<Call<'_>>> = history.servers.iter().map(|_| Vec::new()).collect();
    for (task, record) in history.tasks() {
        for attempt in &record.attempts {
            let until = attempt.ended.unwrap_or(history.worked);
            servers[attempt.server].push(Call { task, attempt, until, lane: 0 });
        }
    }
    for calls in &mut servers {
        calls.sort_by_key(|call| (call.attempt.started, call.task));
        let found = lanes(calls.iter().map(|call| (call.attempt.started, call.until)));
        for (call, lane) in calls.iter_mut().zip(found) {
            call.lane = lane;
        }
    }
    servers
}

fn took(call: &Call<'_>) -> Duration {
    call.until.saturating_sub(call.attempt.started)
}

/// How long a call must have been to be drawn.
fn shortest_drawn(servers: &[Vec<Call<'_>>]) -> Duration {
    let mut all: Vec<Duration> = servers.iter().flatten().map(took).collect();
    if all.len() <= MOST_CALLS {
        return Duration::ZERO;
    }
    all.sort_unstable_by(|first, second| second.cmp(first));
    // Of calls that are as long as the last one drawn, none is.
    all[MOST_CALLS] + Duration::from_nanos(1)
}

fn heading(history: &History, metrics: &Metrics, place: usize) -> String {
    let server = &history.servers[place];
    let figures = &metrics.servers[place];
    let simulated = if server.simulated { " (simulated)" } else { "" };
    format!(
        "{}{simulated}: {}, {:.0} % busy",
        server.name,
        counted(figures.requests, "call", "calls"),
        100.0 * metrics.utilization(figures)
    )
}

fn draw(history: &History, call: &Call<'_>, field: Field, y: f64, svg: &mut String) {
    let attempt = call.attempt;
    let path = &history.plan().task(call.task).path;
    let what = match attempt.number {
        1 => format!("{path} ({})", attempt.model),
        number if attempt.hedge => format!("{path}, attempt {number}, a hedge ({})", attempt.model),
        number => format!("{path}, attempt {number} ({})", attempt.model),
    };
    let loaded = (attempt.started + attempt.load().unwrap_or_default()).min(call.until);
    let in_vain = attempt.failure.is_some() || attempt.lost || attempt.superseded;
    let ending = if in_vain { Activity::Retry } else { Activity::Work };
    let why = match &attempt.failure {
        Some(failure) => Some(format!(", {}", failure.class.as_str())),
        None => attempt.superseded.then(|| ", another was faster".to_owned()),
    };
    let parts = [
        Stretch { activity: Activity::Load, from: attempt.started, until: loaded },
        Stretch { activity: ending, from: loaded, until: call.until },
    ];
    for part in
        parts.iter().filter(|part| part.activity != Activity::Load || part.until > part.from)
    {
        let title = format!(
            "{what}: {} {}{}",
            part.activity.as_str(),
            seconds(part.took()),
            why.as_deref().unwrap_or_default()
        );
        stretch(field, part, y, &title, svg);
    }
    let (x, room) = (field.x(loaded) + 4.0, field.x(call.until) - field.x(loaded) - 8.0);
    let name = fitted(&history.plan().task(call.task).name, SMALL, room);
    if room > text_width("mmm", SMALL) && ending == Activity::Work {
        text(&Line { class: "in", x, y: y + 15.0, text: &name }, svg);
    }
}
