//! What a verb needs besides what its schema can say.

use serde_json::Value;

use super::synthesis;
use crate::language::diagnostic::{Code, Findings};
use crate::language::document::suggest::nearest;
use crate::language::document::{Document, OutputType, VerbKind};
use crate::language::plan::iterate::reviewed_task;
use crate::language::plan::lower::REVISE;
use crate::language::plan::outline::{Outline, TaskOutline};
use crate::language::source::value_at;

pub(super) fn check(outline: &Outline<'_>, found: &mut Findings) {
    for task in &outline.tasks {
        output_type(outline.document, task, found);
        match task.verb {
            Some(VerbKind::Synthesize) => synthesis::check(outline.document, task, found),
            Some(VerbKind::Approval) => approval(outline.document, task, found),
            Some(VerbKind::Review) => review(outline, task, found),
            _ => {}
        }
    }
}

fn output_type(document: &Document, task: &TaskOutline<'_>, found: &mut Findings) {
    if let Some(written) = task.get("output").filter(|written| !written.is_number()) {
        let pointer = format!("{}/output", task.pointer);
        check_type(document, written, &pointer, found);
    }
}

/// That a type in the shorthand, or a JSON Schema, can be read.
pub(super) fn check_type(
    document: &Document,
    written: &Value,
    pointer: &str,
    found: &mut Findings,
) {
    let problems = OutputType(written.clone()).to_schema().err().unwrap_or_default();
    for problem in problems {
        // Simple types at the top and in lists are the schema's business and have been reported.
        let in_lists_alone = problem.pointer.split('/').skip(1).all(|step| step == "0");
        let is_simple = value_at(written, &problem.pointer).is_some_and(|at| !at.is_object());
        if in_lists_alone && is_simple && !written.is_object() {
            continue;
        }
        let place = format!("{pointer}{}", problem.pointer);
        found.push(
            document
                .diagnostic(Code::INVALID_TYPE, &place, problem.message)
                .maybe_help(problem.help),
        );
    }
}

fn approval(document: &Document, task: &TaskOutline<'_>, found: &mut Findings) {
    let Some(default) = task.get("default").and_then(Value::as_str) else {
        return;
    };
    let options: Vec<&str> = match task.get("options").and_then(Value::as_array) {
        Some(options) => options.iter().filter_map(Value::as_str).collect(),
        None => vec!["approve", "reject"],
    };
    if !options.contains(&default) {
        let pointer = format!("{}/default", task.pointer);
        let message = format!("the default `{default}` is none of the options");
        let help = format!("the options are {}", options.join(", "));
        let near = nearest(default, options.iter().copied());
        let fix = near.and_then(|near| document.respelling(&pointer, near));
        let diagnostic = document.diagnostic(Code::DEFAULT_NOT_AN_OPTION, &pointer, message);
        found.push(diagnostic.help(help).maybe_fix(fix));
    }
}

/// That enough reviewers can pass it, each of them once, and that somebody can do it again.
fn review(outline: &Outline<'_>, task: &TaskOutline<'_>, found: &mut Findings) {
    let document = outline.document;
    let mut say = |key: &str, message: String, help: &str| {
        let pointer = format!("{}/{key}", task.pointer);
        found.push(document.diagnostic(Code::INVALID_VALUE, &pointer, message).help(help));
    };
    let reviewers = task.get("reviewers").and_then(Value::as_array).into_iter().flatten();
    let reviewers: Vec<&str> = reviewers.filter_map(Value::as_str).collect();
    for (place, reviewer) in reviewers.iter().enumerate() {
        let key = format!("reviewers/{place}");
        if reviewers[..place].contains(reviewer) {
            let message = format!("`{reviewer}` reviews it already");
            say(&key, message, "name another agent; who is asked twice says the same twice");
        } else if *reviewer == REVISE {
            let help = "give the agent another id";
            say(&key, format!("`{REVISE}` is what its revision is called"), help);
        }
    }
    let required = task.get("require").and_then(Value::as_u64);
    if let Some(required) = required.filter(|required| *required > reviewers.len() as u64) {
        let message = format!("{required} of {} reviewers can never pass it", reviewers.len());
        say("require", message, "name more reviewers, or require fewer");
    }
    if task.get("revise").is_none() {
        return;
    }
    let of = task.get("of").and_then(Value::as_str).unwrap_or_default();
    let author =
        reviewed_task(of).map(|name| outline.task(name).map(|place| &outline.tasks[place]));
    let help = "write `of: tasks.NAME.output`, with a task that asks an agent, without `for_each` and `repeat`";
    match author {
        None => say("of", "only the whole output of a task can be done again".to_owned(), help),
        Some(Some(author))
            if author.verb != Some(VerbKind::Agent)
                || author.each.is_some()
                || author.rounds.is_some() =>
        {
            let message = format!("`{}` cannot be done again by an agent", author.name);
            say("of", message, help);
        }
        // A task that does not exist is a finding of its own.
        _ => {}
    }
}
