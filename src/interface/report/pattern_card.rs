//! One pattern or pipeline on a page: what it is for, what it takes, who works, what comes out.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::paint::Paint;
use super::picture::waves_picture;
use super::plan::plan_json;
use super::shell::example_command;
use crate::interface::app::{Example, Loaded};
use crate::language::document::{Document, InputDeclaration};
use crate::language::plan::{Plan, Work};
use crate::language::source::{Source, Surroundings, write_value};

/// A pattern or pipeline for people.
pub fn pattern_card_text(loaded: &Loaded, example: &Example, paint: Paint) -> String {
    let plan = &loaded.compiled.plan;
    let mut text = format!("{}  {}\n", paint.bold(&plan.name), plan.summary);
    let header = header(loaded);
    for (key, title) in [("when_to_use", "for"), ("when_not_to_use", "not for")] {
        for situation in header[key].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let _ = writeln!(text, "  {} {situation}", paint.dim(&format!("{title}:")));
        }
    }
    inputs_text(loaded, paint, &mut text);
    for team in &plan.teams {
        let _ = writeln!(text, "\n{} {}", paint.bold("team"), paint.bold(team.name()));
        let width = team.agents().iter().map(|a| a.id.as_str().chars().count()).max().unwrap_or(0);
        for agent in team.agents() {
            let pad = " ".repeat(width - agent.id.as_str().chars().count());
            let line = format!("  {}{pad}  {}", agent.id, paint.dim(&agent.purpose));
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
    let _ = writeln!(text, "\n{}", paint.bold("waves"));
    text.push_str(&waves_picture(plan, paint));
    let outputs: Vec<&str> = plan.root().outputs.keys().map(String::as_str).collect();
    if !outputs.is_empty() {
        let _ = writeln!(text, "\n{}  {}", paint.bold("outputs"), outputs.join(", "));
    }
    let _ = writeln!(text, "\n{}\n  {}", paint.bold("try it"), example_command(example));
    text
}

/// A pattern or pipeline for machines: what [`plan_json`] has, and what its document says besides.
pub fn pattern_card_json(loaded: &Loaded, example: &Example) -> Value {
    let plan = &loaded.compiled.plan;
    let mut card = plan_json(plan, None);
    let header = header(loaded);
    for key in ["category", "tier", "tags", "when_to_use", "when_not_to_use"] {
        let absent = if key == "category" || key == "tier" { Value::Null } else { json!([]) };
        card[key] = header.get(key).cloned().unwrap_or(absent);
    }
    let document = document(loaded);
    let source = document.and_then(|document| loaded.library.sources().get(document.source()));
    card["file"] = source.map(Source::name).into();
    card["builtin"] = document.is_some_and(|d| loaded.library.is_builtin(d)).into();
    for input in card["inputs"].as_array_mut().into_iter().flatten() {
        let name = input["name"].as_str().unwrap_or_default().to_owned();
        let declared = declaration(loaded, &name);
        input["type"] = declared.as_ref().map(|declared| declared.kind.0.clone()).into();
        input["examples"] = declared.map(|declared| declared.examples).unwrap_or_default().into();
        let value = example.inputs.iter().find(|(input, _)| *input == name);
        input["example"] = value.map(|(_, value)| value.as_str()).into();
    }
    let teams = plan.teams.iter().map(|team| {
        let agents: Vec<Value> = team
            .agents()
            .iter()
            .map(|agent| json!({ "id": agent.id, "role": agent.role, "purpose": agent.purpose }))
            .collect();
        json!({ "name": team.name(), "purpose": team.purpose(), "agents": agents })
    });
    card["teams"] = teams.collect();
    card["uses"] = used_patterns(plan).into();
    let outputs = plan.root().outputs.iter().map(|(name, made)| (name.clone(), made.clone()));
    card["outputs"] = Value::Object(outputs.collect::<Map<_, _>>());
    card["example"] = example_command(example).into();
    card
}

fn inputs_text(loaded: &Loaded, paint: Paint, text: &mut String) {
    let inputs = &loaded.compiled.plan.root().inputs;
    if inputs.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{}", paint.bold("inputs"));
    for (name, input) in inputs {
        let declared = declaration(loaded, name);
        let kind = declared.as_ref().map(type_text).unwrap_or_default();
        let state = match &input.default {
            None => paint.notice("required"),
            Some(default) => paint.dim(&format!("default {}", shortened(default))),
        };
        let _ = writeln!(text, "  {}  {kind}  {state}", paint.bold(name));
        if let Some(description) = &input.description {
            let _ = writeln!(text, "      {description}");
        }
        for example in declared.iter().flat_map(|declared| &declared.examples) {
            let _ = writeln!(text, "      {} {}", paint.dim("such as"), shortened(example));
        }
    }
}

/// A type as its author wrote it, with its limits.
fn type_text(declared: &InputDeclaration) -> String {
    let limits = declared
        .limits
        .iter()
        .map(|(keyword, limit)| format!(", {keyword} {}", write_value(limit, Surroundings::Flow)));
    let kind = write_value(&declared.kind.0, Surroundings::Flow);
    std::iter::once(kind).chain(limits).collect()
}

fn shortened(value: &Value) -> String {
    let text = value.as_str().filter(|text| !text.is_empty());
    let text = text.map_or_else(|| value.to_string(), |text| text.trim().replace('\n', " "));
    match text.char_indices().nth(90) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn used_patterns(plan: &Plan) -> Vec<&str> {
    let mut used: Vec<&str> = plan
        .tasks
        .iter()
        .filter_map(|task| match &task.work {
            Work::Call { scope, .. } => Some(plan.scope(*scope).pattern.as_str()),
            _ => None,
        })
        .collect();
    used.sort_unstable();
    used.dedup();
    used
}

fn document(loaded: &Loaded) -> Option<&Document> {
    loaded.document()
}

fn header(loaded: &Loaded) -> Value {
    let header = document(loaded).and_then(|d| d.value().get(d.kind().as_str()));
    header.cloned().unwrap_or_default()
}

fn declaration(loaded: &Loaded, name: &str) -> Option<InputDeclaration> {
    let written = document(loaded)?.value().get("inputs")?.get(name)?;
    serde_json::from_value(written.clone()).ok()
}
