//! How long calls and loads take, from those that have ended in this run.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::settings::ServerId;

/// What a load is taken to cost before one was seen: some gigabytes from a disk.
const USUAL_LOAD: Duration = Duration::from_secs(10);

/// The newest value counts at least this much, so that a server that slows down is noticed.
const NEWEST: f64 = 0.2;

/// So many of the newest answers say what is usual.
const RECENT: usize = 64;

/// Fewer answers than this say nothing about what is usual.
const FEWEST: usize = 3;

/// A mean of seconds, or of ratios, that follows changes.
#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    value: f64,
    count: u32,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.count = self.count.saturating_add(1);
        self.value += (value - self.value) * NEWEST.max(1.0 / f64::from(self.count));
    }

    fn get(self) -> Option<f64> {
        (self.count > 0).then_some(self.value)
    }
}

/// The newest of some ratios.
#[derive(Debug, Default)]
struct Recent {
    /// In the order in which they came.
    values: VecDeque<f64>,
    /// The same by size.
    sorted: Vec<f64>,
}

impl Recent {
    fn add(&mut self, value: f64) {
        let place =
            |sorted: &[f64], value: f64| sorted.partition_point(|v| v.total_cmp(&value).is_lt());
        if self.values.len() == RECENT
            && let Some(oldest) = self.values.pop_front()
        {
            self.sorted.remove(place(&self.sorted, oldest));
        }
        self.values.push_back(value);
        self.sorted.insert(place(&self.sorted, value), value);
    }

    /// Their 95th percentile.
    fn high(&self) -> Option<f64> {
        let rank = (self.sorted.len() * 95).div_ceil(100);
        self.sorted.get(rank.saturating_sub(1)).copied()
    }
}

/// Means by server and model.
#[derive(Debug, Default)]
struct Means(BTreeMap<ServerId, BTreeMap<String, Mean>>);

impl Means {
    fn add(&mut self, server: ServerId, model: &str, value: f64) {
        self.0.entry(server).or_default().entry(model.to_owned()).or_default().add(value);
    }

    fn get(&self, server: ServerId, model: &str) -> Option<f64> {
        self.0.get(&server)?.get(model)?.get()
    }

    /// The mean of all of them.
    fn mean(&self) -> Option<f64> {
        mean(self.0.values().flat_map(BTreeMap::values))
    }

    /// The mean of what is known of a model.
    fn of_model(&self, model: &str) -> Option<f64> {
        mean(self.0.values().filter_map(|models| models.get(model)))
    }

    /// The mean of what is known of a server.
    fn of_server(&self, server: ServerId) -> Option<f64> {
        mean(self.0.get(&server)?.values())
    }
}

/// An answer, as far as its times matter here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Took {
    /// From sending to the end.
    pub(super) whole: Duration,
    /// Of it, loading the model.
    pub(super) load: Duration,
    /// What the plan expected.
    pub(super) estimate: Duration,
}

/// What is known of times. Not stored: a run that is taken up again learns again.
#[derive(Debug, Default)]
pub(super) struct Experience {
    /// What a call takes without loading, over what was estimated.
    paces: Means,
    /// The same of the newest calls, each by itself.
    recent: BTreeMap<ServerId, BTreeMap<String, Recent>>,
    /// Seconds of a load.
    loads: Means,
    /// Seconds of reading a token of a prompt.
    readings: Means,
}

impl Experience {
    pub(super) fn answered(&mut self, server: ServerId, model: &str, took: Took) {
        if !took.estimate.is_zero() {
            let work = took.whole.saturating_sub(took.load);
            let pace = work.as_secs_f64() / took.estimate.as_secs_f64();
            self.paces.add(server, model, pace);
            let models = self.recent.entry(server).or_default();
            models.entry(model.to_owned()).or_default().add(pace);
        }
        // Servers report some microseconds for a model that was there.
        if took.load * 20 > took.whole {
            self.loads.add(server, model, took.load.as_secs_f64());
        }
    }

    /// A call was broken off after so long at work, and was not answered. Of a faster one that says
    /// nothing.
    pub(super) fn has_worked(
        &mut self,
        server: ServerId,
        model: &str,
        work: Duration,
        estimate: Duration,
    ) {
        if estimate.is_zero() {
            return;
        }
        let pace = work.as_secs_f64() / estimate.as_secs_f64();
        if self.pace(server, model).is_none_or(|known| pace > known) {
            self.paces.add(server, model, pace);
        }
    }

    /// What calls of a model take on a server at the most, without loading, over what was estimated:
    /// the 95th percentile of the newest. `None` where too few have been answered.
    pub(super) fn usual(&self, server: ServerId, model: &str) -> Option<f64> {
        let recent = self.recent.get(&server)?.get(model)?;
        recent.high().filter(|_| recent.values.len() >= FEWEST)
    }

    /// A prompt was read of which no beginning was remembered.
    pub(super) fn has_read(
        &mut self,
        server: ServerId,
        model: &str,
        tokens: u64,
        reading: Duration,
    ) {
        if tokens > 0 && !reading.is_zero() {
            let seconds = reading.as_secs_f64() / tokens as f64;
            self.readings.add(server, model, seconds);
        }
    }

    /// How long a server reads so many tokens; no time where nothing is known of it.
    pub(super) fn reading(&self, server: ServerId, model: &str, tokens: u64) -> Duration {
        let seconds = self.readings.get(server, model).or_else(|| self.readings.of_model(model));
        Duration::from_secs_f64(seconds.unwrap_or_default() * tokens as f64)
    }

    /// How long something takes, whoever does it, that was estimated at this.
    pub(super) fn paced(&self, estimate: Duration) -> Duration {
        estimate.mul_f64(self.paces.mean().unwrap_or(1.0))
    }

    /// How long a server works on a call of a model that is loaded, over what was estimated; `None`
    /// where nothing is known of the server.
    pub(super) fn pace(&self, server: ServerId, model: &str) -> Option<f64> {
        self.paces.get(server, model).or_else(|| {
            let of_server = self.paces.of_server(server)?;
            let elsewhere = self.paces.of_model(model);
            Some(elsewhere.map_or(of_server, |pace| pace * self.slowness(server)))
        })
    }

    /// How long a server takes to load a model.
    pub(super) fn load(&self, server: ServerId, model: &str) -> Duration {
        let loads = &self.loads;
        let seconds = loads
            .get(server, model)
            .or_else(|| loads.of_model(model))
            .or_else(|| loads.of_server(server))
            .or_else(|| loads.mean());
        seconds.map_or(USUAL_LOAD, Duration::from_secs_f64)
    }

    /// How much longer a server works than others on the models that both have worked on; 1 where
    /// that is not known.
    fn slowness(&self, server: ServerId) -> f64 {
        let own = self.paces.0.get(&server).into_iter().flatten();
        let (mut here, mut anywhere) = (0.0, 0.0);
        for (model, pace) in own {
            if let (Some(pace), Some(usual)) = (pace.get(), self.paces.of_model(model)) {
                here += pace;
                anywhere += usual;
            }
        }
        if anywhere > 0.0 { here / anywhere } else { 1.0 }
    }
}

fn mean<'m>(means: impl Iterator<Item = &'m Mean>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for value in means.filter_map(|mean| mean.get()) {
        sum += value;
        count += 1.0;
    }
    (count > 0.0).then(|| sum / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: ServerId = ServerId(0);
    const B: ServerId = ServerId(1);

    fn took(whole: u64, load: u64) -> Took {
        let seconds = Duration::from_secs;
        Took { whole: seconds(whole), load: seconds(load), estimate: seconds(20) }
    }

    #[test]
    fn what_was_seen_replaces_what_was_estimated() {
        let mut known = Experience::default();
        assert_eq!(known.pace(A, "m:8b"), None);
        assert_eq!(known.load(A, "m:8b"), USUAL_LOAD);
        known.answered(A, "m:8b", took(14, 4));
        assert_eq!(known.pace(A, "m:8b"), Some(0.5));
        assert_eq!(known.load(A, "m:8b"), Duration::from_secs(4));
        assert_eq!(known.paced(Duration::from_secs(8)), Duration::from_secs(4));
        // Of another server nothing is known but what its disk may be like.
        assert_eq!(known.pace(B, "m:8b"), None);
        assert_eq!(known.load(B, "n:8b"), Duration::from_secs(4));
    }

    #[test]
    fn a_server_is_as_slow_with_one_model_as_with_another() {
        let mut known = Experience::default();
        known.answered(A, "m:8b", took(10, 0));
        known.answered(B, "m:8b", took(30, 0));
        known.answered(A, "n:8b", took(8, 0));
        // With the model that both know, B takes one and a half times the mean.
        let pace = known.pace(B, "n:8b").expect("it is known");
        assert!((pace - 0.4 * 1.5).abs() < 1e-9, "{pace}");
    }

    #[test]
    fn what_is_usual_takes_some_answers() {
        let mut known = Experience::default();
        let seconds = Duration::from_secs;
        for whole in [10, 12] {
            known.answered(A, "m:8b", took(whole, 0));
        }
        assert_eq!(known.usual(A, "m:8b"), None);
        known.answered(A, "m:8b", took(14, 2));
        assert_eq!(known.usual(A, "m:8b"), Some(0.6));
        assert_eq!((known.usual(B, "m:8b"), known.usual(A, "n:8b")), (None, None));
        // One in a hundred that takes long is not usual, and what is long past does not count.
        for _ in 0..60 {
            known.answered(A, "m:8b", took(20, 0));
        }
        known.answered(A, "m:8b", took(400, 0));
        assert_eq!(known.usual(A, "m:8b"), Some(1.0));
        for _ in 0..64 {
            known.answered(A, "m:8b", took(10, 0));
        }
        assert_eq!(known.usual(A, "m:8b"), Some(0.5));
        // A call that was broken off says how slow a server is, and not what is usual.
        known.has_worked(A, "m:8b", seconds(4), seconds(20));
        let pace = known.pace(A, "m:8b").expect("it is known");
        known.has_worked(A, "m:8b", seconds(80), seconds(20));
        assert!(known.pace(A, "m:8b").expect("it is known") > pace);
        assert_eq!(known.usual(A, "m:8b"), Some(0.5));
    }

    #[test]
    fn means_follow_changes() {
        let mut known = Experience::default();
        for _ in 0..50 {
            known.answered(A, "m:8b", took(10, 0));
        }
        for _ in 0..20 {
            known.answered(A, "m:8b", took(40, 0));
        }
        assert!(known.pace(A, "m:8b").expect("it is known") > 1.95);
    }
}
