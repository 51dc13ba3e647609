//! Arithmetic.

use minijinja::machinery::ast::{self, BinOpKind, Expr};

use super::walk::Walk;
use crate::language::template::value_type::{Kinds, Type};

impl Walk<'_> {
    pub(super) fn negated(&mut self, operation: &ast::UnaryOp<'_>) -> Type {
        let value = self.needed(&operation.expr).value;
        if value.is_none_of(Kinds::NUMBER) {
            let message = format!(
                "`{}` is {}, which has no negative",
                self.written(&operation.expr),
                value.words()
            );
            self.wrong(&operation.expr, message, None);
            return Type::Any;
        }
        if let Expr::Const(constant) = &operation.expr
            && let Ok(value) = serde_json::to_value(&constant.value)
        {
            let negative = value.as_i64().map(|number| -number).map(serde_json::Value::from);
            let negative = negative.or_else(|| value.as_f64().map(|number| (-number).into()));
            return negative.map_or(Type::Number, |value| Type::literal(&value));
        }
        numeric(&value, &value)
    }

    pub(super) fn arithmetic(&mut self, expression: &Expr<'_>, operation: &ast::BinOp<'_>) -> Type {
        let left = self.needed(&operation.left).value;
        let right = self.needed(&operation.right).value;
        let symbol = symbol(operation.op);
        let fits = |left: &Type, right: &Type| {
            !left.is_none_of(Kinds::NUMERIC) && !right.is_none_of(Kinds::NUMERIC)
        };
        let both = |kinds: Kinds| !left.is_none_of(kinds) && !right.is_none_of(kinds);
        let repeats = |what: &Type, times: &Type| {
            !what.is_none_of(Kinds::TEXT | Kinds::LIST) && !times.is_none_of(Kinds::NUMERIC)
        };
        let possible = fits(&left, &right)
            || match operation.op {
                BinOpKind::Add => both(Kinds::TEXT) || both(Kinds::LIST),
                BinOpKind::Mul => repeats(&left, &right) || repeats(&right, &left),
                _ => false,
            };
        if !possible {
            let message = format!(
                "`{}` is {} and `{}` is {}: `{symbol}` does not take them",
                self.written(&operation.left),
                left.words(),
                self.written(&operation.right),
                right.words()
            );
            let has_text =
                left.kinds().overlaps(Kinds::TEXT) || right.kinds().overlaps(Kinds::TEXT);
            let help = match operation.op {
                _ if !has_text => None,
                BinOpKind::Add => {
                    Some("`~` joins values as text; `| int` makes a number of a text")
                }
                _ => Some("`| int` and `| float` make a number of a text"),
            };
            self.wrong(expression, message, help.map(str::to_owned));
            return Type::Any;
        }
        let numbers =
            left.kinds().is_within(Kinds::NUMERIC) && right.kinds().is_within(Kinds::NUMERIC);
        match operation.op {
            BinOpKind::Div | BinOpKind::Pow if numbers => Type::Number,
            _ if numbers => numeric(&left, &right),
            BinOpKind::Add if left.kinds().is_within(Kinds::TEXT) => Type::Text,
            BinOpKind::Add => match (&left, &right) {
                (Type::List(left), Type::List(right)) => {
                    Type::list(Type::union([left.item().clone(), right.item().clone()]))
                }
                _ => Type::Any,
            },
            _ => Type::Any,
        }
    }
}

/// Whole numbers and truth values stay whole.
fn numeric(left: &Type, right: &Type) -> Type {
    let is_whole = |side: &Type| {
        side.widened().members().iter().all(|side| matches!(side, Type::Integer | Type::Boolean))
    };
    if is_whole(left) && is_whole(right) { Type::Integer } else { Type::Number }
}

fn symbol(op: BinOpKind) -> &'static str {
    match op {
        BinOpKind::Add => "+",
        BinOpKind::Sub => "-",
        BinOpKind::Mul => "*",
        BinOpKind::Div => "/",
        BinOpKind::FloorDiv => "//",
        BinOpKind::Rem => "%",
        BinOpKind::Pow => "**",
        _ => "this",
    }
}
