//! Repairs on every document of the fixtures: what is repaired still parses, nothing else has
//! changed, and a second pass has nothing to do.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use partita::interface::app::{Project, repair, validate, write_repairs};
use partita::language::diagnostic::{Safety, Severity};
use partita::language::document::{Audience, LintSettings};
use partita::language::source::{Source, SourceId, parse};
use serde_json::Value;

use crate::binary::Place;
use crate::support::{files_below, root};

/// The strictest settings: every rule speaks.
fn settings() -> LintSettings {
    LintSettings { audience: Audience::Auditor, ..LintSettings::default() }
}

fn value(text: &str) -> Option<Value> {
    let parsed = parse(&Source::new(SourceId(0), "test.yaml", text));
    parsed.tree.filter(|_| parsed.errors.is_empty()).map(|tree| tree.to_json())
}

/// The pointers at which two values differ.
fn differences(before: &Value, after: &Value, at: &str, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            for (key, value) in before {
                match after.get(key) {
                    Some(other) => differences(value, other, &format!("{at}/{key}"), found),
                    None => found.push(format!("{at}/{key}")),
                }
            }
            let new = after.keys().filter(|key| !before.contains_key(*key));
            found.extend(new.map(|key| format!("{at}/{key}")));
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (index, (value, other)) in before.iter().zip(after).enumerate() {
                differences(value, other, &format!("{at}/{index}"), found);
            }
        }
        (before, after) if before == after => {}
        _ => found.push(at.to_owned()),
    }
}

/// In how many places the values at some pointers are written: aliases lead to one.
fn written_places(text: &str, pointers: &[String]) -> usize {
    let tree = parse(&Source::new(SourceId(0), "test.yaml", text)).tree.expect("a tree");
    let place = |pointer: &String| match tree.locate(pointer) {
        Some(location) => Ok(location.value),
        None => Err(pointer.clone()),
    };
    pointers.iter().map(place).collect::<BTreeSet<_>>().len()
}

#[test]
fn a_repair_changes_nothing_else_and_a_second_pass_nothing_at_all() {
    // A folder without documents of its own: only the named file is read.
    let project = Project::new(root().join("tests"));
    let mut repaired = 0;
    for path in files_below(&root().join("tests/fixtures"), "yaml") {
        for limit in [Safety::Safe, Safety::Unsafe] {
            let paths = [path.clone()];
            let Ok(repairs) = repair(&project, &paths, &settings(), limit) else { continue };
            let mut again = project.clone();
            for file in &repairs.files {
                repaired += 1;
                assert_ne!(file.before, file.after, "{}", file.path.display());
                let after = value(&file.after);
                // What parsed before parses still, and each repair has touched a value or two.
                if let Some(before) = value(&file.before) {
                    let after = after.unwrap_or_else(|| panic!("{} is broken", path.display()));
                    let mut changed = Vec::new();
                    differences(&before, &after, "", &mut changed);
                    assert!(
                        written_places(&file.before, &changed) <= 2 * file.titles.len(),
                        "{}: {:?} changed {changed:?}",
                        path.display(),
                        file.titles
                    );
                }
                again.unsaved.insert(file.path.clone(), file.after.clone());
            }
            let second = repair(&again, &paths, &settings(), limit).expect("the same documents");
            let files: Vec<&PathBuf> = second.files.iter().map(|file| &file.path).collect();
            assert!(files.is_empty(), "{limit:?}: a second pass changes {files:?}");
        }
    }
    assert!(repaired >= 15, "{repaired}");
}

/// A folder with one pattern, and the project in it.
fn folder_with(text: &str) -> (tempfile::TempDir, Project, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("example.yaml");
    fs::write(&path, text).expect("a file");
    let project = Project::new(folder.path());
    (folder, project, path)
}

const TWO_MISTAKES: &str = "\
# A comment that stays.
pattern: { name: example, summary: A draft. }
team:
  name: t
  agents: [{ role: Writer }]
tasks:
  draft:
    agent: wrter       # misspelt
    prompt: Write about tea.
  polish:
    agent: writer
    prompt: \"Polish: {{ tasks.draft.output }}\"
    needs: [draft,   draft]  # twice
outputs: { text: \"{{ tasks.polish.output }}\" }
";

#[test]
fn safe_repairs_leave_guesses_alone() {
    let (_folder, project, path) = folder_with(TWO_MISTAKES);
    let repairs =
        repair(&project, std::slice::from_ref(&path), &LintSettings::default(), Safety::Safe)
            .expect("repairs");
    let after = &repairs.files[0].after;
    assert!(after.contains("agent: wrter       # misspelt"), "{after}");
    assert!(after.contains("# twice"), "{after}");
    assert!(!after.contains("draft,   draft"), "{after}");
    assert_eq!(fs::read_to_string(&path).expect("the file"), TWO_MISTAKES, "nothing is written");
}

#[test]
fn what_is_written_is_the_whole_text_and_validates() {
    let (_folder, project, path) = folder_with(TWO_MISTAKES);
    let settings = LintSettings::default();
    let repairs =
        repair(&project, std::slice::from_ref(&path), &settings, Safety::Unsafe).expect("repairs");
    write_repairs(&repairs.files).expect("to write");
    let after = fs::read_to_string(&path).expect("the file");
    assert!(after.starts_with("# A comment that stays.\n"));
    assert!(after.contains("agent: writer       # misspelt"), "{after}");
    let found = validate(&project, std::slice::from_ref(&path), &settings).expect("a validation");
    let errors = found.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    assert_eq!(errors.count(), 0);
    let others: Vec<_> =
        fs::read_dir(path.parent().unwrap_or(Path::new("."))).expect("a folder").collect();
    assert_eq!(others.len(), 1, "nothing is left beside it");
}

#[test]
fn a_file_that_somebody_has_changed_meanwhile_stays_as_it_is() {
    let (_folder, project, path) = folder_with(TWO_MISTAKES);
    let repairs =
        repair(&project, std::slice::from_ref(&path), &LintSettings::default(), Safety::Safe)
            .expect("repairs");
    fs::write(&path, "pattern: { name: other }\n").expect("a file");
    let failure = write_repairs(&repairs.files).expect_err("a change meanwhile");
    assert!(failure.message.contains("changed meanwhile"), "{}", failure.message);
    assert_eq!(fs::read_to_string(&path).expect("the file"), "pattern: { name: other }\n");
}

#[test]
fn the_command_repairs_reports_and_says_how_bad_it_is() {
    let place = Place::new();
    place.write("patterns/example.yaml", TWO_MISTAKES);

    let shown = place.run(&["validate", "--fix=all", "--diff"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert!(shown.out.contains("--- a/patterns/example.yaml\n+++ b/patterns/example.yaml\n"));
    assert!(shown.out.contains("-    agent: wrter       # misspelt\n"), "{}", shown.out);
    let path = place.path("patterns/example.yaml");
    assert_eq!(fs::read_to_string(&path).expect("the file"), TWO_MISTAKES);

    let worst = place.run(&["validate", "--exit-severity"]);
    assert_eq!(worst.code, Some(13), "an error");
    assert!(worst.out.contains("1 fixable with --fix, 1 more with --fix=all"), "{}", worst.out);

    let repaired = place.run(&["validate", "--fix", "--json"]);
    assert_eq!(repaired.code, Some(1));
    let object = repaired.json();
    assert_eq!(object["version"], 1);
    assert_eq!(object["fixed"][0]["fixes"][0], "remove the second `draft`");
    assert_eq!(object["fixable"], serde_json::json!({ "safe": 0, "unsafe": 1 }));
    assert_eq!(object["diagnostics"][0]["fix"]["edits"][0]["replacement"], "writer");

    let all = place.run(&["validate", "--fix=all", "--fail-on", "info"]);
    assert_eq!(all.code, Some(0), "{all:?}");
    assert!(all.out.contains("repaired: patterns/example.yaml: write `writer`"), "{}", all.out);
}

#[test]
fn settings_come_from_the_project_and_the_command_line() {
    let place = Place::new();
    place.write(
        "patterns/example.yaml",
        &TWO_MISTAKES.replace("wrter", "writer").replace("draft,   draft", "draft"),
    );
    place.write("partita.yaml", "lint:\n  rules: { retry-disabled: error }\n");
    assert_eq!(place.run(&["validate"]).code, Some(0));
    place.write(
        "patterns/example.yaml",
        &TWO_MISTAKES
            .replace("wrter", "writer")
            .replace("draft,   draft", "draft")
            .replace("tasks:\n", "defaults: { retry: { max_attempts: 1 } }\ntasks:\n"),
    );
    assert_eq!(place.run(&["validate"]).code, Some(1), "the project makes it an error");
    let lenient = place.run(&["validate", "--level", "retry-disabled=off"]);
    assert_eq!(lenient.code, Some(0), "{lenient:?}");
    for (level, hint) in [
        ("retry-disable=off", "did you mean `retry-disabled`?"),
        ("retry-disabled=loud", "the levels are"),
        ("unknown-task=off", "is an error and stays one"),
    ] {
        let refused = place.run(&["validate", "--level", level]);
        assert_eq!(refused.code, Some(2));
        assert!(refused.err.contains(hint), "{refused:?}");
    }
    place.write("other.yaml", "lints: {}\n");
    let refused = place.run(&["validate", "--config", "other.yaml"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("other.yaml is no file of lint settings"), "{refused:?}");
}
