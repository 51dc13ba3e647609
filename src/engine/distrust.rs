//! What a server is not asked for a while, and what it says that is not believed: finer than the
//! breaker, which leaves the whole server.
//!
//! A model that failed twice in a row where it is loaded is left to other servers for some minutes,
//! where others have it. A model whose runner died is not loaded, whatever `/api/ps` says: the dead
//! one stays listed until the next call. A server that named a time is not asked before it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::time::Time;

/// So many failures of one model in a row are one too many.
const MOST_FAILURES: u32 = 2;

/// How long a model is left to other servers.
pub(super) const BAN: Duration = Duration::from_secs(5 * 60);

/// What is held against one server.
#[derive(Debug, Default)]
pub(super) struct Distrust {
    /// How often a model has failed in a row, by its full name.
    failures: BTreeMap<String, u32>,
    /// Until when a model is left to other servers.
    bans: BTreeMap<String, Time>,
    /// Models whose runner has died since they were last answered for.
    dead: BTreeSet<String>,
    /// Models that could not be loaded ahead, since they were last answered for.
    not_warmed: BTreeSet<String>,
    /// Until when the server wants to be left alone.
    rests_until: Option<Time>,
}

impl Distrust {
    /// The runner of a model has died, or could not be started. Whether that is once too often.
    pub(super) fn model_failed(&mut self, model: &str) -> bool {
        self.dead.insert(model.to_owned());
        let failures = self.failures.entry(model.to_owned()).or_default();
        *failures += 1;
        *failures >= MOST_FAILURES && !self.bans.contains_key(model)
    }

    /// A model has answered.
    pub(super) fn model_answered(&mut self, model: &str) {
        self.dead.remove(model);
        self.not_warmed.remove(model);
        self.failures.remove(model);
        self.bans.remove(model);
    }

    /// A model is left to other servers until a moment.
    pub(super) fn ban(&mut self, model: &str, until: Time) {
        self.bans.insert(model.to_owned(), until);
    }

    pub(super) fn is_banned(&self, model: &str) -> bool {
        self.bans.contains_key(model)
    }

    pub(super) fn has_bans(&self) -> bool {
        !self.bans.is_empty()
    }

    /// A model was to be loaded ahead and is not there: a call that asks it will tell what is wrong.
    pub(super) fn not_warmed(&mut self, model: String) {
        self.not_warmed.insert(model);
    }

    /// Whether a model may be loaded ahead.
    pub(super) fn may_be_warmed(&self, model: &str) -> bool {
        !self.not_warmed.contains(model) && !self.is_banned(model)
    }

    /// The server wants to be left alone until a moment.
    pub(super) fn rest(&mut self, until: Time) {
        self.rests_until = self.rests_until.max(Some(until));
    }

    pub(super) fn is_resting(&self) -> bool {
        self.rests_until.is_some()
    }

    /// What is over at a moment is forgotten; when the next is.
    pub(super) fn forgive(&mut self, now: Time) -> Option<Time> {
        self.rests_until = self.rests_until.filter(|until| *until > now);
        let over: Vec<String> =
            self.bans.iter().filter(|(_, until)| **until <= now).map(|(m, _)| m.clone()).collect();
        for model in over {
            self.bans.remove(&model);
            // On probation: the next failure bans it again.
            self.failures.insert(model, MOST_FAILURES - 1);
        }
        self.bans.values().copied().chain(self.rests_until).min()
    }

    /// What of the models that a server lists as loaded is to be believed. One that is no longer
    /// listed has been unloaded, and its next load is a new one.
    pub(super) fn believed(&mut self, listed: BTreeSet<String>) -> BTreeSet<String> {
        self.dead.retain(|model| listed.contains(model));
        listed.into_iter().filter(|model| !self.dead.contains(model)).collect()
    }

    /// The server was left: if it comes back, its runners are others.
    pub(super) fn left(&mut self) {
        self.dead.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Time::default() + Duration::from_secs(seconds)
    }

    fn names(models: &[&str]) -> BTreeSet<String> {
        models.iter().map(|model| (*model).to_owned()).collect()
    }

    #[test]
    fn two_failures_in_a_row_are_too_many() {
        let mut distrust = Distrust::default();
        assert!(!distrust.model_failed("a"));
        distrust.model_answered("a");
        assert!(!distrust.model_failed("a"));
        assert!(!distrust.model_failed("b"));
        assert!(distrust.model_failed("a"));
        distrust.ban("a", at(300));
        assert!(distrust.is_banned("a") && !distrust.is_banned("b"));
        assert!(!distrust.model_failed("a"), "it is banned already");
        assert_eq!(distrust.forgive(at(299)), Some(at(300)));
        assert_eq!(distrust.forgive(at(300)), None);
        assert!(!distrust.is_banned("a"));
        assert!(distrust.model_failed("a"), "it is on probation");
    }

    #[test]
    fn a_dead_runner_stays_listed_and_is_not_believed() {
        let mut distrust = Distrust::default();
        distrust.model_failed("a");
        assert_eq!(distrust.believed(names(&["a", "b"])), names(&["b"]));
        // It is being loaded again, and then it is there.
        assert_eq!(distrust.believed(names(&["b"])), names(&["b"]));
        assert_eq!(distrust.believed(names(&["a", "b"])), names(&["a", "b"]));
        distrust.model_failed("a");
        distrust.model_answered("a");
        assert_eq!(distrust.believed(names(&["a"])), names(&["a"]));
    }

    #[test]
    fn a_model_that_could_not_be_loaded_ahead_waits_for_a_call() {
        let mut distrust = Distrust::default();
        distrust.not_warmed("a".to_owned());
        assert!(!distrust.may_be_warmed("a") && distrust.may_be_warmed("b"));
        distrust.model_answered("a");
        assert!(distrust.may_be_warmed("a"));
    }

    #[test]
    fn the_longest_rest_counts() {
        let mut distrust = Distrust::default();
        distrust.rest(at(9));
        distrust.rest(at(5));
        assert_eq!(distrust.forgive(at(8)), Some(at(9)));
        assert!(distrust.is_resting());
        assert_eq!(distrust.forgive(at(9)), None);
        assert!(!distrust.is_resting());
    }
}
