//! A run as a page: figures, pictures by wave and by server, and tables. One file that needs nothing
//! else, not even a script.

use std::fmt::Write as _;
use std::time::Duration;

use super::rows::{Row, rows};
use super::tables::{calls, failures, losses, messages, servers, spent, tasks};
use crate::insight::{History, Metrics, Simulated, Statistics};
use crate::interface::report::picture::{GANTT_STYLE, escaped, legend_svg, servers_svg, waves_svg};
use crate::interface::report::progress::{figures, fork_line, task_counts};
use crate::interface::report::run_json::status;
use crate::interface::report::units::{counted, moment};
use crate::language::plan::WaveId;

/// By this a page of ours is known, so that no other file is overwritten.
pub const PAGE_MARK: &str = "<meta name=\"generator\" content=\"Partita: a run\">";

/// Rows of many more would make a page that no browser likes; then the longest are shown.
const MOST_ROWS: usize = 500;

const STYLE: &str = "\
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif;color:#1f2328;
background:#ffffff;max-width:1240px;margin:0 auto;padding:24px 20px 60px}
h1{font-size:24px;margin:0 0 4px}h2{font-size:18px;margin:36px 0 10px}p{margin:4px 0}
.quiet{color:#59636e}.mark{border:1px solid #9a6700;border-left-width:6px;padding:8px 12px;margin:12px 0}
.picture{overflow-x:auto}.picture svg{display:block;min-width:820px;width:100%;height:auto}
.legend svg{min-width:0;width:820px}
table{border-collapse:collapse;margin:6px 0;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:4px 14px 4px 0;border-bottom:1px solid #d5dae0;vertical-align:top}
td.n,th.n{text-align:right}thead th{font-weight:600}tbody th{font-weight:400}th{white-space:nowrap}
.scroll{overflow-x:auto}summary{cursor:pointer}
@media (prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}.quiet{color:#9198a1}
th,td{border-color:#2f363d}.mark{border-color:#d29922}}
";

/// The page of a run.
pub fn run_page(run: &str, history: &History) -> String {
    let metrics = Metrics::of(history);
    let statistics = Statistics::of(history, &metrics);
    let name = escaped(&history.plan().name);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n{PAGE_MARK}\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{name}, run {}</title>\n<style>\n{STYLE}{GANTT_STYLE}</style>\n</head>\n<body>\n<main>\n",
        escaped(run)
    );
    head(run, history, &metrics, &mut page);
    let all = rows(history, &statistics);
    let shown = longest(&all);
    if !history.worked.is_zero() {
        pictures(history, &metrics, &shown, &mut page);
    }
    spent(history, &statistics, &mut page);
    losses(history, &statistics, &mut page);
    calls(history, &statistics, &mut page);
    servers(history, &metrics, &statistics, &mut page);
    failures(history, &statistics, &mut page);
    messages(history, &mut page);
    tasks(history, &shown, &mut page);
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn head(run: &str, history: &History, metrics: &Metrics, page: &mut String) {
    let plan = history.plan();
    let began = history.began.map(moment).unwrap_or_default();
    let _ = writeln!(page, "<h1>{}</h1>", escaped(&plan.name));
    if !plan.summary.is_empty() {
        let _ = writeln!(page, "<p>{}</p>", escaped(&plan.summary));
    }
    let _ = writeln!(
        page,
        "<p class=\"quiet\">Run {}, begun {}: {}</p>",
        escaped(run),
        escaped(&began),
        escaped(status(history))
    );
    if let Some(fork) = &history.fork {
        let _ = writeln!(page, "<p>It is {}.</p>", escaped(fork_line(plan, fork).trim_start()));
    }
    let mark = match history.simulated() {
        Simulated::Wholly => {
            "Simulated: no model was asked. Answers are invented, and times are of the simulation."
        }
        Simulated::Partly => {
            "Partly simulated: some answers are invented, and some times are of a simulation."
        }
        Simulated::No => "",
    };
    if !mark.is_empty() {
        let _ = writeln!(page, "<p class=\"mark\" role=\"note\">{mark}</p>");
    }
    let _ = writeln!(page, "<p>{}.</p>", escaped(&figures(metrics)));
    let tasks = counted(metrics.tasks, "task", "tasks");
    let _ = writeln!(page, "<p>{tasks}: {}.</p>", escaped(&task_counts(metrics)));
}

fn pictures(
    history: &History,
    metrics: &Metrics,
    shown: &[(WaveId, Vec<Row<'_>>)],
    page: &mut String,
) {
    let all_tasks = history.plan().tasks.len();
    let tasks: usize = shown.iter().map(|(_, rows)| rows.len()).sum();
    let left_out = |shown: usize, all: usize, what: &str| match shown == all {
        true => String::new(),
        false => format!("<p class=\"quiet\">The longest {shown} of {all} {what} are shown.</p>\n"),
    };
    let _ = write!(
        page,
        "<h2>By wave</h2>\n<div class=\"legend picture\">{}</div>\n{}<div class=\"picture\">\n{}</div>\n",
        legend_svg(),
        left_out(tasks, all_tasks, "tasks"),
        waves_svg(history, shown)
    );
    let calls: usize = history.tasks().map(|(_, task)| task.attempts.len()).sum();
    if calls > 0 {
        let (svg, drawn) = servers_svg(history, metrics);
        let _ = write!(
            page,
            "<h2>By server</h2>\n{}<div class=\"picture\">\n{svg}</div>\n",
            left_out(drawn, calls, "calls")
        );
    }
}

/// The rows, without the shortest where there are too many.
fn longest<'a>(all: &[(WaveId, Vec<Row<'a>>)]) -> Vec<(WaveId, Vec<Row<'a>>)> {
    let took = |row: &Row<'_>| {
        row.course.map_or(Duration::ZERO, |course| course.end.saturating_sub(course.ready))
    };
    let mut times: Vec<Duration> = all.iter().flat_map(|(_, rows)| rows).map(took).collect();
    times.sort_unstable_by(|first, second| second.cmp(first));
    let least =
        times.get(MOST_ROWS).map_or(Duration::ZERO, |at_most| *at_most + Duration::from_nanos(1));
    let shown = |rows: &[Row<'a>]| rows.iter().filter(|row| took(row) >= least).cloned().collect();
    all.iter().map(|(wave, rows)| (*wave, shown(rows))).collect()
}
