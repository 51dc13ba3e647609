//! What all runs say of themselves.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// What all runs say, by their ids. Whoever reads it to change it must be alone with it until it
/// is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Board {
    /// The last ticket that was drawn.
    tickets: u64,
    /// The runs that are at work.
    pub runs: BTreeMap<String, Entry>,
}

/// What a run says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place in line: a ticket is drawn when it begins to wait for a server, and again when it
    /// gets one. 0 while it wants nothing.
    pub ticket: u64,
    /// Whether it has had servers for as long as a turn is.
    pub turn_is_over: bool,
    /// The most calls that it makes at a time.
    pub most: u32,
    /// Its servers, by their addresses.
    pub places: BTreeMap<String, Place>,
    /// What it wants to ask, the most urgent first. Calls under way come before all others.
    pub demands: Vec<Demand>,
}

/// A server as a run knows it, and what the run holds of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Calls of one model that it handles at a time.
    pub slots: u32,
    /// Models that work on it at a time.
    pub max_models: u32,
    /// The models that are loaded, as far as the run knows.
    pub loaded: BTreeSet<String>,
    /// What the run may use of it, or still uses.
    pub holds: Holding,
}

/// A part of a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holding {
    /// All of it, whatever the model.
    Whole,
    /// So many calls of each model, by full name; none is 0.
    Calls(BTreeMap<String, u32>),
}

/// Calls that a run makes or wants to make, and where it could.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demand {
    /// The model's full name.
    pub model: String,
    /// How many calls.
    pub calls: u32,
    /// The addresses of servers that could do them.
    pub servers: Vec<String>,
}

impl Holding {
    /// Nothing.
    pub fn nothing() -> Holding {
        Holding::Calls(BTreeMap::new())
    }

    /// Whether it is nothing.
    pub fn is_nothing(&self) -> bool {
        matches!(self, Holding::Calls(calls) if calls.values().all(|count| *count == 0))
    }

    /// Whether it is a whole server.
    pub fn is_whole(&self) -> bool {
        *self == Holding::Whole
    }

    /// How many calls of a model it allows at most, on a server with so many slots.
    pub fn calls_of(&self, model: &str, slots: u32) -> u32 {
        match self {
            Holding::Whole => slots,
            Holding::Calls(calls) => calls.get(model).copied().unwrap_or(0).min(slots),
        }
    }

    /// Whether it allows any call of a model.
    pub fn allows(&self, model: &str) -> bool {
        self.calls_of(model, 1) > 0
    }
}

impl Entry {
    /// Whether it wants servers and has none.
    pub fn waits(&self) -> bool {
        self.wants() && !self.holds()
    }

    /// Whether it wants or makes any call.
    pub(super) fn wants(&self) -> bool {
        self.demands.iter().any(|demand| demand.calls > 0 && !demand.servers.is_empty())
    }

    /// Whether it holds anything.
    pub(super) fn holds(&self) -> bool {
        self.places.values().any(|place| !place.holds.is_nothing())
    }
}

impl Board {
    /// Draws a ticket: later ones are greater.
    pub(super) fn draw(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }

    /// The slots of a server, and the models that work on it at a time. Of runs that say different
    /// things the one counts that knows more: the defaults, which know nothing, are small.
    pub(super) fn capacity(&self, server: &str) -> (u32, u32) {
        let places = self.runs.values().filter_map(|entry| entry.places.get(server));
        places.fold((1, 1), |(slots, models), place| {
            (slots.max(place.slots), models.max(place.max_models))
        })
    }

    /// What runs besides one hold of a server; `None` where one has it whole.
    pub(super) fn held_by_others(&self, run: &str, server: &str) -> Option<BTreeMap<&str, u32>> {
        let mut held: BTreeMap<&str, u32> = BTreeMap::new();
        for (_, entry) in self.runs.iter().filter(|(id, _)| *id != run) {
            match entry.places.get(server).map(|place| &place.holds) {
                Some(Holding::Whole) => return None,
                Some(Holding::Calls(calls)) => {
                    for (model, count) in calls.iter().filter(|(_, count)| **count > 0) {
                        *held.entry(model).or_default() += count;
                    }
                }
                None => {}
            }
        }
        Some(held)
    }
}
