//! Tools that tasks call.

use std::time::Duration;

use super::ask::seat;
use super::{DEFAULT_BACKOFF, Inside, Lowering};
use crate::language::document::{HumanDuration, Modifiers, RUN_COMMAND, ToolTask};
use crate::language::plan::model::{Limits, RetryPolicy, Work};
use crate::language::plan::tools::{PlannedTool, is_built_in, server_of};

/// How long a built-in tool may take.
const BUILT_IN_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a command may take as far as its task goes: the cluster has a limit for all of them.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

impl Lowering<'_> {
    /// A tool that a task calls, under the name that its server has in the whole plan.
    pub(super) fn tool(
        &mut self,
        inside: &Inside,
        called: &ToolTask,
        modifiers: &Modifiers,
    ) -> Option<Work> {
        let output = match &modifiers.output {
            Some(output) => Some(output.to_schema().ok()?),
            None => None,
        };
        let tool = if is_built_in(&called.tool) {
            called.tool.clone()
        } else {
            let name = server_of(&called.tool)?;
            let server = inside.tools.servers.get(name)?;
            let seated = seat(&mut self.tool_servers, name, server);
            format!("{seated}{}", &called.tool[name.len()..])
        };
        let workspace = inside.tools.workspace.clone().filter(|_| is_built_in(&tool));
        let with = called.with.clone();
        Some(Work::Tool(Box::new(PlannedTool {
            tool,
            with,
            workspace,
            output,
            effect: modifiers.effect,
        })))
    }
}

/// The time limits of a task that calls a tool: what it says itself, else what its server says. What
/// documents say for all tasks is meant for models.
pub(super) fn limits(
    of_models: Limits,
    inside: &Inside,
    called: &ToolTask,
    modifiers: &Modifiers,
) -> Limits {
    let own = modifiers.timeout.and_then(|timeout| timeout.total);
    let server = server_of(&called.tool).and_then(|name| inside.tools.servers.get(name));
    let of_tool = if called.tool == RUN_COMMAND { COMMAND_TIMEOUT } else { BUILT_IN_TIMEOUT };
    let of_server = || server.map_or(HumanDuration(of_tool), |server| server.timeout);
    Limits { total: own.unwrap_or_else(of_server), ..of_models }
}

/// How often a tool is called: once, where the task does not say otherwise itself. A call may change
/// something, and doing that twice is nothing that a document says for all its tasks.
pub(super) fn retry_policy(modifiers: &Modifiers) -> RetryPolicy {
    let written = modifiers.retry.clone();
    let is_written = written.is_some();
    let written = written.unwrap_or_default();
    let default = if is_written { super::DEFAULT_ATTEMPTS } else { 1 };
    RetryPolicy {
        max_attempts: written.max_attempts.unwrap_or(default),
        backoff: written.backoff.unwrap_or(DEFAULT_BACKOFF),
        classes: written.classes,
    }
}
