//! Documents on disk.

use std::fs;
use std::io::Write as _;
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

/// Whether a path has the ending of a YAML file.
pub fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml")
}

/// Replaces the text of a file that is still as it was read: the new text is written beside it and
/// takes its name, so that a crash leaves the one or the other, never half of one. A link stays
/// one, what it leads to is replaced; permissions are kept.
///
/// # Errors
/// When the file has changed since, or cannot be written.
pub fn replace_file(path: &Path, before: &str, after: &str) -> std::io::Result<()> {
    let path = fs::canonicalize(path)?;
    let now = fs::read(&path)?;
    if decode(now).is_ok_and(|now| now != before) {
        return Err(std::io::Error::other("the file has changed meanwhile"));
    }
    let permissions = fs::metadata(&path)?.permissions();
    write_beside(&path, after, Some(permissions))
}

/// Writes a file that is not there yet, whole or not at all.
///
/// # Errors
/// When it is there already, or cannot be written.
pub fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    if path.exists() {
        return Err(std::io::ErrorKind::AlreadyExists.into());
    }
    write_beside(path, text, None)
}

/// Writes a text beside a path and gives it that name.
fn write_beside(
    path: &Path,
    text: &str,
    permissions: Option<fs::Permissions>,
) -> std::io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.partita-{}", std::process::id()));
    let write = || {
        let mut file = fs::File::create(&beside)?;
        file.write_all(text.as_bytes())?;
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().inspect_err(|_| {
        let _ = fs::remove_file(&beside);
    })
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
