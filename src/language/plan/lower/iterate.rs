//! Tasks that are done several times: the body, and how often.

use indexmap::IndexMap;

use super::{Inside, Lowering};
use crate::language::document::{self, ForEach, HumanDuration, OnFailure, SuccessCriteria};
use crate::language::plan::iterate::{Body, Items, Iterate, Over};
use crate::language::plan::model::{Scope, ScopeId, Task, TaskId, Wave, WaveId, Work};

impl Lowering<'_> {
    /// A task that is done once for each item of a list.
    pub(super) fn for_each(
        &mut self,
        inside: &Inside,
        wave: WaveId,
        address: (&str, &str),
        written: &document::Task,
        for_each: &ForEach,
    ) -> Option<TaskId> {
        let over = Over::Items(Items {
            items: for_each.items.clone(),
            name: for_each.name.clone(),
            key: for_each.key.clone(),
            max: for_each.max,
            parallel: for_each.parallel,
            require: for_each.require,
            stop: for_each.stop,
        });
        self.several(inside, wave, address, written, over)
    }

    /// A task that is done as often as only a run knows.
    pub(super) fn several(
        &mut self,
        inside: &Inside,
        wave: WaveId,
        (name, path): (&str, &str),
        written: &document::Task,
        over: Over,
    ) -> Option<TaskId> {
        let modifiers = &written.modifiers;
        let mut each = written.clone();
        // Each item may be asked for several samples; a sample is asked once.
        if !matches!(over, Over::Items(_)) {
            each.modifiers.samples = None;
        }
        each.modifiers.for_each = None;
        each.modifiers.when = None;
        each.modifiers.budget = None;
        // What one failure means is said for all together.
        each.modifiers.on_failure = Some(OnFailure::Continue);
        let iterate = Iterate { body: self.body(inside, (name, path), &each)?, over };
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
            when: modifiers.when.as_ref().map(|condition| condition.0.clone()),
            limits,
            retry,
            on_failure: modifiers.on_failure.clone().unwrap_or_default(),
            estimate: HumanDuration(estimate),
            budget: modifiers.budget,
        });
        Some(id)
    }

    /// A task as it is done each time, with everything inside it.
    fn body(
        &mut self,
        inside: &Inside,
        address: (&str, &str),
        each: &document::Task,
    ) -> Option<Body> {
        let scopes = std::mem::take(&mut self.scopes);
        let waves = std::mem::take(&mut self.waves);
        let tasks = std::mem::take(&mut self.tasks);
        let made = self.body_alone(inside, address, each);
        let scopes = std::mem::replace(&mut self.scopes, scopes);
        let waves = std::mem::replace(&mut self.waves, waves);
        let tasks = std::mem::replace(&mut self.tasks, tasks);
        made.map(|()| Body { scopes, waves, tasks })
    }

    fn body_alone(
        &mut self,
        inside: &Inside,
        (name, path): (&str, &str),
        each: &document::Task,
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
            scope,
            prefix: String::new(),
            people: inside.people.clone(),
            defaults: inside.defaults.clone(),
            tools: inside.tools.clone(),
        };
        let path = format!("{path}[*]");
        let id = match &each.modifiers.samples {
            Some(samples) => self.samples(&inside, first, (&name, &path), each, samples)?,
            None => self.once(&inside, first, &name, &path, each)?,
        };
        (id == only).then_some(())
    }
}
