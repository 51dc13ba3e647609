//! Mutated texts, and what must hold for every text.
//!
//! `PARTITA_FUZZ_ITERATIONS` and `PARTITA_FUZZ_SEED` make the loop longer and other; a failure
//! prints the text.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;

use super::*;

const ITERATIONS: u64 = 20_000;

/// Texts to start from: together they have every construct.
const SEEDS: &[&str] = &[
    "a: 1\nb: [x, 'y''z', \"q\\t\\u00e9\"]\nc: {d: e, f: null}\n",
    "waves:\n  - name: one\n    tasks:\n      ask: &task\n        agent: a\n        prompt: |\n          Hello {{ x }}\n\n            more\n          end\n  - name: two\n    tasks:\n      again:\n        <<: *task\n        agent: b\n",
    "a: >-\n  folded text\n  goes on\n\n  new paragraph\n    more indented\n  end\n\nb: |+2\n    keep\n\n\nc: |1-\n  strip\n",
    "plain: one two\n  three\n\n  four # comment\nquoted: \"one\n  two\\\n  three\\n\n\n  four\"\nsingle: 'one\n\n  two'\n",
    "- - - a\n    - b\n  - c\n- ? complex\n  : value\n- !!str 12\n- &x !!int 12\n- *x\n-\n",
    "%YAML 1.2\n---\n# comment\nx: &a {k: v, l: [1, 2.5, -3]}\ny: &b\n  <<: *a\n  m: 0x1f\nz:\n  <<: [*b, {n: true}]\n  k: own\n...\n",
    "\u{feff}a: é\r\nb: |\r\n  ü\r\n  日本\r\n\r\nc: \"\\\r\n  x\\ud83d\\ude00\"\r\n",
    "? a\n? |\n  block key\n: - x\n  - y\n",
    "k: # note\n  - v # note\n# between\nl:\n  m: [a, # inside\n    b]\n",
    "{a: {b: [c, {d: e}, f: g, ? h : i]}, \"j\":k, l: }\n",
    "t: 'a/b~c'\n\"x/y~z\": {\"\": [null, ~, true, No, 1e3]}\n",
    ">\n\n \n  folded\n  root\n\n\n",
    "a: b\rc: >\r  d\r  e\r",
];

/// Pieces that a mutation puts in.
const TOKENS: &[&str] = &[
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "\n\n",
    ":",
    ": ",
    "- ",
    "-",
    "?",
    "? ",
    ",",
    "[",
    "]",
    "{",
    "}",
    "#",
    " # c\n",
    "&a ",
    "*a",
    "!!str ",
    "! ",
    "!x ",
    "|",
    ">",
    "|2",
    ">-\n ",
    "|+\n",
    "'",
    "''",
    "\"",
    "\\",
    "\\n",
    "\\\n",
    "\\u00e9",
    "\\x41",
    "<<: *a",
    "<<: ",
    "---\n",
    "...\n",
    "%",
    "@",
    "`",
    "~",
    "null",
    "0",
    "1.5",
    "é",
    "日",
    "\u{1f600}",
    "\u{feff}",
    "\u{85}",
    "\u{2028}",
    "\u{0}",
    "\u{7f}",
    "a",
    "key: value\n",
    "{{ x }}",
    "\n  ",
    "\n    ",
    "\n\t",
];

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next()).unwrap_or(0) % limit.max(1)
    }

    fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

fn mutate(random: &mut Random, text: &mut String) {
    let place =
        |random: &mut Random, text: &str| lines::floor_boundary(text, random.below(text.len() + 1));
    let start = place(random, text);
    let end = lines::floor_boundary(text, (start + random.below(12)).min(text.len()));
    match random.below(8) {
        0..=2 => text.insert_str(start, random.pick(TOKENS)),
        3 => text.replace_range(start..end, ""),
        4 => text.replace_range(start..end, random.pick(TOKENS)),
        5 => {
            let copied = text[start..end].to_owned();
            let target = place(random, text);
            text.insert_str(target, &copied);
        }
        6 => {
            let other = random.pick(SEEDS);
            let from = place(random, other);
            let to = lines::floor_boundary(other, (from + random.below(40)).min(other.len()));
            text.insert_str(start, &other[from..to]);
        }
        _ => text.truncate(place(random, text)),
    }
}

#[test]
fn holds_for_mutated_texts() {
    let mut random = Random(setting("PARTITA_FUZZ_SEED").unwrap_or(1));
    let iterations = setting("PARTITA_FUZZ_ITERATIONS").unwrap_or(ITERATIONS);
    let mut trees = 0;
    for iteration in 0..iterations {
        let mut text = random.pick(SEEDS).to_owned();
        for _ in 0..=random.below(6) {
            mutate(&mut random, &mut text);
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| check(&text)));
        match outcome {
            Ok(has_tree) => trees += u64::from(has_tree),
            Err(_) => panic!("iteration {iteration} failed with {text:?}"),
        }
    }
    assert!(trees * 5 > iterations, "only {trees} of {iterations} texts have trees");
}

#[test]
fn holds_for_the_seeds() {
    for text in SEEDS {
        assert!(check(text), "{text:?}");
        let source = Source::new(SourceId(0), "fuzz.yaml", *text);
        for offset in 0..text.len() + 2 {
            let found = source.position(text::to_offset(offset));
            assert_eq!(found, counted(text, offset), "{offset} in {text:?}");
        }
    }
}

/// A place, counted character by character.
fn counted(text: &str, offset: usize) -> Position {
    let mut position = Position { line: 1, column: 1 };
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let mut end = at + character.len_utf8();
        if character == '\r' && characters.next_if(|next| next.1 == '\n').is_some() {
            end += 1;
        }
        if offset < end {
            break;
        }
        match character {
            '\n' | '\r' => {
                position.line += 1;
                position.column = 1;
            }
            '\u{feff}' if at == 0 => {}
            _ => position.column += 1,
        }
    }
    position
}

#[expect(clippy::disallowed_methods, reason = "the developer asks for a longer run")]
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Checks everything that must hold for a text; tells whether it has a tree.
fn check(text: &str) -> bool {
    let source = Source::new(SourceId(7), "fuzz.yaml", text);
    let parsed = parse(&source);
    for error in &parsed.errors {
        check_span(text, error.span);
        for (span, label) in &error.related {
            check_span(text, *span);
            assert!(!label.is_empty());
        }
        assert!(SyntaxErrorKind::CODES.contains(&error.code()));
        assert!(!error.to_string().is_empty());
        let _ = error.help();
    }
    assert!(parsed.errors.is_sorted_by_key(|error| error.span));
    let Some(tree) = &parsed.tree else {
        assert!(parsed.errors.iter().any(|error| !error.kind.is_mended()));
        return false;
    };
    assert!(parsed.errors.iter().all(|error| error.kind.is_mended()));
    for comment in tree.comments() {
        check_span(text, *comment);
        assert!(source.span_text(*comment).starts_with('#'));
    }
    for (id, node) in tree.nodes() {
        check_node(&source, tree, id, node);
    }
    let json = tree.to_json();
    assert_eq!(tree.locate("").map(|root| root.value), Some(tree.node(tree.root()).span()));
    check_pointers(&source, tree, &mut String::new(), &json);
    true
}

fn check_span(text: &str, span: Span) {
    assert_eq!(span.source, SourceId(7));
    assert!(span.start <= span.end);
    assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?}");
}

fn check_node(source: &Source, tree: &Tree, id: NodeId, node: &Node) {
    let text = source.text();
    check_span(text, node.span());
    if let Some(anchor) = node.anchor() {
        check_span(text, anchor.span);
        assert_eq!(source.span_text(anchor.span), format!("&{}", anchor.name));
    }
    if let Some(tag) = node.tag() {
        check_span(text, tag.span);
        assert!(source.span_text(tag.span).starts_with('!'));
    }
    let written = source.span_text(node.span());
    let inside = |child: NodeId| {
        let child = tree.node(child).span();
        assert!(node.span().contains(child), "{child:?} in {:?}", node.span());
    };
    match node.kind() {
        NodeKind::Scalar(scalar) => {
            assert_eq!(scalar.span(), node.span());
            check_scalar(source, scalar);
            check_alignment(source, tree, id, scalar);
        }
        NodeKind::Alias(_) => assert!(written.starts_with('*')),
        NodeKind::Sequence(items) => {
            assert!(written.starts_with(['-', '[']), "{written:?}");
            items.iter().copied().for_each(inside);
            let starts = items.iter().map(|item| tree.node(*item).span().start);
            assert!(starts.is_sorted_by(|one, next| one < next), "{written:?}");
            for item in items {
                check_implied_item(source, tree, *item);
            }
        }
        NodeKind::Mapping(mapping) => {
            let pairs = mapping.pairs().iter().copied().chain(mapping.merge_pair());
            for pair in pairs {
                inside(pair.key);
                inside(pair.value);
                assert!(tree.node(pair.key).span().end <= tree.node(pair.value).span().start);
            }
        }
    }
}

/// Nothing is written after a dash, but the dash is.
fn check_implied_item(source: &Source, tree: &Tree, item: NodeId) {
    let node = tree.node(item);
    let NodeKind::Scalar(scalar) = node.kind() else {
        return;
    };
    if scalar.is_implied() && node.tag().is_none() && node.anchor().is_none() {
        assert!(source.text()[..node.span().start as usize].ends_with('-'));
    }
}

fn check_scalar(source: &Source, scalar: &Scalar) {
    let written = source.span_text(scalar.span());
    let quoted = |quote| {
        let inner = written.strip_prefix(quote);
        assert!(inner.is_some_and(|inner| inner.ends_with(quote)), "{written:?}");
    };
    match scalar.style() {
        ScalarStyle::SingleQuoted => quoted('\''),
        ScalarStyle::DoubleQuoted => quoted('"'),
        ScalarStyle::Plain if !scalar.is_implied() => {
            assert!(!written.contains('\n') || scalar.text() != written);
            assert_eq!(written.trim_matches([' ', '\t', '\n', '\r']), written);
        }
        ScalarStyle::Plain => assert_eq!(scalar.text(), ""),
        ScalarStyle::Literal | ScalarStyle::Folded => {
            let header = scalar.header().map(|header| source.span_text(header));
            let header = header.unwrap_or_default();
            assert!(header.starts_with(['|', '>']), "{header:?}");
            assert!(header.len() <= 3, "{header:?}");
        }
    }
}

/// Every character of the text comes from bytes that are the character, or an escape or a line
/// break that can stand for it.
fn check_alignment(source: &Source, tree: &Tree, id: NodeId, scalar: &Scalar) {
    let alignment = tree.alignment(id);
    let alignment = alignment.unwrap_or_else(|| panic!("not aligned: {scalar:?}"));
    let mut before = 0;
    for (at, character) in scalar.text().char_indices() {
        let range = at..at + character.len_utf8();
        let span = alignment.span(range.clone()).unwrap();
        check_span(source.text(), span);
        let written = source.span_text(span);
        let is_break = matches!(written, "\n" | "\r" | "\r\n" | "");
        let fits = match character {
            ' ' | '\n' if is_break => scalar.style() != ScalarStyle::Plain || !written.is_empty(),
            '\'' if written == "''" => scalar.style() == ScalarStyle::SingleQuoted,
            _ if written.starts_with('\\') && written.len() > 1 => {
                scalar.style() == ScalarStyle::DoubleQuoted
            }
            _ => written == character.to_string(),
        };
        assert!(fits, "{character:?} at {at} comes from {written:?} in {scalar:?}");
        assert!(before <= span.start, "places go back in {scalar:?}");
        before = span.start;
        // One character alone is the same as many.
        assert_eq!(alignment.span(at..at).unwrap().start, span.start);
    }
    let whole = alignment.span(0..scalar.text().len()).unwrap();
    check_span(source.text(), whole);
    assert_eq!(alignment.span(0..scalar.text().len() + 1), None);
}

/// Every value can be found again, and what is found is the value.
fn check_pointers(source: &Source, tree: &Tree, pointer: &mut String, value: &Value) {
    let location = tree.locate(pointer).unwrap_or_else(|| panic!("{pointer} is lost"));
    let key = location.key.into_iter().chain(location.aliases.iter().copied());
    for span in key.chain([location.value, location.underline]) {
        check_span(source.text(), span);
    }
    let node = tree.node_at(pointer).unwrap();
    assert_eq!(tree.json_at(node), *value, "{pointer}");
    assert_eq!(tree.node(node).span(), location.value);
    let length = pointer.len();
    let mut visit = |token: &str, value: &Value| {
        pointer.push('/');
        pointer.push_str(token);
        check_pointers(source, tree, pointer, value);
        pointer.truncate(length);
    };
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                visit(&index.to_string(), item);
            }
        }
        Value::Object(entries) => {
            for (key, value) in entries {
                visit(&key.replace('~', "~0").replace('/', "~1"), value);
            }
        }
        _ => {}
    }
    pointer.push_str("/not there/0");
    let nearest = tree.locate_nearest(pointer);
    assert_eq!((nearest.found.len(), nearest.missing), (length, "/not there/0"));
    assert_eq!(nearest.location, location);
    pointer.truncate(length);
}
