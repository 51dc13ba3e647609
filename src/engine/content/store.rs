//! Where contents lie, by their addresses.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::language::digest::Digest;

/// Contents by address. Contents are JSON; the same content has the same address everywhere.
pub trait Contents {
    /// The content at an address.
    ///
    /// # Errors
    /// When it is not there or cannot be read.
    fn read(&self, address: &Digest) -> Result<Arc<Value>, ContentError>;

    /// Keeps a content and gives its address.
    fn write(&self, content: &Value) -> Digest;
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

/// Keeps a content of a known type.
pub(crate) fn write_as<T: Serialize>(contents: &dyn Contents, content: &T) -> Digest {
    // Our own types always have a JSON form; the fallback cannot be reached.
    contents.write(&serde_json::to_value(content).unwrap_or_default())
}

/// The bytes of a content, from which its address follows.
pub(crate) fn bytes_of(content: &Value) -> Vec<u8> {
    serde_json::to_vec(content).unwrap_or_default()
}

/// Contents in memory.
#[derive(Debug, Default)]
pub struct MemoryContents {
    kept: RefCell<BTreeMap<Digest, Arc<Value>>>,
}

impl Contents for MemoryContents {
    fn read(&self, address: &Digest) -> Result<Arc<Value>, ContentError> {
        let kept = self.kept.borrow();
        kept.get(address).cloned().ok_or_else(|| ContentError::Missing(address.clone()))
    }

    fn write(&self, content: &Value) -> Digest {
        let address = Digest::of(&bytes_of(content));
        self.kept.borrow_mut().entry(address.clone()).or_insert_with(|| Arc::new(content.clone()));
        address
    }
}
