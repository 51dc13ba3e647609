//! Open texts, and views of the projects around them that are made when somebody looks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::place::{is_projects_own, project_root};
use super::{Buffer, View};
use crate::interface::app::{Project, validate, validate_files};
use crate::language::document::Expectation;

/// What is validated together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::interface::lsp) enum Subject {
    /// The files of a project, by its root: `partita validate` there.
    Project(PathBuf),
    /// A file outside a project's folders: `partita validate FILE`.
    File(PathBuf),
}

/// Everything the editor has told, and what follows from it.
#[derive(Debug, Default)]
pub(in crate::interface::lsp) struct Workspace {
    folders: Vec<PathBuf>,
    libraries: Vec<PathBuf>,
    buffers: BTreeMap<PathBuf, Buffer>,
    /// Open texts by the files that they stand for.
    unsaved: BTreeMap<PathBuf, String>,
    views: BTreeMap<Subject, Rc<View>>,
    /// The latest view of each subject that is out of date: what completion looks names up in
    /// while somebody types.
    earlier: BTreeMap<Subject, Rc<View>>,
}

impl Workspace {
    pub(in crate::interface::lsp) fn new(folders: Vec<PathBuf>, libraries: Vec<PathBuf>) -> Self {
        Workspace { folders, libraries, ..Workspace::default() }
    }

    /// Takes folders in and lets others go.
    pub(in crate::interface::lsp) fn change_folders(
        &mut self,
        added: impl IntoIterator<Item = PathBuf>,
        removed: &[PathBuf],
    ) {
        self.folders.retain(|folder| !removed.contains(folder));
        self.folders.extend(added);
        self.forget_everything();
    }

    pub(in crate::interface::lsp) fn open(&mut self, path: PathBuf, buffer: Buffer) {
        self.unsaved.insert(path.clone(), buffer.text.to_string());
        self.outdate(&path);
        self.buffers.insert(path, buffer);
    }

    /// Changes an open text.
    pub(in crate::interface::lsp) fn change(
        &mut self,
        path: &Path,
        change: impl FnOnce(&mut Buffer),
    ) {
        if let Some(buffer) = self.buffers.get_mut(path) {
            change(buffer);
            self.unsaved.insert(path.to_path_buf(), buffer.text.to_string());
            self.outdate(path);
        }
    }

    pub(in crate::interface::lsp) fn close(&mut self, path: &Path) {
        self.buffers.remove(path);
        self.unsaved.remove(path);
        self.outdate(path);
        self.views.remove(&Subject::File(path.to_path_buf()));
        self.earlier.remove(&Subject::File(path.to_path_buf()));
    }

    /// Files have changed on disk.
    pub(in crate::interface::lsp) fn forget_everything(&mut self) {
        self.earlier.append(&mut self.views);
    }

    pub(in crate::interface::lsp) fn buffer(&self, path: &Path) -> Option<&Buffer> {
        self.buffers.get(path)
    }

    pub(in crate::interface::lsp) fn buffers(&self) -> impl Iterator<Item = (&PathBuf, &Buffer)> {
        self.buffers.iter()
    }

    /// What has to be validated for everything that is open.
    pub(in crate::interface::lsp) fn subjects(&self) -> BTreeSet<Subject> {
        let folders = self.folders.iter().map(|folder| {
            let root = project_root(&folder.join("cluster.yaml"), &self.folders);
            Subject::Project(root)
        });
        folders.chain(self.buffers.keys().map(|path| self.subject(path))).collect()
    }

    /// With what a file is validated.
    pub(in crate::interface::lsp) fn subject(&self, path: &Path) -> Subject {
        let root = project_root(path, &self.folders);
        let in_library = self.libraries.iter().any(|library| path.starts_with(library));
        if in_library || is_projects_own(path, &root) {
            Subject::Project(root)
        } else {
            Subject::File(path.to_path_buf())
        }
    }

    /// The up-to-date view of what a file is validated with.
    pub(in crate::interface::lsp) fn view_of(&mut self, path: &Path) -> Rc<View> {
        let subject = self.subject(path);
        self.view(subject)
    }

    /// A view that may be a few letters out of date, made if there is none.
    pub(in crate::interface::lsp) fn recent_view_of(&mut self, path: &Path) -> Rc<View> {
        let subject = self.subject(path);
        match self.earlier.get(&subject) {
            Some(earlier) if !self.views.contains_key(&subject) => Rc::clone(earlier),
            _ => self.view(subject),
        }
    }

    /// The up-to-date view of a subject.
    pub(in crate::interface::lsp) fn view(&mut self, subject: Subject) -> Rc<View> {
        if let Some(view) = self.views.get(&subject) {
            return Rc::clone(view);
        }
        let view = Rc::new(self.look(&subject, self.unsaved.clone()));
        self.earlier.remove(&subject);
        self.views.insert(subject, Rc::clone(&view));
        view
    }

    /// How a subject would look with other texts.
    pub(in crate::interface::lsp) fn view_with(
        &self,
        subject: &Subject,
        texts: impl IntoIterator<Item = (PathBuf, String)>,
    ) -> View {
        let mut unsaved = self.unsaved.clone();
        unsaved.extend(texts);
        self.look(subject, unsaved)
    }

    /// The project that a subject belongs to, with the open texts.
    pub(in crate::interface::lsp) fn project(&self, subject: &Subject) -> Project {
        self.project_with(subject, self.unsaved.clone())
    }

    fn project_with(&self, subject: &Subject, unsaved: BTreeMap<PathBuf, String>) -> Project {
        let root = match subject {
            Subject::Project(root) => root.clone(),
            Subject::File(path) => project_root(path, &self.folders),
        };
        Project { root, libraries: self.libraries.clone(), unsaved }
    }

    fn look(&self, subject: &Subject, unsaved: BTreeMap<PathBuf, String>) -> View {
        let project = self.project_with(subject, unsaved);
        // What is wrong with the settings is said where they are written.
        let settings = project.lint_settings(None).unwrap_or_default();
        let validation = match subject {
            // A project without documents is no mistake here.
            Subject::Project(_) => validate(&project, &[], &settings)
                .unwrap_or_else(|_| validate_files(&project, Vec::new(), &settings)),
            Subject::File(path) => {
                let is_ours = self.buffers.get(path).is_some_and(|buffer| buffer.is_ours);
                let expectation = if is_ours { Expectation::Named } else { Expectation::Found };
                validate_files(&project, vec![(path.clone(), expectation)], &settings)
            }
        };
        View::new(validation)
    }

    /// Whether a file has been read; one that has not may have a name that is looked for.
    fn is_known(&self, path: &Path) -> bool {
        self.views.values().chain(self.earlier.values()).any(|view| view.has_read(path))
    }

    /// A text has changed: every view that has it, or would have it now, is out of date.
    fn outdate(&mut self, path: &Path) {
        let own = self.subject(path);
        let stale: Vec<Subject> = self
            .views
            .iter()
            .filter(|(subject, view)| {
                **subject == own || view.has_read(path) || !self.is_known(path)
            })
            .map(|(subject, _)| subject.clone())
            .collect();
        for subject in stale {
            if let Some(view) = self.views.remove(&subject) {
                self.earlier.insert(subject, view);
            }
        }
    }
}
