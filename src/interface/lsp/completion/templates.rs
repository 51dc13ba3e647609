//! Names inside templates.

use lsp_types::CompletionItemKind;
use serde_json::Value;

use super::Scene;
use super::candidate::{Candidate, Rank};
use super::expression::{Local, Naming, PathStep, locals, naming, open_expression, resolved};
use crate::language::document::VerbKind;
use crate::language::plan::TaskSketch;
use crate::language::source::value_at;
use crate::language::template::{Type, glossary};

/// Words that begin a statement.
const STATEMENTS: [(&str, &str); 6] = [
    ("for", "for ${1:item} in ${2:list} %}\n$0\n{% endfor"),
    ("if", "if ${1:condition} %}$0{% endif"),
    ("else", "else"),
    ("endfor", "endfor"),
    ("endif", "endif"),
    ("set", "set ${1:name} = $0"),
];

/// What can be named at the end of a template's text; `None` where no expression is open.
pub(super) fn names(scene: &Scene<'_>, text: &str) -> Option<Vec<Candidate>> {
    let (before, is_statement) = match open_expression(text) {
        Some(open) => open,
        None if scene.is_expression() => (text, false),
        None => return None,
    };
    Some(match naming(before, is_statement) {
        Naming::Statement => STATEMENTS
            .iter()
            .map(|(word, snippet)| {
                Candidate::new(*word, CompletionItemKind::KEYWORD).snippet(*snippet)
            })
            .collect(),
        Naming::Filter => words(glossary::FILTERS, CompletionItemKind::FUNCTION),
        Naming::Test => words(glossary::TESTS, CompletionItemKind::OPERATOR),
        Naming::Variable => variables(scene, &locals(text)),
        Naming::Field(path) => fields(scene, &resolved(path, &locals(text))),
    })
}

fn words(words: &[(&'static str, &'static str)], kind: CompletionItemKind) -> Vec<Candidate> {
    words
        .iter()
        .map(|(word, meaning)| Candidate::new(*word, kind).documentation(Some(*meaning)))
        .collect()
}

fn variables(scene: &Scene<'_>, locals: &[Local]) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for (name, _) in locals.iter().rev() {
        if !found.iter().any(|candidate| candidate.label == *name) {
            found.push(
                Candidate::new(name.clone(), CompletionItemKind::VARIABLE).rank(Rank::Required),
            );
        }
    }
    let variable = |name: &str, meaning: &'static str| {
        Candidate::new(name, CompletionItemKind::VARIABLE).detail(meaning)
    };
    found.push(variable("inputs", "what the caller gives"));
    found.push(variable("tasks", "what tasks have made"));
    if scene.reads_results() {
        found.push(variable("results", "what is put together"));
    }
    let functions = words(glossary::FUNCTIONS, CompletionItemKind::FUNCTION);
    found.extend(functions.into_iter().map(|function| function.rank(Rank::Rare)));
    found
}

fn fields(scene: &Scene<'_>, path: &[PathStep]) -> Vec<Candidate> {
    let Some(sketch) = &scene.sketch else { return Vec::new() };
    let names: Vec<&str> = path.iter().map(PathStep::name).collect();
    match names.as_slice() {
        ["inputs"] => {
            sketch.inputs.iter().map(|(name, declared)| input(scene, name, declared)).collect()
        }
        ["tasks"] => {
            let reader = scene.task_path().map(|(task, _)| task);
            sketch.may_be_needed_by(reader).into_iter().map(task).collect()
        }
        ["results"] if scene.reads_results() => {
            let own = scene.task_path().and_then(|(name, _)| sketch.task(name));
            let from = own.and_then(|own| value_at(own.value, "/synthesize/from")?.as_array());
            let from = from.into_iter().flatten().filter_map(Value::as_str);
            from.filter_map(|name| sketch.task(name)).map(task).collect()
        }
        ["tasks", name] => {
            let properties = sketch.task(name).map_or(&[][..], |task| task.properties);
            properties.iter().map(|property| field(scene, path, property)).collect()
        }
        ["loop"] => {
            let names = ["index", "index0", "first", "last", "length"];
            names.map(|name| Candidate::new(name, CompletionItemKind::FIELD)).into()
        }
        _ => {
            let value = scene.type_of(path).unwrap_or(Type::Any);
            let fields = value.fields().into_iter();
            fields
                .map(|(name, field)| {
                    Candidate::new(name, CompletionItemKind::FIELD).detail(field.value.to_string())
                })
                .collect()
        }
    }
}

fn field(scene: &Scene<'_>, path: &[PathStep], name: &str) -> Candidate {
    let mut path = path.to_vec();
    path.push(PathStep::Field(name.to_owned()));
    let value = scene.type_of(&path).unwrap_or(Type::Any);
    Candidate::new(name, CompletionItemKind::FIELD).detail(value.to_string())
}

fn input(scene: &Scene<'_>, name: &str, declared: &Value) -> Candidate {
    let inputs = [PathStep::Field("inputs".to_owned())];
    let described = declared.get("description").and_then(Value::as_str);
    let candidate = field(scene, &inputs, name).documentation(described);
    Candidate { kind: CompletionItemKind::VARIABLE, ..candidate }
}

/// A task, wherever one can be named.
pub(super) fn task(task: &TaskSketch<'_>) -> Candidate {
    let word = |key: &str| task.value.get(key).and_then(Value::as_str);
    let verb = task.verb.map(VerbKind::as_str).unwrap_or_default();
    let who = word("agent").or_else(|| word("uses"));
    Candidate::new(task.name, CompletionItemKind::FUNCTION)
        .detail(who.map_or_else(|| verb.to_owned(), |who| format!("{verb}: {who}")))
        .documentation(word("description"))
}
