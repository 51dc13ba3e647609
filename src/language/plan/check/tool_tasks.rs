//! Tools that tasks call: that the document offers them, that built-in ones are given what they take, and
//! that what is said of time and retries means something for them.

use serde_json::{Value, json};

use super::inputs::has_template;
use super::meant;
use super::tools::{Used, check_offered};
use crate::language::diagnostic::{Code, Findings, Fix};
use crate::language::document::{Document, RUN_COMMAND, described_tool};
use crate::language::plan::outline::entries;
use crate::language::plan::tools::{is_built_in, server_of};
use crate::language::plan::values::misfits;
use crate::language::source::escape_pointer;

/// The classes of failure that a call of a tool can meet and that may be chosen for retries.
const CLASSES: [&str; 3] = ["tool_failed", "tool_lost", "malformed"];

/// The time limits that mean something only where a model answers.
const LIMITS_OF_MODELS: [&str; 4] = ["queue", "load", "first_token", "silence"];

/// What calls a tool: a task, or what undoes one.
#[derive(Clone, Copy)]
pub(super) struct Caller<'a> {
    /// The mapping with `tool` and `with`.
    pub(super) value: &'a Value,
    /// Where it is.
    pub(super) pointer: &'a str,
}

impl<'a> Caller<'a> {
    fn get(&self, key: &str) -> Option<&'a Value> {
        self.value.get(key)
    }
}

pub(super) fn check(document: &Document, caller: Caller<'_>, found: &mut Findings) {
    limits(document, caller, found);
    let Some(name) = caller.get("tool").and_then(Value::as_str).filter(|name| !name.is_empty())
    else {
        return;
    };
    let pointer = format!("{}/tool", caller.pointer);
    let Some(own) = document.value().get("tools").filter(|tools| tools.is_object()) else {
        // That `tools` is no mapping is a finding of its own.
        if document.value().get("tools").is_none() {
            let message = format!("nothing offers the tool `{name}`");
            let help = match is_built_in(name) {
                true if name == RUN_COMMAND => {
                    "name the folder in which it runs programs: `tools: { workspace: . }`"
                }
                true => "name the folder that it looks into: `tools: { workspace: docs }`",
                false => "say where it comes from: `tools: { servers: … }`",
            };
            found.push(document.diagnostic(Code::UNKNOWN_TOOL, &pointer, message).help(help));
        }
        return;
    };
    let errors = found.errors();
    check_offered(document, own, &[Used { name, list: "tool", pointer: pointer.clone() }], found);
    if found.errors() > errors {
        return;
    }
    if is_built_in(name) {
        arguments(document, caller, name, found);
    } else if server_of(name).is_none_or(|server| name.len() == server.len() + 1) {
        let message = format!("`{name}` is a server, and a task calls one of its tools");
        let help = format!("write `tool: {}.NAME`", name.trim_end_matches('.'));
        found.push(document.diagnostic(Code::UNKNOWN_TOOL, &pointer, message).help(help));
    }
}

/// That a built-in tool is given what it takes, and nothing else.
fn arguments(document: &Document, caller: Caller<'_>, tool: &str, found: &mut Findings) {
    let (_, schema) = described_tool(tool);
    let given = caller.get("with");
    if given.is_some_and(|given| !given.is_object()) {
        return;
    }
    let names = || entries(schema.get("properties")).map(|(name, _)| name.as_str());
    for (name, value) in entries(given) {
        let pointer = format!("{}/with/{}", caller.pointer, escape_pointer(name));
        let Some(wanted) = schema.pointer(&format!("/properties/{}", escape_pointer(name))) else {
            let message = format!("`{tool}` takes no `{name}`");
            let diagnostic = document.key_diagnostic(Code::UNKNOWN_ARGUMENT, &pointer, message);
            let near = meant(found, name, names());
            let fix = near.and_then(|near| {
                let edit = document.rename_key(&pointer, near)?;
                Some(Fix::risky(format!("write `{near}`"), vec![edit]))
            });
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it takes {}", names().collect::<Vec<_>>().join(", ")),
            };
            found.push(diagnostic.help(help).maybe_fix(fix));
            continue;
        };
        if !has_template(value) {
            for misfit in misfits(wanted, value) {
                let place = format!("{pointer}{}", misfit.pointer);
                let message = format!("`{name}` of `{tool}` does not fit: {}", misfit.message);
                found.push(document.diagnostic(Code::INPUT_TYPE, &place, message));
            }
        }
    }
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    for name in required.filter_map(Value::as_str) {
        if given.is_none_or(|given| given.get(name).is_none()) {
            let pointer = format!("{}/tool", caller.pointer);
            let message = format!("`{tool}` requires `{name}`");
            let help = format!("add it: `with: {{ {name}: … }}`");
            found.push(document.diagnostic(Code::MISSING_INPUT, &pointer, message).help(help));
        }
    }
}

/// That what is said of time and retries means something where no model is asked.
fn limits(document: &Document, caller: Caller<'_>, found: &mut Findings) {
    for name in LIMITS_OF_MODELS {
        if caller.get("timeout").and_then(|timeout| timeout.get(name)).is_some() {
            let pointer = format!("{}/timeout/{name}", caller.pointer);
            let message = format!("`{name}` is a limit of models, and a tool is called here");
            let help = "say how long a call may take: `timeout: 30s`";
            found.push(document.key_diagnostic(Code::INVALID_VALUE, &pointer, message).help(help));
        }
    }
    let classes = caller.get("retry").and_then(|retry| retry.get("classes"));
    let classes = classes.and_then(Value::as_array).into_iter().flatten().enumerate();
    for (place, class) in classes {
        if class.is_string() && !CLASSES.map(|known| json!(known)).contains(class) {
            let pointer = format!("{}/retry/classes/{place}", caller.pointer);
            let name = class.as_str().unwrap_or_default();
            let message = format!("a call of a tool never fails as `{name}`");
            let help = format!("it can be {}", CLASSES.join(", "));
            found.push(document.diagnostic(Code::INVALID_VALUE, &pointer, message).help(help));
        }
    }
}
