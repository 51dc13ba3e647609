//! Values that conform to a JSON Schema.
//!
//! Kept: types, required, enum, const, properties, additional properties, items, prefix items,
//! the bounds of numbers, texts, lists and objects, local references, `allOf`, `pattern` where no `format`
//! says more; of `anyOf` and `oneOf` the first branch. Not looked at: `not`, `if`, `contains`, dependencies.

use serde_json::{Map, Value};

use super::dice::Dice;
use super::numbers;
use super::schema;
use super::words;

/// How deep optional parts go before they are left out, so that recursive schemas end.
const DEEP: usize = 4;

/// How deep anything goes: below it, what can only be endless is cut.
const DEEPEST: usize = 24;

/// Makes a value for `schema`. `name` is what the value is called, for plausible texts.
///
/// A schema that shows a whole value gets that one: what hangs together in it, no type can say.
pub(super) fn instance(schema: &Value, name: &str, dice: &mut Dice) -> Value {
    if let Some(example) = schema["examples"].as_array().and_then(|examples| examples.first()) {
        return example.clone();
    }
    Maker { root: schema, dice }.value(schema, name, 0)
}

struct Maker<'a> {
    root: &'a Value,
    dice: &'a mut Dice,
}

impl Maker<'_> {
    fn value(&mut self, schema: &Value, name: &str, depth: usize) -> Value {
        if depth > DEEPEST {
            return Value::Null;
        }
        let Some(flat) = schema::flatten(schema, self.root, depth >= DEEP) else {
            // `true`, or nothing that says anything.
            return Value::String(words::sentence(name, self.dice));
        };
        if let Some(constant) = flat.get("const") {
            return constant.clone();
        }
        if let Some(Value::Array(choices)) = flat.get("enum")
            && !choices.is_empty()
        {
            return self.dice.pick(choices).clone();
        }
        match schema::kind(&flat, depth >= DEEP) {
            "object" => self.object(&flat, depth),
            "array" => self.array(&flat, name, depth),
            "integer" => numbers::integer(&flat, self.dice),
            "number" => numbers::number(&flat, name, self.dice),
            "boolean" => Value::Bool(self.dice.share() < 0.8),
            "null" => Value::Null,
            _ => Value::String(words::text(&flat, name, self.dice)),
        }
    }

    fn object(&mut self, schema: &Map<String, Value>, depth: usize) -> Value {
        let mut made = Map::new();
        let required = schema::required(schema);
        if let Some(Value::Object(properties)) = schema.get("properties") {
            for (name, property) in properties {
                let wanted = required.contains(&name.as_str());
                // A property whose schema is `false` must not be there.
                if (wanted || depth < DEEP) && *property != Value::Bool(false) {
                    made.insert(name.clone(), self.value(property, name, depth + 1));
                }
            }
        }
        let additional = schema.get("additionalProperties");
        for name in required {
            if !made.contains_key(name) {
                let value = self.additional(additional, name, depth);
                made.insert(name.to_owned(), value);
            }
        }
        let least = schema::size(schema, "minProperties").unwrap_or(0);
        let most = schema::size(schema, "maxProperties").unwrap_or(usize::MAX);
        let free = matches!(additional, Some(Value::Object(_))) && depth < DEEP;
        let wanted = least.max(usize::from(free && made.is_empty()));
        let mut number = 1;
        while made.len() < wanted.min(most) && additional != Some(&Value::Bool(false)) {
            let name = format!("simulated_{number}");
            number += 1;
            if !made.contains_key(&name) {
                let value = self.additional(additional, &name, depth);
                made.insert(name, value);
            }
        }
        self.drop_surplus(schema, &mut made, most);
        Value::Object(made)
    }

    fn additional(&mut self, schema: Option<&Value>, name: &str, depth: usize) -> Value {
        match schema {
            Some(schema @ Value::Object(_)) => self.value(schema, name, depth + 1),
            _ => Value::String(words::sentence(name, self.dice)),
        }
    }

    fn drop_surplus(
        &mut self,
        schema: &Map<String, Value>,
        made: &mut Map<String, Value>,
        most: usize,
    ) {
        let required = schema::required(schema);
        while made.len() > most {
            let surplus =
                made.keys().rev().find(|name| !required.contains(&name.as_str())).cloned();
            match surplus {
                Some(name) => made.shift_remove(&name),
                None => break,
            };
        }
    }

    fn array(&mut self, schema: &Map<String, Value>, name: &str, depth: usize) -> Value {
        let least = schema::size(schema, "minItems").unwrap_or(0);
        let most = schema::size(schema, "maxItems").unwrap_or(usize::MAX);
        let usual = if depth < DEEP { 2 } else { 0 };
        let prefix = match schema.get("prefixItems") {
            Some(Value::Array(prefix)) => prefix.as_slice(),
            _ => &[],
        };
        let items = schema.get("items");
        let mut length = least.max(usual).max(prefix.len()).min(most);
        if items == Some(&Value::Bool(false)) {
            length = length.min(prefix.len());
        }
        let unique = schema.get("uniqueItems") == Some(&Value::Bool(true));
        let singular = words::singular(name);
        let mut made: Vec<Value> = Vec::new();
        for place in 0..length {
            let item = prefix.get(place).or(items).unwrap_or(&Value::Bool(true));
            let mut value = self.value(item, &singular, depth + 1);
            let mut tries = 0;
            while unique && made.contains(&value) && tries < 32 {
                value = self.value(item, &singular, depth + 1);
                tries += 1;
            }
            if unique && made.contains(&value) && made.len() >= least {
                break;
            }
            made.push(value);
        }
        Value::Array(made)
    }
}

#[cfg(test)]
#[path = "instance_tests.rs"]
mod tests;
