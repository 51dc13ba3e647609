//! Sets of kinds of value, as the template engine tells them apart.

use std::ops::BitOr;

use serde_json::Value;

use super::Type;

/// A set of kinds of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::language::template) struct Kinds(u8);

impl Kinds {
    pub(in crate::language::template) const NONE: Kinds = Kinds(0);
    pub(in crate::language::template) const UNDEFINED: Kinds = Kinds(1);
    pub(in crate::language::template) const NULL: Kinds = Kinds(2);
    pub(in crate::language::template) const BOOLEAN: Kinds = Kinds(4);
    pub(in crate::language::template) const NUMBER: Kinds = Kinds(8);
    pub(in crate::language::template) const TEXT: Kinds = Kinds(16);
    pub(in crate::language::template) const LIST: Kinds = Kinds(32);
    pub(in crate::language::template) const OBJECT: Kinds = Kinds(64);
    pub(in crate::language::template) const ALL: Kinds = Kinds(127);

    /// Numbers, and truth values, which count as 0 and 1.
    pub(in crate::language::template) const NUMERIC: Kinds =
        Kinds(Kinds::NUMBER.0 | Kinds::BOOLEAN.0);

    /// Lists, and what else can be gone through: the keys of mappings, the characters of texts,
    /// and nothing of null.
    pub(in crate::language::template) const ITERABLE: Kinds =
        Kinds(Kinds::LIST.0 | Kinds::OBJECT.0 | Kinds::TEXT.0 | Kinds::NULL.0);

    pub(in crate::language::template) fn overlaps(self, other: Kinds) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether there is something in it and nothing but what the other has, too.
    pub(in crate::language::template) fn is_within(self, other: Kinds) -> bool {
        self.0 != 0 && self.0 & !other.0 == 0
    }

    pub(in crate::language::template) const fn with(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    pub(in crate::language::template) fn without(self, other: Kinds) -> Kinds {
        Kinds(self.0 & !other.0)
    }

    pub(in crate::language::template) fn of(value: &Value) -> Kinds {
        match value {
            Value::Null => Kinds::NULL,
            Value::Bool(_) => Kinds::BOOLEAN,
            Value::Number(_) => Kinds::NUMBER,
            Value::String(_) => Kinds::TEXT,
            Value::Array(_) => Kinds::LIST,
            Value::Object(_) => Kinds::OBJECT,
        }
    }
}

impl BitOr for Kinds {
    type Output = Kinds;

    fn bitor(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }
}

impl Type {
    /// The kinds of the values it stands for.
    pub(in crate::language::template) fn kinds(&self) -> Kinds {
        match self {
            Type::Any => Kinds::ALL,
            Type::Undefined => Kinds::UNDEFINED,
            Type::Null => Kinds::NULL,
            Type::Boolean => Kinds::BOOLEAN,
            Type::Integer | Type::Number => Kinds::NUMBER,
            Type::Text => Kinds::TEXT,
            Type::OneOf(values) => {
                values.iter().fold(Kinds::NONE, |kinds, value| kinds | Kinds::of(value))
            }
            Type::List(_) => Kinds::LIST,
            Type::Object(_) => Kinds::OBJECT,
            Type::Union(members) => {
                members.iter().fold(Kinds::NONE, |kinds, member| kinds | member.kinds())
            }
        }
    }

    /// Whether the value, where there is one, is never of these kinds. Nothing is said of what is
    /// not known, and of what cannot be at all.
    pub(in crate::language::template) fn is_none_of(&self, kinds: Kinds) -> bool {
        let own = self.kinds().without(Kinds::UNDEFINED);
        own != Kinds::NONE && !own.overlaps(kinds)
    }

    /// The type without the values of these kinds.
    pub(in crate::language::template) fn without(&self, kinds: Kinds) -> Type {
        self.filtered(&|own| !own.is_within(kinds))
    }

    /// The type with the values of these kinds only. What can be anything stays so.
    pub(in crate::language::template) fn only(&self, kinds: Kinds) -> Type {
        self.filtered(&|own| own.overlaps(kinds))
    }

    fn filtered(&self, keep: &dyn Fn(Kinds) -> bool) -> Type {
        match self {
            Type::Any => Type::Any,
            Type::OneOf(values) => {
                Type::union(values.iter().filter(|value| keep(Kinds::of(value))).map(Type::literal))
            }
            other => Type::union(other.members().iter().filter_map(|member| match member {
                Type::OneOf(_) if matches!(other, Type::Union(_)) => Some(member.filtered(keep)),
                member => keep(member.kinds()).then(|| member.clone()),
            })),
        }
    }
}
