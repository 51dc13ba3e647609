//! One server of tools: started or connected to when it is first needed, and once more if it dies.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, ContentBlock,
    Implementation, InitializeRequestParams,
};
use rmcp::service::{RunningService, ServiceError};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::{StreamableHttpClientTransport, TokioChildProcess};
use rmcp::{RoleClient, ServiceExt};
use serde_json::Value;
use tokio::process::Command;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::access::{ToolAccess, passed_on};
use super::house::ToolsError;
use super::offer::parameters;
use super::said::{Listening, Said};
use super::shown::{ToolEnding, ToolResult};
use crate::language::plan::PlanToolServer;
use crate::runtime::cluster::Client;

/// So often a server is started in a run.
const MAX_STARTS: u32 = 2;

/// How long a server may take to start and to say which tools it has.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a server may take to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(8);

/// A result may have so many bytes, before it is cut for a model or stored for a task.
const MAX_BYTES: usize = 4 * MEGABYTE;

const MEGABYTE: usize = 1024 * 1024;

/// A tool that a server has.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ListedTool {
    pub(super) name: String,
    pub(super) description: String,
    /// JSON Schema of its arguments.
    pub(super) parameters: Value,
}

/// A way to a server of tools.
#[derive(Debug)]
pub(super) struct ToolServerLink {
    name: String,
    how: How,
    timeout: Duration,
    state: Mutex<State>,
}

/// How a server is reached.
#[derive(Debug)]
enum How {
    /// As a program.
    Program {
        command: String,
        args: Vec<String>,
        folder: PathBuf,
        variables: BTreeMap<String, String>,
    },
    /// At an address.
    Address { url: String, token: Option<String>, client: Client },
}

#[derive(Debug, Default)]
struct State {
    running: Option<Arc<Running>>,
    starts: u32,
    /// What was wrong with it last.
    trouble: Option<String>,
}

/// A server that runs.
#[derive(Debug)]
struct Running {
    service: Mutex<RunningService<RoleClient, InitializeRequestParams>>,
    peer: rmcp::Peer<RoleClient>,
    tools: Vec<ListedTool>,
    said: Arc<Said>,
}

impl ToolServerLink {
    /// A way to a server, with what it is to have of the environment.
    ///
    /// # Errors
    /// When a variable is missing.
    pub(super) fn new(
        planned: &PlanToolServer,
        access: &ToolAccess,
        client: &Client,
    ) -> Result<ToolServerLink, ToolsError> {
        let PlanToolServer { name, server } = planned;
        let variable = |variable: &String| {
            let value = access.variables.get(variable).cloned();
            value.ok_or_else(|| ToolsError::NoVariable {
                server: name.clone(),
                variable: variable.clone(),
            })
        };
        let how = match (&server.command, &server.url) {
            (None, Some(url)) => How::Address {
                url: url.clone(),
                token: server.token.as_ref().map(variable).transpose()?,
                client: client.clone(),
            },
            (command, _) => {
                let mut variables = passed_on(&access.variables);
                for name in &server.env {
                    variables.insert(name.clone(), variable(name)?);
                }
                How::Program {
                    command: command.clone().unwrap_or_default(),
                    args: server.args.clone(),
                    folder: access.folder.clone(),
                    variables,
                }
            }
        };
        let state = Mutex::new(State::default());
        Ok(ToolServerLink { name: name.clone(), how, timeout: server.timeout.0, state })
    }

    /// The tools that it has.
    ///
    /// # Errors
    /// In words, when it cannot be started, or has died twice.
    pub(super) async fn tools(&self) -> Result<Vec<ListedTool>, String> {
        Ok(self.running().await?.tools.clone())
    }

    /// Calls a tool once, for so long at most, or as long as its server says. What goes wrong is part of the result; a call is never made twice, since
    /// nobody knows what became of the first.
    ///
    /// # Errors
    /// In words, when it cannot be started again, or has died twice.
    pub(super) async fn call(
        &self,
        tool: &str,
        arguments: &Value,
        limit: Option<Duration>,
    ) -> Result<ToolResult, String> {
        let limit = limit.unwrap_or(self.timeout);
        let running = self.running().await?;
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        let params = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        // Dropping the call tells the server that nobody waits for it any more.
        let answered = timeout(limit, running.peer.call_tool_once(params)).await;
        let seconds = limit.as_secs_f64();
        Ok(match answered {
            Err(_) => ToolResult::unknown(format!(
                "`{tool}` gave no result in {seconds} s; whether it was done is not known"
            )),
            Ok(Ok(CallToolResponse::Complete(result))) => shown(tool, &result),
            Ok(Ok(_)) => ToolResult::failed(format!("`{tool}` asks for more than its arguments")),
            Ok(Err(ServiceError::McpError(error))) => ToolResult::failed(error.message.to_string()),
            Ok(Err(error)) => {
                let trouble = self.trouble(&error.to_string(), &running.said).await;
                self.forget(&running, &trouble).await;
                ToolResult::unknown(format!("{trouble}; whether `{tool}` was done is not known"))
            }
        })
    }

    /// The server as it runs; it is started if it does not, but not a third time.
    async fn running(&self) -> Result<Arc<Running>, String> {
        let mut state = self.state.lock().await;
        if let Some(running) = &state.running {
            if !running.peer.is_transport_closed() {
                return Ok(Arc::clone(running));
            }
            let said = Arc::clone(&running.said);
            state.trouble = Some(self.trouble("it died", &said).await);
            state.running = None;
        }
        if state.starts >= MAX_STARTS {
            let trouble = state.trouble.clone().unwrap_or_default();
            return Err(format!("{trouble}; it was started {MAX_STARTS} times, and is not again"));
        }
        let started = self.start().await;
        // A start that was broken off with the call that needed it does not count.
        state.starts += 1;
        match started {
            Ok(running) => {
                let running = Arc::new(running);
                state.running = Some(Arc::clone(&running));
                Ok(running)
            }
            Err(trouble) => {
                state.trouble = Some(trouble.clone());
                Err(trouble)
            }
        }
    }

    /// A server that broke a call off is not spoken to again; the next call starts another.
    async fn forget(&self, dead: &Arc<Running>, trouble: &str) {
        let mut state = self.state.lock().await;
        if state.running.as_ref().is_some_and(|running| Arc::ptr_eq(running, dead)) {
            state.running = None;
            state.trouble = Some(trouble.to_owned());
        }
    }

    async fn start(&self) -> Result<Running, String> {
        let (said, listening) = Said::nothing();
        let seconds = START_TIMEOUT.as_secs();
        match timeout(START_TIMEOUT, self.connect(Arc::clone(&said), listening)).await {
            Ok(Ok(running)) => Ok(running),
            Ok(Err(reason)) => Err(self.trouble(&reason, &said).await),
            Err(_) => Err(self.trouble(&format!("it did not answer in {seconds} s"), &said).await),
        }
    }

    async fn connect(&self, said: Arc<Said>, listening: Listening) -> Result<Running, String> {
        let version = env!("CARGO_PKG_VERSION");
        let me = InitializeRequestParams::new(
            ClientCapabilities::default(),
            Implementation::new("partita", version),
        );
        let service = match &self.how {
            How::Program { command, args, folder, variables } => {
                let mut program = Command::new(command);
                program.args(args).current_dir(folder).env_clear().envs(variables);
                program.kill_on_drop(true);
                // Ctrl-C is for us: we stop the server when the run has stopped.
                #[cfg(unix)]
                program.process_group(0);
                let (transport, stderr) = TokioChildProcess::builder(program)
                    .stderr(Stdio::piped())
                    .spawn()
                    .map_err(|error| format!("`{command}` cannot be started: {error}"))?;
                if let Some(stderr) = stderr {
                    tokio::spawn(listening.to(stderr));
                }
                me.serve(transport).await.map_err(|error| error.to_string())?
            }
            How::Address { url, token, client } => {
                let mut config = StreamableHttpClientTransportConfig::with_uri(url.as_str());
                if let Some(token) = token {
                    config = config.auth_header(token.as_str());
                }
                let transport = StreamableHttpClientTransport::with_client(client.plain(), config);
                me.serve(transport).await.map_err(|error| error.to_string())?
            }
        };
        let peer = service.peer().clone();
        let listed = peer
            .list_all_tools()
            .await
            .map_err(|error| format!("it does not say which tools it has: {error}"))?;
        let tools = listed.into_iter().map(|tool| ListedTool {
            name: tool.name.to_string(),
            description: tool.description.map(|text| text.to_string()).unwrap_or_default(),
            parameters: parameters(&tool.input_schema),
        });
        Ok(Running { tools: tools.collect(), service: Mutex::new(service), peer, said })
    }

    /// What is wrong with the server, with what it said last.
    async fn trouble(&self, reason: &str, said: &Said) -> String {
        let place = match &self.how {
            How::Program { command, .. } => format!("`{command}`"),
            How::Address { url, .. } => url.clone(),
        };
        let said = said.last_words().await.map(|words| format!("; it said: {words}"));
        let said = said.unwrap_or_default();
        format!("the tool server `{}` ({place}) fails: {reason}{said}", self.name)
    }

    /// Stops it.
    pub(super) async fn close(&self) {
        if let Some(running) = self.state.lock().await.running.take() {
            let _ = running.service.lock().await.close_with_timeout(STOP_TIMEOUT).await;
        }
    }
}

/// What a result comes to, in words and in form.
fn shown(tool: &str, result: &CallToolResult) -> ToolResult {
    let parts: Vec<String> = result
        .content
        .iter()
        .map(|block| match block {
            ContentBlock::Text(text) => text.text.clone(),
            ContentBlock::Image(_) => "[an image, which is not shown]".to_owned(),
            ContentBlock::Audio(_) => "[a sound, which is not shown]".to_owned(),
            ContentBlock::Resource(_) => "[a resource, which is not shown]".to_owned(),
            ContentBlock::ResourceLink(link) => format!("[a link to {}]", link.uri),
            _ => "[something that cannot be shown]".to_owned(),
        })
        .collect();
    let text = match &result.structured_content {
        Some(value) if parts.is_empty() => value.to_string(),
        _ if parts.is_empty() => "(the tool gave nothing back)".to_owned(),
        _ => parts.join("\n"),
    };
    let form_bytes = result.structured_content.as_ref().map_or(0, |form| form.to_string().len());
    let bytes = text.len().max(form_bytes);
    if bytes > MAX_BYTES {
        let (megabytes, most) = (bytes.div_ceil(MEGABYTE), MAX_BYTES / MEGABYTE);
        return ToolResult::unusable(format!(
            "`{tool}` was done, and gave about {megabytes} MB; a result may have {most} MB: ask it \
             for less at a time"
        ));
    }
    let ending = match result.is_error {
        Some(true) => ToolEnding::Failed,
        _ => ToolEnding::Given,
    };
    ToolResult { text, form: result.structured_content.clone(), ending }
}
