//! Paths below one folder, and none outside it.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// A folder that nothing leads out of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Confined {
    /// Without links.
    root: PathBuf,
}

impl Confined {
    /// The folder at a path.
    ///
    /// # Errors
    /// When there is no such folder.
    pub(super) fn new(folder: &Path) -> io::Result<Confined> {
        let root = folder.canonicalize()?;
        if root.is_dir() {
            Ok(Confined { root })
        } else {
            Err(io::Error::from(io::ErrorKind::NotADirectory))
        }
    }

    /// The folder itself.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// What a path inside the folder means, when every link is followed.
    ///
    /// # Errors
    /// In words for whoever named it, when the path leads out or nothing is there.
    pub(super) fn find(&self, named: &str) -> Result<PathBuf, String> {
        let path = Path::new(named);
        let leads_out = path.components().any(|part| {
            matches!(part, Component::ParentDir | Component::RootDir | Component::Prefix(_))
        });
        let outside =
            || format!("`{named}` leads out of the workspace: name a path inside it, without `..`");
        if leads_out {
            return Err(outside());
        }
        let found = self
            .root
            .join(path)
            .canonicalize()
            .map_err(|error| format!("`{named}` cannot be read: {}", reason(&error)))?;
        if found.starts_with(&self.root) { Ok(found) } else { Err(outside()) }
    }

    /// How a path below the folder is named.
    pub(super) fn name(&self, path: &Path) -> String {
        let inside = path.strip_prefix(&self.root).unwrap_or(path);
        inside.to_string_lossy().replace('\\', "/")
    }

    /// The entries of a folder below it, sorted, without links that lead out.
    pub(super) fn entries(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut found: Vec<PathBuf> =
            fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
        found.retain(|path| path.canonicalize().is_ok_and(|path| path.starts_with(&self.root)));
        found.sort();
        Ok(found)
    }
}

/// What went wrong, without the system's numbers.
pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission is denied".to_owned(),
        io::ErrorKind::NotADirectory => "it is no folder".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_out() {
        let outside = tempfile::tempdir().expect("a folder");
        fs::write(outside.path().join("secret"), "x").expect("a file");
        let inside = outside.path().join("inside");
        fs::create_dir_all(inside.join("notes")).expect("folders");
        fs::write(inside.join("notes/tea.md"), "Assam").expect("a file");
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(outside.path(), inside.join("up")).expect("a link");
            std::os::unix::fs::symlink("../secret", inside.join("secret")).expect("a link");
            std::os::unix::fs::symlink("notes/tea.md", inside.join("tea")).expect("a link");
        }
        let confined = Confined::new(&inside).expect("a folder");
        let absolute = outside.path().join("secret").display().to_string();
        for path in [
            "../secret",
            "notes/../../secret",
            "up/secret",
            "secret",
            absolute.as_str(),
            "/etc/passwd",
        ] {
            let refused = confined.find(path).expect_err(path);
            assert!(refused.contains("leads out") || cfg!(not(unix)), "{path}: {refused}");
        }
        for path in ["notes/tea.md", "./notes/tea.md", "notes", "", "."] {
            confined.find(path).expect(path);
        }
        #[cfg(unix)]
        {
            assert_eq!(
                confined.name(&confined.find("tea").expect("a link inside")),
                "notes/tea.md"
            );
            let names: Vec<String> = confined
                .entries(confined.root())
                .expect("entries")
                .iter()
                .map(|path| confined.name(path))
                .collect();
            assert_eq!(names, ["notes", "tea"]);
        }
        assert!(confined.find("absent").expect_err("absent").contains("no such file"));
        assert!(Confined::new(&inside.join("notes/tea.md")).is_err());
    }
}
