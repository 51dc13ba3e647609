//! Whether a value of one type can stand where another is wanted.

use super::{Kinds, ListType, ObjectType, Openness, Presence, Type, may_be};

/// A place in a value that never fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeMisfit {
    /// JSON pointer inside the value; empty for the whole.
    pub pointer: String,
    /// What does not fit, in lower case.
    pub message: String,
}

impl Type {
    /// The first place where no value of this type fits the wanted one; `None` where one may. A
    /// list that fits only when it is empty does not fit.
    pub fn misfit(&self, wanted: &Type) -> Option<TypeMisfit> {
        let mut first = None;
        for given in self.members().iter().filter(|member| **member != Type::Undefined) {
            let mut misfits = wanted.members().iter().map(|wanted| misfit(given, wanted));
            // One of the wanted types that fits is enough, and so is one of the given ones.
            let found = misfits.try_fold(None, |known, next| Some(known.or(Some(next?))))?;
            first = first.or(found);
        }
        match (wanted.members(), first) {
            (_, None) => None,
            ([_], first) => first,
            _ => Some(whole(self, wanted)),
        }
    }
}

fn misfit(given: &Type, wanted: &Type) -> Option<TypeMisfit> {
    match (given, wanted) {
        (Type::Any, _) | (_, Type::Any) => None,
        (Type::List(given), Type::List(wanted)) => list(given, wanted),
        (Type::Object(given), Type::Object(wanted)) => object(given, wanted),
        (Type::OneOf(values), Type::Integer) => {
            let is_whole = |number: f64| number.fract() == 0.0;
            let fits = values.iter().any(|value| value.as_f64().is_some_and(is_whole));
            (!fits).then(|| whole(given, wanted))
        }
        // A truth value is no number here.
        (given, wanted) if !given.kinds().overlaps(wanted.kinds()) => Some(whole(given, wanted)),
        (given, wanted) => (!may_be(given, wanted)).then(|| whole(given, wanted)),
    }
}

fn whole(given: &Type, wanted: &Type) -> TypeMisfit {
    let known = given.known_values().filter(|known| known.len() == 1);
    let given = match known.as_deref() {
        Some([value]) => super::words::shown(value),
        _ => given.words(),
    };
    let message = format!("expected {}, found {given}", wanted.words());
    TypeMisfit { pointer: String::new(), message }
}

fn list(given: &ListType, wanted: &ListType) -> Option<TypeMisfit> {
    if let Some(places) = given.places() {
        return places.iter().enumerate().find_map(|(place, item)| {
            let inner = item.misfit(&wanted.item)?;
            Some(TypeMisfit { pointer: format!("/{place}{}", inner.pointer), ..inner })
        });
    }
    if given.item.kinds() == Kinds::NONE {
        return None;
    }
    let inner = given.item.misfit(&wanted.item)?;
    Some(TypeMisfit { pointer: String::new(), message: format!("in its items {}", inner.message) })
}

fn object(given: &ObjectType, wanted: &ObjectType) -> Option<TypeMisfit> {
    let message = |message| Some(TypeMisfit { pointer: String::new(), message });
    for (name, field) in &wanted.fields {
        match given.fields.get(name) {
            Some(own) => {
                let Some(inner) = own.value.misfit(&field.value) else {
                    continue;
                };
                if own.presence == Presence::Maybe && field.presence == Presence::Maybe {
                    continue;
                }
                return Some(TypeMisfit { pointer: format!("/{name}{}", inner.pointer), ..inner });
            }
            None if field.presence == Presence::Always && given.is_closed() => {
                return message(format!("`{name}` is missing"));
            }
            None => {}
        }
    }
    let is_unknown = |name: &String| !wanted.fields.contains_key(name);
    let extra = given.fields.iter().find(|(name, field)| {
        wanted.openness == Openness::Closed
            && field.presence == Presence::Always
            && is_unknown(name)
    });
    extra.and_then(|(name, _)| message(format!("`{name}` is not expected")))
}
