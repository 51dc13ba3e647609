//! Where an expression begins and ends. The parser's own spans begin late behind dots and filters,
//! and early in comparisons.

use std::ops::Range;

use minijinja::machinery::ast::{Expr, UnaryOpKind};

/// The place of an expression in the text that was parsed, in bytes.
pub(super) fn extent(expression: &Expr<'_>, text: &str) -> Range<usize> {
    let end = (expression.span().end_offset as usize).min(text.len());
    let start = start(expression, text).min(end);
    let mut range = start..end;
    // A span leaves out the parentheses around the first operand: `(a + b).c`.
    while let Some(part) = text.get(range.clone())
        && closes_more_than_it_opens(part)
    {
        let before = text.get(..range.start).unwrap_or_default().trim_end();
        match before.strip_suffix('(') {
            Some(rest) => range.start = rest.len(),
            None => break,
        }
    }
    range
}

fn start(expression: &Expr<'_>, text: &str) -> usize {
    let own = (expression.span().start_offset as usize).min(text.len());
    let inner = match expression {
        Expr::GetAttr(attribute) => &attribute.expr,
        Expr::GetItem(item) => &item.expr,
        Expr::Slice(slice) => &slice.expr,
        Expr::Call(call) => &call.expr,
        Expr::BinOp(operation) => &operation.left,
        Expr::Compare(compare) => &compare.expr,
        Expr::Test(test) => &test.expr,
        Expr::IfExpr(choice) => &choice.true_expr,
        Expr::Filter(filter) => match &filter.expr {
            Some(value) => value,
            None => return own,
        },
        // `not x`, `-x`; but `x not in y` and `x is not y` are the same to the parser.
        Expr::UnaryOp(operation) => {
            let written = text.get(own..).unwrap_or_default();
            let word = if matches!(operation.op, UnaryOpKind::Not) { "not" } else { "-" };
            let inner = start(&operation.expr, text);
            return if written.starts_with(word) && own < inner { own } else { inner };
        }
        _ => return own,
    };
    start(inner, text)
}

fn closes_more_than_it_opens(part: &str) -> bool {
    let mut open = 0_i32;
    let mut quote = None;
    let mut escaped = false;
    for character in part.chars() {
        match (quote, character) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(end), _) if character == end => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '(') => open += 1,
            (None, ')') => {
                open -= 1;
                if open < 0 {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}
