//! What a template opens and does not close. Its parser only says that the text ended too early.

use std::ops::Range;

/// What opens, what closes.
const TAGS: [(&str, &str); 3] = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")];

/// Statements with an end of their own.
const BLOCKS: [&str; 6] = ["for", "if", "with", "filter", "macro", "raw"];

/// The first braces, else the innermost block, that are never closed: where they are, and what to say
/// of it.
pub(super) fn unclosed(text: &str) -> Option<(Range<usize>, String)> {
    let mut blocks: Vec<(Range<usize>, &str)> = Vec::new();
    let mut at = 0;
    while let Some((start, open, close)) = next_tag(text, at) {
        let inner = start + open.len();
        let Some(end) = end_of_tag(text, inner, close) else {
            return Some((start..inner, format!("`{open}` is opened but not closed")));
        };
        at = end;
        if open != "{%" {
            continue;
        }
        let word = word_at(text, inner);
        match &text[word.clone()] {
            "raw" => at = end_of_raw(text, end).unwrap_or(text.len()),
            name if name.starts_with("end") => drop(blocks.pop()),
            _ => {}
        }
        let name = BLOCKS.into_iter().find(|name| *name == &text[word.clone()]);
        if let Some(name) = name.filter(|name| *name != "raw" || at == text.len()) {
            blocks.push((word, name));
        }
    }
    let (place, name) = blocks.pop()?;
    Some((place, format!("`{name}` is opened but not closed with `end{name}`")))
}

fn next_tag(text: &str, from: usize) -> Option<(usize, &'static str, &'static str)> {
    let starts = TAGS
        .iter()
        .filter_map(|(open, close)| Some((from + text[from..].find(open)?, *open, *close)));
    starts.min_by_key(|(start, ..)| *start)
}

/// Behind what closes a tag; not inside a text between quotes, unless that is not closed itself.
fn end_of_tag(text: &str, from: usize, close: &str) -> Option<usize> {
    let mut quote = None;
    for (at, character) in text[from..].char_indices() {
        match quote {
            Some(open) if open == character => quote = None,
            None if text[from + at..].starts_with(close) => return Some(from + at + close.len()),
            None if close != "#}" && matches!(character, '\'' | '"') => quote = Some(character),
            Some(_) | None => {}
        }
    }
    let found = text[from..].find(close).filter(|_| quote.is_some())?;
    Some(from + found + close.len())
}

fn end_of_raw(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(start) = text[at..].find("{%").map(|start| at + start) {
        at = start + 2;
        if text[word_at(text, at)] == *"endraw" {
            return end_of_tag(text, at, "%}");
        }
    }
    None
}

/// The word at the beginning of a statement.
fn word_at(text: &str, from: usize) -> Range<usize> {
    let rest = text[from..].trim_start_matches(['-', '+']).trim_start();
    let start = text.len() - rest.len();
    let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    start..start + length.unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(&str, &str)>) {
        let found = unclosed(text);
        let found = found.as_ref().map(|(place, message)| (&text[place.clone()], message.as_str()));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn finds_what_is_open() {
        let braces = Some(("{{", "`{{` is opened but not closed"));
        check("a {{ b.c", braces);
        check("a {{ b }} é {{ '}}' ", braces);
        check("{{ a }} {% raw %}{{ {% endraw %} {{", braces);
        check("{# {{ #} {% x", Some(("{%", "`{%` is opened but not closed")));
        check("{%- if a %}{{ b }}", Some(("if", "`if` is opened but not closed with `endif`")));
        let for_block = Some(("for", "`for` is opened but not closed with `endfor`"));
        check("{% if a %}{% for b in c %}{{ b }}", for_block);
        check("{% for b in c %}{% if b %}{% endif %}", for_block);
        check("{% raw %}{{ a }}", Some(("raw", "`raw` is opened but not closed with `endraw`")));
        check("{% set a = '%}' %}{{ \"it's\" }} }} {% for b in c %}{% endfor %}", None);
        check("{{ it's }} text", None);
    }
}
