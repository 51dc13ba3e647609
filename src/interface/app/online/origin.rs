//! Where documents say what holds for a task of a plan: its model, its window, its tools.

use serde_json::Value;

use crate::language::document::{Document, Library, patterns_of_task};
use crate::language::plan::{Ask, Plan, ScopeId, Task};
use crate::language::source::{escape_pointer, value_at};
use crate::organization::AgentId;

/// A place in a document.
#[derive(Debug, Clone)]
pub(super) struct Origin<'l> {
    pub(super) document: &'l Document,
    pub(super) pointer: String,
}

/// Where tasks of a plan are written.
pub(super) struct Origins<'l> {
    pub(super) library: &'l Library,
    /// The document that the plan was made of.
    pub(super) root: &'l Document,
    pub(super) plan: &'l Plan,
}

impl<'l> Origins<'l> {
    /// Where a key that task, agent, team and documents can have is said for a task: in the first
    /// of them that has it.
    pub(super) fn of(&self, task: &Task, ask: &Ask, key: &str) -> Option<Origin<'l>> {
        let own = self.task(task).map(|place| place.below(key));
        let agent = self.agent(task, ask).map(|place| place.below(key));
        let team = self.agent(task, ask).and_then(|place| place.team(key));
        let scopes = self.scopes(task.scope);
        let defaults = scopes.into_iter().filter_map(|scope| {
            let pointer = format!("/defaults/{key}");
            Some(Origin { document: self.document(scope)?, pointer })
        });
        let candidates = own.into_iter().chain(agent).chain(team).chain(defaults);
        candidates.into_iter().find(Origin::exists).map(|origin| self.visible(task, origin))
    }

    /// Where the model that is asked for a task is named: by the task itself or a rung of it, for what is as hard, by the
    /// agent, its team or the defaults; the first of them that has this name.
    pub(super) fn model(&self, task: &Task, ask: &Ask) -> Option<Origin<'l>> {
        let Some(wanted) = ask.model.as_deref() else { return self.of(task, ask, "model") };
        let own = self.task(task);
        let rungs = own.iter().flat_map(|task| task.below("on_failure/escalate").entries("model"));
        let agent = self.agent(task, ask);
        let stand_ins = agent.iter().flat_map(|agent| agent.below("fallback_models").entries(""));
        let defaults = self.scopes(task.scope).into_iter().filter_map(|scope| {
            let pointer = "/defaults/models".to_owned();
            Some(Origin { document: self.document(scope)?, pointer })
        });
        let by_complexity =
            defaults.flat_map(|models| ["low", "medium", "high"].map(|how| models.below(how)));
        let named = own.iter().map(|task| task.below("model"));
        let named = named.chain(agent.iter().map(|agent| agent.below("model")));
        let places = named.chain(by_complexity).chain(stand_ins).chain(rungs);
        let found =
            places.into_iter().find(|place| place.value().and_then(Value::as_str) == Some(wanted));
        found.map(|place| self.visible(task, place)).or_else(|| self.of(task, ask, "model"))
    }

    /// Where a task is written.
    pub(super) fn task(&self, task: &Task) -> Option<Origin<'l>> {
        let document = self.document(task.scope)?;
        let name = escape_pointer(&task.name);
        let waves = document.value().get("waves").and_then(Value::as_array);
        let in_waves =
            (0..waves.map_or(0, Vec::len)).map(|wave| format!("/waves/{wave}/tasks/{name}"));
        let mut pointers = in_waves.chain([format!("/tasks/{name}")]);
        let pointer = pointers.find(|pointer| value_at(document.value(), pointer).is_some())?;
        Some(Origin { document, pointer })
    }

    /// Where the agent that is asked is written.
    pub(super) fn agent(&self, task: &Task, ask: &Ask) -> Option<Origin<'l>> {
        let seat = self.plan.agents.get(ask.agent.index())?;
        let team = self.plan.teams.get(seat.team as usize)?;
        let mut lists: Vec<Origin<'l>> = Vec::new();
        for scope in self.scopes(task.scope) {
            let inline = |document, pointer: &str| Origin { document, pointer: pointer.to_owned() };
            lists.extend(self.document(scope).map(|document| inline(document, "/team")));
            let caller = self.plan.scope(scope).caller.map(|caller| self.plan.task(caller));
            lists.extend(
                caller.and_then(|caller| self.task(caller)).map(|place| place.below("team")),
            );
        }
        lists.retain(|list| list.text("name") == Some(team.name()));
        for scope in self.scopes(task.scope) {
            let Some(document) = self.document(scope) else { continue };
            let named = document.value().get("team").and_then(Value::as_str);
            let found = named.and_then(|name| self.library.names_in(document.source()).team(name));
            let found = found.filter(|found| found.name() == Some(team.name()));
            lists.extend(found.map(|document| Origin { document, pointer: String::new() }));
        }
        if let Some(document) = self.library.team(team.name()) {
            lists.push(Origin { document, pointer: String::new() });
        }
        let agent = |list: Origin<'l>| {
            let agents = list.value()?.get("agents")?.as_array()?;
            let is_asked = |entry: &Value| {
                let text = |key: &str| entry.get(key).and_then(Value::as_str);
                AgentId::new(text("id"), text("role").unwrap_or_default()) == seat.agent.id
            };
            let place = agents.iter().position(is_asked)?;
            Some(list.below(&format!("agents/{place}")))
        };
        lists.into_iter().find_map(agent)
    }

    /// A place that people can mend: what the built-in library or an import says is shown where it is used.
    pub(super) fn visible(&self, task: &Task, origin: Origin<'l>) -> Origin<'l> {
        if self.library.is_own(origin.document) {
            return origin;
        }
        let callers = self.scopes(task.scope).into_iter().filter_map(|scope| {
            let caller = self.plan.scope(scope).caller?;
            let task = self.task(self.plan.task(caller))?;
            let places = ["uses", "expand/catalogue/patterns"].map(|key| task.below(key));
            Some(places.into_iter().find(Origin::exists).unwrap_or(task))
        });
        let mut own = callers.filter(|place| self.library.is_own(place.document));
        own.next().unwrap_or(origin)
    }

    /// A scope and those around it, the innermost first.
    fn scopes(&self, scope: ScopeId) -> Vec<ScopeId> {
        let outer = |scope: &ScopeId| {
            let caller = self.plan.scope(*scope).caller?;
            Some(self.plan.task(caller).scope)
        };
        std::iter::successors(Some(scope), outer).collect()
    }

    fn document(&self, scope: ScopeId) -> Option<&'l Document> {
        if let Some(caller) = self.plan.iterates(scope) {
            return self.document(self.plan.task(caller).scope);
        }
        if scope == ScopeId::ROOT {
            return Some(self.root);
        }
        let name = &self.plan.scope(scope).pattern;
        // Of an import the plan has the name that it has there; whoever uses it has written another.
        let caller = self.plan.scope(scope).caller.map(|caller| self.plan.task(caller));
        let used = caller.and_then(|caller| self.task(caller)).and_then(|place| {
            let names = self.library.names_in(place.document.source());
            let mut written = patterns_of_task(place.value()?);
            written.find_map(|(written, _)| {
                names.pattern(written).filter(|found| found.name() == Some(name))
            })
        });
        used.or_else(|| self.library.pattern(name))
    }
}

impl<'l> Origin<'l> {
    pub(super) fn below(&self, path: &str) -> Origin<'l> {
        Origin { document: self.document, pointer: format!("{}/{path}", self.pointer) }
    }

    pub(super) fn exists(&self) -> bool {
        self.value().is_some()
    }

    pub(super) fn value(&self) -> Option<&'l Value> {
        value_at(self.document.value(), &self.pointer)
    }

    /// The places in a list, or below the entries of one, where there is a list.
    fn entries(&self, key: &str) -> Vec<Origin<'l>> {
        let count = self.value().and_then(Value::as_array).map_or(0, Vec::len);
        let entry = |place: usize| match key {
            "" => self.below(&place.to_string()),
            key => self.below(&format!("{place}/{key}")),
        };
        (0..count).map(entry).collect()
    }

    fn text(&self, key: &str) -> Option<&'l str> {
        self.value()?.get(key)?.as_str()
    }

    /// What the team of an agent says: beside `agents` where it is written in a pattern, under
    /// `team` in a document of its own.
    fn team(&self, key: &str) -> Option<Origin<'l>> {
        let (team, _) = self.pointer.rsplit_once("/agents/")?;
        let pointer =
            if team.is_empty() { format!("/team/{key}") } else { format!("{team}/{key}") };
        Some(Origin { document: self.document, pointer })
    }
}
