//! The files of a new project.

use std::fs;
use std::path::{Path, PathBuf};

use super::cluster::cluster_text;
use super::discovery::Discovery;
use crate::interface::app::failure::{Failure, FailureKind};
use crate::interface::app::project::Project;
use crate::language::document::{DocumentKind, schema_text};
use crate::runtime::whole_file::{Placed, is_taken, place_file};

/// A further thing that a project can begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extra {
    /// A workflow of GitHub Actions that validates.
    Workflow,
    /// A hook that validates before a commit.
    PreCommit,
    /// Schemas, and the settings by which an editor finds them.
    Editor,
}

/// A file that a project is to begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Where, relative to the project.
    pub path: PathBuf,
    /// What is in it.
    pub text: String,
    /// What it is, in a few words.
    pub purpose: &'static str,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is there now, or would be.
    New,
    /// There was one already, which stays as it is.
    Kept,
}

/// The files of a new project, for the servers that were found.
pub fn project_files(project: &Project, found: &Discovery, extras: &[Extra]) -> Vec<NewFile> {
    let file = |path: &str, text: &str, purpose| NewFile {
        path: PathBuf::from(path),
        text: text.to_owned(),
        purpose,
    };
    let model = found.model.as_ref().map(|model| model.name.as_str());
    let cluster = cluster_text(None, &found.urls(), model);
    let mut files = vec![file("cluster.yaml", &cluster, "the servers of your runs")];
    // A second pattern of one name would be a mistake.
    let library = project.library(None);
    let is_named = |name| library.orchestration(name).is_some();
    if !is_named("first") || is_taken(&project.shown(Path::new("patterns/first.yaml"))) {
        files.push(file(
            "patterns/first.yaml",
            include_str!("first.yaml"),
            "a pattern to begin with",
        ));
    }
    for extra in extras {
        match extra {
            Extra::Workflow => files.push(file(
                ".github/workflows/partita.yml",
                include_str!("workflow.yml"),
                "validates on every push",
            )),
            Extra::PreCommit => files.push(file(
                ".pre-commit-config.yaml",
                include_str!("pre_commit.yaml"),
                "validates before every commit",
            )),
            Extra::Editor => {
                for kind in DocumentKind::ALL {
                    let path = format!("schemas/{}.json", kind.as_str());
                    files.push(file(
                        &path,
                        schema_text(kind),
                        "what an editor completes and checks",
                    ));
                }
                files.push(file(
                    ".vscode/settings.json",
                    include_str!("vscode.json"),
                    "where editors find the schemas",
                ));
            }
        }
    }
    files
}

/// What would become of a file.
pub fn fate(project: &Project, file: &NewFile) -> Fate {
    if is_taken(&project.shown(&file.path)) { Fate::Kept } else { Fate::New }
}

/// Writes a file, unless there is one.
///
/// # Errors
/// When it cannot be written.
pub fn place(project: &Project, file: &NewFile) -> Result<Fate, Failure> {
    place_at(&project.shown(&file.path), &file.text)
}

/// Writes a text to a path, with the folders above it, unless there is a file.
///
/// # Errors
/// When it cannot be written.
pub fn place_at(path: &Path, text: &str) -> Result<Fate, Failure> {
    let folder = path.parent().filter(|_| !is_taken(path));
    let placed = folder.map_or(Ok(()), fs::create_dir_all).and_then(|()| place_file(path, text));
    match placed {
        Ok(Placed::Written) => Ok(Fate::New),
        Ok(Placed::AlreadyThere) => Ok(Fate::Kept),
        Err(error) => {
            let message = format!("{} cannot be written: {error}", path.display());
            Err(Failure::new(FailureKind::Failed, message))
        }
    }
}
