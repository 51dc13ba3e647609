//! The difference for a pull request.

use std::fmt::Write as _;

use super::wording::{Shared, Shown, estimates, gist, own, sections, shared, shown, summary};
use crate::interface::app::DefinitionComparison;
use crate::interface::report::difference::hunks;
use crate::interface::report::paint::Paint;
use crate::interface::report::picture::plan_mermaid;
use crate::interface::report::plan::Depth;
use crate::interface::report::width::one_line;
use crate::language::plan::{Entry, FieldChange, Status};

/// Whether the new plan is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    /// As a Mermaid flowchart, folded.
    Mermaid,
    /// It is not.
    None,
}

/// What is different as Markdown: a table, and behind it the texts that changed, folded.
pub fn definitions_markdown(comparison: &DefinitionComparison, picture: Picture) -> String {
    let difference = &comparison.difference;
    let (old, new) = (&comparison.old, &comparison.new);
    let mut text = String::new();
    let _ = writeln!(text, "### {}: {}\n", code(&new.plan.name), summary(difference));
    if difference.is_empty() {
        let _ = writeln!(text, "{} and {} are the same plan.", code(&old.named), code(&new.named));
        return text;
    }
    let _ = writeln!(text, "{} → {}", code(&old.named), code(&new.named));
    if let Some(estimates) = estimates(comparison) {
        let _ = writeln!(text, "\nEstimate: {}.", estimates.replace("->", "→"));
    }
    let _ = writeln!(text, "\n| | what | how |\n| --- | --- | --- |");
    let mut folded = String::new();
    for change in &difference.about {
        let how = how(std::slice::from_ref(change), "plan", &mut folded);
        let _ = writeln!(text, "| changed | plan | {how} |");
    }
    for (section, entries) in sections(difference) {
        let shared = shared(entries);
        for Shared { change, names } in &shared {
            let names: Vec<String> = names.iter().map(|name| code(name)).collect();
            let what = format!("{} {section}", names.len());
            let how = how(std::slice::from_ref(*change), &what, &mut folded);
            let _ = writeln!(text, "| changed | {what} | {how} (in {}) |", names.join(", "));
        }
        for entry in own(entries, &shared) {
            row(section, &entry, &mut text, &mut folded);
        }
    }
    text.push_str(&folded);
    if picture == Picture::Mermaid {
        let chart = plan_mermaid(&new.plan, Depth(0));
        fold("the new plan", "mermaid", &chart, &mut text);
    }
    text
}

fn row(section: &str, entry: &Entry, text: &mut String, folded: &mut String) {
    let what = format!("{} {}", section.trim_end_matches('s'), code(&entry.name));
    let (status, how) = match &entry.status {
        Status::Added => ("**added**", cell(&gist(entry))),
        Status::Removed => ("**removed**", cell(&gist(entry))),
        Status::Renamed { from } => {
            let changes = how(&entry.changes, &entry.name, folded);
            let was = format!("was {}", code(from));
            ("**renamed**", [was, changes].join("; ").trim_end_matches("; ").to_owned())
        }
        Status::Changed => ("changed", how(&entry.changes, &entry.name, folded)),
    };
    let _ = writeln!(text, "| {status} | {what} | {how} |");
}

/// Changes in a cell of the table; texts go behind it.
fn how(changes: &[FieldChange], name: &str, folded: &mut String) -> String {
    let parts = changes.iter().map(|change| match shown(change) {
        Shown::Line(line) => format!("{}: {}", cell(&change.field), cell(&line)),
        Shown::Texts { before, after } => {
            let title = format!("{} of {name}", change.field);
            fold(&title, "diff", &hunks(&before, &after, Paint::PLAIN), folded);
            format!("{}, see below", cell(&change.field))
        }
    });
    parts.collect::<Vec<_>>().join("; ")
}

/// A block of code that is folded.
fn fold(title: &str, language: &str, body: &str, text: &mut String) {
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    let fence = fence(body);
    let _ = writeln!(
        text,
        "\n<details><summary>{title}</summary>\n\n{fence}{language}\n{}\n{fence}\n\n</details>",
        body.trim_end_matches('\n')
    );
}

/// Backticks that do not occur in a text.
fn fence(body: &str) -> String {
    let longest = body.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    "`".repeat((longest + 1).max(3))
}

/// Text as code, which means nothing to Markdown.
fn code(text: &str) -> String {
    let text = one_line(text).replace('|', "\\|");
    let fence = "`".repeat(text.split(|c| c != '`').map(str::len).max().unwrap_or(0) + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Text in a cell of a table. Signs with a meaning are escaped, as CommonMark allows (section 2.4).
fn cell(text: &str) -> String {
    let mut cell = String::new();
    for character in one_line(text).chars() {
        if matches!(
            character,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '#' | '|' | '~' | '@' | '&'
        ) {
            cell.push('\\');
        }
        cell.push(character);
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_means_nothing_to_markdown() {
        assert_eq!(cell("a | <b> *c*\n`d`"), r"a \| \<b> \*c\* \`d\`");
        assert_eq!(code("a | `b`"), "`` a \\| `b` ``");
        assert_eq!(fence("```diff\n````"), "`````");
        assert_eq!(fence("plain"), "```");
    }
}
