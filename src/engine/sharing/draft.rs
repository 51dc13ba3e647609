//! What each run should have: the runs pick slots in turn, one each time, until nobody finds any.
//!
//! A slot next to calls of the same model comes before a server of its own, and a server that works
//! on as many models as it can takes no further one: so runs with one model share servers, and runs
//! with different models get whole ones. Where that leaves a run with nothing at all, those whose
//! turn is over pick behind it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::board::{Board, Entry};

/// What a run should have of a server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Target {
    /// Calls of each model.
    pub(super) calls: BTreeMap<String, u32>,
    /// Whether nobody else should have any of it.
    pub(super) is_alone: bool,
}

impl Target {
    /// All its calls.
    pub(super) fn slots(&self) -> u32 {
        self.calls.values().sum()
    }
}

/// What every run that wants something should have, by run and server.
pub(super) type Targets = BTreeMap<String, BTreeMap<String, Target>>;

/// What each run should have, as they all say.
pub(super) fn targets(board: &Board) -> Targets {
    let wanting = || board.runs.iter().filter(|(_, entry)| entry.wants());
    let in_line = |entry: &Entry| (!entry.holds(), entry.ticket);
    let mut order: Vec<(&str, &Entry)> =
        wanting().map(|(id, entry)| (id.as_str(), entry)).collect();
    order.sort_by_key(|(id, entry)| (in_line(entry), *id));
    let mut draft = Draft::of(board, &order);
    if order.len() > 1 && draft.leaves_somebody_out() {
        order.sort_by_key(|(id, entry)| {
            let standing = match (entry.holds(), entry.turn_is_over) {
                (true, false) => (0, entry.ticket, Reverse(0)),
                (false, _) => (1, entry.ticket, Reverse(0)),
                // Who has had servers longest goes last.
                (true, true) => (2, 0, Reverse(entry.ticket)),
            };
            (standing, *id)
        });
        draft = Draft::of(board, &order);
    }
    draft.into_targets(&order)
}

struct Draft<'b> {
    servers: BTreeMap<&'b str, Server<'b>>,
    /// What has been picked of each server, by model.
    taken: BTreeMap<&'b str, BTreeMap<&'b str, u32>>,
    pickers: Vec<Picker<'b>>,
}

/// A server as all runs together know it.
struct Server<'b> {
    /// Calls of one model that it handles at a time.
    slots: u32,
    /// Models that work on it at a time.
    max_models: u32,
    /// The models that are loaded.
    loaded: BTreeSet<&'b str>,
    /// Those who hold something of it.
    holders: BTreeSet<&'b str>,
}

struct Picker<'b> {
    run: &'b str,
    entry: &'b Entry,
    /// The demand that it picked for last, and the server.
    last: Option<(usize, &'b str)>,
    /// Calls of each demand that have no slot yet.
    open: Vec<u32>,
    picks: BTreeMap<&'b str, BTreeMap<&'b str, u32>>,
    picked: u32,
    /// Whether it has found nothing: there is less from pick to pick, never more.
    is_done: bool,
}

impl<'b> Server<'b> {
    fn of(board: &'b Board, server: &str) -> Server<'b> {
        let (slots, max_models) = board.capacity(server);
        let places = || {
            let runs = board.runs.iter();
            runs.filter_map(|(run, entry)| Some((run.as_str(), entry.places.get(server)?)))
        };
        let holders = places().filter(|(_, place)| !place.holds.is_nothing());
        Server {
            slots,
            max_models,
            loaded: places()
                .flat_map(|(_, place)| place.loaded.iter())
                .map(String::as_str)
                .collect(),
            holders: holders.map(|(run, _)| run).collect(),
        }
    }
}

impl<'b> Draft<'b> {
    fn of(board: &'b Board, order: &[(&'b str, &'b Entry)]) -> Draft<'b> {
        let servers = order.iter().flat_map(|(_, entry)| entry.places.keys());
        let servers = servers.map(|server| (server.as_str(), Server::of(board, server)));
        let pickers = order.iter().map(|(run, entry)| Picker {
            run,
            entry,
            last: None,
            open: entry.demands.iter().map(|demand| demand.calls).collect(),
            picks: BTreeMap::new(),
            picked: 0,
            is_done: false,
        });
        let mut draft = Draft {
            servers: servers.collect(),
            taken: BTreeMap::new(),
            pickers: pickers.collect(),
        };
        while draft.pick_in_turn() {}
        draft
    }

    /// Lets every run pick a slot; whether any has found one.
    fn pick_in_turn(&mut self) -> bool {
        let mut any = false;
        for number in 0..self.pickers.len() {
            any |= self.pick(number);
        }
        any
    }

    /// Lets a run pick a slot; whether it has found one.
    fn pick(&mut self, number: usize) -> bool {
        let picker = &self.pickers[number];
        if picker.is_done || picker.picked >= picker.entry.most {
            return false;
        }
        let Some((demand, server)) = self.same_again(picker).or_else(|| self.best(picker)) else {
            self.pickers[number].is_done = true;
            return false;
        };
        let model = picker.entry.demands[demand].model.as_str();
        *self.taken.entry(server).or_default().entry(model).or_default() += 1;
        let picker = &mut self.pickers[number];
        *picker.picks.entry(server).or_default().entry(model).or_default() += 1;
        picker.last = Some((demand, server));
        picker.open[demand] -= 1;
        picker.picked += 1;
        true
    }

    /// The server that a run picked from last, if there is more of it: its model is there then.
    fn same_again(&self, picker: &Picker<'b>) -> Option<(usize, &'b str)> {
        let (demand, server) = picker.last.filter(|(demand, _)| picker.open[*demand] > 0)?;
        let rank = self.rank(picker, server, &picker.entry.demands[demand].model);
        rank.map(|_| (demand, server))
    }

    /// The best server for the most urgent of a run's demands that finds any.
    fn best(&self, picker: &Picker<'b>) -> Option<(usize, &'b str)> {
        let demands = picker.entry.demands.iter().zip(&picker.open).enumerate();
        demands.filter(|(_, (_, open))| **open > 0).find_map(|(number, (demand, _))| {
            let servers = demand.servers.iter().map(String::as_str).enumerate();
            let ranked = servers.filter_map(|(position, server)| {
                Some((self.rank(picker, server, &demand.model)?, position, server))
            });
            ranked.min().map(|(_, _, server)| (number, server))
        })
    }

    /// How well a run does with one more slot of a server for a model, less is better; `None` where
    /// there is none. A model that is there need not be loaded, and what is nobody's need not be
    /// waited for.
    fn rank(&self, picker: &Picker<'_>, server: &str, model: &str) -> Option<(u8, bool)> {
        let nothing = BTreeMap::new();
        let place = picker.entry.places.get(server)?;
        let all = self.servers.get(server)?;
        let own = picker.picks.get(server).unwrap_or(&nothing);
        let taken = self.taken.get(server).unwrap_or(&nothing);
        let own_of_model = own.get(model).copied().unwrap_or(0);
        let has_room =
            |picks: &BTreeMap<&str, u32>, slots: u32, max_models: u32| match picks.get(model) {
                Some(count) => *count < slots,
                None => picks.len() < max_models as usize,
            };
        if !has_room(own, place.slots, place.max_models)
            || !has_room(taken, all.slots, all.max_models)
        {
            return None;
        }
        let rank = if place.holds.calls_of(model, all.slots) > own_of_model {
            0
        } else if taken.contains_key(model) {
            1
        } else if all.loaded.contains(model) {
            2
        } else if taken.is_empty() {
            3
        } else {
            4
        };
        Some((rank, all.holders.iter().any(|holder| *holder != picker.run)))
    }

    fn leaves_somebody_out(&self) -> bool {
        self.pickers.iter().any(|picker| picker.picked == 0)
    }

    fn into_targets(self, order: &[(&str, &Entry)]) -> Targets {
        let only = order.len() == 1;
        let is_shared = |server: &str| {
            self.pickers.iter().filter(|picker| picker.picks.contains_key(server)).count() > 1
        };
        let mut targets = Targets::new();
        for picker in &self.pickers {
            let own = targets.entry(picker.run.to_owned()).or_default();
            for (server, models) in &picker.picks {
                let calls = models.iter().map(|(model, count)| ((*model).to_owned(), *count));
                let target = Target { calls: calls.collect(), is_alone: !is_shared(server) };
                own.insert((*server).to_owned(), target);
            }
            if only {
                for server in picker.entry.places.keys() {
                    own.entry(server.clone()).or_default().is_alone = true;
                }
            }
        }
        targets
    }
}
