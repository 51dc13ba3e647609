//! Whether the cases of a document fit what they test: its tasks, inputs, gates, types and outputs.

use indexmap::IndexMap;
use serde_json::Value;

use super::address::{addressed, answered_at, answered_parts, is_open, may_undo};
use super::script::scripted;
use crate::language::diagnostic::{Code, Diagnostic, Findings, Fix};
use crate::language::document::simulation::SimulatedServer;
use crate::language::document::suggest::nearest;
use crate::language::document::{Body, Case, Document, TestsDocument, TypeProblem};
use crate::language::plan::{NoDecision, Outlines, Plan, TaskId, compile, misfits};
use crate::language::source::child_pointer;

/// Checks a document of tests. Where what it tests is faulty, that is said there.
pub(in crate::language::plan) fn check(
    outlines: &Outlines<'_>,
    document: &Document,
    found: &mut Findings,
) {
    let Some(Body::Tests(tests)) = document.body() else { return };
    let library = outlines.library();
    let name = &tests.tests.pattern;
    let Some(tested) = library.orchestration(name) else {
        let message = format!("unknown pattern `{name}`");
        let diagnostic = document.diagnostic(Code::UNKNOWN_PATTERN, "/tests/pattern", message);
        let near = library.near_orchestrations(name);
        found.push(match near.as_slice() {
            [] => diagnostic.help("`partita patterns` lists the patterns there are"),
            near => diagnostic
                .help(format!("did you mean `{}`?", near.join("`, `")))
                .maybe_fix(document.respelling("/tests/pattern", &near[0])),
        });
        return;
    };
    let Ok(compiled) = compile(library, tested) else { return };
    let servers = compiled.simulation.unwrap_or_default().servers;
    Checker { document, tests, plan: &compiled.plan, servers: &servers, found }.whole();
}

pub(super) struct Checker<'a> {
    pub(super) document: &'a Document,
    tests: &'a TestsDocument,
    pub(super) plan: &'a Plan,
    /// The servers of cases that have none of their own.
    servers: &'a [SimulatedServer],
    pub(super) found: &'a mut Findings,
}

impl<'a> Checker<'a> {
    fn whole(&mut self) {
        let tests = self.tests;
        self.inputs("/inputs", &tests.inputs);
        self.answers("/answers", &tests.answers);
        self.decisions("/decisions", &tests.decisions);
        for (name, case) in &tests.cases {
            let pointer = child_pointer("/cases", name);
            self.inputs(&format!("{pointer}/inputs"), &case.inputs);
            self.answers(&format!("{pointer}/answers"), &case.answers);
            self.decisions(&format!("{pointer}/decisions"), &case.decisions);
            self.faults(&pointer, case);
            self.expectations(&format!("{pointer}/expect"), case);
        }
    }

    fn inputs(&mut self, pointer: &str, given: &IndexMap<String, Value>) {
        let declared = &self.plan.root().inputs;
        for (name, value) in given {
            let pointer = child_pointer(pointer, name);
            let Some(input) = declared.get(name) else {
                let message = format!("`{}` has no input `{name}`", self.plan.name);
                let names = declared.keys().map(String::as_str);
                self.unknown_key(
                    Code::UNKNOWN_INPUT,
                    &pointer,
                    name,
                    message,
                    &names.collect::<Vec<_>>(),
                );
                continue;
            };
            for misfit in misfits(&input.schema, value) {
                let place = format!("{pointer}{}", misfit.pointer);
                let message = format!("`{name}` does not fit: {}", misfit.message);
                self.found.push(self.document.diagnostic(Code::INPUT_TYPE, &place, message));
            }
        }
    }

    fn answers(&mut self, pointer: &str, answers: &IndexMap<String, Value>) {
        for (address, written) in answers {
            let pointer = child_pointer(pointer, address);
            let tasks = self.tasks_of_key(address, &pointer);
            let answered = answered_at(self.plan, address).into_iter();
            let outputs: Vec<Option<&Value>> = answered.map(|(_, output)| output).collect();
            if outputs.is_empty() && !tasks.is_empty() {
                let message = match is_open(address) {
                    true => {
                        format!("none of the tasks at `{address}` asks a model or calls a tool")
                    }
                    false => format!("`{address}` asks no model and calls no tool"),
                };
                let diagnostic =
                    self.document.key_diagnostic(Code::ANSWER_TO_NOBODY, &pointer, message);
                let help = answered_parts(self.plan, address);
                let people = || "what people decide stands under `decisions`".to_owned();
                self.found.push(diagnostic.help(help.unwrap_or_else(people)));
            }
            let wrong = outputs.iter().find_map(|output| scripted(written, *output).err());
            self.problems(Code::ANSWER_TYPE, &pointer, wrong.unwrap_or_default());
        }
    }

    fn decisions(&mut self, pointer: &str, decisions: &IndexMap<String, String>) {
        for (address, choice) in decisions {
            let pointer = child_pointer(pointer, address);
            if !self.tasks_of_key(address, &pointer).is_empty() {
                self.choice(address, choice, &pointer, Anchor::Key);
            }
        }
    }

    pub(super) fn choice(&mut self, path: &str, choice: &str, pointer: &str, anchor: Anchor) {
        let Some(gate) = self.plan.gate(path) else {
            let message = format!("`{path}` is no gate that a person decides");
            self.found.push(match anchor {
                Anchor::Key => self.document.key_diagnostic(Code::UNKNOWN_CHOICE, pointer, message),
                Anchor::Value => self.document.diagnostic(Code::UNKNOWN_CHOICE, pointer, message),
            });
            return;
        };
        let diagnostic =
            |message: String| self.document.diagnostic(Code::UNKNOWN_CHOICE, pointer, message);
        let no_option = || diagnostic(format!("`{choice}` is no option of `{path}`"));
        let found = match gate.check(choice) {
            Ok(()) => return,
            Err(NoDecision::NoOption { near: Some(near), .. }) => no_option()
                .help(format!("did you mean `{near}`?"))
                .maybe_fix(self.document.respelling(pointer, near)),
            Err(NoDecision::NoOption { options, .. }) => {
                no_option().help(format!("the options are {}", options.join(", ")))
            }
            Err(NoDecision::Misfit(problem)) => {
                diagnostic(format!("this cannot come out of `{path}`: {problem}"))
            }
        };
        self.found.push(found);
    }

    fn faults(&mut self, pointer: &str, case: &Case) {
        for (place, rule) in case.faults.iter().enumerate() {
            let pointer = format!("{pointer}/faults/{place}/match");
            if let Some(task) = &rule.matches.task {
                self.tasks_of_value(task, &format!("{pointer}/task"));
            }
            if let Some(server) = &rule.matches.server {
                self.server(case, server, &format!("{pointer}/server"));
            }
        }
    }

    pub(super) fn server(&mut self, case: &Case, server: &str, pointer: &str) {
        let servers = if case.servers.is_empty() { self.servers } else { &case.servers };
        let names: Vec<&str> = servers.iter().map(|server| server.name.as_str()).collect();
        if !names.contains(&server) {
            let message = format!("this case has no server `{server}`");
            self.unknown_value(Code::INVALID_EXPECTATION, pointer, server, message, &names);
        }
    }

    /// The tasks at an address that is a key.
    pub(super) fn tasks_of_key(&mut self, address: &str, pointer: &str) -> Vec<TaskId> {
        let tasks = addressed(self.plan, address);
        if tasks.is_empty() && !may_undo(self.plan, address) {
            let message = self.no_task(address);
            self.unknown_key(Code::UNKNOWN_TASK, pointer, address, message, &self.paths());
        }
        tasks
    }

    /// That there are tasks at an address that is a value.
    pub(super) fn tasks_of_value(&mut self, address: &str, pointer: &str) {
        if addressed(self.plan, address).is_empty() && !may_undo(self.plan, address) {
            let message = self.no_task(address);
            self.unknown_value(Code::UNKNOWN_TASK, pointer, address, message, &self.paths());
        }
    }

    fn no_task(&self, address: &str) -> String {
        let word = if is_open(address) { "task at" } else { "task" };
        format!("`{}` has no {word} `{address}`", self.plan.name)
    }

    fn paths(&self) -> Vec<&'a str> {
        self.plan.tasks.iter().map(|task| task.path.as_str()).collect()
    }

    pub(super) fn unknown_key(
        &mut self,
        code: Code,
        pointer: &str,
        written: &str,
        message: String,
        names: &[&str],
    ) {
        let diagnostic = self.document.key_diagnostic(code, pointer, message);
        let near = nearest(written, names.iter().copied());
        let fix = near.and_then(|near| {
            let edit = self.document.rename_key(pointer, near)?;
            Some(Fix::risky(format!("write `{near}`"), vec![edit]))
        });
        self.found.push(diagnostic.help(instead(near, names)).maybe_fix(fix));
    }

    fn unknown_value(
        &mut self,
        code: Code,
        pointer: &str,
        written: &str,
        message: String,
        names: &[&str],
    ) {
        let diagnostic = self.document.diagnostic(code, pointer, message);
        let near = nearest(written, names.iter().copied());
        let fix = near.and_then(|near| self.document.respelling(pointer, near));
        self.found.push(diagnostic.help(instead(near, names)).maybe_fix(fix));
    }

    pub(super) fn problems(&mut self, code: Code, pointer: &str, problems: Vec<TypeProblem>) {
        for TypeProblem { pointer: inside, message, help } in problems {
            let place = format!("{pointer}{inside}");
            let found: Diagnostic = self.document.diagnostic(code, &place, message);
            self.found.push(found.maybe_help(help));
        }
    }
}

/// What to write instead of an unknown name.
fn instead(near: Option<&str>, names: &[&str]) -> String {
    match near {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => "there is none".to_owned(),
        None if names.len() <= MAX_LISTED => format!("there is {}", names.join(", ")),
        None => "`partita plan` shows what there is".to_owned(),
    }
}

/// What to underline.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Key,
    Value,
}

/// So many names are listed where none is near.
const MAX_LISTED: usize = 40;
