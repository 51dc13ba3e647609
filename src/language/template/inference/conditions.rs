//! Conditions: whether they always hold, and what they say of the paths in them.

use minijinja::machinery::ast::{self, BinOpKind, Expr, UnaryOpKind};

use super::names::Narrowing;
use super::paths::path;
use super::walk::Walk;
use super::{RemarkKind, comparisons::Comparison};
use crate::language::template::value_type::{Kinds, Type};

/// What is known of a condition.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    /// The value of the expression.
    pub(super) value: Type,
    /// Whether it holds, if that is always the same.
    pub(super) truth: Option<bool>,
    /// What follows where it holds.
    pub(super) if_true: Vec<Narrowing>,
    /// What follows where it does not.
    pub(super) if_false: Vec<Narrowing>,
}

impl Condition {
    pub(super) fn of(value: Type, truth: Option<bool>) -> Condition {
        Condition { value, truth, if_true: Vec::new(), if_false: Vec::new() }
    }

    /// A test that is true or false.
    pub(super) fn boolean(truth: Option<bool>) -> Condition {
        let value = truth.map_or(Type::Boolean, |truth| Type::literal(&truth.into()));
        Condition::of(value, truth)
    }
}

impl Walk<'_> {
    /// An expression that decides something: it is remarked where it always decides the same.
    pub(super) fn deciding(&mut self, expression: &Expr<'_>) -> Condition {
        let before = self.remarks_so_far();
        let condition = self.condition(expression);
        // What is wrong in it has been said, and an `elif` may well say what is left over.
        let is_said = self.remarks_so_far() > before;
        if let Some(truth) = condition.truth
            && !is_said
            && !(truth && self.names.is_narrowed())
        {
            let range = self.range(expression);
            self.remark(range, RemarkKind::ConstantCondition { truth });
        }
        condition
    }

    /// A text that is a condition: its value must be true or false.
    pub(super) fn whole_condition(&mut self, expression: &Expr<'_>) -> (Type, Option<bool>) {
        let condition = self.deciding(expression);
        if condition.value.is_none_of(Kinds::BOOLEAN) {
            let message = format!(
                "this condition gives {}, which is neither true nor false",
                condition.value.words()
            );
            let help = "compare it with something, or ask `… is defined`".to_owned();
            self.wrong(expression, message, Some(help));
        }
        (condition.value, condition.truth)
    }

    pub(super) fn condition(&mut self, expression: &Expr<'_>) -> Condition {
        match expression {
            Expr::UnaryOp(operation) if matches!(operation.op, UnaryOpKind::Not) => {
                let inner = self.condition(&operation.expr);
                Condition {
                    if_true: inner.if_false,
                    if_false: inner.if_true,
                    ..Condition::boolean(inner.truth.map(|truth| !truth))
                }
            }
            Expr::BinOp(operation) => match operation.op {
                BinOpKind::ScAnd => self.both(operation),
                BinOpKind::ScOr => self.either(operation),
                BinOpKind::Eq
                | BinOpKind::Ne
                | BinOpKind::Lt
                | BinOpKind::Lte
                | BinOpKind::Gt
                | BinOpKind::Gte
                | BinOpKind::In => self.comparison(operation),
                _ => self.plain_condition(expression),
            },
            Expr::Compare(compare) => self.chain(compare),
            Expr::Test(test) => self.test(test),
            other => self.plain_condition(other),
        }
    }

    fn plain_condition(&mut self, expression: &Expr<'_>) -> Condition {
        let value = self.needed(expression).value;
        let truth = value.truth();
        Condition::of(value, truth)
    }

    /// `a and b` gives `a` where that counts as false, else `b`.
    fn both(&mut self, operation: &ast::BinOp<'_>) -> Condition {
        let left = self.condition(&operation.left);
        let known = self.names.learn(&left.if_true);
        let right = self.if_reached(left.truth != Some(false), &operation.right);
        self.names.forget(&known);
        let truth = match (left.truth, right.truth) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
        let value = match left.truth {
            Some(true) => right.value,
            Some(false) => left.value,
            None => Type::union([left.value, right.value]),
        };
        let if_true = [left.if_true, right.if_true].concat();
        Condition { if_true, ..Condition::of(value, truth) }
    }

    /// `a or b` gives `a` where that counts as true, else `b`.
    fn either(&mut self, operation: &ast::BinOp<'_>) -> Condition {
        let left = self.condition(&operation.left);
        let known = self.names.learn(&left.if_false);
        let right = self.if_reached(left.truth != Some(true), &operation.right);
        self.names.forget(&known);
        let truth = match (left.truth, right.truth) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        };
        let value = match left.truth {
            Some(true) => left.value,
            Some(false) => right.value,
            None => Type::union([left.value, right.value]),
        };
        let if_false = [left.if_false, right.if_false].concat();
        Condition { if_false, ..Condition::of(value, truth) }
    }

    fn if_reached(&mut self, reached: bool, expression: &Expr<'_>) -> Condition {
        self.unreachable += usize::from(!reached);
        let condition = self.condition(expression);
        self.unreachable -= usize::from(!reached);
        condition
    }

    fn test(&mut self, test: &ast::Test<'_>) -> Condition {
        if let "defined" | "undefined" = test.name {
            return self.presence(test);
        }
        // A test of what is not there is false, and no mistake.
        let subject = self.operand(&test.expr);
        if subject.value.kinds().overlaps(Kinds::UNDEFINED) {
            self.arguments(&test.args);
            return Condition::boolean(None);
        }
        if let "eq" | "ne" | "lt" | "le" | "gt" | "ge" = test.name
            && let [ast::CallArg::Pos(right)] = test.args.as_slice()
        {
            let comparison = match test.name {
                "eq" => Comparison::Equal,
                "ne" => Comparison::Unequal,
                _ => Comparison::Ordered,
            };
            return self.compared(&test.expr, comparison, right);
        }
        self.arguments(&test.args);
        let kinds = match test.name {
            "none" => Kinds::NULL,
            "string" => Kinds::TEXT,
            "mapping" => Kinds::OBJECT,
            "sequence" => Kinds::LIST,
            "boolean" => Kinds::BOOLEAN,
            "number" => Kinds::NUMERIC,
            "iterable" => Kinds::TEXT | Kinds::LIST | Kinds::OBJECT | Kinds::NULL,
            _ => return Condition::boolean(None),
        };
        let own = subject.value.kinds();
        let truth = match subject.value.is_none_of(kinds) {
            true => Some(false),
            false if own.is_within(kinds) => Some(true),
            false => None,
        };
        let narrowing = |value: Type| {
            let path = path(&test.expr)?;
            Some(Narrowing { path, value: Some(value) })
        };
        Condition {
            if_true: narrowing(subject.value.only(kinds)).into_iter().collect(),
            if_false: narrowing(subject.value.without(kinds)).into_iter().collect(),
            ..Condition::boolean(truth)
        }
    }

    /// `x is defined`. It never counts as constant: what a task gives may be absent, whatever its
    /// type.
    fn presence(&mut self, test: &ast::Test<'_>) -> Condition {
        let subject = self.operand(&test.expr);
        let Some(path) = path(&test.expr) else {
            return Condition::boolean(None);
        };
        let there = subject.value.without(Kinds::UNDEFINED);
        let there = Narrowing { path, value: Some(there) };
        let mut condition = Condition::boolean(None);
        match test.name {
            "defined" => condition.if_true.push(there),
            _ => condition.if_false.push(there),
        }
        condition
    }

    /// `a if b else c`.
    pub(super) fn choice(&mut self, choice: &ast::IfExpr<'_>) -> Type {
        let test = self.deciding(&choice.test_expr);
        let known = self.names.learn(&test.if_true);
        self.unreachable += usize::from(test.truth == Some(false));
        let chosen = self.operand(&choice.true_expr).value;
        self.unreachable -= usize::from(test.truth == Some(false));
        self.names.forget(&known);
        let known = self.names.learn(&test.if_false);
        self.unreachable += usize::from(test.truth == Some(true));
        let otherwise = match &choice.false_expr {
            Some(otherwise) => self.operand(otherwise).value,
            None => Type::Undefined,
        };
        self.unreachable -= usize::from(test.truth == Some(true));
        self.names.forget(&known);
        match test.truth {
            Some(true) => chosen,
            Some(false) => otherwise,
            None => Type::union([chosen, otherwise]),
        }
    }
}
