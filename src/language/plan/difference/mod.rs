//! What is different between two plans, in the words of documents: tasks added, removed, renamed,
//! rewired; prompts, agents and settings changed.
//!
//! Plans are compared rather than documents, so that comments and layout do not count and
//! everything that a document uses does. Whatever makes the fingerprints differ is in the
//! difference; a test changes every value of a plan to prove it.

mod fields;
mod renames;

use std::collections::BTreeSet;

use serde_json::Value;

use self::fields::{Fields, agent_fields, input_fields, task_fields, team_fields};
use self::renames::Renames;
use super::model::{Plan, Scope, ScopeId, Work};
use super::tools::PlanToolServer;

/// What is different between two plans.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Difference {
    /// Of the plan as a whole: its name, its summary, what counts as success.
    pub about: Vec<FieldChange>,
    /// Inputs, those of used patterns with the task's address before them.
    pub inputs: Vec<Entry>,
    /// Waves.
    pub waves: Vec<Entry>,
    /// Tasks by their addresses.
    pub tasks: Vec<Entry>,
    /// Outputs.
    pub outputs: Vec<Entry>,
    /// Teams.
    pub teams: Vec<Entry>,
    /// Agents, with their team before them.
    pub agents: Vec<Entry>,
}

/// One thing that is not in both plans, or not the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its name in the new plan, or in the old one where it was removed.
    pub name: String,
    /// What happened to it.
    pub status: Status,
    /// Its fields that are different; all of them where it was added or removed.
    pub changes: Vec<FieldChange>,
}

/// What happened to something between two plans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It is only in the new plan.
    Added,
    /// It is only in the old plan.
    Removed,
    /// The same work has another name.
    Renamed {
        /// The name it had.
        from: String,
    },
    /// It has the same name and is different.
    Changed,
}

/// A field that is different.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    /// Its name, such as `prompt` or `limits.total`.
    pub field: String,
    /// The old value; none where it was absent.
    pub before: Option<Value>,
    /// The new value; none where it is absent.
    pub after: Option<Value>,
}

impl Difference {
    /// What is different between an old plan and a new one.
    pub fn between(old: &Plan, new: &Plan) -> Difference {
        let mut difference =
            Difference { about: compare(&about(old), &about(new)), ..Difference::default() };
        let mut comparing = Comparing { old, new, difference: &mut difference };
        comparing.scope(ScopeId::ROOT, ScopeId::ROOT, "");
        difference.teams = entries(&team_fields(old), &team_fields(new));
        difference.agents = entries(&agent_fields(old), &agent_fields(new));
        if difference.is_empty() && old.fingerprint() != new.fingerprint() {
            // The same things one by one: only their order is left.
            let order = |plan: &Plan| {
                let paths = plan.tasks.iter().map(|task| Value::from(task.path.as_str()));
                Some(Value::from_iter(paths))
            };
            let (before, after) = (order(old), order(new));
            difference.about.push(FieldChange { field: "order".to_owned(), before, after });
        }
        difference
    }

    /// Whether the plans are the same.
    pub fn is_empty(&self) -> bool {
        *self == Difference::default()
    }
}

/// What is said of a plan as a whole.
fn about(plan: &Plan) -> Fields {
    let mut fields = Fields::default();
    fields.add("name", &plan.name);
    fields.add("kind", plan.kind.as_str());
    fields.add("summary", &plan.summary);
    fields.add("expected", plan.expected);
    fields.add("budget", plan.budget);
    // As a rule the name again.
    let pattern = Some(&plan.root().pattern).filter(|pattern| **pattern != plan.name);
    fields.add("pattern", pattern);
    fields.add("success_criteria", plan.root().success_criteria);
    for PlanToolServer { name, server } in &plan.tool_servers {
        fields.add_each(&format!("tools.{name}"), server);
    }
    fields
}

/// A comparison under way.
struct Comparing<'p> {
    old: &'p Plan,
    new: &'p Plan,
    difference: &'p mut Difference,
}

impl Comparing<'_> {
    /// Compares two scopes that stand in the same place; `prefix` is the address of that place.
    fn scope(&mut self, old: ScopeId, new: ScopeId, prefix: &str) {
        let (old_scope, new_scope) = (self.old.scope(old), self.new.scope(new));
        let put = |entries: Vec<Entry>| {
            let prefixed =
                move |entry: Entry| Entry { name: format!("{prefix}{}", entry.name), ..entry };
            entries.into_iter().map(prefixed)
        };
        let inputs = entries(&input_fields(old_scope), &input_fields(new_scope));
        self.difference.inputs.extend(put(inputs));
        let waves = entries(
            &waves(self.old, old_scope, new_scope, self.new),
            &waves(self.new, new_scope, old_scope, self.old),
        );
        self.difference.waves.extend(put(waves));
        let outputs = entries(&outputs(old_scope), &outputs(new_scope));
        self.difference.outputs.extend(put(outputs));
        if old != ScopeId::ROOT {
            let criteria = |scope: &Scope| {
                let mut fields = Fields::default();
                fields.add("success_criteria", scope.success_criteria);
                fields
            };
            let changes = compare(&criteria(old_scope), &criteria(new_scope));
            self.difference.about.extend(changes.into_iter().map(|change| FieldChange {
                field: format!("{prefix}{}", change.field),
                ..change
            }));
        }
        self.tasks(old_scope, new_scope, prefix);
    }

    fn tasks(&mut self, old: &Scope, new: &Scope, prefix: &str) {
        let renames = Renames::between((self.old, old), (self.new, new));
        let mut seen = BTreeSet::new();
        for id in &new.tasks {
            let task = self.new.task(*id);
            let old_name = renames.old_name(&task.name);
            let before = old.tasks.iter().find(|old| self.old.task(**old).name == old_name);
            let fields = task_fields(self.new, task);
            let name = format!("{prefix}{}", task.name);
            let Some(before) = before.map(|id| self.old.task(*id)) else {
                let changes = compare(&Fields::default(), &fields);
                self.difference.tasks.push(Entry { name, status: Status::Added, changes });
                continue;
            };
            seen.insert(&before.name);
            let changes = compare(&renames.applied(task_fields(self.old, before)), &fields);
            let status = match before.name == task.name {
                true => Status::Changed,
                false => Status::Renamed { from: format!("{prefix}{}", before.name) },
            };
            if !changes.is_empty() || status != Status::Changed {
                self.difference.tasks.push(Entry { name: name.clone(), status, changes });
            }
            if let (Work::Call { scope: old, .. }, Work::Call { scope: new, .. }) =
                (&before.work, &task.work)
            {
                self.scope(*old, *new, &format!("{name}/"));
            }
        }
        for id in &old.tasks {
            let task = self.old.task(*id);
            if !seen.contains(&task.name) {
                let changes = compare(&task_fields(self.old, task), &Fields::default());
                let name = format!("{prefix}{}", task.name);
                self.difference.tasks.push(Entry { name, status: Status::Removed, changes });
            }
        }
    }
}

/// The waves of a scope. A place is told only among the waves that the other plan has as well, so
/// that an added wave does not move all behind it.
fn waves(plan: &Plan, scope: &Scope, other: &Scope, other_plan: &Plan) -> Vec<(String, Fields)> {
    let others: BTreeSet<&str> =
        other.waves.iter().map(|wave| other_plan.wave(*wave).name.as_str()).collect();
    let mut place = 0;
    let fields = scope.waves.iter().map(|wave| {
        let wave = plan.wave(*wave);
        let mut fields = Fields::default();
        fields.add("barrier", wave.barrier);
        if others.contains(wave.name.as_str()) {
            place += 1;
            fields.add("place", place);
        }
        (wave.name.clone(), fields)
    });
    fields.collect()
}

fn outputs(scope: &Scope) -> Vec<(String, Fields)> {
    let fields = scope.outputs.iter().map(|(name, template)| {
        let mut fields = Fields::default();
        fields.add("value", template);
        (name.clone(), fields)
    });
    fields.collect()
}

/// What is different between things with names.
fn entries(old: &[(String, Fields)], new: &[(String, Fields)]) -> Vec<Entry> {
    let mut found = Vec::new();
    for (name, fields) in new {
        let before = old.iter().find(|(old, _)| old == name).map(|(_, fields)| fields);
        let status = if before.is_some() { Status::Changed } else { Status::Added };
        let changes = compare(before.unwrap_or(&Fields::default()), fields);
        if status == Status::Added || !changes.is_empty() {
            found.push(Entry { name: name.clone(), status, changes });
        }
    }
    for (name, fields) in old {
        if !new.iter().any(|(new, _)| new == name) {
            let changes = compare(fields, &Fields::default());
            found.push(Entry { name: name.clone(), status: Status::Removed, changes });
        }
    }
    found
}

/// The fields that are different, the new plan's order first.
fn compare(old: &Fields, new: &Fields) -> Vec<FieldChange> {
    let names: BTreeSet<&String> = new.0.keys().collect();
    let gone = old.0.keys().filter(|name| !names.contains(name));
    let change = |name: &String| {
        let (before, after) = (old.0.get(name), new.0.get(name));
        (before != after).then(|| FieldChange {
            field: name.clone(),
            before: before.cloned(),
            after: after.cloned(),
        })
    };
    new.0.keys().chain(gone).filter_map(change).collect()
}

#[cfg(test)]
mod tests;
