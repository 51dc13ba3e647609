//! A journal that may fail, as the real one may: a write is kept whole or not at all, and what was
//! confirmed stays.

use std::cell::{Cell, Ref, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use partita::engine::Recorded;
use partita::engine::content::{ContentError, Contents, KeptAnswer, MemoryContents};
use partita::engine::simulation::{Ledger, RehearsalError};
use partita::language::digest::Digest;
use serde_json::Value;

/// What befalls a driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It dies when it has carried out the commands of a step.
    Dies,
    /// A write fails, and nothing of it is kept: the disk is full, or the file is locked.
    Refused,
    /// A write is kept and reported as failed. For whoever comes after it is the same as a driver
    /// that dies between a commit and the commands.
    Unacknowledged,
    /// Its clock is put forward or back, by microseconds.
    ClockSet(i64),
    /// It dies, and the journal loses the last fact that it has confirmed. No journal may.
    Forgets,
}

/// A journal with troubles by the number of the write, over all lives of a run.
pub(super) struct FaultyJournal<'c> {
    contents: &'c MemoryContents,
    waiting: RefCell<BTreeMap<Digest, Vec<u8>>>,
    kept: RefCell<Vec<Recorded>>,
    writes: Cell<usize>,
    troubles: RefCell<VecDeque<(usize, Trouble)>>,
}

impl<'c> FaultyJournal<'c> {
    /// A journal of a run of which this is known, over contents that outlive it; troubles in the
    /// order of their writes.
    pub(super) fn new(
        contents: &'c MemoryContents,
        facts: &[Recorded],
        troubles: &[(usize, Trouble)],
    ) -> FaultyJournal<'c> {
        FaultyJournal {
            contents,
            waiting: RefCell::default(),
            kept: RefCell::new(facts.to_vec()),
            writes: Cell::new(0),
            troubles: RefCell::new(troubles.iter().copied().collect()),
        }
    }

    /// What a new process finds.
    pub(super) fn open(&self) -> Vec<Recorded> {
        self.waiting.borrow_mut().clear();
        self.kept().clone()
    }

    /// What is kept.
    pub(super) fn kept(&self) -> Ref<'_, Vec<Recorded>> {
        self.kept.borrow()
    }

    /// Whether a content is kept, and not only waiting to be.
    pub(super) fn has(&self, address: &Digest) -> bool {
        self.contents.read(address).is_ok()
    }

    /// How many writes have been tried.
    pub(super) fn writes(&self) -> usize {
        self.writes.get()
    }

    /// The write behind which something befalls the driver that has nothing to do with writing.
    pub(super) fn next_outside(&self) -> Option<usize> {
        let troubles = self.troubles.borrow();
        let mut outside = troubles.iter().filter(|(_, trouble)| is_outside(*trouble));
        outside.next().map(|(at, _)| *at)
    }

    /// Takes what befalls the driver now.
    pub(super) fn take_outside(&self) -> Option<Trouble> {
        let mut troubles = self.troubles.borrow_mut();
        let place = troubles.iter().position(|(_, trouble)| is_outside(*trouble))?;
        let (_, trouble) = troubles.remove(place)?;
        if trouble == Trouble::Forgets {
            self.kept.borrow_mut().pop();
        }
        Some(trouble)
    }

    fn take_write_fault(&self) -> Option<Trouble> {
        let mut troubles = self.troubles.borrow_mut();
        let due = |(at, trouble): &(usize, Trouble)| *at <= self.writes() && !is_outside(*trouble);
        let place = troubles.iter().position(due)?;
        troubles.remove(place).map(|(_, trouble)| trouble)
    }

    fn commit(&self, facts: &[Recorded]) {
        for (address, content) in std::mem::take(&mut *self.waiting.borrow_mut()) {
            assert_eq!(self.contents.write_bytes(content), address);
        }
        // What is read back has gone through its stored form.
        let stored = facts.iter().map(|recorded| {
            let text = serde_json::to_string(recorded).expect("a JSON form");
            serde_json::from_str::<Recorded>(&text).expect("the fact again")
        });
        self.kept.borrow_mut().extend(stored);
    }
}

fn is_outside(trouble: Trouble) -> bool {
    matches!(trouble, Trouble::Dies | Trouble::ClockSet(_) | Trouble::Forgets)
}

impl Ledger for FaultyJournal<'_> {
    fn keep(&self, facts: &[Recorded]) -> Result<(), RehearsalError> {
        self.writes.set(self.writes.get() + 1);
        if facts.is_empty() && self.waiting.borrow().is_empty() {
            return Ok(());
        }
        match self.take_write_fault() {
            Some(Trouble::Unacknowledged) => {
                self.commit(facts);
                Err(RehearsalError::NotKept("the answer was lost".to_owned()))
            }
            Some(_) => Err(RehearsalError::NotKept("the disk is full".to_owned())),
            None => {
                self.commit(facts);
                Ok(())
            }
        }
    }
}

impl Contents for FaultyJournal<'_> {
    fn read(&self, address: &Digest) -> Result<Arc<Value>, ContentError> {
        let waiting = self.waiting.borrow();
        waiting.get(address).map_or_else(
            || self.contents.read(address),
            |bytes| Ok(Arc::new(serde_json::from_slice(bytes).expect("JSON"))),
        )
    }

    fn read_bytes(&self, address: &Digest) -> Result<Arc<[u8]>, ContentError> {
        let waiting = self.waiting.borrow().get(address).cloned();
        waiting.map_or_else(|| self.contents.read_bytes(address), |bytes| Ok(bytes.into()))
    }

    fn write(&self, content: Value) -> Digest {
        self.write_bytes(content.to_string().into_bytes())
    }

    fn write_bytes(&self, content: Vec<u8>) -> Digest {
        let address = Digest::of(&content);
        self.waiting.borrow_mut().insert(address.clone(), content);
        address
    }

    fn answers(&self, key: &Digest, path: &str) -> Vec<KeptAnswer> {
        self.contents.answers(key, path)
    }
}
