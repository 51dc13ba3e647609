//! A document that can be read although somebody is in the midst of a line.

use super::cursor::is_word;
use super::flow;
use crate::language::document::{Document, Expectation};
use crate::language::source::{Source, SourceId};

/// No source of a library has this id.
const UNFINISHED: SourceId = SourceId(u32::MAX);

/// Reads a text; where it cannot be read, without what is written on the line at this byte, or up to
/// that line.
pub(super) fn read(text: &str, offset: usize) -> Option<Document> {
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let end = text[offset..].find('\n').map_or(text.len(), |at| offset + at);
    let line = &text[start..end];
    let with = |line: &str| format!("{}{line}{}", &text[..start], &text[end..]);
    let indent = &line[..line.len() - line.trim_start_matches([' ', '-']).len()];
    let key = line.split_once(": ").map(|(key, _)| key).or_else(|| line.strip_suffix(':'));
    let word = line[..offset - start].trim_end_matches(is_word).trim_end_matches([' ', ',']);
    let readings = [
        Some(text.to_owned()),
        flow::closed(word).map(|line| with(&line)),
        key.map(|key| with(&format!("{key}: \"\""))),
        Some(with(indent)),
        Some(with("")),
        key.map(|key| format!("{}{key}: \"\"", &text[..start])),
        Some(text[..start].to_owned()),
    ];
    readings.into_iter().flatten().find_map(|reading| {
        let source = Source::new(UNFINISHED, "", reading);
        Document::read(&source, Expectation::Named).document
    })
}
