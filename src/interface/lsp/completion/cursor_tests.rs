//! Texts with the cursor at `│`, and where it is.

use super::cursor::{Cursor, Slot, Step};

fn check(text: &str, expected: &str) {
    let before = text.split('│').next().unwrap();
    let cursor = Cursor::of(before);
    let path: String = cursor
        .path
        .iter()
        .map(|step| match step {
            Step::Key(key) => format!("/{key}"),
            Step::Item(index) => format!("/{index}"),
        })
        .collect();
    let slot = match &cursor.slot {
        Slot::Key => "key".to_owned(),
        Slot::Open => "open".to_owned(),
        Slot::Value { before } => format!("value {before:?}"),
        Slot::Nothing => "nothing".to_owned(),
    };
    assert_eq!(format!("{path} {slot} {}", cursor.word).trim(), expected, "{text}");
}

#[test]
fn keys_belong_to_the_mapping_in_their_column() {
    check("│", "key");
    check("pat│", "key pat");
    check("a: 1\nb│", "key b");
    check("a:\n  b: 1\n  │", "/a key");
    check("a:\n  b: 1\nc│", "key c");
    check("a:\n  b:\n    c: 1\n  d│", "/a key d");
    check("a:\n  - b: 1\n    c│", "/a/0 key c");
    check("a:\n- b: 1\n- c: 2\n  d│", "/a/1 key d");
    check("a:\n- b: 1\nc│", "key c");
    check("'a b':\n  \"c\": 1\n  d│", "/a b key d");
}

#[test]
fn what_is_further_in_begins_a_value() {
    check("a:\n  │", "/a open");
    check("a:\n  b│", "/a open b");
    check("a:\n  - │", "/a/0 open");
    check("a:\n  - x\n  - y│", "/a/1 open y");
    check("a: │", "/a open");
}

#[test]
fn values_stand_behind_their_key() {
    check("a: b│", "/a value \"\" b");
    check("a:│", "/a nothing");
    check("a:\n  - b: c│", "/a/0/b value \"\" c");
    check("a: \"b c│", "/a value \"b \" c");
    check("a: &anchor b│", "/a value \"\" b");
}

#[test]
fn brackets_are_followed() {
    check("a: [b, c│", "/a/1 value \"\" c");
    check("a: {b: 1, c│", "/a key c");
    check("a: {b: c│", "/a/b value \"\" c");
    check("a: [{b: [1, 2], c: d│", "/a/0/c value \"\" d");
    check("- { a: 1, │", "/0 key");
    check("a: [\n  b,\n  c│", "/a/1 value \"\" c");
    check("a: { b: \"{{ x, y.│", "/a/b value \"{{ x, y.\"");
    check("a: [b\nc│", "key c");
    check("a: [b] │", "/a nothing");
}

#[test]
fn texts_may_go_on_over_lines() {
    check("a: |\n  b {{ c.│", "/a value \"\\nb {{ c.\"");
    check("a: >-\n  b\n\n  c: d│", "/a value \"\\nb\\n\\nc: \" d");
    check("a:\n  - |\n    b│", "/a/0 value \"\\n\" b");
    check("a: \"b\n  c│", "/a value \"b\\n\" c");
    check("a: |\n  b\nc│", "key c");
}

#[test]
fn comments_hold_nothing() {
    check("# a│", "nothing");
    check("a: b # c│", "nothing");
    check("a: \"b # c│", "/a value \"b # \" c");
}

#[test]
fn a_document_may_begin_anew() {
    check("a:\n  b: 1\n---\nc│", "key c");
}
