//! What stands between two nodes: blanks, comments, indicators, tags and anchors.
//!
//! The parser gives the places of nodes, but not those of the `-`, `:` and `|` around them, and it
//! places what is not written at the next token. The text between two nodes is simple enough to
//! find them again.

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// What counts as a line break (YAML 1.2.2, section 5.4).
pub(super) fn is_break(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

/// A space or a tab.
pub(super) fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// The first byte at or after `from` that is neither blank, line break nor comment, nor a
/// byte-order mark before a document.
pub(super) fn skip_space(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        if is_blank(byte) || is_break(byte) {
            at += 1;
        } else if byte == b'#' {
            at = line_end(text, at);
        } else if bytes[at..].starts_with(BYTE_ORDER_MARK) {
            at += BYTE_ORDER_MARK.len();
        } else {
            break;
        }
    }
    at
}

/// The first byte at or after `from` where a node's own text can begin: blanks, comments, the
/// given indicators, tags and anchors are skipped.
pub(super) fn skip_to_node(text: &str, from: usize, indicators: &[u8]) -> usize {
    let bytes = text.as_bytes();
    let mut at = skip_space(text, from);
    while let Some(byte) = bytes.get(at) {
        if indicators.contains(byte) {
            at += 1;
        } else if matches!(byte, b'&' | b'!') {
            at = word_end(text, at);
        } else {
            break;
        }
        at = skip_space(text, at);
    }
    at
}

/// The first byte at or after `from` where a document without a `---` can begin: end markers
/// may stand before it.
pub(super) fn skip_document_ends(text: &str, from: usize) -> usize {
    let mut at = skip_space(text, from);
    while text.as_bytes()[at..].starts_with(b"...") {
        at = skip_space(text, at + 3);
    }
    at
}

/// The end of a block scalar's header that starts at `from`, such as `|2-`.
pub(super) fn header_end(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    if !matches!(bytes.get(from), Some(b'|' | b'>')) {
        return None;
    }
    let indicators = bytes[from + 1..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-'));
    Some(from + 1 + indicators.count())
}

/// The length of the line break at `at`: 0 if there is none, 2 for `\r\n`.
pub(super) fn break_length(text: &str, at: usize) -> usize {
    match text.as_bytes().get(at..) {
        Some([b'\r', b'\n', ..]) => 2,
        Some([b'\r' | b'\n', ..]) => 1,
        _ => 0,
    }
}

/// The end of the line that `from` is in, before its break.
pub(super) fn line_end(text: &str, from: usize) -> usize {
    find(text, from, is_break)
}

/// The first byte at or after `from` that is not blank.
pub(super) fn skip_blanks(text: &str, from: usize) -> usize {
    find(text, from, |byte| !is_blank(byte))
}

fn word_end(text: &str, from: usize) -> usize {
    find(text, from, |byte| is_blank(byte) || is_break(byte))
}

/// The first such byte at or after `from`, or the end of the text.
fn find(text: &str, from: usize, wanted: impl Fn(u8) -> bool) -> usize {
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    let found = rest.iter().position(|byte| wanted(*byte));
    found.map_or(text.len(), |at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, indicators: &[u8], rest: &str) {
        assert_eq!(&text[skip_to_node(text, 0, indicators)..], rest, "{text}");
    }

    #[test]
    fn finds_the_node_behind_its_indicators() {
        check(" : &a !!seq\n- b", b":?", "- b");
        check(" : # - | \r\n  - !<a>b> &c|d >2-\n", b":?-", ">2-\n");
        check("", b":", "");
        check("  ", b":", "");
    }

    #[test]
    fn finds_the_end_of_a_header() {
        assert_eq!(header_end("a: |2- # x", 3), Some(6));
        assert_eq!(header_end("a: >", 3), Some(4));
        assert_eq!(header_end("a: b", 3), None);
        assert_eq!(header_end("a", 3), None);
    }
}
