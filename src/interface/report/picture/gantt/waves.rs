//! A row for each task, by wave.

use std::fmt::Write as _;

use super::super::elements::{Line, attributes, escaped, number, text};
use super::super::letters::{NAMES, SMALL, fitted};
use super::axis::axis;
use super::{BAR, Field, HEAD, LEAST, ROW, TITLE, WIDTH, begin, stretch};
use crate::insight::{Course, History};
use crate::interface::report::timeline::Row;
use crate::interface::report::units::seconds;
use crate::language::plan::{WaveId, Work};

/// Names of tasks.
const LEFT: f64 = 230.0;
/// How long a task took.
const RIGHT: f64 = 80.0;

/// The tasks of a run as a picture.
pub(in crate::interface::report) fn waves_svg(
    history: &History,
    waves: &[(WaveId, Vec<Row<'_>>)],
) -> String {
    let rows: usize = waves.iter().map(|(_, rows)| rows.len()).sum();
    let height = HEAD + TITLE * waves.len() as f64 + ROW * rows as f64 + 4.0;
    let field = Field { left: LEFT, width: WIDTH - LEFT - RIGHT, whole: history.worked };
    let mut svg = String::new();
    let title = format!("{} by wave: when each task waited and worked", history.plan().name);
    begin("by-wave", &title, height, &mut svg);
    let mut bands = String::new();
    let mut bars = String::new();
    let mut y = HEAD;
    for (wave, rows) in waves {
        let _ = writeln!(
            bands,
            "<rect class=\"band\" x=\"0\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
            number(y),
            number(WIDTH),
            number(TITLE - 2.0)
        );
        let name = fitted(&history.plan().wave(*wave).name, NAMES, WIDTH - 20.0);
        text(&Line { class: "name", x: 8.0, y: y + 17.0, text: &name }, &mut bars);
        y += TITLE;
        for row in rows {
            self::row(history, row, field, y, &mut bars);
            y += ROW;
        }
    }
    svg.push_str(&bands);
    axis(field, height, &mut svg);
    svg.push_str(&bars);
    svg.push_str("</svg>\n");
    svg
}

fn row(history: &History, row: &Row<'_>, field: Field, y: f64, svg: &mut String) {
    let path = &history.plan().task(row.id).path;
    let class = if row.is_critical { "task critical" } else { "task" };
    let x = 16.0 + 14.0 * row.depth as f64;
    let name = fitted(row.name, NAMES, LEFT - 12.0 - x);
    svg.push_str("<g>");
    let _ = writeln!(svg, "<title>{}</title>", escaped(path));
    if row.is_critical {
        let (top, bottom) = (number(y + 4.0), number(y + ROW - 4.0));
        let _ = writeln!(
            svg,
            "<path class=\"path\" d=\"M6 {top}L11 {0}L6 {bottom}Z\"/>",
            number(y + ROW / 2.0)
        );
    }
    text(&Line { class, x, y: y + 15.0, text: &name }, svg);
    if let Some(course) = row.course {
        self::course(history, row, course, field, y, svg);
    }
    let beside = match row.course {
        Some(course) => (WIDTH - RIGHT + 10.0, seconds(course.end.saturating_sub(course.ready))),
        None => (LEFT + 4.0, fitted(&row.remark, SMALL, field.width)),
    };
    text(&Line { class: "small", x: beside.0, y: y + 15.0, text: &beside.1 }, svg);
    svg.push_str("</g>\n");
}

fn course(
    history: &History,
    row: &Row<'_>,
    course: &Course,
    field: Field,
    y: f64,
    svg: &mut String,
) {
    let task = history.plan().task(row.id);
    if matches!(task.work, Work::Call { .. }) {
        let area = field.area(course.ready, course.end, y, 6.0);
        let took = seconds(course.end.saturating_sub(course.ready));
        let title = escaped(&format!("{}: a used pattern, {took}", task.path));
        let _ = writeln!(
            svg,
            "<rect class=\"inside\" {} rx=\"3\"><title>{title}</title></rect>",
            attributes(area)
        );
    } else if course.stretches.is_empty() {
        let mut area = field.area(course.end, course.end, y, BAR);
        area.width = LEAST;
        let title = escaped(&format!("{}: took no time", task.path));
        let _ = writeln!(
            svg,
            "<rect class=\"other\" {}><title>{title}</title></rect>",
            attributes(area)
        );
    } else {
        for part in &course.stretches {
            let title =
                format!("{}: {} {}", task.path, part.activity.as_str(), seconds(part.took()));
            stretch(field, part, y, &title, svg);
        }
    }
    if !row.remark.is_empty() {
        let x = field.x(course.end) + 6.0;
        let room = WIDTH - RIGHT - x;
        if room > 40.0 {
            let remark = fitted(&row.remark, SMALL, room);
            text(&Line { class: "small", x, y: y + 15.0, text: &remark }, svg);
        }
    }
}
