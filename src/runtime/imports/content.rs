//! The files of a source that may be documents.

use std::fs;
use std::io;
use std::path::Path;

use crate::language::digest::FullHash;
use crate::language::document::{Change, LockedDocument, is_inner_path};
use crate::language::source::{check_size, decode};
use crate::runtime::workspace::{PROJECT_FOLDERS, is_searched, yaml_files};

/// A file of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its path in the source, with slashes.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl SourceFile {
    /// What is locked of it.
    pub fn locked(&self) -> LockedDocument {
        let hash = FullHash::of(self.text.as_bytes()).hex();
        LockedDocument { path: self.path.clone(), hash }
    }
}

/// Of the paths in a source those that may be documents: where it has folders as a project has, what lies
/// in them, else everything that is YAML. Sorted.
pub fn chosen<'p>(paths: impl IntoIterator<Item = &'p str>) -> Vec<&'p str> {
    let is_candidate = |path: &&str| is_searched(path) && is_inner_path(path);
    let mut paths: Vec<&str> = paths.into_iter().filter(is_candidate).collect();
    let in_project = |path: &&str| {
        let first = path.split_once('/').map(|(first, _)| first);
        first.is_some_and(|first| PROJECT_FOLDERS.contains(&first))
    };
    if paths.iter().any(in_project) {
        paths.retain(in_project);
    }
    paths.sort_unstable();
    paths
}

/// The files of a folder that may be documents, and why others could not be read.
///
/// # Errors
/// When it is no folder.
pub fn files_of_folder(folder: &Path) -> io::Result<(Vec<SourceFile>, Vec<String>)> {
    if !fs::metadata(folder)?.is_dir() {
        return Err(io::Error::new(io::ErrorKind::NotADirectory, "it is a file"));
    }
    let paths: Vec<String> = yaml_files(folder)
        .iter()
        .filter_map(|path| path.strip_prefix(folder).ok()?.to_str())
        .map(|path| path.replace(std::path::MAIN_SEPARATOR, "/"))
        .collect();
    let (mut files, mut unread) = (Vec::new(), Vec::new());
    for path in chosen(paths.iter().map(String::as_str)) {
        match read_text(&folder.join(path)) {
            Ok(text) => files.push(SourceFile { path: path.to_owned(), text }),
            Err(reason) => unread.push(format!("{path}: {reason}")),
        }
    }
    Ok((files, unread))
}

fn read_text(path: &Path) -> Result<String, String> {
    let bytes = fs::metadata(path).map_err(|error| error.to_string())?.len();
    check_size(bytes).map_err(|error| error.to_string())?;
    text_of(fs::read(path).map_err(|error| error.to_string())?)
}

/// The text of a file of a source.
///
/// # Errors
/// When it is too large or no UTF-8, in words.
pub(super) fn text_of(bytes: Vec<u8>) -> Result<String, String> {
    check_size(bytes.len() as u64).map_err(|error| error.to_string())?;
    decode(bytes).map_err(|error| error.to_string())
}

/// The text of a document as it is locked.
///
/// # Errors
/// What is the matter where it is not.
pub fn read_locked(folder: &Path, locked: &LockedDocument) -> Result<String, Change> {
    let text = read_text(&folder.join(&locked.path)).map_err(|_| Change::Gone)?;
    if FullHash::of(text.as_bytes()).hex() != locked.hash {
        return Err(Change::Content);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_of_a_project_are_chosen_before_all_else() {
        let paths = [
            "ci/build.yaml",
            "patterns/b.yaml",
            "patterns/a.yml",
            "patterns/notes.md",
            "teams/t.yaml",
            ".github/patterns/c.yaml",
            "patterns/.old/d.yaml",
            "patterns/target/e.yaml",
        ];
        assert_eq!(chosen(paths), ["patterns/a.yml", "patterns/b.yaml", "teams/t.yaml"]);
        assert_eq!(chosen(["b/c.yaml", "a.yaml", "a\\b.yaml"]), ["a.yaml", "b/c.yaml"]);
    }
}
