//! What of a template stands in every text that it gives.

use minijinja::machinery::{ast, parse};
use minijinja::syntax::SyntaxConfig;

use super::limits;
use super::syntax::Form;

/// The text outside expressions, conditions and loops of a text that has been read as a template;
/// nothing where it is none.
pub fn fixed_text(text: &str) -> String {
    if limits::check(text, Form::Text).is_err() {
        return String::new();
    }
    match parse(text, "template", SyntaxConfig::default()) {
        Ok(ast::Stmt::Template(template)) => template
            .children
            .iter()
            .filter_map(|child| match child {
                ast::Stmt::EmitRaw(raw) => Some(raw.raw),
                _ => None,
            })
            .collect(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_always_stands_there_counts() {
        for (text, fixed) in [
            ("plain", "plain"),
            ("a {{ b }} c", "a  c"),
            ("a{% if b %} maybe{% endif %} c", "a c"),
            ("{% for x in xs %}x{% endfor %}", ""),
            ("a {{ b", ""),
        ] {
            assert_eq!(fixed_text(text), fixed, "{text}");
        }
    }
}
