//! Which paths a template compares with a text that its author wrote.

use std::ops::Range;

use minijinja::machinery::ast::{BinOpKind, CallArg, CompareOpKind, Expr, Stmt};
use minijinja::machinery::{parse, parse_expr};
use minijinja::syntax::SyntaxConfig;

use super::limits;
use super::syntax::{Form, bare_expression};

/// A path that is compared with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The names of the path, the variable first; filters behind it are left out.
    pub path: Vec<String>,
    /// The text; the first where there are several.
    pub literal: String,
    /// The whole comparison's place in the decoded text, in bytes.
    pub range: Range<usize>,
}

/// The tests that compare texts.
const TESTS: [&str; 5] = ["eq", "ne", "in", "startingwith", "endingwith"];

/// The comparisons of a path with a text in conditions: equality, containment, beginnings and ends.
/// None where the text is no template.
pub fn comparisons(text: &str, form: Form) -> Vec<Comparison> {
    let mut found = Search { text, offset: 0, found: Vec::new() };
    if limits::check(text, form).is_err() {
        return found.found;
    }
    match form {
        Form::Text => {
            if let Ok(tree) = parse(text, "template", SyntaxConfig::default()) {
                found.statement(&tree);
            }
        }
        // A value decides nothing.
        Form::Items | Form::Number | Form::Value => {}
        Form::Expression => {
            let (expression, offset) = bare_expression(text);
            found.offset = offset;
            if let Ok(tree) = parse_expr(expression) {
                found.condition(&tree);
            }
        }
    }
    found.found
}

struct Search<'t> {
    text: &'t str,
    offset: usize,
    found: Vec<Comparison>,
}

impl Search<'_> {
    fn statement(&mut self, statement: &Stmt<'_>) {
        match statement {
            Stmt::Template(template) => self.statements(&template.children),
            Stmt::EmitExpr(emit) => self.choices(&emit.expr),
            Stmt::ForLoop(each) => {
                self.statements(&each.body);
                self.statements(&each.else_body);
            }
            Stmt::IfCond(branch) => {
                self.condition(&branch.expr);
                self.statements(&branch.true_body);
                self.statements(&branch.false_body);
            }
            Stmt::WithBlock(with) => self.statements(&with.body),
            Stmt::Set(set) => self.choices(&set.expr),
            Stmt::SetBlock(set) => self.statements(&set.body),
            Stmt::FilterBlock(block) => self.statements(&block.body),
            _ => {}
        }
    }

    fn statements(&mut self, statements: &[Stmt<'_>]) {
        statements.iter().for_each(|statement| self.statement(statement));
    }

    /// The conditions of `a if b else c`.
    fn choices(&mut self, expression: &Expr<'_>) {
        if let Expr::IfExpr(choice) = expression {
            self.condition(&choice.test_expr);
            self.choices(&choice.true_expr);
            choice.false_expr.iter().for_each(|otherwise| self.choices(otherwise));
        }
    }

    fn condition(&mut self, expression: &Expr<'_>) {
        match expression {
            Expr::UnaryOp(operation) => self.condition(&operation.expr),
            Expr::BinOp(operation) => match operation.op {
                BinOpKind::ScAnd | BinOpKind::ScOr => {
                    self.condition(&operation.left);
                    self.condition(&operation.right);
                }
                BinOpKind::Eq | BinOpKind::Ne | BinOpKind::In => {
                    self.compare(expression, &operation.left, &operation.right);
                }
                _ => {}
            },
            Expr::Compare(compare) => {
                let mut left = &compare.expr;
                for operand in &compare.ops {
                    let compares = matches!(
                        operand.op,
                        CompareOpKind::Eq
                            | CompareOpKind::Ne
                            | CompareOpKind::In
                            | CompareOpKind::NotIn
                    );
                    if compares {
                        self.compare(expression, left, &operand.expr);
                    }
                    left = &operand.expr;
                }
            }
            Expr::Test(test) if TESTS.contains(&test.name) => {
                if let Some(CallArg::Pos(value)) = test.args.first() {
                    self.compare(expression, &test.expr, value);
                }
            }
            Expr::IfExpr(choice) => {
                self.condition(&choice.test_expr);
                self.condition(&choice.true_expr);
                choice.false_expr.iter().for_each(|otherwise| self.condition(otherwise));
            }
            _ => {}
        }
    }

    fn compare(&mut self, whole: &Expr<'_>, left: &Expr<'_>, right: &Expr<'_>) {
        let pair = path(left).zip(literal(right)).or_else(|| path(right).zip(literal(left)));
        if let Some((path, literal)) = pair {
            let end = (whole.span().end_offset as usize + self.offset).min(self.text.len());
            let start = (start_of(whole) + self.offset).min(end);
            self.found.push(Comparison { path, literal, range: start..end });
        }
    }
}

/// Where the leftmost part of an expression starts. The span of the whole begins with the token
/// before it.
fn start_of(expression: &Expr<'_>) -> usize {
    match expression {
        Expr::BinOp(operation) => start_of(&operation.left),
        Expr::Compare(compare) => start_of(&compare.expr),
        Expr::Test(test) => start_of(&test.expr),
        Expr::GetAttr(attribute) => start_of(&attribute.expr),
        Expr::Filter(filter) => {
            filter.expr.as_ref().map_or(expression.span().start_offset as usize, start_of)
        }
        other => other.span().start_offset as usize,
    }
}

/// The names of a path, filters left out; none for anything else.
fn path(expression: &Expr<'_>) -> Option<Vec<String>> {
    match expression {
        Expr::Var(variable) => Some(vec![variable.id.to_owned()]),
        Expr::GetAttr(attribute) => {
            let mut names = path(&attribute.expr)?;
            names.push(attribute.name.to_owned());
            Some(names)
        }
        Expr::Filter(filter) if matches!(filter.name, "lower" | "upper" | "trim" | "string") => {
            path(filter.expr.as_ref()?)
        }
        _ => None,
    }
}

/// A text, or the first of a list of texts.
fn literal(expression: &Expr<'_>) -> Option<String> {
    match expression {
        Expr::Const(constant) => constant.value.as_str().map(str::to_owned),
        Expr::List(list) => list.items.first().and_then(literal),
        Expr::Tuple(tuple) => tuple.items.first().and_then(literal),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, form: Form, expected: &[(&str, &str, &str)]) {
        let found = comparisons(text, form);
        let found: Vec<(String, &str, &str)> = found
            .iter()
            .map(|one| (one.path.join("."), one.literal.as_str(), &text[one.range.clone()]))
            .collect();
        let found: Vec<(&str, &str, &str)> =
            found.iter().map(|(path, literal, part)| (path.as_str(), *literal, *part)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn conditions_of_every_form_are_read() {
        let yes = "a.b == 'yes'";
        check(yes, Form::Expression, &[("a.b", "yes", yes)]);
        check("{{ a.b == 'yes' }}", Form::Expression, &[("a.b", "yes", yes)]);
        check("{% if a.b == 'yes' %}x{% endif %}", Form::Text, &[("a.b", "yes", yes)]);
        check("{{ 1 if a.b == 'yes' else 2 }}", Form::Text, &[("a.b", "yes", yes)]);
        check("not c and (a.b == 'yes')", Form::Expression, &[("a.b", "yes", yes)]);
    }

    #[test]
    fn every_way_to_compare_counts() {
        for text in [
            "'yes' != a",
            "a | trim | lower == 'yes'",
            "a in ['yes', 'no']",
            "'yes' in a",
            "'yes' not in a",
            "a is startingwith 'yes'",
            "a is eq('yes')",
        ] {
            let found = comparisons(text, Form::Expression);
            let [found] = found.as_slice() else { panic!("{text}: {found:?}") };
            assert_eq!((found.path.join("."), found.literal.as_str()), ("a".into(), "yes"));
        }
        for text in ["a == b", "a > 3", "a == 3", "a is defined", "a | length == 3", "'a' == 'b'"] {
            check(text, Form::Expression, &[]);
        }
        check("{{ a == 'shown, not decided' }} {{ broken", Form::Text, &[]);
    }
}
