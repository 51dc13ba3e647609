//! What the expressions of a template give, and what is wrong with them by the types of what they
//! read.
//!
//! A remark is made only where no value of the known types makes sense. Whether it is an error,
//! and how it is said to the author, is the business of the checks.

mod arguments;
mod comparisons;
mod conditions;
mod extent;
mod filters;
mod names;
mod operators;
mod paths;
mod remark;
mod statements;
mod walk;

use std::ops::Range;

use minijinja::machinery::{parse, parse_expr};
use minijinja::syntax::SyntaxConfig;

pub use remark::{Remark, RemarkKind};

use super::syntax::{Form, bare_expression, is_one_expression, whole_expression};
use super::value_type::{Kinds, Type};
use walk::Walk;

/// What templates can read.
pub trait Variables {
    /// The type of `tasks.NAME`.
    fn task(&self, name: &str) -> Type;

    /// The type of any other variable.
    fn variable(&self, name: &str) -> Type;
}

/// What is known of a template before a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Inference {
    /// What it gives: a text, or the value of the whole `{{ expression }}` that it is.
    pub value: Type,
    /// Whether a condition holds, if that is always the same.
    pub truth: Option<bool>,
    /// What is wrong with it, in reading order.
    pub remarks: Vec<Remark>,
    /// The innermost expression at the byte that was asked about, and its type.
    pub at: Option<(Range<usize>, Type)>,
}

/// What a template gives, with the variables of its place; `None` if it is no template. It is one
/// that [`Template::parse`](super::Template::parse) takes: no larger, and no deeper.
pub fn infer(text: &str, form: Form, variables: &dyn Variables) -> Option<Inference> {
    infer_at(text, form, variables, None)
}

/// As [`infer`], with the type of the innermost expression at a byte of the text.
pub fn infer_at(
    text: &str,
    form: Form,
    variables: &dyn Variables,
    at: Option<usize>,
) -> Option<Inference> {
    match form {
        Form::Text if ["{{", "{%", "{#"].iter().all(|open| !text.contains(open)) => {
            Some(Inference {
                // Rendering drops the line break at the end.
                value: Type::literal(&text.strip_suffix('\n').unwrap_or(text).into()),
                truth: None,
                remarks: Vec::new(),
                at: None,
            })
        }
        Form::Text => {
            let tree = parse(text, "template", SyntaxConfig::default()).ok()?;
            let is_whole = whole_expression(text).is_some() && is_one_expression(&tree);
            let mut walk = Walk::new(text, 0, variables, at);
            walk.statement(&tree);
            let value = if is_whole { walk.emitted.take() } else { None };
            Some(walk.finish(value.unwrap_or(Type::Text), None))
        }
        Form::Expression => {
            let (expression, offset) = bare_expression(text);
            let tree = parse_expr(expression).ok()?;
            let mut walk = Walk::new(expression, offset, variables, at);
            let (value, truth) = walk.whole_condition(&tree);
            Some(walk.finish(value, truth))
        }
        Form::Items | Form::Number | Form::Value => {
            let (expression, offset) = bare_expression(text);
            let tree = parse_expr(expression).ok()?;
            let mut walk = Walk::new(expression, offset, variables, at);
            let value = walk.needed(&tree).value;
            if form == Form::Items {
                walk.iterated(&tree, &value);
            }
            if form == Form::Number && value.is_none_of(Kinds::NUMERIC) {
                let message = format!("a number is needed here, and this is {}", value.words());
                walk.wrong(&tree, message, None);
            }
            Some(walk.finish(value, None))
        }
    }
}
