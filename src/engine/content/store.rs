//! Where contents lie, by their addresses.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::engine::vocabulary::{Fact, Outcome, Recorded};
use crate::language::digest::Digest;
use crate::language::plan::Plan;

/// Contents by address. Contents are JSON; the same content has the same address everywhere.
pub trait Contents {
    /// The content at an address.
    ///
    /// # Errors
    /// When it is not there or cannot be read.
    fn read(&self, address: &Digest) -> Result<Arc<Value>, ContentError>;

    /// The bytes of the content at an address.
    ///
    /// # Errors
    /// When it is not there or cannot be read.
    fn read_bytes(&self, address: &Digest) -> Result<Arc<[u8]>, ContentError>;

    /// Keeps a content and gives its address.
    fn write(&self, content: Value) -> Digest;

    /// Keeps a content of which only the bytes are there, and gives its address.
    fn write_bytes(&self, content: Vec<u8>) -> Digest;

    /// The answers that are kept under a key: first those to the task at `path`, then those to
    /// other tasks, of each the newest first.
    fn answers(&self, key: &Digest, path: &str) -> Vec<KeptAnswer>;
}

/// An answer that may serve other runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The address of the task.
    pub path: String,
    /// The run in which a server gave it.
    pub run: String,
    /// The address of the task there.
    pub there: String,
    /// The output.
    pub output: Digest,
}

/// What a fact adds to the answers that may serve other runs: the key and the answer, with the run
/// in which the fact stands.
pub fn kept_answer(plan: &Plan, run: &str, fact: &Fact) -> Option<(Digest, KeptAnswer)> {
    match fact {
        Fact::AttemptEnded {
            attempt,
            outcome: Outcome::Answered { output, .. },
            key: Some(key),
            ..
        } => {
            let path = plan.task(attempt.task).path.clone();
            let (run, output) = (run.to_owned(), output.clone());
            Some((key.clone(), KeptAnswer { there: path.clone(), path, run, output }))
        }
        // Kept under the run that names it, or it would go with the one that asked.
        Fact::TaskReused { task, manifest, run, there, output } => {
            let path = plan.task(*task).path.clone();
            let (run, there, output) = (run.clone(), there.clone(), output.clone());
            Some((manifest.key(), KeptAnswer { path, run, there, output }))
        }
        _ => None,
    }
}

/// Why a content cannot be had: the journal is damaged, or Partita is at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// Nothing has this address.
    #[error("the content {} is missing", .0.short())]
    Missing(Digest),
    /// What has this address is not what it should be.
    #[error("the content {} cannot be read: {message}", .address.short())]
    Unreadable {
        /// The address.
        address: Digest,
        /// What is wrong with it.
        message: String,
    },
}

/// Keeps a content of a known type, of which nobody needs the tree: requests and plans are large.
pub(crate) fn write_as<T: Serialize>(contents: &dyn Contents, content: &T) -> Digest {
    contents.write_bytes(bytes_of(content))
}

/// A content of a known type.
///
/// # Errors
/// When it is not there, or is of another type.
pub(crate) fn read_as<T: DeserializeOwned>(
    contents: &dyn Contents,
    address: &Digest,
) -> Result<T, ContentError> {
    of_bytes(address, &contents.read_bytes(address)?)
}

/// The bytes of a content, from which its address follows.
pub(crate) fn bytes_of<T: Serialize>(content: &T) -> Vec<u8> {
    // Our own types always have a JSON form; the fallback cannot be reached.
    serde_json::to_vec(content).unwrap_or_default()
}

/// What the bytes at an address say.
///
/// # Errors
/// When they are of another type.
pub(crate) fn of_bytes<T: DeserializeOwned>(
    address: &Digest,
    bytes: &[u8],
) -> Result<T, ContentError> {
    serde_json::from_slice(bytes).map_err(|error| ContentError::Unreadable {
        address: address.clone(),
        message: error.to_string(),
    })
}

/// Contents in memory.
#[derive(Debug, Default)]
pub struct MemoryContents {
    kept: RefCell<BTreeMap<Digest, Arc<[u8]>>>,
    /// The newest last.
    answers: RefCell<BTreeMap<Digest, Vec<KeptAnswer>>>,
}

impl MemoryContents {
    /// Keeps the answers of a run for runs to come.
    pub fn keep_answers(&self, plan: &Plan, run: &str, facts: &[Recorded]) {
        let mut answers = self.answers.borrow_mut();
        for (key, answer) in facts.iter().filter_map(|known| kept_answer(plan, run, &known.fact)) {
            answers.entry(key).or_default().push(answer);
        }
    }
}

impl Contents for MemoryContents {
    fn read(&self, address: &Digest) -> Result<Arc<Value>, ContentError> {
        of_bytes(address, &self.read_bytes(address)?).map(Arc::new)
    }

    fn read_bytes(&self, address: &Digest) -> Result<Arc<[u8]>, ContentError> {
        let kept = self.kept.borrow();
        kept.get(address).cloned().ok_or_else(|| ContentError::Missing(address.clone()))
    }

    fn write(&self, content: Value) -> Digest {
        self.write_bytes(bytes_of(&content))
    }

    fn write_bytes(&self, content: Vec<u8>) -> Digest {
        let address = Digest::of(&content);
        self.kept.borrow_mut().entry(address.clone()).or_insert_with(|| content.into());
        address
    }

    fn answers(&self, key: &Digest, path: &str) -> Vec<KeptAnswer> {
        let answers = self.answers.borrow();
        let newest_first = answers.get(key).into_iter().flatten().rev();
        let (own, others): (Vec<&KeptAnswer>, Vec<&KeptAnswer>) =
            newest_first.partition(|answer| answer.path == path);
        own.into_iter().chain(others).cloned().collect()
    }
}
