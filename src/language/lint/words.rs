//! Words and sentences of prompts, with their places.

use std::ops::Range;

use serde_json::Value;

/// A prompt with blanks in the place of its template parts, so that places stay what they are.
pub(super) fn without_templates(prompt: &str) -> String {
    let mut plain = String::with_capacity(prompt.len());
    let mut rest = prompt;
    while let Some(start) = rest.find('{') {
        let closing = match rest.as_bytes().get(start + 1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => "#}",
            _ => {
                plain.push_str(&rest[..=start]);
                rest = &rest[start + 1..];
                continue;
            }
        };
        plain.push_str(&rest[..start]);
        let end = rest[start..].find(closing).map_or(rest.len(), |end| start + end + closing.len());
        plain.extend(std::iter::repeat_n(' ', end - start));
        rest = &rest[end..];
    }
    plain.push_str(rest);
    plain
}

/// The sentences of a text: up to a full stop, question mark, exclamation mark or semicolon before a
/// blank, or up to an empty line or the item of a list.
pub(super) fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut sentences = Vec::new();
    let mut start = 0;
    let bytes = text.as_bytes();
    for (place, byte) in bytes.iter().enumerate() {
        let next = bytes.get(place + 1).copied().unwrap_or(b' ');
        let ends = match byte {
            b'.' | b'?' | b'!' | b';' => next.is_ascii_whitespace(),
            b'\n' => matches!(next, b'\n' | b'-' | b'*'),
            _ => false,
        };
        if ends {
            sentences.push(start..place + 1);
            start = place + 1;
        }
    }
    sentences.push(start..text.len());
    sentences
}

/// The words in a part of a text, without the punctuation around them.
pub(super) fn words(text: &str, part: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let base = text.as_ptr() as usize;
    text[part].split_whitespace().filter_map(move |word| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '/' && c != '@');
        let start = word.as_ptr() as usize - base;
        (!word.is_empty()).then_some(start..start + word.len())
    })
}

/// Shows every text inside a value, in order.
pub(super) fn for_each_text(value: &Value, show: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => show(text),
        Value::Array(items) => items.iter().for_each(|item| for_each_text(item, show)),
        Value::Object(fields) => fields.values().for_each(|field| for_each_text(field, show)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{sentences, without_templates, words};

    #[test]
    fn templates_are_blanks() {
        assert_eq!(without_templates("a {{ b }} {c} {% d"), "a         {c}     ");
    }

    #[test]
    fn sentences_end_at_full_stops_and_items() {
        let text = "See a.md. Then\ngo\n- one\n- two";
        let found: Vec<&str> = sentences(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["See a.md.", " Then\ngo\n", "- one\n", "- two"]);
    }

    #[test]
    fn words_lose_their_punctuation() {
        let text = "(the `a.md`), \"x\"";
        let found: Vec<&str> = words(text, 0..text.len()).map(|range| &text[range]).collect();
        assert_eq!(found, ["the", "a.md", "x"]);
    }
}
