//! Tasks that are done several times: the body, and how often.

use indexmap::IndexMap;

use super::{Inside, Lowering, choice};
use crate::language::document::{
    self, Compensate, ForEach, HumanDuration, OnFailure, Repeat, SuccessCriteria,
};
use crate::language::plan::compensation::{UNDO, undo_address};
use crate::language::plan::iterate::{Body, Items, Iterate, Over, Rounds};
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
        let over = if let Some(for_each) = each.modifiers.for_each.take() {
            Over::Items(items(for_each))
        } else if let Some(repeat) = each.modifiers.repeat.take() {
            Over::Rounds(rounds(repeat))
        } else if let Some(samples) = each.modifiers.samples.take() {
            Over::Samples(choice::samples(samples))
        } else if let Some(over) = choice::judged(written) {
            over
        } else {
            return self.once(inside, wave, name, path, written);
        };
        each.modifiers.when = None;
        each.modifiers.on_message = None;
        each.modifiers.budget = None;
        // What one failure means is said for all together.
        each.modifiers.on_failure = Some(OnFailure::Continue);
        let mut body = self.body(inside, (name, &format!("{path}[*]")), &each, Some(&over))?;
        if matches!(over, Over::Samples(_)) {
            choice::spread(&mut body);
        }
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
            on_failure: modifiers.on_failure.clone().unwrap_or_default(),
            estimate: HumanDuration(estimate),
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
        over: Option<&Over>,
    ) -> Option<Body> {
        let scopes = std::mem::take(&mut self.scopes);
        let waves = std::mem::take(&mut self.waves);
        let tasks = std::mem::take(&mut self.tasks);
        let made = self.body_alone(inside, address, each, over);
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
        task.modifiers.on_failure = Some(OnFailure::Continue);
        self.body(inside, (UNDO, &undo_address(path)), &task, None)
    }

    fn body_alone(
        &mut self,
        inside: &Inside,
        (name, path): (&str, &str),
        each: &document::Task,
        over: Option<&Over>,
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
        });
        let (name, scope) = (name.to_owned(), ScopeId::ROOT);
        self.waves.push(Wave { name: name.clone(), barrier: true, scope, tasks: vec![only] });
        let inside = Inside {
            source: inside.source,
            scope,
            prefix: String::new(),
            people: inside.people.clone(),
            defaults: inside.defaults.clone(),
            tools: inside.tools.clone(),
        };
        let address = (name.as_str(), path);
        let id = match over {
            Some(Over::Items(_) | Over::Rounds(_) | Over::Review(_)) => {
                self.as_often_as_written(&inside, first, address, each)?
            }
            // Whoever is asked for a choice is asked once for each, and so is what is planned.
            Some(Over::Samples(_) | Over::TieBreak(_) | Over::Pairs(_) | Over::Expand(_))
            | None => self.once(&inside, first, address.0, address.1, each)?,
        };
        (id == only).then_some(())
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
