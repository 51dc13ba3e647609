//! The disk: the log is written out beside the calls, and what it has is told.

use std::time::Duration;

use super::{ConductError, Conductor};
use crate::runtime::embedded::messages::{Message, Observer};
use crate::runtime::embedded::untold::Transaction;
use crate::runtime::journal::JournalError;

/// How soon the log is written out again: each time costs about as much as storing a step, and whoever
/// watches does not see how late he hears of it.
const WRITE_OUT_EVERY: Duration = Duration::from_millis(10);

impl Conductor {
    /// Waits for the disk, and tells what has not been told. Behind a failure nothing more is told:
    /// whether the disk has what came before it is not known.
    pub(super) async fn tell_the_rest(
        &mut self,
        observer: &mut dyn Observer,
    ) -> Result<(), ConductError> {
        while self.untold.is_being_written()
            && let Some(message) = self.receiver.recv().await
        {
            if let Message::WrittenOut(upto, result) = message {
                self.written_out(upto, result)?;
            }
        }
        if let Some(log) = &self.log {
            log.write_out().map_err(|source| self.not_stored(source))?;
        }
        self.untold.all_written();
        self.untold.tell(observer);
        Ok(())
    }

    /// The log has been written out up to a transaction, or could not be.
    pub(super) fn written_out(
        &mut self,
        upto: Transaction,
        result: Result<(), JournalError>,
    ) -> Result<(), ConductError> {
        match result {
            Ok(()) => {
                self.untold.written(upto);
                Ok(())
            }
            Err(source) => {
                self.untold.failed();
                Err(self.not_stored(source))
            }
        }
    }

    /// Has the log written out beside what happens next, if there is something new in it.
    pub(super) fn write_out(&mut self) {
        let Some(log) = &self.log else {
            self.untold.all_written();
            return;
        };
        let now = self.clock.now();
        if now < self.next_write_out {
            return;
        }
        if let Some(upto) = self.untold.begin_writing() {
            self.next_write_out = now + WRITE_OUT_EVERY;
            let (log, messages) = (log.clone(), self.sender.clone());
            tokio::task::spawn_blocking(move || {
                let _ = messages.send(Message::WrittenOut(upto, log.write_out()));
            });
        }
    }
}
