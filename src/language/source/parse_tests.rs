//! What texts mean, and where their parts are.

use serde_json::{Value, json};

use super::*;

/// Checks that a text has no mistakes, and its value.
fn check(text: &str, expected: &Value) {
    assert_eq!(tree(text).to_json(), *expected, "{text}");
}

/// Checks a text with mistakes that were mended.
fn check_mended(text: &str, expected: &Value) {
    let parsed = parse(&Source::new(SourceId(0), "test.yaml", text));
    assert!(!parsed.errors.is_empty(), "{text}");
    assert_eq!(parsed.tree.unwrap().to_json(), *expected, "{text}");
}

fn tree(text: &str) -> Tree {
    let parsed = parse(&Source::new(SourceId(0), "test.yaml", text));
    assert_eq!(parsed.errors, [], "{text}");
    parsed.tree.unwrap()
}

#[test]
fn reads_values() {
    check("a: 1\nb: [true, ~, 1.5, x]\n", &json!({"a": 1, "b": [true, null, 1.5, "x"]}));
    check("- yes\n- no\n- NO\n- 'true'\n", &json!(["yes", "no", "NO", "true"]));
    check("- !!str 12\n- !!float 1\n- ! 12\n- !!str\n", &json!(["12", 1.0, "12", ""]));
    check("a:\nb: \n", &json!({"a": null, "b": null}));
    check("{a, b: , c: d}", &json!({"a": null, "b": null, "c": "d"}));
    check("[a: b, ? c]", &json!([{"a": "b"}, {"c": null}]));
    check("text", &json!("text"));
    check("\u{feff}a: é\r\n", &json!({"a": "é"}));
    check("%YAML 1.2\n---\na: 1\n...\n", &json!({"a": 1}));
    check("1: a\ntrue: b\n0x1: c\n~: d\n", &json!({"1": "a", "true": "b", "0x1": "c", "~": "d"}));
}

#[test]
fn keeps_the_order_of_keys() {
    let keys: Vec<_> =
        tree("z: 1\na: 2\nm: 3\n").to_json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["z", "a", "m"]);
}

#[test]
fn follows_aliases() {
    check("a: &x [1]\nb: *x\nc: [*x, *x]\n", &json!({"a": [1], "b": [1], "c": [[1], [1]]}));
    check("- &x a\n- *x : 1\n", &json!(["a", {"a": 1}]));
    check("- &x a\n- &x b\n- *x\n", &json!(["a", "b", "b"]));
    check("a: &x\nb: *x\n", &json!({"a": null, "b": null}));
}

#[test]
fn applies_merge_keys() {
    let bases = "a: &a {k: 1, l: 2}\nb: &b {l: 3, m: 4}\n";
    let merged = |text: &str| tree(&format!("{bases}c: {text}\n")).to_json()["c"].clone();
    assert_eq!(merged("{<<: *a, k: 0}"), json!({"k": 0, "l": 2}));
    assert_eq!(merged("{<<: [*a, *b]}"), json!({"k": 1, "l": 2, "m": 4}));
    assert_eq!(merged("{<<: [*b, {n: 5}], k: 6}"), json!({"k": 6, "l": 3, "m": 4, "n": 5}));
    assert_eq!(merged("{<<: {<<: *a, o: 7}}"), json!({"o": 7, "k": 1, "l": 2}));
    // A key in quotes is a key like any other.
    assert_eq!(merged("{\"<<\": *a}"), json!({"<<": {"k": 1, "l": 2}}));
    // A list of mappings may have an anchor of its own.
    check(
        "l: &l [{k: 1}, {m: 2}]\nc: {<<: *l}\n",
        &json!({
            "l": [{"k": 1}, {"m": 2}],
            "c": {"k": 1, "m": 2},
        }),
    );
}

#[test]
fn mends_what_concerns_one_place() {
    check_mended("a: 1\nb: 2\na: 3\n", &json!({"a": 1, "b": 2}));
    check_mended("a: *x\nb: 2\n", &json!({"a": null, "b": 2}));
    check_mended("*x : a\nb: 2\n", &json!({"b": 2}));
    check_mended("a: &x [*x, 1]\n", &json!({"a": [null, 1]}));
    check_mended("a: &x {<<: *x, b: 1}\n", &json!({"a": {"b": 1}}));
    check_mended("[a]: b\nc: d\n", &json!({"c": "d"}));
    check_mended("a: {{ b }}\nc: [{{ d | e }}]\n", &json!({"a": "{{ b }}", "c": ["{{ d | e }}"]}));
    check_mended("a: !x {b: !!set {c}}\n", &json!({"a": {"b": {"c": null}}}));
    check_mended("a: .inf\nb: 1\n", &json!({"a": ".inf", "b": 1}));
    check_mended("a: 1\n---\nb: 2\n", &json!({"a": 1}));
}

#[test]
fn gives_no_tree_of_what_is_broken() {
    for text in ["", "a: [", "a: 1\n---\nb: [\n", "a: b: c\n---\nb: 1\n", "a: b\n\t# c\n d\n"] {
        let parsed = parse(&Source::new(SourceId(0), "test.yaml", text));
        assert!(parsed.tree.is_none(), "{text}");
        assert!(!parsed.errors.is_empty(), "{text}");
    }
}

/// Checks the text that every node spans, in the order in which the nodes begin.
fn check_spans(text: &str, expected: &[&str]) {
    let source = Source::new(SourceId(0), "test.yaml", text);
    let tree = tree(text);
    let spans: Vec<_> = tree.nodes().map(|(_, node)| source.span_text(node.span())).collect();
    assert_eq!(spans, expected, "{text}");
}

#[test]
fn spans_nodes() {
    check_spans(
        "a: 'b' # c\nd:\n- e\n\n- f\n",
        &["a: 'b' # c\nd:\n- e\n\n- f", "a", "'b'", "d", "- e\n\n- f", "e", "f"],
    );
    check_spans(
        "- [a, {b: c}] \n- &x !!str d\n- *x\n\n",
        &["- [a, {b: c}] \n- &x !!str d\n- *x", "[a, {b: c}]", "a", "{b: c}", "b", "c", "d", "*x"],
    );
    check_spans("[a: b , c]", &["[a: b , c]", "a: b", "a", "b", "c"]);
    check_spans("a: &x\n- - b\n", &["a: &x\n- - b", "a", "- - b", "- b", "b"]);
    check_spans("? a\n: b c\n   d\n", &["? a\n: b c\n   d", "a", "b c\n   d"]);
}

#[test]
fn spans_block_scalars() {
    check_spans(
        "a: |  # c | d\n\n  b \n   c\n\n\nd: >-\n  e\n # f\n",
        &["a: |  # c | d\n\n  b \n   c\n\n\nd: >-\n  e", "a", "b \n   c", "d", "e"],
    );
    let headers = |text: &str| {
        let source = Source::new(SourceId(0), "test.yaml", text);
        let tree = tree(text);
        let scalars = tree.nodes().filter_map(|(id, _)| tree.scalar(id)?.header());
        let headers = scalars.map(|header| source.span_text(header).to_owned());
        headers.collect::<Vec<_>>()
    };
    assert_eq!(headers("- |\n a\n- ! &x|> >1-\n b\n-   |+ # |\n"), ["|", ">1-", "|+"]);
    assert_eq!(headers("--- >\n a\n"), [">"]);
    assert_eq!(headers("\u{feff}# c\n|-\n a\n"), ["|-"]);
    // Without content the header is what can be underlined.
    check_spans("a: |+\n\nb: >\n", &["a: |+\n\nb: >", "a", "|+", "b", ">"]);
}

/// Checks where scalars stand of which nothing is written.
fn check_implied(text: &str, expected: &[(u32, u32)]) {
    let source = Source::new(SourceId(0), "test.yaml", text);
    let tree = tree(text);
    let scalars = tree.nodes().filter_map(|(id, _)| tree.scalar(id));
    let implied: Vec<_> = scalars
        .filter(|scalar| scalar.is_implied())
        .map(|scalar| {
            assert!(scalar.span().is_empty());
            let position = source.position(scalar.span().start);
            (position.line, position.column)
        })
        .collect();
    assert_eq!(implied, expected, "{text}");
}

#[test]
fn places_what_is_not_written() {
    check_implied("a:\nb : # c\nd:   \n", &[(1, 3), (2, 4), (3, 3)]);
    check_implied("-\n- # c\n- - \n", &[(1, 2), (2, 2), (3, 4)]);
    check_implied("a:\n-\n-\n", &[(2, 2), (3, 2)]);
    check_implied("? a\n? b\n", &[(1, 4), (2, 4)]);
    check_implied("{a, b: , c :}", &[(1, 3), (1, 7), (1, 13)]);
    check_implied("[a: , b: ]", &[(1, 4), (1, 9)]);
    check_implied("a: &x\nb: !!str # c\n", &[(1, 6), (2, 9)]);
}

#[test]
fn keeps_comments_anchors_and_tags() {
    let text = "# one\na: &x !!str b # two\n\n#three\n";
    let source = Source::new(SourceId(0), "test.yaml", text);
    let tree = tree(text);
    let comments: Vec<_> = tree.comments().iter().map(|span| source.span_text(*span)).collect();
    assert_eq!(comments, ["# one", "# two", "#three"]);
    let node = tree.node(tree.node_at("/a").unwrap());
    let anchor = node.anchor().unwrap();
    assert_eq!((anchor.name.as_str(), source.span_text(anchor.span)), ("x", "&x"));
    let tag = node.tag().unwrap();
    assert_eq!((tag.text.as_str(), source.span_text(tag.span)), ("!!str", "!!str"));
}

#[test]
fn allows_many_comments_in_a_row() {
    let text = format!("a:\n{}  b: 1\n", "  # c\n".repeat(500));
    check(&text, &json!({"a": {"b": 1}}));
}
