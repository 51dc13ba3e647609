//! What an agent is offered: the tools by the names under which models call them.

use serde_json::{Map, Value, json};

use crate::language::plan::Permission;

/// A tool that an agent is offered.
#[derive(Debug, Clone, PartialEq)]
pub struct OfferedTool {
    /// Its name: a built-in tool, or `server.tool`.
    pub name: String,
    /// The name under which models call it: letters, digits, `_` and `-`, as their templates expect.
    pub called: String,
    /// What it does.
    pub description: String,
    /// JSON Schema of its arguments.
    pub parameters: Value,
    /// Whether it may be used.
    pub permission: Permission,
}

/// The tools that an agent is offered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Offer {
    /// The tools, sorted by name.
    pub tools: Vec<OfferedTool>,
}

impl Offer {
    /// These tools, with names to call them by.
    pub(super) fn of(mut tools: Vec<OfferedTool>) -> Offer {
        tools.sort_by(|one, other| one.name.cmp(&other.name));
        let mut taken: Vec<String> = Vec::new();
        for tool in &mut tools {
            let plain = callable(&tool.name);
            let numbered = (2..).map(|number| format!("{plain}_{number}"));
            let mut names = std::iter::once(plain.clone()).chain(numbered);
            tool.called = names.find(|name| !taken.contains(name)).unwrap_or(plain);
            taken.push(tool.called.clone());
        }
        Offer { tools }
    }

    /// The tool that a model means.
    pub fn find(&self, called: &str) -> Option<&OfferedTool> {
        let by = |name: fn(&OfferedTool) -> &str| {
            self.tools.iter().find(move |tool| name(tool) == called)
        };
        by(|tool| &tool.called).or_else(|| by(|tool| &tool.name))
    }

    /// The tools as Ollama wants them.
    pub fn as_sent(&self) -> Vec<Value> {
        let tools = self.tools.iter().map(|tool| {
            json!({
                "type": "function",
                "function": {
                    "name": tool.called,
                    "description": tool.description,
                    "parameters": tool.parameters,
                },
            })
        });
        tools.collect()
    }
}

/// A tool's name as models call it.
fn callable(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let plain = |text: &str| -> String {
        text.chars().map(|c| if is_plain(c) { c } else { '_' }).collect()
    };
    match name.split_once('.') {
        Some((server, tool)) => format!("{}__{}", plain(server), plain(tool)),
        None => plain(name),
    }
}

/// The schema of a tool's arguments as models are shown it: an object, whatever its server says.
pub(super) fn parameters(schema: &Map<String, Value>) -> Value {
    let mut schema = schema.clone();
    schema.remove("$schema");
    schema.insert("type".to_owned(), "object".into());
    schema.entry("properties").or_insert_with(|| json!({}));
    Value::Object(schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_can_be_called_and_differ() {
        let tool = |name: &str| OfferedTool {
            name: name.to_owned(),
            called: String::new(),
            description: String::new(),
            parameters: json!({}),
            permission: Permission::Allowed,
        };
        let offer =
            Offer::of(vec![tool("desk.list/all"), tool("desk.list.all"), tool("read_file")]);
        let names: Vec<&str> = offer.tools.iter().map(|tool| tool.called.as_str()).collect();
        assert_eq!(names, ["desk__list_all", "desk__list_all_2", "read_file"]);
        for (called, name) in [
            ("desk__list_all_2", Some("desk.list/all")),
            ("desk.list.all", Some("desk.list.all")),
            ("list", None),
        ] {
            assert_eq!(offer.find(called).map(|tool| tool.name.as_str()), name);
        }
    }
}
