//! When there was not enough of what is limited, and whom that held up.

use std::collections::BTreeMap;
use std::time::Duration;

use super::history::History;
use super::spans::Span;
use crate::engine::{ResourceId, Resources, Settings, Share};
use crate::language::plan::TaskId;

/// When a run had not enough of what its tasks take. Where the limits were changed while it did not
/// run, those that it had last count for the whole.
#[derive(Debug)]
pub(super) struct Shortages {
    resources: Option<Resources>,
    /// When there was less than a share, in order and apart from each other.
    short: BTreeMap<Share, Vec<Span>>,
}

impl Shortages {
    pub(super) fn of(history: &History, settings: Option<&Settings>) -> Shortages {
        let Some(settings) = settings else {
            return Shortages { resources: None, short: BTreeMap::new() };
        };
        let resources = Resources::of(history.plan(), settings);
        let mut changes: BTreeMap<ResourceId, BTreeMap<Duration, i64>> = BTreeMap::new();
        let mut short: BTreeMap<Share, Vec<Span>> = BTreeMap::new();
        for (id, task) in history.tasks() {
            for share in resources.of_task(id) {
                short.entry(*share).or_default();
                let changes = changes.entry(share.resource).or_default();
                for attempt in &task.attempts {
                    let ended = attempt.ended.unwrap_or(history.worked);
                    *changes.entry(attempt.started).or_default() += i64::from(share.count);
                    *changes.entry(ended).or_default() -= i64::from(share.count);
                }
            }
        }
        for (share, spans) in &mut short {
            let least = i64::from(resources.capacity(share.resource) - share.count);
            let (mut in_use, mut since) = (0, None);
            for (at, change) in changes.get(&share.resource).into_iter().flatten() {
                in_use += change;
                match (in_use > least, since) {
                    (true, None) => since = Some(*at),
                    (false, Some(from)) => {
                        spans.push((from, *at));
                        since = None;
                    }
                    _ => {}
                }
            }
            spans.extend(since.map(|from| (from, history.worked)));
        }
        Shortages { resources: Some(resources), short }
    }

    /// When, from one moment to another, a task could not have had one of its shares, by share.
    pub(super) fn of_task(
        &self,
        task: TaskId,
        from: Duration,
        until: Duration,
    ) -> impl Iterator<Item = (Share, Span)> {
        let shares = self.resources.iter().flat_map(move |resources| resources.of_task(task));
        shares.flat_map(move |share| {
            let spans = self.short.get(share).map(Vec::as_slice).unwrap_or_default();
            let first = spans.partition_point(|span| span.1 <= from);
            let within = spans[first..].iter().take_while(move |span| span.0 < until);
            within.map(move |span| (*share, (span.0.max(from), span.1.min(until))))
        })
    }

    /// What is limited.
    pub(super) fn resources(&self) -> Option<&Resources> {
        self.resources.as_ref()
    }
}
