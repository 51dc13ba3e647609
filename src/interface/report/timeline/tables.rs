//! The tables of a page: what the pictures show, for those who cannot see them, and more.

use std::fmt::Write as _;
use std::time::Duration;

use super::rows::Row;
use crate::insight::{Activity, History, Metrics, Quantiles, Statistics};
use crate::interface::report::picture::escaped;
use crate::interface::report::plan::addressees;
use crate::interface::report::progress::simulated_mark;
use crate::interface::report::statistics_text::{cause_words, listed, losers};
use crate::interface::report::units::seconds;
use crate::language::plan::{WaveId, Work};

/// A cell of a table.
enum Cell {
    Text(String),
    Number(String),
}

use Cell::{Number, Text};

/// A heading, and a table whose first column names its rows.
fn table(title: &str, columns: &[Cell], rows: &[Vec<Cell>], page: &mut String) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(page, "<h2>{}</h2>", escaped(title));
    bare_table(columns, rows, page);
}

fn bare_table(columns: &[Cell], rows: &[Vec<Cell>], page: &mut String) {
    page.push_str("<div class=\"scroll\"><table>\n<thead><tr>");
    for column in columns {
        let _ = match column {
            Text(text) => write!(page, "<th scope=\"col\">{}</th>", escaped(text)),
            Number(text) => write!(page, "<th scope=\"col\" class=\"n\">{}</th>", escaped(text)),
        };
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        page.push_str("<tr>");
        for (place, cell) in row.iter().enumerate() {
            let _ = match cell {
                Text(text) if place == 0 => {
                    write!(page, "<th scope=\"row\">{}</th>", escaped(text))
                }
                Text(text) => write!(page, "<td>{}</td>", escaped(text)),
                Number(text) => write!(page, "<td class=\"n\">{}</td>", escaped(text)),
            };
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table></div>\n");
}

fn marked(title: &str, history: &History) -> String {
    format!("{title}{}", simulated_mark(history))
}

/// The critical path and on what its time went.
pub(super) fn spent(history: &History, statistics: &Statistics, page: &mut String) {
    let path = &statistics.critical_path;
    let rows: Vec<Vec<Cell>> = Activity::ALL
        .into_iter()
        .map(|activity| (activity, path.spent_on(activity)))
        .filter(|(_, spent)| *spent >= Duration::from_millis(1))
        .map(|(activity, spent)| {
            let share = 100.0 * spent.as_secs_f64() / history.worked.as_secs_f64();
            vec![
                Text(activity.as_str().to_owned()),
                Number(seconds(spent)),
                Number(format!("{share:.0} %")),
            ]
        })
        .collect();
    let columns = [Text("on".into()), Number("time".into()), Number("of the run".into())];
    table(&marked("Where the time went", history), &columns, &rows, page);
    if !rows.is_empty() {
        let path = listed(history, &path.tasks, " → ");
        let _ = writeln!(page, "<p>Critical path: {}</p>", escaped(&path));
    }
}

/// What was lost, and by which tasks.
pub(super) fn losses(history: &History, statistics: &Statistics, page: &mut String) {
    let rows: Vec<Vec<Cell>> = statistics
        .losses
        .iter()
        .map(|loss| {
            vec![
                Text(cause_words(loss.cause).to_owned()),
                Number(seconds(loss.critical)),
                Number(seconds(loss.all)),
                Text(losers(history, loss)),
            ]
        })
        .collect();
    let columns = [
        Text(String::new()),
        Number("of the run".into()),
        Number("of all tasks".into()),
        Text("most (* on the critical path)".into()),
    ];
    table(&marked("What was lost", history), &columns, &rows, page);
}

/// Quantiles of calls.
pub(super) fn calls(history: &History, statistics: &Statistics, page: &mut String) {
    let latencies = &statistics.latencies;
    let row = |name: &str, quantiles: Option<Quantiles>| {
        let Quantiles { count, p50, p95, p99, max, .. } = quantiles?;
        let mut cells = vec![Text(name.to_owned()), Number(count.to_string())];
        cells.extend([p50, p95, p99, max].map(|value| Number(seconds(value))));
        Some(cells)
    };
    let rows = [
        row("wait for a server", latencies.queue),
        row("load of the model", latencies.load),
        row("first token", latencies.first_token),
        row("whole answer", latencies.call),
    ];
    let rows: Vec<Vec<Cell>> = rows.into_iter().flatten().collect();
    let columns = ["calls", "p50", "p95", "p99", "most"].map(|name| Number(name.to_owned()));
    let columns: Vec<Cell> = std::iter::once(Text(String::new())).chain(columns).collect();
    table(&marked("Calls", history), &columns, &rows, page);
}

/// What each server did with each model.
pub(super) fn servers(
    history: &History,
    metrics: &Metrics,
    statistics: &Statistics,
    page: &mut String,
) {
    let pace = |pace: Option<f64>| Number(pace.map_or("-".to_owned(), |pace| format!("{pace:.1}")));
    let rows: Vec<Vec<Cell>> = statistics
        .speeds
        .iter()
        .map(|((place, model), speed)| {
            let busy = 100.0 * metrics.utilization(&metrics.servers[*place]);
            vec![
                Text(history.servers[*place].name.clone()),
                Number(format!("{busy:.0} %")),
                Text(model.clone()),
                Number(speed.calls.to_string()),
                Number(speed.prompt_tokens.to_string()),
                Number(speed.answer_tokens.to_string()),
                pace(speed.throughput()),
                pace(speed.pace()),
            ]
        })
        .collect();
    let columns = [
        Text("server".into()),
        Number("busy".into()),
        Text("model".into()),
        Number("calls".into()),
        Number("prompt tokens".into()),
        Number("answer tokens".into()),
        Number("tokens/s".into()),
        Number("tokens/s in one call".into()),
    ];
    table(&marked("Servers", history), &columns, &rows, page);
}

/// What failed.
pub(super) fn failures(history: &History, statistics: &Statistics, page: &mut String) {
    let rows: Vec<Vec<Cell>> = statistics
        .failures_by_frequency()
        .into_iter()
        .map(|(class, failures)| {
            let tasks: Vec<_> = failures.tasks.iter().copied().collect();
            vec![
                Text(class.as_str().to_owned()),
                Number(failures.attempts.to_string()),
                Number(tasks.len().to_string()),
                Text(listed(history, &tasks, ", ")),
            ]
        })
        .collect();
    let columns = [
        Text("class".into()),
        Number("attempts".into()),
        Number("tasks".into()),
        Text("which".into()),
    ];
    table(&marked("Failures", history), &columns, &rows, page);
}

/// The messages in the order in which they were sent, without what they say: a page has no contents.
pub(super) fn messages(history: &History, page: &mut String) {
    let plan = history.plan();
    let rows = history.sent().iter().filter_map(|id| {
        let task = plan.task(*id);
        let Work::Send(template) = &task.work else { return None };
        Some(vec![
            Text(task.path.clone()),
            Text(template.kind.as_str().to_owned()),
            Text(template.from.to_string()),
            Text(addressees(template)),
            Text(template.topic.clone().unwrap_or_default()),
            Number(history.task(*id).ended.map_or("-".to_owned(), seconds)),
        ])
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    let columns = ["task", "kind", "from", "to", "topic"].map(|name| Text(name.into()));
    let columns: Vec<Cell> = columns.into_iter().chain([Number("sent".into())]).collect();
    table("Messages", &columns, &rows, page);
}

/// The tasks that the pictures show, with the same times.
pub(super) fn tasks(history: &History, shown: &[(WaveId, Vec<Row<'_>>)], page: &mut String) {
    let plan = history.plan();
    let mut rows = Vec::new();
    for (wave, tasks) in shown {
        for row in tasks {
            let record = history.task(row.id);
            let time = |time: Option<Duration>| Number(time.map_or("-".to_owned(), seconds));
            let last = record.deciding_attempt();
            let server = last.map(|attempt| history.servers[attempt.server].name.clone());
            rows.push(vec![
                Text(plan.task(row.id).path.clone()),
                Text(plan.wave(*wave).name.clone()),
                Text(record.status().as_str().to_owned()),
                Text(server.unwrap_or_default()),
                Number(record.tries().to_string()),
                time(row.course.map(|course| course.ready)),
                time(record.started),
                time(record.ended),
                Text(row.remark.clone()),
            ]);
        }
    }
    let columns = [
        Text("task".into()),
        Text("wave".into()),
        Text("status".into()),
        Text("server".into()),
        Number("attempts".into()),
        Number("could begin".into()),
        Number("began".into()),
        Number("ended".into()),
        Text(String::new()),
    ];
    let title = escaped(&marked("Tasks", history));
    let _ = writeln!(page, "<h2>{title}</h2>\n<details><summary>The tasks as a table</summary>");
    bare_table(&columns, &rows, page);
    page.push_str("</details>\n");
}
