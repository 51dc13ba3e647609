//! What one input comes to.

use super::vocabulary::{Command, Recorded};

/// Facts to be stored, and commands that may be carried out only then.
#[derive(Debug, Default, PartialEq)]
#[must_use = "facts must be stored and commands carried out"]
pub struct Step {
    facts: Vec<Recorded>,
    commands: Vec<Command>,
}

impl Step {
    pub(super) fn new(facts: Vec<Recorded>, commands: Vec<Command>) -> Step {
        Step { facts, commands }
    }

    /// Puts the step of a later input behind this one, so that both are stored at once.
    pub fn append(&mut self, later: Step) {
        self.facts.extend(later.facts);
        self.commands.extend(later.commands);
    }

    /// Takes out the commands that change nothing in the world: these need not wait for the facts.
    pub(super) fn take_local_commands(&mut self) -> Vec<Command> {
        self.commands.extract_if(.., |command| command.is_local()).collect()
    }

    /// Takes out what changes nothing in the world, where something else is to be done that waits only
    /// for the facts: a slot that is free is not to wait while the tasks behind its next one are looked at.
    pub fn put_off(&mut self) -> Step {
        if self.commands.iter().any(|command| matches!(command, Command::Call(_))) {
            Step { facts: Vec::new(), commands: self.take_local_commands() }
        } else {
            Step::default()
        }
    }

    /// Whether it comes to nothing.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty() && self.commands.is_empty()
    }

    /// Stores the facts and gives the commands, in this order; there is no other way to them.
    ///
    /// # Errors
    /// Whatever storing gives; the commands are lost then, and the run must stop.
    pub fn store<E>(
        self,
        store: impl FnOnce(&[Recorded]) -> Result<(), E>,
    ) -> Result<(Vec<Recorded>, Vec<Command>), E> {
        store(&self.facts)?;
        Ok((self.facts, self.commands))
    }
}
