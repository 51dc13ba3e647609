//! What a pattern or pipeline says, read from its value with the place of everything, even where
//! other parts of it are faulty. The checks and the advice work on this; nothing is run from it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::failure_outline::FAILURE;
use super::template_site::{TemplateReader, TemplateSite};
use crate::language::document::{Document, EVERYBODY, ITEM, VerbKind, verb_of_task};
use crate::language::source::{child_pointer, escape_pointer, member};
use crate::language::template::Form;

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
    /// The posts, of which only a run knows who has them.
    pub(crate) posts: Vec<PostOutline<'d>>,
    /// Templates outside tasks: the outputs.
    pub(crate) outputs: Vec<TemplateSite<'d>>,
}

/// A post in outline.
#[derive(Debug)]
pub(crate) struct PostOutline<'d> {
    pub(crate) name: &'d str,
    pub(crate) pointer: String,
    pub(crate) value: &'d Value,
    /// Agents and posts that it names.
    pub(crate) agents: Vec<Named<'d>>,
    /// What is asked of who gets it.
    pub(crate) templates: Vec<TemplateSite<'d>>,
}

impl<'d> PostOutline<'d> {
    fn of(name: &'d str, value: &'d Value, reader: &mut TemplateReader<'d>) -> PostOutline<'d> {
        let pointer = child_pointer("/staff", name);
        let mut agents = names(value.get("never"), &pointer, "never");
        for key in ["peer_of", "above"] {
            let named = value.get(key).and_then(Value::as_str);
            agents.extend(named.map(|name| Named { name, pointer: format!("{pointer}/{key}") }));
        }
        let mut templates = Vec::new();
        for key in ["domain", "skills", "complexity", "hours", "related"] {
            if let Some(written) = value.get(key) {
                reader.texts(written, &format!("{pointer}/{key}"), &mut templates);
            }
        }
        PostOutline { name, pointer, value, agents, templates }
    }
}

#[derive(Debug)]
pub(crate) struct WaveOutline<'d> {
    pub(crate) name: Option<&'d str>,
    pub(crate) pointer: String,
    /// Whether it waits until all waves before it have ended.
    pub(crate) is_barrier: bool,
}

#[derive(Debug)]
pub(crate) struct TaskOutline<'d> {
    pub(crate) name: &'d str,
    pub(crate) pointer: String,
    pub(crate) wave: usize,
    pub(crate) value: &'d Value,
    pub(crate) verb: Option<VerbKind>,
    pub(crate) needs: Vec<Named<'d>>,
    /// The topics of the messages on which it starts.
    pub(crate) topics: Vec<Named<'d>>,
    /// How a synthesis puts together what it is made from.
    pub(crate) strategy: Option<&'d str>,
    /// What a synthesis is made from.
    pub(crate) sources: Vec<Named<'d>>,
    /// What it is done for, where it is done several times.
    pub(crate) each: Option<EachOutline<'d>>,
    /// What its rounds can read, where it is done in rounds.
    pub(crate) rounds: Option<RoundsOutline>,
    /// Agents of this document's team that the task names.
    pub(crate) agents: Vec<Named<'d>>,
    pub(crate) templates: Vec<TemplateSite<'d>>,
}

/// What a task is done for.
#[derive(Debug, Clone)]
pub(crate) struct EachOutline<'d> {
    /// The list or mapping, or the template that gives it.
    pub(crate) items: &'d Value,
    pub(crate) pointer: String,
    /// What an item is called in the task's templates.
    pub(crate) name: &'d str,
    /// Whether items may fail while the task succeeds.
    pub(crate) may_have_holes: bool,
}

impl<'d> EachOutline<'d> {
    fn of(task: &'d Value, pointer: &str) -> Option<EachOutline<'d>> {
        let written = task.get("for_each")?;
        let (items, place) = match written.get("in") {
            Some(items) if written.is_object() => (items, "for_each/in"),
            _ => (written, "for_each"),
        };
        let text = |key: &str| written.get(key).and_then(Value::as_str);
        Some(EachOutline {
            items,
            pointer: format!("{pointer}/{place}"),
            name: text("as").unwrap_or(ITEM),
            may_have_holes: !matches!(
                written.get("require").and_then(Value::as_str),
                None | Some("all")
            ) || written.get("require").is_some_and(Value::is_number),
        })
    }

    /// What can be read in the task's templates besides what can be read in all.
    pub(crate) fn names(&self) -> [&'d str; 3] {
        [self.name, "index", "key"]
    }
}

/// What the templates of a task that is done in rounds read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RoundsOutline {
    /// Whether it says how good a round is, so that there is a best one.
    pub(crate) has_best: bool,
}

impl RoundsOutline {
    fn of(task: &Value) -> Option<RoundsOutline> {
        let has_best = task.get("repeat")?.get("best").is_some();
        Some(RoundsOutline { has_best })
    }

    /// What can be read in the task's templates besides what can be read in all.
    pub(crate) fn names(self) -> &'static [&'static str] {
        if self.has_best { &["round", "previous", "best"] } else { &["round", "previous"] }
    }
}

/// A name that an author wrote, and where.
#[derive(Debug, Clone)]
pub(crate) struct Named<'d> {
    pub(crate) name: &'d str,
    pub(crate) pointer: String,
}

impl<'d> Outline<'d> {
    pub(crate) fn of(document: &'d Document) -> Outline<'d> {
        let value = document.value();
        let mut reader = TemplateReader::new(document);
        let mut outline = Outline {
            document,
            waves: Vec::new(),
            has_waves: value.get("waves").is_some_and(Value::is_array),
            tasks: Vec::new(),
            places: BTreeMap::new(),
            inputs: entries(value.get("inputs"))
                .map(|(name, value)| (name.as_str(), value))
                .collect(),
            posts: Vec::new(),
            outputs: Vec::new(),
        };
        for (name, post) in entries(value.get("staff")) {
            outline.posts.push(PostOutline::of(name, post, &mut reader));
        }
        if let Some(outputs) = value.get("outputs") {
            reader.texts(outputs, "/outputs", &mut outline.outputs);
        }
        if outline.has_waves {
            let waves = value.get("waves").and_then(Value::as_array).into_iter().flatten();
            for (index, wave) in waves.enumerate() {
                let pointer = format!("/waves/{index}");
                outline.tasks_of(wave.get("tasks"), &format!("{pointer}/tasks"), &mut reader);
                let name = wave.get("name").and_then(Value::as_str);
                let is_barrier = wave.get("barrier").and_then(Value::as_bool).unwrap_or(true);
                outline.waves.push(WaveOutline { name, pointer, is_barrier });
            }
        } else {
            outline.tasks_of(value.get("tasks"), "/tasks", &mut reader);
            let pointer = "/tasks".to_owned();
            outline.waves.push(WaveOutline { name: None, pointer, is_barrier: true });
        }
        outline
    }

    fn tasks_of(
        &mut self,
        tasks: Option<&'d Value>,
        pointer: &str,
        reader: &mut TemplateReader<'d>,
    ) {
        let wave = self.waves.len();
        self.tasks.reserve(tasks.and_then(Value::as_object).map_or(0, Map::len));
        for (name, value) in entries(tasks) {
            let pointer = child_pointer(pointer, name);
            self.places.entry(name).or_insert(self.tasks.len());
            self.tasks.push(TaskOutline::of(name, value, pointer, wave, reader));
        }
    }

    /// The first task of this name; a second one is a mistake of its own.
    pub(crate) fn task(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// Whether an input of this name is declared.
    pub(crate) fn has_input(&self, name: &str) -> bool {
        self.document.value().get("inputs").is_some_and(|inputs| inputs.get(name).is_some())
    }

    pub(crate) fn team(&self) -> Option<&'d Value> {
        self.document.value().get("team")
    }
}

impl<'d> TaskOutline<'d> {
    fn of(
        name: &'d str,
        value: &'d Value,
        pointer: String,
        wave: usize,
        reader: &mut TemplateReader<'d>,
    ) -> TaskOutline<'d> {
        let mut task = TaskOutline {
            name,
            wave,
            value,
            verb: value.as_object().and_then(verb_of_task),
            needs: Vec::new(),
            topics: Vec::new(),
            strategy: None,
            sources: Vec::new(),
            each: EachOutline::of(value, &pointer),
            rounds: RoundsOutline::of(value),
            agents: Vec::new(),
            templates: Vec::new(),
            pointer,
        };
        task.needs = names(task.get("needs"), &task.pointer, "needs");
        task.topics = match task.get("on_message") {
            Some(Value::String(name)) => {
                vec![Named { name, pointer: format!("{}/on_message", task.pointer) }]
            }
            list => names(list, &task.pointer, "on_message"),
        };
        task.read_verb(reader);
        task.read_escalation(reader);
        task.read_rounds(reader);
        task.read_compensation(reader);
        task.read_each(reader);
        task.text(task.get("when"), "when", Form::Expression, reader);
        if let Some(fallback) = task.get("on_failure").and_then(|value| value.get("fallback")) {
            reader.texts(
                fallback,
                &format!("{}/on_failure/fallback", task.pointer),
                &mut task.templates,
            );
        }
        task
    }

    /// What the author wrote under a key of the task.
    pub(crate) fn get(&self, key: &str) -> Option<&'d Value> {
        member(self.value.as_object()?, key)
    }

    /// Whether it comes to its result by votes, or by comparisons that count like votes.
    pub(crate) fn has_votes(&self) -> bool {
        matches!(self.strategy, Some("vote" | "best_of"))
            || (self.get("samples").is_some() && self.each.is_none())
    }

    fn read_verb(&mut self, reader: &mut TemplateReader<'d>) {
        self.agent(self.get("agent"), "agent");
        self.text(self.get("prompt"), "prompt", Form::Text, reader);
        self.text(self.get("ask"), "ask", Form::Text, reader);
        self.text(self.get("of"), "of", Form::Value, reader);
        self.text(self.get("message"), "message", Form::Text, reader);
        if self.verb == Some(VerbKind::Review) {
            self.read_review(reader);
        }
        if self.verb == Some(VerbKind::Send) {
            self.read_message(reader);
        }
        if let Some(with) = self.get("with") {
            reader.texts(with, &format!("{}/with", self.pointer), &mut self.templates);
        }
        for (role, agent) in entries(self.get("agents")) {
            if let Some(name) = agent.as_str() {
                let pointer = format!("{}/agents/{}", self.pointer, escape_pointer(role));
                self.agents.push(Named { name, pointer });
            }
        }
        match self.get("condition") {
            Some(Value::Object(conditions)) => {
                for (name, condition) in conditions {
                    let path = format!("condition/{}", escape_pointer(name));
                    self.text(Some(condition), &path, Form::Expression, reader);
                }
            }
            condition @ Some(_) => self.text(condition, "condition", Form::Expression, reader),
            None => {}
        }
        if self.verb == Some(VerbKind::Expand) {
            self.read_expand(reader);
        }
        if let Some(synthesis) = self.get("synthesize") {
            let pointer = format!("{}/synthesize", self.pointer);
            self.strategy = synthesis.get("strategy").and_then(Value::as_str);
            self.sources = names(synthesis.get("from"), &pointer, "from");
            self.agent(synthesis.get("agent"), "synthesize/agent");
            self.text(synthesis.get("criteria"), "synthesize/criteria", Form::Text, reader);
            let before = self.templates.len();
            self.text(synthesis.get("prompt"), "synthesize/prompt", Form::Text, reader);
            if let Some(template) = synthesis.get("template") {
                reader.texts(template, &format!("{pointer}/template"), &mut self.templates);
            }
            for site in &mut self.templates[before..] {
                site.reads_results = true;
            }
        }
    }

    fn read_expand(&mut self, reader: &mut TemplateReader<'d>) {
        let written = |path: &str| self.value.pointer(&format!("/expand/{path}"));
        let (planner, concluder) = (written("agent"), written("synthesize/agent"));
        let prompts = ["prompt", "synthesize/prompt"].map(|path| (path, written(path)));
        let offered = written("catalogue/agents").and_then(Value::as_array);
        self.agent(planner, "expand/agent");
        for (place, agent) in offered.into_iter().flatten().enumerate() {
            self.agent(Some(agent), &format!("expand/catalogue/agents/{place}"));
        }
        self.agent(concluder, "expand/synthesize/agent");
        for (path, prompt) in prompts {
            self.text(prompt, &format!("expand/{path}"), Form::Text, reader);
        }
        self.text(written("plan"), "expand/plan", Form::Value, reader);
    }

    /// Who sends a message, whom it is to, and what it says.
    fn read_message(&mut self, reader: &mut TemplateReader<'d>) {
        self.agent(self.get("from"), "from");
        match self.get("to") {
            Some(Value::Array(agents)) => {
                for (place, agent) in agents.iter().enumerate() {
                    self.agent(Some(agent), &format!("to/{place}"));
                }
            }
            Some(to) if to != EVERYBODY => self.agent(Some(to), "to"),
            _ => {}
        }
        self.text(self.get("subject"), "subject", Form::Text, reader);
        if let Some(body) = self.get("body") {
            reader.texts(body, &format!("{}/body", self.pointer), &mut self.templates);
        }
    }

    /// What was just read is the message, which reads what reviewers found.
    fn read_review(&mut self, reader: &mut TemplateReader<'d>) {
        if let Some(message) =
            self.templates.last_mut().filter(|_| self.value.get("message").is_some())
        {
            message.reads_output = true;
        }
        if let Some(criteria) = self.get("criteria") {
            reader.texts(criteria, &format!("{}/criteria", self.pointer), &mut self.templates);
        }
        let reviewers = self.get("reviewers").and_then(Value::as_array).into_iter().flatten();
        for (place, reviewer) in reviewers.enumerate() {
            self.agent(Some(reviewer), &format!("reviewers/{place}"));
        }
        let author = self.get("revise").and_then(|revise| revise.get("agent"));
        self.agent(author, "revise/agent");
    }

    /// Whether a template of the task can read the messages that were sent before: those to its agent, and those
    /// on which it starts.
    pub(crate) fn reads_messages(&self, site: &TemplateSite<'_>) -> bool {
        let has_some = match self.verb {
            Some(VerbKind::Agent) => true,
            Some(VerbKind::Review) | None => false,
            Some(_) => !self.topics.is_empty(),
        };
        has_some && !site.reads_output
    }

    /// The variables that a template of the task has besides those of all templates.
    pub(crate) fn locals(&self, site: &TemplateSite<'_>) -> Vec<&'d str> {
        let mut names = Vec::new();
        if let Some(each) = self.each.as_ref().filter(|_| site.reads_item) {
            names.extend(each.names());
        }
        if let Some(rounds) = self.rounds.filter(|_| site.reads_round) {
            names.extend(rounds.names());
        }
        if site.reads_output {
            names.push("output");
        }
        if site.reads_failure {
            names.extend(FAILURE);
        }
        if self.reads_messages(site) {
            names.push("messages");
        }
        names
    }

    /// Everything before this is read in each round, and so is when there are no more.
    fn read_rounds(&mut self, reader: &mut TemplateReader<'d>) {
        if self.rounds.is_none() {
            return;
        }
        let before = self.templates.len();
        let repeat = self.value.get("repeat");
        let written = |key: &str| repeat.and_then(|repeat| repeat.get(key));
        self.text(written("until"), "repeat/until", Form::Expression, reader);
        self.text(written("best"), "repeat/best", Form::Number, reader);
        self.templates[before..].iter_mut().for_each(|site| site.reads_output = true);
        self.templates.iter_mut().for_each(|site| site.reads_round = true);
    }

    /// What undoes the task is read with what has come out of it, of each round and for each item.
    fn read_compensation(&mut self, reader: &mut TemplateReader<'d>) {
        let Some(compensate) = self.get("compensate") else { return };
        self.agent(compensate.get("agent"), "compensate/agent");
        let before = self.templates.len();
        self.text(compensate.get("prompt"), "compensate/prompt", Form::Text, reader);
        if let Some(with) = compensate.get("with") {
            reader.texts(with, &format!("{}/compensate/with", self.pointer), &mut self.templates);
        }
        for site in &mut self.templates[before..] {
            site.reads_output = true;
            site.reads_round = self.rounds.is_some();
        }
    }

    /// The items are read once, everything before this for each of them.
    fn read_each(&mut self, reader: &mut TemplateReader<'d>) {
        let Some(each) = self.each.clone() else { return };
        let key = self.value.get("for_each").and_then(|written| written.get("key"));
        self.text(key, "for_each/key", Form::Text, reader);
        for site in &mut self.templates {
            site.reads_item = true;
        }
        match each.items {
            Value::String(text) => {
                self.templates.push(reader.read(text, each.pointer, Form::Items));
            }
            items => reader.texts(items, &each.pointer, &mut self.templates),
        }
    }

    pub(super) fn agent(&mut self, named: Option<&'d Value>, path: &str) {
        if let Some(name) = named.and_then(Value::as_str).filter(|name| !name.is_empty()) {
            self.agents.push(Named { name, pointer: format!("{}/{path}", self.pointer) });
        }
    }

    pub(super) fn text(
        &mut self,
        text: Option<&'d Value>,
        path: &str,
        form: Form,
        reader: &mut TemplateReader<'d>,
    ) {
        if let Some(text) = text.and_then(Value::as_str) {
            let pointer = format!("{}/{path}", self.pointer);
            self.templates.push(reader.read(text, pointer, form));
        }
    }
}

/// The entries of a mapping; none for anything else.
pub(crate) fn entries(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

fn names<'d>(list: Option<&'d Value>, pointer: &str, key: &str) -> Vec<Named<'d>> {
    let entries = list.and_then(Value::as_array).into_iter().flatten().enumerate();
    entries
        .filter_map(|(index, entry)| {
            Some(Named { name: entry.as_str()?, pointer: format!("{pointer}/{key}/{index}") })
        })
        .collect()
}
