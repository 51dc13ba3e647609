//! Answers of real models, kept beside the cases in which they were asked for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::find::ENDING;
use crate::engine::content::{Message, Request};
use crate::interface::app::failure::{Failure, FailureKind};
use crate::language::digest::Digest;
use crate::language::document::ModelOptions;
use crate::runtime::whole_file::{Placed, place_file, replace_file};
use crate::runtime::workspace::read_text;

/// The form of the file. It goes up when a field means something else than before.
const VERSION: u32 = 1;

/// The recorded answers of the cases of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Cassette {
    version: u32,
    /// The model of tasks that name none, by its full name.
    pub(super) model: String,
    /// Whether simulated servers gave the answers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) simulated: bool,
    /// By case and task, in the order in which they were given.
    pub(super) cases: BTreeMap<String, Recordings>,
}

/// The recorded answers of a case, by task.
pub(super) type Recordings = BTreeMap<String, Vec<Recording>>;

/// An answer with what was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Recording {
    /// What the request follows from: model, messages, options and type in one digest.
    pub(super) request: Digest,
    /// The model, by its full name.
    pub(super) model: String,
    /// The messages.
    pub(super) messages: Vec<Message>,
    /// Options of the call.
    pub(super) options: ModelOptions,
    /// The type of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) format: Option<Value>,
    /// The answer's text.
    pub(super) answer: String,
    /// Tokens of the prompt, as the server counted them.
    pub(super) prompt_tokens: u64,
    /// Tokens of the answer.
    pub(super) answer_tokens: u64,
}

/// A file of recorded answers, as it is on disk.
#[derive(Debug)]
pub(super) struct CassetteFile {
    path: PathBuf,
    text: Option<String>,
}

/// What the answer to a request of a model is found by.
pub(super) fn fingerprint(model: &str, request: &Request) -> Digest {
    // Our own types always have a JSON form; the fallback cannot be reached.
    Digest::of(&serde_json::to_vec(&(model, request)).unwrap_or_default())
}

impl Cassette {
    /// One without any answer.
    pub(super) fn new(model: String, simulated: bool) -> Cassette {
        Cassette { version: VERSION, model, simulated, cases: BTreeMap::new() }
    }
}

impl CassetteFile {
    /// That beside a file of cases.
    ///
    /// # Errors
    /// In words, when it is there and cannot be read.
    pub(super) fn beside(tests: &Path) -> Result<CassetteFile, String> {
        let stem = tests.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let stem = stem.strip_suffix(ENDING).unwrap_or(stem);
        let path = tests.with_file_name(format!("{stem}.cassette.json"));
        let text = match path.exists() {
            true => Some(read_text(&path).map_err(|unreadable| unreadable.message)?),
            false => None,
        };
        Ok(CassetteFile { path, text })
    }

    /// Its name.
    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// The answers in it, if there is one.
    ///
    /// # Errors
    /// In words, when it is no such file or of a later version.
    pub(super) fn read(&self) -> Result<Option<Cassette>, String> {
        let Some(text) = &self.text else { return Ok(None) };
        let cassette: Cassette = serde_json::from_str(text).map_err(|error| error.to_string())?;
        match cassette.version {
            VERSION => Ok(Some(cassette)),
            other => Err(format!("its version is {other}, this Partita reads {VERSION}")),
        }
    }

    /// Writes answers in its place, whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written, or has changed since it was read.
    pub(super) fn write(&self, cassette: &Cassette) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(cassette).unwrap_or_default() + "\n";
        let written = match &self.text {
            Some(before) => replace_file(&self.path, before, &text),
            None => place_file(&self.path, &text).and_then(|placed| match placed {
                Placed::Written => Ok(()),
                Placed::AlreadyThere => Err(std::io::Error::other("somebody has just written it")),
            }),
        };
        written.map_err(|error| {
            let message = format!("{} cannot be written: {error}", self.name());
            Failure::new(FailureKind::Failed, message)
        })
    }
}
