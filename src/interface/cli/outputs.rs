//! What is said of outputs that were written as files.

use serde_json::{Value, json};

use super::screen::Screen;
use crate::interface::app::{Arrival, Failure, OutputFile, OutputFiles};

/// Said where a run that should have had files has not succeeded.
pub(super) const NOT_WRITTEN: &str = "no outputs are written before the run has succeeded";

/// Adds to the object of a run which files its outputs are in.
pub(super) fn add_files(object: &mut Value, written: Option<&Result<OutputFiles, Failure>>) {
    let files = match written {
        Some(Ok(written)) => written.files.as_slice(),
        _ => &[],
    };
    let files = files.iter().map(|file| {
        json!({
            "output": file.output,
            "file": file.path.display().to_string(),
            "arrival": file.arrival.as_str(),
        })
    });
    object["files"] = files.collect::<Vec<_>>().into();
    if let Some(Err(failure)) = written {
        object["files_failure"] = failure.message.as_str().into();
    }
}

/// Names the files on standard error.
pub(super) fn note_files(written: &OutputFiles, screen: &Screen) {
    for arrival in [Arrival::Written, Arrival::Replaced, Arrival::Unchanged] {
        let files = written.files.iter().filter(|file| file.arrival == arrival);
        let names: Vec<String> = files.map(shown).collect();
        if !names.is_empty() {
            screen.note(&format!("{}: {}", arrival.as_str(), names.join(", ")));
        }
    }
    if !written.absent.is_empty() {
        screen.note(&format!("nothing came out for: {}", written.absent.join(", ")));
    }
}

fn shown(file: &OutputFile) -> String {
    file.path.display().to_string()
}
