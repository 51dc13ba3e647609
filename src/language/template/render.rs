//! Rendering: texts, whole expressions that keep their type, trees of both, and conditions.

use std::io;
use std::ops::Range;

use minijinja::{Error, ErrorKind};
use serde_json::Value;

use super::Data;
use super::environment::{ENVIRONMENT, MAX_RENDERED_BYTES};
use super::syntax::{Form, Template, bare_expression, whole_expression};

/// Why a template could not be rendered with the values of a run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RenderError {
    /// What went wrong, in lower case, with the part of the template it is about.
    pub message: String,
    /// Where in the decoded text, in bytes, as far as it is known.
    pub range: Option<Range<usize>>,
}

/// What a text gives that has nothing of a template in it; `None` for any other.
pub fn render_plain(text: &str) -> Option<String> {
    let is_template = text.contains("{{") || text.contains("{%") || text.contains("{#");
    if is_template || text.len() > MAX_RENDERED_BYTES {
        return None;
    }
    // As a template: the last line break is the file's.
    let text = text.strip_suffix('\n').unwrap_or(text);
    Some(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

/// Renders a text.
///
/// # Errors
/// A value that is undefined, an operation that does not fit its values, a result over 8 MiB.
pub fn render_text(text: &str, data: &Data) -> Result<String, RenderError> {
    if let Some(plain) = render_plain(text) {
        return Ok(plain);
    }
    render_template(text, data)
}

fn render_template(text: &str, data: &Data) -> Result<String, RenderError> {
    let mut rendered = Limited { bytes: Vec::with_capacity(text.len() * 2) };
    ENVIRONMENT
        .template_from_str(text)
        .and_then(|template| template.render_captured_to(data.0.clone(), &mut rendered).map(drop))
        .map_err(|error| failure(&error, text, 0))?;
    String::from_utf8(rendered.bytes)
        .map_err(|error| RenderError { message: error.to_string(), range: None })
}

/// Renders a text; one that is a whole `{{ expression }}` keeps the type of its value.
///
/// # Errors
/// As for [`render_text`].
pub fn render_value(text: &str, data: &Data) -> Result<Value, RenderError> {
    let is_whole = whole_expression(text).is_some()
        && Template::parse(text, Form::Text).is_ok_and(|template| template.is_whole_expression);
    if is_whole { evaluate_value(text, data) } else { render_text(text, data).map(Value::String) }
}

/// Renders every text inside a value.
///
/// # Errors
/// As for [`render_text`], for the first text that fails.
pub fn render_tree(tree: &Value, data: &Data) -> Result<Value, RenderError> {
    match tree {
        Value::String(text) => render_value(text, data),
        Value::Array(items) => items
            .iter()
            .map(|item| render_tree(item, data))
            .collect::<Result<_, _>>()
            .map(Value::Array),
        Value::Object(map) => map
            .iter()
            .map(|(key, item)| Ok((key.clone(), render_tree(item, data)?)))
            .collect::<Result<_, _>>()
            .map(Value::Object),
        other => Ok(other.clone()),
    }
}

/// Whether a condition holds.
///
/// # Errors
/// As for [`render_text`]; besides, a value that is neither true nor false.
pub fn evaluate(condition: &str, data: &Data) -> Result<bool, RenderError> {
    match evaluate_value(condition, data)? {
        Value::Bool(holds) => Ok(holds),
        other => Err(RenderError {
            message: format!(
                "the condition `{}` gives `{other}`, which is neither true nor false",
                bare_expression(condition).0.trim()
            ),
            range: None,
        }),
    }
}

/// The value of an expression, bare or as one whole `{{ … }}`.
///
/// # Errors
/// As for [`render_text`]; besides, where there is no value.
pub fn evaluate_value(text: &str, data: &Data) -> Result<Value, RenderError> {
    let (expression, offset) = bare_expression(text);
    let value = ENVIRONMENT
        .compile_expression(expression)
        .and_then(|compiled| compiled.eval(data.0.clone()))
        .map_err(|error| failure(&error, expression, offset))?;
    if value.is_undefined() {
        let message = format!("`{}` has no value", expression.trim());
        return Err(RenderError { message, range: Some(offset..offset + expression.len()) });
    }
    serde_json::to_value(&value)
        .map_err(|error| RenderError { message: error.to_string(), range: None })
}

fn failure(error: &Error, text: &str, offset: usize) -> RenderError {
    let range = error.range().filter(|range| text.get(range.clone()).is_some());
    let part = range.clone().map(|range| text[range].trim()).unwrap_or_default();
    let message = match error.kind() {
        ErrorKind::UndefinedError
            if error.detail().is_none_or(|detail| detail.ends_with("is undefined")) =>
        {
            format!("`{part}` has no value")
        }
        ErrorKind::OutOfFuel => "the template takes too many steps".to_owned(),
        ErrorKind::WriteFailure => "the rendered text is longer than 8 MiB".to_owned(),
        kind => {
            let detail = error.detail().map_or_else(|| kind.to_string(), str::to_owned);
            if part.is_empty() { detail } else { format!("{detail} in `{part}`") }
        }
    };
    let range = range.map(|range| range.start + offset..range.end + offset);
    RenderError { message, range }
}

/// A buffer that refuses to grow over the limit.
struct Limited {
    bytes: Vec<u8>,
}

impl io::Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > MAX_RENDERED_BYTES {
            return Err(io::Error::other("too long"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn data() -> Data {
        Data::from_json(&json!({
            "inputs": { "product": "Nota", "count": 3, "tags": ["a", "b"] },
            "tasks": { "market": { "output": { "size": 4.5, "risks": [{ "risk": "late" }] } } },
        }))
    }

    #[test]
    fn a_text_without_anything_of_a_template_gives_what_the_template_would() {
        for text in [
            "",
            "plain",
            "a { b } %} c",
            "{",
            "a\nb\n",
            "a\r\n",
            "a\r",
            "a\n\n",
            "\n",
            "\r\n",
            "\r",
            "a\n\r",
            " a ",
            "# a",
            "## a",
            "-- a",
            "€ {\"a\": {\"b\": 1}}",
            "{ { a } }",
        ] {
            let plain = render_plain(text);
            assert!(plain.is_some(), "{text:?}");
            assert_eq!(plain, render_template(text, &data()).ok(), "{text:?}");
        }
        for text in ["{{ a }}", "{{", "{# a #}", "{% a", "a {%- if b %}"] {
            assert_eq!(render_plain(text), None, "{text:?}");
        }
        assert_eq!(render_plain(&"a".repeat(MAX_RENDERED_BYTES + 1)), None);
    }

    #[test]
    fn whole_expressions_keep_their_type() {
        for (text, expected) in [
            ("{{ inputs.count }}", json!(3)),
            ("{{ inputs.tags }}", json!(["a", "b"])),
            ("{{ tasks.market.output.risks | map(attribute='risk') | list }}", json!(["late"])),
            ("{{ inputs.count }} of {{ inputs.product }}", json!("3 of Nota")),
            ("{{ inputs.count > 2 }}", json!(true)),
            ("plain", json!("plain")),
        ] {
            assert_eq!(render_value(text, &data()), Ok(expected), "{text}");
        }
    }

    #[test]
    fn values_with_parts_render_as_json() {
        let text = render_text("{{ inputs.tags }} {{ inputs.tags | json }}", &data()).unwrap();
        assert_eq!(text, "[\n  \"a\",\n  \"b\"\n] [\"a\",\"b\"]");
        assert_eq!(render_text("{{ inputs.tags | bullets }}", &data()).unwrap(), "- a\n- b");
    }

    fn check_error(text: &str, message: &str) {
        assert_eq!(render_text(text, &data()).unwrap_err().message, message, "{text}");
    }

    #[test]
    fn what_is_undefined_is_named() {
        check_error("{{ inputs.nothing }}", "`inputs.nothing` has no value");
        check_error("{% if missing %}x{% endif %}", "`missing` has no value");
        check_error("{{ inputs.nothing | json }}", "a value is missing in `json`");
    }

    #[test]
    fn nothing_grows_without_bound() {
        check_error(
            "{{ 'x' | indent(100000) }}",
            "the widest indentation is 64 in `indent(100000)`",
        );
        check_error(
            "{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}",
            "the template takes too many steps",
        );
    }

    #[test]
    fn conditions_are_true_or_false() {
        assert_eq!(evaluate("inputs.count == 3", &data()), Ok(true));
        assert_eq!(evaluate("{{ inputs.product == 'x' }}", &data()), Ok(false));
        assert_eq!(
            evaluate("inputs.product", &data()).unwrap_err().message,
            "the condition `inputs.product` gives `\"Nota\"`, which is neither true nor false"
        );
    }
}
