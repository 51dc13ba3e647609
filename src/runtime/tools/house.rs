//! All tools of a run.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::access::ToolAccess;
use super::built_in;
use super::commands::{Commands, Reader, is_command};
use super::confined::{Confined, reason};
use super::offer::{Offer, OfferedTool};
use super::orchestrating::Orchestrating;
use super::server::ToolServerLink;
use super::shown::ToolResult;
use crate::engine::simulation::placeholder_of;
use crate::engine::{Failure, FailureClass};
use crate::language::document::{described_manager_tool, described_tool};
use crate::language::plan::{Permission, Plan, PlannedTool, Toolbox};
use crate::organization::{MANAGER_TOOLS, is_manager_tool};
use crate::runtime::cluster::Client;

/// Why the tools of a run cannot be had. The user's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ToolsError {
    /// The environment lacks a variable that a server is to have.
    #[error("the environment has no `{variable}`, which the tool server `{server}` is to have")]
    NoVariable {
        /// The server.
        server: String,
        /// The variable.
        variable: String,
    },
    /// There is no such folder.
    #[error("the workspace `{folder}` cannot be used: {reason}")]
    NoWorkspace {
        /// The folder, as the author wrote it.
        folder: String,
        /// Why.
        reason: String,
    },
    /// The workspace is not below the folder in which Partita runs.
    #[error("the workspace `{folder}` lies outside the folder in which the run began")]
    WorkspaceOutside {
        /// The folder, as the author wrote it.
        folder: String,
    },
    /// Nothing of what a person agreed to is asked for.
    #[error("no agent asks before it uses `{0}`")]
    NothingAgreed(String),
}

/// What a person has said of the use of a tool.
#[derive(Debug, Clone, Copy)]
pub(in crate::runtime) enum Word<'w> {
    /// Nobody was asked.
    None,
    /// It may be used this time.
    Allowed,
    /// Nobody was asked, and what had to be waited for has been.
    Waited,
    /// It may not.
    Denied {
        /// Who said so.
        by: &'w str,
    },
}

/// All tools of a run.
#[derive(Debug, Default)]
pub struct ToolHouse {
    servers: BTreeMap<String, ToolServerLink>,
    /// The workspaces, as their authors wrote them.
    workspaces: BTreeMap<String, Confined>,
    agreed: BTreeSet<String>,
    /// The programs that may be run; without them nobody is offered any.
    commands: Option<Commands>,
    /// Who starts runs for those who lead; without it they are offered no tools for that.
    orchestrating: Option<Arc<dyn Orchestrating>>,
    /// Whether nothing is touched, and results are invented.
    simulated: bool,
}

impl ToolHouse {
    /// The tools of a plan. No server is started yet.
    ///
    /// # Errors
    /// When a workspace or a variable is missing.
    pub fn open(
        plan: &Plan,
        access: &ToolAccess,
        client: &Client,
    ) -> Result<ToolHouse, ToolsError> {
        let boxes: Vec<_> = plan.toolboxes().map(|(_, toolbox)| toolbox).collect();
        check_agreed(boxes.iter().map(Cow::as_ref), &access.agreed)?;
        let mut house = ToolHouse { agreed: access.agreed.clone(), ..ToolHouse::default() };
        for folder in boxes.iter().filter_map(|toolbox| toolbox.workspace.as_ref()) {
            if !house.workspaces.contains_key(folder) {
                house.workspaces.insert(folder.clone(), workspace(&access.folder, folder)?);
            }
        }
        let used: BTreeSet<&str> = boxes.iter().flat_map(|toolbox| toolbox.servers()).collect();
        for server in plan.tool_servers.iter().filter(|server| used.contains(server.name.as_str()))
        {
            let link = ToolServerLink::new(server, access, client)?;
            house.servers.insert(server.name.clone(), link);
        }
        Ok(house)
    }

    /// With programs that may be run.
    #[must_use]
    pub fn with_commands(self, commands: Option<Commands>) -> ToolHouse {
        ToolHouse { commands, ..self }
    }

    /// With somebody who starts runs for those who lead.
    #[must_use]
    pub fn with_orchestrating(self, orchestrating: Arc<dyn Orchestrating>) -> ToolHouse {
        ToolHouse { orchestrating: Some(orchestrating), ..self }
    }

    /// Who starts runs for those who lead, if anybody does.
    pub(in crate::runtime) fn orchestrating(&self) -> Option<&Arc<dyn Orchestrating>> {
        self.orchestrating.as_ref()
    }

    /// The tools of a rehearsal: nothing is started, read or called.
    pub fn simulated() -> ToolHouse {
        ToolHouse { simulated: true, ..ToolHouse::default() }
    }

    /// What an agent is offered.
    ///
    /// # Errors
    /// When a server cannot be reached or has no such tool, or the tools are too many.
    pub async fn offer(&self, toolbox: &Toolbox) -> Result<Offer, Failure> {
        let built_in = toolbox.built_in().filter(|name| self.has(name));
        let mut tools: Vec<OfferedTool> = built_in
            .map(|name| {
                let (description, parameters) = described_tool(name);
                let commands = self.commands.as_ref().filter(|_| is_command(name));
                let parameters = match commands {
                    Some(commands) => commands.narrowed(parameters),
                    None => parameters,
                };
                offered(name.to_owned(), description, parameters, toolbox)
            })
            .collect();
        for server in toolbox.servers() {
            if self.simulated {
                tools.extend(stand_ins(server, toolbox));
                continue;
            }
            let Some(link) = self.servers.get(server) else { continue };
            let listed = link.tools().await.map_err(unavailable)?;
            check_named(server, &listed, toolbox)?;
            for tool in listed {
                let name = format!("{server}.{}", tool.name);
                let tool = offered(name, &tool.description, tool.parameters, toolbox);
                if tool.permission != Permission::Denied {
                    tools.push(tool);
                }
            }
        }
        // Those who lead have them beside what they have anyway: `max_tools` is about that.
        let own = tools.len();
        if toolbox.orchestration.is_some() && (self.simulated || self.orchestrating.is_some()) {
            tools.extend(MANAGER_TOOLS.iter().filter_map(|(name, _)| {
                let (description, parameters) = described_manager_tool(name)?;
                let tool = offered((*name).to_owned(), description, parameters, toolbox);
                (tool.permission != Permission::Denied).then_some(tool)
            }));
        }
        if own > toolbox.max_tools as usize {
            let message = format!(
                "the agent would be offered {} tools, and is offered {} at most: name those that it \
                 needs, or raise `max_tools`",
                own, toolbox.max_tools
            );
            return Err(unavailable(message));
        }
        Ok(Offer::of(tools))
    }

    /// Uses a tool. What goes wrong is told to the model.
    ///
    /// # Errors
    /// When its server has died twice: nothing can be had of it any more.
    pub(in crate::runtime) async fn use_tool(
        &self,
        tool: &OfferedTool,
        arguments: &Value,
        toolbox: &Toolbox,
        word: Word<'_>,
    ) -> Result<ToolResult, Failure> {
        let result = match self.refusal(tool, word) {
            Some(refusal) => ToolResult::failed(refusal),
            None if !arguments.is_object() => {
                ToolResult::failed("the arguments must be an object with a value for each name")
            }
            None if self.simulated => {
                ToolResult::given(format!("[simulated: the tool `{}` was not used]", tool.name))
            }
            None if is_manager_tool(&tool.name) => ToolResult::failed("nobody starts runs here"),
            None => match tool.name.split_once('.') {
                Some((server, name)) => match self.servers.get(server) {
                    Some(link) => link.call(name, arguments, None).await.map_err(unavailable)?,
                    None => ToolResult::failed(format!("there is no server `{server}`")),
                },
                None => {
                    let workspace = toolbox.workspace.as_deref();
                    self.use_built_in(&tool.name, arguments, workspace, None).await
                }
            },
        };
        // What matters of a command stands at its end as often as not.
        match is_command(&tool.name) {
            true => Ok(result.cut_in_the_middle_to(toolbox.max_result)),
            false => Ok(result.cut_to(toolbox.max_result)),
        }
    }

    /// Makes the tool that a task calls ready: starts its server, and finds the tool there. Nothing is
    /// called.
    ///
    /// # Errors
    /// When the server cannot be reached or has no such tool.
    pub(in crate::runtime) async fn ready(&self, tool: &PlannedTool) -> Result<(), Failure> {
        self.offer(&tool.toolbox()).await.map(drop)
    }

    /// Calls the tool of a task, once and for so long at most. What goes wrong is part of the result.
    ///
    /// # Errors
    /// When its server cannot be had any more; it was not called then.
    pub(in crate::runtime) async fn call(
        &self,
        tool: &PlannedTool,
        arguments: &Value,
        limit: Duration,
    ) -> Result<ToolResult, Failure> {
        let name = tool.tool.as_str();
        if self.simulated {
            let form = tool.output.as_ref().map(|schema| placeholder_of(schema, name));
            let told = ToolResult::given(format!("[simulated: the tool `{name}` was not used]"));
            return Ok(ToolResult { form, ..told });
        }
        match name.split_once('.') {
            None => {
                let workspace = tool.workspace.as_deref();
                Ok(self.use_built_in(name, arguments, workspace, Some(limit)).await)
            }
            Some((server, name)) => match self.servers.get(server) {
                Some(link) => link.call(name, arguments, Some(limit)).await.map_err(unavailable),
                None => Err(unavailable(format!("there is no server `{server}`"))),
            },
        }
    }

    /// Whether nothing is touched.
    pub(in crate::runtime) fn is_simulated(&self) -> bool {
        self.simulated
    }

    /// Whether a person must be asked before a tool is used. In a rehearsal nothing is used.
    pub(in crate::runtime) fn asks(&self, tool: &OfferedTool) -> bool {
        let server = tool.name.split_once('.').map(|(server, _)| server);
        let mut names = [Some(tool.name.as_str()), server].into_iter().flatten();
        let is_agreed = names.any(|name| self.agreed.contains(name));
        tool.permission == Permission::Asks && !self.simulated && !is_agreed
    }

    /// Why a tool may not be used, in words for the model.
    pub(in crate::runtime) fn refusal(&self, tool: &OfferedTool, word: Word<'_>) -> Option<String> {
        match (tool.permission, word) {
            (_, Word::Denied { by }) => Some(format!(
                "`{}` was not used: {by} did not allow it. Do without it, and say in your answer \
                 what you would have used it for.",
                tool.called
            )),
            (Permission::Asks, Word::None | Word::Waited) if self.asks(tool) => {
                Some(format!("`{}` was not used: nobody has agreed to it", tool.called))
            }
            (Permission::Allowed | Permission::Asks, _) => None,
            (Permission::Denied, _) => Some(format!("`{}` may not be used", tool.called)),
        }
    }

    /// Whether there is such a built-in tool here. In a rehearsal there is, since nothing is run.
    fn has(&self, tool: &str) -> bool {
        !is_command(tool) || self.simulated || self.commands.is_some()
    }

    /// Uses a built-in tool, for a model or, with a limit, for a task.
    async fn use_built_in(
        &self,
        tool: &str,
        arguments: &Value,
        workspace: Option<&str>,
        limit: Option<Duration>,
    ) -> ToolResult {
        let workspace = workspace.and_then(|folder| self.workspaces.get(folder));
        let Some(workspace) = workspace.cloned() else {
            return ToolResult::failed("there is no workspace");
        };
        if is_command(tool) {
            let Some(commands) = &self.commands else {
                return ToolResult::failed("commands are not allowed here");
            };
            let reader = if limit.is_some() { Reader::Task } else { Reader::Model };
            return commands.run(arguments, workspace.root(), limit, reader).await;
        }
        let (tool, arguments) = (tool.to_owned(), arguments.clone());
        let reading =
            tokio::task::spawn_blocking(move || built_in::use_tool(&tool, &arguments, &workspace));
        reading.await.unwrap_or_else(|_| ToolResult::failed("the tool broke off"))
    }

    /// Stops every server that was started.
    pub async fn close(&self) {
        for server in self.servers.values() {
            server.close().await;
        }
    }
}

fn unavailable(message: String) -> Failure {
    Failure::new(FailureClass::ToolsUnavailable, message)
}

fn offered(name: String, description: &str, parameters: Value, toolbox: &Toolbox) -> OfferedTool {
    let permission = toolbox.permission(&name);
    let (called, description) = (String::new(), description.to_owned());
    OfferedTool { name, called, description, parameters, permission }
}

/// In a rehearsal nobody knows which tools a server has: those that are named, or else one.
fn stand_ins(server: &str, toolbox: &Toolbox) -> Vec<OfferedTool> {
    let prefix = format!("{server}.");
    let used = toolbox.allow.iter().chain(&toolbox.ask);
    let mut names: BTreeSet<String> =
        used.filter(|name| name.starts_with(&prefix)).cloned().collect();
    if names.is_empty() {
        names.insert(format!("{prefix}simulated"));
    }
    let described = "A tool of a server that is not started in a rehearsal.";
    let schema = || json!({ "type": "object", "properties": {} });
    let tools = names.into_iter().map(|name| offered(name, described, schema(), toolbox));
    tools.filter(|tool| tool.permission != Permission::Denied).collect()
}

/// That a server has every tool that is named.
fn check_named(
    server: &str,
    listed: &[super::server::ListedTool],
    toolbox: &Toolbox,
) -> Result<(), Failure> {
    let prefix = format!("{server}.");
    let mut named =
        toolbox.allow.iter().chain(&toolbox.ask).filter_map(|name| name.strip_prefix(&prefix));
    match named.find(|name| !listed.iter().any(|tool| tool.name == *name)) {
        None => Ok(()),
        Some(missing) => {
            let names: Vec<&str> = listed.iter().map(|tool| tool.name.as_str()).collect();
            Err(unavailable(format!(
                "the tool server `{server}` has no tool `{missing}`; it has {}",
                if names.is_empty() { "none".to_owned() } else { names.join(", ") }
            )))
        }
    }
}

/// That something is asked for of all that was agreed to.
fn check_agreed<'a>(
    boxes: impl Iterator<Item = &'a Toolbox>,
    agreed: &BTreeSet<String>,
) -> Result<(), ToolsError> {
    let mut idle = agreed.clone();
    for name in boxes.flat_map(|toolbox| &toolbox.ask) {
        idle.retain(|agreed| {
            let of_one = |whole: &str, part: &str| {
                part.strip_prefix(whole).is_some_and(|rest| rest.starts_with('.'))
            };
            agreed != name && !of_one(agreed, name) && !of_one(name, agreed)
        });
    }
    idle.into_iter().next().map_or(Ok(()), |idle| Err(ToolsError::NothingAgreed(idle)))
}

/// A workspace, which must lie below the folder in which the run began.
fn workspace(folder: &Path, named: &str) -> Result<Confined, ToolsError> {
    let wrong = |error: &std::io::Error| ToolsError::NoWorkspace {
        folder: named.to_owned(),
        reason: reason(error),
    };
    let around = Confined::new(folder).map_err(|error| wrong(&error))?;
    let confined = Confined::new(&around.root().join(named)).map_err(|error| wrong(&error))?;
    if confined.root().starts_with(around.root()) {
        Ok(confined)
    } else {
        Err(ToolsError::WorkspaceOutside { folder: named.to_owned() })
    }
}
