use serde_json::{Value, json};

use super::{Edit, Source, SourceId, Tree, apply_edits, parse};

fn tree(text: &str) -> Tree {
    let parsed = parse(&Source::new(SourceId(0), "test.yaml", text));
    assert!(parsed.errors.is_empty(), "{text:?}: {:?}", parsed.errors);
    parsed.tree.unwrap()
}

fn check(text: &str, edit: impl Fn(&Tree) -> Option<Edit>, expected: Option<&str>) {
    let edited = edit(&tree(text)).map(|edit| apply_edits(text, &[edit]).unwrap());
    assert_eq!(edited.as_deref(), expected, "{text:?}");
    if let Some(edited) = edited {
        tree(&edited);
    }
}

#[test]
fn a_key_is_renamed_where_it_is_written() {
    check("a:\n  b: 1 # c\n", |tree| tree.rename_key("/a/b", "x"), Some("a:\n  x: 1 # c\n"));
    check("{\"a\": 1}", |tree| tree.rename_key("/a", "x"), Some("{x: 1}"));
    check("b: &b {k: 1}\na: {<<: *b}\n", |tree| tree.rename_key("/a/k", "x"), None);
    check("b: &b {k: 1}\na: *b\n", |tree| tree.rename_key("/a/k", "x"), None);
}

#[test]
fn a_scalar_is_replaced_with_its_quotes() {
    check("a: 'b'  # c\n", |tree| tree.replace_value("/a", "x"), Some("a: x  # c\n"));
    check("a: &n b\nc: d\n", |tree| tree.replace_value("/a", "x"), Some("a: &n x\nc: d\n"));
    check("a: &n b\nc: *n\n", |tree| tree.replace_value("/a", "x"), None);
    check("a: |\n  b\n", |tree| tree.replace_value("/a", "x"), None);
    check("a:\n", |tree| tree.replace_value("/a", "x"), None);
}

#[test]
fn an_entry_goes_with_its_lines() {
    let remove = |pointer: &'static str| move |tree: &Tree| tree.remove(pointer);
    check("a: 1\nb: 2 # gone\nc: 3\n", remove("/b"), Some("a: 1\nc: 3\n"));
    check(
        "a: 1\n# stays\nb:\n  - 2\n  # gone\n  - 3\nc: 3\n",
        remove("/b"),
        Some("a: 1\n# stays\nc: 3\n"),
    );
    check("a: 1\r\nb: |\r\n  x\r\n  y\r\nc: 3\r\n", remove("/b"), Some("a: 1\r\nc: 3\r\n"));
    check("a: 1\nb: 2", remove("/b"), Some("a: 1"));
    check("- a: 1\n  b: 2\n", remove("/0/a"), Some("- b: 2\n"));
    check("- a: 1 # one\n  b: 2\n", remove("/0/a"), None);
    check("a: 1\nb: {c: 3}\n", remove("/b/c"), Some("a: 1\n"));
    check("a: 1\nb: &x 2\nc: *x\n", remove("/b"), None);
    check("a: 1\n", remove("/a"), None);
}

#[test]
fn items_and_flow_collections_lose_their_commas_too() {
    let remove = |pointer: &'static str| move |tree: &Tree| tree.remove(pointer);
    check("a: [x, y, z]\n", remove("/a/0"), Some("a: [y, z]\n"));
    check("a: [x, y, z]\n", remove("/a/1"), Some("a: [x, z]\n"));
    check("a: [x, y, z]\n", remove("/a/2"), Some("a: [x, y]\n"));
    check("a: { k: 1, l: 'x' }\n", remove("/a/k"), Some("a: { l: 'x' }\n"));
    check("a: { k: 1, l: 'x' }\n", remove("/a/l"), Some("a: { k: 1 }\n"));
    check("a:\n  - x\n  - y # gone\n  - z\n", remove("/a/1"), Some("a:\n  - x\n  - z\n"));
    check("a: [x,\n  # stays\n  y]\n", remove("/a/0"), None);
    check("a: 1\nb: [x]\n", remove("/b/0"), Some("a: 1\n"));
}

#[test]
fn an_entry_comes_behind_the_first() {
    let insert = |pointer: &'static str| move |tree: &Tree| tree.insert_entry(pointer, "k", "v");
    check("a: 1 # one\nb: 2\n", insert(""), Some("a: 1 # one\nk: v\nb: 2\n"));
    check(
        "w:\n  - name: x\n    t: 1\n",
        insert("/w/0"),
        Some("w:\n  - name: x\n    k: v\n    t: 1\n"),
    );
    check("a: |\n  text\n", insert(""), Some("k: v\na: |\n  text\n"));
    check("w:\n- t:\n    u: 1\n", insert("/w/0"), Some("w:\n- k: v\n  t:\n    u: 1\n"));
    check("a: { b: 1 }\n", insert("/a"), Some("a: { k: v, b: 1 }\n"));
    check("a: 1\r\nb: 2\r\n", insert(""), Some("a: 1\r\nk: v\r\nb: 2\r\n"));
    check("a: 1", insert(""), Some("a: 1\nk: v"));
    check("a: {}\n", insert("/a"), None);
}

/// Every pointer into a value.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut visit = |token: String, value: &Value| {
        let pointer = format!("{at}/{}", token.replace('~', "~0").replace('/', "~1"));
        pointers(value, &pointer, found);
        found.push(pointer);
    };
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| visit(index.to_string(), item));
        }
        Value::Object(map) => map.iter().for_each(|(key, item)| visit(key.clone(), item)),
        _ => {}
    }
}

/// The value without what is at a pointer, and without collections that are empty then.
fn without(value: &Value, pointer: &str) -> Value {
    let mut value = value.clone();
    let mut pointer = pointer.to_owned();
    loop {
        let Some((holder, token)) = pointer.rsplit_once('/') else { return value };
        let token = token.replace("~1", "/").replace("~0", "~");
        let holder = holder.to_owned();
        let is_empty = match value.pointer_mut(&holder) {
            Some(Value::Array(items)) => {
                items.remove(token.parse::<usize>().unwrap());
                items.is_empty()
            }
            Some(Value::Object(map)) => {
                map.shift_remove(&token);
                map.is_empty()
            }
            _ => false,
        };
        if !is_empty {
            return value;
        }
        pointer = holder;
    }
}

/// On every place of every document in the house: what was asked for has happened, and nothing
/// else has changed.
#[test]
fn an_edit_changes_nothing_else() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut edits = 0;
    let mut files = Vec::new();
    for folder in ["patterns", "pipelines", "tests/fixtures"] {
        collect(&root.join(folder), &mut files);
    }
    for file in files {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let parsed = parse(&Source::new(SourceId(0), "test.yaml", text.as_str()));
        let (Some(before), true) = (parsed.tree, parsed.errors.is_empty()) else { continue };
        let value = before.to_json();
        let mut all = Vec::new();
        pointers(&value, "", &mut all);
        // Enough of the largest documents, all of the others.
        let step = all.len() / 100 + 1;
        for pointer in all.into_iter().step_by(step) {
            let changed =
                |edit: Edit| edits_of(&text, edit).unwrap_or_else(|| panic!("{file:?} {pointer}"));
            if let Some(edit) = before.remove(&pointer) {
                assert!(changed(edit) == without(&value, &pointer), "remove {pointer} {file:?}");
                edits += 1;
            }
            if let Some(edit) = before.replace_value(&pointer, "replaced") {
                let after = changed(edit);
                assert_eq!(after.pointer(&pointer), Some(&json!("replaced")), "{pointer} {file:?}");
                edits += 1;
            }
            if let Some(edit) = before.insert_entry(&pointer, "inserted", "true") {
                let mut expected = value.clone();
                expected.pointer_mut(&pointer).unwrap()["inserted"] = json!(true);
                assert!(changed(edit) == expected, "insert {pointer} {file:?}");
                edits += 1;
            }
        }
    }
    assert!(edits > 1000, "{edits}");
}

fn edits_of(text: &str, edit: Edit) -> Option<Value> {
    let text = apply_edits(text, &[edit])?;
    let parsed = parse(&Source::new(SourceId(0), "test.yaml", text.as_str()));
    parsed.errors.is_empty().then(|| parsed.tree.map(|tree| tree.to_json()))?
}

fn collect(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            found.push(path);
        }
    }
}
