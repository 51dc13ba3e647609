//! Calls of other patterns: that they exist, get what they require, and find their agents.

use std::collections::BTreeSet;

use serde_json::Value;

use super::agents::asks_the_lead;
use super::inputs::has_template;
use super::team::{Addresses, check_members, unknown_team};
use super::{MAX_SUGGESTIONS, meant};
use crate::language::diagnostic::{Code, Diagnostic, Findings, Fix};
use crate::language::document::{
    Document, ImportProblem, InputDeclaration, Library, Names, VerbKind, patterns_of_task,
};
use crate::language::plan::outline::{Outline, TaskOutline, entries};
use crate::language::plan::outlines::Outlines;
use crate::language::plan::team_outline::TeamOutline;
use crate::language::plan::values::misfits;
use crate::language::source::{child_pointer, escape_pointer};
use crate::organization::Team;

pub(super) fn check(outlines: &Outlines<'_>, outline: &Outline<'_>, found: &mut Findings) {
    let library = outlines.library();
    let names = library.names_in(outline.document.source());
    for task in outline.tasks.iter().filter(|task| task.verb == Some(VerbKind::Expand)) {
        for (name, below) in patterns_of_task(task.value).filter(|(name, _)| !name.is_empty()) {
            if names.pattern(name).is_none() {
                let pointer = format!("{}{below}", task.pointer);
                let unknown = unknown_pattern(names, outline.document, &pointer, name, found);
                found.push(unknown);
            }
        }
    }
    for task in outline.tasks.iter().filter(|task| task.verb == Some(VerbKind::Uses)) {
        let name = task.get("uses").and_then(Value::as_str);
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            continue;
        };
        match names.pattern(name) {
            Some(callee) => {
                let called = outlines.get(callee);
                let call = Call { library, caller: outline.document, task, name, callee, called };
                call.arguments(found);
                call.stand_ins(found);
            }
            None => {
                let pointer = format!("{}/uses", task.pointer);
                let unknown = unknown_pattern(names, outline.document, &pointer, name, found);
                found.push(unknown);
            }
        }
    }
}

fn unknown_pattern(
    names: Names<'_>,
    document: &Document,
    pointer: &str,
    name: &str,
    found: &Findings,
) -> Diagnostic {
    if let Some(problem) = names.pattern_problem(name) {
        return imported(document, pointer, problem);
    }
    let diagnostic =
        document.diagnostic(Code::UNKNOWN_PATTERN, pointer, format!("unknown pattern `{name}`"));
    if names.orchestration(name).is_some() {
        return diagnostic.help("this is a pipeline, and only patterns can be used by others");
    }
    if found.errors() >= MAX_SUGGESTIONS {
        return diagnostic;
    }
    let near = names.near_orchestrations(name);
    match near.as_slice() {
        [] => diagnostic.help("`partita patterns` lists the patterns there are"),
        [near] => diagnostic
            .help(format!("did you mean `{near}`?"))
            .maybe_fix(document.respelling(pointer, near)),
        near => diagnostic.help(format!("did you mean `{}`?", near.join("`, `"))),
    }
}

/// That a name of a source cannot be used, where it is written.
pub(super) fn imported(document: &Document, pointer: &str, problem: ImportProblem) -> Diagnostic {
    let ImportProblem { code, message, help, near, declared } = problem;
    let diagnostic = document.diagnostic(code, pointer, message).help(help);
    let fix = near.and_then(|near| document.respelling(pointer, &near));
    let diagnostic = diagnostic.maybe_fix(fix);
    match declared {
        Some(declared) => diagnostic.related(declared, "declared here"),
        None => diagnostic,
    }
}

struct Call<'a> {
    library: &'a Library,
    caller: &'a Document,
    task: &'a TaskOutline<'a>,
    name: &'a str,
    callee: &'a Document,
    called: &'a Outline<'a>,
}

impl Call<'_> {
    fn arguments(&self, found: &mut Findings) {
        let declared = self.callee.value().get("inputs");
        let given = self.task.get("with");
        for (name, value) in entries(given) {
            let pointer = format!("{}/with/{}", self.task.pointer, escape_pointer(name));
            let Some(input) = declared.and_then(|inputs| inputs.get(name)) else {
                let unknown = self.unknown_argument(name, &pointer, declared, found);
                found.push(unknown);
                continue;
            };
            let declaration = serde_json::from_value::<InputDeclaration>(input.clone());
            let schema = declaration.ok().and_then(|declaration| declaration.to_schema().ok());
            if let Some(schema) = schema.filter(|_| !has_template(value)) {
                for misfit in misfits(&schema, value) {
                    let place = format!("{pointer}{}", misfit.pointer);
                    let message =
                        format!("`{name}` of `{}` does not fit: {}", self.name, misfit.message);
                    found.push(
                        self.caller
                            .diagnostic(Code::INPUT_TYPE, &place, message)
                            .related(self.input_span(name), "declared here"),
                    );
                }
            }
        }
        if given.is_some_and(|given| !given.is_object()) {
            // What was meant to be given is not known, and that it is no mapping has been said.
            return;
        }
        for (name, input) in entries(declared) {
            let is_given = given.is_some_and(|given| given.get(name).is_some());
            let declaration = serde_json::from_value::<InputDeclaration>(input.clone());
            let required = declaration.is_ok_and(|declaration| declaration.is_required());
            if required && !is_given {
                let pointer = format!("{}/uses", self.task.pointer);
                let message = format!("`{}` requires the input `{name}`", self.name);
                found.push(
                    self.caller
                        .diagnostic(Code::MISSING_INPUT, &pointer, message)
                        .related(self.input_span(name), "declared here")
                        .help(format!("add it: `with: {{ {name}: … }}`")),
                );
            }
        }
    }

    fn input_span(&self, name: &str) -> crate::language::source::Span {
        self.callee.key_span(&child_pointer("/inputs", name))
    }

    fn renaming(&self, pointer: &str, name: &str) -> Option<Fix> {
        let edit = self.caller.rename_key(pointer, name)?;
        Some(Fix::risky(format!("write `{name}`"), vec![edit]))
    }

    fn unknown_argument(
        &self,
        name: &str,
        pointer: &str,
        declared: Option<&Value>,
        found: &Findings,
    ) -> Diagnostic {
        let message = format!("`{}` has no input `{name}`", self.name);
        let diagnostic = self.caller.key_diagnostic(Code::UNKNOWN_ARGUMENT, pointer, message);
        let names = || entries(declared).map(|(name, _)| name.as_str());
        let given = self.task.get("with").and_then(Value::as_object);
        let is_free = |name: &&str| given.is_none_or(|given| !given.contains_key(*name));
        match meant(found, name, names().filter(is_free)) {
            Some(near) => diagnostic
                .related(self.input_span(near), "declared here")
                .help(format!("did you mean `{near}`?"))
                .maybe_fix(self.renaming(pointer, near)),
            None => diagnostic
                .help(format!("its inputs are {}", names().collect::<Vec<_>>().join(", "))),
        }
    }

    /// The lead of the callee's own team, where a consensus asks the lead without naming them.
    fn unnamed_lead(&self, callee: &Outline<'_>) -> Option<String> {
        callee.tasks.iter().find(|task| asks_the_lead(task))?;
        let members = TeamOutline::of(self.library, callee)?.members;
        let agents = members.into_iter().map(|member| member.agent).collect();
        let team = Team::new(String::new(), None, None, agents).ok()?;
        team.lead().map(|lead| lead.id.to_string())
    }

    /// Agents that take others' places, and a team that takes the place of the pattern's own.
    fn stand_ins(&self, found: &mut Findings) {
        let callee = self.called;
        let lead = self.unnamed_lead(callee);
        let named = callee.tasks.iter().flat_map(|task| &task.agents).map(|agent| agent.name);
        let wanted: BTreeSet<&str> = named.collect();
        let replaced: BTreeSet<&str> =
            entries(self.task.get("agents")).map(|(role, _)| role.as_str()).collect();
        // Whoever leads forms the consensus that names nobody; a team that is put in its place has
        // a lead of its own.
        let may_be_replaced: BTreeSet<&str> =
            wanted.iter().copied().chain(lead.as_deref()).collect();
        for role in &replaced {
            if !may_be_replaced.contains(role) {
                let pointer = format!("{}/agents/{}", self.task.pointer, escape_pointer(role));
                let message = format!("no task of `{}` asks `{role}`", self.name);
                let diagnostic =
                    self.caller.key_diagnostic(Code::UNKNOWN_STAND_IN, &pointer, message);
                found.push(
                    match meant(found, role, may_be_replaced.difference(&replaced).copied()) {
                        Some(near) => diagnostic
                            .help(format!("did you mean `{near}`?"))
                            .maybe_fix(self.renaming(&pointer, near)),
                        None => diagnostic.help(format!(
                            "its tasks ask {}",
                            may_be_replaced.iter().copied().collect::<Vec<_>>().join(", ")
                        )),
                    },
                );
            }
        }
        let pointer = format!("{}/team", self.task.pointer);
        let (name, team) = match self.task.get("team") {
            Some(Value::String(name)) => {
                match self.library.names_in(self.caller.source()).team(name) {
                    Some(document) => (name.as_str(), TeamOutline::of_document(document)),
                    None => {
                        found.extend(unknown_team(self.library, self.caller, &pointer, name));
                        return;
                    }
                }
            }
            Some(Value::Object(inline)) => {
                let name = inline.get("name").and_then(Value::as_str).unwrap_or("this team");
                let team = TeamOutline::listed(self.caller, &format!("{pointer}/agents"));
                check_members(&team, found);
                (name, team)
            }
            _ => return,
        };
        let addresses = Addresses::of(&team.members);
        for agent in wanted.difference(&replaced) {
            if !addresses.has(agent) {
                let message = format!("`{name}` has no `{agent}`, whom `{}` asks", self.name);
                found.push(
                    self.caller
                        .diagnostic(Code::UNKNOWN_AGENT, &pointer, message)
                        .help(format!("name a stand-in: `agents: {{ {agent}: … }}`")),
                );
            }
        }
    }
}
