//! Where contents lie, by their addresses.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::language::digest::Digest;

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
}
