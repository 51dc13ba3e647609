//! That every text which is a template is one, and that what it refers to exists.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::names::unknown_task;
use super::remarks::explain;
use super::structure::is_misspelt;
use super::{Edge, meant};
use crate::language::diagnostic::{Code, Diagnostic, Findings};
use crate::language::document::suggest::nearest;
use crate::language::document::{ITEM, VerbKind};
use crate::language::plan::model::NeedKind;
use crate::language::plan::outline::{Outline, TaskOutline};
use crate::language::plan::template_site::TemplateSite;
use crate::language::plan::typing::Types;
use crate::language::source::Span;
use crate::language::template::{
    ProblemKind, Reference, Remark, RemarkKind, StepKind, SyntaxProblem, Template, UnknownName,
    UnknownNameKind,
};

/// What the templates of a document read.
#[derive(Debug, Default)]
pub(super) struct Readings {
    /// Which tasks' templates read which tasks.
    pub(super) edges: Vec<Edge>,
    /// What the outputs read.
    pub(super) outputs: Vec<OutputReading>,
    /// The inputs that are read, by name.
    pub(super) inputs: BTreeSet<String>,
    /// Whether something reads inputs without naming them.
    pub(super) reads_inputs_unnamed: bool,
    /// The conditions that always hold or never do, by the pointers of their texts.
    pub(super) constant: BTreeMap<String, bool>,
}

/// An output reads a task.
#[derive(Debug)]
pub(super) struct OutputReading {
    /// The name of the output.
    pub(super) output: String,
    pub(super) task: usize,
    pub(super) kind: NeedKind,
    /// Where it says so.
    pub(super) span: Span,
}

pub(super) fn check<'l>(
    types: &Types<'_, 'l>,
    outline: &Outline<'l>,
    found: &mut Findings,
) -> Readings {
    let mut readings = Readings::default();
    for (place, task) in outline.tasks.iter().enumerate() {
        for site in &task.templates {
            check_site(types, outline, Some((place, task)), site, &mut readings, found);
        }
    }
    for site in &outline.outputs {
        check_site(types, outline, None, site, &mut readings, found);
    }
    for site in outline.posts.iter().flat_map(|post| &post.templates) {
        let of_tasks = |reference: &&Reference| reference.name(0) == Some("tasks");
        let read = site.template.iter().flat_map(|template| &template.references);
        if let Some(reference) = read.clone().find(of_tasks) {
            found.push(too_early(outline, site, reference));
            continue;
        }
        check_site(types, outline, None, site, &mut readings, found);
    }
    readings
}

fn check_site<'l>(
    types: &Types<'_, 'l>,
    outline: &Outline<'l>,
    task: Option<(usize, &TaskOutline<'l>)>,
    site: &TemplateSite<'_>,
    readings: &mut Readings,
    found: &mut Findings,
) {
    let part = |code, range: Range<usize>, message: String| {
        outline.document.part_diagnostic(code, &site.pointer, range, message)
    };
    if found.is_full() {
        return;
    }
    let template = match &site.template {
        Ok(template) => template,
        Err(salvage) => {
            found.extend(salvage.problems.iter().map(|problem| syntax(outline, site, problem)));
            let Some(rest) = &salvage.rest else { return };
            rest
        }
    };
    if has_more_than_names(template)
        && let Some(inferred) = types.infer(outline, task.map(|(_, task)| task), site)
    {
        // That a condition never holds is said with what follows from it.
        let is_said = |remark: &Remark| {
            inferred.truth == Some(false)
                && remark.kind == RemarkKind::ConstantCondition { truth: false }
        };
        let remarks = inferred.remarks.into_iter().filter(|remark| !is_said(remark));
        found
            .extend(remarks.map(|remark| explain(types.library(), outline.document, site, remark)));
        if let Some(truth) = inferred.truth {
            readings.constant.insert(site.pointer.clone(), truth);
        }
    }
    for UnknownName { name, kind, range } in &template.unknown_names {
        let message = format!("unknown {} `{name}`", kind.as_str());
        let near = nearest(name, kind.known());
        let span = site.span(range.clone());
        let fix = near.filter(|_| *kind != UnknownNameKind::Method);
        let fix = fix.and_then(|near| outline.document.respelling_at(span, name, near));
        let help = match (kind, near) {
            (UnknownNameKind::Method, near) => match near.filter(|near| near == name) {
                Some(filter) => format!("values have no methods; write `… | {filter}`"),
                None => {
                    format!(
                        "values have no methods; there are filters: {}",
                        kind.known().join(", ")
                    )
                }
            },
            (_, Some(near)) => format!("did you mean `{near}`?"),
            (_, None) => format!("there is {}", kind.known().join(", ")),
        };
        let diagnostic = part(Code::UNKNOWN_FILTER, range.clone(), message);
        found.push(diagnostic.help(help).maybe_fix(fix));
    }
    let is_own = |name: &str| task.is_some_and(|(_, task)| task.name == name);
    for reference in &template.references {
        match reference.name(0) {
            Some("inputs") => {
                match reference.name(1) {
                    Some(name) => drop(readings.inputs.insert(name.to_owned())),
                    None => readings.reads_inputs_unnamed = true,
                }
                let unknown = input(outline, site, reference, found);
                found.extend(unknown);
            }
            Some("tasks") if site.reads_output && reference.name(1).is_some_and(is_own) => {
                found.push(own_result(outline, site, reference));
            }
            Some("tasks") => match task_reference(outline, site, reference, found) {
                Ok((needs, kind)) => {
                    let range = reference.path[1].range.clone();
                    let span = site.span(range);
                    match task {
                        Some((task, _)) => readings.edges.push(Edge { task, needs, kind, span }),
                        None => readings.outputs.push(OutputReading {
                            output: output_name(&site.pointer),
                            task: needs,
                            kind,
                            span,
                        }),
                    }
                }
                Err(diagnostic) => found.push(*diagnostic),
            },
            Some("results") if site.reads_results => {}
            Some(name) if task.is_some_and(|(_, task)| task.locals(site).contains(&name)) => {}
            Some(other) => {
                let task = task.map(|(_, task)| task);
                found.push(unknown_variable(outline, site, task, reference, other));
            }
            None => {}
        }
    }
}

fn syntax(outline: &Outline<'_>, site: &TemplateSite<'_>, problem: &SyntaxProblem) -> Diagnostic {
    let (code, message) = match problem.kind {
        ProblemKind::Syntax => {
            (Code::TEMPLATE_SYNTAX, format!("template syntax: {}", problem.message))
        }
        ProblemKind::TooLarge => (Code::TEMPLATE_TOO_LARGE, problem.message.clone()),
    };
    outline.document.part_diagnostic(code, &site.pointer, problem.range.clone(), message)
}

/// Whether types have anything to say of a template: that the names exist is known without them.
fn has_more_than_names(template: &Template) -> bool {
    const OUTPUT_ITSELF: usize = 3;
    let is_field = |reference: &Reference| {
        reference.path.len() > OUTPUT_ITSELF || reference.name(2) == Some("error")
    };
    !template.is_plain
        || template.references.iter().any(|reference| match reference.name(0) {
            Some("tasks") => is_field(reference),
            Some("inputs") => reference.path.len() > 2,
            _ => true,
        })
}

/// The name of the output that a text belongs to.
fn output_name(pointer: &str) -> String {
    pointer.split('/').nth(2).unwrap_or_default().to_owned()
}

fn input(
    outline: &Outline<'_>,
    site: &TemplateSite<'_>,
    reference: &Reference,
    found: &Findings,
) -> Option<Diagnostic> {
    let name = reference.name(1)?;
    if outline.has_input(name) || is_misspelt(outline.document.value(), "inputs") {
        return None;
    }
    let range = reference.path[1].range.clone();
    let message = format!("unknown input `{name}`");
    let document = outline.document;
    let diagnostic = document.part_diagnostic(Code::UNKNOWN_INPUT, &site.pointer, range, message);
    let place = diagnostic.primary.span;
    let names = || outline.inputs.iter().map(|(name, _)| *name);
    Some(match meant(found, name, names()) {
        Some(near) => diagnostic
            .maybe_fix(document.respelling_at(place, name, near))
            .related(document.key_span(&format!("/inputs/{near}")), "declared here")
            .help(format!("did you mean `{near}`?")),
        None if outline.inputs.is_empty() => {
            diagnostic.help(format!("declare it: `inputs: {{ {name}: string }}`"))
        }
        None => {
            let names: Vec<&str> = names().take(20).collect();
            diagnostic.help(format!("the inputs are {}", names.join(", ")))
        }
    })
}

/// Posts are filled before any task is done.
fn too_early(outline: &Outline<'_>, site: &TemplateSite<'_>, reference: &Reference) -> Diagnostic {
    let message = "who gets a post is decided before any task is done";
    let help = "read `inputs`; what another task finds out is given to a pattern that it is used by: \
                `uses: …, with: { … }`";
    let whole = reference.path.first().zip(reference.path.last());
    let range =
        whole.map_or(reference.range.clone(), |(first, last)| first.range.start..last.range.end);
    outline.document.part_diagnostic(Code::TASK_CYCLE, &site.pointer, range, message).help(help)
}

/// What says when a task is good enough reads what the task comes to in the end.
fn own_result(outline: &Outline<'_>, site: &TemplateSite<'_>, reference: &Reference) -> Diagnostic {
    let message = "what a task comes to is not there while it is being done";
    let help = "what has just come out is `output`: `output.score >= 8`";
    let whole = reference.path.first().zip(reference.path.last());
    let range =
        whole.map_or(reference.range.clone(), |(first, last)| first.range.start..last.range.end);
    outline.document.part_diagnostic(Code::TASK_CYCLE, &site.pointer, range, message).help(help)
}

/// The task that a reference leads to, and whether the template can do without its output.
fn task_reference(
    outline: &Outline<'_>,
    site: &TemplateSite<'_>,
    reference: &Reference,
    found: &Findings,
) -> Result<(usize, NeedKind), Box<Diagnostic>> {
    let document = outline.document;
    let part = |code, range: Range<usize>, message: &str| {
        document.part_diagnostic(code, &site.pointer, range, message)
    };
    let Some(name) = reference.name(1) else {
        let dynamic = reference.path.get(1).is_some_and(|step| step.kind != StepKind::Item);
        let range = reference.path.get(1).map_or(&reference.range, |step| &step.range).clone();
        let message = if dynamic {
            "which task is meant can only be known in a run"
        } else {
            "say which task is meant"
        };
        let help = "write `tasks.NAME.output`, so that the order of tasks follows from it";
        return Err(Box::new(part(Code::DYNAMIC_REFERENCE, range, message).help(help)));
    };
    let own_range = reference.path[1].range.clone();
    let Some(place) = outline.task(name) else {
        let span = site.span(own_range);
        return Err(Box::new(unknown_task(outline, name, span, found)));
    };
    let properties = properties(&outline.tasks[place]);
    let needs_value = !reference.guarded;
    match reference.name(2) {
        Some("status" | "error") => Ok((place, NeedKind::Order)),
        Some(property) if properties.contains(&property) => {
            Ok((place, if needs_value { NeedKind::Value } else { NeedKind::Order }))
        }
        Some(property) => {
            let message = format!("a task such as `{name}` has no `{property}`");
            let near = nearest(property, properties.iter().copied());
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!(
                    "write `tasks.{name}.output.{property}`, or one of {}",
                    properties.join(", ")
                ),
            };
            let range = reference.path[2].range.clone();
            let diagnostic = part(Code::UNKNOWN_PROPERTY, range, &message).help(help);
            let span = diagnostic.primary.span;
            let fix = near.and_then(|near| document.respelling_at(span, property, near));
            Err(Box::new(diagnostic.maybe_fix(fix)))
        }
        None => {
            let message = format!("say what of `{name}` is meant");
            let help = format!("write `tasks.{name}.output`; there is {}", properties.join(", "));
            Err(Box::new(part(Code::UNKNOWN_PROPERTY, own_range, &message).help(help)))
        }
    }
}

/// What templates can read of a task. A task whose verb is unclear has everything.
pub(in crate::language::plan) fn properties(task: &TaskOutline<'_>) -> &'static [&'static str] {
    if task.each.is_some() {
        return &["output", "items", "status", "error"];
    }
    if task.rounds.is_some() {
        return &["output", "rounds", "stopped", "items", "status", "error"];
    }
    if task.has_votes() {
        return &["output", "votes", "status", "error"];
    }
    match task.verb {
        Some(
            VerbKind::Agent
            | VerbKind::Uses
            | VerbKind::Synthesize
            | VerbKind::Expand
            | VerbKind::Tool
            | VerbKind::Send,
        ) => &["output", "status", "error"],
        Some(VerbKind::Check | VerbKind::Review) => &["passed", "output", "status", "error"],
        Some(VerbKind::Approval) => &["choice", "output", "status", "error"],
        None => &["output", "status", "error", "passed", "choice"],
    }
}

fn unknown_variable(
    outline: &Outline<'_>,
    site: &TemplateSite<'_>,
    task: Option<&TaskOutline<'_>>,
    reference: &Reference,
    name: &str,
) -> Diagnostic {
    let each = task.and_then(|task| task.each.as_ref());
    let rounds = task.and_then(|task| task.rounds);
    let locals = task.map(|task| task.locals(site)).unwrap_or_default();
    let range = reference.path[0].range.clone();
    let message = format!("unknown variable `{name}`");
    let help = if outline.task(name).is_some() {
        format!("did you mean `tasks.{name}.output`?")
    } else if outline.has_input(name) {
        format!("did you mean `inputs.{name}`?")
    } else if name == "results" {
        "`results` is there in the prompt or template of a synthesis".to_owned()
    } else if name == "messages" {
        "`messages` is there where an agent is asked, and in a task with `on_message`".to_owned()
    } else if name == "loop" {
        "`loop` is there in the body of a loop, not in its `if`: write `{% if … %}` in the body"
            .to_owned()
    } else if let Some(each) = each.filter(|each| each.names().contains(&name)) {
        format!("`{}` is there in the task itself, not in its list or condition", each.name)
    } else if let Some(each) = each.filter(|_| name == ITEM) {
        format!("the item is called `{}` here (`as`)", each.name)
    } else if name == "best" && rounds.is_some_and(|rounds| !rounds.has_best) {
        "say how good a round is: `repeat: { best: output.score }`".to_owned()
    } else if name == "output" && rounds.is_some() {
        "what came out is read in `until` and `best`; the prompt reads `previous`".to_owned()
    } else if rounds.is_some_and(|rounds| rounds.names().contains(&name)) {
        format!("`{name}` is there in the task itself, not in its list or condition")
    } else if let Some(near) = nearest(name, locals.into_iter().chain(["inputs", "tasks"])) {
        format!("did you mean `{near}`?")
    } else {
        "templates read `inputs.NAME` and `tasks.NAME.output`; to write braces literally, use \
         {% raw %}…{% endraw %}"
            .to_owned()
    };
    outline
        .document
        .part_diagnostic(Code::UNKNOWN_VARIABLE, &site.pointer, range, message)
        .help(help)
}
