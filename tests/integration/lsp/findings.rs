//! Findings: those of `partita validate`, wherever they change.

use serde_json::{Value, json};

use super::editor::Editor;
use super::{LAUNCH, PROJECT, REVIEW};

/// What `partita validate --format json` says of a file, as the protocol has it.
fn validated(editor: &Editor, name: &str, paths: &[&str]) -> Vec<Value> {
    let arguments: Vec<&str> =
        ["validate", "--format", "json"].iter().chain(paths).copied().collect();
    let said: Value = serde_json::from_str(&editor.place.run(&arguments).out).expect("JSON");
    let text = editor.text(name);
    let own = said["diagnostics"].as_array().expect("a list").iter();
    own.filter(|found| found["file"].as_str().is_some_and(|file| file.ends_with(name)))
        .map(|found| {
            let message = found["message"].as_str().expect("a message");
            let message = match found["help"].as_str() {
                Some(help) => format!("{message}\n{help}"),
                None => message.to_owned(),
            };
            json!([
                found["code"],
                found["severity"],
                message,
                place(&text, &found["line"], &found["column"]),
                place(&text, &found["end_line"], &found["end_column"]),
            ])
        })
        .collect()
}

/// A place that counts characters from 1 as one that counts units of UTF-16 from 0.
fn place(text: &str, line: &Value, column: &Value) -> Value {
    let number = |value: &Value| value.as_u64().expect("a number") as usize - 1;
    let line_text = text.lines().nth(number(line)).unwrap_or_default();
    let units: usize = line_text.chars().take(number(column)).map(char::len_utf16).sum();
    json!({ "line": number(line), "character": units })
}

fn published(found: &[Value]) -> Vec<Value> {
    let severity = |number: &Value| match number.as_u64() {
        Some(1) => "error",
        Some(2) => "warning",
        _ => "info",
    };
    found
        .iter()
        .map(|found| {
            json!([
                found["code"],
                severity(&found["severity"]),
                found["message"],
                found["range"]["start"],
                found["range"]["end"],
            ])
        })
        .collect()
}

#[test]
fn findings_are_those_of_validate() {
    let mistakes = include_str!("../../fixtures/ten_mistakes.yaml");
    let broken =
        LAUNCH.replace("tasks.all.output", "tasks.al.output").replace("[market]", "[markt]");
    let mut files = PROJECT.to_vec();
    files.push(("patterns/launch.yaml", &broken));
    files.push(("outside.yaml", mistakes));
    files.push(("docker.yaml", "services: {}\n"));
    let mut editor = Editor::open_folder(&files);
    editor.open("patterns/launch.yaml");
    editor.open("outside.yaml");
    editor.open("docker.yaml");
    let found = editor.findings("patterns/launch.yaml", Some(1));
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(published(&found), validated(&editor, "patterns/launch.yaml", &[]));
    let found = editor.findings("outside.yaml", Some(1));
    assert!(found.len() >= 10, "{found:?}");
    assert_eq!(published(&found), validated(&editor, "outside.yaml", &["outside.yaml"]));
    let related = found.iter().filter_map(|found| found["relatedInformation"].as_array());
    assert!(related.flatten().next().is_some(), "some have further places");
    assert_eq!(editor.findings("docker.yaml", Some(1)), Vec::<Value>::new());
    assert_eq!(editor.close(), Some(0));
}

#[test]
fn files_that_are_not_open_have_findings_too() {
    let broken = REVIEW.replace("agent: boss", "agent: bos");
    let mut files = PROJECT.to_vec();
    files.push(("patterns/review.yaml", &broken));
    let mut editor = Editor::open_folder(&files);
    let found = editor.findings("patterns/review.yaml", None);
    assert_eq!(found[0]["code"], "unknown-agent", "{found:?}");
    assert_eq!(editor.close(), Some(0));
}

#[test]
fn a_change_reaches_the_other_open_files_and_goes_away_with_its_reason() {
    let mut editor = Editor::open_folder(PROJECT);
    editor.open("patterns/launch.yaml");
    editor.open("patterns/review.yaml");
    assert!(editor.findings("patterns/launch.yaml", Some(1)).is_empty());
    editor.change("patterns/review.yaml", 2, &REVIEW.replace("name: review", "name: reading"));
    let found = editor.findings("patterns/launch.yaml", Some(1));
    assert_eq!(found[0]["code"], "unknown-pattern", "{found:?}");
    editor.change("patterns/review.yaml", 3, REVIEW);
    assert!(editor.findings("patterns/launch.yaml", Some(1)).is_empty());
    assert_eq!(editor.close(), Some(0));
}

#[test]
fn only_the_newest_text_is_spoken_of() {
    let mut editor = Editor::open_folder(PROJECT);
    editor.open("patterns/review.yaml");
    for version in 2..50 {
        editor.change("patterns/review.yaml", version, "pattern: [");
    }
    editor.change("patterns/review.yaml", 50, REVIEW);
    assert!(editor.findings("patterns/review.yaml", Some(50)).is_empty());
    assert_eq!(editor.close(), Some(0));
}

#[test]
fn findings_outside_the_project_go_with_their_file() {
    let mut editor = Editor::open_folder(PROJECT);
    editor.place.write("outside.yaml", "pattern: { name: 1 }\n");
    editor.open("outside.yaml");
    assert!(!editor.findings("outside.yaml", Some(1)).is_empty());
    let document = json!({ "uri": editor.uri("outside.yaml") });
    editor.tell("textDocument/didClose", &json!({ "textDocument": document }));
    assert!(editor.findings("outside.yaml", None).is_empty());
    assert_eq!(editor.close(), Some(0));
}

#[test]
fn files_that_change_on_disk_are_read_again() {
    let mut editor = Editor::open_folder(PROJECT);
    editor.open("patterns/launch.yaml");
    assert!(editor.findings("patterns/launch.yaml", Some(1)).is_empty());
    std::fs::remove_file(editor.path("patterns/review.yaml")).expect("a file");
    let change = json!({ "uri": editor.uri("patterns/review.yaml"), "type": 3 });
    editor.tell("workspace/didChangeWatchedFiles", &json!({ "changes": [change] }));
    let found = editor.findings("patterns/launch.yaml", Some(1));
    assert_eq!(found[0]["code"], "unknown-pattern", "{found:?}");
    assert_eq!(editor.close(), Some(0));
}

#[test]
fn folders_come_and_go() {
    let broken = REVIEW.replace("agent: boss", "agent: bos");
    let mut editor = Editor::open_folder(&[
        ("a/teams/crew.yaml", super::TEAM),
        ("b/teams/crew.yaml", super::TEAM),
        ("b/patterns/review.yaml", &broken),
    ]);
    let folder = json!({ "uri": editor.uri("b"), "name": "b" });
    let event = json!({ "added": [folder], "removed": [] });
    editor.tell("workspace/didChangeWorkspaceFolders", &json!({ "event": event }));
    let found = editor.findings("b/patterns/review.yaml", None);
    assert_eq!(found[0]["code"], "unknown-agent", "{found:?}");
    let event = json!({ "added": [], "removed": [folder] });
    editor.tell("workspace/didChangeWorkspaceFolders", &json!({ "event": event }));
    assert!(editor.findings("b/patterns/review.yaml", None).is_empty());
    assert_eq!(editor.close(), Some(0));
}
