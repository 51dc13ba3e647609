//! The write-ahead log as a file: transactions that are in it are safe against the death of the
//! process, and when it has been written out, against the loss of power.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::durability::Durability;
use super::error::JournalError;
use super::open::Journal;

/// The write-ahead log of a journal that is open.
#[derive(Debug, Clone)]
pub struct Log {
    file: Arc<File>,
    path: PathBuf,
    folder: PathBuf,
    /// Whether the disk has the name of the file: a log may be new, and unknown to its folder.
    is_known: Arc<OnceLock<()>>,
}

impl Log {
    /// Waits until the disk has every transaction that ended before this was called.
    ///
    /// # Errors
    /// When the disk does not take it: what was stored since the last time may be lost with the
    /// power.
    pub fn write_out(&self) -> Result<(), JournalError> {
        self.write_out_all().map_err(|error| {
            let (path, reason) = (self.path.clone(), error.to_string());
            JournalError::CannotWrite { path, reason }
        })
    }

    fn write_out_all(&self) -> std::io::Result<()> {
        self.file.sync_data()?;
        if self.is_known.get().is_none() {
            write_out_folder(&self.folder)?;
            self.is_known.get_or_init(|| ());
        }
        Ok(())
    }
}

impl Journal {
    /// The log, for one who has it written out beside the transactions; from now on these do not
    /// wait for the disk. `None` where nobody is to wait for it.
    ///
    /// # Errors
    /// When the log cannot be opened.
    pub fn write_out_apart(&mut self) -> Result<Option<Log>, JournalError> {
        if self.durability == Durability::Process || self.log.is_some() {
            return Ok(self.log.clone());
        }
        let mut path = self.path.clone().into_os_string();
        path.push("-wal");
        let path = PathBuf::from(path);
        // SQLite keeps no locks on the log, which closing it again would drop.
        let file = File::options().read(true).write(true).open(&path);
        let file = file.map_err(|error| {
            let reason = error.to_string();
            JournalError::CannotOpen { path: path.clone(), reason }
        })?;
        self.let_transactions_wait(Durability::Process)?;
        let (folder, is_known) = (self.folder.clone(), Arc::default());
        self.log = Some(Log { file: Arc::new(file), path, folder, is_known });
        Ok(self.log.clone())
    }
}

/// Waits until the disk has the names of the files in a folder, where a system can be asked to.
fn write_out_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
