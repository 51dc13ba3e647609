//! What there is to know of the thing at a place.

use lsp_types::{Hover, HoverContents, HoverParams, MarkupContent, MarkupKind, Range};
use serde_json::Value;

use super::navigation::named_at;
use crate::interface::lsp::completion::word_at;
use crate::interface::lsp::desk::Desk;
use crate::interface::lsp::documents::View;
use crate::language::diagnostic::Code;
use crate::language::document::{Document, VerbKind};
use crate::language::plan::{Outlines, Sketch, Symbol, TaskSketch, Types};
use crate::language::source::value_at;
use crate::language::template::Type;

/// What there is to know of the thing at a place: a name, a key, a filter, a finding's code.
pub(super) fn hover(desk: &mut Desk, params: &HoverParams) -> Option<Hover> {
    let place = &params.text_document_position_params;
    if let Some((view, named)) = named_at(desk, place)
        && let Some(text) = symbol(&view, &named.symbol)
    {
        let source = view.library().sources().get(named.span.source)?;
        return Some(shown(text, desk.client.encoding.range(source, named.span)));
    }
    let (path, offset) = desk.place(place)?;
    let view = desk.workspace.view_of(&path);
    let source = view.source(&path)?;
    let text = source.text();
    let word = code_in_comment(text, offset as usize).or_else(|| {
        word_at(view.library(), text, offset as usize).map(|word| (word.lengths, word.text))
    });
    let ((before, behind), said) = word?;
    let at = |offset: usize| desk.position(source, u32::try_from(offset).unwrap_or(u32::MAX));
    let range = Range::new(at(offset as usize - before), at(offset as usize + behind));
    Some(shown(said, range))
}

fn shown(value: String, range: Range) -> Hover {
    let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value });
    Hover { contents, range: Some(range) }
}

/// The code of a finding in a comment.
fn code_in_comment(text: &str, offset: usize) -> Option<((usize, usize), String)> {
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let hash = text[start..offset].find('#')? + start;
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let before = text[hash..offset].chars().rev().take_while(|c| is_part(*c)).count();
    let behind = text[offset..].chars().take_while(|c| is_part(*c)).count();
    let word = &text[offset - before..offset + behind];
    let entry = Code::ALL.iter().find(|entry| entry.code.as_str() == word)?;
    let text = format!("**{word}** ({})\n\n{}", entry.severity.as_str(), entry.summary);
    Some(((before, behind), text))
}

fn symbol(view: &View, symbol: &Symbol) -> Option<String> {
    let library = view.library();
    match symbol {
        Symbol::Task(source, name) => {
            let document = library.document_of(*source)?;
            let outlines = Outlines::of(library);
            let sketch = Sketch::of(&outlines, document);
            let types = Types::of(&outlines);
            let output = types.type_of_path(document, None, &["tasks", name, "output"]);
            Some(task(sketch.task(name)?, &output.unwrap_or(Type::Any)))
        }
        Symbol::Input(source, name) => {
            let document = library.document_of(*source)?;
            let outlines = Outlines::of(library);
            let kind = Types::of(&outlines).type_of_path(document, None, &["inputs", name]);
            let declared = document.value().get("inputs")?.get(name)?;
            Some(input(name, &kind.unwrap_or(Type::Any), declared))
        }
        Symbol::Post(source, name) => {
            let document = library.document_of(*source)?;
            Some(post(name, document.value().get("staff")?.get(name)?))
        }
        Symbol::Output(source, name) => {
            let document = library.document_of(*source)?;
            let written = document.value().get("outputs")?.get(name)?;
            Some(lines(&[format!("**{name}** (output)"), format!("`{}`", one_line(written))]))
        }
        Symbol::Agent(place, id) => {
            let document = library.document_of(place.source)?;
            let members = value_at(document.value(), &place.pointer)?.as_array()?;
            let role_of =
                |member: &Value| member.get("role").and_then(Value::as_str).map(str::to_owned);
            let is_it = |member: &&Value| match member.get("id").and_then(Value::as_str) {
                Some(own) => own == id,
                None => {
                    role_of(member).is_some_and(|role| crate::organization::role_id(&role) == *id)
                }
            };
            members.iter().find(is_it).map(agent)
        }
        Symbol::Orchestration(source) => Some(orchestration(library.document_of(*source)?)),
        Symbol::Team(source) => Some(team(library.document_of(*source)?)),
        Symbol::Wave(..) | Symbol::Anchor(_) => None,
    }
}

fn word<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

fn task(task: &TaskSketch<'_>, output: &Type) -> String {
    let verb = task.verb.map_or("task", VerbKind::as_str);
    let mut said = vec![format!("**{}** ({verb})", task.name)];
    said.extend(word(task.value, "description").map(str::to_owned));
    let mut facts = Vec::new();
    for key in ["agent", "uses", "model", "estimate", "when"] {
        facts.extend(word(task.value, key).map(|value| format!("- {key}: `{value}`")));
    }
    if let Some(synthesis) = task.value.get("synthesize") {
        facts.extend(word(synthesis, "strategy").map(|how| format!("- strategy: `{how}`")));
        facts.extend(synthesis.get("from").map(|from| format!("- from: {}", listed(from))));
    }
    facts.extend(task.value.get("needs").map(|needs| format!("- needs: {}", listed(needs))));
    facts.push(format!("- output: `{output}`"));
    said.push(facts.join("\n"));
    lines(&said)
}

fn input(name: &str, kind: &Type, declared: &Value) -> String {
    let mut said = vec![format!("**{name}** (input): `{kind}`")];
    said.extend(word(declared, "description").map(str::to_owned));
    said.push(match declared.get("default") {
        Some(default) => format!("Default: `{}`", one_line(default)),
        None => "Required.".to_owned(),
    });
    lines(&said)
}

/// The keys of an agent that are told as they are written, with the words for them.
const AGENT_FACTS: [(&str, &str); 5] = [
    ("layer", "layer"),
    ("domain", "domain"),
    ("level", "level"),
    ("reports_to", "reports to"),
    ("model", "model"),
];

fn agent(member: &Value) -> String {
    let role = word(member, "role").or_else(|| word(member, "id")).unwrap_or_default();
    let mut said = vec![format!("**{role}** (agent)")];
    said.extend(word(member, "purpose").map(str::to_owned));
    let mut facts = Vec::new();
    for (key, name) in AGENT_FACTS {
        facts.extend(word(member, key).map(|value| format!("- {name}: `{value}`")));
    }
    facts.extend(member.get("skills").map(|skills| format!("- skills: {}", listed(skills))));
    said.extend((!facts.is_empty()).then(|| facts.join("\n")));
    lines(&said)
}

/// The keys of a post that are told as they are written, with the words for them.
const POST_FACTS: [(&str, &str); 9] = [
    ("above", "the next above"),
    ("peer_of", "a peer of"),
    ("layer", "layer"),
    ("domain", "domain"),
    ("skills", "skills"),
    ("complexity", "complexity"),
    ("hours", "hours"),
    ("related", "belongs to"),
    ("never", "never who is"),
];

fn post(name: &str, written: &Value) -> String {
    let mut said = vec![
        format!("**{name}** (post)"),
        "Who has it is known when the pattern begins.".to_owned(),
    ];
    let facts = POST_FACTS.iter().filter_map(|(key, words)| {
        let value = written.get(key)?;
        let value = if value.is_array() { listed(value) } else { format!("`{}`", one_line(value)) };
        Some(format!("- {words}: {value}"))
    });
    let facts: Vec<String> = facts.collect();
    said.extend((!facts.is_empty()).then(|| facts.join("\n")));
    lines(&said)
}

fn orchestration(document: &Document) -> String {
    let kind = document.kind().as_str();
    let header = document.value().get(kind).cloned().unwrap_or_default();
    let mut said = vec![format!("**{}** ({kind})", document.name().unwrap_or_default())];
    said.extend(word(&header, "summary").map(str::to_owned));
    let inputs = document.value().get("inputs").and_then(Value::as_object);
    let inputs: Vec<String> = inputs
        .into_iter()
        .flatten()
        .map(|(name, input)| {
            let required = input.get("default").is_none();
            let mark = if required { ", required" } else { "" };
            let about = word(input, "description").map(|text| format!(": {text}"));
            format!("- `{name}`{mark}{}", about.unwrap_or_default())
        })
        .collect();
    if !inputs.is_empty() {
        said.push(format!("Inputs:\n{}", inputs.join("\n")));
    }
    lines(&said)
}

fn team(document: &Document) -> String {
    let mut said = vec![format!("**{}** (team)", document.name().unwrap_or_default())];
    let header = document.value().get("team").cloned().unwrap_or_default();
    said.extend(word(&header, "purpose").map(str::to_owned));
    let members = document.value().get("agents").and_then(Value::as_array);
    let roles: Vec<String> = members
        .into_iter()
        .flatten()
        .filter_map(|member| word(member, "role"))
        .map(|role| format!("- {role}"))
        .collect();
    said.push(roles.join("\n"));
    lines(&said)
}

fn lines(parts: &[String]) -> String {
    parts.join("\n\n")
}

fn listed(value: &Value) -> String {
    let items = value.as_array().into_iter().flatten();
    items.map(|item| format!("`{}`", one_line(item))).collect::<Vec<_>>().join(", ")
}

fn one_line(value: &Value) -> String {
    const LONGEST: usize = 200;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ").replace('`', "'");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
