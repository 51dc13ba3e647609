//! Conflicts: calls that had to wait because others had taken what is limited.

use std::collections::BTreeMap;
use std::time::Duration;

use super::course::{Activity, Courses};
use super::history::History;
use super::shortages::Shortages;
use crate::engine::Limited;

/// Calls that waited for a limit.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Conflicts {
    /// Calls that waited for any limit.
    pub calls: u32,
    /// Of a thousand calls that were made or are waited for; none where there was no call.
    pub per_thousand: Option<f64>,
    /// What they waited for. A call that waited for several counts for each.
    pub by_limit: BTreeMap<Limited, Waits>,
}

/// Calls that waited for something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waits {
    /// How many.
    pub calls: u32,
    /// How long, all added up.
    pub time: Duration,
}

impl Conflicts {
    /// Those of a run as it stands, which has made or waits for so many calls.
    pub(super) fn of(history: &History, courses: &Courses, calls: usize) -> Conflicts {
        let shortages = Shortages::of(history, history.settings());
        let mut conflicts = Conflicts::default();
        for (id, course) in courses.iter() {
            for wait in course.waits() {
                let limit = |stretch: &&super::course::Stretch| stretch.activity == Activity::Limit;
                if !wait.iter().any(|stretch| limit(&stretch)) {
                    continue;
                }
                conflicts.calls += 1;
                let (Some(first), Some(last)) = (wait.first(), wait.last()) else { continue };
                let mut of_call: BTreeMap<&Limited, Duration> = BTreeMap::new();
                for (share, (from, until)) in shortages.of_task(id, first.from, last.until) {
                    if let Some(resources) = shortages.resources() {
                        *of_call.entry(resources.limited(share.resource)).or_default() +=
                            until.saturating_sub(from);
                    }
                }
                for (limited, time) in of_call {
                    let waits = conflicts.by_limit.entry(limited.clone()).or_default();
                    waits.calls += 1;
                    waits.time += time;
                }
            }
        }
        let calls = u32::try_from(calls).unwrap_or(u32::MAX);
        conflicts.per_thousand =
            (calls > 0).then(|| 1000.0 * f64::from(conflicts.calls) / f64::from(calls));
        conflicts
    }
}
