//! What a verb needs besides what its schema can say.

use serde_json::Value;

use super::synthesis;
use super::tool_tasks::{self, Caller};
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
        compensation(outline.document, task, found);
        effect(outline.document, task, found);
        match task.verb {
            Some(VerbKind::Synthesize) => synthesis::check(outline.document, task, found),
            Some(VerbKind::Approval) => approval(outline.document, task, found),
            Some(VerbKind::Review) => review(outline, task, found),
            Some(VerbKind::Expand) => expand(outline.document, task, found),
            Some(VerbKind::Tool) => {
                let caller = Caller { value: task.value, pointer: &task.pointer };
                tool_tasks::check(outline.document, caller, found);
            }
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

/// That there is one result which can be undone, and that what undoes it has a type.
fn compensation(document: &Document, task: &TaskOutline<'_>, found: &mut Findings) {
    let Some(compensate) = task.get("compensate") else { return };
    if let Some(written) = compensate.get("output").filter(|written| !written.is_number()) {
        check_type(document, written, &format!("{}/compensate/output", task.pointer), found);
    }
    let pointer = format!("{}/compensate", task.pointer);
    who_undoes(document, compensate, &pointer, found);
    if task.get("samples").is_some() {
        let message = "samples of one answer have no effect to undo";
        found.push(
            document
                .diagnostic(Code::INVALID_VALUE, &pointer, message)
                .help("leave `samples` or `compensate` out; a task with an effect is done once"),
        );
    }
}

/// That an agent undoes it, or a tool.
fn who_undoes(document: &Document, compensate: &Value, pointer: &str, found: &mut Findings) {
    if !compensate.is_object() {
        return;
    }
    let has = |key: &str| compensate.get(key).is_some();
    let of_agents = ["agent", "prompt", "model", "options"].into_iter().filter(|key| has(key));
    if has("tool") {
        for key in of_agents {
            let message = "an agent undoes a task, or a tool, and not both";
            let pointer = format!("{pointer}/{key}");
            let help = format!("leave `{key}` out, or `tool`");
            found.push(document.key_diagnostic(Code::INVALID_VALUE, &pointer, message).help(help));
        }
        tool_tasks::check(document, Caller { value: compensate, pointer }, found);
        return;
    }
    if has("with") {
        let message = "`with` has the arguments of a `tool`, and there is none";
        let pointer = format!("{pointer}/with");
        let help = "name the tool; an agent is told everything in its `prompt`";
        found.push(document.key_diagnostic(Code::INVALID_VALUE, &pointer, message).help(help));
    }
    for key in ["agent", "prompt"].into_iter().filter(|key| !has(key)) {
        let message = format!("missing key `{key}`");
        let help = "an agent undoes it (`agent` and `prompt`), or a tool (`tool` and `with`)";
        found.push(document.key_diagnostic(Code::MISSING_KEY, pointer, message).help(help));
    }
}

/// That nothing is said beside an effect which contradicts it.
fn effect(document: &Document, task: &TaskOutline<'_>, found: &mut Findings) {
    let Some(effect) = task.get("effect").and_then(Value::as_str) else { return };
    let is_on = |key: &str| task.get(key) == Some(&Value::Bool(true));
    let (key, message) = match effect {
        "pure" if task.get("compensate").is_some() => {
            ("compensate", "what changes nothing has nothing to undo")
        }
        "once" if task.get("samples").is_some() => ("samples", "what is done once has one answer"),
        "once" if is_on("hedge") => ("hedge", "what is done once is not asked of two servers"),
        "once" | "idempotent" if is_on("cache") => (
            "cache",
            "what has an effect is done in every run, whatever an earlier one was answered",
        ),
        _ => return,
    };
    let pointer = format!("{}/{key}", task.pointer);
    let help = format!("leave `{key}` out, or say another `effect` than `{effect}`");
    found.push(document.diagnostic(Code::INVALID_VALUE, &pointer, message).help(help));
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

/// That nothing is offered twice, and that a type is one of something.
fn expand(document: &Document, task: &TaskOutline<'_>, found: &mut Findings) {
    for kind in ["agents", "patterns"] {
        let offered = task.value.pointer(&format!("/expand/catalogue/{kind}"));
        let offered = offered.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for (place, name) in offered.iter().enumerate() {
            let is_again = offered[..place].contains(name);
            if let Some(name) = name.as_str().filter(|_| is_again) {
                let pointer = format!("{}/expand/catalogue/{kind}/{place}", task.pointer);
                let message = format!("`{name}` is in the catalogue already");
                let help = "name it once; a plan may have any number of tasks for it";
                found.push(document.diagnostic(Code::INVALID_VALUE, &pointer, message).help(help));
            }
        }
    }
    let has = |key: &str| task.value.pointer(&format!("/expand/{key}")).is_some();
    let pointer = format!("{}/expand", task.pointer);
    if has("agent") && !has("prompt") && (!has("plan") || has("replan")) {
        let message = "missing key `prompt`";
        let help = match has("plan") {
            true => "say how it is planned anew, or leave `replan` out",
            false => "say what is to be planned; a plan that is there is given as `plan`",
        };
        found.push(document.key_diagnostic(Code::MISSING_KEY, &pointer, message).help(help));
    } else if has("prompt") && has("plan") && !has("replan") {
        let message = "nobody is asked for a plan that is there";
        let help =
            "leave `prompt` out, or `plan`; with `replan` the prompt says how it is planned anew";
        let pointer = format!("{pointer}/prompt");
        found.push(document.key_diagnostic(Code::INVALID_VALUE, &pointer, message).help(help));
    }
    let concludes = task.value.pointer("/expand/synthesize").is_some();
    if task.get("output").is_some() && !concludes {
        let pointer = format!("{}/output", task.pointer);
        let message = "`output` means nothing here without `synthesize`";
        let help = "it is the type of what is made of the results of planned tasks: \
                    `expand: { synthesize: { prompt: … } }`";
        found.push(
            document.key_diagnostic(Code::INVALID_VALUE, &pointer, message.to_owned()).help(help),
        );
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
    let help = "write `of: tasks.NAME.output`, with a task that asks an agent, without `for_each`, `repeat` and `compensate`";
    match author {
        None => say("of", "only the whole output of a task can be done again".to_owned(), help),
        Some(Some(author))
            if author.verb != Some(VerbKind::Agent)
                || author.get("compensate").is_some()
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
