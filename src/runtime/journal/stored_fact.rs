//! A fact of which the journal knows no more than where it stands: of a context, or of what was learned.

use rusqlite::Row;

use crate::engine::Time;

/// A fact as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFact {
    /// Its number, from 1, without gaps.
    pub sequence: u64,
    /// When it was stored.
    pub at: Time,
    /// The number of its form.
    pub form: i64,
    /// Its JSON.
    pub body: String,
}

impl StoredFact {
    /// Of a row with sequence, time, form and body.
    pub(super) fn of_row(row: &Row<'_>) -> rusqlite::Result<StoredFact> {
        Ok(StoredFact {
            sequence: row.get(0)?,
            at: Time(row.get(1)?),
            form: row.get(2)?,
            body: row.get(3)?,
        })
    }
}
