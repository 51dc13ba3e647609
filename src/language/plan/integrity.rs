//! Whether a plan that was read from a file hangs together: whatever lowering guarantees by the way
//! it works has to be looked at where anybody may have written the plan.

use std::collections::BTreeSet;

use super::iterate::Body;
use super::model::{Plan, Scope, ScopeId, Task, TaskId, WaveId, Work};
use super::tools::Toolbox;
use crate::organization::Team;

impl Plan {
    /// Checks that every id leads somewhere, that scopes, waves and tasks know each other, and
    /// that tasks need those of earlier waves only, so that there is no circle.
    ///
    /// # Errors
    /// The first thing that does not fit, in a few words.
    pub fn check_integrity(&self) -> Result<(), String> {
        if self.scopes.first().is_none_or(|root| root.caller.is_some()) {
            return Err("there is no outermost scope".to_owned());
        }
        for (id, scope) in (0..).map(ScopeId).zip(&self.scopes) {
            self.check_scope(id, scope)?;
        }
        let paths: BTreeSet<&str> = self.tasks.iter().map(|task| task.path.as_str()).collect();
        if paths.len() != self.tasks.len() {
            return Err("two tasks have one address".to_owned());
        }
        for (id, task) in self.tasks() {
            self.check_task(id, task)?;
        }
        for agent in &self.agents {
            if self.teams.get(agent.team as usize).is_none() {
                return Err(format!("agent `{}` has no team", agent.agent.id));
            }
        }
        for team in &self.teams {
            let agents = team.agents().to_vec();
            Team::new(team.name().to_owned(), None, None, agents)
                .map_err(|errors| errors.first().map(ToString::to_string).unwrap_or_default())?;
        }
        Ok(())
    }

    fn check_scope(&self, id: ScopeId, scope: &Scope) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("scope {} {what}", id.0));
        let calls = |caller: TaskId| {
            let work = self.tasks.get(caller.index()).map(|task| (&task.work, task.scope));
            matches!(work, Some((Work::Call { scope, .. }, outer)) if *scope == id && outer < id)
        };
        if !scope.caller.is_none_or(calls) || (id > ScopeId::ROOT && scope.caller.is_none()) {
            return wrong("is not used by the task that is said to use it");
        }
        let waves = (0..).map(WaveId).zip(&self.waves);
        let own: Vec<WaveId> = waves.filter(|(_, w)| w.scope == id).map(|(wave, _)| wave).collect();
        if own != scope.waves {
            return wrong("has other waves than it lists");
        }
        let tasks = self.tasks().filter(|(_, task)| task.scope == id);
        let tasks: Vec<TaskId> = tasks.map(|(task, _)| task).collect();
        if tasks != scope.tasks {
            return wrong("has other tasks than it lists");
        }
        let in_waves: BTreeSet<TaskId> =
            own.iter().flat_map(|wave| self.wave(*wave).tasks.iter().copied()).collect();
        if in_waves != tasks.iter().copied().collect() {
            return wrong("has tasks without a wave");
        }
        Ok(())
    }

    fn check_task(&self, id: TaskId, task: &Task) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("task `{}` {what}", task.path));
        let knows = |wave: &super::Wave| wave.scope == task.scope && wave.tasks.contains(&id);
        let sorted = |wave: &super::Wave| wave.tasks.is_sorted_by(|first, second| first < second);
        let wave = self.waves.get(task.wave.index());
        if task.scope.index() >= self.scopes.len() || !wave.is_some_and(|w| knows(w) && sorted(w)) {
            return wrong("has no place in its wave");
        }
        let beside = |other: &TaskId| {
            self.tasks
                .get(other.index())
                .is_some_and(|other| other.scope == task.scope && other.wave < task.wave)
        };
        if !task.needs.iter().all(|need| beside(&need.task)) {
            return wrong("needs a task that is not before it");
        }
        let has_server = |name: &str| self.tool_servers.iter().any(|server| server.name == name);
        let has_servers = |tools: &Toolbox| tools.servers().into_iter().all(has_server);
        let mut senders = task.on_message.iter().flat_map(|trigger| &trigger.senders);
        if !senders.all(|sender| task.needs.iter().any(|need| need.task == *sender)) {
            return wrong("starts on a message of a task that it does not need");
        }
        if let Some(compensate) = &task.compensate {
            self.check_body(compensate, task, "what undoes")?;
        }
        let fits = match &task.work {
            Work::Ask(ask) => {
                ask.agent.index() < self.agents.len()
                    && ask.sources.iter().all(beside)
                    && ask.tools.iter().all(|tools| has_servers(tools))
            }
            Work::Combine(combine) => combine.sources.iter().all(beside),
            Work::Call { scope, .. } => {
                self.scopes.get(scope.index()).is_some_and(|inner| inner.caller == Some(id))
            }
            Work::Iterate(iterate) if iterate.over.sources().iter().all(beside) => {
                let which = "what is done several times in";
                return iterate.bodies().try_for_each(|body| self.check_body(body, task, which));
            }
            Work::Iterate(_) => false,
            Work::Tool(tool) => has_servers(&tool.toolbox()),
            Work::Check { .. } | Work::Approve { .. } | Work::Send(_) => true,
        };
        if fits { Ok(()) } else { wrong("refers to something that is not there") }
    }

    /// A body is a plan of its own, with the agents and tools of the whole.
    fn check_body(&self, body: &Body, task: &Task, which: &str) -> Result<(), String> {
        let of_task = |what: String| format!("{which} `{}`: {what}", task.path);
        if body.tasks.is_empty() || body.scopes.first().is_none_or(|first| first.tasks.len() != 1) {
            return Err(of_task("there is no task".to_owned()));
        }
        let agents = self.agents.clone();
        let teams = self.teams.clone();
        let tool_servers = self.tool_servers.clone();
        Plan { agents, teams, tool_servers, ..body.as_plan() }.check_integrity().map_err(of_task)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::language::document::{Expectation, Library, ProjectFile};
    use crate::language::plan::compile;
    use crate::language::source::child_pointer;

    fn plan() -> Plan {
        let text = "pattern: { name: outer }\nteam: { name: t, agents: [{ role: A }] }\nwaves:\n  - name: \
                    first\n    tasks:\n      a: { agent: a, prompt: x }\n      b: { uses: \
                    parallel_research, with: { question: Why? } }\n  - name: second\n    tasks:\n      \
                    c: { agent: a, prompt: '{{ tasks.a.output }}' }\n";
        let library = Library::of_files([ProjectFile {
            name: "outer.yaml".to_owned(),
            content: Ok(text.to_owned()),
            expectation: Expectation::Named,
        }]);
        let document = library.documents().next().expect("a document");
        compile(&library, document).expect("a plan").plan
    }

    #[test]
    fn what_was_compiled_hangs_together() {
        assert_eq!(plan().check_integrity(), Ok(()));
    }

    /// Every number of a plan, replaced by another one, gives a plan that is refused or can be
    /// worked with: nothing panics and nothing runs for ever.
    #[test]
    fn a_wrong_id_is_refused() {
        let whole = serde_json::to_value(plan()).expect("JSON");
        let mut refused = 0;
        for pointer in numbers(&whole, "") {
            for other in [0, 1, 2, 3, 4_000_000] {
                let mut changed = whole.clone();
                *changed.pointer_mut(&pointer).expect("a number") = Value::from(other);
                let Ok(changed) = serde_json::from_value::<Plan>(changed) else { continue };
                match changed.check_integrity() {
                    Err(_) => refused += 1,
                    Ok(()) => drop((changed.forecast(), changed.barrier_costs())),
                }
            }
        }
        assert!(refused > 50, "only {refused} were refused");
    }

    fn numbers(value: &Value, pointer: &str) -> Vec<String> {
        match value {
            Value::Number(_) => vec![pointer.to_owned()],
            Value::Array(items) => items
                .iter()
                .enumerate()
                .flat_map(|(place, item)| numbers(item, &format!("{pointer}/{place}")))
                .collect(),
            Value::Object(fields) => fields
                .iter()
                .flat_map(|(key, field)| numbers(field, &child_pointer(pointer, key)))
                .collect(),
            _ => Vec::new(),
        }
    }
}
