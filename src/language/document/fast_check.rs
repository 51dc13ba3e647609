//! Whether a document conforms, told without compiling validators.
//!
//! Making the validators of jsonschema takes some thousand times as long as asking them once, and a command asks
//! about one or two documents. This reads the few keywords that our own schemas use, and refuses a schema with
//! another one. What is wrong with a document that does not conform, jsonschema says.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::Regex;
use serde::de::{Error, IgnoredAny, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::formats;
use super::one_or_several;

/// A schema in the form in which one question to it is cheap.
#[derive(Debug)]
pub(super) struct FastCheck(Rules);

/// A schema or a part of one.
#[derive(Debug)]
enum Schema {
    /// Everything conforms, or nothing does.
    Constant(bool),
    Rules(Box<Rules>),
}

/// What a schema asks of a value.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Rules {
    #[serde(rename = "$schema")]
    _schema: IgnoredAny,
    #[serde(rename = "title")]
    _title: IgnoredAny,
    #[serde(rename = "description")]
    _description: IgnoredAny,
    #[serde(rename = "default")]
    _default: IgnoredAny,
    #[serde(rename = "examples")]
    _examples: IgnoredAny,

    #[serde(rename = "$defs")]
    definitions: BTreeMap<String, Schema>,
    #[serde(rename = "$ref")]
    reference: Option<String>,
    all_of: Vec<Schema>,
    any_of: Option<Vec<Schema>>,
    one_of: Option<Vec<Schema>>,

    /// Any where it says none.
    #[serde(rename = "type", deserialize_with = "one_or_several::read")]
    types: Vec<String>,
    /// Texts only: a number also equals others that are written differently.
    #[serde(rename = "const")]
    only: Option<String>,
    #[serde(rename = "enum")]
    among: Option<Vec<String>>,

    minimum: Option<f64>,
    exclusive_minimum: Option<f64>,
    maximum: Option<f64>,

    min_length: usize,
    pattern: Option<Pattern>,
    format: Option<Format>,

    items: Option<Schema>,
    min_items: usize,
    max_items: Option<usize>,
    unique_items: bool,

    required: Vec<String>,
    properties: BTreeMap<String, Schema>,
    #[serde(deserialize_with = "by_patterns")]
    pattern_properties: Vec<(Pattern, Schema)>,
    additional_properties: Option<Schema>,
    property_names: Option<Schema>,
    min_properties: usize,
    max_properties: Option<usize>,
}

/// A regular expression, compiled when the first text is held against it.
#[derive(Debug)]
struct Pattern {
    source: String,
    compiled: OnceLock<Regex>,
}

#[derive(Debug)]
struct Format(formats::Check);

impl FastCheck {
    /// That of a schema; `None` where it has a keyword that is not known here.
    pub(super) fn of(schema: &str) -> Option<FastCheck> {
        serde_json::from_str(schema).ok().map(FastCheck)
    }

    /// Whether nothing is wrong with a document.
    pub(super) fn conforms(&self, document: &Value) -> bool {
        self.follows(&self.0, document)
    }

    fn allows(&self, schema: &Schema, value: &Value) -> bool {
        match schema {
            Schema::Constant(allowed) => *allowed,
            Schema::Rules(rules) => self.follows(rules, value),
        }
    }

    fn follows(&self, rules: &Rules, value: &Value) -> bool {
        let is_text_of = |text: &str| value.as_str() == Some(text);
        (rules.types.is_empty() || rules.types.iter().any(|name| is_of_type(value, name)))
            && rules.only.as_ref().is_none_or(|only| is_text_of(only))
            && rules.among.as_ref().is_none_or(|among| among.iter().any(|text| is_text_of(text)))
            && match value {
                Value::Number(number) => {
                    number.as_f64().is_some_and(|number| rules.allow_number(number))
                }
                Value::String(text) => rules.allow_text(text),
                Value::Array(items) => self.allows_items(rules, items),
                Value::Object(fields) => self.allows_fields(rules, fields),
                Value::Null | Value::Bool(_) => true,
            }
            && self.fits_in(rules, value)
    }

    /// Whether a value follows the schemas that rules consist of.
    fn fits_in(&self, rules: &Rules, value: &Value) -> bool {
        let allows = |part: &&Schema| self.allows(part, value);
        let named = |reference: &String| {
            let name = reference.strip_prefix("#/$defs/");
            name.and_then(|name| self.0.definitions.get(name))
        };
        rules.reference.as_ref().is_none_or(|name| named(name).as_ref().is_some_and(allows))
            && rules.all_of.iter().all(|part| allows(&part))
            && rules.any_of.as_ref().is_none_or(|parts| parts.iter().any(|part| allows(&part)))
            && rules
                .one_of
                .as_ref()
                .is_none_or(|parts| parts.iter().filter(allows).take(2).count() == 1)
    }

    fn allows_items(&self, rules: &Rules, items: &[Value]) -> bool {
        let is_repeated = |(place, item): (usize, &Value)| items[..place].contains(item);
        items.len() >= rules.min_items
            && rules.max_items.is_none_or(|most| items.len() <= most)
            && rules
                .items
                .as_ref()
                .is_none_or(|each| items.iter().all(|item| self.allows(each, item)))
            && !(rules.unique_items && items.iter().enumerate().any(is_repeated))
    }

    fn allows_fields(&self, rules: &Rules, fields: &Map<String, Value>) -> bool {
        fields.len() >= rules.min_properties
            && rules.max_properties.is_none_or(|most| fields.len() <= most)
            && rules.required.iter().all(|name| fields.contains_key(name))
            && fields.iter().all(|(name, value)| self.allows_field(rules, name, value))
    }

    fn allows_field(&self, rules: &Rules, name: &str, value: &Value) -> bool {
        let own = rules.properties.get(name);
        let patterns = rules.pattern_properties.iter();
        let mut alike = patterns.filter(|(pattern, _)| pattern.is_in(name)).peekable();
        let is_other = own.is_none() && alike.peek().is_none();
        let others = rules.additional_properties.as_ref().filter(|_| is_other);
        let names = rules.property_names.as_ref();
        names.is_none_or(|names| self.allows(names, &Value::String(name.to_owned())))
            && own.is_none_or(|own| self.allows(own, value))
            && alike.all(|(_, part)| self.allows(part, value))
            && others.is_none_or(|others| self.allows(others, value))
    }
}

impl Rules {
    fn allow_number(&self, number: f64) -> bool {
        self.minimum.is_none_or(|least| number >= least)
            && self.exclusive_minimum.is_none_or(|below| number > below)
            && self.maximum.is_none_or(|most| number <= most)
    }

    fn allow_text(&self, text: &str) -> bool {
        text.chars().take(self.min_length).count() == self.min_length
            && self.pattern.as_ref().is_none_or(|pattern| pattern.is_in(text))
            && self.format.as_ref().is_none_or(|Format(is_one)| is_one(text))
    }
}

/// Whether a value is of the type that a schema names so.
fn is_of_type(value: &Value, name: &str) -> bool {
    match value {
        Value::Null => name == "null",
        Value::Bool(_) => name == "boolean",
        Value::Number(number) => {
            let is_whole =
                || !number.is_f64() || number.as_f64().is_some_and(|number| number.fract() == 0.0);
            name == "number" || name == "integer" && is_whole()
        }
        Value::String(_) => name == "string",
        Value::Array(_) => name == "array",
        Value::Object(_) => name == "object",
    }
}

impl Pattern {
    /// `None` where it may mean something else here than in a schema, whose classes of characters are those
    /// of ECMAScript.
    fn of(source: &str) -> Option<Pattern> {
        let source = source.replace(r"\d", "[0-9]").replace(r"\S", r"[[^\s\x{FEFF}]\x{85}]");
        let mut escaped = source.split('\\').skip(1).map(|rest| rest.chars().next());
        let is_known = escaped.all(|sign| matches!(sign, Some('.' | 's' | 'x')));
        is_known.then(|| Pattern { source, compiled: OnceLock::new() })
    }

    #[expect(
        clippy::expect_used,
        reason = "a test holds texts against every pattern of our schemas"
    )]
    fn is_in(&self, text: &str) -> bool {
        let compile = || Regex::new(&self.source).expect("a pattern");
        self.compiled.get_or_init(compile).is_match(text)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Pattern, D::Error> {
        let source = String::deserialize(deserializer)?;
        Pattern::of(&source).ok_or_else(|| D::Error::custom("a pattern that is not known here"))
    }
}

fn by_patterns<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<(Pattern, Schema)>, D::Error> {
    let written = BTreeMap::<String, Schema>::deserialize(deserializer)?;
    let compile = |(source, schema): (String, Schema)| Some((Pattern::of(&source)?, schema));
    let compiled: Option<Vec<_>> = written.into_iter().map(compile).collect();
    compiled.ok_or_else(|| D::Error::custom("a pattern that is not known here"))
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Format, D::Error> {
        let name = String::deserialize(deserializer)?;
        let check = formats::check(&name).map(Format);
        check.ok_or_else(|| D::Error::custom("a format that is not known here"))
    }
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Schema, D::Error> {
        struct AnySchema;

        impl<'de> Visitor<'de> for AnySchema {
            type Value = Schema;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a schema")
            }

            fn visit_bool<E>(self, allowed: bool) -> Result<Schema, E> {
                Ok(Schema::Constant(allowed))
            }

            fn visit_map<A: MapAccess<'de>>(self, keywords: A) -> Result<Schema, A::Error> {
                let rules = Rules::deserialize(MapAccessDeserializer::new(keywords))?;
                Ok(Schema::Rules(Box::new(rules)))
            }
        }

        deserializer.deserialize_any(AnySchema)
    }
}

#[cfg(test)]
mod tests;
