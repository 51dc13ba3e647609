//! Tasks that can never run, each with those that fall away with it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Edge;
use super::messages::{Senders, senders};
use super::templates::Readings;
use crate::language::diagnostic::{Code, Diagnostic, Findings};
use crate::language::document::VerbKind;
use crate::language::plan::failure_outline::goes_on;
use crate::language::plan::model::NeedKind;
use crate::language::plan::outline::{Outline, TaskOutline};
use crate::language::source::{child_pointer, value_at};

/// More tasks than this are not pointed at one by one.
const MAX_SHOWN: usize = 8;

pub(super) fn check(
    outline: &Outline<'_>,
    edges: &[Edge],
    readings: &Readings,
    found: &mut Findings,
) {
    let flow = Flow::of(outline, edges);
    let mut lost: BTreeSet<usize> = BTreeSet::new();
    for (place, task) in outline.tasks.iter().enumerate() {
        // A chain is reported once, where it begins.
        if lost.contains(&place) {
            continue;
        }
        let when = format!("{}/when", task.pointer);
        match truth(task.get("when"), &when, readings) {
            Some(false) => {
                let followers = flow.behind(place, Loss::Output);
                lost.extend(&followers);
                let message = format!("`{}` never runs", task.name);
                let document = outline.document;
                let diagnostic = document
                    .key_diagnostic(Code::NEVER_RUNS, &task.pointer, message)
                    .related(document.span(&when), "this is never true")
                    .help("mend its `when`, or remove the task");
                found.push(flow.with_followers(diagnostic, task, &followers));
            }
            Some(true) if task.get("when").is_some_and(Value::is_boolean) => {
                found.push(
                    outline
                        .document
                        .diagnostic(Code::CONSTANT_CONDITION, &when, "this is always true")
                        .help("leave the condition out"),
                );
            }
            _ => {}
        }
        if let Some(condition) = never_passes(task, readings) {
            let followers = flow.behind(place, Loss::Everything);
            lost.extend(&followers);
            let message = format!("`{}` never passes, and its failure ends everything", task.name);
            let diagnostic = outline
                .document
                .diagnostic(Code::NEVER_RUNS, &condition, message)
                .label("this is never true")
                .help("mend the condition, or remove the gate");
            found.push(flow.with_followers(diagnostic, task, &followers));
        }
    }
}

/// Whether a condition always holds, if that is always the same.
fn truth(written: Option<&Value>, pointer: &str, readings: &Readings) -> Option<bool> {
    match written? {
        Value::Bool(truth) => Some(*truth),
        _ => readings.constant.get(pointer).copied(),
    }
}

/// The condition of a check that never holds, where its failure ends the document.
fn never_passes(task: &TaskOutline<'_>, readings: &Readings) -> Option<String> {
    if task.verb != Some(VerbKind::Check) || goes_on(task.value) {
        return None;
    }
    let pointer = format!("{}/condition", task.pointer);
    let never =
        |written: Option<&Value>, pointer: &str| truth(written, pointer, readings) == Some(false);
    match task.get("condition") {
        Some(Value::Object(named)) => named.iter().find_map(|(name, written)| {
            let pointer = child_pointer(&pointer, name);
            never(Some(written), &pointer).then_some(pointer)
        }),
        one => never(one, &pointer).then_some(pointer),
    }
}

/// What others lose when a task does not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Loss {
    /// Its output.
    Output,
    /// Their turn: the document has failed before.
    Everything,
}

struct Flow<'o> {
    outline: &'o Outline<'o>,
    /// Who needs a task.
    dependents: BTreeMap<usize, Vec<&'o Edge>>,
    /// What a synthesis is made from.
    sources: BTreeMap<usize, Vec<usize>>,
    /// Who sends the messages on which tasks start.
    senders: Senders,
}

impl<'o> Flow<'o> {
    fn of(outline: &'o Outline<'o>, edges: &'o [Edge]) -> Self {
        let mut flow = Flow {
            outline,
            dependents: BTreeMap::new(),
            sources: BTreeMap::new(),
            senders: senders(edges),
        };
        for edge in edges {
            flow.dependents.entry(edge.needs).or_default().push(edge);
            if edge.kind == NeedKind::Source {
                flow.sources.entry(edge.task).or_default().push(edge.needs);
            }
        }
        flow
    }

    /// The tasks that never run because one does not.
    fn behind(&self, root: usize, loss: Loss) -> BTreeSet<usize> {
        let mut lost = BTreeSet::from([root]);
        if loss == Loss::Everything {
            lost.extend(self.behind_barriers(self.outline.tasks[root].wave));
        }
        let mut pending: Vec<usize> = lost.iter().copied().collect();
        while let Some(place) = pending.pop() {
            for edge in self.dependents.get(&place).into_iter().flatten() {
                let falls_away = match (loss, edge.kind) {
                    (Loss::Everything, _) | (_, NeedKind::Value) => true,
                    (_, NeedKind::Source) => self.loses_all_sources(edge.task, &lost),
                    (_, NeedKind::Message) => self.loses_all_senders(edge, &lost),
                    (_, NeedKind::Order) => false,
                };
                if falls_away && lost.insert(edge.task) {
                    pending.push(edge.task);
                }
            }
        }
        lost.remove(&root);
        lost
    }

    /// The tasks of later waves that wait for all of this one.
    fn behind_barriers(&self, wave: usize) -> impl Iterator<Item = usize> {
        let has_barrier = |wave: usize| {
            let pointer = format!("{}/barrier", self.outline.waves[wave].pointer);
            value_at(self.outline.document.value(), &pointer) != Some(&Value::Bool(false))
        };
        let later = self.outline.tasks.iter().enumerate();
        later
            .filter(move |(_, task)| task.wave > wave && has_barrier(task.wave))
            .map(|(place, _)| place)
    }

    fn loses_all_sources(&self, task: usize, lost: &BTreeSet<usize>) -> bool {
        self.sources.get(&task).into_iter().flatten().all(|source| lost.contains(source))
    }

    /// Whether nobody is left who sends a message on the topic for which a task waits.
    fn loses_all_senders(&self, edge: &Edge, lost: &BTreeSet<usize>) -> bool {
        let senders = self.senders.get(&(edge.task, edge.span));
        senders.into_iter().flatten().all(|sender| lost.contains(sender))
    }

    fn with_followers(
        &self,
        diagnostic: Diagnostic,
        root: &TaskOutline<'_>,
        followers: &BTreeSet<usize>,
    ) -> Diagnostic {
        let shown = followers.iter().take(MAX_SHOWN);
        let diagnostic = shown.fold(diagnostic, |diagnostic, place| {
            let task = &self.outline.tasks[*place];
            let span = self.outline.document.key_span(&task.pointer);
            diagnostic.related(span, format!("`{}` falls away with it", task.name))
        });
        match followers.len().checked_sub(MAX_SHOWN) {
            None | Some(0) => diagnostic,
            Some(more) => {
                let message = format!("{}, nor do {} others", diagnostic.message, followers.len());
                let root = self.outline.document.key_span(&root.pointer);
                Diagnostic { message, ..diagnostic }.related(root, format!("and {more} more"))
            }
        }
    }
}
