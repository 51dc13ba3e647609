//! Expected values, written anew as they have come out.

use std::collections::BTreeMap;
use std::path::Path;

use super::play::{Tested, TestedFile};
use crate::interface::app::failure::{Failure, FailureKind};
use crate::language::source::{Edit, Span, apply_edits};
use crate::runtime::whole_file::replace_file;

/// A file in which expected values were written anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    /// Its name.
    pub file: String,
    /// How many values.
    pub values: usize,
    /// How much of what is not as expected has to be changed by hand.
    pub left: usize,
}

/// Writes what has come out in the place of what was expected, wherever that is one value on one
/// line. What several tasks are expected to give is left where they differ.
///
/// # Errors
/// When a file cannot be written, or has changed since it was read.
pub fn update_tests(tested: &Tested) -> Result<Vec<Updated>, Failure> {
    let mut updated = Vec::new();
    for file in &tested.files {
        let unmet = file.cases.iter().map(|case| case.unmet.len()).sum::<usize>();
        if unmet == 0 {
            continue;
        }
        let (edits, left) = edits_of(file);
        write(tested, file, &edits)?;
        updated.push(Updated { file: file.file.clone(), values: edits.len(), left });
    }
    Ok(updated)
}

/// The edits of a file, one a place, and how much they leave as it is.
fn edits_of(file: &TestedFile) -> (Vec<Edit>, usize) {
    let mut left = 0;
    let mut by_place: BTreeMap<Span, Option<Edit>> = BTreeMap::new();
    for unmet in file.cases.iter().flat_map(|case| &case.unmet) {
        let Some(edit) = &unmet.correction else {
            left += 1;
            continue;
        };
        let known = by_place.entry(edit.span).or_insert_with(|| Some(edit.clone()));
        if known.as_ref().is_some_and(|known| known.replacement != edit.replacement) {
            *known = None;
        }
    }
    left += by_place.values().filter(|edit| edit.is_none()).count();
    (by_place.into_values().flatten().collect(), left)
}

fn write(tested: &Tested, file: &TestedFile, edits: &[Edit]) -> Result<(), Failure> {
    let source = tested.library.sources().iter().find(|source| source.name() == file.file);
    let (Some(source), false) = (source, edits.is_empty()) else { return Ok(()) };
    let cannot = |reason: String| {
        let message = format!("{} cannot be written: {reason}", file.file);
        Failure::new(FailureKind::Failed, message)
    };
    let after = apply_edits(source.text(), edits)
        .ok_or_else(|| cannot("values lie in each other".to_owned()))?;
    replace_file(Path::new(&file.file), source.text(), &after)
        .map_err(|error| cannot(error.to_string()))
}
