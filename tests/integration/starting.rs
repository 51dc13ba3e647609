//! Beginning: what `init` and `new` write is without fault, and nothing that is there is lost.

use std::fs;

use partita::interface::app::{DraftRequest, Project, draft, example_of, load};
use partita::language::diagnostic::{Diagnostic, Severity};
use partita::language::document::{DocumentKind, Library, builtins};
use proptest::prelude::*;

use crate::binary::{Place, Servers};
use crate::support::{findings, library};

/// Words that YAML, templates and shells like to trip over.
fn words() -> impl Strategy<Value = String> {
    let nasty = prop_oneof![
        Just("{{ inputs.topic }}"),
        Just("{% if x %}"),
        Just("a: b # c"),
        Just("- item\n- item"),
        Just("'single' and \"double\""),
        Just("yes"),
        Just("null"),
        Just("2027-03-01"),
        Just("市場アナリスト"),
        Just("محلل السوق"),
        Just("👩‍🚀 Élan\u{85}vital"),
        Just("back\\slash\ttab\r\n"),
        Just("---"),
    ];
    prop_oneof![nasty.prop_map(str::to_owned), "[a-z][a-z_]{0,12}", any::<String>()]
}

fn inputs() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        "[a-z][a-z0-9_]{0,8}",
        Just("null".to_owned()),
        Just("question".to_owned()),
        words()
    ];
    let rest = prop_oneof![
        Just(String::new()),
        Just(":string".to_owned()),
        Just(": integer=3".to_owned()),
        Just(":[string]".to_owned()),
        Just(":{ a: string, 'b?': [integer] }".to_owned()),
        Just(":{ enum: [low, high] }=low".to_owned()),
        words().prop_map(|text| format!(":string={text}")),
        words().prop_map(|text| format!(":{text}")),
    ];
    (name, rest).prop_map(|(name, rest)| name + &rest)
}

fn agents() -> impl Strategy<Value = String> {
    (words(), words()).prop_map(|(role, purpose)| format!("{role}: {purpose}"))
}

fn requests() -> impl Strategy<Value = (DocumentKind, DraftRequest)> {
    let kinds = prop_oneof![
        3 => Just(DocumentKind::Pattern),
        2 => Just(DocumentKind::Pipeline),
        1 => Just(DocumentKind::Team),
        1 => Just(DocumentKind::Cluster),
    ];
    let used = prop_oneof![
        Just("parallel_research".to_owned()),
        Just("consensus_building".to_owned()),
        Just("divide_and_conquer".to_owned()),
    ];
    let several = |most| 0..=most;
    (
        kinds,
        prop_oneof![9 => "[a-z][a-z0-9_-]{0,10}", 1 => words()],
        prop::option::of(words()),
        prop::collection::vec(inputs(), several(3)),
        prop::collection::vec(agents(), several(4)),
        prop::option::weighted(0.1, Just("launch_team".to_owned())),
        prop::collection::vec(used, several(2)),
        prop::collection::vec("[a-z][a-z_]{0,8}", several(4)),
        prop::collection::vec(prop_oneof![Just("gpu1".to_owned()), words()], several(2)),
    )
        .prop_map(|(kind, name, summary, inputs, agents, team, uses, waves, servers)| {
            let agents = if team.is_some() { Vec::new() } else { agents };
            let output = None;
            (
                kind,
                DraftRequest { name, summary, inputs, agents, team, uses, waves, servers, output },
            )
        })
}

fn complaints(library: &Library) -> Vec<Diagnostic> {
    findings(library).into_iter().filter(|found| found.severity > Severity::Info).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn a_new_document_is_without_fault_or_is_refused((kind, request) in requests()) {
        let folder = tempfile::tempdir().expect("a folder");
        let project = Project::new(folder.path());
        match draft(&project, kind, &request) {
            Ok(draft) => {
                let found = complaints(&library(&[("new.yaml", &draft.text)]));
                prop_assert!(found.is_empty(), "{found:#?}\n{}", draft.text);
                prop_assert!(!draft.text.lines().any(|line| line.ends_with(' ')), "{}", draft.text);
            }
            // Refused for what was typed, not for what was made of it.
            Err(failure) => {
                prop_assert!(failure.diagnostics.is_none(), "{failure:#?}");
                prop_assert!(!failure.message.is_empty());
            }
        }
    }
}

#[test]
fn what_init_writes_runs_on_the_servers_it_found() {
    let place = Place::new();
    let servers = Servers::start(
        &place,
        "simulation: { time_scale: 0, servers: [{ name: one }, { name: two }], models: [{ name: 'qwen3:8b' }, \
         { name: 'nomic-embed-text:latest', capabilities: [embedding] }] }\n",
    );
    let mut words = vec!["init", "demo", "--workflow", "--pre-commit", "--editor", "--json"];
    words.extend(servers.options());
    let said = place.run(&words).expect(0).json();
    assert_eq!(said["model"], "qwen3:8b", "{said:#}");
    assert!(said["files"].as_array().expect("files").iter().all(|file| file["written"] == true));
    let cluster = fs::read_to_string(place.path("demo/cluster.yaml")).expect("a file");
    assert!(servers.urls.iter().all(|url| cluster.contains(url.as_str())), "{cluster}");
    assert!(cluster.contains("default_model: qwen3:8b"), "{cluster}");
    let inside = |words: &[&str]| {
        let mut command = place.command(words);
        crate::binary::Ran::of(command.current_dir(place.path("demo")).output().expect("it starts"))
    };
    inside(&["validate", "--strict", "."]).expect(0);
    let run = inside(&["run", "first", "--json"]).expect(0).json();
    assert_eq!(
        (&run["status"], &run["waves"][0]["tasks"][0]["model"]),
        (&"succeeded".into(), &"qwen3:8b".into())
    );
}

#[test]
fn init_keeps_what_is_there_and_needs_no_server() {
    let place = Place::new();
    place.write("cluster.yaml", "# mine\n");
    let dry = place.run(&["init", "--dry-run"]).expect(0).out;
    assert!(dry.contains("would write  patterns/first.yaml") && dry.contains("kept"), "{dry}");
    assert!(!place.path("patterns").exists());
    let mut command = place.command(&["init"]);
    // Nobody listens there, whatever runs on this machine.
    let ran = command.env("OLLAMA_HOST", "127.0.0.1:9").output().expect("it starts");
    crate::binary::Ran::of(ran).expect(0);
    assert_eq!(fs::read_to_string(place.path("cluster.yaml")).expect("a file"), "# mine\n");
    place.run(&["run", "first", "--simulate", "--quiet"]).expect(0);
    place.run(&["init", "cluster.yaml"]).expect(2);
}

#[test]
fn a_new_document_is_written_once() {
    let place = Place::new();
    let new =
        ["new", "pattern", "review", "--input", "text", "--agent", "Critic", "--agent", "Editor"];
    let said = place.run(&new).expect(0).out;
    let command = said.lines().find(|line| line.contains("partita run")).expect("a command");
    assert_eq!(command.trim(), "partita run review --simulate -i 'text=a text'");
    place.run(&["validate", "--strict"]).expect(0);
    let text = fs::read_to_string(place.path("patterns/review.yaml")).expect("a file");
    insta::assert_snapshot!("new_pattern", text);
    let again = place.run(&new).expect(2);
    assert!(again.err.contains("there is a pattern `review` already"), "{}", again.err);
    let taken = place.run(&["new", "team", "t", "--output", "patterns/review.yaml"]).expect(2);
    assert!(taken.err.contains("there is a file"), "{}", taken.err);
    assert_eq!(fs::read_to_string(place.path("patterns/review.yaml")).expect("a file"), text);
    let nameless = place.run(&["new", "pattern", "--json"]).expect(2).json();
    assert_eq!(nameless["error"]["exit_code"], 2);
}

#[test]
fn pages_of_a_pattern_and_a_team() {
    let place = Place::new();
    insta::assert_snapshot!(
        "patterns_show",
        place.run(&["patterns", "show", "staged_pipeline"]).expect(0).out
    );
    insta::assert_snapshot!(
        "teams_show",
        place.run(&["teams", "show", "launch_team"]).expect(0).out
    );
    let card = place.run(&["patterns", "show", "parallel_research", "--json"]).expect(0).json();
    for key in
        ["name", "summary", "inputs", "teams", "waves", "outputs", "uses", "example", "builtin"]
    {
        assert!(card.get(key).is_some(), "{key} is missing: {card:#}");
    }
    let near = place.run(&["teams", "show", "lunch_team"]).expect(2);
    assert!(near.err.contains("`launch_team`"), "{}", near.err);
}

#[test]
fn every_example_has_inputs_that_fit() {
    let project = Project::new(".");
    let mut seen = 0;
    for builtin in builtins() {
        let Ok(loaded) = load(&project, builtin.name) else { continue };
        let example = example_of(&loaded, builtin.name);
        let scope = loaded.compiled.plan.root();
        let typed = |(name, text): &(String, String)| (name.clone(), scope.read_typed(name, text));
        let values = example.inputs.iter().map(typed).collect();
        assert!(scope.bind_inputs(&values).is_ok(), "{}: {example:?}", builtin.name);
        seen += 1;
    }
    assert!(seen >= 10, "{seen}");
}
