//! What other processes say of a run: which servers their runs leave to it, and notes of people.

use super::{ConductError, Conductor, NOTES_EVERY};
use crate::engine::{Decision, Input};
use crate::runtime::embedded::messages::{Event, Observer};
use crate::runtime::journal::{JournalError, Note};
use crate::runtime::sharing::Looked;

impl Conductor {
    /// Looks what other runs leave of the servers, if it is time to.
    pub(super) fn look_at_shares(&mut self) -> Result<(), ConductError> {
        let now = self.clock.now();
        let Some(sharing) = &mut self.sharing else { return Ok(()) };
        if now < sharing.next_look(&self.engine) {
            return Ok(());
        }
        match sharing.look(now, &self.engine) {
            // Before all others, which may begin calls: the board says already what the run holds.
            Ok(Looked::Shares(shares)) => self.local.push_front(Input::Shares(shares)),
            Ok(Looked::Unchanged | Looked::Busy) => {}
            // What it had stays its own until the board can be written again.
            Err(_) if sharing.has_looked() => {}
            Err(error) => {
                let (path, reason) = (sharing.folder().to_owned(), error.to_string());
                return Err(JournalError::CannotWrite { path, reason }.into());
            }
        }
        Ok(())
    }

    /// If it is time, takes up notes of other processes, and tells what calls wait for.
    pub(super) fn look_around(&mut self, observer: &mut dyn Observer) -> Result<(), ConductError> {
        let now = self.clock.now();
        if now >= self.next_look_for_notes {
            let inputs = self.notes()?;
            self.local.extend(inputs);
            observer.event(Event::Waits(&self.engine.waits(now)));
        }
        Ok(())
    }

    /// What notes of other processes say, if somebody has written to the journal.
    pub(super) fn notes(&mut self) -> Result<Vec<Input>, ConductError> {
        self.next_look_for_notes = self.clock.now() + NOTES_EVERY;
        let version = self.journal.data_version()?;
        let mut inputs = Vec::new();
        if version == self.notes_version {
            return Ok(inputs);
        }
        self.notes_version = version;
        for (number, note) in self.journal.notes(&self.run)? {
            self.handled_notes.push(number);
            match note {
                Note::Cancel { by } => inputs.push(Input::Cancel { by }),
                Note::Decide { task, choice, by } => {
                    let task = self.engine.state().plan().find(&task);
                    inputs.extend(task.map(|task| Input::Decided(Decision { task, choice, by })));
                }
            }
        }
        Ok(inputs)
    }
}
