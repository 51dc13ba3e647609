//! `ambiguous-number`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Fix, Severity};
use crate::language::document::{Audience, Document, Library};
use crate::language::lint::plain::{Standing, plain_scalars};
use crate::language::lint::rule::{Check, Rule};
use crate::language::lint::yaml_1_1::{Other, read};
use crate::language::source::{Edit, ScalarValue};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("ambiguous-number"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "A value without quotes is one thing here and another for other YAML readers.",
    explanation: "\
Partita reads YAML 1.2. Readers of YAML 1.1, such as PyYAML, differ: `017` is 15 to them and 17 here,
`0o17` is text to them and 15 here, `1e3` is text to them and 1000 here; `1_000`, `0b11`, `12:30:45` and
`2027-03-01` are numbers or dates to them and text here. Quotes make it text everywhere, plain digits
a number.",
    check: Check::Documents(check),
};

fn check(_: &Library, document: &Document, found: &mut Vec<Diagnostic>) {
    // In a document that does not conform, the other reading may be what was meant.
    if document.body().is_none() {
        return;
    }
    for (standing, scalar) in plain_scalars(document) {
        let text = scalar.text();
        let may_be = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
        if standing == Standing::Key || !may_be {
            continue;
        }
        let Some(other) = other_reading(text, scalar.value()) else { continue };
        let (here, plain) = match scalar.value() {
            ScalarValue::Number(number) => (format!("`{number}`"), number.to_string()),
            _ => ("text".to_owned(), format!("\"{text}\"")),
        };
        let message =
            format!("`{text}` is {here} here and {other} to YAML 1.1 readers such as PyYAML");
        let (help, title) = match scalar.value() {
            ScalarValue::Number(_) => {
                (format!("write `{plain}`, or `\"{text}\"` if it is text"), "write it plainly")
            }
            _ => (format!("put it in quotes: `{plain}`"), "put it in quotes"),
        };
        found.push(
            Diagnostic::new(RULE.code, scalar.span(), message)
                .help(help)
                .fix(Fix::safe(title, vec![Edit::replace(scalar.span(), plain)])),
        );
    }
}

/// What readers of YAML 1.1 make of a scalar, if it is something else than our value.
fn other_reading(text: &str, value: &ScalarValue) -> Option<String> {
    let other = read(text);
    match (value, other) {
        (ScalarValue::Number(number), Other::Integer(other)) => {
            (number.as_i64() != Some(other)).then(|| format!("`{other}`"))
        }
        (ScalarValue::Number(_), Other::Text) => Some("text".to_owned()),
        (ScalarValue::Text, Other::Integer(other)) => Some(format!("the number `{other}`")),
        (ScalarValue::Text, Other::Number) => Some("a number".to_owned()),
        (ScalarValue::Text, Other::Date) => Some("a date".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::{check, check_fix};

    fn with(default: &str) -> String {
        format!(
            "pattern: {{ name: example }}\ninputs: {{ size: {{ type: any, default: {default} }} }}\n\
             tasks: {{ go: {{ gate: check, condition: true }} }}\n"
        )
    }

    #[test]
    fn both_readings_are_said() {
        for (written, here, other) in [
            ("017", "`17`", "`15`"),
            ("-012", "`-12`", "`-10`"),
            ("089", "`89`", "text"),
            ("0o17", "`15`", "text"),
            ("1e3", "`1000.0`", "text"),
            ("1.5e3", "`1500.0`", "text"),
            ("1_000", "text", "the number `1000`"),
            ("0b101", "text", "the number `5`"),
            ("12:30:45", "text", "the number `45045`"),
            ("1_000.5", "text", "a number"),
            ("2027-03-01", "text", "a date"),
            ("2027-03-01T09:00:00Z", "text", "a date"),
        ] {
            let message = format!(
                "`{written}` is {here} here and {other} to YAML 1.1 readers such as PyYAML"
            );
            check(&RULE, &with(written), &[&message]);
        }
    }

    #[test]
    fn what_all_readers_agree_on_is_fine() {
        for written in [
            "0",
            "7",
            "07",
            "00",
            "-3",
            "+1",
            ".5",
            "1.",
            "1.5",
            "1.5e+3",
            "0x1f",
            "09:30",
            "3.1.2",
            "10m",
            "1s..30s",
            "\"017\"",
            "'1_000'",
            "!!str 017",
            "2027-03",
            "8b",
            "-x",
        ] {
            check(&RULE, &with(written), &[]);
        }
    }

    #[test]
    fn our_reading_stays() {
        check_fix(&RULE, &with("017"), &with("17"));
        check_fix(&RULE, &with("1_000"), &with("\"1_000\""));
    }
}
