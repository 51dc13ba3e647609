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
    Condition, ForEach, HumanDuration, ModelOptions, OnFailure, OutputType, Retry, Takes,
    TeamReference, Timeouts,
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
    /// `gate: check`: an expression that must be true.
    Check(Box<CheckGate>),
    /// `gate: approval`: a person decides.
    Approval(Box<ApprovalGate>),
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
    /// `gate: check`.
    Check,
    /// `gate: approval`.
    Approval,
}

impl VerbKind {
    /// All kinds, in the order of the schema's branches.
    pub const ALL: [VerbKind; 5] = [
        VerbKind::Agent,
        VerbKind::Uses,
        VerbKind::Synthesize,
        VerbKind::Check,
        VerbKind::Approval,
    ];

    /// The key that says the verb, and for a gate the value that says its kind.
    pub fn key(self) -> (&'static str, Option<&'static str>) {
        match self {
            VerbKind::Agent => ("agent", None),
            VerbKind::Uses => ("uses", None),
            VerbKind::Synthesize => ("synthesize", None),
            VerbKind::Check => ("gate", Some("check")),
            VerbKind::Approval => ("gate", Some("approval")),
        }
    }

    /// The verb in machine output.
    pub fn as_str(self) -> &'static str {
        match self {
            VerbKind::Agent => "agent",
            VerbKind::Uses => "uses",
            VerbKind::Synthesize => "synthesize",
            VerbKind::Check => "check",
            VerbKind::Approval => "approval",
        }
    }

    /// The modifiers that mean something for this kind.
    pub fn modifiers(self) -> &'static [&'static str] {
        match self {
            VerbKind::Agent => &[
                "description",
                "needs",
                "when",
                "for_each",
                "timeout",
                "retry",
                "on_failure",
                "estimate",
                "output",
                "model",
                "options",
                "cache",
                "hedge",
                "takes",
            ],
            VerbKind::Synthesize => &[
                "description",
                "needs",
                "when",
                "timeout",
                "retry",
                "on_failure",
                "estimate",
                "output",
                "model",
                "options",
                "cache",
                "hedge",
                "takes",
            ],
            VerbKind::Uses => &["description", "needs", "when", "for_each", "on_failure"],
            VerbKind::Check | VerbKind::Approval => &["description", "needs", "when", "on_failure"],
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

/// Makes one result of several.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SynthesizeTask {
    /// What is put together, and how.
    pub synthesize: Synthesis,
}

/// What is put together, and how.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Synthesis {
    /// The tasks whose results are put together. Those without a result, because they failed or
    /// were skipped, are left out; one at least must have one.
    #[schemars(length(min = 1))]
    pub from: Vec<String>,
    /// How.
    pub strategy: Strategy,
    /// Who does it, for `consensus` (the team's lead if absent) and for `custom` with a `prompt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// For `custom`: what the agent is asked. For `consensus`: what to decide, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// For `custom`: a template that makes the result without a model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<Value>,
}

/// How several results become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// A mapping from task name to result.
    MergeAll,
    /// The result of the first task in `from` that succeeded.
    UseFirstResult,
    /// An agent weighs the results: where they agree, where they differ, what follows.
    Consensus,
    /// A template, or an agent with a prompt.
    Custom,
}

/// Lets work pass only while an expression is true. No model is asked.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckGate {
    /// `check`.
    pub gate: CheckWord,
    /// What must be true: one expression, or several by name.
    pub condition: Conditions,
    /// What is said when it is not: a template.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// The word that makes a gate a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckWord {
    /// An expression decides.
    Check,
}

/// One expression, or several by name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Conditions {
    /// A single expression.
    One(Condition),
    /// A checklist: every one must be true.
    Named(IndexMap<String, Condition>),
}

impl Conditions {
    /// The expressions with their names; a single one has none.
    pub fn entries(&self) -> Vec<(Option<&str>, &Condition)> {
        match self {
            Conditions::One(condition) => vec![(None, condition)],
            Conditions::Named(named) => {
                named.iter().map(|(name, condition)| (Some(name.as_str()), condition)).collect()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Conditions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Value::deserialize(deserializer)?;
        let read = if written.is_object() {
            serde_json::from_value(written).map(Conditions::Named)
        } else {
            serde_json::from_value(written).map(Conditions::One)
        };
        read.map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Conditions {
    fn schema_name() -> Cow<'static, str> {
        "Conditions".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let condition = generator.subschema_for::<Condition>();
        json_schema!({
            "description": "An expression that must be true, or a checklist of named expressions \
                of which every one must be.",
            "anyOf": [
                condition,
                {
                    "type": "object",
                    "minProperties": 1,
                    "propertyNames": { "pattern": super::name::IDENTIFIER_PATTERN },
                    "additionalProperties": condition,
                },
            ],
            "examples": [
                "tasks.review.output.score >= 7",
                { "legal_is_clear": "tasks.legal.output.approved" },
            ],
        })
    }
}

/// Waits for a person's decision.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApprovalGate {
    /// `approval`.
    pub gate: ApprovalWord,
    /// What the person is asked: a template.
    #[schemars(length(min = 1), example = &"Launch on {{ inputs.launch_date }}?")]
    pub ask: String,
    /// What the person can choose from. Default `[approve, reject]`.
    #[serde(default = "approve_or_reject")]
    #[schemars(length(min = 1, max = 20))]
    pub options: Vec<String>,
    /// The choice when the deadline passes, and in a run without a terminal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// How long the person has. Without a default the task fails when it passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<HumanDuration>,
}

/// The word that makes a gate an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalWord {
    /// A person decides.
    Approval,
}

fn approve_or_reject() -> Vec<String> {
    vec!["approve".to_owned(), "reject".to_owned()]
}

/// When a task is done, how often it is tried, and what its failure means.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Modifiers {
    /// What the task is for, for readers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Tasks that must have ended before. Those that a template mentions need not be named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(example = ["market", "technical"])]
    pub needs: Vec<String>,
    /// The task is skipped where this is false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// The task is done once for each item of a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub for_each: Option<ForEach>,
    /// Time limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Timeouts>,
    /// Retries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// What a failure means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<OnFailure>,
    /// How long the task is expected to take, for the plan's times and critical path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate: Option<HumanDuration>,
    /// The type of the answer. Free text if absent. The model is asked for JSON of this type
    /// and its answer is checked against it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<OutputType>,
    /// The model, instead of the agent's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"llama3.1:8b")]
    pub model: Option<String>,
    /// Options of the model call, over the agent's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<ModelOptions>,
    /// Whether a run that is started with `--cache` may take the answer of an earlier run. With
    /// `false` the task is asked every time. Default true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<bool>,
    /// Whether a second attempt may be begun beside one that takes unusually long, where the cluster
    /// hedges. Default true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hedge: Option<bool>,
    /// Resources that the call takes while it is under way, over what its agent takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub takes: Option<Takes>,
}

impl<'de> Deserialize<'de> for Task {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = deserializer.deserialize_map(EntriesVisitor)?;
        let value = |wanted: &str| written.iter().find(|(key, _)| key == wanted);
        let gate = value("gate").and_then(|(_, gate)| gate.as_str());
        let kind = verb_of_keys(|key| value(key).is_some(), gate)
            .map_err(|_| serde::de::Error::custom("a task has exactly one verb"))?;
        let (modifiers, verb) =
            written.into_iter().partition(|(key, _)| kind.modifiers().contains(&key.as_str()));
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
        VerbKind::Check => Verb::Check(read(verb)?),
        VerbKind::Approval => Verb::Approval(read(verb)?),
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
            branch::<CheckGate>(generator, VerbKind::Check),
            branch::<ApprovalGate>(generator, VerbKind::Approval),
        ];
        json_schema!({
            "description": "One unit of work. Exactly one verb says what kind: `agent`, `uses`, \
                `synthesize` or `gate`.",
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
            if let Some(mut property) = all.remove(*name) {
                // The default of a modifier is its absence.
                if let Value::Object(property) = &mut property {
                    property.remove("default");
                }
                properties.insert((*name).to_owned(), property);
            }
        }
        object.insert("title".to_owned(), json!(kind.as_str()));
    }
    schema
}
