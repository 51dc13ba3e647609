//! The tools that Partita has itself: what they are called, and what they are given.

use serde_json::{Value, json};

use super::commands::PROGRAM_PATTERN;

/// Their names. All need a workspace.
pub const BUILT_IN_TOOLS: [&str; 4] = ["list_files", "read_file", "search_files", RUN_COMMAND];

/// The one that runs programs. All others only read, and only below the workspace.
pub const RUN_COMMAND: &str = "run_command";

/// Whether a tool is known to change nothing.
pub(crate) fn only_reads(tool: &str) -> bool {
    tool != RUN_COMMAND && BUILT_IN_TOOLS.contains(&tool)
}

/// What is said of a built-in tool: its description, and the JSON Schema of its arguments.
pub fn described_tool(tool: &str) -> (&'static str, Value) {
    let path = |what: &str| json!({ "type": "string", "description": what });
    match tool {
        "list_files" => (
            "List the files and folders in a folder of the workspace. Folders end in a slash.",
            json!({
                "type": "object",
                "properties": { "path": path("The folder; the whole workspace if absent") },
            }),
        ),
        "read_file" => (
            "Read a text file of the workspace.",
            json!({
                "type": "object",
                "properties": {
                    "path": path("The file, as list_files names it"),
                    "from_line": {
                        "type": "integer",
                        "minimum": 1,
                        "description": "The first line that is wanted; 1 if absent",
                    },
                },
                "required": ["path"],
            }),
        ),
        RUN_COMMAND => (
            "Run one program in the workspace and read what it says. There is no shell: no pipes, no \
             redirections, no wildcards, no variables; one program and its arguments.",
            json!({
                "type": "object",
                "properties": {
                    "program": {
                        "type": "string",
                        "pattern": PROGRAM_PATTERN,
                        "description": "The program's name, without a folder",
                    },
                    "args": {
                        "type": "array",
                        "items": { "type": ["string", "number", "boolean"] },
                        "description": "Its arguments, each as one text",
                    },
                    "stdin": {
                        "type": "string",
                        "description": "What it reads on its standard input; nothing if absent",
                    },
                },
                "required": ["program"],
            }),
        ),
        _ => (
            "Find the lines of text files in the workspace that contain a text, in whatever case.",
            json!({
                "type": "object",
                "properties": {
                    "text": { "type": "string", "minLength": 1, "description": "What is looked for" },
                    "path": path("The file or folder; the whole workspace if absent"),
                },
                "required": ["text"],
            }),
        ),
    }
}
