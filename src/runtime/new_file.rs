//! Files that come into being whole or not at all, and never in the place of another.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What became of a file that was to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// It is there now.
    Written,
    /// Something of this name was there already and is as it was.
    AlreadyThere,
}

/// Writes a new file, with the folders above it. Whoever looks sees all of it or nothing.
///
/// # Errors
/// When it cannot be written.
pub fn place_file(path: &Path, text: &str) -> io::Result<Placed> {
    if is_taken(path) {
        return Ok(Placed::AlreadyThere);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let draft = draft_path(path);
    let mut file = fs::File::create(&draft)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| link(&draft, path));
    // After a rename there is none; where one stays behind, nothing reads it.
    let _ = fs::remove_file(&draft);
    written
}

/// Whether there is something at a path, a link to nowhere included.
pub fn is_taken(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// A link is made only where nothing is, unlike a rename, which takes the place of what is there.
fn link(draft: &Path, path: &Path) -> io::Result<Placed> {
    match fs::hard_link(draft, path) {
        Ok(()) => Ok(Placed::Written),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Placed::AlreadyThere),
        // A file system without links.
        Err(_) if is_taken(path) => Ok(Placed::AlreadyThere),
        Err(_) => fs::rename(draft, path).map(|()| Placed::Written),
    }
}

/// The file's name with its process behind it, so that two processes do not write into one.
fn draft_path(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.partial", std::process::id()));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b.yaml");
        assert_eq!(place_file(&path, "first").unwrap(), Placed::Written);
        assert_eq!(place_file(&path, "second").unwrap(), Placed::AlreadyThere);
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
        let left: Vec<_> = fs::read_dir(folder.path().join("a")).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
        assert!(place_file(&path.join("c.yaml"), "").is_err());
    }
}
