//! A document that is there as a value, written as YAML that people read: a key a line, long texts as blocks.

use std::fmt::Write as _;

use serde_json::Value;

use crate::language::source::{Surroundings, write_text, write_value};

/// A collection that fits on a line of this width stays on one.
const WIDTH: usize = 90;

/// A document below a comment.
pub(super) fn document_text(comment: &str, value: &Value) -> String {
    let mut text = format!("# {comment}\n");
    if let Value::Object(entries) = value {
        for (place, (key, value)) in entries.iter().enumerate() {
            if place > 0 {
                text.push('\n');
            }
            entry(&mut text, 0, key, value);
        }
    }
    text
}

fn entry(text: &mut String, depth: usize, key: &str, value: &Value) {
    let indent = "  ".repeat(depth);
    let _ = write!(text, "{indent}{}:", write_text(key, Surroundings::Block));
    after_key(text, depth, value);
}

/// What stands behind a key or the sign of an item.
fn after_key(text: &mut String, depth: usize, value: &Value) {
    let indent = "  ".repeat(depth + 1);
    match value {
        Value::String(block) if is_block(block) => {
            let sign = if block.ends_with('\n') { "|" } else { "|-" };
            let _ = writeln!(text, " {sign}");
            for line in block.lines() {
                let _ = match line.is_empty() {
                    true => writeln!(text),
                    false => writeln!(text, "{indent}{line}"),
                };
            }
        }
        Value::Object(entries) if !entries.is_empty() && !fits(value, depth) => {
            text.push('\n');
            entries.iter().for_each(|(key, value)| entry(text, depth + 1, key, value));
        }
        Value::Array(items) if !items.is_empty() && !fits(value, depth) => {
            text.push('\n');
            for item in items {
                let _ = write!(text, "{indent}-");
                after_key(text, depth + 1, item);
            }
        }
        _ => {
            let _ = writeln!(text, " {}", write_value(value, Surroundings::Block));
        }
    }
}

/// Whether a collection stays on one line: if it is short, and no text in it is a block.
fn fits(value: &Value, depth: usize) -> bool {
    let has_block = |value: &Value| match value {
        Value::String(text) => text.contains('\n'),
        Value::Object(_) | Value::Array(_) => true,
        _ => false,
    };
    let nested = match value {
        Value::Object(entries) => entries.values().any(has_block),
        Value::Array(items) => items.iter().any(has_block),
        _ => false,
    };
    !nested && write_value(value, Surroundings::Block).len() + 2 * depth < WIDTH
}

/// Whether a text of several lines reads the same as a block: without blanks at the beginnings and ends of lines, and with one
/// line break at its end at most.
fn is_block(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with(['\n', ' '])
        && !text.ends_with("\n\n")
        && !text.contains(['\r', '\t', '\u{85}', '\u{2028}', '\u{2029}', '\u{feff}'])
        && text.chars().all(|c| c == '\n' || !c.is_control())
        && text.lines().all(|line| !line.ends_with(' '))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::language::source::{Source, SourceId, parse};

    #[test]
    fn documents_read_back_as_they_were() {
        let value = json!({
            "pattern": { "name": "a", "summary": "Does: \"it\" # well" },
            "team": { "agents": [{ "role": "Reader", "purpose": "Reads\nall" }, { "role": "B" }] },
            "inputs": { "x": { "type": "string", "default": "two\nlines" }, "y": { "default": "" } },
            "tasks": {
                "a": { "prompt": "First\n\n  indented\nlast\n", "needs": ["b", "c"], "retry": { "attempts": 2 } },
                "b": { "prompt": " begins with a blank\n" },
                "c": { "prompt": "ends\n\n" },
                "d": { "prompt": "a\tb\nc", "list": [], "map": {}, "nothing": null },
            },
            "outputs": ["- a", "{{ tasks.a.output }}", 1.5, true],
        });
        let text = document_text("About", &value);
        let parsed = parse(&Source::new(SourceId(0), "a.yaml".to_owned(), text.clone()));
        assert!(parsed.errors.is_empty(), "{:?}\n{text}", parsed.errors);
        assert_eq!(parsed.tree.unwrap().to_json(), value, "{text}");
        assert!(text.contains("prompt: |\n      First\n\n        indented\n"), "{text}");
    }
}
