//! The waves of a plan, drawn: a box a wave, what is in it at the same time side by side.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::interface::report::paint::Paint;
use crate::language::plan::{Over, Plan, Task, WaveId, Work};

/// The widest a box is, borders included.
const WIDEST: usize = 78;

/// What marks a task that is not simply an agent's, and what the mark means.
const MARKS: [(&str, &str); 5] = [
    ("=", "puts results together"),
    ("?", "checks"),
    ("!", "asks a person"),
    (">", "runs a pattern"),
    ("+", "calls a tool"),
];

/// The waves of the root of a plan.
pub(in crate::interface::report) fn waves_picture(plan: &Plan, paint: Paint) -> String {
    let waves: Vec<Drawn> = plan.root().waves.iter().map(|wave| Drawn::of(plan, *wave)).collect();
    let width = waves.iter().map(Drawn::width).max().unwrap_or(0);
    let mut text = String::new();
    for (place, wave) in waves.iter().enumerate() {
        if place > 0 {
            // An arrow where a wave waits for all before it, dots where its tasks begin one by one.
            let arrow = if wave.barrier { "▼" } else { "┊" };
            let _ = writeln!(text, "  {}{arrow}", " ".repeat(width / 2 + 1));
        }
        wave.draw(width, paint, &mut text);
    }
    let used: BTreeSet<&str> = waves.iter().flat_map(|wave| wave.marks.iter().copied()).collect();
    let legend = MARKS.iter().filter(|(mark, _)| used.contains(mark));
    let mut legend: Vec<String> = legend.map(|(mark, what)| format!("{mark} {what}")).collect();
    if waves.iter().skip(1).any(|wave| !wave.barrier) {
        legend.push("┊ task by task, as needs are met".to_owned());
    }
    if !legend.is_empty() {
        let _ = writeln!(text, "  {}", paint.dim(&legend.join("   ")));
    }
    text
}

/// A wave as it is drawn.
struct Drawn {
    name: String,
    barrier: bool,
    lines: Vec<String>,
    marks: BTreeSet<&'static str>,
}

impl Drawn {
    fn of(plan: &Plan, wave: WaveId) -> Drawn {
        let planned = plan.wave(wave);
        let tasks: Vec<&Task> = planned.tasks.iter().map(|id| plan.task(*id)).collect();
        let marks = tasks.iter().filter_map(|task| mark(task)).collect();
        let mut lines = vec![String::new()];
        for task in tasks {
            let sign = mark(task).map(|mark| format!("{mark} ")).unwrap_or_default();
            let word = format!("{sign}{}", task.name);
            let last = lines.len() - 1;
            let room = WIDEST - 4;
            if lines[last].is_empty() {
                lines[last] = word;
            } else if lines[last].chars().count() + 3 + word.chars().count() <= room {
                lines[last] = format!("{}   {word}", lines[last]);
            } else {
                lines.push(word);
            }
        }
        Drawn { name: planned.name.clone(), barrier: planned.barrier, lines, marks }
    }

    /// How many columns are between the borders.
    fn width(&self) -> usize {
        let longest = self.lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
        longest.max(self.name.chars().count() + 2) + 2
    }

    fn draw(&self, width: usize, paint: Paint, text: &mut String) {
        let rest = width.saturating_sub(self.name.chars().count() + 3);
        let _ = writeln!(text, "  ┌─ {} {}┐", paint.bold(&self.name), "─".repeat(rest));
        for line in &self.lines {
            let pad = " ".repeat(width.saturating_sub(line.chars().count() + 2));
            let _ = writeln!(text, "  │ {line}{pad} │");
        }
        let _ = writeln!(text, "  └{}┘", "─".repeat(width));
    }
}

fn mark(task: &Task) -> Option<&'static str> {
    match &task.work {
        Work::Ask(ask) if ask.sources.is_empty() => None,
        Work::Ask(_) | Work::Combine(_) => Some("="),
        Work::Check { .. } => Some("?"),
        Work::Approve { .. } => Some("!"),
        Work::Call { .. } => Some(">"),
        Work::Tool(_) => Some("+"),
        Work::Send(_) => Some("@"),
        Work::Iterate(iterate) => match iterate.over {
            Over::Review(_) => Some("?"),
            Over::Expand(_) => Some(">"),
            _ => mark(iterate.task()),
        },
    }
}
