//! Reading a part of a value.

use super::{Declaration, Field, Kinds, Openness, Presence, Type};

/// Why a value never has a part.
#[derive(Debug, Clone, PartialEq)]
pub struct Missing {
    /// What it lacks.
    pub lack: Lack,
    /// The names of the fields that it has instead.
    pub known: Vec<String>,
    /// Where the author declares what it is.
    pub declared: Option<Declaration>,
}

/// What a value lacks.
#[derive(Debug, Clone, PartialEq)]
pub enum Lack {
    /// It is a mapping without this field.
    Field,
    /// It is a list, which has items and no fields; whether its items have the field.
    Fields {
        /// What its items are.
        item: Type,
    },
    /// It has neither fields nor items.
    Parts {
        /// What it is.
        found: Type,
    },
}

impl Type {
    /// The field of a mapping.
    ///
    /// # Errors
    /// When the value never has it, whichever of its types it is of.
    pub fn field(&self, name: &str) -> Result<Type, Missing> {
        self.part(|member| match member {
            Type::Any => Ok(Type::Any),
            Type::Object(object) => match (object.fields.get(name), object.openness) {
                (Some(field), _) => Ok(field.read()),
                (None, Openness::Open) => Ok(Type::Any),
                (None, Openness::Closed) => Err(Missing {
                    lack: Lack::Field,
                    known: object.fields.keys().cloned().collect(),
                    declared: object.declared.clone(),
                }),
            },
            Type::List(list) => Err(Missing::of(Lack::Fields { item: list.item.clone() })),
            other => Err(Missing::of(Lack::Parts { found: other.clone() })),
        })
    }

    /// An item of a list, or a character of a text: at a place counted from 0, or some one.
    ///
    /// # Errors
    /// When the value never has any.
    pub fn item(&self, place: Option<i64>) -> Result<Type, Missing> {
        self.part(|member| match member {
            Type::Any => Ok(Type::Any),
            Type::List(list) => {
                let known = place.and_then(|place| list.place(place));
                Ok(known.unwrap_or(&list.item).clone())
            }
            Type::Object(object) if object.openness == Openness::Open => Ok(Type::Any),
            Type::Object(object) => Err(Missing {
                lack: Lack::Field,
                known: object.fields.keys().cloned().collect(),
                declared: object.declared.clone(),
            }),
            text if text.kinds().overlaps(Kinds::TEXT) => Ok(Type::Text),
            other => Err(Missing::of(Lack::Parts { found: other.clone() })),
        })
    }

    /// The fields that it can have, by name.
    pub fn fields(&self) -> Vec<(&str, &Field)> {
        let objects = self.members().iter().filter_map(|member| match member {
            Type::Object(object) => Some(object.fields()),
            _ => None,
        });
        let mut all: Vec<(&str, &Field)> = Vec::new();
        for (name, field) in objects.flatten() {
            if !all.iter().any(|(known, _)| known == name) {
                all.push((name, field));
            }
        }
        all
    }

    /// The type of the value where it is not null.
    #[must_use]
    pub fn without_null(&self) -> Type {
        self.without(Kinds::NULL)
    }

    /// The type without places: nobody has written it.
    #[must_use]
    pub fn undeclared(&self) -> Type {
        match self {
            Type::List(list) => Type::list(list.item().undeclared()),
            Type::Object(object) => {
                let fields = object.fields().iter().map(|(name, field)| {
                    let value = field.value.undeclared();
                    (name.clone(), Field { value, declared: None, ..field.clone() })
                });
                Type::object(fields.collect(), object.openness(), None)
            }
            Type::Union(members) => Type::union(members.iter().map(Type::undeclared)),
            other => other.clone(),
        }
    }

    /// Where an author declares a field.
    pub(in crate::language::template) fn declaration_of(&self, name: &str) -> Option<&Declaration> {
        self.members().iter().find_map(|member| match member {
            Type::Object(object) => object.fields.get(name)?.declared.as_ref(),
            _ => None,
        })
    }

    fn part(&self, read: impl Fn(&Type) -> Result<Type, Missing>) -> Result<Type, Missing> {
        let mut found = Vec::new();
        let mut first = None;
        // What is not there has no parts either; that it may not be there is said elsewhere.
        for member in self.members().iter().filter(|member| **member != Type::Undefined) {
            match read(member) {
                Ok(part) => found.push(part),
                Err(missing) => first = first.or(Some(missing)),
            }
        }
        match first {
            Some(missing) if found.is_empty() => Err(missing),
            None if found.is_empty() => Ok(Type::Any),
            // Members without it give nothing, which shows only in a run.
            _ => Ok(Type::union(found)),
        }
    }
}

impl Missing {
    fn of(lack: Lack) -> Missing {
        Missing { lack, known: Vec::new(), declared: None }
    }
}

impl Field {
    /// What reading it gives.
    pub fn read(&self) -> Type {
        match self.presence {
            Presence::Always => self.value.clone(),
            Presence::Maybe => Type::union([self.value.clone(), Type::Undefined]),
        }
    }
}
