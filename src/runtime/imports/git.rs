//! Repositories, by the program `git`: what a version is, and the files of a commit.
//!
//! No shell is asked, nobody is prompted, and what documents say stands behind `--` where git could take it
//! for an option. Only what git itself does over a network is used, none of the helpers that run programs.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::SourceFile;
use super::content::{chosen, text_of};
use crate::language::document::{VersionKind, is_commit};
use crate::language::source::check_size;

/// Why a repository did not give what was asked of it.
#[derive(Debug)]
pub enum GitError {
    /// The program is not there, or cannot be started. Environment.
    NoProgram(io::Error),
    /// Something cannot be written or read on this machine. Environment.
    Local(io::Error),
    /// Git could not do it: what was tried, and what git said. User or environment.
    Failed {
        /// What was tried, as `read ../patterns`.
        what: String,
        /// The last that git said.
        said: String,
    },
    /// The repository has no tag and no branch of this name. User.
    UnknownVersion(String),
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GitError::NoProgram(error) => write!(f, "the program `git` cannot be started: {error}"),
            GitError::Local(error) => write!(f, "what was fetched cannot be kept: {error}"),
            GitError::Failed { what, said } => write!(f, "git cannot {what}: {said}"),
            GitError::UnknownVersion(version) => {
                write!(f, "the repository has no tag and no branch `{version}`")
            }
        }
    }
}

/// What a version is at the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// What kind of version.
    pub kind: VersionKind,
    /// The commit.
    pub commit: String,
}

/// What a version of a repository is. A whole commit is what it says, and nothing is asked; of a tag and a
/// branch with one name the tag is meant.
///
/// # Errors
/// When there is no such version, or the repository cannot be read.
pub fn resolve(root: &Path, address: &str, version: &str) -> Result<Resolved, GitError> {
    if is_commit(version) {
        return Ok(Resolved { kind: VersionKind::Commit, commit: version.to_owned() });
    }
    let mut command = git(root);
    command.args(["ls-remote", "--quiet", "--"]).arg(address_from(root, address));
    let (tag, branch) = (format!("refs/tags/{version}"), format!("refs/heads/{version}"));
    // A tag with a message of its own leads to another object, which git shows with these signs behind.
    let peeled = format!("{tag}^{{}}");
    command.args([&tag, &peeled, &branch]);
    let listed = output(command, &format!("read {address}"))?;
    let listed = String::from_utf8_lossy(&listed);
    let commit_of = |wanted: &str| {
        let mut lines = listed.lines().filter_map(|line| line.split_once('\t'));
        let found = lines.find(|(commit, name)| *name == wanted && is_commit(commit));
        found.map(|(commit, _)| commit.to_owned())
    };
    let tagged = commit_of(&peeled).or_else(|| commit_of(&tag));
    let resolved = tagged.map(|commit| Resolved { kind: VersionKind::Tag, commit }).or_else(|| {
        commit_of(&branch).map(|commit| Resolved { kind: VersionKind::Branch, commit })
    });
    resolved.ok_or_else(|| GitError::UnknownVersion(version.to_owned()))
}

/// A repository of its own, into which one commit of another is fetched; gone when it is not needed any
/// more.
#[derive(Debug)]
pub struct Repository {
    root: PathBuf,
    folder: PathBuf,
    commit: String,
}

impl Repository {
    /// Fetches a commit into a new folder.
    ///
    /// # Errors
    /// When it cannot be fetched, or cannot be kept.
    pub fn fetch(
        root: &Path,
        address: &str,
        commit: &str,
        folder: &Path,
    ) -> Result<Repository, GitError> {
        // A path is given to git whatever folder it works in.
        fs::create_dir_all(folder).map_err(GitError::Local)?;
        let folder = folder.canonicalize().map_err(GitError::Local)?;
        let commit = commit.to_owned();
        let repository = Repository { root: root.to_path_buf(), folder, commit };
        let format = if repository.commit.len() == 64 { "sha256" } else { "sha1" };
        let mut made = repository.git();
        // No template of the user's, and so no hooks.
        made.args(["init", "--quiet", "--bare", "--template=", "--object-format"]).arg(format);
        output(made, "make a repository")?;
        let what = format!("fetch {} of {address}", repository.commit);
        let alone = [repository.commit.as_str()];
        let everything = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
        let fetched = repository.fetched(address, &["--depth=1"], &alone, &what);
        // Some servers give no commit that is not named; then it is among all that are.
        if let Err(GitError::Failed { .. }) = fetched {
            repository.fetched(address, &[], &everything, &what)?;
        } else {
            fetched?;
        }
        let mut there = repository.git();
        there.args(["cat-file", "-e"]).arg(format!("{}^{{commit}}", repository.commit));
        output(there, &what)?;
        Ok(repository)
    }

    /// The files of the commit below a folder that may be documents, and why others could not be read.
    ///
    /// # Errors
    /// When the commit has no such folder, or git fails.
    pub fn files(&self, below: Option<&str>) -> Result<(Vec<SourceFile>, Vec<String>), GitError> {
        let what = format!("read {}", self.commit);
        let mut command = self.git();
        command.args(["ls-tree", "-r", "-z", "-l", "--full-tree"]).arg(&self.commit);
        let listed = output(command, &what)?;
        let listed = String::from_utf8_lossy(&listed);
        let prefix = below.map(|folder| format!("{}/", folder.trim_end_matches('/')));
        let prefix = prefix.unwrap_or_default();
        let objects: BTreeMap<&str, Listed<'_>> = listed
            .split('\0')
            .filter_map(Listed::read)
            .filter_map(|entry| Some((entry.path.strip_prefix(&prefix)?, entry)))
            .collect();
        if objects.is_empty() {
            let said = format!("there is no file in {}", below.unwrap_or("it"));
            return Err(GitError::Failed { what, said });
        }
        let (mut files, mut unread) = (Vec::new(), Vec::new());
        let mut reader = Objects::of(self)?;
        for path in chosen(objects.keys().copied()) {
            let Some(entry) = objects.get(path) else { continue };
            let text = match check_size(entry.size) {
                Ok(()) => text_of(reader.read(entry.object)?),
                Err(error) => Err(error.to_string()),
            };
            match text {
                Ok(text) => files.push(SourceFile { path: path.to_owned(), text }),
                Err(reason) => unread.push(format!("{path}: {reason}")),
            }
        }
        Ok((files, unread))
    }

    fn fetched(
        &self,
        address: &str,
        options: &[&str],
        wanted: &[&str],
        what: &str,
    ) -> Result<(), GitError> {
        let mut command = self.git();
        command.args(["fetch", "--quiet", "--no-tags", "--no-recurse-submodules"]);
        command.arg("--no-write-fetch-head").args(options).arg("--");
        command.arg(address_from(&self.root, address)).args(wanted);
        output(command, what).map(drop)
    }

    fn git(&self) -> Command {
        let mut command = git(&self.folder);
        command.arg("--git-dir").arg(&self.folder);
        command
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        // Where it stays behind, the next lock clears it away.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A file in the list of a commit.
#[derive(Debug, Clone, Copy)]
struct Listed<'l> {
    object: &'l str,
    size: u64,
    path: &'l str,
}

impl<'l> Listed<'l> {
    /// An entry of the list, if it is a file; links and other repositories are none.
    fn read(line: &'l str) -> Option<Listed<'l>> {
        let (about, path) = line.split_once('\t')?;
        let mut about = about.split_whitespace();
        let (mode, kind, object) = (about.next()?, about.next()?, about.next()?);
        let size = about.next()?.parse().ok()?;
        let is_file = kind == "blob" && mode.starts_with("100") && is_commit(object);
        is_file.then_some(Listed { object, size, path })
    }
}

/// A process that gives the contents of objects, one after the other.
struct Objects {
    process: Child,
    answers: BufReader<ChildStdout>,
}

impl Objects {
    fn of(repository: &Repository) -> Result<Objects, GitError> {
        let mut command = repository.git();
        command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.stdout(Stdio::piped()).spawn().map_err(GitError::NoProgram)?;
        let answers = process.stdout.take().map(BufReader::new);
        let answers = answers.ok_or_else(|| GitError::Local(io::ErrorKind::BrokenPipe.into()))?;
        Ok(Objects { process, answers })
    }

    fn read(&mut self, object: &str) -> Result<Vec<u8>, GitError> {
        self.content(object).map_err(|error| GitError::Failed {
            what: format!("read the object {object}"),
            said: error.to_string(),
        })
    }

    fn content(&mut self, object: &str) -> io::Result<Vec<u8>> {
        let asked = self.process.stdin.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        asked.write_all(format!("{object}\n").as_bytes())?;
        asked.flush()?;
        let mut header = String::new();
        self.answers.read_line(&mut header)?;
        let size = header.trim_end().rsplit(' ').next().and_then(|size| size.parse::<usize>().ok());
        let size = size.ok_or_else(|| io::Error::other(header.trim_end().to_owned()))?;
        let mut content = vec![0; size + 1];
        self.answers.read_exact(&mut content)?;
        content.truncate(size);
        Ok(content)
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // Without anything more to read, git ends by itself.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// The program, cut off from the repository that the project may lie in: inside a hook, variables say
/// where that is.
fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    let is_here = folder.as_os_str().is_empty();
    command.current_dir(if is_here { Path::new(".") } else { folder });
    for variable in [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_NAMESPACE",
        "GIT_PREFIX",
    ] {
        command.env_remove(variable);
    }
    command.env("GIT_TERMINAL_PROMPT", "0");
    command.env("GIT_ALLOW_PROTOCOL", "file:git:http:https:ssh");
    // A server that gives next to nothing for a minute is given up.
    command.args(["-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=60"]);
    command.args(["-c", "gc.auto=0", "-c", "maintenance.auto=false"]);
    command.stdin(Stdio::null());
    command
}

/// The address as git should take it: a path begins at the project's folder.
fn address_from(root: &Path, address: &str) -> PathBuf {
    let host = address.split('/').next().is_some_and(|first| first.contains(':'));
    if address.contains("://") || host {
        return PathBuf::from(address);
    }
    let path = root.join(address);
    path.canonicalize().unwrap_or(path)
}

/// What a call of git prints.
fn output(mut command: Command, what: &str) -> Result<Vec<u8>, GitError> {
    let done = command.output().map_err(GitError::NoProgram)?;
    if done.status.success() {
        return Ok(done.stdout);
    }
    let said = String::from_utf8_lossy(&done.stderr);
    let mut lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    // The first that says so is the reason; what follows is advice for those who typed it.
    let reason =
        lines.clone().find(|line| line.starts_with("fatal:") || line.starts_with("error:"));
    let said = reason.or_else(|| lines.next()).unwrap_or("it does not say why").to_owned();
    Err(GitError::Failed { what: what.to_owned(), said })
}
