//! Values that are needed although they may be absent: of tasks that may be skipped or may fail
//! while the document goes on.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Edge;
use super::messages::{senders, topic};
use super::templates::{OutputReading, Readings};
use crate::language::diagnostic::{Code, Diagnostic, Findings};
use crate::language::document::VerbKind;
use crate::language::plan::failure_outline::goes_on_without_output;
use crate::language::plan::model::NeedKind;
use crate::language::plan::outline::{Outline, TaskOutline};
use crate::language::template::{Form, Template};

pub(super) fn check(
    outline: &Outline<'_>,
    edges: &[Edge],
    readings: &Readings,
    found: &mut Findings,
) {
    let mut causes: BTreeMap<usize, Cause> = outline
        .tasks
        .iter()
        .enumerate()
        .filter_map(|(place, task)| Some((place, Cause::of(task, readings)?)))
        .collect();
    add_listeners(edges, &mut causes);
    let mut said = BTreeSet::new();
    for edge in edges.iter().filter(|edge| edge.kind == NeedKind::Value) {
        let (task, needed) = (&outline.tasks[edge.task], &outline.tasks[edge.needs]);
        let Some(cause) = causes.get(&edge.needs) else {
            continue;
        };
        if !shares_condition(task, needed) && said.insert((edge.task, edge.needs)) {
            found.push(skipped_with(outline, edge, cause));
        }
    }
    let mut by_output: BTreeMap<&str, Vec<&OutputReading>> = BTreeMap::new();
    for reading in readings.outputs.iter().filter(|reading| reading.kind == NeedKind::Value) {
        by_output.entry(&reading.output).or_default().push(reading);
    }
    for (name, reads) in by_output {
        found.extend(null_with(outline, name, &reads, &causes));
    }
}

/// Why a task may have no output while the document goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    Skipped,
    Failed,
    /// The message on which it starts may not be sent.
    Unsent,
}

impl Cause {
    fn of(task: &TaskOutline<'_>, readings: &Readings) -> Option<Cause> {
        let is_decided = readings.constant.contains_key(&format!("{}/when", task.pointer));
        if task.get("when").is_some_and(Value::is_string) && !is_decided {
            return Some(Cause::Skipped);
        }
        let may_end_without = match task.verb {
            Some(VerbKind::Agent | VerbKind::Uses | VerbKind::Expand | VerbKind::Tool) => true,
            Some(VerbKind::Approval) => {
                task.get("deadline").is_some() && task.get("default").is_none()
            }
            // A message that cannot be sent fails its document. A check keeps its output, a review what was reviewed last, and putting results together fails with its sources only.
            Some(VerbKind::Check | VerbKind::Review | VerbKind::Synthesize | VerbKind::Send)
            | None => false,
        };
        (goes_on_without_output(task.value) && may_end_without).then_some(Cause::Failed)
    }

    fn key(self) -> &'static str {
        match self {
            Cause::Skipped => "when",
            Cause::Failed => "on_failure",
            Cause::Unsent => "on_message",
        }
    }

    fn verb(self) -> &'static str {
        match self {
            Cause::Skipped | Cause::Unsent => "be skipped",
            Cause::Failed => "fail",
        }
    }
}

/// Tasks that start on messages may be skipped where all that send them may.
fn add_listeners(edges: &[Edge], causes: &mut BTreeMap<usize, Cause>) {
    let senders = senders(edges);
    loop {
        let known = causes.len();
        for ((task, _), senders) in &senders {
            if senders.iter().all(|sender| causes.contains_key(sender)) {
                causes.entry(*task).or_insert(Cause::Unsent);
            }
        }
        if causes.len() == known {
            return;
        }
    }
}

fn skipped_with(outline: &Outline<'_>, edge: &Edge, cause: &Cause) -> Diagnostic {
    let (task, needed) = (&outline.tasks[edge.task], &outline.tasks[edge.needs]);
    let message = format!(
        "`{}` may {}, and then `{}` is skipped with it",
        needed.name,
        cause.verb(),
        task.name
    );
    let help = match cause {
        Cause::Skipped | Cause::Unsent => format!(
            "give `{}` the same `{}`, or cope without: `tasks.{}.output | default(…)`",
            task.name,
            cause.key(),
            needed.name
        ),
        Cause::Failed => format!(
            "say what takes its place: `on_failure: {{ fallback: … }}`; or cope without: `tasks.{}.output | default(…)`",
            needed.name
        ),
    };
    Diagnostic::new(Code::VALUE_MAY_BE_ABSENT, edge.span, message)
        .related(cause_span(outline, needed, cause), "it is because of this")
        .help(help)
}

fn cause_span(
    outline: &Outline<'_>,
    task: &TaskOutline<'_>,
    cause: &Cause,
) -> crate::language::source::Span {
    outline.document.span(&format!("{}/{}", task.pointer, cause.key()))
}

/// An output that is made of several tasks is null where one of them has none. That an output of
/// one task is null without it goes without saying.
fn null_with(
    outline: &Outline<'_>,
    name: &str,
    reads: &[&OutputReading],
    causes: &BTreeMap<usize, Cause>,
) -> Option<Diagnostic> {
    let (absent, cause) =
        reads.iter().find_map(|reading| Some((reading, causes.get(&reading.task)?)))?;
    let missing = &outline.tasks[absent.task];
    let other = reads
        .iter()
        .map(|reading| &outline.tasks[reading.task])
        .find(|other| other.name != missing.name && !shares_condition(other, missing))?;
    let message = format!(
        "`{}` may {}, and then all of `{name}` is null, also what `{}` gave",
        missing.name,
        cause.verb(),
        other.name
    );
    let help = format!(
        "make an output of its own of it, or say what takes its place: `tasks.{}.output | default(…)`",
        missing.name
    );
    Some(
        Diagnostic::new(Code::VALUE_MAY_BE_ABSENT, absent.span, message)
            .related(cause_span(outline, missing, cause), "it is because of this")
            .help(help),
    )
}

/// Whether the condition of a task has to do with that of another, or with the other itself: then
/// its author has thought of it.
fn shares_condition(task: &TaskOutline<'_>, other: &TaskOutline<'_>) -> bool {
    let own = subjects(task);
    let mut others = subjects(other);
    others.insert(format!("tasks.{}", other.name));
    !own.is_disjoint(&others)
}

/// What a task's `when` and `on_message` are about: `inputs.tone`, `tasks.review`, `message.order_placed`.
fn subjects(task: &TaskOutline<'_>) -> BTreeSet<String> {
    let when = task.get("when").and_then(Value::as_str);
    let template = when.and_then(|when| Template::parse(when, Form::Expression).ok());
    let read = template
        .iter()
        .flat_map(|template| &template.references)
        .filter_map(|reference| Some(format!("{}.{}", reference.name(0)?, reference.name(1)?)));
    let topics = task.topics.iter().map(|named| named.name).chain(topic(task));
    read.chain(topics.map(|topic| format!("message.{topic}"))).collect()
}
