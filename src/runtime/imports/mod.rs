//! Where imports come from and where they are kept: repositories, folders, and a store below the project.
//!
//! What is fetched is never checked out: names and contents are read out of git's own objects, so that no
//! filter, link or hook of a repository has a part in it.

mod content;
mod git;
mod store;

pub use content::{SourceFile, chosen, files_of_folder, read_locked};
pub use git::{GitError, Repository, Resolved, resolve};
pub use store::Store;
