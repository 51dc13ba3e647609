//! The write-ahead log as a file: transactions that are in it are safe against the death of the
//! process, and when it has been written out, against the loss of power.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::durability::Durability;
use super::error::JournalError;
use super::open::Journal;

/// The write-ahead log of a journal that is open.
#[derive(Debug, Clone)]
pub struct Log {
    file: Arc<File>,
    path: PathBuf,
}

impl Log {
    /// Waits until the disk has every transaction that ended before this was called.
    ///
    /// # Errors
    /// When the disk does not take it: what was stored since the last time may be lost with the
    /// power.
    pub fn write_out(&self) -> Result<(), JournalError> {
        self.file.sync_data().map_err(|error| {
            let (path, reason) = (self.path.clone(), error.to_string());
            JournalError::CannotWrite { path, reason }
        })
    }
}

impl Journal {
    /// The log, for one who has it written out beside the transactions; from now on these do not
    /// wait for the disk. `None` where nobody is to wait for it.
    ///
    /// # Errors
    /// When the log cannot be opened.
    pub fn write_out_apart(&mut self) -> Result<Option<Log>, JournalError> {
        if self.durability == Durability::Process {
            return Ok(None);
        }
        let mut path = self.path.clone().into_os_string();
        path.push("-wal");
        let path = PathBuf::from(path);
        // SQLite keeps no locks on the log, which closing it again would drop.
        let file = File::options().read(true).write(true).open(&path);
        // A log that no transaction has waited for yet may be new, and unknown to its folder.
        let opened = file.and_then(|file| write_out_folder(&self.folder).map(|()| file));
        let file = opened.map_err(|error| {
            let reason = error.to_string();
            JournalError::CannotOpen { path: path.clone(), reason }
        })?;
        self.let_transactions_wait(Durability::Process)?;
        Ok(Some(Log { file: Arc::new(file), path }))
    }
}

/// Waits until the disk has the names of the files in a folder, where a system can be asked to.
fn write_out_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
