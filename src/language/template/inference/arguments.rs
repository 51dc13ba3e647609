//! Filters whose arguments matter, calls, and mappings that are written out.

use indexmap::IndexMap;
use minijinja::machinery::ast::{self, CallArg, Expr};
use serde_json::Value;

use super::filters::rule;
use super::walk::Walk;
use crate::language::template::value_type::{Field, Openness, Presence, Type};

impl Walk<'_> {
    pub(super) fn arguments(&mut self, arguments: &[CallArg<'_>]) {
        for argument in arguments {
            match argument {
                CallArg::Pos(value) | CallArg::Kwarg(_, value) => {
                    self.needed(value);
                }
                CallArg::PosSplat(value) | CallArg::KwargSplat(value) => {
                    self.operand(value);
                }
            }
        }
    }

    /// Looks at the arguments of a filter; gives its result where they decide it.
    pub(super) fn filter_with_arguments(
        &mut self,
        filter: &ast::Filter<'_>,
        items: &Type,
    ) -> Option<Type> {
        self.arguments(&filter.args);
        let attribute = match filter.name {
            "selectattr" | "rejectattr" | "groupby" => positional(&filter.args, 0),
            "map" | "sort" | "sum" | "min" | "max" | "unique" => named(&filter.args, "attribute"),
            _ => None,
        };
        let value = attribute.map(|place| self.attribute_of(items, place));
        match filter.name {
            "map" => Some(Type::list(match (value, positional(&filter.args, 0)) {
                // With a default an absent field is fine.
                (Some(value), _) if named(&filter.args, "default").is_none() => value,
                (None, Some(name)) => mapped(items, name),
                _ => Type::Any,
            })),
            "sum" => {
                let summed = value.unwrap_or_else(|| items.clone()).widened();
                let is_whole = summed.members().iter().all(|member| *member == Type::Integer);
                let is_number = summed
                    .members()
                    .iter()
                    .all(|member| matches!(member, Type::Integer | Type::Number));
                Some(match (is_whole, is_number) {
                    (true, _) => Type::Integer,
                    (_, true) => Type::Number,
                    _ => Type::Any,
                })
            }
            _ => None,
        }
    }

    /// The field that an `attribute` names in the items of a list: `amount`, or `owner.name`.
    fn attribute_of(&mut self, items: &Type, place: &Expr<'_>) -> Type {
        let Expr::Const(constant) = place else {
            return Type::Any;
        };
        let Some(path) = constant.value.as_str() else {
            return Type::Any;
        };
        let mut value = items.clone();
        for name in path.split('.') {
            if name.is_empty() || name.contains(',') || name.parse::<i64>().is_ok() {
                return Type::Any;
            }
            match value.field(name) {
                // Items of which only some have it give null for the others.
                Ok(field) if value.members().len() > 1 => {
                    value = Type::union([field, Type::Null]);
                }
                Ok(field) => value = field,
                Err(missing) => {
                    let range = self.range(place);
                    self.missing_in_items(range, name, missing);
                    return Type::Any;
                }
            }
        }
        value
    }

    /// `range(…)` and `dict(…)`; the methods of `loop` give anything.
    pub(super) fn call(&mut self, call: &ast::Call<'_>) -> Type {
        self.arguments(&call.args);
        match &call.expr {
            Expr::Var(function) if function.id == "range" => Type::list(Type::Integer),
            Expr::Var(function) if function.id == "dict" => Type::any_object(),
            _ => Type::Any,
        }
    }

    /// `{'a': x}`.
    pub(super) fn mapping(&mut self, map: &ast::Map<'_>) -> Type {
        let mut fields = IndexMap::new();
        let mut openness = Openness::Closed;
        for (key, value) in map.keys.iter().zip(&map.values) {
            let value = self.kept(value);
            match self.operand(key).value.known_values().as_deref() {
                Some([Value::String(name)]) => {
                    let field = Field { value, presence: Presence::Always, declared: None };
                    fields.insert(name.clone(), field);
                }
                _ => openness = Openness::Open,
            }
        }
        Type::object(fields, openness, None)
    }
}

/// `map('upper')`: what the filter gives for an item.
fn mapped(items: &Type, name: &Expr<'_>) -> Type {
    let Expr::Const(constant) = name else {
        return Type::Any;
    };
    match constant.value.as_str().and_then(rule) {
        Some(rule) if !items.is_none_of(rule.takes) => rule.of_item(items),
        _ => Type::Any,
    }
}

fn positional<'a, 'e>(arguments: &'a [CallArg<'e>], place: usize) -> Option<&'a Expr<'e>> {
    match arguments.get(place)? {
        CallArg::Pos(value) => Some(value),
        _ => None,
    }
}

fn named<'a, 'e>(arguments: &'a [CallArg<'e>], name: &str) -> Option<&'a Expr<'e>> {
    arguments.iter().find_map(|argument| match argument {
        CallArg::Kwarg(known, value) if *known == name => Some(value),
        _ => None,
    })
}
