//! The outputs of a run as files in a folder, one each. The names are those that the document gives its
//! outputs, so that no answer of a model decides where something is written.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::failure::{Failure, FailureKind};
use crate::engine::content::Contents;
use crate::insight::{History, Simulated};
use crate::language::plan::Plan;
use crate::runtime::whole_file::{WholeFile, is_taken, place_files};

/// A folder into which outputs are written.
#[derive(Debug, Clone, Copy)]
pub struct OutputFolder<'a> {
    /// Where it is; it is made if it is not there.
    pub path: &'a Path,
    /// What becomes of files of the same names.
    pub existing: Existing,
}

/// What becomes of files that are there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// They stay, and nothing is written unless they are what would be written.
    Kept,
    /// They are replaced.
    Replaced,
}

/// What came of writing outputs.
#[derive(Debug, Default)]
pub struct OutputFiles {
    /// The files, in the order of the outputs.
    pub files: Vec<OutputFile>,
    /// The outputs that are null, of which there is no file.
    pub absent: Vec<String>,
}

/// An output in a file.
#[derive(Debug)]
pub struct OutputFile {
    /// The name of the output.
    pub output: String,
    /// The file.
    pub path: PathBuf,
    /// How it came to be there.
    pub arrival: Arrival,
}

/// How a file came to be where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It is new.
    Written,
    /// It took the place of another.
    Replaced,
    /// It was there with the same text.
    Unchanged,
}

impl Arrival {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Arrival::Written => "written",
            Arrival::Replaced => "replaced",
            Arrival::Unchanged => "unchanged",
        }
    }
}

/// The end of a file's name: a text is written as it is, anything else as JSON. What no model gave
/// says so in its name, and never takes the place of what one gave.
fn ending(is_text: bool, simulated: bool) -> &'static str {
    match (is_text, simulated) {
        (true, false) => ".md",
        (false, false) => ".json",
        (true, true) => ".simulated.md",
        (false, true) => ".simulated.json",
    }
}

impl OutputFolder<'_> {
    /// Makes the folder and looks for files that would be in the way, before a run that may take hours.
    ///
    /// # Errors
    /// When it cannot be a folder, or has a file of the name of an output which is to be kept.
    pub fn prepare(&self, plan: &Plan, simulated: bool) -> Result<(), Failure> {
        self.make()?;
        let candidates = output_names(plan).into_iter().flat_map(|name| {
            [true, false].map(|is_text| format!("{name}{}", ending(is_text, simulated)))
        });
        let in_the_way =
            candidates.map(|name| self.path.join(name)).filter(|path| match self.existing {
                Existing::Kept => is_taken(path),
                Existing::Replaced => is_folder(path),
            });
        self.refuse(&in_the_way.collect::<Vec<_>>())
    }

    /// Writes the outputs of a run.
    ///
    /// # Errors
    /// When the run has none yet, a file is in the way, or one cannot be written.
    pub fn write(
        &self,
        history: &History,
        contents: &dyn Contents,
    ) -> Result<OutputFiles, Failure> {
        let outputs = outputs_of(history, contents)?;
        if let Some(name) = outputs.keys().find(|name| !is_plain(name)) {
            let message = format!("`{name}` can be no name of a file");
            return Err(Failure::new(FailureKind::Failed, message));
        }
        let simulated = history.simulated() != Simulated::No;
        let mut absent = Vec::new();
        let mut texts = Vec::new();
        for (name, value) in &outputs {
            match text_of(value) {
                Some(text) => {
                    let file = format!("{name}{}", ending(value.is_string(), simulated));
                    texts.push((name.clone(), file, text));
                }
                None => absent.push(name.clone()),
            }
        }
        Ok(OutputFiles { absent, ..self.write_texts(texts)? })
    }

    /// Writes texts, each with a name and the name of its file: all or none.
    ///
    /// # Errors
    /// When a file is in the way, or one cannot be written.
    pub(super) fn write_texts(
        &self,
        named: Vec<(String, String, String)>,
    ) -> Result<OutputFiles, Failure> {
        self.make()?;
        let mut written = OutputFiles::default();
        let mut texts = Vec::new();
        let mut in_the_way = Vec::new();
        for (output, file, text) in named {
            let path = self.path.join(file);
            let Some(arrival) = self.arrival(&path, &text) else {
                in_the_way.push(path);
                continue;
            };
            written.files.push(OutputFile { output, path, arrival });
            texts.push(text);
        }
        self.refuse(&in_the_way)?;
        let changed = written.files.iter().zip(&texts);
        let changed: Vec<WholeFile<'_>> = changed
            .filter(|(file, _)| file.arrival != Arrival::Unchanged)
            .map(|(file, text)| WholeFile {
                path: &file.path,
                text,
                replaces: file.arrival == Arrival::Replaced,
            })
            .collect();
        place_files(&changed)
            .map_err(|(place, error)| cannot_write(changed[place].path, &error))?;
        Ok(written)
    }

    /// How a text comes to be at a path; none where something is in the way.
    fn arrival(&self, path: &Path, text: &str) -> Option<Arrival> {
        let found = fs::symlink_metadata(path);
        match (found, self.existing) {
            (Err(_), _) => Some(Arrival::Written),
            (Ok(found), _) if found.is_dir() => None,
            (Ok(found), _) if found.is_file() && has_text(path, text) => Some(Arrival::Unchanged),
            (Ok(_), Existing::Replaced) => Some(Arrival::Replaced),
            (Ok(_), Existing::Kept) => None,
        }
    }

    fn make(&self) -> Result<(), Failure> {
        if is_taken(self.path) && !self.path.is_dir() {
            let message = format!("{} is there already and is no folder", self.path.display());
            return Err(Failure::new(FailureKind::Usage, message).hint("name another folder"));
        }
        fs::create_dir_all(self.path).map_err(|error| {
            let message = format!("{} cannot be made: {error}", self.path.display());
            Failure::new(FailureKind::Failed, message).hint("name another folder")
        })
    }

    /// Says what is in the way, if anything is.
    fn refuse(&self, in_the_way: &[PathBuf]) -> Result<(), Failure> {
        let Some((first, others)) = in_the_way.split_first() else { return Ok(()) };
        let first_is_folder = if is_folder(first) { " (a folder)" } else { "" };
        let others = match others.len() {
            0 => " is".to_owned(),
            number => format!(" and {number} more are"),
        };
        let message = format!(
            "{}{first_is_folder}{others} there already; nothing has been written",
            first.display()
        );
        let failure = Failure::new(FailureKind::Usage, message);
        Err(match self.existing {
            Existing::Kept => {
                failure.hint("name another folder, or replace what is there with --replace")
            }
            Existing::Replaced => failure.hint("name another folder, or remove it"),
        })
    }
}

/// The names that the outputs of a plan will have.
fn output_names(plan: &Plan) -> Vec<&str> {
    let root = plan.root();
    if !root.outputs.is_empty() {
        return root.outputs.keys().map(String::as_str).collect();
    }
    let last = root.waves.last().map(|wave| plan.wave(*wave).tasks.as_slice()).unwrap_or_default();
    last.iter().map(|task| plan.task(*task).name.as_str()).collect()
}

fn outputs_of(history: &History, contents: &dyn Contents) -> Result<Map<String, Value>, Failure> {
    let Some(address) = &history.outputs else {
        let message = "the run has no outputs: it has not come to its end";
        return Err(Failure::new(FailureKind::Usage, message));
    };
    match contents.read(address).map(|outputs| (*outputs).clone()) {
        Ok(Value::Object(outputs)) => Ok(outputs),
        _ => Err(Failure::new(FailureKind::Failed, "the outputs of the run cannot be read")
            .hint("`partita journal check` lists everything that is damaged")),
    }
}

/// What stands in the file of an output; none where nothing came out.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => serde_json::to_string_pretty(other).ok().map(|text| text + "\n"),
    }
}

/// Documents have no other names; a plan that somebody else has made might.
fn is_plain(name: &str) -> bool {
    name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_') && !name.is_empty()
}

/// A folder itself; a link to one can be replaced like any other.
fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

fn has_text(path: &Path, text: &str) -> bool {
    fs::read(path).is_ok_and(|found| found == text.as_bytes())
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    let message = format!("{} cannot be written: {error}", path.display());
    Failure::new(FailureKind::Failed, message).hint("the results are kept in the journal")
}
