//! The board: pieces of work by state, in columns.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::heading;
use super::item::{age, item_json, mark, who, words};
use crate::insight::organization::WorkItem;
use crate::interface::app::OrganizationRun;
use crate::interface::report::paint::Paint;
use crate::interface::report::width::{padded, shortened};
use crate::organization::{Timeliness, WorkState};

/// A column is not narrower than this; where there is no room for all, they stand below each other.
const LEAST_WIDTH: usize = 22;

/// Between two columns.
const GAP: usize = 2;

/// Terminals that are narrower or wider are treated like these.
const WIDTHS: std::ops::RangeInclusive<usize> = 80..=200;

/// How a board is drawn.
#[derive(Debug, Clone, Copy)]
pub struct BoardLook {
    /// Colours.
    pub paint: Paint,
    /// The columns of the terminal.
    pub width: usize,
}

/// The board for programs: a list for each state in which work is.
pub fn board_json(run: &OrganizationRun) -> Value {
    let organization = &run.organization;
    let columns = states(run).into_iter().map(|(state, places)| {
        let items = places.into_iter().map(|place| item_json(organization, place));
        json!({ "state": state, "items": items.collect::<Vec<_>>() })
    });
    let mut object = super::basics(run);
    object["columns"] = columns.collect();
    object
}

/// The board for people.
pub fn board_text(run: &OrganizationRun, look: BoardLook) -> String {
    let mut text = heading(run, look.paint);
    let columns = states(run);
    if columns.is_empty() {
        text.push_str("  there are no pieces of work\n");
        return text;
    }
    let width = look.width.clamp(*WIDTHS.start(), *WIDTHS.end());
    let side_by_side = ((width + GAP) / (LEAST_WIDTH + GAP)).min(columns.len());
    let each = (width + GAP) / side_by_side - GAP;
    for band in columns.chunks(side_by_side) {
        let cells: Vec<Vec<Line>> =
            band.iter().map(|(state, places)| column(run, *state, places, each)).collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        text.push('\n');
        for row in 0..height {
            let mut line = String::new();
            for (place, cell) in cells.iter().enumerate() {
                let is_last = place + 1 == cells.len();
                let (words, tone) =
                    cell.get(row).map_or(("", Tone::Plain), |l| (&*l.words, l.tone));
                let words = if is_last { words.to_owned() } else { padded(words, each) };
                line.push_str(&tone.paint(look.paint, &words));
                line.push_str(if is_last { "" } else { "  " });
            }
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
    text
}

/// A line of a column; it is painted when it has its width.
struct Line {
    words: String,
    tone: Tone,
}

#[derive(Clone, Copy)]
enum Tone {
    Plain,
    Title,
    Aside,
    Late,
    Breached,
}

impl Tone {
    fn paint(self, paint: Paint, words: &str) -> String {
        match self {
            Tone::Plain => words.to_owned(),
            Tone::Title => paint.bold(words),
            Tone::Aside => paint.dim(words),
            Tone::Late => paint.notice(words),
            Tone::Breached => paint.bad(words),
        }
    }
}

fn column(run: &OrganizationRun, state: WorkState, places: &[usize], width: usize) -> Vec<Line> {
    let line = |words: &str, tone| {
        let rest = words.trim_start();
        let indent = words.len() - rest.len();
        let words = format!("{}{}", " ".repeat(indent), shortened(rest, width - indent));
        Line { words, tone }
    };
    let mut lines = vec![line(&format!("{} ({})", words(state), places.len()), Tone::Title)];
    for item in places.iter().filter_map(|place| run.organization.work.items.get(*place)) {
        lines.push(line("", Tone::Plain));
        lines.push(line(item.title(), Tone::Plain));
        let who = who(item).map(ToString::to_string);
        let domain = item.about.domain.clone();
        let parts: Vec<String> = who.into_iter().chain(domain).collect();
        if !parts.is_empty() {
            lines.push(line(&format!("  {}", parts.join(", ")), Tone::Aside));
        }
        let (age, mark) = (age(item), mark(item).unwrap_or_default());
        if !age.is_empty() {
            lines.push(line(format!("  {age} {mark}").trim_end(), tone(item)));
        }
    }
    lines
}

fn tone(item: &WorkItem) -> Tone {
    let stay = item.stays().last().copied();
    match stay.and_then(|stay| item.timeliness(&stay)) {
        Some(Timeliness::Breached) => Tone::Breached,
        Some(Timeliness::Late) => Tone::Late,
        _ => Tone::Aside,
    }
}

/// The states in which work is, in the order of its life, with the pieces in each.
fn states(run: &OrganizationRun) -> Vec<(WorkState, Vec<usize>)> {
    let items = || run.organization.work.items.iter().enumerate();
    let of = |state: WorkState| {
        let places = items().filter(|(_, item)| item.state() == state).map(|(place, _)| place);
        (state, places.collect::<Vec<_>>())
    };
    WorkState::ALL.into_iter().map(of).filter(|(_, places)| !places.is_empty()).collect()
}
