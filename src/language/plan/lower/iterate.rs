//! Tasks that are done several times: the body, and how often.

use indexmap::IndexMap;

use super::escalation::{each_time, otherwise};
use super::{Inside, Lowering, choice};
use crate::language::document::{
    self, Compensate, ForEach, HumanDuration, Repeat, SuccessCriteria,
};
use crate::language::plan::compensation::{UNDO, undo_address};
use crate::language::plan::iterate::{Body, Items, Iterate, Over, Rounds};
use crate::language::plan::ladder::Ladder;
use crate::language::plan::model::{Scope, ScopeId, Task, TaskId, Wave, WaveId, Work};

impl Lowering<'_> {
    /// A task, once or several times: for each item of a list, each of those in rounds, and each of these
    /// for several samples.
    pub(super) fn as_often_as_written(
        &mut self,
        inside: &Inside,
        wave: WaveId,
        (name, path): (&str, &str),
        written: &document::Task,
    ) -> Option<TaskId> {
        let modifiers = &written.modifiers;
        let mut each = written.clone();
        each.modifiers.when = None;
        each.modifiers.on_message = None;
        each.modifiers.budget = None;
        each.modifiers.sla = None;
        // What one failure means is said for all together; who takes it up, for each.
        each.modifiers.on_failure = Some(each_time(each.modifiers.on_failure.take()));
        let mut rungs = Vec::new();
        let over = if let Some(for_each) = each.modifiers.for_each.take() {
            Over::Items(items(for_each))
        } else if let Some(repeat) = each.modifiers.repeat.take() {
            Over::Rounds(rounds(repeat))
        } else if let Some(found) =
            each.modifiers.on_failure.as_mut().and_then(|policy| policy.escalate.take())
        {
            rungs = found;
            let after = each.modifiers.on_failure.as_mut().and_then(|policy| policy.after.take());
            Over::Ladder(Ladder { rungs: Vec::new(), after })
        } else if let Some(samples) = each.modifiers.samples.take() {
            Over::Samples(choice::samples(samples))
        } else if let Some(over) = choice::judged(written) {
            over
        } else {
            return self.once(inside, wave, name, path, written);
        };
        let address = format!("{path}[*]");
        let mut body = self.body(inside, (name, &address), &each, Inner::of(&over))?;
        let over = match over {
            Over::Ladder(Ladder { after, .. }) => {
                let rungs = self.ladder(inside, (name, path), &each, &body, &rungs)?;
                Over::Ladder(Ladder { rungs, after })
            }
            Over::Samples(_) => {
                choice::spread(&mut body);
                over
            }
            over => over,
        };
        let iterate = Iterate { body, over };
        let (_, estimate) = iterate.estimates();
        let Task { limits, retry, .. } = iterate.task().clone();
        let id = TaskId(u32::try_from(self.tasks.len()).ok()?);
        self.tasks.push(Task {
            name: name.to_owned(),
            path: path.to_owned(),
            scope: inside.scope,
            wave,
            work: Work::Iterate(Box::new(iterate)),
            needs: Vec::new(),
            on_message: super::send::triggers(modifiers),
            when: modifiers.when.as_ref().map(|condition| condition.0.clone()),
            limits,
            retry,
            on_failure: otherwise(modifiers.on_failure.as_ref()),
            estimate: HumanDuration(estimate),
            sla: modifiers.sla,
            lifecycle: modifiers.lifecycle,
            priority: modifiers.priority.unwrap_or_default(),
            budget: modifiers.budget,
            compensate: None,
        });
        Some(id)
    }

    /// A task as it is done each time, with everything inside it: each time for what it is done in all,
    /// or once.
    pub(super) fn body(
        &mut self,
        inside: &Inside,
        address: (&str, &str),
        each: &document::Task,
        inner: Inner,
    ) -> Option<Body> {
        let scopes = std::mem::take(&mut self.scopes);
        let waves = std::mem::take(&mut self.waves);
        let tasks = std::mem::take(&mut self.tasks);
        let made = self.body_alone(inside, address, each, inner);
        let scopes = std::mem::replace(&mut self.scopes, scopes);
        let waves = std::mem::replace(&mut self.waves, waves);
        let tasks = std::mem::replace(&mut self.tasks, tasks);
        made.map(|()| Body { scopes, waves, tasks })
    }

    /// What undoes a task: a body of a task of its own.
    pub(super) fn compensation(
        &mut self,
        inside: &Inside,
        path: &str,
        written: &Compensate,
    ) -> Option<Body> {
        let mut task = written.as_task()?;
        // That one is not undone is told, and keeps nothing else from being.
        task.modifiers.on_failure = Some(each_time(None));
        self.body(inside, (UNDO, &undo_address(path)), &task, Inner::Once)
    }

    fn body_alone(
        &mut self,
        inside: &Inside,
        (name, path): (&str, &str),
        each: &document::Task,
        inner: Inner,
    ) -> Option<()> {
        let (first, only) = (WaveId(0), TaskId(0));
        self.scopes.push(Scope {
            pattern: name.to_owned(),
            caller: None,
            inputs: IndexMap::new(),
            waves: vec![first],
            tasks: vec![only],
            outputs: IndexMap::new(),
            success_criteria: SuccessCriteria::AllTasksComplete,
            staff: Vec::new(),
        });
        let (name, scope) = (name.to_owned(), ScopeId::ROOT);
        self.waves.push(Wave { name: name.clone(), barrier: true, scope, tasks: vec![only] });
        let inside = Inside { scope, prefix: String::new(), ..inside.clone() };
        let address = (name.as_str(), path);
        let id = match inner {
            Inner::AsWritten => self.as_often_as_written(&inside, first, address, each)?,
            Inner::Once => self.once(&inside, first, address.0, address.1, each)?,
        };
        (id == only).then_some(())
    }
}

/// Whether what is done each time is itself done several times, where its author says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inner {
    /// It is.
    AsWritten,
    /// It is done once.
    Once,
}

impl Inner {
    fn of(over: &Over) -> Inner {
        match over {
            Over::Items(_) | Over::Rounds(_) | Over::Review(_) | Over::Ladder(_) => {
                Inner::AsWritten
            }
            // Whoever is asked for a choice is asked once for each, and so is what is planned.
            Over::Samples(_) | Over::TieBreak(_) | Over::Pairs(_) | Over::Expand(_) => Inner::Once,
        }
    }
}

fn items(written: ForEach) -> Items {
    let ForEach { items, name, key, max, parallel, require, stop } = written;
    Items { items, name, key, max, parallel, require, stop }
}

fn rounds(written: Repeat) -> Rounds {
    let Repeat { until, max, best, patience, unmet } = written;
    Rounds { until: until.map(|condition| condition.0), max, best, patience, unmet }
}
