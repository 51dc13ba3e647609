//! Documents against the servers on which they are to run.

use std::path::Path;

use partita::interface::app::{
    Lacking, Project, Sight, Sights, Validation, check_online, validate,
};
use partita::language::diagnostic::Diagnostic;
use partita::language::document::{Body, ClusterSettings, Document, Library, LintSettings};
use partita::language::plan::compile;
use partita::runtime::cluster::{ModelInfo, ServerReport};

use crate::binary::{Place, Servers};

/// Models with what they can do and the window they were trained with, in tokens.
const MODELS: [(&str, &[&str], u64); 5] = [
    ("llama3.1:8b", &["completion", "tools"], 131_072),
    ("qwen3:8b", &["completion", "tools"], 40_960),
    ("tiny:1b", &["completion"], 32_768),
    ("small:1b", &["completion"], 4_096),
    ("nomic-embed-text:latest", &["embedding"], 2_048),
];

fn report(url: &str, trouble: Option<&str>) -> ServerReport {
    let model = |(name, able, window): (&str, &[&str], u64)| ModelInfo {
        name: name.to_owned(),
        capabilities: Some(able.iter().map(|able| (*able).to_owned()).collect()),
        context_length: Some(window),
        size: window,
        digest: if url.contains("older") { "b" } else { "a" }.repeat(64),
        ..ModelInfo::default()
    };
    ServerReport {
        name: url.to_owned(),
        url: url.to_owned(),
        trouble: trouble.map(str::to_owned),
        version: None,
        is_simulated: false,
        models: trouble.is_none().then(|| MODELS.map(model).to_vec()),
        resident: None,
    }
}

/// What is seen where every document runs on the servers of one file, or on one server where that
/// names none: the first server has all models, the others are away, but one that is `older` has others
/// under the same names.
pub(crate) fn sights(validation: &Validation, file: &Path) -> Sights {
    let library = &validation.library;
    let own = library.project_documents().find_map(|document| match document.body() {
        Some(Body::Cluster(cluster)) => Some(cluster.cluster.clone()),
        _ => None,
    });
    let cluster = own.unwrap_or_else(|| ClusterSettings::of_urls(["http://gpu1:11434".to_owned()]));
    let is_up = |place: usize, url: &str| place == 0 || url.contains("older");
    let away = |place: usize, url: &str| {
        (!is_up(place, url)).then_some("Connection refused (os error 111)")
    };
    let servers = cluster.servers.iter().enumerate();
    let reports =
        servers.map(|(place, server)| report(&server.url, away(place, &server.url))).collect();
    let by = file.display().to_string();
    Sights {
        seen: vec![Sight { cluster, by, reports, model: None }],
        places: library.project_documents().map(|document| (document.source(), 0)).collect(),
        lacking: library
            .project_documents()
            .flat_map(|document| lacking(library, document))
            .collect(),
    }
}

/// No server that is called `gone` has any tools.
fn lacking(library: &Library, document: &Document) -> Vec<Lacking> {
    let Ok(compiled) = compile(library, document) else { return Vec::new() };
    let boxes = compiled.plan.asks().filter_map(|(_, ask)| ask.tools.as_deref());
    let gone = boxes.filter(|toolbox| toolbox.servers().contains("gone"));
    gone.map(|toolbox| Lacking {
        document: document.source(),
        toolbox: toolbox.clone(),
        trouble: "the tool server `gone` fails: it did not answer in 60 s".to_owned(),
    })
    .collect()
}

fn check(files: &[(&str, &str)], expected: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut project = Project::new(folder.path());
    for (name, text) in files {
        project.unsaved.insert(folder.path().join(name), (*text).to_owned());
    }
    let paths: Vec<_> = files.iter().map(|(name, _)| folder.path().join(name)).collect();
    let settings = LintSettings::default();
    let mut found = validate(&project, &paths, &settings).expect("documents");
    let sights = sights(&found, &folder.path().join("cluster.yaml"));
    let skipped = check_online(&mut found, &settings, &sights);
    let shown = |found_here: &Diagnostic| {
        let sources = found.library.sources();
        let span = found_here.primary.span;
        let source = sources.get(span.source).expect("a source");
        format!("{}: {}: {}", source.span_text(span), found_here.code, found_here.message)
    };
    let lines: Vec<String> = found.diagnostics.iter().map(shown).collect();
    assert_eq!(lines, expected);
    skipped.iter().map(|skipped| skipped.code.to_string()).collect()
}

const HEAD: &str =
    "pattern: { name: own, summary: A test. }\nteam: { name: t, agents: [{ role: A }] }\n";

#[test]
fn the_place_is_where_the_model_is_named() {
    let task = |more: &str| format!("{HEAD}tasks: {{ a: {{ agent: a, prompt: x{more} }} }}\n");
    check(&[("own.yaml", &task(""))], &[]);
    check(&[("own.yaml", &task(", model: 'llama3.1:8B'"))], &[]);
    check(
        &[("own.yaml", &task(", model: nothing"))],
        &["nothing: unknown-model: no server has the model `nothing`"],
    );
    check(
        &[("own.yaml", &(task("") + "defaults: { model: 'tiny:2b' }\n"))],
        &["'tiny:2b': unknown-model: no server has the model `tiny:2b`"],
    );
    check(
        &[
            ("own.yaml", &task("")),
            ("cluster.yaml", "cluster: { servers: [gpu1], default_model: gone }\n"),
        ],
        &["gone: unknown-model: no server has the model `gone`"],
    );
}

#[test]
fn models_of_those_who_take_a_task_up_have_their_places() {
    let own = |agent: &str, task: &str, defaults: &str| {
        format!(
            "pattern: {{ name: own, summary: A test. }}\nteam: {{ name: t, agents: [{{ role: A{agent} }}] }}\ndefaults: {{ \
             models: {{ {defaults} }} }}\ntasks: {{ a: {{ agent: a, prompt: x{task} }} }}\n"
        )
    };
    let check = |agent: &str, task: &str, defaults: &str, expected: &[&str]| {
        check(&[("own.yaml", &own(agent, task, defaults))], expected);
    };
    let nothing = "nothing: unknown-model: no server has the model `nothing`";
    let task =
        ", model: 'qwen3:8b', on_failure: { escalate: [{ model: 'tiny:1b' }, { model: nothing }] }";
    check("", task, "", &[nothing]);
    let stood_in_for = "nothing: model-stood-in-for: no server has the model `nothing`; `qwen3:8b` is there in its stead";
    let fallbacks = ", model: 'qwen3:8b', fallback_models: ['tiny:1b', nothing]";
    check(fallbacks, "", "", &[stood_in_for]);
    // As a run would: it starts, and asks the one that is there.
    check(", model: nothing, fallback_models: ['qwen3:8b']", "", "", &[stood_in_for]);
    check("", ", model: nothing, on_failure: { escalate: [{ model: 'tiny:1b' }] }", "", &[nothing]);
    check(
        ", model: nothing, fallback_models: [nothing_either]",
        "",
        "",
        &[nothing, "nothing_either: unknown-model: no server has the model `nothing_either`"],
    );
    let complex = ", complexity: high";
    check(", model: 'qwen3:8b'", complex, "low: 'qwen3:8b', high: nothing", &[nothing]);
    check(", model: 'qwen3:8b'", complex, "low: nothing, high: 'tiny:1b'", &[]);
}

#[test]
fn what_the_library_says_is_shown_where_it_is_used() {
    let caller = "pattern: { name: own, summary: A test. }\ninputs: { q: string }\ndefaults: { model: 'tiny:3b' }\n\
                  tasks:\n  a: { uses: parallel_research, with: { question: '{{ inputs.q }}' } }\n";
    check(
        &[("own.yaml", caller)],
        &["'tiny:3b': unknown-model: no server has the model `tiny:3b`"],
    );
    let small = caller.replace("tiny:3b", "nomic-embed-text");
    check(
        &[("own.yaml", &small)],
        &["'nomic-embed-text': model-cannot-chat: `nomic-embed-text` only makes vectors"],
    );
    let narrow = caller.replace("tiny:3b", "small:1b");
    let message = "`small:1b` has a window of 4096 tokens, not 8192 (in `parallel_research`)";
    check(&[("own.yaml", &narrow)], &[&format!("parallel_research: context-too-large: {message}")]);
}

#[test]
fn what_is_done_several_times_has_its_place_too() {
    let own = format!(
        "{HEAD}tasks:\n  a: {{ for_each: [x, y], agent: a, prompt: '{{{{ item }}}}', model: nothing }}\n"
    );
    check(&[("own.yaml", &own)], &["nothing: unknown-model: no server has the model `nothing`"]);
    let part = format!("{HEAD}inputs: {{ q: string }}\ntasks:\n  p:\n    {{ for_each: [x, y], agent: a, prompt: '{{{{ item }}}} {{{{ inputs.q }}}}', model: gone }}\n")
        .replace("name: own", "name: part");
    let caller = "pattern: { name: own, summary: A test. }\n\
                  tasks:\n  a: { for_each: [x, y], uses: part, with: { q: '{{ item }}' } }\n";
    check(
        &[("own.yaml", caller), ("part.yaml", &part)],
        &["gone: unknown-model: no server has the model `gone`"],
    );
}

#[test]
fn a_server_that_is_away_may_have_the_model() {
    let own = format!("{HEAD}tasks: {{ a: {{ agent: a, prompt: x, model: elsewhere }} }}\n");
    let cluster = "cluster: { servers: [gpu1, { url: gpu2 }] }\n";
    let skipped = check(
        &[("own.yaml", &own), ("cluster.yaml", cluster)],
        &["gpu2: server-unreachable: `gpu2` does not answer: Connection refused (os error 111)"],
    );
    assert_eq!(skipped, ["unknown-model"]);
}

#[test]
fn comments_allow_warnings_of_servers_offline_and_online() {
    let cluster = "cluster:\n  servers:\n    - gpu1\n    - gpu2  # partita: allow(server-unreachable) it sleeps at night\n";
    check(&[("cluster.yaml", cluster)], &[]);
    let place = Place::new();
    place.write("cluster.yaml", cluster);
    place.run(&["validate", "--strict"]).expect(0);
}

#[test]
fn simulated_servers_are_asked() {
    let place = Place::new();
    let servers = Servers::start(
        &place,
        "simulation: { time_scale: 0, servers: [{ name: one }], models: [{ name: 'qwen3:8b', context_length: 4096, \
         capabilities: [completion] }] }\n",
    );
    let own = format!(
        "{HEAD}defaults: {{ options: {{ num_ctx: 8192 }} }}\ntasks:\n  a: {{ agent: a, prompt: x }}\n  \
         b: {{ agent: a, prompt: '{{{{ tasks.a.output }}}}', model: 'qwen3:4b', options: {{ num_ctx: 2048 }} }}\n"
    );
    place.write("patterns/own.yaml", &own);
    place.write("cluster.yaml", &format!("cluster: {{ servers: ['{}'] }}\n", servers.urls[0]));
    let offline = place.run(&["validate", "--json"]).expect(0).json();
    let codes = |said: &serde_json::Value, list: &str| -> Vec<String> {
        let entries = said[list].as_array().expect("a list").iter();
        entries.map(|entry| entry["code"].as_str().expect("a code").to_owned()).collect()
    };
    let skipped = codes(&offline, "skipped");
    assert!(skipped.contains(&"unknown-model".to_owned()), "{offline:#}");
    assert!(!skipped.contains(&"model-without-tools".to_owned()), "{offline:#}");
    let text = place.run(&["validate"]).expect(0).out;
    let last = format!("{} checks need a cluster: --online\n", skipped.len());
    assert!(text.ends_with(&last), "{text}");
    let online = place.run(&["validate", "--online", "--json"]).expect(1).json();
    assert_eq!(codes(&online, "diagnostics"), ["context-too-large", "unknown-model"]);
    assert_eq!(codes(&online, "skipped"), [""; 0]);
    let dark = place.run(&["validate", "--online", "--server", "127.0.0.1:9"]).expect(3);
    assert!(dark.err.contains("does not answer"), "{}", dark.err);
    assert!(dark.out.contains("not made: no word from http://127.0.0.1:9"), "{}", dark.out);
    place.run(&["validate", "--server", "gpu1"]).expect(2);
}
