//! Reading a template: is it one, and what does it refer to?

use std::ops::Range;

use minijinja::Error;
use minijinja::machinery::{ast, parse, parse_expr};
use minijinja::syntax::SyntaxConfig;

use super::limits;
use super::references::{self, Reference, UnknownName};
use super::unclosed::unclosed;

/// How a text of a document is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Text with `{{ … }}` and `{% … %}` in it.
    Text,
    /// One expression that is true or false, bare or as a whole `{{ … }}`.
    Expression,
    /// One expression that gives a list or a mapping, bare or as a whole `{{ … }}`.
    Items,
    /// One expression that gives a number, bare or as a whole `{{ … }}`.
    Number,
    /// One expression, bare or as a whole `{{ … }}`.
    Value,
}

/// A text that has been read as a template.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Template {
    /// What it refers to, in reading order.
    pub references: Vec<Reference>,
    /// Filters, tests and functions that do not exist.
    pub unknown_names: Vec<UnknownName>,
    /// Whether the text is one whole `{{ expression }}`, whose value keeps its type.
    pub is_whole_expression: bool,
    /// Whether it does nothing but put values into a text: there is no operation in it.
    pub is_plain: bool,
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxProblem {
    /// What kind of trouble.
    pub kind: ProblemKind,
    /// What is wrong, in lower case.
    pub message: String,
    /// Where, in bytes of the decoded text.
    pub range: Range<usize>,
}

/// What keeps a text from being a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// Its syntax.
    Syntax,
    /// Its size, or how deep its expressions lie in each other.
    TooLarge,
}

impl Template {
    /// Reads a text.
    ///
    /// # Errors
    /// The first syntax error; a template parser cannot go on behind it. Besides, a template that
    /// is larger or deeper than any may be.
    pub fn parse(text: &str, form: Form) -> Result<Template, SyntaxProblem> {
        match form {
            Form::Text if !text.contains("{{") && !text.contains("{%") && !text.contains("{#") => {
                Ok(Template { is_plain: true, ..Template::default() })
            }
            Form::Text => {
                limits::check(text, form)?;
                let tree = parse(text, "template", SyntaxConfig::default())
                    .map_err(|error| never_closed(problem(&error, text, 0), text))?;
                let is_whole_expression =
                    whole_expression(text).is_some() && is_one_expression(&tree);
                let (references, unknown_names) = references::of_template(&tree, text);
                let is_plain = is_plain(&tree);
                Ok(Template { references, unknown_names, is_whole_expression, is_plain })
            }
            Form::Expression | Form::Items | Form::Number | Form::Value => {
                let (expression, offset) = bare_expression(text);
                limits::check(expression, form).map_err(|problem| problem.moved(offset))?;
                let tree =
                    parse_expr(expression).map_err(|error| problem(&error, expression, offset))?;
                let (references, unknown_names) =
                    references::of_expression(&tree, expression, offset);
                Ok(Template {
                    references,
                    unknown_names,
                    is_whole_expression: true,
                    is_plain: false,
                })
            }
        }
    }
}

impl SyntaxProblem {
    /// The same in a text that begins so many bytes before.
    fn moved(self, offset: usize) -> SyntaxProblem {
        let range = self.range.start + offset..self.range.end + offset;
        SyntaxProblem { range, ..self }
    }
}

/// The expression between the braces, if the text begins and ends with a pair of them.
pub(super) fn whole_expression(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner);
    Some(inner.strip_suffix(['-', '+']).unwrap_or(inner))
}

/// An expression without its braces, if it has any, and where it begins in the text.
pub(super) fn bare_expression(text: &str) -> (&str, usize) {
    let inner = whole_expression(text).unwrap_or(text);
    (inner, inner.as_ptr() as usize - text.as_ptr() as usize)
}

pub(super) fn is_one_expression(tree: &ast::Stmt<'_>) -> bool {
    let ast::Stmt::Template(template) = tree else {
        return false;
    };
    let mut expressions = 0;
    for child in &template.children {
        match child {
            ast::Stmt::EmitExpr(_) => expressions += 1,
            ast::Stmt::EmitRaw(raw) if raw.raw.trim().is_empty() => {}
            _ => return false,
        }
    }
    expressions == 1
}

/// Whether there are but texts and paths of names in it.
fn is_plain(tree: &ast::Stmt<'_>) -> bool {
    fn is_path(expression: &ast::Expr<'_>) -> bool {
        match expression {
            ast::Expr::Var(_) => true,
            ast::Expr::GetAttr(attribute) => is_path(&attribute.expr),
            _ => false,
        }
    }
    let ast::Stmt::Template(template) = tree else {
        return false;
    };
    template.children.iter().all(|child| match child {
        ast::Stmt::EmitRaw(_) => true,
        ast::Stmt::EmitExpr(emit) => is_path(&emit.expr),
        _ => false,
    })
}

fn problem(error: &Error, text: &str, offset: usize) -> SyntaxProblem {
    let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let (kind, message) = if detail == "template exceeds maximum recursion limits" {
        (ProblemKind::TooLarge, "expressions lie too deep in each other".to_owned())
    } else {
        (ProblemKind::Syntax, detail)
    };
    let mut range = error.range().unwrap_or(text.len()..text.len());
    range.end = text.ceil_char_boundary(range.end);
    range.start = text.floor_char_boundary(range.start.min(range.end));
    if range.is_empty() && range.start == text.len() {
        // The text ended too early: point at its last character that is not blank.
        let end = text.trim_end().len();
        let last = text[..end].char_indices().next_back().map_or(0, |(at, _)| at);
        range = last..end;
    }
    let (message, range) = match foreign_name(text, &range) {
        Some(name) => ("names have letters from a to z, digits and underscores".to_owned(), name),
        None => (message, range),
    };
    SyntaxProblem { kind, message, range }.moved(offset)
}

/// A problem at the end of a text, at the place where it begins.
fn never_closed(problem: SyntaxProblem, text: &str) -> SyntaxProblem {
    let is_at_the_end = problem.message.starts_with("unexpected end of input")
        || problem.message == "unexpected end of string";
    match unclosed(text).filter(|_| is_at_the_end) {
        Some((range, message)) => SyntaxProblem { message, range, ..problem },
        None => problem,
    }
}

/// The whole name of which a letter cannot be read, where that is what is wrong.
fn foreign_name(text: &str, place: &Range<usize>) -> Option<Range<usize>> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let at = text.get(place.start..)?.chars().next()?;
    if at.is_ascii() || !at.is_alphabetic() {
        return None;
    }
    let (before, after) = text.split_at(place.start);
    let start = before.trim_end_matches(is_part).len();
    let end = text.len() - after.trim_start_matches(is_part).len();
    Some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, message: &str, part: &str) {
        let problem = Template::parse(text, Form::Text).unwrap_err();
        assert_eq!((problem.message.as_str(), &text[problem.range]), (message, part), "{text}");
    }

    #[test]
    fn syntax_errors_have_their_place() {
        check("a {{ 1 + }} b", "unexpected end of variable block", "}}");
        check("{% if x %}y", "`if` is opened but not closed with `endif`", "if");
        check("é {{ x", "`{{` is opened but not closed", "{{");
        check("é {{ 'open }}", "unexpected end of string", "}");
        check(
            "é {{ inputs.größe }}",
            "names have letters from a to z, digits and underscores",
            "größe",
        );
        check("{% include 'x' %}", "unknown statement include", "include");
    }

    #[test]
    fn a_whole_expression_is_told_from_text() {
        for (text, whole) in [
            ("{{ a }}", true),
            ("  {{- a -}}\n", true),
            ("{{ a }}{{ b }}", false),
            ("x {{ a }}", false),
            ("{{ '}} {{' }}", true),
            ("plain", false),
        ] {
            let template = Template::parse(text, Form::Text).unwrap();
            assert_eq!(template.is_whole_expression, whole, "{text}");
        }
    }

    #[test]
    fn conditions_may_wear_braces() {
        assert_eq!(bare_expression("{{ a == 1 }}"), (" a == 1 ", 2));
        assert_eq!(bare_expression("a == 1"), ("a == 1", 0));
    }
}
