//! Tasks: one verb each, and the modifiers that the verb takes.

use std::borrow::Cow;
use std::fmt;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

use super::{
    ApprovalGate, CheckGate, ExpandTask, Modifiers, ReviewGate, SendTask, SynthesizeTask,
    TeamReference,
};
use crate::language::source::member;

/// One unit of work.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Task {
    /// What kind of work.
    pub verb: Verb,
    /// When it is done, how often it is tried, what its failure means. Boxed, as are the rarer verbs:
    /// lists of tasks are moved about while they are made.
    pub modifiers: Box<Modifiers>,
}

/// What kind of work a task is. The key in the document that says so is the verb.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Verb {
    /// `agent` and `prompt`: asks one agent.
    Agent(AgentTask),
    /// `uses`: runs another pattern as a part of this one.
    Uses(Box<UsesTask>),
    /// `synthesize`: makes one result of several.
    Synthesize(Box<SynthesizeTask>),
    /// `expand`: an agent plans, and the plan is carried out.
    Expand(Box<ExpandTask>),
    /// `tool`: calls a tool, without a model.
    Tool(Box<ToolTask>),
    /// `gate: check`: an expression that must be true.
    Check(Box<CheckGate>),
    /// `gate: review`: agents decide.
    Review(Box<ReviewGate>),
    /// `gate: approval`: a person decides.
    Approval(Box<ApprovalGate>),
    /// `send`: posts a message.
    Send(Box<SendTask>),
}

/// The kinds of task, by which the schema's branches, the diagnostics and the plan name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerbKind {
    /// `agent`.
    Agent,
    /// `uses`.
    Uses,
    /// `synthesize`.
    Synthesize,
    /// `expand`.
    Expand,
    /// `tool`.
    Tool,
    /// `gate: check`.
    Check,
    /// `gate: review`.
    Review,
    /// `gate: approval`.
    Approval,
    /// `send`.
    Send,
}

impl VerbKind {
    /// All kinds, in the order of the schema's branches.
    pub const ALL: [VerbKind; 9] = [
        VerbKind::Agent,
        VerbKind::Uses,
        VerbKind::Synthesize,
        VerbKind::Expand,
        VerbKind::Tool,
        VerbKind::Check,
        VerbKind::Review,
        VerbKind::Approval,
        VerbKind::Send,
    ];

    /// The key that says the verb, and for a gate the value that says its kind.
    pub fn key(self) -> (&'static str, Option<&'static str>) {
        match self {
            VerbKind::Agent => ("agent", None),
            VerbKind::Uses => ("uses", None),
            VerbKind::Synthesize => ("synthesize", None),
            VerbKind::Expand => ("expand", None),
            VerbKind::Tool => ("tool", None),
            VerbKind::Check => ("gate", Some("check")),
            VerbKind::Review => ("gate", Some("review")),
            VerbKind::Approval => ("gate", Some("approval")),
            VerbKind::Send => ("send", None),
        }
    }

    /// The verb in machine output.
    pub fn as_str(self) -> &'static str {
        match self {
            VerbKind::Agent => "agent",
            VerbKind::Uses => "uses",
            VerbKind::Synthesize => "synthesize",
            VerbKind::Expand => "expand",
            VerbKind::Tool => "tool",
            VerbKind::Check => "check",
            VerbKind::Review => "review",
            VerbKind::Approval => "approval",
            VerbKind::Send => "send",
        }
    }
}

/// Asks one agent and keeps its answer.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentTask {
    /// The agent, by its id or role.
    #[schemars(length(min = 1), example = &"market_analyst")]
    pub agent: String,
    /// What it is asked: a template.
    #[schemars(
        length(min = 1),
        example = &"Analyse the market for {{ inputs.product }}. Name the three largest segments."
    )]
    pub prompt: String,
}

/// Runs another pattern as a part of this one.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UsesTask {
    /// The pattern's name.
    #[schemars(length(min = 1), example = &"parallel_research")]
    pub uses: String,
    /// Its inputs. Texts are templates; one that is a whole `{{ expression }}` keeps the type of
    /// its value.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub with: IndexMap<String, Value>,
    /// The team that does it, instead of the pattern's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamReference>,
    /// Agents of this pattern's team that take the places of agents of the used pattern:
    /// the used pattern's agent on the left, this pattern's on the right.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub agents: IndexMap<String, String>,
}

/// Calls a tool and keeps its result. No model is asked.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolTask {
    /// The tool: a built-in one (`list_files`, `read_file`, `search_files`, `run_command`), or `server.tool` of a
    /// server under the document's `tools`.
    #[schemars(length(min = 1), example = &"tickets.list")]
    pub tool: String,
    /// Its arguments. Texts are templates; one that is a whole `{{ expression }}` keeps the type of
    /// its value.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub with: IndexMap<String, Value>,
}

impl<'de> Deserialize<'de> for Task {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = deserializer.deserialize_map(EntriesVisitor)?;
        let value = |wanted: &str| written.iter().find(|(key, _)| key == wanted);
        let gate = value("gate").and_then(|(_, gate)| gate.as_str());
        let kind = verb_of_keys(|key| value(key).is_some(), gate)
            .map_err(|_| serde::de::Error::custom("a task has exactly one verb"))?;
        let (modifiers, verb) = written.into_iter().partition(|(key, _)| kind.takes(key));
        read_task(kind, verb, modifiers).map_err(serde::de::Error::custom)
    }
}

/// The entries of a mapping in the author's order. Tasks have few and there are many tasks: a list
/// of them is made and gone through sooner than a map.
type Entries = Vec<(String, Value)>;

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
        let mut entries = Entries::with_capacity(map.size_hint().unwrap_or_default());
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(entries)
    }
}

fn read_task(kind: VerbKind, verb: Entries, modifiers: Entries) -> Result<Task, serde_json::Error> {
    fn read<T: DeserializeOwned>(entries: Entries) -> Result<T, serde_json::Error> {
        T::deserialize(MapDeserializer::new(entries.into_iter()))
    }
    let verb = match kind {
        VerbKind::Agent => Verb::Agent(read(verb)?),
        VerbKind::Uses => Verb::Uses(read(verb)?),
        VerbKind::Synthesize => Verb::Synthesize(read(verb)?),
        VerbKind::Expand => Verb::Expand(read(verb)?),
        VerbKind::Tool => Verb::Tool(read(verb)?),
        VerbKind::Check => Verb::Check(read(verb)?),
        VerbKind::Review => Verb::Review(read(verb)?),
        VerbKind::Approval => Verb::Approval(read(verb)?),
        VerbKind::Send => Verb::Send(read(verb)?),
    };
    Ok(Task { verb, modifiers: read(modifiers)? })
}

/// The verb of a task by its keys alone, if it has one.
pub(crate) fn verb_of_task(task: &Map<String, Value>) -> Option<VerbKind> {
    verb_of(task).ok()
}

/// Why a mapping is no task of a known kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum VerbProblem {
    /// No key is a verb.
    None,
    /// Several keys are; here they are.
    Several(Vec<&'static str>),
    /// The gate is none of the known kinds.
    UnknownGate,
}

/// The verb of a task by its keys alone, whatever else is wrong with it.
pub(crate) fn verb_of(task: &Map<String, Value>) -> Result<VerbKind, VerbProblem> {
    let gate = member(task, "gate").and_then(Value::as_str);
    verb_of_keys(|key| member(task, key).is_some(), gate)
}

/// The verb of what has some keys, and of a gate the kind.
fn verb_of_keys(has: impl Fn(&str) -> bool, gate: Option<&str>) -> Result<VerbKind, VerbProblem> {
    let mut keys: Vec<&'static str> = Vec::new();
    for kind in VerbKind::ALL {
        let (key, _) = kind.key();
        if !keys.contains(&key) && has(key) {
            keys.push(key);
        }
    }
    match keys.as_slice() {
        [] => Err(VerbProblem::None),
        ["gate"] => VerbKind::ALL
            .into_iter()
            .find(|kind| kind.key().0 == "gate" && kind.key().1 == gate)
            .ok_or(VerbProblem::UnknownGate),
        [key] => {
            VerbKind::ALL.into_iter().find(|kind| kind.key().0 == *key).ok_or(VerbProblem::None)
        }
        _ => Err(VerbProblem::Several(keys)),
    }
}

impl JsonSchema for Task {
    fn schema_name() -> Cow<'static, str> {
        "Task".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let branches = [
            branch::<AgentTask>(generator, VerbKind::Agent),
            branch::<UsesTask>(generator, VerbKind::Uses),
            branch::<SynthesizeTask>(generator, VerbKind::Synthesize),
            branch::<ExpandTask>(generator, VerbKind::Expand),
            branch::<ToolTask>(generator, VerbKind::Tool),
            branch::<CheckGate>(generator, VerbKind::Check),
            branch::<ReviewGate>(generator, VerbKind::Review),
            branch::<ApprovalGate>(generator, VerbKind::Approval),
            branch::<SendTask>(generator, VerbKind::Send),
        ];
        json_schema!({
            "description": "One unit of work. Exactly one verb says what kind: `agent`, `uses`, \
                `synthesize`, `expand`, `tool`, `gate` or `send`.",
            "oneOf": branches,
        })
    }
}

/// One branch of the task's schema: the verb's own keys and the modifiers that it takes.
fn branch<T: JsonSchema>(generator: &mut SchemaGenerator, kind: VerbKind) -> Schema {
    let mut schema = T::json_schema(generator);
    let mut modifiers = Modifiers::json_schema(generator);
    let all = modifiers.as_object_mut().and_then(|object| object.get_mut("properties"));
    if let Some(Value::Object(all)) = all
        && let Some(object) = schema.as_object_mut()
        && let Some(Value::Object(properties)) = object.get_mut("properties")
    {
        for name in kind.modifiers() {
            if let Some(mut property) = all.remove(name) {
                // The default of a modifier is its absence.
                if let Value::Object(property) = &mut property {
                    property.remove("default");
                }
                properties.insert(name.to_owned(), property);
            }
        }
        object.insert("title".to_owned(), json!(kind.as_str()));
    }
    schema
}
