//! The tools that agents of a plan may use, and the servers that offer them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::model::{Plan, Task, Work};
use crate::language::document::{
    AgentTools, BUILT_IN_TOOLS, DEFAULT_MAX_RESULT, DEFAULT_MAX_TOOLS, DEFAULT_MAX_TURNS, Effect,
    OrchestrationSettings, RUN_COMMAND, ToolServer, ToolSettings, only_reads,
};
use crate::organization::is_manager_tool;

/// A server of tools, by the name that it has in the whole plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanToolServer {
    /// Its name; the author's, with a number where two documents call different ones the same.
    pub name: String,
    /// What it is.
    pub server: ToolServer,
}

/// A tool that a task calls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedTool {
    /// The tool: a built-in one, or `server.tool`.
    pub tool: String,
    /// Its arguments: templates.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub with: IndexMap<String, Value>,
    /// The folder that a built-in tool may look into, as the author wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// JSON Schema of what it gives; text if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    /// What calling it changes outside, where the author says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
}

impl PlannedTool {
    /// Whether it may be called again where nobody knows what became of a call. Of the tools of servers, and
    /// of commands, only the author can say that, whatever servers say of theirs.
    pub fn may_be_repeated(&self) -> bool {
        match self.effect {
            Some(effect) => effect != Effect::Once,
            None => only_reads(&self.tool),
        }
    }

    /// What there must be for it, as for an agent that may use nothing else.
    pub fn toolbox(&self) -> Toolbox {
        Toolbox {
            allow: BTreeSet::from([self.tool.clone()]),
            ask: BTreeSet::new(),
            deny: BTreeSet::new(),
            workspace: self.workspace.clone(),
            orchestration: None,
            max_turns: 1,
            max_tools: 1,
            max_result: DEFAULT_MAX_RESULT,
        }
    }
}

impl Plan {
    /// The tools of the tasks that use any, agents' and tasks' own, those that are done several times once.
    pub fn toolboxes(&self) -> impl Iterator<Item = (&Task, Cow<'_, Toolbox>)> {
        self.all_tasks().into_iter().filter_map(|task| match &task.work {
            Work::Ask(ask) => Some((task, Cow::Borrowed(ask.tools.as_deref()?))),
            Work::Tool(tool) => Some((task, Cow::Owned(tool.toolbox()))),
            _ => None,
        })
    }

    /// The tasks that may run commands, their agents or they themselves, those that are done several times
    /// once.
    pub fn running_commands(&self) -> impl Iterator<Item = &Task> {
        let running = self.toolboxes().filter(|(_, toolbox)| toolbox.runs_commands());
        running.map(|(task, _)| task)
    }
}

/// What an agent may use while it does a task. Names are those of built-in tools, of servers, or
/// `server.tool`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Toolbox {
    /// What it uses freely.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub allow: BTreeSet<String>,
    /// What it uses only where a person has agreed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub ask: BTreeSet<String>,
    /// What it never uses.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub deny: BTreeSet<String>,
    /// The folder that built-in tools may look into, as the author wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// What it may start with the tools of those who lead, where it leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orchestration: Option<Box<OrchestrationSettings>>,
    /// How often the model may be asked for one answer.
    pub max_turns: u32,
    /// How many tools are offered at most.
    pub max_tools: u32,
    /// How many characters of a result the model is shown.
    pub max_result: u32,
}

/// Whether a tool may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Freely.
    Allowed,
    /// Where a person has agreed.
    Asks,
    /// Never.
    Denied,
}

impl Toolbox {
    /// Whether a tool may be used, by its full name. What is said of a tool counts before what is said
    /// of its server, and of two that say equally much the stricter one.
    pub fn permission(&self, tool: &str) -> Permission {
        let server = server_of(tool);
        for name in [Some(tool), server].into_iter().flatten() {
            if self.deny.contains(name) {
                return Permission::Denied;
            }
            if self.ask.contains(name) {
                return Permission::Asks;
            }
            if self.allow.contains(name) {
                // A server that is denied as a whole is denied, whatever is said of a tool of it.
                let is_denied = server.is_some_and(|server| self.deny.contains(server));
                return if is_denied { Permission::Denied } else { Permission::Allowed };
            }
        }
        match self.orchestration {
            Some(_) if is_manager_tool(tool) => Permission::Allowed,
            _ => Permission::Denied,
        }
    }

    /// The names of the servers that it needs.
    pub fn servers(&self) -> BTreeSet<&str> {
        let used = self.allow.iter().chain(&self.ask).map(String::as_str);
        used.filter(|name| !is_built_in(name) && !is_manager_tool(name))
            .map(|name| server_of(name).unwrap_or(name))
            .collect()
    }

    /// Whether commands may be run.
    pub fn runs_commands(&self) -> bool {
        self.permission(RUN_COMMAND) != Permission::Denied
    }

    /// The built-in tools that it has.
    pub fn built_in(&self) -> impl Iterator<Item = &'static str> {
        BUILT_IN_TOOLS.into_iter().filter(|name| self.permission(name) != Permission::Denied)
    }

    /// What an agent says of its tools, as far as the document offers them under the names that
    /// `rename` gives servers; `None` where nothing is left.
    pub(super) fn of(
        tools: &AgentTools,
        offered: &ToolSettings,
        orchestration: Option<OrchestrationSettings>,
        mut rename: impl FnMut(&str, &ToolServer) -> String,
    ) -> Option<Toolbox> {
        let mut known = |names: &BTreeSet<String>| -> BTreeSet<String> {
            let known = names.iter().filter_map(|name| {
                if is_built_in(name) {
                    return offered.workspace.as_ref().map(|_| name.clone());
                }
                if is_manager_tool(name) {
                    return orchestration.map(|_| name.clone());
                }
                let server = server_of(name).unwrap_or(name);
                let new = rename(server, offered.servers.get(server)?);
                Some(format!("{new}{}", &name[server.len()..]))
            });
            known.collect()
        };
        let (allow, ask, deny) = (known(&tools.allow), known(&tools.ask), known(&tools.deny));
        if allow.is_empty() && ask.is_empty() && orchestration.is_none() {
            return None;
        }
        Some(Toolbox {
            allow,
            ask,
            deny,
            workspace: offered.workspace.clone(),
            orchestration: orchestration.map(Box::new),
            max_turns: tools.max_turns.unwrap_or(DEFAULT_MAX_TURNS),
            max_tools: tools.max_tools.unwrap_or(DEFAULT_MAX_TOOLS),
            max_result: tools.max_result.unwrap_or(DEFAULT_MAX_RESULT),
        })
    }
}

/// Whether a name is that of a built-in tool.
pub(crate) fn is_built_in(name: &str) -> bool {
    BUILT_IN_TOOLS.contains(&name)
}

/// The server in the name of one of its tools.
pub(crate) fn server_of(name: &str) -> Option<&str> {
    name.split_once('.').map(|(server, _)| server)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn toolbox(tools: Value) -> Option<Toolbox> {
        let tools: AgentTools = serde_json::from_value(tools).expect("tools");
        let offered = json!({
            "workspace": "docs",
            "servers": { "desk": { "command": "desk" }, "web": { "url": "http://web/mcp" } },
        });
        let offered: ToolSettings = serde_json::from_value(offered).expect("settings");
        Toolbox::of(&tools, &offered, None, |name, _| {
            if name == "web" { "web_2" } else { name }.to_owned()
        })
    }

    #[test]
    fn the_nearer_and_the_stricter_word_counts() {
        let toolbox = toolbox(json!({
            "allow": ["desk", "read_file", "web.get"],
            "ask": ["desk.create"],
            "deny": ["desk.delete"],
        }))
        .expect("there are tools");
        let check = |tool: &str, expected: Permission| {
            assert_eq!(toolbox.permission(tool), expected, "{tool}");
        };
        check("desk.list", Permission::Allowed);
        check("desk.create", Permission::Asks);
        check("desk.delete", Permission::Denied);
        check("read_file", Permission::Allowed);
        check("list_files", Permission::Denied);
        check("web_2.get", Permission::Allowed);
        check("web_2.post", Permission::Denied);
        assert_eq!(toolbox.servers(), BTreeSet::from(["desk", "web_2"]));
    }

    #[test]
    fn what_nothing_offers_is_left_out() {
        assert_eq!(toolbox(json!(["spell_check"])), None);
        let denied = toolbox(json!({ "allow": ["desk.list"], "deny": ["desk"] }));
        assert_eq!(denied.expect("named").permission("desk.list"), Permission::Denied);
    }
}
