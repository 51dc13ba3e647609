//! Documents on disk.

use std::fs;
use std::path::{Path, PathBuf};

use crate::language::diagnostic::Code;
use crate::language::document::{Expectation, ProjectFile, Unreadable};
use crate::language::source::{check_size, decode};

/// The folders of a project in which documents are looked for.
pub const PROJECT_FOLDERS: [&str; 3] = ["patterns", "pipelines", "teams"];

/// Folders that never hold documents of ours.
const PASSED_OVER: [&str; 2] = ["target", "node_modules"];

/// The YAML files below a folder, sorted by path. Links to folders are not followed, so that no
/// circle of them is endless.
pub fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(folder, &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_dir() {
            if !name.starts_with('.') && !PASSED_OVER.contains(&name.as_ref()) {
                collect(&path, found);
            }
        } else if is_yaml(&path) {
            found.push(path);
        }
    }
}

/// Whether a file would be found that has this path, with slashes, below a searched folder.
pub fn is_searched(path: &str) -> bool {
    let (folders, _) = path.rsplit_once('/').unwrap_or_default();
    let is_passed_over = |name: &str| name.starts_with('.') || PASSED_OVER.contains(&name);
    is_yaml(Path::new(path)) && !folders.split('/').any(is_passed_over)
}

/// Whether a path has the ending of a YAML file.
pub fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml")
}

/// Reads a file that may be a document. What is wrong with it is part of the result, so that one
/// bad file does not hide the others.
pub fn read_document(path: &Path, expectation: Expectation) -> ProjectFile {
    ProjectFile { name: path.display().to_string(), content: read_text(path), expectation }
}

/// The text of a file of at most the size that a document may have.
///
/// # Errors
/// When it cannot be read, is too large, or is not UTF-8.
pub fn read_text(path: &Path) -> Result<String, Unreadable> {
    let unreadable = |code, message: String, help: Option<&str>| Unreadable {
        code,
        message,
        help: help.map(str::to_owned),
    };
    let cannot = |error: std::io::Error| {
        unreadable(Code::UNREADABLE_FILE, format!("the file cannot be read: {error}"), None)
    };
    let metadata = fs::metadata(path).map_err(cannot)?;
    if metadata.is_dir() {
        let message = "this is a folder, not a file".to_owned();
        return Err(unreadable(Code::UNREADABLE_FILE, message, None));
    }
    check_size(metadata.len()).map_err(|error| {
        let help = "split the document, or check whether this is one";
        unreadable(Code::FILE_TOO_LARGE, error.to_string(), Some(help))
    })?;
    let bytes = fs::read(path).map_err(cannot)?;
    decode(bytes).map_err(|error| {
        let help = "save the file as UTF-8";
        unreadable(Code::NOT_UTF8, error.to_string(), Some(help))
    })
}
