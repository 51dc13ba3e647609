//! One process a run.

use std::fs::{File, TryLockError};
use std::path::PathBuf;

use super::error::JournalError;
use super::open::Journal;
use super::runs::RunId;

/// The right to work on a run. The system takes it back when the process ends, however it ends.
#[derive(Debug)]
pub struct RunLock {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Takes the right to work on a run.
    ///
    /// # Errors
    /// When another process has it, or the lock file cannot be made.
    pub fn lock(&self, run: &RunId) -> Result<RunLock, JournalError> {
        let path = self.lock_path(run);
        let cannot = |error: &std::io::Error| JournalError::CannotWrite {
            path: path.clone(),
            reason: error.to_string(),
        };
        let file = File::create(&path).map_err(|error| cannot(&error))?;
        match file.try_lock() {
            Ok(()) => Ok(RunLock { file, path }),
            Err(TryLockError::WouldBlock) => Err(JournalError::Busy { run: run.to_string() }),
            Err(TryLockError::Error(error)) => Err(cannot(&error)),
        }
    }

    /// Whether some process is at work on a run.
    pub fn is_under_way(&self, run: &RunId) -> bool {
        match File::open(self.lock_path(run)) {
            Ok(file) => matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)),
            Err(_) => false,
        }
    }

    pub(super) fn lock_path(&self, run: &RunId) -> PathBuf {
        self.folder.join("locks").join(format!("{run}.lock"))
    }
}

impl RunLock {
    /// Gives the right back for good: the run is over. Whoever takes it later finds nothing to
    /// do, so that it does no harm if two processes hold two files of one name then.
    pub fn finish(self) {
        let _ = std::fs::remove_file(&self.path);
        let _ = self.file.unlock();
    }
}
