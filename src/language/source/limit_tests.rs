//! Texts that are made to cost much: each ends in a clear error, soon.
//!
//! None of these tests takes the time, since other work on the machine would decide them: where
//! a limit does not hold, a test does not end.

use super::*;

/// Checks the code and the place of the first error.
fn check(text: &str, code: &str, place: (u32, u32)) {
    let source = Source::new(SourceId(0), "test.yaml", text);
    let parsed = parse(&source);
    let start = text.chars().take(40).collect::<String>();
    let error = parsed.errors.first().unwrap_or_else(|| panic!("{start:?} has no errors"));
    let position = source.position(error.span.start);
    assert_eq!((error.code(), (position.line, position.column)), (code, place), "{start:?}");
    if let Some(tree) = &parsed.tree {
        // What is there can be used.
        assert!(tree.to_json().is_object() || tree.to_json().is_array());
    }
}

/// `levels` lines of which each names the one before it several times.
fn bomb(levels: usize, line: impl Fn(usize) -> String) -> String {
    (0..=levels).map(line).collect()
}

#[test]
fn bounds_the_depth() {
    let code = "nesting-too-deep";
    check(&"[".repeat(100_000), code, (1, 65));
    check(&"{a: ".repeat(100_000), code, (1, 257));
    check(&"{a:".repeat(100_000), "yaml-syntax", (1, 3));
    check(&"- ".repeat(100_000), code, (1, 129));
    check(&"? ".repeat(100_000), code, (1, 129));
    check(&"[a: ".repeat(100_000), code, (1, 257));
    check(&format!("[{}: ", "a".repeat(60)).repeat(100_000), code, (1, 2017));
    check(&format!("{}{}{}", "- ".repeat(40), "[".repeat(40), "]".repeat(40)), code, (1, 105));
    let deep = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(parse(&Source::new(SourceId(0), "test.yaml", deep(MAX_DEPTH))).errors.is_empty());
    check(&deep(MAX_DEPTH + 1), code, (1, 65));
    // Deep only through aliases.
    let chain = bomb(100, |level| match level {
        0 => "- &a0 [x]\n".into(),
        _ => format!("- &a{level} [*a{}]\n", level - 1),
    });
    check(&chain, code, (65, 9));
}

#[test]
fn bounds_what_aliases_add() {
    let code = "alias-expansion-too-large";
    let nine = |level: usize| match level {
        0 => "a0: &a0 lol\n".into(),
        _ => format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(", ")),
    };
    check(&bomb(12, nine), code, (7, 40));
    let two = |level: usize| match level {
        0 => "a0: &a0 lol\n".into(),
        _ => format!("a{level}: &a{level} [*a{0}, *a{0}]\n", level - 1),
    };
    check(&bomb(200, two), code, (19, 18));
    // Few nodes, but each of them large.
    let text = format!("a: &a {}\nb:\n{}", "x".repeat(200_000), "- *a\n".repeat(100));
    check(&text, code, (87, 3));
    let keys = format!("- &a {{{}: 1}}\n{}", "k".repeat(1000), "- [*a]\n".repeat(20_000));
    check(&keys, code, (16_902, 3));
}

#[test]
fn bounds_what_merge_keys_add() {
    let merges = |level: usize| match level {
        0 => "- &a0 {k: v}\n".into(),
        _ => format!("- &a{level} {{<<: [*a{0}, *a{0}], k{level}: v}}\n", level - 1),
    };
    let fine = Source::new(SourceId(0), "test.yaml", bomb(16, merges));
    assert_eq!(parse(&fine).errors, []);
    check(&bomb(30, merges), "merge-too-deep", (18, 14));
    check("x: &a {<<: *a}\n", "merge-cycle", (1, 12));
    let code = "alias-expansion-too-large";
    // Thousands of mappings that share a list of thousands of empty mappings.
    let list = format!("e: &e {{}}\nl: &l [{}]\nm:\n", "*e, ".repeat(5_000));
    check(&(list + &"- {<<: *l}\n".repeat(5_000)), code, (84, 8));
    let keys: String = (0..2_000).map(|key| format!("k{key}: , ")).collect();
    let wide = format!("e: &e {{{keys}}}\nm:\n{}", "- {<<: *e}\n".repeat(2_000));
    check(&wide, code, (202, 8));
}

#[test]
fn bounds_aliases_of_what_contains_them() {
    check("a: &a [*a]\n", "alias-cycle", (1, 8));
    check("a: &a {b: {c: *a}}\n", "alias-cycle", (1, 15));
    check("&a [&b [*a, *b]]\n", "alias-cycle", (1, 9));
}

#[test]
fn bounds_the_errors() {
    let wrong = "a:\n".repeat(3 * MAX_ERRORS);
    let parsed = parse(&Source::new(SourceId(0), "test.yaml", wrong));
    assert_eq!(parsed.errors.len(), MAX_ERRORS + 1);
    let last = parsed.errors.last().unwrap();
    assert_eq!(last.to_string(), "there are 1999 more errors in this file");
    // A fatal error is not lost among many others.
    let wrong = "- *a\n".repeat(2 * MAX_ERRORS) + "- [";
    let parsed = parse(&Source::new(SourceId(0), "test.yaml", wrong));
    assert!(parsed.tree.is_none());
    assert!(parsed.errors.iter().any(|error| error.code() == "yaml-syntax"));
}

#[test]
fn reports_what_was_read_before_a_limit() {
    let text = format!("a: 1\na: 2\nb:\n  {}", "- ".repeat(100));
    let parsed = parse(&Source::new(SourceId(0), "test.yaml", text));
    let codes: Vec<_> = parsed.errors.iter().map(SyntaxError::code).collect();
    assert_eq!(codes, ["duplicate-key", "nesting-too-deep"]);
}

#[test]
fn bounds_the_documents() {
    let parsed = parse(&Source::new(SourceId(0), "test.yaml", "--- [\n".repeat(100_000)));
    assert!(parsed.errors.len() < 250, "{}", parsed.errors.len());
    assert!(parsed.errors.iter().any(|error| error.code() == "several-documents"));
}
