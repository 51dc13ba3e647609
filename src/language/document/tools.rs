//! Tools: what offers them (`tools:` of a pattern or pipeline), and what an agent may use of them.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::time::Duration;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::HumanDuration;
use super::name::IDENTIFIER_PATTERN;

/// So often the model may be asked for one answer.
pub const DEFAULT_MAX_TURNS: u32 = 8;

/// So many tools an agent is offered at most: small models choose badly among many.
pub const DEFAULT_MAX_TOOLS: u32 = 12;

/// So many characters of a tool's result the model is shown.
pub const DEFAULT_MAX_RESULT: u32 = 8000;

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// Where the tools of a pattern's or pipeline's agents come from. Agents say themselves which of them
/// they use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ToolSettings {
    /// The folder that `list_files`, `read_file` and `search_files` may look into and `run_command`
    /// runs programs in, relative to the folder in which Partita runs. Without one there are no such
    /// tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"docs")]
    pub workspace: Option<String>,
    /// MCP servers by name. A tool of one is called `server.tool`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(extend("propertyNames" = { "pattern": IDENTIFIER_PATTERN }))]
    pub servers: IndexMap<String, ToolServer>,
}

/// A server that speaks the Model Context Protocol: a program that is started, or an address.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolServer {
    /// The program; it is spoken to over its standard input and output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"uvx")]
    pub command: Option<String>,
    /// The program's arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// Names of environment variables that the program is given. The values are taken from the
    /// environment in which Partita runs; secrets do not stand in documents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(inner(regex(pattern = "^[A-Za-z_][A-Za-z0-9_]*$")))]
    pub env: Vec<String>,
    /// Where it listens (streamable HTTP).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"http://127.0.0.1:8000/mcp")]
    pub url: Option<String>,
    /// The name of an environment variable whose value it is sent as a bearer token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[A-Za-z_][A-Za-z0-9_]*$"), example = &"TICKETS_TOKEN")]
    pub token: Option<String>,
    /// How long a call of one of its tools may take.
    #[serde(default = "default_timeout")]
    pub timeout: HumanDuration,
}

impl ToolServer {
    /// Where it is: its address, or the command that starts it.
    pub fn place(&self) -> String {
        match (&self.url, &self.command) {
            (Some(url), None) => url.clone(),
            (_, command) => {
                let words = command.iter().chain(&self.args).map(String::as_str);
                words.collect::<Vec<_>>().join(" ")
            }
        }
    }
}

fn default_timeout() -> HumanDuration {
    HumanDuration(DEFAULT_TIMEOUT)
}

/// What an agent may use: names of built-in tools, of servers (all their tools), or `server.tool`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AgentTools {
    /// What it uses freely.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub allow: BTreeSet<String>,
    /// What it uses only where a person has agreed.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub ask: BTreeSet<String>,
    /// What it never uses, whatever else is said.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub deny: BTreeSet<String>,
    /// How often its model may be asked for one answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_turns: Option<u32>,
    /// How many tools it is offered at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tools: Option<u32>,
    /// How many characters of a result its model is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_result: Option<u32>,
}

impl AgentTools {
    /// Whether it has none, and nothing is said of any.
    pub fn is_nothing(&self) -> bool {
        *self == AgentTools::default()
    }
}

/// The mapping form of [`AgentTools`].
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct ToolRules {
    /// What the agent uses freely.
    allow: BTreeSet<String>,
    /// What it uses only where a person has agreed (`--allow-tool`).
    ask: BTreeSet<String>,
    /// What it never uses, whatever else is said.
    deny: BTreeSet<String>,
    /// How often its model may be asked for one answer. Default 8.
    #[schemars(range(min = 1, max = 100))]
    max_turns: Option<u32>,
    /// How many tools it is offered at most. Default 12: small models choose badly among many.
    #[schemars(range(min = 1, max = 100))]
    max_tools: Option<u32>,
    /// How many characters of a result its model is shown. Default 8000.
    #[schemars(range(min = 100, max = 1_000_000))]
    max_result: Option<u32>,
}

impl<'de> Deserialize<'de> for AgentTools {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Value::deserialize(deserializer)?;
        let read = if written.is_array() {
            let allow: Result<BTreeSet<String>, _> = serde_json::from_value(written);
            allow.map(|allow| AgentTools { allow, ..AgentTools::default() })
        } else {
            let rules: Result<ToolRules, _> = serde_json::from_value(written);
            rules.map(|ToolRules { allow, ask, deny, max_turns, max_tools, max_result }| {
                AgentTools { allow, ask, deny, max_turns, max_tools, max_result }
            })
        };
        read.map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for AgentTools {
    fn schema_name() -> Cow<'static, str> {
        "AgentTools".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let rules = generator.subschema_for::<ToolRules>();
        json_schema!({
            "description": "The tools that the agent uses: built-in ones (`list_files`, `read_file`, \
                `search_files`, `run_command`), servers of the document's `tools` (all that they have), or \
                `server.tool`. A mapping says more.",
            "anyOf": [
                { "type": "array", "items": { "type": "string", "minLength": 1 } },
                rules,
            ],
            "examples": [["read_file", "tickets"], { "allow": ["tickets"], "deny": ["tickets.delete"] }],
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(written: Value, allow: &[&str], deny: &[&str]) {
        let tools: AgentTools = serde_json::from_value(written).expect("it can be read");
        assert!(tools.allow.iter().eq(allow) && tools.deny.iter().eq(deny), "{tools:?}");
        let stored = serde_json::to_value(&tools).expect("JSON");
        assert_eq!(serde_json::from_value::<AgentTools>(stored).expect("JSON"), tools);
    }

    #[test]
    fn a_list_is_what_is_used_freely() {
        check(json!(["read_file", "tickets"]), &["read_file", "tickets"], &[]);
        check(
            json!({ "allow": ["tickets"], "deny": ["tickets.delete"] }),
            &["tickets"],
            &["tickets.delete"],
        );
        check(json!([]), &[], &[]);
        assert!(serde_json::from_value::<AgentTools>(json!({ "alow": [] })).is_err());
    }
}
