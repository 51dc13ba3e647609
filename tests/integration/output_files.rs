//! Outputs as files: what is written where, what is never written over, and what is said of it.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use crate::binary::{Place, Ran, repository};

/// Two outputs of different types and one that nothing comes out for; no model is asked.
const SMALL: &str = "\
pattern: { name: small }
inputs: { word: { type: string, default: 'tea' }, asked: { type: boolean, default: true } }
tasks:
  ready: { gate: check, condition: inputs.asked, message: Nobody asked. }
  never: { when: not inputs.asked, gate: check, condition: inputs.asked, message: Never. }
outputs:
  text: '# {{ inputs.word }}'
  list: ['{{ inputs.word }}', 2]
  nothing: '{{ tasks.never.output }}'
";

fn place() -> Place {
    let place = Place::new();
    place.write("patterns/small.yaml", SMALL);
    place
}

fn names(place: &Place, folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(place.path(folder)).expect("a folder").flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

fn text(place: &Place, file: &str) -> String {
    fs::read_to_string(place.path(file)).expect("a file")
}

fn run(place: &Place, more: &[&str]) -> Ran {
    let mut words = vec!["run", "small", "--quiet", "--json", "--outputs", "out"];
    words.extend(more);
    place.run(&words)
}

fn number_of_runs(place: &Place) -> usize {
    let list = place.run(&["runs", "--json"]).expect(0).json();
    list["runs"].as_array().expect("runs").len()
}

#[test]
fn texts_are_written_as_they_are_and_anything_else_as_json() {
    let place = place();
    let ran = run(&place, &[]).expect(0);
    assert_eq!(names(&place, "out"), ["list.json", "text.md"].map(str::to_owned).into());
    assert_eq!(text(&place, "out/text.md"), "# tea");
    assert_eq!(text(&place, "out/list.json"), "[\n  \"tea\",\n  2\n]\n");
    let shown = |name: &str| std::path::Path::new("out").join(name).display().to_string();
    assert_eq!(
        ran.json()["files"],
        json!([
            { "output": "text", "file": shown("text.md"), "arrival": "written" },
            { "output": "list", "file": shown("list.json"), "arrival": "written" },
        ])
    );
    assert!(ran.err.contains("nothing came out for: nothing"), "{}", ran.err);
    assert_eq!(place.run(&["run", "small", "--json"]).expect(0).json()["files"], Value::Null);
}

#[test]
fn what_is_there_stays_unless_it_is_to_be_replaced() {
    let place = place();
    let first = run(&place, &[]).expect(0).json();
    let again = run(&place, &["-i", "word=coffee"]).expect(2);
    assert!(again.err.contains("text.md and 1 more are there already"), "{}", again.err);
    assert!(again.err.contains("--replace"), "{}", again.err);
    assert_eq!(number_of_runs(&place), 1, "it is refused before a run begins");
    let replaced = run(&place, &["-i", "word=coffee", "--replace"]).expect(0).json();
    let arrivals = replaced["files"].as_array().expect("files").iter().map(|file| &file["arrival"]);
    assert_eq!(arrivals.collect::<Vec<_>>(), ["replaced", "replaced"]);
    assert_eq!(text(&place, "out/text.md"), "# coffee");

    // One file in the way, and nothing is written.
    let run_id = first["run"].as_str().expect("a run");
    place.write("other/list.json", "mine");
    let refused = place.run(&["show", run_id, "--outputs", "other"]).expect(2);
    assert!(refused.err.contains("list.json is there already"), "{}", refused.err);
    assert_eq!(names(&place, "other").len(), 1);
    assert_eq!(text(&place, "other/list.json"), "mine");

    // What a crash has left behind is completed.
    fs::remove_file(place.path("out/list.json")).expect("removed");
    fs::write(place.path("out/text.md"), "# tea").expect("written");
    let ran = place.run(&["show", run_id, "--outputs", "out", "--json"]).expect(0).json();
    let arrivals = ran["files"].as_array().expect("files").iter().map(|file| &file["arrival"]);
    assert_eq!(arrivals.collect::<Vec<_>>(), ["unchanged", "written"]);
}

#[test]
fn a_folder_that_cannot_be_one_is_told_before_the_run() {
    let place = place();
    place.write("out", "a file");
    let refused = run(&place, &[]).expect(2);
    assert!(refused.err.contains("out is there already and is no folder"), "{}", refused.err);
    let bad = place.run(&["run", "small", "--replace"]).expect(2);
    assert!(bad.err.contains("--outputs"), "{}", bad.err);
    place.write("deep/text.md/x", "a folder in the way");
    let refused = place.run(&["run", "small", "--outputs", "deep", "--replace"]).expect(2);
    assert!(refused.err.contains("text.md (a folder) is there already"), "{}", refused.err);
}

#[test]
fn a_run_that_fails_leaves_no_files() {
    let place = place();
    let ran = run(&place, &["-i", "asked=false"]).expect(1);
    assert_eq!(ran.json()["files"], json!([]));
    assert!(ran.err.contains("no outputs are written"), "{}", ran.err);
    assert_eq!(names(&place, "out").len(), 0);
}

#[cfg(unix)]
#[test]
fn a_link_is_replaced_and_not_followed() {
    let place = place();
    place.write("elsewhere.md", "theirs");
    fs::create_dir(place.path("out")).expect("a folder");
    std::os::unix::fs::symlink(place.path("elsewhere.md"), place.path("out/text.md"))
        .expect("a link");
    run(&place, &[]).expect(2);
    run(&place, &["--replace"]).expect(0);
    assert_eq!(text(&place, "elsewhere.md"), "theirs");
    assert_eq!(text(&place, "out/text.md"), "# tea");
}

#[test]
fn improve_orchestration_leaves_ten_documents() {
    const DOCUMENTS: [&str; 10] = [
        "orchestration_analysis_report",
        "improved_architecture_design",
        "implementation_code",
        "slash_command_improvements",
        "test_suite",
        "documentation_package",
        "monitoring_and_observability",
        "performance_benchmarks",
        "migration_plan",
        "continuous_improvement_roadmap",
    ];
    let place = Place::new();
    let words =
        ["run", "improve_orchestration", "--simulate", "--quiet", "--json", "--outputs", "out"];
    let run = place.run(&words).expect(0).json();
    // What no model gave says so in its name.
    let expected = DOCUMENTS.map(|name| format!("{name}.simulated.md"));
    assert_eq!(names(&place, "out"), expected.into());
    for name in DOCUMENTS {
        let output = run["outputs"][name].as_str().expect("a text");
        assert!(output.starts_with("# ") && output.contains("\n## "), "{name}: {output}");
        assert_eq!(text(&place, &format!("out/{name}.simulated.md")), output);
    }
    assert_eq!(run["files"].as_array().map(Vec::len), Some(10));
}

#[test]
fn the_sample_inputs_fit_their_pipelines() {
    let place = Place::new();
    let folder = repository("pipelines/inputs");
    let mut samples = 0;
    for pipeline in fs::read_dir(folder).expect("a folder").flatten() {
        let name = pipeline.file_name().to_string_lossy().into_owned();
        for sample in fs::read_dir(pipeline.path()).expect("a folder").flatten() {
            let path = sample.path().display().to_string();
            let words =
                ["render", &name, "discovery/points", "--inputs", &path, "--no-samples", "--json"];
            let prompts = place.run(&words).expect(0).json();
            let prompt = prompts["tasks"][0]["messages"].to_string();
            let given = fs::read_to_string(sample.path()).expect("a text");
            let subject = given.lines().find_map(|line| line.strip_prefix("subject: "));
            assert!(prompt.contains(subject.expect("a subject")), "{path}: {prompt}");
            samples += 1;
        }
    }
    assert_eq!(samples, 6);
}
