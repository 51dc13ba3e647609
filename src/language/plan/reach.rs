//! How far a change reaches: the tasks that may come out differently when others do, or when an
//! input has another value.
//!
//! What counts is what depends on what, not what comes after what: a wave's barrier is no
//! dependency.

use std::collections::BTreeSet;

use serde_json::Value;

use super::iterate::{Body, Over};
use super::model::{CombineMethod, Plan, ScopeId, Task, TaskId, Work};
use super::posts::WorkTemplate;
use crate::language::document::OnFailure;
use crate::language::template::{Form, Reference, Template};

/// What is different from an earlier run of the same plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Tasks that are done again. One that uses a pattern is opened again; what is inside it is
    /// done again only where it is named too ([`Plan::with_inside`]).
    pub tasks: BTreeSet<TaskId>,
    /// Inputs of the root that have other values.
    pub inputs: BTreeSet<String>,
}

impl Plan {
    /// A task with everything inside the pattern that it uses, if it uses one.
    pub fn with_inside(&self, id: TaskId) -> BTreeSet<TaskId> {
        let mut found = BTreeSet::from([id]);
        let mut pending = vec![id];
        while let Some(id) = pending.pop() {
            if let Work::Call { scope, .. } = self.task(id).work {
                pending.extend(&self.scope(scope).tasks);
                found.extend(&self.scope(scope).tasks);
            }
        }
        found
    }

    /// The tasks that a change reaches, those that it names among them: who needs one of them, who
    /// reads a changed input, and the users of the patterns that they are inside of. A used pattern
    /// is reached as far as its tasks read inputs that are made of something changed; one that only
    /// waits for something changed is reached as a whole.
    pub fn reached_by(&self, change: &Change) -> BTreeSet<TaskId> {
        let mut reach = Reach {
            plan: self,
            dependents: self.dependents(),
            tasks: BTreeSet::new(),
            inputs: BTreeSet::new(),
            pending: Vec::new(),
        };
        change.tasks.iter().for_each(|task| reach.touch_task(*task));
        change.inputs.iter().for_each(|name| reach.touch_input(ScopeId::ROOT, name));
        while let Some(touched) = reach.pending.pop() {
            match touched {
                Touched::Task(task) => reach.follow_task(task),
                Touched::Input(scope, name) => reach.follow_input(scope, &name),
            }
        }
        reach.tasks
    }

    /// Whether a task's templates read an input of its scope.
    pub fn reads_input(&self, id: TaskId, name: &str) -> bool {
        task_mentions(self.task(id), |reference: &Reference| reads(reference, "inputs", name))
    }

    /// Who needs a task, by the place of the task needed.
    pub fn dependents(&self) -> Vec<Vec<TaskId>> {
        let mut dependents = Vec::new();
        self.add_dependents(&mut dependents);
        dependents
    }

    /// The same where that of the first tasks is known, which need none of the others.
    pub fn add_dependents(&self, dependents: &mut Vec<Vec<TaskId>>) {
        let known = dependents.len();
        dependents.resize(self.tasks.len(), Vec::new());
        for (id, task) in self.tasks().skip(known) {
            for need in &task.needs {
                dependents[need.task.index()].push(id);
            }
        }
    }
}

enum Touched {
    Task(TaskId),
    Input(ScopeId, String),
}

struct Reach<'p> {
    plan: &'p Plan,
    dependents: Vec<Vec<TaskId>>,
    tasks: BTreeSet<TaskId>,
    inputs: BTreeSet<(ScopeId, String)>,
    pending: Vec<Touched>,
}

impl Reach<'_> {
    fn touch_task(&mut self, id: TaskId) {
        if self.tasks.insert(id) {
            self.pending.push(Touched::Task(id));
        }
    }

    fn touch_input(&mut self, scope: ScopeId, name: &str) {
        if self.inputs.insert((scope, name.to_owned())) {
            self.pending.push(Touched::Input(scope, name.to_owned()));
        }
    }

    fn follow_task(&mut self, id: TaskId) {
        let name = &self.plan.task(id).name;
        let is_read = |reference: &Reference| reads(reference, "tasks", name);
        for dependent in std::mem::take(&mut self.dependents[id.index()]) {
            self.touch_task(dependent);
            let task = self.plan.task(dependent);
            if let Work::Call { .. } = task.work
                && !self.pass_on(task, is_read)
                && !task
                    .when
                    .as_deref()
                    .is_some_and(|when| mentions(when, Form::Expression, is_read))
            {
                let inside = self.plan.with_inside(dependent);
                inside.into_iter().for_each(|task| self.touch_task(task));
            }
        }
        if let Some(caller) = self.plan.scope(self.plan.task(id).scope).caller {
            self.touch_task(caller);
        }
    }

    fn follow_input(&mut self, scope: ScopeId, name: &str) {
        let is_read = |reference: &Reference| reads(reference, "inputs", name);
        for id in &self.plan.scope(scope).tasks {
            let task = self.plan.task(*id);
            if task_mentions(task, is_read) {
                self.touch_task(*id);
            }
            self.pass_on(task, is_read);
        }
        // Whoever does it may be another one.
        let decides =
            |work: &WorkTemplate| work.values().any(|value| value_mentions(&value, is_read));
        if self.plan.scope(scope).staff.iter().any(|post| post.work().is_some_and(decides)) {
            self.plan.inside(scope).0.into_iter().for_each(|task| self.touch_task(task));
        }
    }

    /// Touches the inputs of a used pattern that are made of something; whether there are any.
    fn pass_on(&mut self, task: &Task, is_read: impl Fn(&Reference) -> bool + Copy) -> bool {
        let Work::Call { scope, with } = &task.work else {
            return false;
        };
        let made_of_it = with.iter().filter(|(_, value)| value_mentions(value, is_read));
        let names: Vec<&String> = made_of_it.map(|(name, _)| name).collect();
        names.iter().for_each(|name| self.touch_input(*scope, name));
        !names.is_empty()
    }
}

/// Whether a reference reads an entry of a variable, or one that is known only when it is rendered.
fn reads(reference: &Reference, variable: &str, entry: &str) -> bool {
    reference.name(0) == Some(variable) && reference.name(1).is_none_or(|name| name == entry)
}

fn task_mentions(task: &Task, is_read: impl Fn(&Reference) -> bool + Copy) -> bool {
    let text = |text: &str| mentions(text, Form::Text, is_read);
    let expression = |text: &str| mentions(text, Form::Expression, is_read);
    let in_work = match &task.work {
        Work::Ask(ask) => ask.prompt.as_deref().is_some_and(text),
        Work::Combine(combine) => match &combine.method {
            CombineMethod::Template(template) => value_mentions(template, is_read),
            CombineMethod::MergeAll | CombineMethod::UseFirstResult | CombineMethod::Vote(_) => {
                false
            }
        },
        Work::Check { conditions, message } => {
            conditions.iter().any(|(_, condition)| expression(condition))
                || message.as_deref().is_some_and(text)
        }
        Work::Approve { ask, .. } => text(ask),
        Work::Send(send) => {
            send.subject.as_deref().is_some_and(text) || value_mentions(&send.body, is_read)
        }
        Work::Call { with, .. } => with.values().any(|value| value_mentions(value, is_read)),
        Work::Tool(tool) => tool.with.values().any(|value| value_mentions(value, is_read)),
        Work::Iterate(iterate) => {
            let first =
                |body: &Body| body.tasks.first().is_some_and(|task| task_mentions(task, is_read));
            over_mentions(&iterate.over, is_read) || iterate.bodies().any(first)
        }
    };
    let in_fallback = match &task.on_failure {
        OnFailure::Fallback(value) => value_mentions(value, is_read),
        OnFailure::Fail | OnFailure::Continue => false,
    };
    in_work || in_fallback || task.when.as_deref().is_some_and(expression)
}

fn over_mentions(over: &Over, is_read: impl Fn(&Reference) -> bool + Copy) -> bool {
    match over {
        Over::Items(items) => {
            let in_items = match &items.items {
                Value::String(written) => mentions(written, Form::Items, is_read),
                items => value_mentions(items, is_read),
            };
            let key = items.key.as_deref();
            in_items || key.is_some_and(|key| mentions(key, Form::Text, is_read))
        }
        Over::Samples(_) | Over::TieBreak(_) | Over::Pairs(_) | Over::Ladder(_) => false,
        Over::Expand(expand) => {
            let given = expand.given.as_deref();
            given.is_some_and(|given| mentions(given, Form::Value, is_read))
        }
        Over::Rounds(rounds) => {
            let until = rounds.until.as_deref();
            let best = rounds.best.as_deref();
            until.is_some_and(|until| mentions(until, Form::Expression, is_read))
                || best.is_some_and(|best| mentions(best, Form::Number, is_read))
        }
        Over::Review(review) => {
            let message = review.message.as_deref();
            mentions(&review.of, Form::Value, is_read)
                || message.is_some_and(|message| mentions(message, Form::Text, is_read))
        }
    }
}

fn value_mentions(value: &Value, is_read: impl Fn(&Reference) -> bool + Copy) -> bool {
    match value {
        Value::String(text) => mentions(text, Form::Text, is_read),
        Value::Array(items) => items.iter().any(|item| value_mentions(item, is_read)),
        Value::Object(map) => map.values().any(|item| value_mentions(item, is_read)),
        _ => false,
    }
}

/// Whether a template refers to something. One that cannot be read might refer to anything.
fn mentions(text: &str, form: Form, is_read: impl Fn(&Reference) -> bool) -> bool {
    Template::parse(text, form).map_or(true, |template| template.references.iter().any(is_read))
}
