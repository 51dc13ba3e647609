//! Fields, items and slices.

use minijinja::machinery::ast::{self, Expr};
use serde_json::Value;

use super::RemarkKind;
use super::walk::{Operand, Walk};
use crate::language::template::value_type::{Kinds, Missing, Type};

impl Walk<'_> {
    pub(super) fn attribute(
        &mut self,
        expression: &Expr<'_>,
        attribute: &ast::GetAttr<'_>,
    ) -> Operand {
        self.field(expression, &attribute.expr, attribute.name)
    }

    pub(super) fn item(&mut self, expression: &Expr<'_>, item: &ast::GetItem<'_>) -> Operand {
        if let Expr::Const(constant) = &item.subscript_expr
            && let Some(name) = constant.value.as_str()
        {
            let name = name.to_owned();
            return self.field(expression, &item.expr, &name);
        }
        let of = self.needed(&item.expr);
        let subscript = self.needed(&item.subscript_expr).value;
        let place = match &item.subscript_expr {
            Expr::Const(constant) => constant.value.as_i64(),
            _ => None,
        };
        if subscript.kinds().is_within(Kinds::NUMBER) {
            return match of.value.item(place) {
                Ok(value) => Operand { declared: of.declared, ..Operand::from(value) },
                Err(missing) => {
                    let name = self.written(&item.subscript_expr);
                    let range = self.range(&item.subscript_expr);
                    self.missing(range, &item.expr, &name, missing);
                    Type::Any.into()
                }
            };
        }
        dynamic_part(&of.value, &subscript).into()
    }

    fn field(&mut self, expression: &Expr<'_>, of: &Expr<'_>, name: &str) -> Operand {
        let found = match of {
            Expr::Var(root) if root.id == "tasks" && self.names.local("tasks").is_none() => {
                return self.task(name).into();
            }
            of => self.needed(of),
        };
        let value = match found.value.field(name) {
            Ok(value) => value,
            Err(missing) => {
                let range = match expression {
                    Expr::GetItem(item) => self.range(&item.subscript_expr),
                    other => self.last_range(other, name),
                };
                self.missing(range, of, name, missing);
                return Type::Any.into();
            }
        };
        let narrowed = path(expression).and_then(|path| self.names.narrowing(&path).cloned());
        Operand {
            value: narrowed.unwrap_or_else(|| value.clone()),
            unconditional: value,
            declared: found.value.declaration_of(name).cloned(),
        }
    }

    pub(super) fn missing(
        &mut self,
        range: std::ops::Range<usize>,
        of: &Expr<'_>,
        name: &str,
        missing: Missing,
    ) {
        let (of, name) = (self.written(of), name.to_owned());
        self.remark(range, RemarkKind::UnknownField { of, name, missing });
    }

    /// A field that the items of a list never have.
    pub(super) fn missing_in_items(
        &mut self,
        range: std::ops::Range<usize>,
        name: &str,
        missing: Missing,
    ) {
        let (of, name) = ("an item".to_owned(), name.to_owned());
        self.remark(range, RemarkKind::UnknownField { of, name, missing });
    }

    pub(super) fn slice(&mut self, slice: &ast::Slice<'_>) -> Type {
        const SLICED: Kinds = Kinds::TEXT;
        let of = self.needed(&slice.expr).value;
        for part in [&slice.start, &slice.stop, &slice.step].into_iter().flatten() {
            let bound = self.needed(part).value;
            if bound.is_none_of(Kinds::NUMERIC | Kinds::NULL) {
                let message =
                    format!("`{}` is {}, and a slice counts", self.written(part), bound.words());
                self.wrong(part, message, None);
            }
        }
        if of.is_none_of(SLICED | Kinds::LIST | Kinds::NULL) {
            let message =
                format!("`{}` is {}, which has no slices", self.written(&slice.expr), of.words());
            let help = "texts and lists have; `| items` makes a list of a mapping".to_owned();
            self.wrong(&slice.expr, message, Some(help));
            return Type::Any;
        }
        Type::union(of.members().iter().filter_map(|member| match member {
            Type::Any => Some(Type::Any),
            Type::List(list) => Some(Type::list(list.item().clone())),
            Type::Null => Some(Type::places(Vec::new())),
            other if other.kinds().overlaps(SLICED) => Some(Type::Text),
            _ => None,
        }))
    }
}

/// The names of a path, if it is nothing but names.
pub(super) fn path(expression: &Expr<'_>) -> Option<Vec<String>> {
    match expression {
        Expr::Var(variable) => Some(vec![variable.id.to_owned()]),
        Expr::GetAttr(attribute) => {
            let mut names = path(&attribute.expr)?;
            names.push(attribute.name.to_owned());
            Some(names)
        }
        Expr::GetItem(item) => {
            let Expr::Const(constant) = &item.subscript_expr else {
                return None;
            };
            let mut names = path(&item.expr)?;
            names.push(constant.value.to_string());
            Some(names)
        }
        _ => None,
    }
}

/// A part that only a run can tell: the field of this name, or some item.
fn dynamic_part(of: &Type, subscript: &Type) -> Type {
    let names = subscript.known_values();
    let named = |object: &Type| match &names {
        Some(names) => Type::union(names.iter().map(|name| match name {
            Value::String(name) => object.field(name).unwrap_or(Type::Undefined),
            _ => Type::Any,
        })),
        None => Type::Any,
    };
    match of {
        Type::Object(_) => named(of).without(Kinds::UNDEFINED),
        Type::List(list) if subscript.kinds().is_within(Kinds::NUMBER) => list.item().clone(),
        _ => Type::Any,
    }
}
