//! What is different between definitions, in every format.

use partita::interface::app::{Comparison, DefinitionComparison, Side};
use partita::interface::report::{
    Look, Picture, definitions_json, definitions_markdown, definitions_text,
};
use partita::language::plan::Difference;
use serde_json::json;

use crate::binary::Place;
use crate::random_plans::random_pattern;
use crate::support::plan;

const OLD: &str = "
pattern: { name: note, summary: A note on a change }
team: { name: writers, agents: [{ role: Reader }, { role: Editor, model: 'llama3.1:8b' }] }
inputs: { change: { type: string, description: What changed } }
waves:
  - name: read
    tasks:
      facts: { agent: reader, prompt: 'What does {{ inputs.change }} do?' }
      value: { agent: reader, prompt: 'Who is better off?' }
      risks: { agent: reader, prompt: 'What | could ``` go wrong?' }
  - name: write
    tasks:
      note:
        agent: editor
        prompt: |
          Write a note of at most 80 words.
          {{ tasks.facts.output }}
          {{ tasks.value.output }}
outputs: { note: '{{ tasks.note.output }}' }
";

const EDITS: [(&str, &str); 7] = [
    ("facts: {", "points: {"),
    ("tasks.facts", "tasks.points"),
    (
        "      risks: { agent: reader, prompt: 'What | could ``` go wrong?' }\n",
        "      tone: { agent: editor, prompt: 'For | whom ``` is <it>?' }\n",
    ),
    ("at most 80 words", "at most 60 words"),
    ("llama3.1:8b", "qwen3:8b"),
    ("description: What changed", "description: What changed, default: nothing"),
    (
        "          {{ tasks.value.output }}\n",
        "          {{ tasks.value.output }}\n          {{ tasks.tone.output }}\n        estimate: 45s\n",
    ),
];

fn comparison() -> DefinitionComparison {
    let new = EDITS.iter().fold(OLD.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    let side = |named: &str, text: &str| Side {
        named: named.to_owned(),
        plan: plan(&[("note.yaml", text)]).as_ref().clone(),
    };
    let (old, new) = (side("old.yaml", OLD), side("note", &new));
    let difference = Difference::between(&old.plan, &new.plan);
    DefinitionComparison { old, new, difference }
}

#[test]
fn text() {
    let look = Look { colour: false, width: 80 };
    insta::assert_snapshot!("diff_text", definitions_text(&comparison(), look));
}

#[test]
fn markdown() {
    insta::assert_snapshot!("diff_markdown", definitions_markdown(&comparison(), Picture::Mermaid));
}

#[test]
fn json() {
    let json = serde_json::to_string_pretty(&definitions_json(&comparison())).expect("JSON");
    insta::assert_snapshot!("diff_json", json);
}

#[test]
fn plans_differ_exactly_where_their_fingerprints_do() {
    let plans: Vec<_> = (0..40)
        .map(|seed| {
            let texts = random_pattern(seed);
            let texts: Vec<(&str, &str)> = texts.iter().map(|(n, t)| (*n, t.as_str())).collect();
            plan(&texts)
        })
        .collect();
    for old in &plans {
        for new in &plans {
            let is_same = old.fingerprint() == new.fingerprint();
            assert_eq!(Difference::between(old, new).is_empty(), is_same);
        }
    }
}

#[test]
fn the_exit_code_says_so_only_when_asked() {
    let place = Place::new();
    place.write("patterns/note.yaml", OLD);
    place.write("old.yaml", &OLD.replace("80 words", "70 words"));
    place.write("same.yaml", &format!("# A comment.\n{OLD}"));
    place.run(&["diff", "old.yaml", "note"]).expect(0);
    place.run(&["diff", "old.yaml", "note", "--exit-code"]).expect(1);
    let same = place.run(&["diff", "same.yaml", "note", "--exit-code", "--json"]).expect(0).json();
    assert_eq!((&same["same"], &same["tasks"]), (&json!(true), &json!([])));
    let wrong = place.run(&["diff", "old.yaml", "nota"]).expect(2);
    assert!(wrong.err.contains("did you mean `note`"), "{}", wrong.err);
    let wrong = place.run(&["diff", "old.yaml", "note", "--picture"]).expect(2);
    assert!(wrong.err.contains("--format markdown"), "{}", wrong.err);
}

#[test]
fn a_saved_plan_is_compared_with_what_it_was_made_of() {
    let place = Place::new();
    place.write("patterns/note.yaml", OLD);
    place.run(&["plan", "note", "--save", "note.json"]).expect(0);
    place.write("patterns/note.yaml", &OLD.replace("80 words", "70 words"));
    let found = place.run(&["diff", "note.json", "note", "--json"]).expect(0).json();
    assert_eq!(found["tasks"][0]["name"], "note");
    assert_eq!(found["tasks"][0]["changes"][0]["field"], "prompt");
}

#[test]
fn what_is_compared_says_whether_it_is_the_same() {
    let different = comparison();
    let same = comparison();
    let difference = Difference::between(&same.new.plan, &same.new.plan);
    let same = DefinitionComparison { difference, ..same };
    assert!(!Comparison::Definitions(Box::new(different)).is_same());
    assert!(Comparison::Definitions(Box::new(same)).is_same());
}
