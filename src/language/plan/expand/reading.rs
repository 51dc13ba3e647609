//! Whether a plan holds: what is wrong with it, or its tasks in an order in which they can be done.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use petgraph::algo::{kosaraju_scc, toposort};
use petgraph::graph::{DiGraph, NodeIndex};
use serde_json::{Map, Value};

use super::{MAX_NAME, Offer, OfferKind, Planned, Planning};
use crate::language::document::is_identifier;
use crate::language::plan::values::misfits;

/// So many findings about a plan are told; who has made more has made one mistake again and again.
const SHOWN_FINDINGS: usize = 8;

impl Planning {
    /// The tasks of a plan that holds, each behind those that it needs. Results that are there are left
    /// out: they are not made again.
    ///
    /// # Errors
    /// Everything that is wrong with it, for who has made it.
    pub fn read(&self, plan: &Value) -> Result<Vec<Planned>, Vec<String>> {
        let Some(written) = plan.get("tasks").and_then(Value::as_array) else {
            return Err(vec![
                "a plan is a mapping with `reasoning` and a list of `tasks`".to_owned(),
            ]);
        };
        let mut found = Vec::new();
        let mut tasks: Vec<Planned> = Vec::new();
        for (place, task) in written.iter().enumerate() {
            tasks.extend(self.task(place + 1, task, &mut found));
        }
        tasks.retain(|task| !self.done.contains(&task.name));
        if tasks.len() > self.max_tasks as usize {
            // Nothing else is worth looking for in a plan that has no end.
            let count = tasks.len();
            return Err(vec![format!(
                "it has {count} tasks, and at most {} are allowed",
                self.max_tasks
            )]);
        }
        if written.is_empty() && self.done.is_empty() {
            found.push("it has no tasks".to_owned());
        }
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for (place, task) in tasks.iter().enumerate() {
            if places.insert(task.name.clone(), place).is_some() {
                found.push(format!("two tasks are called `{}`; names are unique", task.name));
            }
        }
        for task in &tasks {
            for need in task.needs.iter().filter(|need| !places.contains_key(*need)) {
                if !self.done.contains(need) {
                    found.push(format!("`{}` needs `{need}`, which is no task", task.name));
                }
            }
        }
        let order = in_order(&tasks, &places).unwrap_or_else(|circle| {
            found.push(format!("tasks need each other in a circle: {circle}"));
            Vec::new()
        });
        if !found.is_empty() {
            let more = found.len().saturating_sub(SHOWN_FINDINGS);
            found.truncate(SHOWN_FINDINGS);
            if more > 0 {
                found.push(format!("and {more} more"));
            }
            return Err(found);
        }
        let mut tasks: Vec<Option<Planned>> = tasks.into_iter().map(Some).collect();
        Ok(order.into_iter().filter_map(|place| tasks.get_mut(place)?.take()).collect())
    }

    /// A task as it is written; `None` where too little of it can be read.
    fn task(&self, number: usize, written: &Value, found: &mut Vec<String>) -> Option<Planned> {
        let Some(name) = written.get("name").and_then(Value::as_str) else {
            found.push(format!("task {number} has no `name`"));
            return None;
        };
        if !is_identifier(name) || name.len() > MAX_NAME {
            found.push(format!(
                "`{name}` is no name of a task: small letters, digits and `_`, at most {MAX_NAME}"
            ));
        }
        let mut needs = Vec::new();
        for need in texts(written.get("needs"), || format!("`needs` of `{name}`"), found) {
            if !needs.contains(&need) {
                needs.push(need);
            }
        }
        let offer = self.offer(name, written, found)?;
        let known = &self.catalogue[offer as usize];
        let mut task = Planned {
            name: name.to_owned(),
            offer,
            prompt: String::new(),
            with: Map::new(),
            from: IndexMap::new(),
            needs,
        };
        match known.kind {
            OfferKind::Agent => {
                let prompt = written.get("prompt").and_then(Value::as_str).unwrap_or_default();
                if prompt.trim().is_empty() {
                    found.push(format!("`{name}` has no `prompt`"));
                }
                prompt.clone_into(&mut task.prompt);
            }
            OfferKind::Pattern => given(known, &mut task, written, found),
        }
        Some(task)
    }

    /// The place in the catalogue of what a task names.
    fn offer(&self, name: &str, written: &Value, found: &mut Vec<String>) -> Option<u32> {
        let kinds = [OfferKind::Agent, OfferKind::Pattern];
        let named = kinds.into_iter().find_map(|kind| {
            let named = written.get(kind.key()).filter(|named| !named.is_null())?;
            Some((kind, named.as_str().unwrap_or_default()))
        });
        let Some((kind, named)) = named else {
            found.push(format!("`{name}` has neither `agent` nor `uses`"));
            return None;
        };
        let is_it = |offer: &Offer| offer.kind == kind && offer.name == named;
        let place = self.catalogue.iter().position(is_it);
        if place.is_none() {
            let there = self.names(kind);
            let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
            found.push(match kind {
                OfferKind::Agent => {
                    format!("`{name}` names the agent `{named}`, and there is {there}")
                }
                OfferKind::Pattern => {
                    format!("`{name}` uses the pattern `{named}`, and there is {there}")
                }
            });
        }
        place.and_then(|place| u32::try_from(place).ok())
    }
}

/// The inputs that a task gives a pattern.
fn given(offer: &Offer, task: &mut Planned, written: &Value, found: &mut Vec<String>) {
    let Planned { name, with, from, needs, .. } = task;
    let entries = |key: &str, found: &mut Vec<String>| match written.get(key) {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(entries)) => entries.clone(),
        Some(_) => {
            found.push(format!("`{key}` of `{name}` is no mapping"));
            Map::new()
        }
    };
    *with = entries("with", found);
    let results = entries("from", found);
    for (input, value) in &*with {
        match offer.inputs.get(input) {
            None => found.push(unknown_input(name, offer, input)),
            Some(declared) => {
                for misfit in misfits(&declared.schema, value) {
                    found.push(format!("`{input}` of `{name}` does not fit: {}", misfit.message));
                }
            }
        }
    }
    for (input, task) in results {
        let Some(task) = task.as_str() else {
            found.push(format!("`from` of `{name}` names a task for `{input}`"));
            continue;
        };
        if !offer.inputs.contains_key(&input) {
            found.push(unknown_input(name, offer, &input));
        } else if with.contains_key(&input) {
            found.push(format!("`{name}` gives `{input}` twice, in `with` and in `from`"));
        }
        if !needs.iter().any(|need| need == task) {
            needs.push(task.to_owned());
        }
        from.insert(input, task.to_owned());
    }
    for (input, declared) in &offer.inputs {
        let is_given = with.contains_key(input) || from.contains_key(input);
        if !is_given && declared.default.is_none() {
            found.push(format!("`{name}` does not give `{}` the input `{input}`", offer.name));
        }
    }
}

fn unknown_input(name: &str, offer: &Offer, input: &str) -> String {
    let there: Vec<&str> = offer.inputs.keys().map(String::as_str).collect();
    format!(
        "`{name}` gives `{}` the input `{input}`; its inputs are {}",
        offer.name,
        there.join(", ")
    )
}

fn texts(
    written: Option<&Value>,
    what: impl Fn() -> String,
    found: &mut Vec<String>,
) -> Vec<String> {
    let list = match written {
        None | Some(Value::Null) => return Vec::new(),
        Some(Value::Array(list)) => list,
        Some(_) => {
            found.push(format!("{} is no list of names", what()));
            return Vec::new();
        }
    };
    let texts: Vec<String> = list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    if texts.len() < list.len() {
        found.push(format!("{} is no list of names", what()));
    }
    texts
}

/// The places of tasks, each behind those that it needs and else as they are written.
///
/// # Errors
/// A circle, as the names round it.
fn in_order(tasks: &[Planned], places: &BTreeMap<String, usize>) -> Result<Vec<usize>, String> {
    let mut graph: DiGraph<(), ()> = DiGraph::with_capacity(tasks.len(), tasks.len());
    let nodes: Vec<NodeIndex> = tasks.iter().map(|_| graph.add_node(())).collect();
    let needed = |task: &Planned| -> Vec<usize> {
        task.needs.iter().filter_map(|need| places.get(need).copied()).collect()
    };
    for (place, task) in tasks.iter().enumerate() {
        for need in needed(task) {
            graph.update_edge(nodes[need], nodes[place], ());
        }
    }
    if toposort(&graph, None).is_err() {
        return Err(circle(&graph, tasks));
    }
    let mut order: Vec<usize> = Vec::with_capacity(tasks.len());
    while order.len() < tasks.len() {
        let is_free = |place: &usize| {
            !order.contains(place) && needed(&tasks[*place]).iter().all(|need| order.contains(need))
        };
        let Some(next) = (0..tasks.len()).find(is_free) else { break };
        order.push(next);
    }
    Ok(order)
}

/// The names round a circle: `a -> b -> a`, where `a` needs `b`.
fn circle(graph: &DiGraph<(), ()>, tasks: &[Planned]) -> String {
    let is_circle =
        |members: &Vec<NodeIndex>| members.len() > 1 || graph.contains_edge(members[0], members[0]);
    let members = kosaraju_scc(graph).into_iter().find(is_circle).unwrap_or_default();
    let Some(start) = members.iter().min().copied() else { return String::new() };
    let mut way = vec![start];
    // Inside a circle of needs every step stays in it, and so comes to a task that has been there.
    while let Some(at) = way.last().copied() {
        let needed = graph.neighbors_directed(at, petgraph::Direction::Incoming);
        let Some(next) = needed.filter(|next| members.contains(next)).min() else { break };
        let known = way.iter().position(|before| *before == next);
        way.push(next);
        if let Some(known) = known {
            way.drain(..known);
            break;
        }
    }
    let names: Vec<&str> = way.iter().map(|at| tasks[at.index()].name.as_str()).collect();
    names.join(" -> ")
}
