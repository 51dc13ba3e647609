//! Every kind of mistake: where it is, what is said, and what to do.

use std::collections::BTreeSet;

use super::*;

/// Checks all errors of a text, each as `line:column code underlined: message (help)`, with
/// `; line:column label` for each related place.
fn check(text: &str, expected: &[&str]) {
    assert_eq!(errors(text), expected, "{text}");
}

fn errors(text: &str) -> Vec<String> {
    let source = Source::new(SourceId(0), "test.yaml", text);
    let place = |span: Span| {
        let position = source.position(span.start);
        format!("{}:{}", position.line, position.column)
    };
    let describe = |error: &SyntaxError| {
        let underlined = source.span_text(error.span);
        let help = error.help().unwrap_or_default();
        let mut line =
            format!("{} {} {underlined:?}: {error} ({help})", place(error.span), error.code());
        for (span, label) in &error.related {
            line += &format!("; {} {label}", place(*span));
        }
        line
    };
    parse(&source).errors.iter().map(describe).collect()
}

#[test]
fn keys() {
    check(
        "a: 1\nb: 2\na: 3\nc: {d: 1, \"d\": 2}\n'a': 4\n",
        &[
            r#"3:1 duplicate-key "a": duplicate key `a` (remove or rename one of the two); 1:1 first used here"#,
            r#"4:11 duplicate-key "\"d\"": duplicate key `d` (remove or rename one of the two); 4:5 first used here"#,
            r#"5:1 duplicate-key "'a'": duplicate key `a` (remove or rename one of the two); 1:1 first used here"#,
        ],
    );
    // `1` and `"1"` are two keys in YAML and one in JSON.
    check(
        "1: a\n\"1\": b\n",
        &[
            r#"2:1 duplicate-key "\"1\"": duplicate key `1` (remove or rename one of the two); 1:1 first used here"#,
        ],
    );
    check(
        ": a\n",
        &[
            r#"1:1 no-key ":": a key is missing (write a key before the colon, or quote the text that starts with it)"#,
        ],
    );
    check(
        "[a]: b\n? {c: d}\n: e\n",
        &[
            r#"1:1 complex-key "[a]": a sequence cannot be a key (write the key as text)"#,
            r#"2:3 complex-key "{c: d}": a mapping cannot be a key (write the key as text)"#,
        ],
    );
    check(
        "prompt: {{ inputs.x }}\n",
        &[
            r#"1:9 unquoted-template "{{ inputs.x }}": a template needs quotes here (put quotes around it: YAML takes its braces for mappings)"#,
        ],
    );
    let long = format!("? {}\n: b\n", "k".repeat(MAX_KEY_BYTES + 1));
    assert!(errors(&long)[0].contains("the key has 4097 bytes, more than the limit of 4096"));
}

#[test]
fn anchors_and_aliases() {
    check(
        "a: *x\nb: &y 1\nc: *y:\nd: &x 2\n",
        &[
            r#"1:4 unknown-anchor "*x": unknown anchor `x` (define the anchor before it, or quote text that starts with `*`); 4:4 defined only here"#,
            r#"3:4 unknown-anchor "*y:": unknown anchor `y:` (put a blank before the colon, which counts to the name: `*y :`)"#,
        ],
    );
    check(
        "a: &x 1\nb: [*y]\n",
        &[r#"2:5 unknown-anchor "*y": unknown anchor `y` (the anchors before it are `x`)"#],
    );
    check(
        "a: &x [b, {c: *x}]\n",
        &[
            r#"1:15 alias-cycle "*x": the alias `*x` contains itself (write the content out instead of the alias); 1:4 it starts here"#,
        ],
    );
}

#[test]
fn merge_keys() {
    check(
        "x: &a {<<: *a}\ny: &b {<<: [*b]}\n",
        &[
            r#"1:12 merge-cycle "*a": the mapping `&a` merges itself (remove the alias from `<<`); 1:4 it starts here"#,
            r#"2:13 merge-cycle "*b": the mapping `&b` merges itself (remove the alias from `<<`); 2:4 it starts here"#,
        ],
    );
    check(
        "a: &a [1]\nb: {<<: text}\nc: {<<: *a}\nd:\n  <<:\n",
        &[
            r#"2:9 merge-not-a-mapping "text": only mappings can be merged, and this is text (write `<<: *name` with the alias of a mapping, or a list of such aliases)"#,
            r#"3:9 merge-not-a-mapping "*a": only mappings can be merged, and this is a sequence (write `<<: *name` with the alias of a mapping, or a list of such aliases)"#,
            r#"5:6 merge-not-a-mapping "": only mappings can be merged, and this is null (write `<<: *name` with the alias of a mapping, or a list of such aliases)"#,
        ],
    );
    check(
        "a: &a {k: 1}\nb: {<<: *a, <<: *a}\n",
        &[
            r#"2:13 duplicate-key "<<": duplicate key `<<` (merge several mappings with one list: `<<: [*one, *two]`); 2:5 first used here"#,
        ],
    );
}

#[test]
fn tags_and_numbers() {
    check(
        "a: !x b\nc: !!set {d}\ne: !<tag:yaml.org,2002:int> 1\n",
        &[
            r#"1:4 unknown-tag "!x": unknown tag `!x` (remove it; the known tags are !!str, !!int, !!float, !!bool, !!null, !!seq and !!map)"#,
            r#"2:4 unknown-tag "!!set": unknown tag `!!set` (remove it; the known tags are !!str, !!int, !!float, !!bool, !!null, !!seq and !!map)"#,
        ],
    );
    check(
        "a: !!int b\nc: !!seq {d: e}\nf: !!map g\n",
        &[
            r#"1:10 wrong-tag "b": the tag `!!int` does not fit its value (remove the tag or change the value)"#,
            r#"2:4 wrong-tag "!!seq": the tag `!!seq` does not fit its value (remove the tag or change the value)"#,
            r#"3:10 wrong-tag "g": the tag `!!map` does not fit its value (remove the tag or change the value)"#,
        ],
    );
    check(
        "a: .inf\nb: [-.INF, .nan]\nc: 99999999999999999999\nd: 1e400\n.inf: fine\n1e400: fine\n",
        &[
            r#"1:4 not-a-number ".inf": `.inf` is not a finite number (write a finite number, or quote it if it is text)"#,
            r#"2:5 not-a-number "-.INF": `-.INF` is not a finite number (write a finite number, or quote it if it is text)"#,
            r#"2:12 not-a-number ".nan": `.nan` is not a finite number (write a finite number, or quote it if it is text)"#,
            r#"3:4 number-too-large "99999999999999999999": the number `99999999999999999999` is too large (quote it if it is text, such as an id: it would be rounded)"#,
            r#"4:4 number-too-large "1e400": the number `1e400` is too large (quote it if it is text, such as an id: it would be rounded)"#,
        ],
    );
}

#[test]
fn documents() {
    let empty = r#"1:1 empty-document "": the file has no content (write a document into it, or delete it)"#;
    for text in ["", "\n \n# only a comment\n", "---\n", "--- # c\n...\n"] {
        check(text, &[empty]);
    }
    check("~", &[]);
    // Errors of both documents are found, and one in the syntax hides neither.
    check(
        "a: 1\na: 2\n---\nb: [\n---\nc: *x\n",
        &[
            r#"2:1 duplicate-key "a": duplicate key `a` (remove or rename one of the two); 1:1 first used here"#,
            r#"3:1 several-documents "---": the file holds more than one document (put each document into a file of its own)"#,
            r#"4:4 yaml-syntax "[": `[` is opened but not closed (close each bracket with its own kind)"#,
            r#"6:4 unknown-anchor "*x": unknown anchor `x` (define the anchor before it, or quote text that starts with `*`)"#,
        ],
    );
}

#[test]
fn syntax() {
    // What was read before the mistake is checked all the same.
    check(
        "a: {b: 1, b: 2, c: *x, d: \"\n",
        &[
            r#"1:11 duplicate-key "b": duplicate key `b` (remove or rename one of the two); 1:5 first used here"#,
            r#"1:20 unknown-anchor "*x": unknown anchor `x` (define the anchor before it, or quote text that starts with `*`)"#,
            r#"1:27 yaml-syntax "\"": a quote is opened but not closed (close it, or put the text into quotes of the other kind)"#,
        ],
    );
    let table = [
        ("a: [1, 2\nb: 3\n", "1:4", "[", "`[` is opened but not closed"),
        ("a:\n  - {b: 1\n  - {b: 2}\n", "2:5", "{", "`{` is opened but not closed"),
        ("a: [b,\n  c: d: e]\n", "2:7", ":", "`,` or `}` was expected here"),
        ("a: {b: 1]\n", "1:4", "{", "`{` is closed by `]`"),
        ("a: 1\n- b\n", "2:3", "b", "a key was expected here"),
        ("é: 'x\nb: y\n", "1:4", "'", "a quote is opened but not closed"),
        ("a: ? b\n", "1:4", "?", "a text cannot start with `?`"),
        ("a:\n<<<<<<< HEAD\n  b: 1\n", "2:1", "<<<<<<<", "a merge was not finished here"),
        ("```yaml\na: 1\n```\n", "1:1", "```yaml", "a fence of Markdown is no YAML"),
        ("a: @b c\n", "1:4", "@b", "a value cannot start with `@`"),
        ("a: \u{7}\n", "1:4", "\u{7}", "the character U+0007 is not allowed"),
        ("a: b: c\n", "1:5", ":", "a colon cannot stand here"),
        ("a:\n\tb: 1\n", "2:2", "b:", "a tab cannot indent"),
        ("a: 1\nbc\nd: 2\n", "2:1", "bc", "a colon is missing after this key"),
        ("a:\n  b c\n  d: e\n", "2:3", "b", "a colon is missing after this key"),
        ("a: 1\nb:c d\ne: 2\n", "2:1", "b:c", "a blank is missing after this colon"),
        ("a: b\n  c: d\n", "2:4", ":", "a colon cannot stand here"),
        ("a:\n  b: 1\n c: 2\n", "3:2", "c:", "a key was expected here"),
        ("- a\nb: 1\n", "2:1", "b:", "`-` was expected here"),
        (" a: 1\nb: 2\n", "2:1", "b:", "this belongs to nothing above it"),
        ("a: - b\n", "1:4", "-", "a list item cannot start here"),
        ("[a, - b]\n", "1:5", "-", "`-` cannot start an item between brackets"),
        ("a: 'b' c\n", "1:8", "c", "text cannot follow the closing quote"),
        ("a: \"\\\\ \\q\"\n", "1:8", "\\q", "an escape in these quotes is not known"),
        ("a: \"\\u12g\"\n", "1:5", "\\u12", "an escape in these quotes is not a character"),
        ("a:\n  b: c\n\td: e\n", "3:2", "d:", "a tab cannot indent"),
        ("a: b\n  # c\n  d\n", "2:3", "# c", "a comment interrupts a text of several lines"),
        ("a: \"\\é\"\n", "1:5", "\\é", "an escape in these quotes is not known"),
        ("a: | b\n", "1:4", "|", "text cannot follow `|` or `>`"),
        ("a: b\n\t#c\n d\n", "2:2", "#c", "a comment interrupts a text of several lines"),
        ("{a:{b: c}}\n", "1:3", ":", "a blank is missing after this colon"),
    ];
    for (text, place, underlined, message) in table {
        let found = errors(text);
        let expected = format!("{place} yaml-syntax {underlined:?}: {message} (");
        assert!(found[0].starts_with(&expected), "{text:?} gives {found:?}");
    }
    let cut = "put quotes around the text: a blank and `#` begin a comment";
    assert!(errors("a: {b: c #1}\n")[0].contains(cut));
    assert!(errors("a: [b, c #1]\nd: e\n")[0].contains(cut));
    // Text behind what cannot begin a text is no second mistake.
    for (text, expected) in [
        (
            "a: {{ b }} c d # e\nf: 1\n",
            r#"1:4 yaml-syntax "{{ b }} c d": a template needs quotes here (put quotes around the text with the template: YAML takes its braces for mappings)"#,
        ),
        (
            "{a: {{ b }} c d , e: f}\n",
            r#"1:5 yaml-syntax "{{ b }} c d": a template needs quotes here (put quotes around the text with the template: YAML takes its braces for mappings)"#,
        ),
        (
            "a: *b* c # d\n",
            r#"1:4 yaml-syntax "*b* c": a text cannot start with `*` (put quotes around the text)"#,
        ),
        (
            "k: &k l\nx:\n  *k: {m: n}\n",
            r#"3:3 yaml-syntax "*k:": `*k:` is taken for an alias (put a blank before the colon, which counts to the name of the alias)"#,
        ),
    ] {
        check(text, &[expected]);
    }
}

#[test]
fn shows_texts_shortened_and_on_one_line() {
    let found = errors(&format!("\"a\\nb{0}\": 1\n\"a\\nb{0}\": 2\n", "x".repeat(500)));
    let message = format!("duplicate key `a\\nb{}…`", "x".repeat(57));
    assert!(found[0].contains(&message), "{found:?}");
}

#[test]
fn every_code_has_an_example() {
    let large = "#".repeat(MAX_SOURCE_BYTES + 1);
    let nested = "[".repeat(MAX_DEPTH + 1);
    let many = format!("[{}]", "1,".repeat(MAX_NODES));
    let wrong = "- *a\n".repeat(MAX_ERRORS + 1);
    let long = format!("? {}\n", "k".repeat(MAX_KEY_BYTES + 1));
    let mut bomb = String::from("- &a0 [a]\n");
    let mut merges = String::from("- &a0 {a: b}\n");
    for level in 1..=20 {
        let before = level - 1;
        bomb += &format!("- &a{level} [*a{before}, *a{before}]\n");
        merges += &format!("- &a{level} {{<<: *a{before}}}\n");
    }
    let examples = [
        "",
        "[",
        "a: 1\n---\n",
        "{a: 1, a: 2}",
        ": a",
        "[a]: b",
        "{{ a }}",
        "*a",
        "&a [*a]",
        "&a {<<: *a}",
        "{<<: 1}",
        "!x a",
        "!!int a",
        ".nan",
        "1e999",
        &large,
        &nested,
        &many,
        &wrong,
        &long,
        &bomb,
        &merges,
    ];
    let found: BTreeSet<_> = examples
        .iter()
        .flat_map(|text| parse(&Source::new(SourceId(0), "test.yaml", *text)).errors)
        .inspect(|error| assert!(error.help().is_some() || error.code() == "yaml-syntax"))
        .map(|error| error.code())
        .collect();
    let all: BTreeSet<_> = SyntaxErrorKind::CODES.iter().copied().collect();
    assert_eq!(found, all);
}
