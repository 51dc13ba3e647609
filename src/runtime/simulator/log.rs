//! The log of all requests to a cluster, in order of arrival.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

/// How many requests are remembered; the oldest go first.
const REMEMBERED: usize = 100_000;

/// One request that reached a simulated server.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RequestRecord {
    /// Its place in order of arrival, from 1.
    pub number: u64,
    /// The server's name.
    pub server: String,
    /// The path, such as `/api/chat`.
    pub path: String,
    /// The value of the header that names the task.
    pub task: Option<String>,
    /// The model, as the request spelled it.
    pub model: Option<String>,
    /// When it arrived, in real milliseconds since the cluster was started.
    pub arrived_ms: f64,
    /// When it got a slot; absent if it never did.
    pub started_ms: Option<f64>,
    /// When its last byte was ready; absent while it is under way.
    pub ended_ms: Option<f64>,
    /// The HTTP status; absent if none was sent.
    pub status: Option<u16>,
    /// How it ended.
    pub outcome: Outcome,
    /// The fault that it met.
    pub fault: Option<&'static str>,
    /// Tokens of the prompt, after it was cut.
    pub prompt_tokens: Option<u32>,
    /// Tokens of the answer.
    pub answer_tokens: Option<u32>,
    /// BLAKE3 hash of the request's body, in hexadecimal; absent without one.
    pub body_hash: Option<String>,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is still under way.
    Running,
    /// With a whole answer.
    Answered,
    /// With an error status.
    Refused,
    /// A fault took the answer, or a part of it.
    Broken,
    /// The client went away before the end.
    Abandoned,
}

/// What one server's requests came to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    /// Requests for texts, vectors and loads.
    pub(super) work: u64,
    /// Of these, the ones that were refused or broken.
    pub(super) failures: u64,
    /// Of these, the ones whose client went away.
    pub(super) abandoned: u64,
    /// All other requests.
    pub(super) others: u64,
}

/// The log of one cluster.
pub(super) struct Log {
    pages: Mutex<Pages>,
}

struct Pages {
    records: VecDeque<RequestRecord>,
    /// The number of the first record that is remembered.
    first: u64,
    tallies: Vec<Tally>,
}

impl Log {
    /// An empty log of so many servers.
    pub(super) fn new(servers: usize) -> Log {
        Log {
            pages: Mutex::new(Pages {
                records: VecDeque::new(),
                first: 1,
                tallies: vec![Tally::default(); servers],
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a request that has arrived; the number it gets.
    pub(super) fn arrive(&self, mut record: RequestRecord) -> u64 {
        let mut pages = self.lock();
        let number = pages.first + pages.records.len() as u64;
        record.number = number;
        pages.records.push_back(record);
        if pages.records.len() > REMEMBERED {
            pages.records.pop_front();
            pages.first += 1;
        }
        number
    }

    /// Changes a record, if it is still remembered.
    pub(super) fn change(&self, number: u64, change: impl FnOnce(&mut RequestRecord)) {
        let mut pages = self.lock();
        let record = number
            .checked_sub(pages.first)
            .and_then(|place| usize::try_from(place).ok())
            .and_then(|place| pages.records.get_mut(place));
        if let Some(record) = record {
            change(record);
        }
    }

    /// Counts a request that has ended.
    pub(super) fn count(&self, server: usize, is_work: bool, outcome: Outcome) {
        let mut pages = self.lock();
        let Some(tally) = pages.tallies.get_mut(server) else {
            return;
        };
        if !is_work {
            tally.others += 1;
            return;
        }
        tally.work += 1;
        match outcome {
            Outcome::Refused | Outcome::Broken => tally.failures += 1,
            Outcome::Abandoned => tally.abandoned += 1,
            Outcome::Running | Outcome::Answered => {}
        }
    }

    /// All records.
    pub(super) fn records(&self) -> Vec<RequestRecord> {
        self.lock().records.iter().cloned().collect()
    }

    /// What a server's requests came to.
    pub(super) fn tally(&self, server: usize) -> Tally {
        self.lock().tallies.get(server).copied().unwrap_or_default()
    }

    /// Forgets everything. Numbers go on, so that requests under way change no one else's record.
    pub(super) fn reset(&self) {
        let mut pages = self.lock();
        pages.first += pages.records.len() as u64;
        pages.records.clear();
        pages.tallies.fill(Tally::default());
    }
}
