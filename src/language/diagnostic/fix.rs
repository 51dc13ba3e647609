//! Repairs that a finding offers.

use serde::Serialize;

use crate::language::source::Edit;

/// A repair: all of its edits together, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as a request: lower case, no full stop.
    pub title: String,
    /// Whether it may be made unseen.
    pub safety: Safety,
    /// The changes, in any order; no two collide.
    pub edits: Vec<Edit>,
}

/// Whether a repair may be made without a look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// What the author meant is not in doubt, and a run does the same as before or runs at all.
    Safe,
    /// It changes what a run does, or guesses what was meant.
    Unsafe,
}

impl Safety {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Safety::Safe => "safe",
            Safety::Unsafe => "unsafe",
        }
    }
}

impl Fix {
    /// A repair that may be made unseen.
    pub fn safe(title: impl Into<String>, edits: Vec<Edit>) -> Fix {
        Fix { title: title.into(), safety: Safety::Safe, edits }
    }

    /// A repair that somebody should look at.
    pub fn risky(title: impl Into<String>, edits: Vec<Edit>) -> Fix {
        Fix { title: title.into(), safety: Safety::Unsafe, edits }
    }
}
