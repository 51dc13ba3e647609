//! The statistics of a run for people: what calls took, how fast servers were, what failed, and
//! where the time went.

use std::fmt::Write as _;
use std::time::Duration;

use super::paint::Paint;
use super::progress::simulated_mark;
use super::run_text::Detail;
use super::units::{counted, seconds};
use super::width::{columns, padded};
use crate::insight::{Activity, Cause, Hedging, History, Loss, Quantiles, Statistics};
use crate::language::plan::TaskId;

/// So many tasks of a critical path are named at its beginning, and as many at its end.
const NAMED: usize = 4;

/// What a task lost is told from here on.
const OF_NOTE: Duration = Duration::from_millis(1);

/// The statistics as a section of the summary; nothing if no server was asked.
pub(super) fn statistics_text(
    history: &History,
    statistics: &Statistics,
    detail: Detail,
    paint: Paint,
    text: &mut String,
) {
    if statistics.speeds.is_empty() {
        return;
    }
    let title =
        |title: &str| format!("{}{}", paint.bold(title), paint.notice(simulated_mark(history)));
    if detail == Detail::Everything {
        let _ = writeln!(text, "\n{}", title("Calls"));
        latencies(statistics, text);
        let _ = writeln!(text, "\n{}", title("Throughput"));
        throughput(history, statistics, text);
    }
    if !statistics.failures.is_empty() {
        let _ = writeln!(text, "\n{}", title("Failures"));
        failures(history, statistics, text);
    }
    let _ = writeln!(text, "\n{}", title("Where the time went"));
    spent(history, statistics, text);
    for loss in &statistics.losses {
        lost(history, loss, text);
    }
    let beside_others = statistics.waited_beside_others;
    if beside_others >= OF_NOTE {
        let _ = writeln!(
            text,
            "  for {} tasks waited for a server while other runs used one",
            seconds(beside_others)
        );
    }
    conflicts(statistics, text);
    hedging(statistics, text);
    if statistics.losses.iter().flat_map(|loss| &loss.tasks).any(|lost| lost.is_critical) {
        let _ = writeln!(text, "  * on the critical path");
    }
}

fn latencies(statistics: &Statistics, text: &mut String) {
    let latencies = &statistics.latencies;
    let rows = [
        ("wait for a server", latencies.queue),
        ("load of the model", latencies.load),
        ("first token", latencies.first_token),
        ("whole answer", latencies.call),
    ];
    let _ = writeln!(text, "  {:<17}  {:>9}  {:>9}  {:>9}  {:>9}", "", "p50", "p95", "p99", "most");
    for (name, quantiles) in rows {
        let Some(Quantiles { p50, p95, p99, max, .. }) = quantiles else { continue };
        let _ = write!(text, "  {name:<17}");
        for value in [p50, p95, p99, max] {
            let _ = write!(text, "  {:>9}", seconds(value));
        }
        text.push('\n');
    }
}

fn throughput(history: &History, statistics: &Statistics, text: &mut String) {
    let percent = |share: Option<f64>| 100.0 * share.unwrap_or_default();
    let _ = writeln!(
        text,
        "  {:.1} tasks a minute; {:.0} % of tasks succeeded, {:.0} % of those that asked a server \
         asked again",
        statistics.tasks_per_minute,
        percent(statistics.success_rate),
        percent(statistics.retry_rate),
    );
    let _ = writeln!(
        text,
        "  servers were busy for {} in all: the time of so many GPUs, if each has one",
        seconds(statistics.gpu_time),
    );
    let name = |place: usize, model: &str| format!("{} {model}", history.servers[place].name);
    let names: Vec<String> =
        statistics.speeds.keys().map(|(place, model)| name(*place, model)).collect();
    let width = names.iter().map(|name| columns(name)).max().unwrap_or(0);
    for (name, speed) in names.iter().zip(statistics.speeds.values()) {
        let pace = |pace: Option<f64>| pace.map_or("-".to_owned(), |pace| format!("{pace:.1}"));
        let _ = writeln!(
            text,
            "  {}  {}, {} tokens/s, {} tokens/s in one call",
            padded(name, width),
            counted(speed.calls, "call", "calls"),
            pace(speed.throughput()),
            pace(speed.pace()),
        );
    }
}

fn failures(history: &History, statistics: &Statistics, text: &mut String) {
    for (class, failures) in statistics.failures_by_frequency() {
        let attempts = match failures.attempts {
            0 => String::new(),
            count => format!("{} in ", counted(count, "attempt", "attempts")),
        };
        let tasks: Vec<TaskId> = failures.tasks.iter().copied().collect();
        let _ = writeln!(
            text,
            "  {}  {attempts}{}: {}",
            class.as_str(),
            counted(tasks.len() as u64, "task", "tasks"),
            listed(history, &tasks, ", "),
        );
    }
    if statistics.answer_tokens_in_vain > 0 {
        let _ = writeln!(
            text,
            "  {}, {} in vain",
            counted(statistics.prompt_tokens_in_vain, "prompt token", "prompt tokens"),
            counted(statistics.answer_tokens_in_vain, "answer token", "answer tokens"),
        );
    }
}

/// What calls waited for that others had taken.
fn conflicts(statistics: &Statistics, text: &mut String) {
    let conflicts = &statistics.conflicts;
    for (limited, waits) in &conflicts.by_limit {
        let calls = counted(waits.calls, "call", "calls");
        let _ = writeln!(text, "  {calls} waited {} for {limited}", seconds(waits.time));
    }
    if let Some(rate) = conflicts.per_thousand.filter(|_| conflicts.calls > 0) {
        let _ = writeln!(text, "  conflicts: {rate:.0} of 1,000 calls");
    }
}

/// Second attempts, and what they came to.
fn hedging(statistics: &Statistics, text: &mut String) {
    let Hedging { hedges, won, superseded } = statistics.hedging;
    if hedges > 0 {
        let hedges = counted(hedges, "hedge", "hedges");
        let superseded = seconds(superseded);
        let _ = writeln!(
            text,
            "  {hedges}, {won} answered first; {superseded} of calls that were slower"
        );
    }
}

/// The critical path and its time.
fn spent(history: &History, statistics: &Statistics, text: &mut String) {
    let path = &statistics.critical_path;
    let whole: Duration = path.spent.values().sum();
    let parts: Vec<String> = Activity::ALL
        .into_iter()
        .map(|activity| (activity, path.spent_on(activity)))
        .map(|(activity, spent)| (activity, 100.0 * spent.as_secs_f64() / whole.as_secs_f64()))
        .filter(|(_, share)| *share >= 0.5)
        .map(|(activity, share)| format!("{share:.0} % {}", activity.as_str()))
        .collect();
    let _ = writeln!(text, "  critical path  {}", listed(history, &path.tasks, " → "));
    let _ = writeln!(text, "  time on it     {}: {}", seconds(whole), parts.join(", "));
}

fn lost(history: &History, loss: &Loss, text: &mut String) {
    let tasks = losers(history, loss);
    if !tasks.is_empty() {
        let cause = padded(cause_words(loss.cause), 22);
        let _ = writeln!(text, "  {cause} {:>9}  {tasks}", seconds(loss.critical));
    }
}

/// Who lost how much, as far as it is worth a word; a star marks tasks on the critical path.
pub(super) fn losers(history: &History, loss: &Loss) -> String {
    let of_note = loss.tasks.iter().filter(|lost| lost.time >= OF_NOTE);
    let tasks: Vec<String> = of_note
        .map(|lost| {
            let mark = if lost.is_critical { "*" } else { "" };
            format!("{}{mark} {}", history.plan().task(lost.task).path, seconds(lost.time))
        })
        .collect();
    tasks.join(", ")
}

/// Why time was lost, in words.
pub(super) fn cause_words(cause: Cause) -> &'static str {
    match cause {
        Cause::Queue => "lost to busy servers",
        Cause::Limit => "lost to limits",
        Cause::Load => "lost to loading",
        Cause::Barrier => "lost to barriers",
        Cause::Retry => "lost to failed attempts",
        Cause::Person => "lost to waiting people",
    }
}

/// Names of tasks, with those in the middle left out where there are many.
pub(super) fn listed(history: &History, tasks: &[TaskId], between: &str) -> String {
    let name = |task: &TaskId| history.plan().task(*task).path.clone();
    if tasks.len() <= 2 * NAMED + 1 {
        return tasks.iter().map(name).collect::<Vec<_>>().join(between);
    }
    let left_out = tasks.len() - 2 * NAMED;
    let first = tasks[..NAMED].iter().map(name);
    let last = tasks[tasks.len() - NAMED..].iter().map(name);
    let middle = std::iter::once(format!("… {left_out} more …"));
    first.chain(middle).chain(last).collect::<Vec<_>>().join(between)
}
