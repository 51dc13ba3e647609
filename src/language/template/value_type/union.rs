//! One type of several.

use std::sync::Arc;

use serde_json::Value;

use super::Type;

/// More known values than this are not kept apart.
const MAX_VALUES: usize = 256;

/// More members than this make anything.
const MAX_MEMBERS: usize = 64;

impl Type {
    /// What is of one of these types.
    pub fn union(types: impl IntoIterator<Item = Type>) -> Type {
        let mut values: Vec<Value> = Vec::new();
        let mut members: Vec<Type> = Vec::new();
        let mut pending: Vec<Type> = types.into_iter().collect();
        pending.reverse();
        while let Some(next) = pending.pop() {
            match next {
                Type::Any => return Type::Any,
                Type::Union(inner) => pending.extend(inner.iter().rev().cloned()),
                Type::OneOf(known) => {
                    for value in known.iter() {
                        if !values.contains(value) {
                            values.push(value.clone());
                        }
                    }
                }
                other if members.contains(&other) => {}
                other => members.push(other),
            }
            if members.len() > MAX_MEMBERS {
                return Type::Any;
            }
        }
        if values.len() > MAX_VALUES {
            for value in std::mem::take(&mut values) {
                let wide = Type::wide(&value);
                if !members.contains(&wide) {
                    members.push(wide);
                }
            }
        }
        values.retain(|value| !members.iter().any(|member| member.covers(value)));
        if members.contains(&Type::Number) {
            members.retain(|member| *member != Type::Integer);
        }
        if !values.is_empty() {
            members.insert(0, Type::OneOf(values.into()));
        }
        match members.len() {
            1 => members.remove(0),
            _ => Type::Union(members.into()).bounded(),
        }
    }

    /// The type of a text, number or truth value without the value.
    fn wide(value: &Value) -> Type {
        match value {
            Value::Null => Type::Null,
            Value::Bool(_) => Type::Boolean,
            Value::Number(number) if number.is_f64() => Type::Number,
            Value::Number(_) => Type::Integer,
            Value::String(_) => Type::Text,
            Value::Array(_) | Value::Object(_) => Type::Any,
        }
    }

    fn covers(&self, value: &Value) -> bool {
        match (self, value) {
            (Type::Text, Value::String(_))
            | (Type::Number, Value::Number(_))
            | (Type::Boolean, Value::Bool(_))
            | (Type::Null, Value::Null) => true,
            (Type::Integer, Value::Number(number)) => !number.is_f64(),
            _ => false,
        }
    }

    /// The type without the single value that a literal has: what a variable is that was set to
    /// it, and what comes out of calculating with it.
    pub(in crate::language::template) fn widened(&self) -> Type {
        match self {
            Type::OneOf(values) => Type::union(values.iter().map(Type::wide)),
            Type::Union(members) => Type::union(members.iter().map(Type::widened)),
            other => other.clone(),
        }
    }

    /// The values it can have, if they can be told one by one.
    pub(in crate::language::template) fn known_values(&self) -> Option<Arc<[Value]>> {
        match self {
            Type::OneOf(values) => Some(Arc::clone(values)),
            Type::Null => Some(Arc::from([Value::Null])),
            Type::Boolean => Some(Arc::from([Value::Bool(true), Value::Bool(false)])),
            Type::Union(members) => {
                let mut all = Vec::new();
                for member in members.iter() {
                    all.extend(member.known_values()?.iter().cloned());
                }
                Some(all.into())
            }
            _ => None,
        }
    }

    /// Whether the value counts as true in a condition, if that is always the same.
    pub(in crate::language::template) fn truth(&self) -> Option<bool> {
        let values = self.known_values().filter(|values| !values.is_empty())?;
        let is_true = |value: &Value| match value {
            Value::Null => false,
            Value::Bool(value) => *value,
            Value::Number(number) => number.as_f64() != Some(0.0),
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => !items.is_empty(),
            Value::Object(map) => !map.is_empty(),
        };
        let first = is_true(values.first()?);
        values.iter().all(|value| is_true(value) == first).then_some(first)
    }
}
