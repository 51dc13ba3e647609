//! The tools that need no server: they read files below the workspace, and change nothing.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::confined::{Confined, reason};
use super::shown::ToolResult;

/// No larger file is read, in bytes.
const MAX_FILE: u64 = 4 * 1024 * 1024;

/// So many entries of a folder are listed.
const MAX_ENTRIES: usize = 500;

/// So many files are searched, and so many lines shown.
const MAX_SEARCHED: usize = 5000;
const MAX_FOUND: usize = 100;

/// So many characters of a line that was found are shown.
const MAX_LINE: usize = 300;

#[derive(Deserialize)]
struct ListFiles {
    #[serde(default)]
    path: Option<String>,
}

#[derive(Deserialize)]
struct ReadFile {
    path: String,
    #[serde(default)]
    from_line: Option<u64>,
}

#[derive(Deserialize)]
struct SearchFiles {
    text: String,
    #[serde(default)]
    path: Option<String>,
}

/// Uses a built-in tool; what goes wrong is part of the result.
pub(super) fn use_tool(tool: &str, arguments: &Value, workspace: &Confined) -> ToolResult {
    let result = match tool {
        "list_files" => arguments_of(arguments).and_then(|given| list_files(&given, workspace)),
        "read_file" => arguments_of(arguments).and_then(|given| read_file(&given, workspace)),
        _ => arguments_of(arguments).and_then(|given| search_files(&given, workspace)),
    };
    match result {
        Ok(text) => ToolResult::given(text),
        Err(message) => ToolResult::failed(message),
    }
}

fn arguments_of<T: DeserializeOwned>(arguments: &Value) -> Result<T, String> {
    serde_json::from_value(arguments.clone())
        .map_err(|error| format!("the arguments do not fit: {error}"))
}

fn list_files(given: &ListFiles, workspace: &Confined) -> Result<String, String> {
    let named = given.path.as_deref().unwrap_or("");
    let folder = workspace.find(named)?;
    let entries = workspace
        .entries(&folder)
        .map_err(|error| format!("`{named}` cannot be listed: {}", reason(&error)))?;
    let mut lines: Vec<String> = entries
        .iter()
        .take(MAX_ENTRIES)
        .map(|path| format!("{}{}", workspace.name(path), if path.is_dir() { "/" } else { "" }))
        .collect();
    if entries.is_empty() {
        lines.push("(the folder is empty)".to_owned());
    }
    if entries.len() > MAX_ENTRIES {
        lines.push(format!("[cut here: {MAX_ENTRIES} of {} entries are shown]", entries.len()));
    }
    Ok(lines.join("\n"))
}

fn read_file(given: &ReadFile, workspace: &Confined) -> Result<String, String> {
    let path = workspace.find(&given.path)?;
    let text = text_of(&path).map_err(|trouble| format!("`{}` {trouble}", given.path))?;
    let skipped = given.from_line.unwrap_or(1).saturating_sub(1);
    let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
    if skipped == 0 {
        return Ok(text);
    }
    let lines: Vec<&str> = text.lines().collect();
    match lines.get(skipped..).filter(|rest| !rest.is_empty()) {
        Some(rest) => Ok(rest.join("\n")),
        None => Err(format!("`{}` has {} lines", given.path, lines.len())),
    }
}

fn search_files(given: &SearchFiles, workspace: &Confined) -> Result<String, String> {
    let wanted = given.text.to_lowercase();
    if wanted.is_empty() {
        return Err("`text` is empty: say what is looked for".to_owned());
    }
    let mut pending = vec![workspace.find(given.path.as_deref().unwrap_or(""))?];
    let (mut found, mut searched) = (Vec::new(), 0);
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            // Links to folders are not followed: a circle of them would have no end.
            let entries = workspace.entries(&path).unwrap_or_default();
            let inside =
                entries.into_iter().rev().filter(|path| !(path.is_symlink() && path.is_dir()));
            pending.extend(inside);
            continue;
        }
        searched += 1;
        if searched > MAX_SEARCHED {
            found.push(format!("[stopped here: {MAX_SEARCHED} files were searched]"));
            break;
        }
        let Ok(text) = text_of(&path) else { continue };
        let lines = (1..).zip(text.lines());
        let hits = lines.filter(|(_, line)| line.to_lowercase().contains(&wanted));
        for (number, line) in hits.take(MAX_FOUND + 1 - found.len()) {
            let shown: String = line.trim().chars().take(MAX_LINE).collect();
            found.push(format!("{}:{number}: {shown}", workspace.name(&path)));
        }
        if found.len() > MAX_FOUND {
            found.truncate(MAX_FOUND);
            found.push(format!("[cut here: the first {MAX_FOUND} lines are shown]"));
            break;
        }
    }
    if found.is_empty() {
        return Ok(format!("`{}` is in none of {searched} files", given.text));
    }
    Ok(found.join("\n"))
}

/// The text of a file, if it is one.
fn text_of(path: &PathBuf) -> Result<String, String> {
    let cannot = |error: &std::io::Error| format!("cannot be read: {}", reason(error));
    if !is_file(path).map_err(|error| cannot(&error))? {
        return Err("is no file; list_files shows what is in a folder".to_owned());
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| cannot(&error))?;
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(|error| cannot(&error))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(format!("is larger than {} MB", MAX_FILE / 1024 / 1024));
    }
    String::from_utf8(bytes).map_err(|_| "is no text in UTF-8".to_owned())
}

/// Pipes and devices may never come to an end.
fn is_file(path: &Path) -> std::io::Result<bool> {
    Ok(fs::metadata(path)?.is_file())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn workspace() -> (tempfile::TempDir, Confined) {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("teas")).expect("a folder");
        fs::write(folder.path().join("teas/black.md"), "Assam\nDarjeeling\n").expect("a file");
        fs::write(folder.path().join("plan.txt"), "Order assam on Monday").expect("a file");
        fs::write(folder.path().join("picture"), [0xff, 0x00]).expect("a file");
        let confined = Confined::new(folder.path()).expect("a folder");
        (folder, confined)
    }

    fn check(tool: &str, arguments: Value, expected: Result<&str, &str>) {
        let (_folder, confined) = workspace();
        let result = use_tool(tool, &arguments, &confined);
        let (text, failed) = (result.text.clone(), result.is_failure());
        match expected {
            Ok(given) => assert_eq!((text.as_str(), failed), (given, false), "{arguments}"),
            Err(part) => assert!(failed && text.contains(part), "{arguments}: {text}"),
        }
    }

    #[test]
    fn files_are_listed() {
        check("list_files", json!({}), Ok("picture\nplan.txt\nteas/"));
        check("list_files", json!({ "path": "teas" }), Ok("teas/black.md"));
        check("list_files", json!({ "path": "plan.txt" }), Err("it is no folder"));
        check("list_files", json!({ "path": ".." }), Err("leads out"));
        check("list_files", json!({ "path": 7 }), Err("do not fit"));
    }

    #[test]
    fn files_are_read() {
        check("read_file", json!({ "path": "teas/black.md" }), Ok("Assam\nDarjeeling\n"));
        check("read_file", json!({ "path": "teas/black.md", "from_line": 2 }), Ok("Darjeeling"));
        check("read_file", json!({ "path": "teas/black.md", "from_line": 9 }), Err("has 2 lines"));
        check("read_file", json!({ "path": "teas" }), Err("is no file"));
        check("read_file", json!({ "path": "picture" }), Err("no text in UTF-8"));
        check("read_file", json!({ "path": "green.md" }), Err("no such file"));
        check("read_file", json!({}), Err("missing field `path`"));
    }

    #[test]
    fn files_are_searched() {
        let all = "plan.txt:1: Order assam on Monday\nteas/black.md:1: Assam";
        check("search_files", json!({ "text": "ASSAM" }), Ok(all));
        check(
            "search_files",
            json!({ "text": "assam", "path": "teas" }),
            Ok("teas/black.md:1: Assam"),
        );
        check("search_files", json!({ "text": "oolong" }), Ok("`oolong` is in none of 3 files"));
        check("search_files", json!({ "text": "" }), Err("`text` is empty"));
    }
}
