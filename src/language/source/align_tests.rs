//! From a part of a decoded scalar to the bytes it was written with.

use super::*;

/// Finds `wanted` in the decoded text of the value of `a` and checks which bytes it comes from
/// and on which line and column they begin.
fn check(text: &str, wanted: &str, expected: (u32, u32, &str)) {
    let source = Source::new(SourceId(0), "test.yaml", text);
    let parsed = parse(&source);
    assert_eq!(parsed.errors, [], "{text:?}");
    let tree = parsed.tree.unwrap();
    let node = tree.node_at("/a").unwrap();
    let decoded = tree.scalar(node).unwrap().text();
    let start = decoded.find(wanted).unwrap_or_else(|| panic!("{wanted:?} is not in {decoded:?}"));
    let span = tree.align(node, start..start + wanted.len());
    let span = span.unwrap_or_else(|| panic!("{text:?} is not aligned"));
    let position = source.position(span.start);
    let found = (position.line, position.column, source.span_text(span));
    assert_eq!(found, expected, "{wanted:?} in {text:?}");
}

#[test]
fn plain() {
    check("a: one two", "two", (1, 8, "two"));
    check("é: 0\na: é {{ ü }}\n", "{{ ü }}", (2, 6, "{{ ü }}"));
    check("a: one\n  two  \n\n\n  three", "two", (2, 3, "two"));
    check("a: one\n  two  \n\n\n  three", "three", (5, 3, "three"));
    check("a: one\n  two", " two", (1, 7, "\n  two"));
    check("a: one\r\n  two\r\n\r\n \t three\r\n", "\nthree", (3, 1, "\r\n \t three"));
    check("\u{feff}a: one", "one", (1, 4, "one"));
}

#[test]
fn single_quoted() {
    check("a: 'it''s x'", "s x", (1, 9, "s x"));
    check("a: 'it''s x'", "'", (1, 7, "''"));
    check("a: 'one \n   two\n\n three'", "two", (2, 4, "two"));
    check("a: 'one \n   two\n\n three'", "e t", (1, 7, "e \n   t"));
    check("a: 'one \n   two\n\n three'", "\nthree", (3, 1, "\n three"));
    check("a: '  x '", "x ", (1, 7, "x "));
}

#[test]
fn double_quoted() {
    check(r#"a: "\t\u00e9x \x41""#, "x", (1, 13, "x"));
    check(r#"a: "\t\u00e9x \x41""#, "é", (1, 7, r"\u00e9"));
    check(r#"a: "\t\u00e9x \x41""#, "A", (1, 15, r"\x41"));
    check(r#"a: "\ud83d\ude00x\U0001F600y""#, "x", (1, 17, "x"));
    check(r#"a: "\ud83d\ude00x\U0001F600y""#, "x\u{1f600}y", (1, 17, r"x\U0001F600y"));
    check("a: \"one\\\n   two\"", "two", (2, 4, "two"));
    check("a: \"one\\\n   two\"", "et", (1, 7, "e\\\n   t"));
    check("a: \"one \\\n\n\n   \\ two\"", "\n\n two", (2, 1, "\n\n   \\ two"));
    check("a: \"one\r\n  two\\\r\n  three\"", "three", (3, 3, "three"));
    check("a: \"x\\\ty\\/\\\"z\"", "z", (1, 13, "z"));
}

#[test]
fn literal() {
    check("a: |\n  one\n   two\n\n  {{ x }}\n", "{{ x }}", (5, 3, "{{ x }}"));
    check("a: |\n  one\n   two\n\n  {{ x }}\n", " two", (3, 3, " two"));
    check("a: |\n\n \n  one\n", "\n\none", (2, 1, "\n \n  one"));
    check("a: |1-\n   one\n  two\n", "two", (3, 3, "two"));
    check("a: |2+ # c\n    one\n\n\nb: 1\n", "one\n\n\n", (2, 5, "one\n\n\n"));
    check("a: |\r\n  é\r\n  two\r\n", "two\n", (3, 3, "two\r\n"));
    check("a: |\n  one", "one\n", (2, 3, "one"));
    check("a: |+\n\n\nb: 1", "\n\n", (2, 1, "\n\n"));
    check("? a\n: |\n one\n", "one", (3, 2, "one"));
    check("a: !!str &x |\n \tone\n", "one", (2, 3, "one"));
}

#[test]
fn folded() {
    check("a: >\n  one\n  two\n\n  three\n", "two", (3, 3, "two"));
    check("a: >\n  one\n  two\n\n  three\n", "e t", (2, 5, "e\n  t"));
    check("a: >\n  one\n  two\n\n  three\n", "\nthree", (4, 1, "\n  three"));
    check("a: >-\n  one\n    two\n  three\n", "two", (3, 5, "two"));
    check("a: >-\n  one\n    two\n  three\n", "one\n  two\nthree", (2, 3, "one\n    two\n  three"));
    check("a: >+\r\n\r\n  one\r\n\r\n", "\none\n\n", (2, 1, "\r\n  one\r\n\r\n"));
    check("a: >\r  one\r  two\r", "two", (3, 3, "two"));
}

#[test]
fn takes_ranges_within_the_text() {
    let source = Source::new(SourceId(0), "test.yaml", "a: \"é\\n\"\nb: ''\nc:\nd: []\n");
    let tree = parse(&source).tree.unwrap();
    let align = |pointer: &str, range| {
        let span = tree.align(tree.node_at(pointer).unwrap(), range)?;
        Some((span.start, span.end))
    };
    assert_eq!(align("/a", 0..3), Some((4, 8)));
    // Half a character is the whole of it; an empty range is a place.
    assert_eq!(align("/a", 1..2), Some((4, 6)));
    assert_eq!(align("/a", 2..2), Some((6, 6)));
    assert_eq!(align("/a", 3..3), Some((8, 8)));
    assert_eq!(align("/a", 0..4), None);
    #[expect(clippy::reversed_empty_ranges, reason = "that is what is refused")]
    let reversed = 2..1;
    assert_eq!(align("/a", reversed), None);
    assert_eq!(align("/b", 0..0), Some((14, 14)));
    assert_eq!(align("/c", 0..0), Some((18, 18)));
    assert_eq!(align("/d", 0..0), None);
}
