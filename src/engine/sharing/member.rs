//! One run's side: what it says on the board, and what it may use.
//!
//! A run says that it holds more only where the others have said that they hold less: so what all
//! runs hold together never exceeds a server, whenever each of them looks. What it holds beyond its
//! share because calls are under way is given up as they end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::board::{Board, Demand, Entry, Holding, Place};
use super::draft::{Target, Targets, targets};
use crate::engine::settings::{ServerId, Settings};
use crate::engine::time::Time;

/// How long a run has servers at least, while others have none.
const TURN: Duration = Duration::from_secs(20);

/// So many loads its turn is long where models have to be loaded from turn to turn: a load takes as
/// long as many calls, and has to pay.
const LOADS: u32 = 4;

/// No turn is longer, however long loads take.
const LONGEST: Duration = Duration::from_secs(120);

/// What a run makes of the servers, and would.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// What it wants to ask, the most urgent first, behind calls that are under way.
    pub wants: Vec<Want>,
    /// Calls under way by the model's full name, for each server.
    pub in_use: Vec<BTreeMap<String, u32>>,
    /// The models that each server has loaded, by full name, as far as is known.
    pub loaded: Vec<BTreeSet<String>>,
    /// The longest load of a model that it wants, as far as is known.
    pub load: Duration,
}

/// Calls of a model, and the servers that could do them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// The model's full name.
    pub model: String,
    /// How many.
    pub calls: u32,
    /// Where.
    pub servers: Vec<ServerId>,
}

/// What a run may use of one of its servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The calls that may be under way.
    pub holding: Holding,
    /// With whom it shares the server, where it does.
    pub sharing: Option<Sharing>,
}

/// That other runs use a server as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sharing {
    /// The slots that this run is to have.
    pub slots: u32,
    /// The slots that there are, of as many models as are at work.
    pub of: u32,
    /// The others, by their ids.
    pub with: Vec<String>,
}

/// A run that shares servers.
#[derive(Debug, Clone)]
pub struct Member {
    run: String,
    settings: Settings,
    /// The address of each server, by which all runs know it.
    addresses: Vec<String>,
    /// Since when it has held something.
    turn_since: Option<Time>,
    shares: Vec<Share>,
}

impl Share {
    /// A server that nobody else uses.
    pub fn whole() -> Share {
        Share { holding: Holding::Whole, sharing: None }
    }

    /// Nothing, and nobody is known to have it.
    pub fn nothing() -> Share {
        Share { holding: Holding::nothing(), sharing: None }
    }
}

impl Member {
    /// A run with its servers' addresses, in the order of its settings.
    pub fn new(run: String, settings: Settings, addresses: Vec<String>) -> Member {
        let shares = settings.servers.iter().map(|_| Share::nothing()).collect();
        Member { run, settings, addresses, turn_since: None, shares }
    }

    /// Which run.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// What it may use of each of its servers, as it last looked.
    pub fn shares(&self) -> &[Share] {
        &self.shares
    }

    /// Whether it still uses more than its share of some server.
    pub fn gives_up(&self, needs: &Needs) -> bool {
        self.shares.iter().zip(&needs.in_use).any(|(share, in_use)| {
            in_use.iter().any(|(model, calls)| share.holding.calls_of(model, u32::MAX) < *calls)
        })
    }

    /// Reads what the others say, says what this run needs and holds, and gives what it may use.
    pub fn look(&mut self, board: &mut Board, now: Time, needs: &Needs) -> &[Share] {
        let held_before = board.runs.get(&self.run).is_some_and(Entry::holds);
        let mut entry = board.runs.remove(&self.run).unwrap_or_default();
        self.say(&mut entry, needs);
        if entry.wants() && entry.ticket == 0 {
            entry.ticket = board.draw();
        }
        let turn = self.turn(board, needs);
        entry.turn_is_over = self.turn_since.is_some_and(|since| now.since(since) >= turn);
        board.runs.insert(self.run.clone(), entry);
        let targets = targets(board);
        let own = targets.get(&self.run).cloned().unwrap_or_default();
        let holdings = self.holdings(board, &own, needs);
        let shared = self.shared(board, &targets, needs);
        let mut entry = board.runs.remove(&self.run).unwrap_or_default();
        for (address, holding) in &holdings {
            if let Some(place) = entry.places.get_mut(address) {
                place.holds = with_calls_under_way(holding, &self.used(address, needs));
            }
        }
        match (entry.wants(), held_before, entry.holds()) {
            (false, _, false) => (entry.ticket, self.turn_since) = (0, None),
            (_, true, false) => (entry.ticket, self.turn_since) = (board.draw(), None),
            (_, false, true) => (entry.ticket, self.turn_since) = (board.draw(), Some(now)),
            _ => {}
        }
        entry.turn_is_over &= entry.holds();
        board.runs.insert(self.run.clone(), entry);
        self.take(&holdings, shared, needs);
        &self.shares
    }

    /// How long its turn is: longer where the others ask other models.
    fn turn(&self, board: &Board, needs: &Needs) -> Duration {
        let is_own = |model: &String| needs.wants.iter().any(|want| want.model == *model);
        let others = board.runs.iter().filter(|(run, _)| **run != self.run);
        let mut demands = others.flat_map(|(_, entry)| &entry.demands);
        if demands.any(|demand| !is_own(&demand.model)) {
            TURN.max(needs.load * LOADS).min(LONGEST)
        } else {
            TURN
        }
    }

    /// Says what it needs; what it holds stays as it was.
    fn say(&self, entry: &mut Entry, needs: &Needs) {
        let address = |id: &ServerId| self.addresses.get(id.index()).cloned();
        entry.most = self.settings.max_parallel;
        entry.demands = needs
            .wants
            .iter()
            .map(|want| Demand {
                model: want.model.clone(),
                calls: want.calls,
                servers: want.servers.iter().filter_map(address).collect(),
            })
            .collect();
        let before = std::mem::take(&mut entry.places);
        for (number, (server, address)) in
            self.settings.servers.iter().zip(&self.addresses).enumerate()
        {
            let holds = before.get(address).map(|place| place.holds.clone());
            entry.places.entry(address.clone()).or_insert_with(|| Place {
                slots: server.slots,
                max_models: server.max_models,
                loaded: needs.loaded.get(number).cloned().unwrap_or_default(),
                holds: holds.unwrap_or_else(Holding::nothing),
            });
        }
    }

    /// What it may use of each server, by address: its target, as far as the others hold less.
    fn holdings(
        &self,
        board: &Board,
        own: &BTreeMap<String, Target>,
        needs: &Needs,
    ) -> BTreeMap<String, Holding> {
        let nothing = Target::default();
        let holding = |address: &String| {
            let target = own.get(address).unwrap_or(&nothing);
            let Some(others) = board.held_by_others(&self.run, address) else {
                return Holding::nothing();
            };
            if target.is_alone && others.is_empty() {
                return Holding::Whole;
            }
            let (slots, max_models) = board.capacity(address);
            // Models of calls that are still under way take their place, wanted or not.
            let in_use = self.used(address, needs);
            let mut models: BTreeSet<&str> = others.keys().copied().collect();
            models.extend(in_use.keys().map(String::as_str));
            let mut calls = BTreeMap::new();
            for (model, wanted) in &target.calls {
                let free = slots.saturating_sub(others.get(model.as_str()).copied().unwrap_or(0));
                let fits = models.contains(model.as_str()) || models.len() < max_models as usize;
                if fits && free > 0 {
                    models.insert(model);
                    calls.insert(model.clone(), free.min(*wanted));
                }
            }
            Holding::Calls(calls)
        };
        self.addresses.iter().map(|address| (address.clone(), holding(address))).collect()
    }

    /// Calls under way at an address.
    fn used(&self, address: &str, needs: &Needs) -> BTreeMap<String, u32> {
        let mut used: BTreeMap<String, u32> = BTreeMap::new();
        for (_, in_use) in self.addresses.iter().zip(&needs.in_use).filter(|(a, _)| *a == address) {
            for (model, calls) in in_use {
                *used.entry(model.clone()).or_default() += calls;
            }
        }
        used
    }

    /// With whom it shares each of its servers.
    fn shared(&self, board: &Board, targets: &Targets, needs: &Needs) -> Vec<Option<Sharing>> {
        let own = targets.get(&self.run);
        let wanted: u32 = needs.wants.iter().fold(0, |sum, want| sum.saturating_add(want.calls));
        let has: u32 = own.into_iter().flat_map(BTreeMap::values).map(Target::slots).sum();
        let sharing = |(number, address): (usize, &String)| {
            let id = ServerId(u32::try_from(number).unwrap_or(u32::MAX));
            let has_target = |run: &String| {
                targets.get(run).is_some_and(|servers| {
                    servers.get(address).is_some_and(|target| target.slots() > 0)
                })
            };
            let with: Vec<String> = board
                .runs
                .keys()
                .filter(|run| **run != self.run && has_target(run))
                .cloned()
                .collect();
            if with.is_empty() || !needs.wants.iter().any(|want| want.servers.contains(&id)) {
                return None;
            }
            let before = self.shares.get(number).and_then(|share| share.sharing.as_ref());
            // A run with little left to do gives slots up by itself: that is no news.
            if let Some(before) = before.filter(|before| before.with == with && has >= wanted) {
                return Some(before.clone());
            }
            let (slots, max_models) = board.capacity(address);
            let mut at_work = BTreeSet::new();
            for servers in targets.values() {
                at_work.extend(servers.get(address).into_iter().flat_map(|t| t.calls.keys()));
            }
            let models = u32::try_from(at_work.len()).unwrap_or(max_models).clamp(1, max_models);
            let target = own.and_then(|own| own.get(address)).map_or(0, Target::slots);
            Some(Sharing { slots: target, of: slots.saturating_mul(models), with })
        };
        self.addresses.iter().enumerate().map(sharing).collect()
    }

    /// Takes what it may use. Of entries with one address the first has the slots.
    fn take(
        &mut self,
        holdings: &BTreeMap<String, Holding>,
        shared: Vec<Option<Sharing>>,
        needs: &Needs,
    ) {
        let mut seen = BTreeSet::new();
        let mut shares = Vec::new();
        for ((number, address), sharing) in self.addresses.iter().enumerate().zip(shared) {
            let holding = match holdings.get(address) {
                Some(Holding::Whole) => Holding::Whole,
                Some(Holding::Calls(calls)) if seen.insert(address) => {
                    let elsewhere = |model: &str| -> u32 {
                        let twins = self.addresses.iter().zip(&needs.in_use).enumerate();
                        twins
                            .filter(|(twin, (other, _))| *twin != number && *other == address)
                            .filter_map(|(_, (_, in_use))| in_use.get(model))
                            .sum()
                    };
                    let calls = calls.iter().map(|(model, count)| {
                        (model.clone(), count.saturating_sub(elsewhere(model)))
                    });
                    Holding::Calls(calls.collect())
                }
                _ => Holding::nothing(),
            };
            shares.push(Share { holding, sharing });
        }
        self.shares = shares;
    }
}

/// What a run holds: what it may use, and what it still uses.
fn with_calls_under_way(holding: &Holding, in_use: &BTreeMap<String, u32>) -> Holding {
    let Holding::Calls(calls) = holding else { return Holding::Whole };
    let mut held = calls.clone();
    for (model, count) in in_use {
        let entry = held.entry(model.clone()).or_default();
        *entry = (*entry).max(*count);
    }
    Holding::Calls(held)
}
