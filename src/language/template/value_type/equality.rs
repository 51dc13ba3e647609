//! Whether two values can be equal.

use serde_json::Value;

use super::{Kinds, Type};

/// Whether a value of one type equals one of another, if that is always the same.
pub(in crate::language::template) fn equality(left: &Type, right: &Type) -> Option<bool> {
    if !may_be(left, right) {
        return Some(false);
    }
    let (left, right) = (left.known_values()?, right.known_values()?);
    match (&*left, &*right) {
        ([left], [right]) if same(left, right) => Some(true),
        _ => None,
    }
}

/// Whether a value of one type can equal one of another. Two lists always can, since both may be
/// empty; where one has no value at all nothing is excluded.
pub(in crate::language::template) fn may_be(left: &Type, right: &Type) -> bool {
    let defined = |side: &Type| side.kinds().without(Kinds::UNDEFINED);
    if defined(left) == Kinds::NONE || defined(right) == Kinds::NONE {
        return true;
    }
    left.members().iter().any(|left| right.members().iter().any(|right| member_may_be(left, right)))
}

fn member_may_be(left: &Type, right: &Type) -> bool {
    match (left, right) {
        (Type::OneOf(left), Type::OneOf(right)) => {
            left.iter().any(|left| right.iter().any(|right| same(left, right)))
        }
        (Type::OneOf(values), other) | (other, Type::OneOf(values)) => {
            values.iter().any(|value| comparable(Kinds::of(value), other.kinds()))
        }
        (left, right) => comparable(left.kinds(), right.kinds()),
    }
}

/// Truth values count as 0 and 1 where they meet numbers.
fn comparable(left: Kinds, right: Kinds) -> bool {
    left.overlaps(right) || left.overlaps(Kinds::NUMERIC) && right.overlaps(Kinds::NUMERIC)
}

fn same(left: &Value, right: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        Value::Number(number) => number.as_f64(),
        _ => None,
    };
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left.total_cmp(&right).is_eq() || left == right,
        _ => left == right,
    }
}
