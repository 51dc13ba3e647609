//! Renaming: in every file, in scalars of every style, and never to something that breaks.

use serde_json::json;

use super::editor::{Editor, apply};
use super::{LAUNCH, PROJECT, REVIEW, TEAM};

fn errors(editor: &Editor) -> String {
    editor.place.run(&["validate", "--format", "json"]).out
}

/// Renames what is at a place of a file and validates the result. Gives the texts of the three
/// files that have changed.
fn check(name: &str, text: &str, marked: &str, new: &str, gone: &str) -> Vec<String> {
    let mut editor = Editor::open_folder(PROJECT);
    editor.open(name);
    let before = errors(&editor);
    let mut place = editor.at(name, text, marked);
    let prepared = editor.ask("textDocument/prepareRename", &place);
    assert_eq!(prepared["placeholder"], gone, "{marked}: {prepared}");
    place["newName"] = json!(new);
    let edit = editor.ask("textDocument/rename", &place);
    apply(&edit);
    assert_eq!(errors(&editor), before, "{marked}");
    let changed = PROJECT.iter().map(|(name, text)| (editor.text(name), *text));
    changed.filter(|(now, before)| now != before).map(|(now, _)| now).collect()
}

/// That a name is refused, and why.
fn check_refused(marked: &str, new: &str, reason: &str) {
    let mut editor = Editor::open_folder(PROJECT);
    editor.open("patterns/launch.yaml");
    let mut place = editor.at("patterns/launch.yaml", LAUNCH, marked);
    place["newName"] = json!(new);
    let answer = editor.answer("textDocument/rename", &place);
    let message = answer["error"]["message"].as_str().unwrap_or_default();
    assert!(message.contains(reason), "{marked} to {new}: {answer}");
}

#[test]
fn a_task_has_its_new_name_in_templates_of_every_style() {
    let texts = check("patterns/launch.yaml", LAUNCH, "  mar│ket:\n", "demand", "market");
    let expected = LAUNCH
        .replace("  market:\n", "  demand:\n")
        .replace("tasks.market", "tasks.demand")
        .replace("tasks[\\\"market\\\"]", "tasks[\\\"demand\\\"]")
        .replace("[market", "[demand")
        .replace("results.market", "results.demand");
    assert_eq!(texts, [expected]);
}

#[test]
fn an_input_has_its_new_name_where_it_is_given() {
    let texts = check("patterns/review.yaml", REVIEW, "te│xt: {", "manuscript", "text");
    let callee =
        REVIEW.replace("  text: {", "  manuscript: {").replace("inputs.text", "inputs.manuscript");
    assert_eq!(texts, [callee, LAUNCH.replace("{ text: '", "{ manuscript: '")]);
}

#[test]
fn an_agent_has_its_new_name_by_role_and_by_id() {
    let texts = check(
        "patterns/launch.yaml",
        LAUNCH,
        "'market_an│alyst'",
        "buyers_voice",
        "market_analyst",
    );
    let team = TEAM.replace("Market Analyst", "Buyers Voice");
    let caller = LAUNCH
        .replace("agent: Market Analyst", "agent: Buyers Voice")
        .replace("market_analyst", "buyers_voice");
    assert_eq!(texts, [team, caller]);
    let texts = check("teams/crew.yaml", TEAM, "id: bo│ss", "chief", "boss");
    assert_eq!(texts, [TEAM.replace("boss", "chief"), REVIEW.replace("boss", "chief")]);
}

#[test]
fn documents_and_outputs_have_new_names_too() {
    let texts = check("patterns/launch.yaml", LAUNCH, "uses: rev│iew", "reading", "review");
    let callee = REVIEW.replace("name: review", "name: reading");
    assert_eq!(texts, [callee, LAUNCH.replace("uses: review", "uses: reading")]);
    let texts = check("patterns/review.yaml", REVIEW, "  ma│rk: \"", "grade", "mark");
    let callee = REVIEW.replace("\n  mark: \"", "\n  grade: \"");
    assert_eq!(texts, [callee, LAUNCH.replace("check.output.mark", "check.output.grade")]);
}

const STAFFED: &str = "\
pattern: { name: staffed, summary: A post writes and another reads. }
team:
  name: desk
  agents:
    - { role: Head, layer: lead, domain: news }
    - { role: Ann, layer: contributor, domain: news, reports_to: head }
    - { role: Bob, layer: contributor, domain: news, reports_to: head }
staff:
  author: { domain: news }
  peer: { peer_of: author, never: [author, head] }
tasks:
  write: { agent: 'author', prompt: Write. }
  read: { gate: review, of: tasks.write.output, criteria: [True.], reviewers: [peer], revise: { agent: author } }
outputs: { text: \"{{ tasks.read.output.result }}\" }
";

const USER: &str = "\
pattern: { name: user, summary: Says who writes. }
team: { name: other, agents: [{ role: Guest }] }
tasks:
  it: { uses: staffed, agents: { author: guest } }
outputs: { text: \"{{ tasks.it.output.text }}\" }
";

#[test]
fn a_post_has_its_new_name_wherever_it_is_named() {
    let (file, user) = ("patterns/staffed.yaml", "patterns/user.yaml");
    let mut editor = Editor::open_folder(&[(file, STAFFED), (user, USER)]);
    editor.open(file);
    let before = errors(&editor);
    let outline = editor.ask("textDocument/documentSymbol", &editor.at(file, STAFFED, "│pattern"));
    let names = outline.as_array().into_iter().flatten();
    let names: Vec<&str> = names.filter_map(|symbol| symbol["name"].as_str()).collect();
    assert!(names.contains(&"author") && names.contains(&"peer"), "{outline}");
    let mut place = editor.at(file, STAFFED, "peer_of: au│thor");
    let found = editor.ask("textDocument/definition", &place);
    assert_eq!(found["range"]["start"]["line"], 8, "{found}");
    for (name, reason) in [
        ("peer", "the name `peer` is taken"),
        ("The Author", "`The Author` cannot be a name here"),
        ("ann", "the new name would break something"),
    ] {
        place["newName"] = json!(name);
        let answer = editor.answer("textDocument/rename", &place);
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(reason), "{name}: {answer}");
    }
    place["newName"] = json!("writer");
    apply(&editor.ask("textDocument/rename", &place));
    assert_eq!(errors(&editor), before);
    assert_eq!(editor.text(file), STAFFED.replace("author", "writer"));
    assert_eq!(editor.text(user), USER.replace("author", "writer"));
}

#[test]
fn names_that_cannot_be_are_refused() {
    check_refused("  mar│ket:\n", "draft", "the name `draft` is taken");
    check_refused("  mar│ket:\n", "New Market", "`New Market` cannot be a name here");
    check_refused("  mar│ket:\n", "", "`` cannot be a name here");
    check_refused("  mar│ket:\n", "null", "the new name would break something");
    check_refused("'market_an│alyst'", "Lead Editor: the best", "cannot be an agent's name");
    check_refused("'market_an│alyst'", "boss", "the name `boss` is taken");
    check_refused("uses: rev│iew", "launch", "the name `launch` is taken");
    check_refused("pro│mpt: >-", "x", "there is no name here");
}

#[test]
fn the_built_in_library_keeps_its_names() {
    let text =
        "pattern: { name: p }\nteam: launch_team\ntasks:\n  a: { agent: launch_lead, prompt: x }\n";
    let mut editor = Editor::open_folder(&[("patterns/p.yaml", text)]);
    editor.open("patterns/p.yaml");
    let place = editor.at("patterns/p.yaml", text, "launch_│lead");
    let answer = editor.answer("textDocument/prepareRename", &place);
    let message = answer["error"]["message"].as_str().unwrap_or_default();
    assert_eq!(message, "`launch_lead` is part of the built-in library", "{answer}");
}
