//! The tools that Partita has itself: what they are called, and what they are given.

use serde_json::{Value, json};

/// Their names. They only read, and only below the workspace.
pub const BUILT_IN_TOOLS: [&str; 3] = ["list_files", "read_file", "search_files"];

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
