//! How large a template may be. minijinja's parser bounds brackets and blocks within each other,
//! but not operators in a row, each of which lies deeper in the syntax tree than the one before:
//! what walks the tree, or drops it, would need more stack than there is.

use minijinja::machinery::{Span, Token, tokenize};
use minijinja::syntax::SyntaxConfig;

use super::syntax::{Form, ProblemKind, SyntaxProblem};

/// How many operators, dots, filters and brackets one expression may have.
const MAX_OPERATORS: usize = 500;

/// How many `{% elif %}` a template may have.
const MAX_ELIF: usize = 100;

/// How many words, values and signs a template may have between its braces.
const MAX_WORDS: usize = 20_000;

/// How many steps of a path through aliases are kept; no check looks further.
pub(super) const MAX_STEPS: usize = 16;

/// Whether a text is no larger and no deeper than a template may be.
pub fn is_within_limits(text: &str, form: Form) -> bool {
    check(text, form).is_ok()
}

/// Checks a text before it is parsed. A text that is no template passes: the parser says more.
pub(super) fn check(text: &str, form: Form) -> Result<(), SyntaxProblem> {
    // An operator takes a byte, and an `elif` more than five.
    if text.len() <= MAX_OPERATORS {
        return Ok(());
    }
    let too_large = |span: Span, message: String| {
        let end = (span.end_offset as usize).min(text.len());
        let range = (span.start_offset as usize).min(end)..end;
        Err(SyntaxProblem { kind: ProblemKind::TooLarge, message, range })
    };
    let (mut operators, mut elifs, mut words) = (0, 0, 0);
    let in_expression = form != Form::Text;
    for token in tokenize(text, in_expression, SyntaxConfig::default()) {
        let Ok((token, span)) = token else {
            return Ok(());
        };
        match token {
            Token::TemplateData(_) => continue,
            Token::VariableStart | Token::BlockStart => operators = 0,
            Token::Ident("elif") => elifs += 1,
            _ if is_operator(&token) => operators += 1,
            _ => {}
        }
        words += 1;
        if operators > MAX_OPERATORS {
            let message = format!(
                "the expression has more than {MAX_OPERATORS} operators, dots, filters and brackets"
            );
            return too_large(span, message);
        }
        if elifs > MAX_ELIF {
            return too_large(span, format!("more than {MAX_ELIF} `elif` in one template"));
        }
        if words > MAX_WORDS {
            let message = format!("more than {MAX_WORDS} words and signs between the braces");
            return too_large(span, message);
        }
    }
    Ok(())
}

/// Whether what stands beside the token may lie one deeper in the tree.
fn is_operator(token: &Token<'_>) -> bool {
    match token {
        Token::Ident(word) => {
            matches!(*word, "and" | "or" | "not" | "is" | "in" | "if" | "else")
        }
        Token::Plus
        | Token::Minus
        | Token::Mul
        | Token::Div
        | Token::FloorDiv
        | Token::Pow
        | Token::Mod
        | Token::Tilde
        | Token::Pipe
        | Token::Dot
        | Token::Eq
        | Token::Ne
        | Token::Gt
        | Token::Gte
        | Token::Lt
        | Token::Lte
        | Token::BracketOpen
        | Token::ParenOpen
        | Token::BraceOpen => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Template;
    use super::*;

    fn check(text: &str, form: Form, expected: &str) {
        let found = Template::parse(text, form).err();
        let (kind, message) = found.map_or((ProblemKind::Syntax, String::new()), |problem| {
            assert!(text.get(problem.range).is_some());
            (problem.kind, problem.message)
        });
        let start: String = text.chars().take(20).collect();
        assert_eq!(message, expected, "{start}");
        assert_eq!(kind == ProblemKind::TooLarge, !expected.is_empty(), "{start}");
    }

    #[test]
    fn nothing_lies_deeper_than_a_stack_is() {
        let operators = "the expression has more than 500 operators, dots, filters and brackets";
        let deep = "expressions lie too deep in each other";
        let many = |begin: &str, part: &str, count, end: &str| {
            format!("{{{{ {begin}{}{end} }}}}", part.repeat(count))
        };
        for part in [" + a", " and a", ".a", "|d", "[a]", "()", " if a else a", " ~ a", " is x"] {
            check(&many("a", part, 100_000, ""), Form::Text, operators);
            check(&format!("a{}", part.repeat(100_000)), Form::Expression, operators);
        }
        for part in ["(", "[", "-", "not ", "{1: "] {
            check(&many("", part, 100_000, "a"), Form::Text, operators);
        }
        for part in ["(", "["] {
            check(&many("", part, 400, "a"), Form::Text, deep);
        }
        check(&many("", "-", 490, "a"), Form::Text, "");
        check(&many("a", " or a", 490, ""), Form::Text, "");
        check(&many("a", "|d", 490, ""), Form::Text, "");
        check(&many("a", " if a else a", 240, ""), Form::Text, "");
        check(&format!("{{% set {}", "(".repeat(100_000)), Form::Text, operators);
        check(
            &"{% if a %}".repeat(100_000),
            Form::Text,
            "more than 20000 words and signs between the braces",
        );
        check(&"{% if a %}".repeat(1000), Form::Text, deep);
        let elifs = format!("{{% if a %}}{}{{% endif %}}", "{% elif a %}".repeat(101));
        check(&elifs, Form::Text, "more than 100 `elif` in one template");
        let elifs = format!("{{% if a %}}{}{{% endif %}}", "{% elif a %}".repeat(100));
        check(&elifs, Form::Text, "");
    }

    #[test]
    fn long_texts_and_long_lists_are_fine() {
        check(&format!("{} {{{{ a }}}}", "many words (and more). ".repeat(10_000)), Form::Text, "");
        check(&format!("{{{{ [{}] }}}}", "'a', ".repeat(5_000)), Form::Text, "");
        check(&"{{ inputs.a }} and ".repeat(2_000), Form::Text, "");
    }
}
