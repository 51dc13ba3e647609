//! The difference for people.

use std::fmt::Write as _;

use super::wording::{Shared, Shown, estimates, gist, own, sections, shared, shown, summary};
use crate::interface::app::DefinitionComparison;
use crate::interface::report::diagnostics::Look;
use crate::interface::report::difference::hunks;
use crate::interface::report::paint::Paint;
use crate::interface::report::width::wrapped;
use crate::language::plan::{Entry, FieldChange, Status};

/// What is different, a line a thing: `+` added, `-` removed, `>` renamed, `~` changed; texts as
/// unified diffs.
pub fn definitions_text(comparison: &DefinitionComparison, look: Look) -> String {
    let paint = Paint { colour: look.colour };
    let difference = &comparison.difference;
    let (old, new) = (&comparison.old, &comparison.new);
    let mut text = String::new();
    if difference.is_empty() {
        let fingerprint = new.plan.fingerprint();
        let short = fingerprint.short();
        let _ = writeln!(text, "{} and {} are the same plan ({short})", old.named, new.named);
        return text;
    }
    let _ = writeln!(text, "{}", paint.bold(&format!("{} -> {}", old.named, new.named)));
    let _ = writeln!(text, "{}", summary(difference));
    if let Some(estimates) = estimates(comparison) {
        let _ = writeln!(text, "estimate {estimates}");
    }
    if !difference.about.is_empty() {
        let _ = writeln!(text, "\n{}", paint.bold("plan"));
        changes_text(&difference.about, "  ", paint, &mut text);
    }
    for (section, entries) in sections(difference) {
        if !entries.is_empty() {
            let _ = writeln!(text, "\n{}", paint.bold(section));
        }
        let shared = shared(entries);
        for Shared { change, names } in &shared {
            let line = format!("~ {} {section}: {}", names.len(), names.join(", "));
            let _ = writeln!(text, "{}", wrapped(&line, look.width).join("\n    "));
            changes_text(std::slice::from_ref(*change), "    ", paint, &mut text);
        }
        for entry in own(entries, &shared) {
            entry_text(&entry, paint, &mut text);
        }
    }
    text
}

fn entry_text(entry: &Entry, paint: Paint, text: &mut String) {
    let name = &entry.name;
    let line = match &entry.status {
        Status::Added => paint.good(&format!("+ {name}  {}", gist(entry))),
        Status::Removed => paint.bad(&format!("- {name}  {}", gist(entry))),
        Status::Renamed { from } => paint.notice(&format!("> {from} is now {name}")),
        Status::Changed => format!("~ {name}"),
    };
    let _ = writeln!(text, "{}", line.trim_end());
    if matches!(entry.status, Status::Changed | Status::Renamed { .. }) {
        changes_text(&entry.changes, "    ", paint, text);
    }
}

fn changes_text(changes: &[FieldChange], indent: &str, paint: Paint, text: &mut String) {
    for change in changes {
        match shown(change) {
            Shown::Line(line) => {
                let _ = writeln!(text, "{indent}{}  {line}", change.field);
            }
            Shown::Texts { before, after } => {
                let _ = writeln!(text, "{indent}{}", change.field);
                for line in hunks(&before, &after, paint).lines() {
                    let _ = writeln!(text, "{indent}  {line}");
                }
            }
        }
    }
}
