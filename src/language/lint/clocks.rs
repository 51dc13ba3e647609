//! The time limits of a task, as they are written.

use std::str::FromStr;
use std::time::Duration;

use serde_json::Value;

use super::orchestration::{Orchestration, Setting};
use crate::language::document::HumanDuration;
use crate::language::plan::TaskOutline;

/// A limit that somebody wrote.
#[derive(Debug, Clone)]
pub(super) struct Clock<'a> {
    pub(super) limit: HumanDuration,
    pub(super) setting: Setting<'a>,
}

impl<'a> Orchestration<'a> {
    /// The limit of a task by its name (`total`, `first_token` and so on): the task's or the
    /// document's; none where neither says it.
    pub(super) fn clock_of(&self, task: &TaskOutline<'a>, name: &str) -> Option<Clock<'a>> {
        let of_task = self.own_of(task, "/timeout");
        of_task
            .and_then(|written| self.clock_in(task, written, name))
            .or_else(|| self.default_clock(name))
    }

    fn default_clock(&self, name: &str) -> Option<Clock<'a>> {
        let written = self.default_of("/timeout")?;
        if written.value.is_string() {
            return clock(written).filter(|_| name == "total");
        }
        self.default_of(&format!("/timeout/{name}")).and_then(clock)
    }

    fn clock_in(
        &self,
        task: &TaskOutline<'a>,
        written: Setting<'a>,
        name: &str,
    ) -> Option<Clock<'a>> {
        if written.value.is_string() {
            return clock(written).filter(|_| name == "total");
        }
        self.own_of(task, &format!("/timeout/{name}")).and_then(clock)
    }
}

/// A duration where it is written as one.
pub(super) fn clock(setting: Setting<'_>) -> Option<Clock<'_>> {
    let limit = duration(setting.value)?;
    Some(Clock { limit: HumanDuration(limit), setting })
}

/// The duration that a text says.
pub(super) fn duration(value: &Value) -> Option<Duration> {
    HumanDuration::from_str(value.as_str()?).ok().map(|duration| duration.0)
}
