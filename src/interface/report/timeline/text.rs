//! A timeline on a terminal: a row for each task with a bar, by wave.

use std::fmt::Write as _;

use super::bars::{Cell, Scale};
use super::rows::{Row, rows, sign};
use crate::insight::{Activity, History, Metrics, Simulated, Statistics};
use crate::interface::report::paint::Paint;
use crate::interface::report::progress::wave_line;
use crate::interface::report::units::seconds;
use crate::interface::report::width::{columns, padded, shortened};
use crate::language::plan::Work;

/// How a timeline looks.
#[derive(Debug, Clone, Copy)]
pub struct TimelineLook {
    /// Colours.
    pub paint: Paint,
    /// The columns of the terminal.
    pub width: usize,
}

/// The narrowest bar, however narrow the terminal is.
const LEAST_BAR: usize = 10;
/// The widest column of names.
const WIDEST_NAME: usize = 32;
/// What a row has besides its name and its bar: a star, gaps, and how long it took.
const BESIDES: usize = 2 + 2 + 2 + 9;

/// When each task waited and worked.
pub fn timeline_text(history: &History, look: TimelineLook) -> String {
    let statistics = Statistics::of(history, &Metrics::of(history));
    let waves = rows(history, &statistics);
    let widest = waves.iter().flat_map(|(_, rows)| rows).map(|row| columns(&indented(row))).max();
    let names = widest.unwrap_or(0).clamp(4, WIDEST_NAME).min(look.width / 3);
    let bar = look.width.saturating_sub(names + BESIDES).max(LEAST_BAR);
    let timeline = Timeline {
        history,
        paint: look.paint,
        names,
        scale: Scale { columns: bar, whole: history.worked },
    };
    let mut text = timeline.head();
    for (wave, rows) in &waves {
        let _ = writeln!(text, "{}", wave_line(history, *wave, look.paint));
        for row in rows {
            timeline.row(row, &mut text);
        }
    }
    text
}

struct Timeline<'a> {
    history: &'a History,
    paint: Paint,
    names: usize,
    scale: Scale,
}

impl Timeline<'_> {
    /// What the signs mean, and the scale.
    fn head(&self) -> String {
        let mark = match self.history.simulated() {
            Simulated::Wholly => "SIMULATED: no model was asked, times are of the simulation\n",
            Simulated::Partly => "PARTLY SIMULATED: times of some servers are of a simulation\n",
            Simulated::No => "",
        };
        let signs: Vec<String> = Activity::ALL
            .into_iter()
            .map(|activity| {
                let sign = self.paint_of(Cell::Of(activity), &sign(activity).to_string());
                format!("{sign} {}", activity.as_str())
            })
            .collect();
        let whole = seconds(self.scale.whole);
        let half = seconds(self.scale.whole / 2);
        let middle = self.scale.columns / 2;
        let mut axis = padded("0", middle.saturating_sub(columns(&half) / 2));
        axis.push_str(&half);
        let axis = padded(&axis, self.scale.columns.saturating_sub(columns(&whole)));
        let before = " ".repeat(self.names + 4);
        format!(
            "{}{}   * critical path\n{}\n",
            self.paint.notice(mark),
            signs.join("  "),
            self.paint.dim(&format!("{before}{axis}{whole}")).trim_end()
        )
    }

    fn row(&self, row: &Row<'_>, text: &mut String) {
        let star = if row.is_critical { self.paint.bold("*") } else { " ".to_owned() };
        let name = padded(&shortened_name(row, self.names), self.names);
        let Some(course) = row.course else {
            let room = self.scale.columns + 11;
            let remark = self.paint.dim(&shortened(&row.remark, room));
            let _ = writeln!(text, "{star} {name}  {remark}");
            return;
        };
        let task = self.history.plan().task(row.id);
        let cells = self.scale.bar(course, matches!(task.work, Work::Call { .. }));
        let bar: String = cells
            .chunk_by(|first, second| first == second)
            .map(|same| {
                let sign = sign_of(same[0]).to_string();
                self.paint_of(same[0], &sign.repeat(same.len()))
            })
            .collect();
        let took = seconds(course.end.saturating_sub(course.ready));
        let _ = writeln!(text, "{star} {name}  {bar}  {took:>9}");
        if !row.remark.is_empty() {
            let indent = " ".repeat(self.names + 4);
            let remark = shortened(&row.remark, self.scale.columns + 11);
            let _ = writeln!(text, "{indent}{}", self.paint.notice(&remark));
        }
    }

    fn paint_of(&self, cell: Cell, text: &str) -> String {
        match cell {
            Cell::Of(Activity::Work) => self.paint.good(text),
            Cell::Of(Activity::Load | Activity::Person) => self.paint.notice(text),
            Cell::Of(Activity::Retry) => self.paint.bad(text),
            Cell::Of(Activity::Queue | Activity::Limit | Activity::Other) | Cell::Pattern => {
                self.paint.dim(text)
            }
            Cell::Empty | Cell::Moment => text.to_owned(),
        }
    }
}

fn sign_of(cell: Cell) -> char {
    match cell {
        Cell::Empty => ' ',
        Cell::Of(activity) => sign(activity),
        Cell::Pattern => '─',
        Cell::Moment => '|',
    }
}

fn indented(row: &Row<'_>) -> String {
    format!("{}{}", "  ".repeat(row.depth), row.name)
}

/// Shortening puts words on one line and would take the indent away.
fn shortened_name(row: &Row<'_>, width: usize) -> String {
    let indent = (2 * row.depth).min(width / 2);
    format!("{}{}", " ".repeat(indent), shortened(row.name, width - indent))
}
