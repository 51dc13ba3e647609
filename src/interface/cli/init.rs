//! `partita init`

use std::path::{Path, PathBuf};

use clap::Args;

use super::CommandResult;
use super::environment::Environment;
use super::options::Output;
use super::question::{Questions, Unless};
use super::run::runtime;
use crate::interface::app::{
    Discovery, Extra, Failure, FailureKind, Fate, NewFile, Project, discover, fate, place,
    project_files,
};
use crate::interface::report::{Beginning, beginning_json, beginning_text, discovery_text};

/// Begin a project: find servers, write a cluster file and a first pattern
///
/// Files that are there already stay as they are. Only servers that are named are asked, and the
/// local one; no network is searched.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita init
  partita init launch --server http://gpu1:11434 --server http://gpu2:11434
  partita init --workflow --pre-commit --editor
  partita init --dry-run                   what would be written, and nothing is")]
pub(super) struct Init {
    /// The project's folder; made if there is none [default: the current one]
    folder: Option<PathBuf>,

    /// An Ollama server; may be given several times [default: OLLAMA_HOST and the local port]
    #[arg(long = "server", value_name = "URL")]
    servers: Vec<String>,

    /// Also write .github/workflows/partita.yml, which validates on every push
    #[arg(long)]
    workflow: bool,

    /// Also write .pre-commit-config.yaml, which validates before every commit
    #[arg(long)]
    pre_commit: bool,

    /// Also write schemas/ and .vscode/settings.json, by which an editor completes and checks
    #[arg(long)]
    editor: bool,

    /// Write nothing, show what would be written
    #[arg(long)]
    dry_run: bool,

    /// Ask nothing
    #[arg(long)]
    no_input: bool,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Init {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let folder = self.folder.clone().unwrap_or_else(|| environment.project.root.clone());
        if folder.exists() && !folder.is_dir() {
            let message = format!("{} is a file, not a folder", folder.display());
            return Err(Failure::new(FailureKind::Usage, message));
        }
        let project = Project::new(folder);
        let screen = &environment.screen;
        let host = environment.ollama_host.as_deref();
        let found = runtime()?.block_on(discover(&self.servers, host))?;
        if !self.output.is_json() {
            screen.print(&discovery_text(&found, screen.out));
        }
        let files = project_files(&project, &found, &self.extras(environment));
        let mut written = Vec::new();
        for file in files {
            let fate = if self.dry_run { fate(&project, &file) } else { place(&project, &file)? };
            written.push((file, fate));
        }
        self.report(environment, &project, &found, &written);
        Ok(0)
    }

    /// What is wanted besides: what flags say, else what whoever is there says.
    fn extras(&self, environment: &Environment) -> Vec<Extra> {
        let flags = [
            (self.workflow, Extra::Workflow, "a GitHub workflow that validates on every push"),
            (self.pre_commit, Extra::PreCommit, "a pre-commit hook that validates"),
            (self.editor, Extra::Editor, "schemas and settings for your editor"),
        ];
        let is_decided =
            flags.iter().any(|(flag, _, _)| *flag) || self.dry_run || self.output.is_json();
        let questions = Questions::at_terminal(environment, self.no_input.into());
        let mut questions = questions.filter(|_| !is_decided);
        let mut extras = Vec::new();
        for (flag, extra, what) in flags {
            let asked = |questions: &mut Questions<_, _>| {
                questions.is_wanted(&format!("Also write {what}?"), Unless::Wanted)
            };
            if flag || questions.as_mut().is_some_and(asked) {
                extras.push(extra);
            }
        }
        extras
    }

    fn report(
        &self,
        environment: &Environment,
        project: &Project,
        found: &Discovery,
        files: &[(NewFile, Fate)],
    ) {
        let screen = &environment.screen;
        let is_here = project.root == Path::new(".");
        let beginning = Beginning {
            found,
            files,
            folder: (!is_here).then_some(project.root.as_path()),
            is_dry: self.dry_run,
        };
        if self.output.is_json() {
            screen.json(&beginning_json(&beginning));
        } else {
            screen.print(&beginning_text(&beginning, screen.out));
        }
    }
}
