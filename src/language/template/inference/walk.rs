//! The walk over a syntax tree: what is known, what has been remarked.

use std::ops::Range;

use minijinja::machinery::ast::{self, Expr};
use serde_json::Value;

use super::extent::extent;
use super::names::Names;
use super::{Inference, Remark, RemarkKind, Variables};
use crate::language::template::environment::FUNCTIONS;
use crate::language::template::value_type::{Declaration, Kinds, Type};

pub(super) struct Walk<'t> {
    text: &'t str,
    /// Where the text begins in the one that the author wrote.
    offset: usize,
    variables: &'t dyn Variables,
    pub(super) names: Names,
    remarks: Vec<Remark>,
    /// How many conditions around can never hold: nothing is said of what never happens.
    pub(super) unreachable: usize,
    /// How many branches lead here in which a name may or may not be set.
    pub(super) branches: usize,
    /// What the last `{{ … }}` gave.
    pub(super) emitted: Option<Type>,
    wanted: Option<usize>,
    at: Option<(Range<usize>, Type)>,
}

/// What an expression gives.
#[derive(Debug, Clone)]
pub(super) struct Operand {
    pub(super) value: Type,
    /// What it would be if no condition had said anything of it.
    pub(super) unconditional: Type,
    /// Where an author declares it.
    pub(super) declared: Option<Declaration>,
}

impl From<Type> for Operand {
    fn from(value: Type) -> Operand {
        Operand { unconditional: value.clone(), value, declared: None }
    }
}

impl<'t> Walk<'t> {
    pub(super) fn new(
        text: &'t str,
        offset: usize,
        variables: &'t dyn Variables,
        wanted: Option<usize>,
    ) -> Self {
        Walk {
            text,
            offset,
            variables,
            names: Names::new(),
            remarks: Vec::new(),
            unreachable: 0,
            branches: 0,
            emitted: None,
            wanted,
            at: None,
        }
    }

    pub(super) fn finish(mut self, value: Type, truth: Option<bool>) -> Inference {
        self.remarks.sort_by_key(|remark| (remark.range.start, remark.range.end));
        self.remarks.dedup();
        Inference { value, truth, remarks: self.remarks, at: self.at }
    }

    pub(super) fn remark(&mut self, range: Range<usize>, kind: RemarkKind) {
        if self.unreachable == 0 {
            self.remarks.push(Remark { kind, range });
        }
    }

    pub(super) fn wrong(&mut self, expression: &Expr<'_>, message: String, help: Option<String>) {
        let range = self.range(expression);
        self.remark(range, RemarkKind::WrongOperand { message, help });
    }

    pub(super) fn remarks_so_far(&self) -> usize {
        self.remarks.len()
    }

    /// The place of an expression in the author's text.
    pub(super) fn range(&self, expression: &Expr<'_>) -> Range<usize> {
        let range = extent(expression, self.text);
        range.start + self.offset..range.end + self.offset
    }

    /// The place of the last word of an expression: the field of a path.
    pub(super) fn last_range(&self, expression: &Expr<'_>, word: &str) -> Range<usize> {
        let end = self.range(expression).end;
        end.saturating_sub(word.len())..end
    }

    /// An expression as the author wrote it.
    pub(super) fn written(&self, expression: &Expr<'_>) -> String {
        let written = self.text.get(extent(expression, self.text)).unwrap_or_default();
        written.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub(super) fn task(&self, name: &str) -> Type {
        self.variables.task(name)
    }

    /// What an expression gives, which must be there.
    pub(super) fn needed(&mut self, expression: &Expr<'_>) -> Operand {
        let mut operand = self.operand(expression);
        if operand.value.kinds().overlaps(Kinds::UNDEFINED) && operand.value != Type::Any {
            let subject = self.written(expression);
            let declared = operand.declared.clone();
            let range = self.range(expression);
            self.remark(range, RemarkKind::MayBeAbsent { subject, declared });
            operand.value = operand.value.without(Kinds::UNDEFINED);
        }
        operand
    }

    /// What an expression gives.
    pub(super) fn operand(&mut self, expression: &Expr<'_>) -> Operand {
        let operand = self.any_operand(expression);
        if let Some(wanted) = self.wanted {
            let range = self.range(expression);
            let is_inner = self.at.as_ref().is_none_or(|(known, _)| range.len() < known.len());
            if range.contains(&wanted) && is_inner {
                self.at = Some((range, operand.value.clone()));
            }
        }
        operand
    }

    fn any_operand(&mut self, expression: &Expr<'_>) -> Operand {
        match expression {
            Expr::Var(variable) => self.variable(variable.id),
            Expr::Const(constant) => constant_type(constant).into(),
            Expr::GetAttr(attribute) => self.attribute(expression, attribute),
            Expr::GetItem(item) => self.item(expression, item),
            Expr::Slice(slice) => self.slice(slice).into(),
            Expr::UnaryOp(operation) => match operation.op {
                ast::UnaryOpKind::Not => self.condition(expression).value.into(),
                ast::UnaryOpKind::Neg => self.negated(operation).into(),
            },
            Expr::BinOp(operation) => match operation.op {
                ast::BinOpKind::Add
                | ast::BinOpKind::Sub
                | ast::BinOpKind::Mul
                | ast::BinOpKind::Div
                | ast::BinOpKind::FloorDiv
                | ast::BinOpKind::Rem
                | ast::BinOpKind::Pow => self.arithmetic(expression, operation).into(),
                ast::BinOpKind::Concat => {
                    self.needed(&operation.left);
                    self.needed(&operation.right);
                    Type::Text.into()
                }
                _ => self.condition(expression).value.into(),
            },
            Expr::Compare(_) | Expr::Test(_) => self.condition(expression).value.into(),
            Expr::IfExpr(choice) => self.choice(choice).into(),
            Expr::Filter(filter) => self.filter(expression, filter).into(),
            Expr::Call(call) => self.call(call).into(),
            Expr::List(list) => self.items(&list.items).into(),
            Expr::Tuple(tuple) => self.items(&tuple.items).into(),
            Expr::Map(map) => self.mapping(map).into(),
        }
    }

    /// A list that is written out.
    fn items(&mut self, items: &[Expr<'_>]) -> Type {
        Type::places(items.iter().map(|item| self.kept(item)).collect())
    }

    /// What becomes of a value in a list or mapping that is written out: what is not there becomes
    /// null, and an item of a list may always be missing.
    pub(super) fn kept(&mut self, expression: &Expr<'_>) -> Type {
        let value = self.operand(expression).value;
        match expression {
            Expr::Const(_) => value,
            _ => Type::union([value.without(Kinds::UNDEFINED), Type::Null]),
        }
    }

    fn variable(&mut self, name: &str) -> Operand {
        let known = match self.names.local(name) {
            Some(local) => local.clone(),
            None if FUNCTIONS.contains(&name) || name == "loop" => Type::Any,
            None => self.variables.variable(name),
        };
        let value = self.names.narrowing(&[name.to_owned()]).cloned();
        Operand {
            value: value.unwrap_or_else(|| known.clone()),
            unconditional: known,
            declared: None,
        }
    }
}

fn constant_type(constant: &ast::Const) -> Type {
    serde_json::to_value(&constant.value).map_or(Type::Any, |value: Value| Type::literal(&value))
}
