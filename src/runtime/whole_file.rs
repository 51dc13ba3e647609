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
    Draft::write(path, text, None)?.place_at(path)
}

/// A file that is to be written with others.
#[derive(Debug)]
pub struct WholeFile<'a> {
    /// Where.
    pub path: &'a Path,
    /// What.
    pub text: &'a str,
    /// Whether it takes the place of what is there; a link itself is replaced, not what it leads to.
    pub replaces: bool,
}

/// Writes several files. Not one appears before all of them are on disk beside their places, so that
/// a full disk leaves none.
///
/// # Errors
/// When one cannot be written, or something has appeared in the place of a new one: the place in the
/// list, and why. Those before it may be there, whole.
pub fn place_files(files: &[WholeFile<'_>]) -> Result<(), (usize, io::Error)> {
    let drafts = files.iter().enumerate().map(|(place, file)| {
        Draft::write(file.path, file.text, None).map_err(|error| (place, error))
    });
    let drafts: Vec<Draft> = drafts.collect::<Result<_, _>>()?;
    for (place, (file, draft)) in files.iter().zip(&drafts).enumerate() {
        let placed = match file.replaces {
            true => draft.take_the_place_of(file.path).map(|()| Placed::Written),
            false => draft.place_at(file.path),
        };
        match placed {
            Ok(Placed::Written) => {}
            Ok(Placed::AlreadyThere) => return Err((place, io::ErrorKind::AlreadyExists.into())),
            Err(error) => return Err((place, error)),
        }
    }
    Ok(())
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

    /// Becomes a new file, never in the place of another.
    fn place_at(&self, path: &Path) -> io::Result<Placed> {
        // A link is made only where nothing is, unlike a rename, which takes the place of what is there.
        match fs::hard_link(&self.path, path) {
            Ok(()) => Ok(Placed::Written),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Placed::AlreadyThere),
            // A file system without links.
            Err(_) if is_taken(path) => Ok(Placed::AlreadyThere),
            Err(_) => self.take_the_place_of(path).map(|()| Placed::Written),
        }
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
    fn several_are_written_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (folder.path().join("old"), folder.path().join("new"));
        fs::write(&old, "before").unwrap();
        let files = |replaces: bool| {
            [
                WholeFile { path: &new, text: "new", replaces: false },
                WholeFile { path: &old, text: "after", replaces },
            ]
        };
        let nowhere = folder.path().join("none/here");
        let mut unwritable = Vec::from(files(true));
        unwritable.push(WholeFile { path: &nowhere, text: "", replaces: false });
        assert_eq!(place_files(&unwritable).unwrap_err().0, 2);
        assert_eq!(names_in(folder.path()), slice::from_ref(&old));
        let (place, error) = place_files(&files(false)).unwrap_err();
        assert_eq!((place, error.kind()), (1, io::ErrorKind::AlreadyExists));
        assert_eq!(fs::read_to_string(&old).unwrap(), "before");
        fs::remove_file(&new).unwrap();
        place_files(&files(true)).unwrap();
        assert_eq!(fs::read_to_string(&old).unwrap(), "after");
        assert_eq!(fs::read_to_string(&new).unwrap(), "new");
        assert_eq!(names_in(folder.path()).len(), 2);
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
