//! Types as authors declare them, with the place of every part: the shorthand and JSON Schema.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::language::document::OutputType;
use crate::language::source::{SourceId, child_pointer, escape_pointer, value_at};
use crate::language::template::{Declaration, Field, Openness, Presence, Type};

/// JSON Schemas may refer to their own parts to this depth; what lies deeper can be anything.
const MAX_DEPTH: u32 = 24;

/// The type of an input.
pub(super) fn input(written: &Value, source: SourceId, pointer: &str) -> Type {
    match written {
        Value::Object(map) => match (map.get("enum"), map.get("type")) {
            (Some(Value::Array(values)), _) => Type::one_of(values),
            (_, Some(kind)) => declared(kind, source, &format!("{pointer}/type")),
            (_, None) => Type::Text,
        },
        kind => declared(kind, source, pointer),
    }
}

/// The type that an author wrote at a place of a document.
pub(super) fn declared(written: &Value, source: SourceId, pointer: &str) -> Type {
    Reading { source, definitions: None }.shorthand(written, pointer)
}

struct Reading<'v> {
    source: SourceId,
    /// The JSON Schema that `#` means, and where it stands.
    definitions: Option<(&'v Value, &'v str)>,
}

impl<'v> Reading<'v> {
    fn shorthand(&self, written: &'v Value, pointer: &'v str) -> Type {
        match written {
            Value::String(name) => simple(name),
            Value::Array(items) => match items.as_slice() {
                [item] => Type::list(self.shorthand(item, &format!("{pointer}/0"))),
                _ => Type::Any,
            },
            Value::Object(map) if OutputType::is_json_schema(map) => {
                let inside = Reading { definitions: Some((written, pointer)), ..*self };
                inside.schema(written, pointer, 0)
            }
            Value::Object(map) => {
                let mut fields = IndexMap::new();
                for (name, kind) in map {
                    let place = child_pointer(pointer, name);
                    let value = self.shorthand(kind, &place);
                    let (name, presence) = match name.strip_suffix('?') {
                        Some(name) => (name, Presence::Maybe),
                        None => (name.as_str(), Presence::Always),
                    };
                    let declared = self.declaration(&place);
                    fields.insert(name.to_owned(), Field { value, presence, declared });
                }
                Type::object(fields, Openness::Closed, self.declaration(pointer))
            }
            _ => Type::Any,
        }
    }

    fn declaration(&self, pointer: &str) -> Option<Declaration> {
        Some(Declaration { source: self.source, pointer: pointer.into() })
    }

    /// Every keyword only narrows what a schema allows, so that the type of the one that says most
    /// is a type of the whole.
    fn schema(&self, schema: &Value, pointer: &str, depth: u32) -> Type {
        let Value::Object(map) = schema else {
            return Type::Any;
        };
        if depth > MAX_DEPTH {
            return Type::Any;
        }
        if let Some(value) = map.get("const") {
            return Type::literal(value);
        }
        if let Some(Value::Array(values)) = map.get("enum") {
            return Type::one_of(values);
        }
        if let Some(kind) = map.get("type") {
            return match kind {
                Value::Array(kinds) => {
                    Type::union(kinds.iter().map(|kind| self.of_kind(kind, map, pointer, depth)))
                }
                kind => self.of_kind(kind, map, pointer, depth),
            };
        }
        if let Some(Value::String(reference)) = map.get("$ref") {
            return self.referred(reference, depth);
        }
        for key in ["anyOf", "oneOf"] {
            if let Some(Value::Array(choices)) = map.get(key) {
                return Type::union(choices.iter().enumerate().map(|(place, choice)| {
                    self.schema(choice, &format!("{pointer}/{key}/{place}"), depth + 1)
                }));
            }
        }
        match map.get("allOf") {
            Some(Value::Array(all)) if all.len() == 1 => {
                self.schema(&all[0], &format!("{pointer}/allOf/0"), depth + 1)
            }
            _ => Type::Any,
        }
    }

    fn of_kind(&self, kind: &Value, map: &Map<String, Value>, pointer: &str, depth: u32) -> Type {
        match kind.as_str().unwrap_or_default() {
            "array" => match map.get("items") {
                Some(items) if !map.contains_key("prefixItems") => {
                    Type::list(self.schema(items, &format!("{pointer}/items"), depth + 1))
                }
                _ => Type::list(Type::Any),
            },
            "object" => self.object(map, pointer, depth),
            "null" => Type::Null,
            name => simple(name),
        }
    }

    fn object(&self, map: &Map<String, Value>, pointer: &str, depth: u32) -> Type {
        let is_required = |name: &str| {
            let required = map.get("required").and_then(Value::as_array);
            required.is_some_and(|names| names.iter().any(|required| required == name))
        };
        let mut fields = IndexMap::new();
        for (name, schema) in map.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            let place = format!("{pointer}/properties/{}", escape_pointer(name));
            let value = self.schema(schema, &place, depth + 1);
            let presence = if is_required(name) { Presence::Always } else { Presence::Maybe };
            let declared = self.declaration(&place);
            fields.insert(name.clone(), Field { value, presence, declared });
        }
        let is_closed = map.get("additionalProperties") == Some(&Value::Bool(false))
            && !map.contains_key("patternProperties");
        let openness = if is_closed { Openness::Closed } else { Openness::Open };
        Type::object(fields, openness, self.declaration(pointer))
    }

    /// A part of the same schema: `#/$defs/risk`.
    fn referred(&self, reference: &str, depth: u32) -> Type {
        let Some((whole, start)) = self.definitions else {
            return Type::Any;
        };
        let Some(inside) = reference.strip_prefix('#') else {
            return Type::Any;
        };
        match value_at(whole, inside) {
            Some(schema) => self.schema(schema, &format!("{start}{inside}"), depth + 1),
            None => Type::Any,
        }
    }
}

fn simple(name: &str) -> Type {
    match name {
        "string" | "date" | "datetime" => Type::Text,
        "number" => Type::Number,
        "integer" => Type::Integer,
        "boolean" => Type::Boolean,
        "object" => Type::any_object(),
        _ => Type::Any,
    }
}
