//! Keys, with what they are for and what follows them.

use lsp_types::CompletionItemKind;
use serde_json::Value;

use super::Scene;
use super::candidate::{Candidate, Rank};
use super::cursor::Step;
use super::shapes::{Shapes, resolve};
use crate::language::document::{DocumentKind, VerbKind, verb_of_task};
use crate::language::source::value_at;

/// Keys whose values are long texts.
const LONG_TEXTS: [&str; 3] = ["prompt", "instructions", "template"];

/// The beginnings of documents, for an empty file.
const KINDS: [(&str, &str, &str); 5] = [
    (
        "pattern",
        "a reusable orchestration",
        "pattern:\n  name: ${1:name}\n  summary: ${2:What comes out of it.}\nteam: ${3:team}\n\
         inputs:\n  ${4:topic}: { type: string, description: ${5:What it is about} }\ntasks:\n  $0",
    ),
    (
        "pipeline",
        "an executable file",
        "pipeline:\n  name: ${1:name}\n  summary: ${2:What comes out of it.}\ntasks:\n  $0",
    ),
    (
        "team",
        "agents and who reports to whom",
        "team:\n  name: ${1:name}\n  purpose: ${2:What it is there for}\nagents:\n  \
         - role: ${3:Lead}\n    purpose: $0",
    ),
    ("cluster", "servers and how they are used", "cluster:\n  servers:\n    - url: $0"),
    ("simulation", "how simulated servers behave", "simulation:\n  $0"),
];

/// Whole tasks, by verb.
const TASKS: [(VerbKind, &str); 9] = [
    (VerbKind::Agent, "agent: ${1:agent}\nprompt: |\n  $0"),
    (VerbKind::Uses, "uses: ${1:pattern}\nwith:\n  $0"),
    (VerbKind::Synthesize, "synthesize:\n  from: [$1]\n  strategy: ${2:consensus}$0"),
    (
        VerbKind::Expand,
        "expand:\n  agent: ${1:agent}\n  prompt: |\n    ${2:What is to be done}\n  catalogue: { agents: [$0] }",
    ),
    (VerbKind::Tool, "tool: ${1:server.tool}\nwith:\n  $0"),
    (VerbKind::Check, "gate: check\ncondition: $0"),
    (
        VerbKind::Review,
        "gate: review\nof: tasks.${1:draft}.output\ncriteria:\n  - ${2:Every claim is in the sources.}\n\
         reviewers: [${3:agent}]$0",
    ),
    (VerbKind::Approval, "gate: approval\nask: ${1:Go on?}\noptions: [${2:go, no_go}]$0"),
    (VerbKind::Send, "send: ${1:delegation}\nto: ${2:agent}\nbody: |\n  $0"),
];

/// What can begin a document.
pub(super) fn kinds() -> Vec<Candidate> {
    let candidate = |(key, detail, snippet): &(&str, &str, &str)| {
        Candidate::new(*key, CompletionItemKind::MODULE)
            .detail(*detail)
            .text(format!("{key}:"))
            .snippet(*snippet)
    };
    KINDS.iter().map(candidate).collect()
}

/// The keys that the mapping at the cursor may have and does not.
pub(super) fn keys(scene: &Scene<'_>, kind: DocumentKind) -> Vec<Candidate> {
    let shapes = Shapes::at(kind, &scene.cursor.path, scene.value());
    let own = scene.value_here();
    let is_there =
        |name: &str| own.is_some_and(|own| own.get(name).is_some()) && name != scene.cursor.word;
    let mut found = Vec::new();
    let is_task_without_verb = scene.task_path().is_some_and(|(_, rest)| rest.is_empty())
        && own.and_then(Value::as_object).and_then(verb_of_task).is_none();
    if is_task_without_verb {
        found.extend(verbs(scene));
    }
    if holds_tasks(&scene.cursor.path) {
        found.extend(whole_tasks(scene));
    }
    for key in shapes.keys() {
        // Until its verb is there, a task has the keys that every verb has.
        let is_open = !is_task_without_verb || shapes.all_have(key.name);
        if is_there(key.name) || !is_open {
            continue;
        }
        let rank = if key.is_required { Rank::Required } else { Rank::Usual };
        let candidate = Candidate::new(key.name, CompletionItemKind::PROPERTY)
            .documentation(Shapes::describe(key.schema, shapes.root()))
            .rank(rank);
        let candidate = if key.is_required && !is_task_without_verb {
            candidate.detail("required")
        } else {
            candidate
        };
        found.push(followed(candidate, key.name, resolve(shapes.root(), key.schema), scene));
    }
    found
}

/// A key with its colon and a place for its value.
fn followed(candidate: Candidate, name: &str, schema: &Value, scene: &Scene<'_>) -> Candidate {
    let plain = format!("{name}: ");
    if scene.cursor.in_flow {
        return candidate.text(plain);
    }
    let is = |kind: &str| schema.get("type").is_some_and(|own| own == kind);
    let of_mappings = value_at(schema, "/items/$ref").is_some();
    if LONG_TEXTS.contains(&name) {
        candidate.text(plain).snippet(format!("{name}: |\n  $0"))
    } else if is("object") {
        candidate.text(format!("{name}:")).snippet(format!("{name}:\n  $0"))
    } else if is("array") && of_mappings {
        candidate.text(format!("{name}:")).snippet(format!("{name}:\n  - $0"))
    } else if is("array") {
        candidate.text(plain).snippet(format!("{name}: [$0]"))
    } else {
        candidate.text(plain)
    }
}

/// The keys that make a task what it is, each with what it needs.
fn verbs(scene: &Scene<'_>) -> Vec<Candidate> {
    let verb = |(verb, snippet): &(VerbKind, &'static str)| {
        let (key, value) = verb.key();
        let label = value.map_or_else(|| key.to_owned(), |value| format!("{key}: {value}"));
        let candidate = Candidate::new(label.clone(), CompletionItemKind::KEYWORD)
            .detail(verb_in_words(*verb))
            .text(if value.is_some() { label } else { format!("{key}: ") })
            .rank(Rank::Required);
        if scene.cursor.in_flow { candidate } else { candidate.snippet(*snippet) }
    };
    TASKS.iter().map(verb).collect()
}

fn whole_tasks(scene: &Scene<'_>) -> Vec<Candidate> {
    if scene.cursor.in_flow {
        return Vec::new();
    }
    let task = |(verb, snippet): &(VerbKind, &'static str)| {
        // Places to fill in count on from that of the name.
        let inner = renumbered(snippet).replace('\n', "\n  ");
        Candidate::new(format!("task: {}", verb.as_str()), CompletionItemKind::SNIPPET)
            .detail(verb_in_words(*verb))
            .text("")
            .snippet(format!("${{1:name}}:\n  {inner}"))
    };
    TASKS.iter().map(task).filter(|_| scene.takes_snippets).collect()
}

fn renumbered(snippet: &str) -> String {
    snippet.replace("${2", "${3").replace("${1", "${2").replace("$1", "$2")
}

pub(super) fn verb_in_words(verb: VerbKind) -> &'static str {
    match verb {
        VerbKind::Agent => "asks one agent",
        VerbKind::Uses => "runs another pattern",
        VerbKind::Synthesize => "makes one result of several",
        VerbKind::Expand => "an agent plans, and the plan is carried out",
        VerbKind::Tool => "calls a tool, without a model",
        VerbKind::Check => "an expression that must be true",
        VerbKind::Review => "agents decide by criteria",
        VerbKind::Approval => "a person decides",
        VerbKind::Send => "posts a message to agents",
    }
}

/// Whether a path leads to a mapping of tasks.
fn holds_tasks(path: &[Step]) -> bool {
    let is = |step: &Step, name: &str| matches!(step, Step::Key(key) if key == name);
    match path {
        [tasks] => is(tasks, "tasks"),
        [waves, Step::Item(_), tasks] => is(waves, "waves") && is(tasks, "tasks"),
        _ => false,
    }
}
