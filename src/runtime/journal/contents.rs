//! Contents by address: what is waiting to be stored, what was read lately, what is on disk.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde_json::Value;

use super::error::JournalError;
use super::open::Journal;
use crate::engine::content::{ContentError, Contents, KeptAnswer, bytes_of, of_bytes};
use crate::language::digest::Digest;

/// So much of what was read or written lately is kept in memory, in bytes: what follows from an answer
/// is asked soon, and what is read later is there as quickly from the system's own memory.
const KEPT_BYTES: usize = 4 * 1024 * 1024;

/// About how much larger the tree of a content is than its bytes.
const TREE_FACTOR: usize = 4;

/// The contents of a journal. What is written waits until the next step is stored.
#[derive(Debug)]
pub struct JournalContents {
    disk: Journal,
    memory: RefCell<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    waiting: Vec<(Digest, Arc<[u8]>)>,
    kept: BTreeMap<Digest, (Kept, usize)>,
    order: VecDeque<Digest>,
    bytes: usize,
}

/// A content in the form in which it came.
#[derive(Debug, Clone)]
enum Kept {
    Tree(Arc<Value>),
    Bytes(Arc<[u8]>),
}

impl JournalContents {
    /// The contents of a journal, over a connection of their own.
    ///
    /// # Errors
    /// When the journal cannot be opened any more.
    pub fn of(journal: &Journal) -> Result<JournalContents, JournalError> {
        Ok(JournalContents { disk: journal.reader()?, memory: RefCell::default() })
    }

    /// The same, with nothing in memory: a plan that has been stored is not asked for soon.
    #[must_use]
    pub fn forgetful(self) -> JournalContents {
        JournalContents { disk: self.disk, memory: RefCell::default() }
    }

    /// What is waiting to be stored; whoever takes it stores it.
    pub(super) fn take_waiting(&self) -> Vec<(Digest, Arc<[u8]>)> {
        std::mem::take(&mut self.memory.borrow_mut().waiting)
    }

    fn kept(&self, address: &Digest) -> Option<Kept> {
        self.memory.borrow().kept.get(address).map(|(kept, _)| kept.clone())
    }
}

impl Journal {
    /// The bytes at an address, which are those that were stored: their hash says so.
    pub(super) fn body(&self, address: &Digest) -> Result<Vec<u8>, ContentError> {
        let unreadable =
            |message: String| ContentError::Unreadable { address: address.clone(), message };
        let body = self.newest.body(&self.connection, address);
        let body = body.map_err(|error| unreadable(error.to_string()))?;
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
        let bytes = match self.kept(address) {
            Some(Kept::Tree(tree)) => return Ok(tree),
            Some(Kept::Bytes(bytes)) => return of_bytes(address, &bytes).map(Arc::new),
            None => self.disk.body(address)?,
        };
        let tree: Arc<Value> = Arc::new(of_bytes(address, &bytes)?);
        let kept = Kept::Tree(Arc::clone(&tree));
        self.memory.borrow_mut().keep(address.clone(), kept, bytes.len() * TREE_FACTOR);
        Ok(tree)
    }

    fn read_bytes(&self, address: &Digest) -> Result<Arc<[u8]>, ContentError> {
        match self.kept(address) {
            Some(Kept::Bytes(bytes)) => Ok(bytes),
            Some(Kept::Tree(tree)) => Ok(bytes_of(&*tree).into()),
            None => self.disk.body(address).map(Arc::from),
        }
    }

    fn write(&self, content: Value) -> Digest {
        let body: Arc<[u8]> = bytes_of(&content).into();
        let size = body.len() * TREE_FACTOR;
        self.memory.borrow_mut().write(body, size, |_| Kept::Tree(Arc::new(content)))
    }

    fn write_bytes(&self, content: Vec<u8>) -> Digest {
        let size = content.len();
        self.memory.borrow_mut().write(content.into(), size, Kept::Bytes)
    }

    /// An index that cannot be read finds nothing: what it would have found is asked again.
    fn answers(&self, key: &Digest, path: &str) -> Vec<KeptAnswer> {
        self.disk.answers(key, path).unwrap_or_default()
    }
}

impl Memory {
    /// Has a content stored with the next step, unless it is known to be stored.
    fn write(
        &mut self,
        body: Arc<[u8]>,
        size: usize,
        form: impl FnOnce(Arc<[u8]>) -> Kept,
    ) -> Digest {
        let address = Digest::of(&body);
        if !self.kept.contains_key(&address) {
            self.waiting.push((address.clone(), Arc::clone(&body)));
            self.keep(address.clone(), form(body), size);
        }
        address
    }

    /// Keeps a content, and forgets the oldest where there is too much. What is waiting to be
    /// stored is not forgotten: it is stored before anything reads so far back.
    fn keep(&mut self, address: Digest, content: Kept, size: usize) {
        if self.kept.insert(address.clone(), (content, size)).is_none() {
            self.order.push_back(address);
            self.bytes += size;
        }
        while self.bytes > KEPT_BYTES
            && self.waiting.is_empty()
            && let Some(oldest) = self.order.pop_front()
        {
            if let Some((_, size)) = self.kept.remove(&oldest) {
                self.bytes -= size;
            }
        }
    }
}
