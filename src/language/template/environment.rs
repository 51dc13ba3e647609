//! The one environment that every template is rendered in: strict, without files, clock or
//! network, and with filters whose results stay small.

use std::sync::LazyLock;

use minijinja::value::{Rest, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value};

/// No rendered text may be longer, in bytes.
pub(super) const MAX_RENDERED_BYTES: usize = 8 * 1024 * 1024;

/// Steps that one rendering may take; stops endless loops.
const FUEL: u64 = 2_000_000;

/// The filters that templates may use.
pub(super) const FILTERS: [&str; 38] = [
    "abs",
    "bool",
    "bullets",
    "capitalize",
    "count",
    "d",
    "default",
    "dictsort",
    "first",
    "float",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "json",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "tojson",
    "trim",
];

/// Filters that templates may use besides, kept apart to fit one line each.
pub(super) const MORE_FILTERS: [&str; 3] = ["truncate", "unique", "upper"];

/// The tests (`x is test`) that templates may use.
pub(super) const TESTS: [&str; 26] = [
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "even",
    "false",
    "float",
    "ge",
    "gt",
    "in",
    "int",
    "integer",
    "iterable",
    "le",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "sequence",
    "startingwith",
    "string",
    "true",
];

/// Tests that templates may use besides.
pub(super) const MORE_TESTS: [&str; 2] = ["undefined", "upper"];

/// The functions that templates may call.
pub(super) const FUNCTIONS: [&str; 2] = ["dict", "range"];

/// Built-in filters that are left out: some make huge results from small texts, the others are
/// of no use in a prompt.
const LEFT_OUT: [&str; 10] =
    ["attr", "batch", "chain", "e", "escape", "format", "pprint", "safe", "slice", "zip"];

pub(super) static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    environment.set_debug(true);
    environment.set_formatter(write_value);
    for filter in LEFT_OUT {
        environment.remove_filter(filter);
    }
    for function in ["debug", "namespace"] {
        environment.remove_global(function);
    }
    environment.add_filter("json", json);
    environment.add_filter("tojson", json);
    environment.add_filter("join", join);
    environment.add_filter("replace", replace);
    environment.add_filter("indent", indent);
    environment.add_filter("bullets", bullets);
    environment.add_filter("truncate", truncate);
    environment
});

/// Texts as they are, everything with parts as indented JSON, which models read and write best;
/// `true`, `false` and `null` as YAML and JSON write them.
fn write_value(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    match value.kind() {
        ValueKind::Undefined => Err(Error::from(ErrorKind::UndefinedError)),
        ValueKind::None => out.write_str("null").map_err(write_failed),
        ValueKind::Bool => {
            out.write_str(if value.is_true() { "true" } else { "false" }).map_err(write_failed)
        }
        ValueKind::Map | ValueKind::Seq | ValueKind::Iterable => {
            out.write_str(&to_json_text(value, &Layout::Indented)?).map_err(write_failed)
        }
        _ => minijinja::escape_formatter(out, state, value),
    }
}

fn write_failed(_: std::fmt::Error) -> Error {
    Error::new(ErrorKind::WriteFailure, "the text is too long")
}

enum Layout {
    Compact,
    Indented,
}

fn to_json_text(value: &Value, layout: &Layout) -> Result<String, Error> {
    if value.is_undefined() {
        return Err(Error::new(ErrorKind::UndefinedError, "a value is missing"));
    }
    let text = match layout {
        Layout::Compact => serde_json::to_string(value),
        Layout::Indented => serde_json::to_string_pretty(value),
    };
    text.map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))
}

/// `x | json`: compact JSON. Unlike the built-in `tojson` it does not hide undefined values nor
/// escape for HTML.
fn json(value: &Value) -> Result<String, Error> {
    to_json_text(value, &Layout::Compact)
}

fn check_length(bytes: usize) -> Result<(), Error> {
    if bytes > MAX_RENDERED_BYTES {
        return Err(Error::new(ErrorKind::InvalidOperation, "the result is longer than 8 MiB"));
    }
    Ok(())
}

fn join(value: &Value, separator: Option<String>) -> Result<String, Error> {
    let separator = separator.unwrap_or_default();
    let mut text = String::new();
    for (place, item) in value.try_iter()?.enumerate() {
        if place > 0 {
            text.push_str(&separator);
        }
        push_item(&mut text, &item)?;
        check_length(text.len())?;
    }
    Ok(text)
}

/// An item of a list: a text as it is, anything else as JSON.
fn push_item(text: &mut String, item: &Value) -> Result<(), Error> {
    match item.as_str() {
        Some(item) => text.push_str(item),
        None => text.push_str(&to_json_text(item, &Layout::Compact)?),
    }
    Ok(())
}

fn replace(text: &str, from: &str, to: &str) -> Result<String, Error> {
    let found = text.matches(from).count();
    check_length(text.len().saturating_add(found.saturating_mul(to.len())))?;
    Ok(text.replace(from, to))
}

#[expect(clippy::needless_pass_by_value, reason = "minijinja hands arguments over by value")]
fn indent(text: &str, width: usize, options: Rest<Value>) -> Result<String, Error> {
    if width > 64 {
        return Err(Error::new(ErrorKind::InvalidOperation, "the widest indentation is 64"));
    }
    let also_first = options.first().is_some_and(Value::is_true);
    let lines = text.split('\n').count();
    check_length(text.len().saturating_add(lines.saturating_mul(width)))?;
    let padding = " ".repeat(width);
    let mut result = String::with_capacity(text.len() + lines * width);
    for (place, line) in text.split('\n').enumerate() {
        if place > 0 {
            result.push('\n');
        }
        if !line.is_empty() && (place > 0 || also_first) {
            result.push_str(&padding);
        }
        result.push_str(line);
    }
    Ok(result)
}

/// `list | bullets`: a line with a dash for each item.
fn bullets(value: &Value) -> Result<String, Error> {
    let mut text = String::new();
    for item in value.try_iter()? {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str("- ");
        push_item(&mut text, &item)?;
        check_length(text.len())?;
    }
    Ok(text)
}

/// `text | truncate(200)`: at most so many characters, with `…` where something was cut.
fn truncate(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_name_what_there_is() {
        for filter in FILTERS.iter().chain(&MORE_FILTERS) {
            let there =
                ENVIRONMENT.render_str(&format!("{{{{ '{filter}' is filter | json }}}}"), ());
            assert_eq!(there.unwrap(), "true", "{filter}");
        }
        for test in TESTS.iter().chain(&MORE_TESTS) {
            let there = ENVIRONMENT.render_str(&format!("{{{{ '{test}' is test | json }}}}"), ());
            assert_eq!(there.unwrap(), "true", "{test}");
        }
        for filter in LEFT_OUT {
            let there =
                ENVIRONMENT.render_str(&format!("{{{{ '{filter}' is filter | json }}}}"), ());
            assert_eq!(there.unwrap(), "false", "{filter}");
        }
    }
}
