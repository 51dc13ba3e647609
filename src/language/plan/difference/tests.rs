use serde_json::Value;

use super::*;
use crate::language::document::{Expectation, Library, ProjectFile};
use crate::language::plan::compile;

const OLD: &str = "
pattern: { name: note }
team: { name: t, agents: [{ role: Reader }, { role: Editor, model: llama3.1:8b }] }
inputs:
  change: { type: string, description: What changed }
waves:
  - name: read
    tasks:
      facts: { agent: reader, prompt: 'What does {{ inputs.change }} do?' }
      value: { agent: reader, prompt: 'Who is better off?' }
  - name: write
    tasks:
      note: { agent: editor, prompt: 'From {{ tasks.facts.output }} and {{ tasks.value.output }}' }
      send: { gate: approval, ask: 'Send {{ tasks.note.output }}?', options: [yes, no] }
outputs: { note: '{{ tasks.note.output }}' }
";

fn plan(text: &str) -> Plan {
    let text = text.replace("      send:", "  - name: ask\n    tasks:\n      send:");
    let library = Library::of_files([ProjectFile {
        name: "note.yaml".to_owned(),
        content: Ok(text),
        expectation: Expectation::Named,
    }]);
    let document = library.documents().next().expect("a document");
    compile(&library, document).expect("a plan").plan
}

/// A difference in short lines: `tasks: ~ note prompt`.
fn lines(difference: &Difference) -> Vec<String> {
    let sections = [
        ("inputs", &difference.inputs),
        ("waves", &difference.waves),
        ("tasks", &difference.tasks),
        ("outputs", &difference.outputs),
        ("teams", &difference.teams),
        ("agents", &difference.agents),
    ];
    let mut lines: Vec<String> =
        difference.about.iter().map(|change| format!("about: {}", change.field)).collect();
    for (section, entries) in sections {
        for entry in entries {
            let (sign, fields) = match &entry.status {
                Status::Added => ("+".to_owned(), Vec::new()),
                Status::Removed => ("-".to_owned(), Vec::new()),
                Status::Renamed { from } => (format!("{from} ->"), fields(entry)),
                Status::Changed => ("~".to_owned(), fields(entry)),
            };
            let line = format!("{section}: {sign} {} {}", entry.name, fields.join(" "));
            lines.push(line.trim_end().to_owned());
        }
    }
    lines
}

fn fields(entry: &Entry) -> Vec<&str> {
    entry.changes.iter().map(|change| change.field.as_str()).collect()
}

fn check(edits: &[(&str, &str)], expected: &[&str]) {
    let mut text = OLD.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    assert_eq!(lines(&Difference::between(&plan(OLD), &plan(&text))), expected, "{edits:?}");
}

#[test]
fn layout_is_no_difference() {
    check(&[("prompt: 'Who is better off?'", "prompt: \"Who is better off?\"")], &[]);
}

#[test]
fn what_changed_is_named() {
    check(&[("better off", "worse off")], &["tasks: ~ value prompt"]);
    check(
        &[("options: [yes, no]", "options: [yes, no], deadline: 2h, default: no")],
        &["tasks: ~ send default deadline"],
    );
    check(&[("llama3.1:8b", "qwen3:8b")], &["tasks: ~ note model", "agents: ~ t/editor model"]);
    check(&[("role: Reader", "role: Reader, purpose: To read")], &["agents: ~ t/reader purpose"]);
    check(
        &[("What changed }", "What has changed, default: all }")],
        &["inputs: ~ change description default"],
    );
    check(&[("name: note }\nteam", "name: note, summary: A note }\nteam")], &["about: summary"]);
}

#[test]
fn tasks_come_and_go() {
    check(
        &[
            (" and {{ tasks.value.output }}", ""),
            ("      value: { agent: reader, prompt: 'Who is better off?' }\n", ""),
        ],
        &["tasks: ~ note prompt needs", "tasks: - value"],
    );
    check(&[("outputs:", "      log: { agent: reader, prompt: x }\noutputs:")], &["tasks: + log"]);
}

#[test]
fn the_same_work_under_a_new_name_is_renamed() {
    check(&[("facts:", "points:"), ("tasks.facts", "tasks.points")], &["tasks: facts -> points"]);
    check(
        &[
            ("facts: { agent: reader,", "points: { agent: reader, timeout: 9m,"),
            ("tasks.facts", "tasks.points"),
        ],
        &["tasks: facts -> points timeout.total"],
    );
    // One that refers to a renamed one may be renamed itself.
    check(
        &[
            ("facts:", "points:"),
            ("tasks.facts", "tasks.points"),
            ("note: { agent", "text: { agent"),
            ("tasks.note", "tasks.text"),
        ],
        &["tasks: facts -> points", "tasks: note -> text", "outputs: ~ note value"],
    );
}

#[test]
fn waves_move() {
    check(
        &[("name: read", "name: look")],
        &["waves: + look", "waves: - read", "tasks: ~ facts wave", "tasks: ~ value wave"],
    );
    check(&[("name: write", "name: write\n    barrier: false")], &["waves: ~ write barrier"]);
}

/// Every leaf of a plan's JSON is changed; what is still a plan with another fingerprint must be a
/// difference.
#[test]
fn whatever_differs_is_in_the_difference() {
    let whole = plan(&OLD.replace(
        "outputs:",
        "      more: { uses: parallel_research, with: { question: x } }\noutputs:",
    ));
    let json = serde_json::to_value(&whole).expect("JSON");
    let mut seen = 0;
    for pointer in leaves(&json, "") {
        let mut changed = json.clone();
        let leaf = changed.pointer_mut(&pointer).expect("a leaf");
        *leaf = match &*leaf {
            Value::String(text) => Value::from(format!("{text}x")),
            Value::Bool(is) => Value::from(!*is),
            Value::Number(number) => Value::from(number.as_u64().unwrap_or(0) + 1),
            _ => Value::from("1s"),
        };
        let Ok(changed) = serde_json::from_value::<Plan>(changed) else { continue };
        if changed.check_integrity().is_err() || changed.fingerprint() == whole.fingerprint() {
            continue;
        }
        seen += 1;
        let difference = Difference::between(&whole, &changed);
        assert!(!difference.is_empty(), "{pointer}");
        // A difference of order is what is left when nothing else is found.
        let only_order = difference.about.iter().any(|change| change.field == "order");
        let moved = pointer.ends_with("/path") || pointer.ends_with("/team");
        assert!(!only_order || moved, "{pointer}");
    }
    assert!(seen > 200, "only {seen} values were changed");
}

fn leaves(value: &Value, pointer: &str) -> Vec<String> {
    let below = |key: &str, value: &Value| {
        let key = key.replace('~', "~0").replace('/', "~1");
        leaves(value, &format!("{pointer}/{key}"))
    };
    match value {
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().flat_map(|(at, item)| below(&at.to_string(), item)).collect()
        }
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().flat_map(|(key, field)| below(key, field)).collect()
        }
        _ => vec![pointer.to_owned()],
    }
}
