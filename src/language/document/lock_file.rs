//! The lock file, `partita.lock`: which commit a version was, and the hash of every document.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::name::is_document_name;
use super::{ImportSource, ImportState};
use crate::language::digest::FullHash;

/// The form of the file that this program writes, and the only one that it reads.
const FORMAT: u32 = 1;

/// What the imports of a project exactly are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockFile {
    format: u32,
    /// A source at a version each, sorted by both.
    pub imports: Vec<LockedImport>,
}

/// A source at a version, as it was when it was locked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedImport {
    /// The source's name.
    pub source: String,
    /// The repository, as it is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git: Option<String>,
    /// The folder, as it is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// The version, as it is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What the version was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<VersionKind>,
    /// The commit that the version was: 40 or 64 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The patterns and teams, sorted by path.
    pub documents: Vec<LockedDocument>,
}

/// A document as it was when it was locked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedDocument {
    /// Its path in the source, with slashes.
    pub path: String,
    /// The hash of its bytes: BLAKE3, 64 hexadecimal digits.
    pub hash: String,
}

/// What a version is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VersionKind {
    /// A commit, which is never another.
    Commit,
    /// A tag, which is not meant to move.
    Tag,
    /// A branch, which moves on.
    Branch,
}

impl VersionKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            VersionKind::Commit => "commit",
            VersionKind::Tag => "tag",
            VersionKind::Branch => "branch",
        }
    }
}

/// Why a text is no lock file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockFileError(String);

impl fmt::Display for LockFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl LockedImport {
    /// The name of the folder in which its documents are kept: it follows from what they are, so that
    /// another content never takes the place of this one.
    pub fn store_name(&self) -> String {
        let texts = self.documents.iter().flat_map(|document| {
            [document.path.as_bytes(), b"\n", document.hash.as_bytes(), b"\n"]
        });
        let mut digits = FullHash::of_parts(texts).hex();
        digits.truncate(16);
        format!("{}-{digits}", self.source)
    }
}

impl LockFile {
    /// A lock file of these imports.
    pub fn of(mut imports: Vec<LockedImport>) -> LockFile {
        imports.sort_by(|a, b| (&a.source, &a.version).cmp(&(&b.source, &b.version)));
        for import in &mut imports {
            import.documents.sort();
        }
        LockFile { format: FORMAT, imports }
    }

    /// Reads a lock file.
    ///
    /// # Errors
    /// When it is none, with the line and column; when a newer Partita has written it; when a path or
    /// a hash in it is none.
    pub fn parse(text: &str) -> Result<LockFile, LockFileError> {
        #[derive(Deserialize)]
        struct Form {
            format: u32,
        }
        let read = serde_json::from_str::<Form>(text);
        if let Ok(Form { format }) = read
            && format != FORMAT
        {
            let message = format!("it has format {format}, and this Partita reads format {FORMAT}");
            return Err(LockFileError(message));
        }
        let file: LockFile =
            serde_json::from_str(text).map_err(|error| LockFileError(error.to_string()))?;
        let faulty = |what: &str, text: &str| LockFileError(format!("`{text}` is no {what}"));
        for import in &file.imports {
            if !is_document_name(&import.source) {
                return Err(faulty("name of a source", &import.source));
            }
            if let Some(commit) = import.commit.as_ref().filter(|commit| !is_commit(commit)) {
                return Err(faulty("commit", commit));
            }
            for document in &import.documents {
                if !is_inner_path(&document.path) {
                    return Err(faulty("path inside a source", &document.path));
                }
                if !is_hexadecimal(&document.hash, 64) {
                    return Err(faulty("hash", &document.hash));
                }
            }
        }
        Ok(file)
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        // A structure of texts and numbers can always be written.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// What is locked for a declared source at one of its versions.
    ///
    /// # Errors
    /// What to say where that is nothing, or something else than is declared.
    pub fn find(
        &self,
        name: &str,
        source: &ImportSource,
        version: Option<&str>,
    ) -> Result<&LockedImport, ImportState> {
        let of_source = || self.imports.iter().filter(|import| import.source == name);
        let found = of_source().find(|import| {
            import.version.as_deref() == version
                && import.git == source.git
                && import.folder == source.folder
        });
        match found {
            // What has a commit was fetched, and what was fetched has a commit.
            Some(found) if found.commit.is_some() == source.git.is_some() => Ok(found),
            None if of_source().next().is_none() => Err(ImportState::NotLocked),
            // One of several versions was added.
            None if of_source()
                .all(|import| import.git == source.git && import.folder == source.folder) =>
            {
                Err(ImportState::NotLocked)
            }
            _ => Err(ImportState::DeclaredOtherwise),
        }
    }
}

/// Whether a text is a whole commit.
pub fn is_commit(text: &str) -> bool {
    is_hexadecimal(text, 40) || is_hexadecimal(text, 64)
}

fn is_hexadecimal(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Whether a path leads nowhere but below the folder where it begins, on any system.
pub fn is_inner_path(path: &str) -> bool {
    let is_name = |part: &str| !part.is_empty() && part != "." && part != "..";
    path.split('/').all(is_name) && !path.contains(['\\', ':', '\0'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::document::Versions;

    fn locked(source: &str, version: &str) -> LockedImport {
        LockedImport {
            source: source.to_owned(),
            git: Some("../a".to_owned()),
            folder: None,
            version: Some(version.to_owned()),
            kind: Some(VersionKind::Tag),
            commit: Some("0".repeat(40)),
            documents: ["b.yaml", "a.yaml"]
                .map(|path| LockedDocument { path: path.to_owned(), hash: "1".repeat(64) })
                .into(),
        }
    }

    #[test]
    fn what_is_written_is_read_and_always_in_one_order() {
        let file = LockFile::of(vec![locked("b", "v1"), locked("a", "v2"), locked("a", "v1")]);
        let imports = file.imports.iter();
        let order: Vec<_> = imports.map(|one| (&*one.source, one.version.as_deref())).collect();
        assert_eq!(order, [("a", Some("v1")), ("a", Some("v2")), ("b", Some("v1"))]);
        assert_eq!(file.imports[0].documents[0].path, "a.yaml");
        assert_eq!(LockFile::parse(&file.text()), Ok(file));
    }

    #[test]
    fn what_is_no_lock_file_is_refused_with_the_reason() {
        let good = LockFile::of(vec![locked("a", "v1")]).text();
        for (from, to, expected) in [
            ("\"format\": 1", "\"format\": 2", "format 2"),
            ("a.yaml", "../a.yaml", "`../a.yaml` is no path inside a source"),
            ("a.yaml", "/etc/a.yaml", "no path inside a source"),
            ("a.yaml", "C:a.yaml", "no path inside a source"),
            (&"1".repeat(64), "11", "`11` is no hash"),
            (&"0".repeat(40), "--upload-pack=x", "is no commit"),
            ("\"documents\"", "\"documnts\"", "line"),
            ("{\n", "<<<<<<< HEAD\n{\n", "line 1"),
        ] {
            let text = good.replacen(from, to, 1);
            assert_ne!(text, good);
            let error = LockFile::parse(&text).expect_err(&text).to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn only_what_is_declared_as_it_is_locked_is_found() {
        let file = LockFile::of(vec![locked("a", "v1")]);
        let source = |git: &str, versions: &[&str]| ImportSource {
            git: Some(git.to_owned()),
            version: Some(Versions(versions.iter().map(|one| (*one).to_owned()).collect())),
            folder: None,
        };
        let (same, other) = (source("../a", &["v1", "v2"]), source("../b", &["v1"]));
        assert!(file.find("a", &same, Some("v1")).is_ok());
        assert_eq!(file.find("a", &same, Some("v2")), Err(ImportState::NotLocked));
        assert_eq!(file.find("b", &same, Some("v1")), Err(ImportState::NotLocked));
        assert_eq!(file.find("a", &other, Some("v1")), Err(ImportState::DeclaredOtherwise));
        let folder = ImportSource { git: None, version: None, folder: Some("../a".to_owned()) };
        assert_eq!(file.find("a", &folder, None), Err(ImportState::DeclaredOtherwise));
    }
}
