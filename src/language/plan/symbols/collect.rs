//! The names that stand in one document.

use serde_json::Value;

use super::agents::Roster;
use super::{Occurrence, Role, Symbol, anchors, templates};
use crate::language::document::{Document, DocumentKind, Names, patterns_of_task};
use crate::language::plan::outline::{Named, Outline, TaskOutline, entries};
use crate::language::plan::outlines::Outlines;
use crate::language::source::{Span, child_pointer, escape_pointer, value_at};

/// Everything that is needed to tell what a name in one document stands for.
pub(super) struct Reader<'l, 'f> {
    pub(super) outlines: &'f Outlines<'l>,
    pub(super) document: &'l Document,
    pub(super) found: &'f mut Vec<Occurrence>,
}

pub(super) fn document<'l>(
    outlines: &Outlines<'l>,
    document: &'l Document,
    found: &mut Vec<Occurrence>,
) {
    anchors::collect(document, found);
    let mut reader = Reader { outlines, document, found };
    match document.kind() {
        DocumentKind::Pattern | DocumentKind::Pipeline => reader.orchestration(),
        DocumentKind::Team => reader.team(),
        DocumentKind::LibraryIndex => reader.index(),
        DocumentKind::Tests => reader.tests(),
        DocumentKind::Cluster
        | DocumentKind::Simulation
        | DocumentKind::Lint
        | DocumentKind::Imports
        | DocumentKind::Vocabulary => {}
    }
}

impl<'l> Reader<'l, '_> {
    /// The names that the document can use.
    pub(super) fn names(&self) -> Names<'l> {
        self.outlines.library().names_in(self.document.source())
    }

    fn orchestration(&mut self) {
        let (document, source) = (self.document, self.document.source());
        let outline = self.outlines.get(document);
        self.own_name(Symbol::Orchestration(source));
        for wave in &outline.waves {
            if let Some(name) = wave.name {
                let pointer = format!("{}/name", wave.pointer);
                let span = document.text_span(&pointer);
                self.note(span, Symbol::Wave(source, name.into()), Role::Definition, name, {
                    &wave.pointer
                });
            }
        }
        for (name, _) in &outline.inputs {
            self.key(&child_pointer("/inputs", name), name, Symbol::Input);
        }
        for (name, _) in entries(document.value().get("outputs")) {
            self.key(&child_pointer("/outputs", name), name, Symbol::Output);
        }
        let roster = Roster::of(self.outlines, document);
        if outline.team().is_some_and(Value::is_object) {
            self.members(&roster);
        }
        self.team_name("/team");
        for post in &outline.posts {
            self.key(&post.pointer, post.name, Symbol::Post);
            for named in &post.agents {
                if let Some(symbol) = roster.symbol(named.name) {
                    self.value(named, symbol);
                }
            }
        }
        for task in &outline.tasks {
            self.key(&task.pointer, task.name, Symbol::Task);
            self.task(outline, task, &roster);
        }
        let of_posts = outline.posts.iter().flat_map(|post| &post.templates);
        for site in outline.outputs.iter().chain(of_posts) {
            templates::collect(self, outline, site);
        }
    }

    fn task(&mut self, outline: &Outline<'l>, task: &TaskOutline<'l>, roster: &Roster<'_>) {
        for named in task.needs.iter().chain(&task.sources) {
            if outline.task(named.name).is_some() {
                let symbol = Symbol::Task(self.document.source(), named.name.to_owned());
                self.value(named, symbol);
            }
        }
        let weights = task.get("synthesize").and_then(|synthesis| synthesis.get("weights"));
        for (name, _) in entries(weights).filter(|(name, _)| outline.task(name).is_some()) {
            let pointer = format!("{}/synthesize/weights/{}", task.pointer, escape_pointer(name));
            let symbol = Symbol::Task(self.document.source(), name.clone());
            let span = self.document.key_text_span(&pointer);
            self.note(span, symbol, Role::Reference, name, &pointer);
        }
        for named in &task.agents {
            if let Some(symbol) = roster.symbol(named.name) {
                self.value(named, symbol);
            }
        }
        self.team_name(&format!("{}/team", task.pointer));
        if let Some(name) = task.get("uses").and_then(Value::as_str) {
            self.call(task, name);
        }
        for (name, below) in patterns_of_task(task.value).filter(|(_, below)| below != "/uses") {
            if let Some(callee) = self.names().pattern(name) {
                let pointer = format!("{}{below}", task.pointer);
                self.value(&Named { name, pointer }, Symbol::Orchestration(callee.source()));
            }
        }
        for site in &task.templates {
            templates::collect(self, outline, site);
        }
    }

    /// The names in the call of another pattern: its own, its inputs and its agents.
    fn call(&mut self, task: &TaskOutline<'l>, name: &'l str) {
        let Some(callee) = self.names().pattern(name) else { return };
        let pointer = format!("{}/uses", task.pointer);
        self.value(&Named { name, pointer }, Symbol::Orchestration(callee.source()));
        let declared = callee.value().get("inputs");
        for (input, _) in entries(task.get("with")) {
            if declared.is_some_and(|declared| declared.get(input).is_some()) {
                let pointer = format!("{}/with/{}", task.pointer, escape_pointer(input));
                let symbol = Symbol::Input(callee.source(), input.clone());
                let span = self.document.key_text_span(&pointer);
                self.note(span, symbol, Role::Reference, input, &pointer);
            }
        }
        let roster = Roster::of(self.outlines, callee);
        for (role, _) in entries(task.get("agents")) {
            if let Some(symbol) = roster.symbol(role) {
                let pointer = format!("{}/agents/{}", task.pointer, escape_pointer(role));
                let span = self.document.key_text_span(&pointer);
                self.note(span, symbol, Role::Reference, role, &pointer);
            }
        }
    }

    fn team(&mut self) {
        self.own_name(Symbol::Team(self.document.source()));
        self.members(&Roster::of(self.outlines, self.document));
    }

    fn index(&mut self) {
        for (field, names) in entries(Some(self.document.value())) {
            for (place, name) in names.as_array().into_iter().flatten().enumerate() {
                let Some(name) = name.as_str() else { continue };
                let Some(target) = self.names().orchestration(name) else { continue };
                let pointer = format!("/{}/{place}", escape_pointer(field));
                self.value(&Named { name, pointer }, Symbol::Orchestration(target.source()));
            }
        }
    }

    fn tests(&mut self) {
        let pointer = "/tests/pattern".to_owned();
        let name = value_at(self.document.value(), &pointer).and_then(Value::as_str);
        let target = name.and_then(|name| self.names().orchestration(name));
        if let (Some(name), Some(target)) = (name, target) {
            self.value(&Named { name, pointer }, Symbol::Orchestration(target.source()));
        }
    }

    fn own_name(&mut self, symbol: Symbol) {
        let pointer = format!("/{}/name", self.document.kind().as_str());
        if let Some(name) = value_at(self.document.value(), &pointer).and_then(Value::as_str) {
            let span = self.document.text_span(&pointer);
            self.note(span, symbol, Role::Definition, name, "");
        }
    }

    fn team_name(&mut self, pointer: &str) {
        let name = value_at(self.document.value(), pointer).and_then(Value::as_str);
        let Some(team) = name.and_then(|name| self.names().team(name)) else { return };
        let named = Named { name: name.unwrap_or_default(), pointer: pointer.to_owned() };
        self.value(&named, Symbol::Team(team.source()));
    }

    /// A name of this document that a key defines.
    fn key(
        &mut self,
        pointer: &str,
        name: &str,
        symbol: fn(crate::language::source::SourceId, String) -> Symbol,
    ) {
        let span = self.document.key_text_span(pointer);
        let symbol = symbol(self.document.source(), name.to_owned());
        self.note(span, symbol, Role::Definition, name, pointer);
    }

    /// A value that names something.
    pub(super) fn value(&mut self, named: &Named<'_>, symbol: Symbol) {
        let span = self.document.text_span(&named.pointer);
        self.note(span, symbol, Role::Reference, named.name, &named.pointer);
    }

    pub(super) fn note(
        &mut self,
        span: Span,
        symbol: Symbol,
        role: Role,
        written: &str,
        pointer: &str,
    ) {
        let (written, pointer) = (written.to_owned(), pointer.to_owned());
        self.found.push(Occurrence { span, symbol, role, written, pointer });
    }
}
