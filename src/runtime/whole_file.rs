//! Files that are written whole or not at all: whoever looks, also after a crash, sees the old text
//! or the new one.

use std::fs::{self, Permissions};
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

/// Writes a new file, never in the place of another.
///
/// # Errors
/// When it cannot be written.
pub fn place_file(path: &Path, text: &str) -> io::Result<Placed> {
    if is_taken(path) {
        return Ok(Placed::AlreadyThere);
    }
    let draft = Draft::write(path, text, None)?;
    // A link is made only where nothing is, unlike a rename, which takes the place of what is there.
    match fs::hard_link(&draft.path, path) {
        Ok(()) => Ok(Placed::Written),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Placed::AlreadyThere),
        // A file system without links.
        Err(_) if is_taken(path) => Ok(Placed::AlreadyThere),
        Err(_) => draft.take_the_place_of(path).map(|()| Placed::Written),
    }
}

/// Replaces the text of a file that is still as it was read. A link stays one, what it leads to is
/// replaced; permissions are kept.
///
/// # Errors
/// When the file has changed since, or cannot be written.
pub fn replace_file(path: &Path, before: &str, after: &str) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    if fs::read(&path)? != before.as_bytes() {
        return Err(io::Error::other("the file has changed meanwhile"));
    }
    let permissions = fs::metadata(&path)?.permissions();
    Draft::write(&path, after, Some(permissions))?.take_the_place_of(&path)
}

/// Whether there is something at a path, a link to nowhere included.
pub fn is_taken(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// A text on disk beside the file that it is to become; gone when it is not needed any more.
struct Draft {
    path: PathBuf,
}

impl Draft {
    fn write(path: &Path, text: &str, permissions: Option<Permissions>) -> io::Result<Draft> {
        // The process is in the name, so that two do not write into one.
        let mut name = std::ffi::OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{}.partial", std::process::id()));
        let draft = Draft { path: path.with_file_name(name) };
        let mut file = fs::File::create(&draft.path)?;
        file.write_all(text.as_bytes())?;
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        file.sync_all()?;
        Ok(draft)
    }

    fn take_the_place_of(&self, path: &Path) -> io::Result<()> {
        fs::rename(&self.path, path)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After a rename there is none; where one stays behind, nothing reads it.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use std::slice;

    use super::*;

    fn names_in(folder: &Path) -> Vec<PathBuf> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    #[test]
    fn what_is_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.yaml");
        assert_eq!(place_file(&path, "first").unwrap(), Placed::Written);
        assert_eq!(place_file(&path, "second").unwrap(), Placed::AlreadyThere);
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
        assert_eq!(names_in(folder.path()), slice::from_ref(&path));
        assert!(place_file(&path.join("c.yaml"), "").is_err());
    }

    #[test]
    fn only_what_was_read_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        fs::write(&path, "first").unwrap();
        replace_file(&path, "first", "second").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
        for meanwhile in ["other".as_bytes(), b"\xff is no text"] {
            fs::write(&path, meanwhile).unwrap();
            assert!(replace_file(&path, "second", "third").is_err());
            assert_eq!(fs::read(&path).unwrap(), meanwhile);
        }
        assert_eq!(names_in(folder.path()), slice::from_ref(&path));
        assert!(replace_file(&folder.path().join("none"), "", "x").is_err());
    }
}
