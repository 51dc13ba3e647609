//! Against what stored facts are safe.

use super::error::JournalError;
use super::open::Journal;

/// What may happen without a fact being lost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Durability {
    /// The machine may lose power: nobody is told of what the disk does not have.
    #[default]
    Power,
    /// The process may die, however it dies; what the machine has not written out when it loses power
    /// is lost, from some transaction on.
    Process,
}

impl Journal {
    /// Says against what the facts are to be safe that are stored from now on through this one.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn set_durability(&mut self, durability: Durability) -> Result<(), JournalError> {
        self.durability = durability;
        self.let_transactions_wait(durability)
    }

    /// Has transactions wait for the disk, or not.
    pub(super) fn let_transactions_wait(&self, durability: Durability) -> Result<(), JournalError> {
        // In a write-ahead log NORMAL waits for the disk only before the log is copied into the file.
        let level = match durability {
            Durability::Power => "FULL",
            Durability::Process => "NORMAL",
        };
        self.synchronize(level)
    }

    /// Has nothing wait for the disk, as long as there is nothing on it that could be damaged.
    pub(super) fn let_no_transaction_wait(&self) -> Result<(), JournalError> {
        self.synchronize("OFF")
    }

    fn synchronize(&self, level: &str) -> Result<(), JournalError> {
        let set = self.connection.pragma_update(None, "synchronous", level);
        set.map_err(|error| self.fail(&error))
    }
}
