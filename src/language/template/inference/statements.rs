//! Statements: loops, conditions, and names that are set.

use std::collections::BTreeMap;

use minijinja::machinery::ast::{self, Expr, Stmt};

use super::RemarkKind;
use super::walk::Walk;
use crate::language::template::value_type::{Kinds, Type};

impl Walk<'_> {
    pub(super) fn statement(&mut self, statement: &Stmt<'_>) {
        match statement {
            Stmt::Template(template) => self.statements(&template.children),
            Stmt::EmitExpr(emit) => self.emitted = Some(self.needed(&emit.expr).value),
            Stmt::EmitRaw(_) => {}
            Stmt::ForLoop(each) => self.for_loop(each),
            Stmt::IfCond(branch) => self.branch(branch),
            Stmt::WithBlock(with) => {
                let entered = self.names.enter(BTreeMap::new());
                for (target, value) in &with.assignments {
                    let value = self.operand(value).value;
                    self.assign(target, &value);
                }
                self.statements(&with.body);
                self.names.leave(&entered);
            }
            Stmt::Set(set) => {
                let value = self.operand(&set.expr).value;
                self.assign(&set.target, &value);
            }
            Stmt::SetBlock(set) => {
                self.statements(&set.body);
                let value = match &set.filter {
                    Some(_) => Type::Any,
                    None => Type::Text,
                };
                self.assign(&set.target, &value);
            }
            Stmt::AutoEscape(block) => self.statements(&block.body),
            Stmt::FilterBlock(block) => self.statements(&block.body),
            Stmt::Do(call) => {
                self.call(&call.call);
            }
        }
    }

    fn statements(&mut self, statements: &[Stmt<'_>]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    fn branch(&mut self, branch: &ast::IfCond<'_>) {
        let condition = self.deciding(&branch.expr);
        let sides = [
            (&branch.true_body, &condition.if_true, condition.truth == Some(false)),
            (&branch.false_body, &condition.if_false, condition.truth == Some(true)),
        ];
        for (body, facts, never) in sides {
            let known = self.names.learn(facts);
            self.unreachable += usize::from(never);
            self.branches += 1;
            self.statements(body);
            self.branches -= 1;
            self.unreachable -= usize::from(never);
            self.names.forget(&known);
        }
    }

    fn for_loop(&mut self, each: &ast::ForLoop<'_>) {
        let list = self.needed(&each.iter).value;
        let item = self.iterated(&each.iter, &list);
        let mut names = BTreeMap::from([("loop".to_owned(), Type::Any)]);
        match &each.target {
            Expr::Var(variable) => {
                names.insert(variable.id.to_owned(), item);
            }
            target => {
                if item.is_none_of(Kinds::LIST) {
                    let message = format!(
                        "an item of `{}` is {} and cannot be taken apart",
                        self.written(&each.iter),
                        item.words()
                    );
                    let help = list
                        .kinds()
                        .is_within(Kinds::OBJECT)
                        .then(|| format!("write `{} | items`", self.written(&each.iter)));
                    self.wrong(target, message, help);
                }
                bind(target, &item, &mut names);
            }
        }
        let branches = std::mem::take(&mut self.branches);
        let entered = self.names.enter(names);
        let known = each.filter_expr.as_ref().map(|filter| self.deciding(filter).if_true);
        let learned = self.names.learn(&known.unwrap_or_default());
        self.statements(&each.body);
        self.names.forget(&learned);
        self.names.leave(&entered);
        self.branches = branches;
        self.statements(&each.else_body);
    }

    /// What the items of a value are: those of a list, the keys of a mapping.
    pub(super) fn iterated(&mut self, expression: &Expr<'_>, list: &Type) -> Type {
        let known = list.kinds().without(Kinds::UNDEFINED | Kinds::NULL);
        if known.is_within(Kinds::TEXT) {
            let (range, subject) = (self.range(expression), self.written(expression));
            self.remark(range, RemarkKind::TextAsList { subject });
        } else if list.is_none_of(Kinds::TEXT | Kinds::LIST | Kinds::OBJECT | Kinds::NULL) {
            let message = format!("`{}` is {}, not a list", self.written(expression), list.words());
            self.wrong(expression, message, None);
            return Type::Any;
        }
        Type::union(list.members().iter().filter_map(|member| match member {
            Type::List(list) => Some(list.item().clone()),
            Type::Null | Type::Undefined => None,
            Type::Any => Some(Type::Any),
            // Keys and characters.
            _ => Some(Type::Text),
        }))
    }

    fn assign(&mut self, target: &Expr<'_>, value: &Type) {
        let mut names = BTreeMap::new();
        bind(target, value, &mut names);
        for (name, value) in names {
            let value = value.widened_literal();
            let value = match self.names.own(&name) {
                Some(before) if self.branches > 0 => Type::union([before.clone(), value]),
                // Outside of the branch it may not be set at all, or mean something else.
                None if self.branches > 0 => Type::Any,
                _ => value,
            };
            self.names.set(&name, value);
        }
    }
}

/// The names of a target with their parts of the value.
fn bind(target: &Expr<'_>, value: &Type, names: &mut BTreeMap<String, Type>) {
    let parts = match target {
        Expr::Var(variable) => {
            names.insert(variable.id.to_owned(), value.clone());
            return;
        }
        Expr::List(list) => &list.items,
        Expr::Tuple(tuple) => &tuple.items,
        _ => return,
    };
    for (place, part) in (0..).zip(parts) {
        let part_value = value.item(Some(place)).unwrap_or(Type::Any);
        bind(part, &part_value, names);
    }
}

impl Type {
    /// A single known value is a switch that its author may turn.
    fn widened_literal(&self) -> Type {
        match self {
            Type::OneOf(values) if values.len() == 1 => self.widened(),
            other => other.clone(),
        }
    }
}
