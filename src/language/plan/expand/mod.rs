//! Plans of agents: what they may name, the form in which they are asked for, and whether one holds.
//!
//! What an agent plans is data: names are looked up in the catalogue, and prompts are texts that
//! nothing in them can change.

mod reading;
#[cfg(test)]
mod tests;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::iterate::Body;
use super::model::Input;

/// What planning is called in addresses.
pub const PLAN: &str = "plan";

/// What making one result of all is called in addresses.
pub const SYNTHESIS: &str = "synthesis";

/// A planned task's name is no longer.
const MAX_NAME: usize = 40;

/// Work that an agent plans.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expand {
    /// What a plan may be made of.
    pub planning: Planning,
    /// How an entry of the catalogue is done, in their order.
    pub entries: Vec<Body>,
    /// How one result is made of those of the planned tasks, where that is.
    pub synthesis: Option<Body>,
    /// So often it is planned anew.
    pub replans: u32,
    /// The plan that is there at first: an expression. Without it an agent is asked for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
}

/// What is done in one of the times of work that is not the same each time: of what an agent plans, and
/// of failed tasks that somebody takes up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// What is always done: here an agent plans.
    #[default]
    Main,
    /// The entry of the catalogue at this place.
    Entry(u32),
    /// One result is made of all.
    Synthesis,
    /// The rung at this place, of who takes a failed task up.
    Rung(u32),
}

impl Expand {
    /// How many tasks a plan is expected to have: nobody can know.
    pub(in crate::language::plan) fn expected_tasks(&self) -> usize {
        const EXPECTED_TASKS: usize = 4;
        EXPECTED_TASKS.min(self.planning.max_tasks as usize)
    }

    /// How often an agent is asked for a plan, where everything goes well.
    pub(in crate::language::plan) fn sure_plans(&self) -> usize {
        usize::from(self.given.is_none())
    }
}

impl Part {
    /// Whether it is what is done each time.
    pub fn is_main(&self) -> bool {
        *self == Part::Main
    }
}

/// What a plan may be made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Planning {
    /// Whom and what it may name.
    pub catalogue: Vec<Offer>,
    /// The most tasks of a plan.
    pub max_tasks: u32,
    /// The names of results that are there from an earlier plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub done: Vec<String>,
}

/// An entry of a catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// What it is.
    pub kind: OfferKind,
    /// Its name in plans.
    pub name: String,
    /// What it is good for, in a few words.
    pub about: String,
    /// Its inputs, of a pattern.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub inputs: IndexMap<String, Input>,
}

/// What can be offered to who plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferKind {
    /// An agent, who is asked with a prompt.
    Agent,
    /// A pattern, which is used with inputs.
    Pattern,
}

impl OfferKind {
    /// The key of a planned task that names it.
    pub fn key(self) -> &'static str {
        match self {
            OfferKind::Agent => "agent",
            OfferKind::Pattern => "uses",
        }
    }
}

/// A task of a plan that holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    /// Its name.
    pub name: String,
    /// The place in the catalogue of whom or what it names.
    pub offer: u32,
    /// What an agent is asked: a text as it stands.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prompt: String,
    /// Inputs of a used pattern: values as they stand.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub with: Map<String, Value>,
    /// Inputs of a used pattern that are the results of tasks, by the names of these.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub from: IndexMap<String, String>,
    /// The tasks whose results it needs.
    pub needs: Vec<String>,
}

impl Planning {
    /// The JSON Schema of a plan. Reasons come before tasks, since a model thinks while it writes.
    pub fn output(&self) -> Value {
        let mut forms: Vec<Value> = Vec::new();
        let agents = self.names(OfferKind::Agent);
        if !agents.is_empty() {
            let fields = [
                ("agent", json!({ "enum": agents })),
                ("prompt", json!({ "type": "string", "minLength": 1 })),
            ];
            forms.push(self.form(fields));
        }
        for offer in self.catalogue.iter().filter(|offer| offer.kind == OfferKind::Pattern) {
            let with =
                offer.inputs.iter().map(|(name, input)| (name.clone(), input.schema.clone()));
            let from = offer.inputs.keys().map(|name| (name.clone(), json!({ "type": "string" })));
            let fields = [
                ("uses", json!({ "const": offer.name })),
                ("with", open(&with.collect())),
                ("from", open(&from.collect())),
            ];
            forms.push(self.form(fields));
        }
        let items = match forms.len() {
            1 => forms.remove(0),
            _ => json!({ "anyOf": forms }),
        };
        let least = usize::from(self.done.is_empty());
        closed([
            ("reasoning", json!({ "type": "string" })),
            (
                "tasks",
                json!({
                    "type": "array",
                    "minItems": least,
                    "maxItems": self.max_tasks,
                    "items": items,
                }),
            ),
        ])
    }

    fn form<const N: usize>(&self, fields: [(&str, Value); N]) -> Value {
        let name =
            json!({ "type": "string", "pattern": "^[a-z][a-z0-9_]*$", "maxLength": MAX_NAME });
        let needs =
            json!({ "type": "array", "items": { "type": "string" }, "maxItems": self.max_tasks });
        let fields = [("name", name)].into_iter().chain(fields).chain([("needs", needs)]);
        closed(fields)
    }

    fn names(&self, kind: OfferKind) -> Vec<&str> {
        let of_kind = self.catalogue.iter().filter(|offer| offer.kind == kind);
        of_kind.map(|offer| offer.name.as_str()).collect()
    }
}

fn closed<'k>(fields: impl IntoIterator<Item = (&'k str, Value)>) -> Value {
    let fields: Map<String, Value> =
        fields.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    let required: Vec<&String> = fields.keys().collect();
    let required = json!(required);
    json!({
        "type": "object",
        "properties": fields,
        "required": required,
        "additionalProperties": false,
    })
}

/// An object whose fields may all be left out.
fn open(fields: &Map<String, Value>) -> Value {
    json!({ "type": "object", "properties": fields, "additionalProperties": false })
}
