//! Comparisons: whether two values can be equal at all.

use minijinja::machinery::ast::{self, BinOpKind, Expr};
use serde_json::Value;

use super::RemarkKind;
use super::conditions::Condition;
use super::names::Narrowing;
use super::paths::path;
use super::walk::{Operand, Walk};
use crate::language::template::value_type::{Kinds, Type, equality, may_be};

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    /// By size, whichever way.
    Ordered,
}

impl Walk<'_> {
    pub(super) fn comparison(&mut self, operation: &ast::BinOp<'_>) -> Condition {
        let (left, right) = (&operation.left, &operation.right);
        match operation.op {
            BinOpKind::Eq => self.compared(left, Comparison::Equal, right),
            BinOpKind::Ne => self.compared(left, Comparison::Unequal, right),
            BinOpKind::In => self.contained(left, right),
            op => {
                let condition = self.compared(left, Comparison::Ordered, right);
                let constant = |side: &Expr<'_>| matches!(side, Expr::Const(_));
                if constant(left) && constant(right) {
                    let truth = ordered(op, left, right);
                    return Condition::boolean(truth);
                }
                if condition.truth.is_some() {
                    let truth = matches!(op, BinOpKind::Lte | BinOpKind::Gte);
                    return Condition::boolean(Some(truth));
                }
                condition
            }
        }
    }

    /// `a < b < c`.
    pub(super) fn chain(&mut self, compare: &ast::Compare<'_>) -> Condition {
        let mut left = &compare.expr;
        for operand in &compare.ops {
            match operand.op {
                ast::CompareOpKind::Eq | ast::CompareOpKind::Ne => {
                    self.compared(left, Comparison::Equal, &operand.expr);
                }
                ast::CompareOpKind::In | ast::CompareOpKind::NotIn => {
                    self.contained(left, &operand.expr);
                }
                _ => {
                    self.compared(left, Comparison::Ordered, &operand.expr);
                }
            }
            left = &operand.expr;
        }
        Condition::boolean(None)
    }

    pub(super) fn compared(
        &mut self,
        left: &Expr<'_>,
        comparison: Comparison,
        right: &Expr<'_>,
    ) -> Condition {
        let (one, other) = (self.needed(left), self.needed(right));
        self.comparable((left, &one), comparison, (right, &other));
        if path(left).is_some_and(|path_of_left| Some(path_of_left) == path(right)) {
            // Of an order this says that neither is the greater one.
            return Condition::boolean(Some(comparison != Comparison::Unequal));
        }
        if comparison == Comparison::Ordered {
            return Condition::boolean(None);
        }
        let equal = equality(&one.value, &other.value);
        let (if_equal, if_unequal) = match (path(left), path(right)) {
            (Some(path), None) => narrowings(path, &one.value, &other.value),
            (None, Some(path)) => narrowings(path, &other.value, &one.value),
            _ => (Vec::new(), Vec::new()),
        };
        match comparison {
            Comparison::Equal => {
                Condition { if_true: if_equal, if_false: if_unequal, ..Condition::boolean(equal) }
            }
            _ => Condition {
                if_true: if_unequal,
                if_false: if_equal,
                ..Condition::boolean(equal.map(|equal| !equal))
            },
        }
    }

    /// Remarks a comparison whose sides, whatever conditions say of them, never meet.
    fn comparable(
        &mut self,
        (left, one): (&Expr<'_>, &Operand),
        comparison: Comparison,
        (right, other): (&Expr<'_>, &Operand),
    ) {
        if let (Expr::Const(_), Expr::Const(_)) = (left, right) {
            // Neither is what the other is compared with; the condition itself is constant.
            return;
        }
        let (a, b) = (&one.unconditional, &other.unconditional);
        let kinds = |side: &Type| match side.kinds() {
            kinds if kinds.overlaps(Kinds::NUMERIC) => kinds | Kinds::NUMERIC,
            kinds => kinds,
        };
        if a.is_none_of(kinds(b)) && !b.kinds().is_within(Kinds::UNDEFINED) {
            let whole = self.range(left).start..self.range(right).end;
            let left = (self.written(left), a.clone());
            let right = (self.written(right), b.clone());
            self.remark(whole, RemarkKind::UnlikeComparison { left, right });
        } else if comparison != Comparison::Ordered && !may_be(a, b) {
            let literal = |side: &Type| side.known_values().filter(|known| known.len() == 1);
            let (subject, subject_expression, value, place) = match (literal(a), literal(b)) {
                (_, Some(value)) => (one, left, value, right),
                (Some(value), None) => (other, right, value, left),
                // Two choices without a common value: the second is as good as the first.
                (None, None) => match b.known_values() {
                    Some(values) => (one, left, values, right),
                    None => return,
                },
            };
            self.impossible(subject, subject_expression, &value, place);
        }
    }

    fn impossible(
        &mut self,
        subject: &Operand,
        expression: &Expr<'_>,
        values: &[Value],
        place: &Expr<'_>,
    ) {
        let (Some(known), Some(value)) = (subject.unconditional.known_values(), values.first())
        else {
            return;
        };
        let kind = RemarkKind::ImpossibleComparison {
            subject: self.written(expression),
            value: value.clone(),
            known: known.to_vec(),
            declared: subject.declared.clone(),
        };
        let range = self.range(place);
        self.remark(range, kind);
    }

    /// `a in b`.
    fn contained(&mut self, left: &Expr<'_>, right: &Expr<'_>) -> Condition {
        let one = self.needed(left);
        let other = self.needed(right);
        if other.value.is_none_of(Kinds::TEXT | Kinds::LIST | Kinds::OBJECT) {
            let message = format!(
                "`{}` is {}, which holds nothing",
                self.written(right),
                other.value.words()
            );
            self.wrong(right, message, None);
        }
        let Type::List(list) = &other.value else {
            return Condition::boolean(None);
        };
        let mut said = false;
        if let Expr::List(written) = right {
            for (item, kind) in written.items.iter().zip(list.places().unwrap_or_default()) {
                let item_operand = Operand::from(kind.clone());
                let before = self.remarks_so_far();
                self.comparable((left, &one), Comparison::Equal, (item, &item_operand));
                said |= self.remarks_so_far() > before;
            }
        }
        let may_be_in = may_be(&one.value, list.item());
        let truth = (!may_be_in && list.places().is_some()).then_some(false);
        if !may_be_in && !said {
            self.comparable(
                (left, &one),
                Comparison::Equal,
                (right, &Operand::from(list.item().clone())),
            );
        }
        let (if_true, if_false) = match path(left) {
            Some(path) if list.places().is_some() => narrowings(path, &one.value, list.item()),
            _ => (Vec::new(), Vec::new()),
        };
        Condition { if_true, if_false, ..Condition::boolean(truth) }
    }
}

/// What a path is where it equals one of some known values, and where it equals none of them.
fn narrowings(path: Vec<String>, value: &Type, to: &Type) -> (Vec<Narrowing>, Vec<Narrowing>) {
    let (Some(own), Some(to)) = (value.known_values(), to.known_values()) else {
        return (Vec::new(), Vec::new());
    };
    let equal = own.iter().filter(|value| to.contains(value));
    let unequal = own.iter().filter(|value| !to.contains(value));
    let narrowing = |path: Vec<String>, value: Type| vec![Narrowing { path, value: Some(value) }];
    (narrowing(path.clone(), Type::one_of(equal)), narrowing(path, Type::one_of(unequal)))
}

fn ordered(op: BinOpKind, left: &Expr<'_>, right: &Expr<'_>) -> Option<bool> {
    let (Expr::Const(left), Expr::Const(right)) = (left, right) else {
        return None;
    };
    let order = left.value.partial_cmp(&right.value)?;
    match op {
        BinOpKind::Lt => Some(order.is_lt()),
        BinOpKind::Lte => Some(order.is_le()),
        BinOpKind::Gt => Some(order.is_gt()),
        BinOpKind::Gte => Some(order.is_ge()),
        _ => None,
    }
}
