//! What a value can be, as far as it is known before a run.
//!
//! A type is never narrower than the values it stands for: where nothing is known it is
//! [`Type::Any`], and whoever asks gets no answer rather than a wrong one.

mod access;
mod equality;
mod fit;
mod kinds;
mod schema;
mod union;
mod words;

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

pub use access::{Lack, Missing};
pub(super) use equality::{equality, may_be};
pub use fit::TypeMisfit;
pub(super) use kinds::Kinds;
pub use words::{listed, shown};

use crate::language::source::SourceId;

/// Types with more parts than this count as [`Type::Any`]: they come from results that are put
/// into each other over and over, and nobody reads them.
const MAX_WEIGHT: u32 = 4_000;

/// What a value can be.
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// Anything.
    Any,
    /// Not there: a field that may be left out.
    Undefined,
    /// `null`.
    Null,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A text.
    Text,
    /// One of these texts, numbers, truth values and nulls.
    OneOf(Arc<[Value]>),
    /// A list.
    List(Arc<ListType>),
    /// A mapping.
    Object(Arc<ObjectType>),
    /// One of these types, none of which is a union; without any, nothing at all.
    Union(Arc<[Type]>),
}

/// A list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListType {
    item: Type,
    /// The types by place, where the list has a known length, as a pair has.
    places: Option<Vec<Type>>,
    weight: u32,
}

/// A mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectType {
    fields: IndexMap<String, Field>,
    openness: Openness,
    declared: Option<Declaration>,
    weight: u32,
}

/// Whether a mapping can have fields that its type does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Openness {
    /// It has exactly the named fields.
    Closed,
    /// It may have any others.
    Open,
}

/// A field of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// What its value can be.
    pub value: Type,
    /// Whether it is always there.
    pub presence: Presence,
    /// Where the author says so.
    pub declared: Option<Declaration>,
}

/// Whether a field is always there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It is.
    Always,
    /// It may be left out.
    Maybe,
}

/// Where an author declares a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// The document.
    pub source: SourceId,
    /// The JSON pointer of the declaration in it.
    pub pointer: Arc<str>,
}

impl Type {
    /// One value that is known.
    pub fn literal(value: &Value) -> Type {
        match value {
            Value::Null => Type::Null,
            Value::Array(items) => Type::places(items.iter().map(Type::literal).collect()),
            Value::Object(map) => {
                let field = |value| Field {
                    value: Type::literal(value),
                    presence: Presence::Always,
                    declared: None,
                };
                let fields = map.iter().map(|(name, value)| (name.clone(), field(value)));
                Type::object(fields.collect(), Openness::Closed, None)
            }
            scalar => Type::OneOf(Arc::from([scalar.clone()])),
        }
    }

    /// One of some values; those with parts make it [`Type::Any`].
    pub fn one_of<'v>(values: impl IntoIterator<Item = &'v Value>) -> Type {
        Type::union(values.into_iter().map(Type::literal))
    }

    /// A list of items of one type.
    pub fn list(item: Type) -> Type {
        let weight = item.weight().saturating_add(1);
        Type::List(Arc::new(ListType { item, places: None, weight })).bounded()
    }

    /// A list whose items are known one by one.
    pub fn places(places: Vec<Type>) -> Type {
        let item = Type::union(places.iter().cloned());
        let weight = places.iter().fold(1, |sum: u32, place| sum.saturating_add(place.weight()));
        Type::List(Arc::new(ListType { item, places: Some(places), weight })).bounded()
    }

    /// A mapping.
    pub fn object(
        fields: IndexMap<String, Field>,
        openness: Openness,
        declared: Option<Declaration>,
    ) -> Type {
        let weights = fields.values().map(|field| field.value.weight());
        let weight = weights.fold(1, u32::saturating_add);
        Type::Object(Arc::new(ObjectType { fields, openness, declared, weight })).bounded()
    }

    /// A mapping about which nothing is known.
    pub fn any_object() -> Type {
        Type::object(IndexMap::new(), Openness::Open, None)
    }

    fn bounded(self) -> Type {
        if self.weight() > MAX_WEIGHT { Type::Any } else { self }
    }

    /// How many parts it has.
    fn weight(&self) -> u32 {
        match self {
            Type::List(list) => list.weight,
            Type::Object(object) => object.weight,
            Type::Union(members) => {
                members.iter().fold(1, |sum: u32, member| sum.saturating_add(member.weight()))
            }
            _ => 1,
        }
    }

    /// The types of which it is one: itself, where it is no union.
    pub fn members(&self) -> &[Type] {
        match self {
            Type::Union(members) => members,
            other => std::slice::from_ref(other),
        }
    }
}

impl ListType {
    /// What an item can be.
    pub fn item(&self) -> &Type {
        &self.item
    }

    pub(super) fn place(&self, place: i64) -> Option<&Type> {
        self.places.as_ref()?.get(usize::try_from(place).ok()?)
    }

    pub(super) fn places(&self) -> Option<&[Type]> {
        self.places.as_deref()
    }
}

impl ObjectType {
    /// The fields by name.
    pub fn fields(&self) -> &IndexMap<String, Field> {
        &self.fields
    }

    /// Whether it can have others.
    pub fn openness(&self) -> Openness {
        self.openness
    }

    pub(super) fn is_closed(&self) -> bool {
        self.openness == Openness::Closed
    }

    /// Where an author declares it.
    pub fn declared(&self) -> Option<&Declaration> {
        self.declared.as_ref()
    }
}
