//! What a pattern or pipeline says, read from its value with the place of everything, even where
//! other parts of it are faulty. The checks and the advice work on this; nothing is run from it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::language::document::{Document, VerbKind, escape_pointer, verb_of_task};
use crate::language::template::{Form, Salvage, Template};

/// A pattern or pipeline in outline.
#[derive(Debug)]
pub(crate) struct Outline<'d> {
    pub(crate) document: &'d Document,
    /// The waves; one that stands for all where the author wrote none.
    pub(crate) waves: Vec<WaveOutline<'d>>,
    /// Whether the author wrote the waves.
    pub(crate) has_waves: bool,
    pub(crate) tasks: Vec<TaskOutline<'d>>,
    /// Where in `tasks` the first task of each name is.
    places: BTreeMap<&'d str, usize>,
    pub(crate) inputs: Vec<(&'d str, &'d Value)>,
    /// Templates outside tasks: the outputs.
    pub(crate) outputs: Vec<TemplateSite>,
}

#[derive(Debug)]
pub(crate) struct WaveOutline<'d> {
    pub(crate) name: Option<&'d str>,
    pub(crate) pointer: String,
}

#[derive(Debug)]
pub(crate) struct TaskOutline<'d> {
    pub(crate) name: &'d str,
    pub(crate) pointer: String,
    pub(crate) wave: usize,
    pub(crate) value: &'d Value,
    pub(crate) verb: Option<VerbKind>,
    pub(crate) needs: Vec<Named<'d>>,
    /// What a synthesis is made from.
    pub(crate) sources: Vec<Named<'d>>,
    /// Agents of this document's team that the task names.
    pub(crate) agents: Vec<Named<'d>>,
    pub(crate) templates: Vec<TemplateSite>,
}

/// A name that an author wrote, and where.
#[derive(Debug, Clone)]
pub(crate) struct Named<'d> {
    pub(crate) name: &'d str,
    pub(crate) pointer: String,
}

/// A text that is a template: what it reads, and where it is.
#[derive(Debug)]
pub(crate) struct TemplateSite {
    pub(crate) template: Result<Template, Salvage>,
    pub(crate) form: Form,
    pub(crate) pointer: String,
    /// Whether `results` (what a synthesis is made from) can be read here.
    pub(crate) reads_results: bool,
}

impl<'d> Outline<'d> {
    pub(crate) fn of(document: &'d Document) -> Outline<'d> {
        let value = document.value();
        let mut outline = Outline {
            document,
            waves: Vec::new(),
            has_waves: value.get("waves").is_some_and(Value::is_array),
            tasks: Vec::new(),
            places: BTreeMap::new(),
            inputs: entries(value.get("inputs"))
                .map(|(name, value)| (name.as_str(), value))
                .collect(),
            outputs: Vec::new(),
        };
        if let Some(outputs) = value.get("outputs") {
            texts(outputs, "/outputs", &mut outline.outputs);
        }
        if outline.has_waves {
            let waves = value.get("waves").and_then(Value::as_array).into_iter().flatten();
            for (index, wave) in waves.enumerate() {
                let pointer = format!("/waves/{index}");
                outline.tasks_of(wave.get("tasks"), &format!("{pointer}/tasks"));
                outline
                    .waves
                    .push(WaveOutline { name: wave.get("name").and_then(Value::as_str), pointer });
            }
        } else {
            outline.tasks_of(value.get("tasks"), "/tasks");
            let pointer = "/tasks".to_owned();
            outline.waves.push(WaveOutline { name: None, pointer });
        }
        outline
    }

    fn tasks_of(&mut self, tasks: Option<&'d Value>, pointer: &str) {
        let wave = self.waves.len();
        for (name, value) in entries(tasks) {
            let pointer = format!("{pointer}/{}", escape_pointer(name));
            self.places.entry(name).or_insert(self.tasks.len());
            self.tasks.push(TaskOutline::of(name, value, pointer, wave));
        }
    }

    /// The first task of this name; a second one is a mistake of its own.
    pub(crate) fn task(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    pub(crate) fn team(&self) -> Option<&'d Value> {
        self.document.value().get("team")
    }
}

impl<'d> TaskOutline<'d> {
    fn of(name: &'d str, value: &'d Value, pointer: String, wave: usize) -> TaskOutline<'d> {
        let mut task = TaskOutline {
            name,
            wave,
            value,
            verb: value.as_object().and_then(verb_of_task),
            needs: names(value.get("needs"), &format!("{pointer}/needs")),
            sources: Vec::new(),
            agents: Vec::new(),
            templates: Vec::new(),
            pointer,
        };
        task.read_verb();
        task.text("when", Form::Expression, false);
        if let Some(fallback) = value.pointer("/on_failure/fallback") {
            texts(fallback, &format!("{}/on_failure/fallback", task.pointer), &mut task.templates);
        }
        task
    }

    fn read_verb(&mut self) {
        self.name_at("agent");
        self.text("prompt", Form::Text, false);
        self.text("ask", Form::Text, false);
        self.text("message", Form::Text, false);
        if let Some(with) = self.value.get("with") {
            texts(with, &format!("{}/with", self.pointer), &mut self.templates);
        }
        for (role, agent) in entries(self.value.get("agents")) {
            if let Some(name) = agent.as_str() {
                let pointer = format!("{}/agents/{}", self.pointer, escape_pointer(role));
                self.agents.push(Named { name, pointer });
            }
        }
        match self.value.get("condition") {
            Some(Value::Object(conditions)) => {
                for name in conditions.keys() {
                    self.text(
                        &format!("condition/{}", escape_pointer(name)),
                        Form::Expression,
                        false,
                    );
                }
            }
            Some(_) => self.text("condition", Form::Expression, false),
            None => {}
        }
        if let Some(synthesis) = self.value.get("synthesize") {
            let pointer = format!("{}/synthesize", self.pointer);
            self.sources = names(synthesis.get("from"), &format!("{pointer}/from"));
            self.name_at("synthesize/agent");
            self.text("synthesize/prompt", Form::Text, true);
            if let Some(template) = synthesis.get("template") {
                let before = self.templates.len();
                texts(template, &format!("{pointer}/template"), &mut self.templates);
                for site in &mut self.templates[before..] {
                    site.reads_results = true;
                }
            }
        }
    }

    fn name_at(&mut self, path: &str) {
        let name = self.value.pointer(&format!("/{path}")).and_then(Value::as_str);
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            self.agents.push(Named { name, pointer: format!("{}/{path}", self.pointer) });
        }
    }

    fn text(&mut self, path: &str, form: Form, reads_results: bool) {
        if let Some(text) = self.value.pointer(&format!("/{path}")).and_then(Value::as_str) {
            let pointer = format!("{}/{path}", self.pointer);
            self.templates
                .push(TemplateSite { reads_results, ..TemplateSite::of(text, pointer, form) });
        }
    }
}

impl TemplateSite {
    fn of(text: &str, pointer: String, form: Form) -> TemplateSite {
        let template =
            Template::parse(text, form).map_err(|problem| Salvage::of(text, form, problem));
        TemplateSite { template, form, pointer, reads_results: false }
    }
}

/// The entries of a mapping; none for anything else.
pub(crate) fn entries(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

fn names<'d>(list: Option<&'d Value>, pointer: &str) -> Vec<Named<'d>> {
    let entries = list.and_then(Value::as_array).into_iter().flatten().enumerate();
    entries
        .filter_map(|(index, entry)| {
            Some(Named { name: entry.as_str()?, pointer: format!("{pointer}/{index}") })
        })
        .collect()
}

/// Every text inside a value is a template.
fn texts(value: &Value, pointer: &str, found: &mut Vec<TemplateSite>) {
    match value {
        Value::String(text) => {
            found.push(TemplateSite::of(text, pointer.to_owned(), Form::Text));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                texts(item, &format!("{pointer}/{index}"), found);
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                texts(item, &format!("{pointer}/{}", escape_pointer(key)), found);
            }
        }
        _ => {}
    }
}
