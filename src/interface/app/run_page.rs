//! The page of a run as a file.

use std::path::Path;

use super::failure::{Failure, FailureKind};
use crate::runtime::whole_file::{Placed, place_file, replace_file};

/// Writes the page of a run. A page that has `mark` in it is replaced, no other file is.
///
/// # Errors
/// When another file is there, or it cannot be written.
pub fn write_page(path: &Path, page: &str, mark: &str) -> Result<(), Failure> {
    let shown = path.display();
    let unwritable = |error: std::io::Error| {
        Failure::new(FailureKind::Failed, format!("{shown} cannot be written: {error}"))
    };
    if place_file(path, page).map_err(unwritable)? == Placed::Written {
        return Ok(());
    }
    match std::fs::read_to_string(path) {
        Ok(before) if before.contains(mark) => {
            replace_file(path, &before, page).map_err(unwritable)
        }
        _ => {
            let message = format!("{shown} is there already and is not the page of a run");
            Err(Failure::new(FailureKind::Usage, message).hint("name another file, or delete it"))
        }
    }
}
