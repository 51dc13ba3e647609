//! JSON pointers and the places they lead to.

use super::*;

const TEXT: &str = "\
base: &base
  model: small
  retry: {max: 3, wait: ~}
tools: &tools [one, two]
a/b~c:
  - plain
  -
tasks:
  first:
    <<: *base
    model: large
    tools: *tools
  second:
    <<: [*base, {extra: 1}]
    note:
  third: {<<: {<<: *base}}
";

/// Checks a pointer: the key, the value, what to underline and the aliases, as text.
fn check(pointer: &str, expected: Option<(&str, &str, &str, &[&str])>) {
    let mut sources = SourceMap::new();
    let id = sources.add("test.yaml", TEXT);
    let source = sources.get(id).unwrap();
    let tree = parse(source).tree.unwrap();
    let location = tree.locate(pointer);
    let found = location.as_ref().map(|location| {
        let aliases: Vec<_> = location.aliases.iter().map(|span| source.span_text(*span)).collect();
        (
            location.key.map_or("", |key| source.span_text(key)),
            source.span_text(location.value),
            source.span_text(location.underline),
            aliases,
        )
    });
    let found = found
        .as_ref()
        .map(|(key, value, underline, aliases)| (*key, *value, *underline, aliases.as_slice()));
    assert_eq!(found, expected, "{pointer}");
    assert_eq!(tree.node_at(pointer).is_some(), expected.is_some(), "{pointer}");
}

#[test]
fn finds_what_is_written() {
    check("/base/model", Some(("model", "small", "small", &[])));
    check("/base/retry/max", Some(("max", "3", "3", &[])));
    check("/tools/1", Some(("", "two", "two", &[])));
    check("/a~1b~0c/0", Some(("", "plain", "plain", &[])));
    check("/tasks/first/model", Some(("model", "large", "large", &[])));
}

#[test]
fn underlines_the_key_or_the_dash_of_what_is_not_written() {
    check("/tasks/second/note", Some(("note", "", "note", &[])));
    check("/a~1b~0c/1", Some(("", "", "-", &[])));
    check("/base/retry/wait", Some(("wait", "~", "~", &[])));
}

#[test]
fn goes_through_aliases_and_merge_keys() {
    check("/tasks/first/tools", Some(("tools", "[one, two]", "[one, two]", &["*tools"])));
    check("/tasks/first/tools/0", Some(("", "one", "one", &["*tools"])));
    check("/tasks/first/retry/max", Some(("max", "3", "3", &["*base"])));
    check("/tasks/second/model", Some(("model", "small", "small", &["*base"])));
    check("/tasks/second/extra", Some(("extra", "1", "1", &[])));
    check("/tasks/third/model", Some(("model", "small", "small", &["*base"])));
}

#[test]
fn refuses_what_does_not_exist() {
    for pointer in [
        "base",
        "/",
        "/nothing",
        "/tools/2",
        "/tools/01",
        "/tools/-",
        "/tools/one",
        "/tools/+1",
        "/base/model/x",
        "/a~2b",
        "/a~",
        "/tasks/first/<<",
        "/tools/99999999999999999999",
    ] {
        check(pointer, None);
    }
}

#[test]
fn finds_the_nearest_ancestor() {
    let source = Source::new(SourceId(0), "test.yaml", TEXT);
    let tree = parse(&source).tree.unwrap();
    let check = |pointer: &str, found: &str, missing: &str, value: &str| {
        let nearest = tree.locate_nearest(pointer);
        assert_eq!((nearest.found, nearest.missing), (found, missing));
        assert!(source.span_text(nearest.location.value).starts_with(value), "{pointer}");
        assert_eq!(tree.locate(found), Some(nearest.location));
    };
    check("/tasks/first/prompt/0", "/tasks/first", "/prompt/0", "<<: *base");
    check("/base/model", "/base/model", "", "small");
    check("/base/retry/~2", "/base/retry", "/~2", "{max");
    check("no pointer", "", "no pointer", "base:");
    check("", "", "", "base:");
}
