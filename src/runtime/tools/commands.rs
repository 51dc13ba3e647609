//! The tool `run_command`: which programs it may run, and what is told of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{ToolAccess, passed_on};
use super::program::{MAX_BYTES, Program, Ran, find};
use super::shown::{ToolEnding, ToolResult};
use crate::language::document::{CommandSettings, RUN_COMMAND, is_program_name};
use crate::language::plan::{Plan, Work};

/// Why a plan that runs commands does not begin. The user's fault, or meant so by whoever wrote the
/// cluster file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandsError {
    /// The cluster file does not allow commands.
    #[error("`{task}` uses `run_command`, and the cluster file allows no commands")]
    NotByCluster {
        /// The first task that may run some.
        task: String,
    },
    /// The command line does not allow commands.
    #[error("`{task}` uses `run_command`, and the command line allows no commands")]
    NotByCommandLine {
        /// The first task that may run some.
        task: String,
    },
    /// Neither does.
    #[error(
        "`{task}` uses `run_command`, and neither the cluster file nor the command line allows commands"
    )]
    NotAtAll {
        /// The first task that may run some.
        task: String,
    },
    /// A task runs a program that is not on the list.
    #[error("`{task}` runs `{program}`, and the cluster file allows only {allowed}")]
    NotListed {
        /// The task.
        task: String,
        /// What it runs.
        program: String,
        /// What may be run.
        allowed: String,
    },
}

/// The programs that may be run, since the cluster file and the command line both say so.
#[derive(Debug, Clone)]
pub struct Commands {
    settings: CommandSettings,
    /// All of the environment that programs have.
    variables: BTreeMap<String, String>,
}

/// Who reads what came of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// A model: it is told all there is, whatever that is.
    Model,
    /// A task, whose output is what the command said.
    Task,
}

#[derive(Deserialize)]
struct Arguments {
    program: String,
    #[serde(default)]
    args: Vec<Value>,
    #[serde(default)]
    stdin: Option<String>,
}

impl Commands {
    /// The commands of a plan, if it runs any.
    ///
    /// # Errors
    /// When it runs some, and not all that must allow them do.
    pub fn of(
        plan: &Plan,
        settings: Option<&CommandSettings>,
        access: &ToolAccess,
    ) -> Result<Option<Commands>, CommandsError> {
        let Some(task) = plan.running_commands().next() else { return Ok(None) };
        let task = task.path.clone();
        let settings = match (settings, access.commands) {
            (None, false) => return Err(CommandsError::NotAtAll { task }),
            (None, true) => return Err(CommandsError::NotByCluster { task }),
            (Some(_), false) => return Err(CommandsError::NotByCommandLine { task }),
            (Some(settings), true) => settings.clone(),
        };
        let commands = Commands { settings, variables: passed_on(&access.variables) };
        commands.check_named(plan)?;
        Ok(Some(commands))
    }

    /// That what tasks say they run is on the list, as far as they say it themselves.
    fn check_named(&self, plan: &Plan) -> Result<(), CommandsError> {
        for task in plan.running_commands() {
            let Work::Tool(tool) = &task.work else { continue };
            let named = tool.with.get("program").and_then(Value::as_str);
            // A name with anything else in it is a template, or has been found before.
            if let Some(program) = named.filter(|name| is_program_name(name))
                && !self.settings.allow.contains(program)
            {
                let (task, program) = (task.path.clone(), program.to_owned());
                return Err(CommandsError::NotListed { task, program, allowed: self.allowed() });
            }
        }
        Ok(())
    }

    /// The schema of the tool's arguments, with the programs that there are.
    pub(super) fn narrowed(&self, mut parameters: Value) -> Value {
        if let Some(program) = parameters.pointer_mut("/properties/program") {
            program["enum"] = json!(self.settings.allow);
        }
        parameters
    }

    /// Runs a command in a folder, for so long at most, or as long as the cluster lets commands run. What
    /// goes wrong is part of the result.
    pub(super) async fn run(
        &self,
        arguments: &Value,
        folder: &Path,
        limit: Option<Duration>,
        reader: Reader,
    ) -> ToolResult {
        let most = self.settings.timeout.0;
        let limit = limit.map_or(most, |limit| limit.min(most));
        match self.try_run(arguments, folder, limit).await {
            Err(refusal) => ToolResult::failed(refusal),
            Ok((program, ran)) => told(&program, &ran, limit, reader),
        }
    }

    /// # Errors
    /// In words, when nothing was run.
    async fn try_run(
        &self,
        arguments: &Value,
        folder: &Path,
        limit: Duration,
    ) -> Result<(String, Ran), String> {
        let given: Arguments = serde_json::from_value(arguments.clone())
            .map_err(|error| format!("the arguments do not fit: {error}"))?;
        let Arguments { program, args, stdin } = given;
        if !is_program_name(&program) {
            let message = format!(
                "`{program}` is not the bare name of a program: no folders, no spaces; arguments go \
                 into `args`. There are {}",
                self.allowed()
            );
            return Err(message);
        }
        if !self.settings.allow.contains(&program) {
            return Err(format!("`{program}` may not be run; there are {}", self.allowed()));
        }
        let args: Vec<String> = args.iter().map(as_text).collect::<Result<_, _>>()?;
        let path = self.variables.get("PATH").map_or("", String::as_str);
        let found = find(&program, path)
            .ok_or_else(|| format!("there is no program `{program}` on this machine's PATH"))?;
        let running = Program {
            path: &found,
            args: &args,
            stdin: stdin.as_deref(),
            folder,
            variables: &self.variables,
            limit,
        };
        let ran = running.run().await;
        let ran = ran.map_err(|error| format!("`{program}` cannot be run: {error}"))?;
        Ok((program, ran))
    }

    /// The programs, in words.
    pub(super) fn allowed(&self) -> String {
        let names: Vec<&str> = self.settings.allow.iter().map(String::as_str).collect();
        names.join(", ")
    }
}

/// An argument as programs are given it: models write numbers where texts are meant.
fn as_text(value: &Value) -> Result<String, String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        _ => return Err(format!("the arguments do not fit: `args` has {value}, which is no text")),
    };
    match text.contains('\0') {
        true => Err("the arguments do not fit: `args` has a NUL".to_owned()),
        false => Ok(text),
    }
}

/// What came of a program, in words for its reader.
fn told(program: &str, ran: &Ran, limit: Duration, reader: Reader) -> ToolResult {
    let Some(status) = ran.status else {
        let what = format!(
            "`{program}` was stopped after {} s, with all that it had started; whether it had done its \
             work is not known",
            limit.as_secs_f64()
        );
        return ToolResult::unknown(with_words(what, ran, reader));
    };
    let ending = ending(status);
    if reader == Reader::Model {
        return ToolResult::given(words(&ending, ran));
    }
    let failed = with_words(format!("`{program}` ended with {ending}"), ran, reader);
    match status.code() {
        Some(0) => output(program, ran),
        Some(_) => ToolResult::failed(failed),
        // Whoever killed it knows why; what it had done until then nobody does.
        None => ToolResult::unknown(failed),
    }
}

/// What a command gave that did what it should.
fn output(program: &str, ran: &Ran) -> ToolResult {
    if ran.stdout.is_cut() || ran.stderr.is_cut() {
        let megabyte = 1024 * 1024;
        let bytes = ran.stdout.bytes() + ran.stderr.bytes();
        return ToolResult::unusable(format!(
            "`{program}` was done, and said about {} MB; a result may have {} MB: ask it for less at a time",
            bytes.div_ceil(megabyte),
            MAX_BYTES / megabyte
        ));
    }
    let stdout = ran.stdout.text();
    let form = json!({ "exit_code": 0, "stdout": stdout, "stderr": ran.stderr.text() });
    let text = stdout.trim_end_matches(['\n', '\r']).to_owned();
    ToolResult { text, form: Some(form), ending: ToolEnding::Given }
}

/// Everything that a model is told.
fn words(ending: &str, ran: &Ran) -> String {
    let mut text = ending.to_owned();
    for (name, said) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
        if said.bytes() > 0 {
            text.push_str(&format!("\n{name}:\n{}", said.text().trim_end()));
        }
    }
    if ran.stdout.bytes() + ran.stderr.bytes() == 0 {
        text.push_str("\n(it said nothing)");
    }
    text
}

/// What went wrong, with what was said: for a model all of it, for a task the last lines.
fn with_words(what: String, ran: &Ran, reader: Reader) -> String {
    match reader {
        Reader::Model => words(&what, ran),
        Reader::Task => match ran.stderr.last_lines().or_else(|| ran.stdout.last_lines()) {
            Some(lines) => format!("{what}; it said: {lines}"),
            None => what,
        },
    }
}

#[cfg(unix)]
fn ending(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (None, Some(signal)) => format!("signal {signal}"),
        (code, _) => format!("exit code {}", code.unwrap_or_default()),
    }
}

#[cfg(not(unix))]
fn ending(status: ExitStatus) -> String {
    format!("exit code {}", status.code().unwrap_or_default())
}

/// Whether a tool runs commands.
pub(super) fn is_command(tool: &str) -> bool {
    tool == RUN_COMMAND
}

#[cfg(all(test, unix))]
#[path = "commands_tests.rs"]
mod tests;
