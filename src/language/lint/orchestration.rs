//! What rules see of a pattern or pipeline: its outline, who asks whom, and which settings hold.

use std::cell::OnceCell;

use serde_json::Value;

use super::flow::Flow;
use crate::language::document::{Document, Library, VerbKind};
use crate::language::plan::{
    Analysis, Edge, Member, Outline, Outlines, Plan, TaskOutline, TeamOutline, compile,
    may_ask_the_lead,
};
use crate::language::source::{SourceId, Span, value_at};

/// A pattern or pipeline that has been checked; parts of it may be faulty.
#[derive(Debug)]
pub(super) struct Orchestration<'a> {
    pub(super) library: &'a Library,
    pub(super) document: &'a Document,
    pub(super) outline: &'a Outline<'a>,
    /// Which task needs which.
    pub(super) edges: &'a [Edge],
    /// The team that the document names or has.
    pub(super) team: Option<&'a TeamOutline<'a>>,
    plan: OnceCell<Option<Plan>>,
    flow: OnceCell<Flow>,
    is_sound: bool,
}

/// A value that holds for a task, and where it is written.
#[derive(Debug, Clone)]
pub(super) struct Setting<'a> {
    pub(super) value: &'a Value,
    pub(super) document: &'a Document,
    pub(super) pointer: String,
}

impl Setting<'_> {
    /// The value's place. Looking it up takes as long as the document is large, so it is left to
    /// those who have found something.
    pub(super) fn span(&self) -> Span {
        self.document.span(&self.pointer)
    }

    /// What tells one setting from another.
    pub(super) fn key(&self) -> (SourceId, String) {
        (self.document.source(), self.pointer.clone())
    }
}

impl<'a> Orchestration<'a> {
    pub(super) fn new<'l: 'a>(
        outlines: &'a Outlines<'l>,
        document: &'l Document,
        analysis: &'a Analysis<'l>,
        is_sound: bool,
    ) -> Orchestration<'a> {
        let (library, outline) = (outlines.library(), outlines.get(document));
        let (edges, team) = (&analysis.edges, analysis.team.as_ref());
        let (plan, flow) = (OnceCell::new(), OnceCell::new());
        Orchestration { library, document, outline, edges, team, plan, flow, is_sound }
    }

    pub(super) fn tasks(&self) -> &'a [TaskOutline<'a>] {
        &self.outline.tasks
    }

    /// The tasks that ask a model, by the verb's keys alone.
    pub(super) fn asking_tasks(&self) -> impl Iterator<Item = &'a TaskOutline<'a>> {
        self.tasks().iter().filter(|task| asks_a_model(task))
    }

    /// The plan; none where a document is faulty. It is made when a rule first asks for it.
    pub(super) fn plan(&self) -> Option<&Plan> {
        let make = || {
            let compiled = self.is_sound.then(|| compile(self.library, self.document).ok());
            compiled.flatten().map(|compiled| compiled.plan)
        };
        self.plan.get_or_init(make).as_ref()
    }

    /// Whether nothing is wrong with the document.
    pub(super) fn is_sound(&self) -> bool {
        self.is_sound
    }

    /// Which task comes before which. It is made when a rule first asks for it.
    pub(super) fn flow(&self) -> &Flow {
        self.flow.get_or_init(|| Flow::of(self.outline, self.edges))
    }

    /// Where a task has its name.
    pub(super) fn name_span(&self, task: usize) -> Span {
        self.document.key_span(&self.tasks()[task].pointer)
    }

    /// Where a part of a task is, by its pointer from the task: the key that it stands under.
    pub(super) fn key_span(&self, task: &TaskOutline<'_>, pointer: &str) -> Span {
        self.document.key_span(&format!("{}{pointer}", task.pointer))
    }

    /// The ways in which a task needs another: by name, as a source, or through a template each.
    pub(super) fn edges_between(&self, task: usize, needs: usize) -> impl Iterator<Item = &Edge> {
        let edges = self.flow().edges(task).iter().filter_map(|place| self.edges.get(*place));
        edges.filter(move |edge| edge.needs == needs)
    }

    /// The agent that a task asks, if the team has it: the lead where a consensus names none.
    pub(super) fn agent_of(&self, task: &TaskOutline<'_>) -> Option<&'a Member<'a>> {
        let team = self.team?;
        match task.agents.first() {
            Some(named) => team.find(named.name),
            None if task.verb == Some(VerbKind::Synthesize) => team.lead(),
            None => None,
        }
    }

    /// Where to point for something that holds for a task: at its place if that is in this
    /// document, else at the task.
    pub(super) fn place_for(&self, task: &TaskOutline<'_>, span: Span) -> Span {
        if span.source == self.document.source() {
            return span;
        }
        let named = task.agents.first().map(|named| self.document.span(&named.pointer));
        named.unwrap_or_else(|| self.document.key_span(&task.pointer))
    }

    /// The tasks that name an agent, by their places.
    pub(super) fn tasks_of(&self, member: &Member<'_>) -> Vec<usize> {
        let names = |task: &TaskOutline<'_>| {
            task.agents.iter().any(|named| member.agent.is_called(named.name))
        };
        (0..self.tasks().len()).filter(|place| names(&self.tasks()[*place])).collect()
    }

    /// Whether a task may ask an agent, by its name or as the lead who weighs results.
    pub(super) fn may_ask(&self, member: &Member<'_>) -> bool {
        let asks_the_lead = |task: &TaskOutline<'_>| {
            (task.verb == Some(VerbKind::Synthesize) && task.agents.is_empty())
                || may_ask_the_lead(task.value)
        };
        let may_lead = member.agent.reports_to.is_none();
        let may_get_a_post = self.team.is_some_and(|team| team.may_get_a_post(&member.agent));
        may_get_a_post
            || !self.tasks_of(member).is_empty()
            || (may_lead && self.tasks().iter().any(asks_the_lead))
    }

    /// The model that a task asks: the task's, its agent's, the team's, the document's.
    pub(super) fn model_of(&self, task: &TaskOutline<'a>) -> Option<Setting<'a>> {
        let own = self.at(self.document, &task.pointer, task.value, "/model");
        let of_agent = || {
            let (team, member) = (self.team?, self.agent_of(task)?);
            self.at(team.document, &member.pointer, member.value, "/model")
        };
        let of_team = || {
            let holder = self.team?.document;
            self.at(holder, "/team", holder.value().get("team")?, "/model")
        };
        let by_complexity = || {
            let how = task.value.get("complexity")?.as_str()?;
            self.default_of(&format!("/models/{how}"))
        };
        let of_people = || of_agent().or_else(of_team);
        own.or_else(by_complexity).or_else(of_people).or_else(|| self.default_of("/model"))
    }

    /// A model option of a task: the task's, its agent's, the document's.
    pub(super) fn option_of(&self, task: &TaskOutline<'a>, name: &str) -> Option<Setting<'a>> {
        let pointer = format!("/options/{name}");
        let own = self.at(self.document, &task.pointer, task.value, &pointer);
        let of_agent = || {
            let (team, member) = (self.team?, self.agent_of(task)?);
            self.at(team.document, &member.pointer, member.value, &pointer)
        };
        own.or_else(of_agent).or_else(|| self.default_of(&pointer))
    }

    /// A setting of a task by its pointer, such as `/retry/max_attempts`: the task's or the
    /// document's.
    pub(super) fn setting_of(&self, task: &TaskOutline<'a>, pointer: &str) -> Option<Setting<'a>> {
        let own = self.at(self.document, &task.pointer, task.value, pointer);
        own.or_else(|| self.default_of(pointer))
    }

    /// A setting that a task has itself.
    pub(super) fn own_of(&self, task: &TaskOutline<'a>, pointer: &str) -> Option<Setting<'a>> {
        self.at(self.document, &task.pointer, task.value, pointer)
    }

    /// A setting of the document's `defaults`.
    pub(super) fn default_of(&self, pointer: &str) -> Option<Setting<'a>> {
        let defaults = self.document.value().get("defaults")?;
        self.at(self.document, "/defaults", defaults, pointer)
    }

    fn at(
        &self,
        document: &'a Document,
        holder: &str,
        value: &'a Value,
        pointer: &str,
    ) -> Option<Setting<'a>> {
        let value = value_at(value, pointer).filter(|value| !value.is_null())?;
        Some(Setting { value, document, pointer: format!("{holder}{pointer}") })
    }

    /// The document that lists the servers of a pipeline: its own, or the cluster file that it
    /// names, where that was read, too.
    pub(super) fn cluster(&self) -> Option<&'a Document> {
        let Value::String(file) = self.document.value().get("cluster")? else {
            return Some(self.document);
        };
        self.library.beside(self.document, file)
    }
}

/// Whether a task asks a model, as far as its keys tell.
pub(super) fn asks_a_model(task: &TaskOutline<'_>) -> bool {
    match task.verb {
        Some(VerbKind::Agent | VerbKind::Expand) => true,
        Some(VerbKind::Synthesize) => match task.strategy {
            Some("consensus" | "best_of") => true,
            Some("vote") => {
                value_at(task.value, "/synthesize/tie").is_some_and(|tie| tie == "agent")
            }
            Some("custom") => value_at(task.value, "/synthesize/template").is_none(),
            _ => false,
        },
        _ => false,
    }
}

/// Whether the answer to a task that asks a model has a type: a consensus always has one, and so has the
/// verdict of whoever chooses.
pub(super) fn has_typed_answer(task: &TaskOutline<'_>) -> bool {
    match task.value.get("output") {
        Some(output) => {
            output != "string" && output.get("type").is_none_or(|kind| kind != "string")
                || output.get("enum").is_some()
        }
        // What is planned always has a type.
        None => {
            matches!(task.strategy, Some("consensus" | "vote" | "best_of"))
                || task.verb == Some(VerbKind::Expand)
        }
    }
}

/// The text that a task sends to its agent.
pub(super) fn prompt_of<'a>(task: &TaskOutline<'a>) -> Option<(&'a str, String)> {
    let path = match task.verb {
        Some(VerbKind::Agent) => "/prompt",
        Some(VerbKind::Expand) => "/expand/prompt",
        _ => "/synthesize/prompt",
    };
    let text = value_at(task.value, path)?.as_str()?;
    Some((text, format!("{}{path}", task.pointer)))
}
