//! What can be said of a text with syntax errors: a template parser stops at the first.

use std::ops::Range;

use super::syntax::{Form, ProblemKind, SyntaxProblem, Template};

/// So many errors of one text are told apart.
const MOST_PROBLEMS: usize = 20;

/// What there is of a text that is no template.
#[derive(Debug, Clone, PartialEq)]
pub struct Salvage {
    /// Its syntax errors, in the order of finding.
    pub problems: Vec<SyntaxProblem>,
    /// What the rest refers to; none where the rest cannot be read.
    pub rest: Option<Template>,
}

impl Salvage {
    /// Reads a text once more behind its first error: each faulty `{{ … }}` counts as blanks. A faulty
    /// `{% … %}` ends it, because nobody knows what names there are without it.
    pub fn of(text: &str, form: Form, first: SyntaxProblem) -> Salvage {
        let mut salvage = Salvage { problems: vec![first], rest: None };
        let is_syntax = salvage.problems.iter().all(|problem| problem.kind == ProblemKind::Syntax);
        if form == Form::Expression || !is_syntax {
            return salvage;
        }
        let mut left = text.to_owned();
        while let Some(faulty) = salvage.problems.last().and_then(|last| braces(&left, &last.range))
        {
            left = blanked(&left, faulty);
            match Template::parse(&left, form) {
                Ok(rest) => {
                    salvage.rest = Some(rest);
                    break;
                }
                Err(problem) if salvage.problems.len() < MOST_PROBLEMS => {
                    salvage.problems.push(problem);
                }
                Err(_) => break,
            }
        }
        salvage
    }
}

/// The `{{ … }}` around a place; without its end, as far as the next one or the end of the text.
fn braces(text: &str, place: &Range<usize>) -> Option<Range<usize>> {
    let before = text.get(..place.end)?;
    let start = before.rfind("{{")?;
    let inner = start + 2;
    let next = ["{{", "{%", "{#"].iter().filter_map(|open| text[inner..].find(open)).min();
    let next = next.map_or(text.len(), |at| inner + at);
    let end = text[inner..next].find("}}").map_or(next, |at| inner + at + 2);
    (place.start < end).then_some(start..end)
}

/// The text with blanks in one place; all others keep their bytes.
fn blanked(text: &str, place: Range<usize>) -> String {
    let blanks = " ".repeat(place.len());
    format!("{}{blanks}{}", &text[..place.start], &text[place.end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, problems: &[&str], references: &[&str]) {
        let first = Template::parse(text, Form::Text).unwrap_err();
        let salvage = Salvage::of(text, Form::Text, first);
        let found: Vec<&str> =
            salvage.problems.iter().map(|problem| &text[problem.range.clone()]).collect();
        let rest = salvage.rest.map(|rest| rest.references).unwrap_or_default();
        let read: Vec<&str> = rest.iter().map(|reference| &text[reference.range.clone()]).collect();
        assert_eq!((found.as_slice(), read.as_slice()), (problems, references), "{text}");
    }

    #[test]
    fn a_faulty_expression_hides_no_other() {
        check("{{ a.b }} {{ a. }} é {{ c.d }}", &["}}"], &["a.b", "c.d"]);
        check("{{ a | }} {{ b + }} {{ c }}", &["}}", "}}"], &["c"]);
        check("{{ a.b }} and {{ c.d } and {{ e.f }}", &["}"], &["a.b", "e.f"]);
        check("{% for x in a.b %}{{ x.y }}{{ - }}{% endfor %}", &["}}"], &["a.b", "x.y"]);
    }

    #[test]
    fn a_faulty_statement_ends_it() {
        check("{{ a.b }} {% if %} {{ c. }} {% endif %}", &["%}"], &[]);
        check("{{ a. }} {% endif %} {{ c.d }}", &["}}", "endif"], &[]);
    }
}
