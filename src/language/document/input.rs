//! Declared inputs of patterns and pipelines.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::OutputType;
use super::output_type::TypeProblem;

/// What a caller may give. Without a default it is required.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InputDeclaration {
    /// The type; any text if absent.
    #[serde(rename = "type")]
    pub kind: OutputType,
    /// What it is, for people who fill it in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The value where none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Values to imitate.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Value>,
    /// What earlier runs have shown, where no value is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learned: Option<Learned>,
    /// Limits of the value, in the words of JSON Schema.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub limits: Map<String, Value>,
}

impl InputDeclaration {
    /// Whether a caller must give it.
    pub fn is_required(&self) -> bool {
        self.default.is_none()
    }

    /// What a value must conform to, as JSON Schema.
    ///
    /// # Errors
    /// Every place in the type that cannot be read, relative to the `type`.
    pub fn to_schema(&self) -> Result<Value, Vec<TypeProblem>> {
        let mut schema = self.kind.to_schema()?;
        if let Value::Object(schema) = &mut schema {
            for (keyword, limit) in &self.limits {
                schema.insert(keyword.clone(), limit.clone());
            }
            if !self.examples.is_empty() {
                schema.insert("examples".to_owned(), self.examples.clone().into());
            }
        }
        Ok(schema)
    }
}

/// The mapping form of [`InputDeclaration`].
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct InputFields {
    /// The type of the value. Text if absent.
    #[serde(rename = "type")]
    kind: Option<OutputType>,
    /// What it is, for people who fill it in.
    description: Option<String>,
    /// The value where none is given. An input without a default is required.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Value")]
    default: Option<Value>,
    /// Values to imitate.
    #[serde(default)]
    examples: Vec<Value>,
    /// What the value is where a run begins for which none is given: what earlier runs have shown. The default, as long
    /// as that is not known.
    learned: Option<Learned>,
    /// The values that are allowed.
    #[serde(rename = "enum")]
    choices: Option<Vec<Value>>,
    /// What a text must look like.
    format: Option<TextFormat>,
    /// A regular expression that a text must match.
    pattern: Option<String>,
    /// The least number.
    minimum: Option<f64>,
    /// The greatest number.
    maximum: Option<f64>,
    /// The fewest characters of a text.
    min_length: Option<u64>,
    /// The most characters of a text.
    max_length: Option<u64>,
    /// The fewest items of a list.
    min_items: Option<u64>,
    /// The most items of a list.
    max_items: Option<u64>,
}

/// What earlier runs have shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Learned {
    /// How many points, from -2 to 2, are to be added to the size of a request, because requests came to more pieces
    /// of work, or fewer, than their tiers take.
    TierPoints,
}

/// What a text looks like.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum TextFormat {
    /// `2027-03-01`.
    Date,
    /// `2027-03-01T09:00:00Z`.
    DateTime,
    /// `09:00:00Z`.
    Time,
    /// An address for mail.
    Email,
    /// An address on the web.
    Uri,
}

/// A default of `null` is a default.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl<'de> Deserialize<'de> for InputDeclaration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Value::deserialize(deserializer)?;
        let Value::Object(_) = &written else {
            return Ok(InputDeclaration {
                kind: OutputType(written),
                description: None,
                default: None,
                examples: Vec::new(),
                learned: None,
                limits: Map::new(),
            });
        };
        let fields: InputFields =
            serde_json::from_value(written).map_err(serde::de::Error::custom)?;
        let format = fields.format.map(|format| serde_json::to_value(format).unwrap_or_default());
        let mut limits = Map::new();
        let all = [
            ("enum", fields.choices.map(Value::from)),
            ("format", format),
            ("pattern", fields.pattern.map(Value::from)),
            ("minimum", fields.minimum.map(number)),
            ("maximum", fields.maximum.map(number)),
            ("minLength", fields.min_length.map(Value::from)),
            ("maxLength", fields.max_length.map(Value::from)),
            ("minItems", fields.min_items.map(Value::from)),
            ("maxItems", fields.max_items.map(Value::from)),
        ];
        for (keyword, limit) in all {
            if let Some(limit) = limit {
                limits.insert(keyword.to_owned(), limit);
            }
        }
        let text_unless_listed = if limits.contains_key("enum") { "any" } else { "string" };
        Ok(InputDeclaration {
            kind: fields.kind.unwrap_or_else(|| OutputType(text_unless_listed.into())),
            description: fields.description,
            default: fields.default,
            examples: fields.examples,
            learned: fields.learned,
            limits,
        })
    }
}

impl JsonSchema for InputDeclaration {
    fn schema_name() -> Cow<'static, str> {
        "Input".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let fields = generator.subschema_for::<InputFields>();
        let items = generator.subschema_for::<OutputType>();
        json_schema!({
            "description": "An input: its type by name, or a mapping that says more. Without a \
                default it is required.",
            "anyOf": [
                { "type": "string",
                  "enum": ["string", "number", "integer", "boolean", "date", "datetime", "object", "any"] },
                { "type": "array", "items": items, "minItems": 1, "maxItems": 1 },
                fields,
            ],
            "examples": [
                "string",
                { "type": "string", "description": "What is launched" },
                { "type": "string", "format": "date", "default": "2027-03-01" },
            ],
        })
    }
}

/// A limit as its author wrote it: 10 and not 10.0.
fn number(limit: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and small enough")]
    if limit.fract() == 0.0 && limit.abs() < EXACT {
        Value::from(limit as i64)
    } else {
        Value::from(limit)
    }
}
