//! Models that were loaded again and again on one server, and why as far as a run can tell.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::history::History;
use super::metrics::load_of;
use super::spans::{Span, covered, groups};

/// A model is loaded once for a run, and once more after a crash or a pause. More is worth a word.
const USUAL_LOADS: u32 = 2;

/// A model that a server loaded more often than is usual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reloads {
    /// The server: a place in [`History::servers`].
    pub server: usize,
    /// The model.
    pub model: String,
    /// How often it was loaded; calls that waited for one load together count it once.
    pub loads: u32,
    /// How long calls waited for it, those that waited together once.
    pub waited: Duration,
    /// The other models that the run asked of the server: they took turns with it.
    pub others: Vec<String>,
}

/// The models that were loaded more often than is usual, the most frequent first.
pub(super) fn reloads(history: &History) -> Vec<Reloads> {
    let mut loads: BTreeMap<(usize, &str), Vec<Span>> = BTreeMap::new();
    let mut asked: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for attempt in history.tasks().flat_map(|(_, task)| &task.attempts) {
        asked.entry(attempt.server).or_default().insert(&attempt.model);
        if let Some(load) = load_of(attempt) {
            loads.entry((attempt.server, &attempt.model)).or_default().push(load);
        }
    }
    let mut found: Vec<Reloads> = loads
        .into_iter()
        .filter_map(|((server, model), mut waits)| {
            let count = groups(&mut waits);
            let others = asked.get(&server).into_iter().flatten();
            let others = others.filter(|other| **other != model).map(|other| (*other).to_owned());
            (count > USUAL_LOADS).then(|| Reloads {
                server,
                model: model.to_owned(),
                loads: count,
                waited: covered(&mut waits),
                others: others.collect(),
            })
        })
        .collect();
    found.sort_by(|one, two| two.loads.cmp(&one.loads).then(one.server.cmp(&two.server)));
    found
}
