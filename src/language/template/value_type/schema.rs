//! Types as JSON Schema, for whoever is asked for a value of them.

use serde_json::{Map, Value, json};

use super::{Presence, Type};

impl Type {
    /// A JSON Schema that values of the type conform to.
    pub fn to_schema(&self) -> Value {
        match self {
            Type::Any | Type::Undefined => json!({}),
            Type::Null => json!({ "type": "null" }),
            Type::Boolean => json!({ "type": "boolean" }),
            Type::Integer => json!({ "type": "integer" }),
            Type::Number => json!({ "type": "number" }),
            Type::Text => json!({ "type": "string" }),
            Type::OneOf(values) => json!({ "enum": values }),
            Type::List(list) => json!({ "type": "array", "items": list.item().to_schema() }),
            Type::Object(object) => {
                let fields = object.fields();
                let always =
                    |(_, field): &(&String, &super::Field)| field.presence == Presence::Always;
                let required: Vec<&String> =
                    fields.iter().filter(always).map(|(name, _)| name).collect();
                let properties: Map<String, Value> = fields
                    .iter()
                    .map(|(name, field)| (name.clone(), field.value.to_schema()))
                    .collect();
                json!({
                    "type": "object",
                    "properties": properties,
                    "required": required,
                    "additionalProperties": !object.is_closed(),
                })
            }
            Type::Union(members) => {
                json!({ "anyOf": members.iter().map(Type::to_schema).collect::<Vec<_>>() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use indexmap::IndexMap;

    use super::*;
    use crate::language::template::{Field, Openness};

    #[test]
    fn each_type_has_a_schema() {
        let choice = Type::OneOf(Arc::from([json!("go"), json!("no_go")]));
        assert_eq!(choice.to_schema(), json!({ "enum": ["go", "no_go"] }));
        let field = |value, presence| Field { value, presence, declared: None };
        let fields = IndexMap::from([
            ("risks".to_owned(), field(Type::list(Type::Text), Presence::Always)),
            ("note".to_owned(), field(Type::union([Type::Text, Type::Null]), Presence::Maybe)),
        ]);
        assert_eq!(
            Type::object(fields, Openness::Closed, None).to_schema(),
            json!({
                "type": "object",
                "properties": {
                    "risks": { "type": "array", "items": { "type": "string" } },
                    "note": { "anyOf": [{ "type": "string" }, { "type": "null" }] },
                },
                "required": ["risks"],
                "additionalProperties": false,
            })
        );
        let any = Type::any_object().to_schema();
        assert_eq!(any["additionalProperties"], json!(true));
        assert_eq!(Type::Any.to_schema(), json!({}));
    }
}
