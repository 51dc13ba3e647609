//! Contents by address: what is waiting to be stored, what was read lately, what is on disk.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use rusqlite::OptionalExtension;
use serde_json::Value;

use super::error::JournalError;
use super::open::Journal;
use crate::engine::content::{ContentError, Contents, KeptAnswer, bytes_of};
use crate::language::digest::Digest;

/// So much of what was read or written lately is kept in memory, in bytes.
const KEPT_BYTES: usize = 64 * 1024 * 1024;

/// The contents of a journal. What is written waits until the next step is stored.
#[derive(Debug)]
pub struct JournalContents {
    disk: Journal,
    memory: RefCell<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    waiting: Vec<(String, Vec<u8>)>,
    kept: BTreeMap<Digest, (Arc<Value>, usize)>,
    order: VecDeque<Digest>,
    bytes: usize,
}

impl JournalContents {
    /// The contents of a journal, over a connection of their own.
    ///
    /// # Errors
    /// When the journal cannot be opened any more.
    pub fn of(journal: &Journal) -> Result<JournalContents, JournalError> {
        Ok(JournalContents { disk: journal.reader()?, memory: RefCell::default() })
    }

    /// What is waiting to be stored; whoever takes it stores it.
    pub(super) fn take_waiting(&self) -> Vec<(String, Vec<u8>)> {
        std::mem::take(&mut self.memory.borrow_mut().waiting)
    }

    fn read_from_disk(&self, address: &Digest) -> Result<(Value, usize), ContentError> {
        let body = self.disk.body(address)?;
        let value = serde_json::from_slice(&body).map_err(|error| ContentError::Unreadable {
            address: address.clone(),
            message: error.to_string(),
        })?;
        Ok((value, body.len()))
    }
}

impl Journal {
    /// The bytes at an address, which are those that were stored: their hash says so.
    pub(super) fn body(&self, address: &Digest) -> Result<Vec<u8>, ContentError> {
        let query = || -> rusqlite::Result<Option<Vec<u8>>> {
            self.connection
                .prepare_cached("SELECT body FROM contents WHERE address = ?1")?
                .query_row([address.as_str()], |row| row.get(0))
                .optional()
        };
        let unreadable =
            |message: String| ContentError::Unreadable { address: address.clone(), message };
        let body = query().map_err(|error| unreadable(error.to_string()))?;
        let body = body.ok_or_else(|| ContentError::Missing(address.clone()))?;
        if Digest::of(&body) != *address {
            return Err(unreadable("it is not what was stored".to_owned()));
        }
        Ok(body)
    }

    /// That contents are there and are what was stored.
    ///
    /// # Errors
    /// The first of which that is not so.
    pub fn verify<'d>(
        &self,
        addresses: impl IntoIterator<Item = &'d Digest>,
    ) -> Result<(), ContentError> {
        addresses.into_iter().try_for_each(|address| self.body(address).map(drop))
    }
}

impl Contents for JournalContents {
    fn read(&self, address: &Digest) -> Result<Arc<Value>, ContentError> {
        if let Some((value, _)) = self.memory.borrow().kept.get(address) {
            return Ok(Arc::clone(value));
        }
        let (value, bytes) = self.read_from_disk(address)?;
        let value = Arc::new(value);
        self.memory.borrow_mut().keep(address.clone(), Arc::clone(&value), bytes);
        Ok(value)
    }

    fn write(&self, content: &Value) -> Digest {
        let body = bytes_of(content);
        let address = Digest::of(&body);
        let mut memory = self.memory.borrow_mut();
        if !memory.kept.contains_key(&address) {
            let bytes = body.len();
            memory.waiting.push((address.as_str().to_owned(), body));
            memory.keep(address.clone(), Arc::new(content.clone()), bytes);
        }
        address
    }

    /// An index that cannot be read finds nothing: what it would have found is asked again.
    fn answers(&self, key: &Digest, path: &str) -> Vec<KeptAnswer> {
        self.disk.answers(key, path).unwrap_or_default()
    }
}

impl Memory {
    /// Keeps a content, and forgets the oldest where there is too much. What is waiting to be
    /// stored is not forgotten: it is stored before anything reads so far back.
    fn keep(&mut self, address: Digest, value: Arc<Value>, bytes: usize) {
        if self.kept.insert(address.clone(), (value, bytes)).is_none() {
            self.order.push_back(address);
            self.bytes += bytes;
        }
        while self.bytes > KEPT_BYTES
            && self.waiting.is_empty()
            && let Some(oldest) = self.order.pop_front()
        {
            if let Some((_, bytes)) = self.kept.remove(&oldest) {
                self.bytes -= bytes;
            }
        }
    }
}
