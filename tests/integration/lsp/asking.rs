//! Completion, hover, definitions, outlines, repairs.

use serde_json::{Value, json};

use super::editor::{Editor, apply};
use super::{LAUNCH, PROJECT, REVIEW};
use crate::binary::{Place, Servers};

const FILE: &str = "patterns/launch.yaml";

fn open() -> Editor {
    let mut editor = Editor::open_folder(PROJECT);
    editor.open(FILE);
    editor
}

/// The file and the text of the line that a location leads to, from its place on.
fn target(editor: &Editor, location: &Value) -> String {
    let uri = location["uri"].as_str().expect("an address");
    let path = uri.strip_prefix("file://").expect("a file");
    let text = std::fs::read_to_string(path).expect("a file that can be opened");
    let line = location["range"]["start"]["line"].as_u64().expect("a line") as usize;
    let name = path
        .strip_prefix(&format!("{}/", editor.path("").display().to_string().trim_end_matches('/')));
    format!("{}: {}", name.unwrap_or(path), text.lines().nth(line).unwrap_or_default().trim())
}

#[test]
fn definitions_are_found_across_files() {
    let mut editor = open();
    for (marked, expected) in [
        ("{{ tasks.mar│ket.output.needs", "patterns/launch.yaml: market:"),
        ("{{ inputs['to│pic'] }}", "patterns/launch.yaml: topic: { type: string,"),
        ("'market_an│alyst'", "teams/crew.yaml: - { role: Market Analyst,"),
        ("uses: rev│iew", "patterns/review.yaml: pattern: { name: review,"),
        ("team: cr│ew", "teams/crew.yaml: team: { name: crew,"),
        ("with: { te│xt: '", "patterns/review.yaml: text: { type: string,"),
        ("tasks.check.output.ma│rk", "patterns/review.yaml: mark: "),
        ("from: [market, dr│aft]", "patterns/launch.yaml: draft:"),
    ] {
        let place = editor.at(FILE, LAUNCH, marked);
        let found = editor.ask("textDocument/definition", &place);
        let found = target(&editor, &found);
        assert!(found.starts_with(expected), "{marked}: {found}");
    }
    assert_eq!(editor.close(), Some(0));
}

#[test]
fn the_built_in_library_can_be_opened() {
    let text = "pattern: { name: p }\ntasks:\n  a: { uses: parallel_research }\n";
    let mut editor = Editor::open_folder(&[("patterns/p.yaml", text)]);
    editor.open("patterns/p.yaml");
    let place = editor.at("patterns/p.yaml", text, "parallel_res│earch");
    let found = editor.ask("textDocument/definition", &place);
    let found = target(&editor, &found);
    assert!(found.ends_with("parallel_research.yaml: name: parallel_research"), "{found}");
    assert_eq!(editor.close(), Some(0));
}

#[test]
fn references_are_counted_in_every_file() {
    let mut editor = open();
    for (marked, with, without) in [("  mar│ket:\n", 7, 6), ("to│pic: {", 3, 2)] {
        let mut place = editor.at(FILE, LAUNCH, marked);
        for (declared, expected) in [(true, with), (false, without)] {
            place["context"] = json!({ "includeDeclaration": declared });
            let found = editor.ask("textDocument/references", &place);
            assert_eq!(found.as_array().map(Vec::len), Some(expected), "{marked}: {found}");
        }
    }
    let place = editor.at(FILE, LAUNCH, "  dr│aft:\n");
    let found = editor.ask("textDocument/documentHighlight", &place);
    assert_eq!(found.as_array().map(Vec::len), Some(4), "{found}");
    assert_eq!(editor.close(), Some(0));
}

#[test]
fn what_is_under_the_cursor_is_explained() {
    let mut editor = open();
    for (marked, expected) in [
        ("{{ tasks.mar│ket.output.needs", "**market** (agent)"),
        ("{{ tasks.mar│ket.output.needs", "- output: `{ needs: [string] }`"),
        ("tasks.ch│eck.output", "- uses: `review`"),
        ("inputs['to│pic'", "About what 😀"),
        ("'market_an│alyst'", "Knows the market"),
        ("uses: rev│iew", "Reads a text and gives it a mark."),
        ("team: cr│ew", "Writes what others read"),
        ("    pro│mpt: >-", "What it is asked: a template."),
        ("strategy: cus│tom", "A template, or an agent with a prompt."),
        ("tasks.market.output.needs | bul│lets }}\\n", "(filter)"),
    ] {
        let place = editor.at(FILE, LAUNCH, marked);
        let found = editor.ask("textDocument/hover", &place);
        let text = found["contents"]["value"].as_str().unwrap_or_default();
        assert!(text.contains(expected), "{marked}: {text}");
    }
    assert_eq!(editor.close(), Some(0));
}

#[test]
fn completion_works_while_a_line_is_typed() {
    let mut editor = open();
    for (version, typed, expected) in [
        (2, "  extra:\n    agent: boss\n    prompt: \"{{ tasks.market.output.│", "needs"),
        (3, "  extra:\n    agent: │", "market_analyst"),
        (4, "  extra:\n    uses: review\n    with: { │", "text"),
        (5, "  extra:\n    │", "gate: approval"),
    ] {
        let (before, after) = LAUNCH.split_once("outputs:\n").expect("outputs");
        let text = format!("{before}{}\noutputs:\n{after}", typed.replace('│', ""));
        editor.change(FILE, version, &text);
        let place = editor.at(FILE, &text, typed);
        let found = editor.ask("textDocument/completion", &place);
        let labels: Vec<&str> =
            found.as_array().expect("a list").iter().filter_map(|i| i["label"].as_str()).collect();
        assert!(labels.contains(&expected), "{typed}: {labels:?}");
    }
    assert_eq!(editor.close(), Some(0));
}

#[test]
fn models_of_the_servers_are_offered() {
    let elsewhere = Place::new();
    let servers = Servers::start(
        &elsewhere,
        "simulation: { time_scale: 0, servers: [{ name: one }], models: [{ name: 'qwen3:8b' }] }\n",
    );
    let options: Vec<&str> = ["--online"].into_iter().chain(servers.options()).collect();
    let mut editor = Editor::open_folder_with(PROJECT, &options);
    editor.open(FILE);
    let (before, after) = LAUNCH.split_once("outputs:\n").expect("outputs");
    let typed = "  extra:\n    agent: boss\n    model: │";
    let text = format!("{before}{}\noutputs:\n{after}", typed.replace('│', ""));
    editor.change(FILE, 2, &text);
    let place = editor.at(FILE, &text, typed);
    // The servers are looked at beside the conversation; until they have answered nothing is known.
    let offers = (0..1_000).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        let found = editor.ask("textDocument/completion", &place);
        found.as_array().expect("a list").iter().any(|item| item["label"] == "qwen3:8b")
    });
    assert!(offers, "the model of the server is never offered");
    assert_eq!(editor.close(), Some(0));
}

#[test]
fn outlines_show_what_a_document_is_made_of() {
    let mut editor = open();
    let document = json!({ "textDocument": { "uri": editor.uri(FILE) } });
    let found = editor.ask("textDocument/documentSymbol", &document);
    let names: Vec<&str> =
        found.as_array().expect("a list").iter().filter_map(|s| s["name"].as_str()).collect();
    let expected = ["launch", "topic", "market", "draft", "check", "all", "text", "mark"];
    assert_eq!(names, expected);
    for symbol in found.as_array().expect("a list") {
        let (whole, name) = (&symbol["range"], &symbol["selectionRange"]);
        assert_eq!(whole["start"], name["start"], "{symbol}");
    }
    let found = editor.ask("workspace/symbol", &json!({ "query": "mrkt" }));
    let names: Vec<&str> =
        found.as_array().expect("a list").iter().filter_map(|s| s["name"].as_str()).collect();
    assert_eq!(names, ["market", "Market Analyst"]);
    assert_eq!(editor.close(), Some(0));
}

#[test]
fn tasks_without_waves_show_their_level() {
    let mut editor = open();
    let range = json!({
        "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 },
    });
    let params = json!({ "textDocument": { "uri": editor.uri(FILE) }, "range": range });
    let found = editor.ask("textDocument/inlayHint", &params);
    let labels: Vec<&str> =
        found.as_array().expect("a list").iter().filter_map(|h| h["label"].as_str()).collect();
    assert_eq!(labels, ["level 1", "level 2", "level 3", "level 3"]);
    assert_eq!(editor.close(), Some(0));
}

#[test]
fn repairs_are_made_as_they_are_offered() {
    let broken =
        REVIEW.replace("agent: boss", "agent: bos").replace("output.mark", "output.mark | upperr");
    let mut files = PROJECT.to_vec();
    files.push(("patterns/review.yaml", &broken));
    let mut editor = Editor::open_folder(&files);
    editor.open("patterns/review.yaml");
    let found = editor.findings("patterns/review.yaml", Some(1));
    let finding = found.iter().find(|found| found["code"] == "unknown-agent").expect("a finding");
    let params = json!({
        "textDocument": { "uri": editor.uri("patterns/review.yaml") },
        "range": finding["range"],
        "context": { "diagnostics": [finding], "only": ["quickfix"] },
    });
    let actions = editor.ask("textDocument/codeAction", &params);
    assert_eq!(actions[0]["diagnostics"][0]["code"], "unknown-agent", "{actions}");
    apply(&actions[0]["edit"]);
    assert!(editor.text("patterns/review.yaml").contains("agent: boss"));
    assert_eq!(editor.close(), Some(0));
}

#[test]
fn all_safe_repairs_are_those_of_validate_fix() {
    let text = "pattern: { name: p, summary: x }\nteam: crew\ntasks:\n  a:\n    agent: boss\n    \
        prompt: x\n  b:\n    agent: boss\n    prompt: y\n    needs: [a, a]\n";
    let mut files = PROJECT.to_vec();
    files.push(("patterns/p.yaml", text));
    let mut editor = Editor::open_folder(&files);
    editor.open("patterns/p.yaml");
    let params = json!({
        "textDocument": { "uri": editor.uri("patterns/p.yaml") },
        "range": { "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 0 } },
        "context": { "diagnostics": [], "only": ["source.fixAll"] },
    });
    let actions = editor.ask("textDocument/codeAction", &params);
    assert_eq!(actions.as_array().map(Vec::len), Some(1), "{actions}");
    apply(&actions[0]["edit"]);
    let repaired = editor.text("patterns/p.yaml");
    editor.place.write("patterns/p.yaml", text);
    editor.place.run(&["validate", "patterns/p.yaml", "--fix"]);
    assert_eq!(repaired, editor.text("patterns/p.yaml"));
    assert_ne!(repaired, text);
    assert_eq!(editor.close(), Some(0));
}
