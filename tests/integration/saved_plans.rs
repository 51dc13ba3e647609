//! Plans in files: run exactly as they were saved, or refused.

use partita::language::digest::Digest;
use partita::language::plan::{Compiled, SavedDocument, SavedPlan, SavedPlanError};
use serde_json::{Value, json};

use crate::binary::Place;
use crate::random_plans::random_pattern;
use crate::support::plan;

const SMALL: &str = "
pattern: { name: small }
team: { name: t, agents: [{ role: A }] }
inputs: { subject: string }
tasks:
  a: { agent: a, prompt: 'About {{ inputs.subject }}', options: { temperature: 0.35 } }
  r: { uses: parallel_research, with: { question: '{{ tasks.a.output }}' } }
outputs: { a: '{{ tasks.a.output }}' }
";

const NIGHTLY: &str = "
pipeline: { name: nightly }
simulation: { time_scale: 0, servers: [{ name: one }, { name: two }] }
cluster: cluster.yaml
tasks: { work: { uses: small, with: { subject: tea } } }
outputs: { a: '{{ tasks.work.output.a }}' }
";

/// A project with a saved plan.
fn place() -> Place {
    let place = Place::new();
    place.write("patterns/small.yaml", SMALL);
    place.write("pipelines/nightly.yaml", NIGHTLY);
    place
        .write("pipelines/cluster.yaml", "cluster: { servers: [{ url: 'http://127.0.0.1:1' }] }\n");
    place.run(&["plan", "nightly", "--save", "nightly.json"]).expect(0);
    place
}

fn saved(place: &Place) -> Value {
    let text = std::fs::read_to_string(place.path("nightly.json")).expect("a file");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn what_was_saved_is_what_is_run() {
    let place = place();
    let file = saved(&place);
    let names: Vec<&Value> =
        file["documents"].as_array().expect("a list").iter().map(|d| &d["name"]).collect();
    assert_eq!(
        names,
        [
            "pipelines/nightly.yaml",
            "patterns/small.yaml",
            "<built-in>/coordination/parallel_research.yaml"
        ]
    );
    // The pipeline's own simulation and cluster are in it.
    let run = place.run(&["run", "--plan", "nightly.json", "--simulate", "--json"]).expect(0);
    let run = run.json();
    assert_eq!((&run["name"], &run["fingerprint"]), (&json!("nightly"), &file["fingerprint"]));
    assert_eq!(run["servers"].as_array().map(Vec::len), Some(2));
    let real = place.run(&["run", "--plan", "nightly.json"]).expect(3);
    assert!(real.err.contains("pipelines/cluster.yaml"), "{}", real.err);
    // The same documents give the same file.
    let before = saved(&place);
    place.run(&["plan", "pipelines/nightly.yaml", "--save", "nightly.json", "--json"]).expect(0);
    assert_eq!(saved(&place), before);
    let left: Vec<_> = std::fs::read_dir(place.path("."))
        .expect("a folder")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.contains("partita"))
        .collect();
    assert_eq!(left, [""; 0], "nothing is left beside it");
}

#[test]
fn inputs_are_given_as_usual() {
    let place = place();
    place.run(&["plan", "small", "--save", "small.json"]).expect(0);
    let missing = place.run(&["run", "--plan", "small.json", "--simulate"]).expect(2);
    assert!(missing.err.contains("missing input `subject`"), "{}", missing.err);
    place.run(&["run", "--plan", "small.json", "--simulate", "-q", "-i", "subject=tea"]).expect(0);
}

#[test]
fn a_changed_document_is_named() {
    let place = place();
    place.write("patterns/small.yaml", &SMALL.replace("About", "All about"));
    let ran = place.run(&["run", "--plan", "nightly.json", "--simulate", "--json"]).expect(1);
    let error = &ran.json()["error"];
    assert_eq!(
        error["message"],
        "nightly.json is out of date: `patterns/small.yaml` has changed since it was saved"
    );
    assert_eq!(
        error["hints"],
        json!([
            "see what is different: partita diff nightly.json pipelines/nightly.yaml",
            "save it again: partita plan pipelines/nightly.yaml --save nightly.json"
        ])
    );
    std::fs::remove_file(place.path("pipelines/nightly.yaml")).expect("removed");
    let ran = place.run(&["run", "--plan", "nightly.json", "--simulate"]).expect(1);
    assert!(ran.err.contains("`pipelines/nightly.yaml` has gone since"), "{}", ran.err);
    assert!(ran.err.contains("also, `patterns/small.yaml` has changed"), "{}", ran.err);
}

#[test]
fn an_edited_file_is_refused() {
    let place = place();
    let edits: [(&str, Value, &str); 6] = [
        ("/plan/tasks/1/work/prompt", json!("Something else"), "the plan is not what was saved"),
        ("/fingerprint", json!("0"), "the plan is not what was saved"),
        ("/documents/0/digest", json!("0"), "what stands beside the plan is not what was saved"),
        ("/simulation/seed", json!(7), "what stands beside the plan is not what was saved"),
        ("/partita_plan", json!(2), "saved in form 2, and this version of Partita reads form 1"),
        ("/plan/tasks", json!("none"), "cannot be read"),
    ];
    let whole = saved(&place);
    for (pointer, value, message) in edits {
        let mut edited = whole.clone();
        *edited.pointer_mut(pointer).expect(pointer) = value;
        place.write("edited.json", &edited.to_string());
        let ran = place.run(&["run", "--plan", "edited.json", "--simulate"]).expect(1);
        assert!(ran.err.contains(message), "{pointer}: {}", ran.err);
        assert!(ran.err.contains("save it again"), "{}", ran.err);
    }
    // Another layout is the same file.
    place.write("nightly.json", &whole.to_string());
    place.run(&["run", "--plan", "nightly.json", "--simulate", "-q"]).expect(0);
}

#[test]
fn nothing_else_is_overwritten() {
    let place = place();
    place.write("notes.json", "{ \"partita\": 1 }");
    let ran = place.run(&["plan", "nightly", "--save", "notes.json", "--json"]).expect(2);
    let message = "notes.json is there already, and is no saved plan";
    assert_eq!(ran.json()["error"]["message"], message);
    let text = std::fs::read_to_string(place.path("notes.json")).expect("a file");
    assert_eq!(text, "{ \"partita\": 1 }");
    place.run(&["plan", "nightly", "--save", "patterns"]).expect(2);
    place.run(&["plan", "nightly", "--save", "nowhere/plan.json"]).expect(1);
}

#[test]
fn a_saved_plan_is_run_on_purpose_only() {
    let place = place();
    let ran = place.run(&["run", "nightly.json", "--simulate"]).expect(2);
    assert!(ran.err.contains("partita run --plan nightly.json"), "{}", ran.err);
    let shown = place.run(&["plan", "nightly.json", "--json"]).expect(0).json();
    assert_eq!(shown["fingerprint"], saved(&place)["fingerprint"]);
    place.run(&["render", "nightly.json", "work/a"]).expect(0);
}

#[test]
fn whatever_was_compiled_can_be_saved_and_read() {
    for seed in 0..100 {
        let texts = random_pattern(seed);
        let texts: Vec<(&str, &str)> = texts.iter().map(|(n, t)| (*n, t.as_str())).collect();
        let compiled = Compiled {
            plan: plan(&texts).as_ref().clone(),
            cluster: None,
            simulation: None,
            warnings: Vec::new(),
        };
        let document = SavedDocument {
            name: "outer.yaml".to_owned(),
            digest: Digest::of(texts[0].1.as_bytes()),
        };
        let saved = SavedPlan::new(compiled, vec![document]);
        assert_eq!(SavedPlan::read(&saved.to_text()), Ok(saved), "seed {seed}");
    }
    for text in ["", "{", "[]", "{}", "null", "partita_plan: 1"] {
        assert_eq!(SavedPlan::read(text), Err(SavedPlanError::NotASavedPlan), "{text}");
    }
}
