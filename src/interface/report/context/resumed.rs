//! What is said when a context is begun or taken up again: what was done, what has changed, what is
//! pending, what to do next.

use serde_json::{Value, json};

use super::status::{happenings_json, heading};
use super::{active_lines, day_and_time, happening_line, next_lines, part, pending_lines};
use crate::insight::context::{Context, HappeningKind, NextStep};
use crate::interface::app::Resumed;
use crate::interface::report::paint::Paint;
use crate::interface::report::units::moment;

/// A context that was begun, for people.
pub fn begun_text(context: &Context, next: &[NextStep], paint: Paint) -> String {
    let mut text = heading(context, paint);
    part(&mut text, "Next", &next_lines(next), paint);
    text
}

/// A context that was taken up again, for people.
pub fn resumed_text(resumed: &Resumed, next: &[NextStep], paint: Paint) -> String {
    let context = &resumed.opened.context;
    let mut text = heading(context, paint);
    let objectives = context.active_objectives();
    let objectives = objectives.map(|known| format!("{}  {}", known.id, known.description));
    part(&mut text, "Objectives", &objectives.collect::<Vec<_>>(), paint);
    let happenings = context.happenings();
    let before = resumed.before;
    let earlier = happenings.iter().filter(|one| match (one.at, before) {
        (Some(at), Some(before)) => at < before,
        _ => true,
    });
    let done = earlier.filter(|one| {
        matches!(one.kind, HappeningKind::Done | HappeningKind::Decided | HappeningKind::Learned)
    });
    part(&mut text, "Done", &done.map(happening_line).collect::<Vec<_>>(), paint);
    if let Some(before) = before {
        let title = format!("Since the session of {}", day_and_time(before));
        let lines: Vec<String> = resumed.since.iter().map(happening_line).collect();
        let nothing = vec!["nothing has happened".to_owned()];
        part(&mut text, &title, if lines.is_empty() { &nothing } else { &lines }, paint);
    }
    let pending = pending_lines(context);
    let pending: Vec<String> = pending.into_iter().chain(active_lines(context)).collect();
    part(&mut text, "Pending", &pending, paint);
    part(&mut text, "Next", &next_lines(next), paint);
    text
}

/// The same for programs; a context that was begun has nothing from before.
pub fn resumed_json(context: &Context, resumed: Option<&Resumed>, next: &[NextStep]) -> Value {
    let session = context.sessions.last().map(|session| session.name.as_str());
    let pending = context.pending_decisions();
    let pending = pending.map(|known| json!({ "id": known.id, "question": known.question }));
    let active = context
        .active_tasks()
        .map(|task| json!({ "id": task.id, "description": task.description, "runs": task.runs }));
    let next = next.iter().map(|step| json!({ "what": step.what, "command": step.command }));
    json!({
        "project": context.project,
        "session": session,
        "before": resumed.and_then(|resumed| resumed.before).map(moment),
        "done": happenings_json(&context.happenings()),
        "since": happenings_json(resumed.map_or(&[], |resumed| &resumed.since)),
        "pending_decisions": pending.collect::<Vec<_>>(),
        "active_tasks": active.collect::<Vec<_>>(),
        "next": next.collect::<Vec<_>>(),
    })
}
