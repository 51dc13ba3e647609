//! blake3's only home: content addresses of answers and prompts, fingerprints of plans, and the
//! numbers from which invented things follow.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The address of some bytes: the first 128 bits of their BLAKE3 hash, as 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The address of these bytes.
    pub fn of(bytes: &[u8]) -> Digest {
        let mut digits = FullHash::of(bytes).hex();
        digits.truncate(32);
        Digest(digits)
    }

    /// The 32 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// An address that was stored. Whether anything has it is another question.
    pub fn from_stored(text: String) -> Digest {
        Digest(text)
    }

    /// The first eight digits, for people.
    pub fn short(&self) -> &str {
        self.0.get(..8).unwrap_or(&self.0)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A whole BLAKE3 hash: 256 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FullHash(blake3::Hash);

impl FullHash {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> FullHash {
        FullHash(blake3::hash(bytes))
    }

    /// The hash of several parts, one behind the other.
    pub fn of_parts<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> FullHash {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(part);
        }
        FullHash(hasher.finalize())
    }

    /// As 64 hexadecimal digits.
    pub fn hex(&self) -> String {
        self.0.to_hex().to_string()
    }

    /// Its first 64 bits as a number, evenly spread.
    pub fn number(&self) -> u64 {
        let mut first = [0; 8];
        first.copy_from_slice(&self.0.as_bytes()[..8]);
        u64::from_le_bytes(first)
    }
}
