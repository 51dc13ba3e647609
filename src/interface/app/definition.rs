//! What a command line may name where a plan is wanted: a pattern or pipeline, or a saved plan.

use std::path::{Path, PathBuf};

use super::failure::{Failure, FailureKind};
use super::guidance::{Learnings, guidance_of};
use super::load::{Loaded, load};
use super::project::Project;
use super::saved_plan::{current_saved_plan, read_saved_plan};
use crate::language::document::simulation::Profile;
use crate::language::document::{ClusterReference, builtin_text};
use crate::language::plan::{Plan, SavedPlan};
use crate::organization::Guidance;

/// A plan, whether it was compiled now or saved before.
#[derive(Debug)]
pub enum Definition {
    /// Compiled of the documents as they are.
    Compiled(Box<Loaded>),
    /// Read from a file.
    Saved(Box<SavedPlan>),
}

/// Whether a word on the command line is the name of a saved plan's file.
pub fn names_a_saved_plan(word: &str) -> bool {
    Path::new(word).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"))
}

impl Definition {
    /// What a name or a path stands for. A saved plan is read as it is, also where its documents
    /// have changed.
    ///
    /// # Errors
    /// When there is no such thing, or it is faulty.
    pub fn find(project: &Project, word: &str) -> Result<Definition, Failure> {
        if names_a_saved_plan(word) {
            return read_saved_plan(Path::new(word)).map(Box::new).map(Definition::Saved);
        }
        load(project, word).map(Box::new).map(Definition::Compiled)
    }

    /// What a name or a path stands for, if it is to be run. Saved plans are run on purpose only.
    ///
    /// # Errors
    /// When there is no such thing, or it is faulty.
    pub fn to_run(project: &Project, word: &str) -> Result<Definition, Failure> {
        if names_a_saved_plan(word) {
            let message = format!("{word} is no pattern or pipeline");
            return Err(Failure::new(FailureKind::Usage, message)
                .hint(format!("if it is a saved plan: partita run --plan {word}")));
        }
        Definition::find(project, word)
    }

    /// A saved plan that is to be run.
    ///
    /// # Errors
    /// When it cannot be used, or a document that it was made of has changed.
    pub fn of_saved(project: &Project, path: &Path) -> Result<Definition, Failure> {
        current_saved_plan(project, path).map(Box::new).map(Definition::Saved)
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        match self {
            Definition::Compiled(loaded) => &loaded.compiled.plan,
            Definition::Saved(saved) => &saved.plan,
        }
    }

    /// The plan alone: all else that was read is let go.
    pub fn into_plan(self) -> Plan {
        match self {
            Definition::Compiled(loaded) => loaded.compiled.plan,
            Definition::Saved(saved) => saved.plan,
        }
    }

    /// What those who lead are told in a run of it. A saved plan says which documents it was made of, and not which others
    /// there are: those of the project are read.
    ///
    /// # Errors
    /// What `learnings` finds.
    pub fn guidance(
        &self,
        project: &Project,
        learnings: &Learnings<'_>,
    ) -> Result<Guidance, Failure> {
        match self {
            Definition::Compiled(loaded) => {
                guidance_of(&loaded.compiled.plan, &loaded.library, learnings)
            }
            Definition::Saved(saved) => guidance_of(&saved.plan, &project.library(None), learnings),
        }
    }

    /// The servers that its pipeline names.
    pub fn cluster(&self) -> Option<&ClusterReference> {
        match self {
            Definition::Compiled(loaded) => loaded.compiled.cluster.as_ref(),
            Definition::Saved(saved) => saved.cluster.as_ref(),
        }
    }

    /// How its pipeline wants to be rehearsed.
    pub fn simulation(&self) -> Option<&Profile> {
        match self {
            Definition::Compiled(loaded) => loaded.compiled.simulation.as_ref(),
            Definition::Saved(saved) => saved.simulation.as_ref(),
        }
    }

    /// The folder of its file, for paths inside it; none for a built-in one.
    pub fn folder(&self, project: &Project) -> Option<PathBuf> {
        match self {
            Definition::Compiled(loaded) => loaded.folder.clone(),
            Definition::Saved(saved) => saved
                .document()
                .filter(|document| builtin_text(&document.name).is_none())
                .and_then(|document| Path::new(&document.name).parent())
                .map(|folder| project.shown(folder)),
        }
    }
}
