//! JSON as it was written: the parts of objects and lists as the text that they are, so that what
//! nobody changes is given back byte for byte, numbers, escapes and unknown keys included.

use serde_json::Value;

/// What is wrong with a text that should be the JSON of a context, and where. The user's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct JsonFault {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// What is wrong, in lower case.
    pub message: String,
}

impl JsonFault {
    /// A fault at a byte of a text.
    pub(super) fn at(text: &str, byte: usize, message: impl Into<String>) -> JsonFault {
        let before = text.get(..byte).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |place| place + 1);
        JsonFault {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: message.into(),
        }
    }
}

/// A member of an object, or an element of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part<'t> {
    /// Its key as written, quotes included; empty in a list.
    pub(super) key: &'t str,
    /// Its value as written.
    pub(super) value: &'t str,
    /// The byte at which the value begins in the text that was read.
    pub(super) at: usize,
}

impl Part<'_> {
    /// The key.
    pub(super) fn name(&self) -> String {
        serde_json::from_str(self.key).unwrap_or_default()
    }
}

/// That a text is JSON.
///
/// # Errors
/// Where it is not.
pub(super) fn check(text: &str) -> Result<(), JsonFault> {
    match serde_json::from_str::<Value>(text) {
        Ok(_) => Ok(()),
        Err(error) => {
            let whole = error.to_string();
            let message = whole.split(" at line ").next().unwrap_or_default().to_owned();
            Err(JsonFault { line: error.line().max(1), column: error.column().max(1), message })
        }
    }
}

/// The parts of an object or a list that is JSON; none of anything else.
pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    let bytes = text.as_bytes();
    let mut at = blank(bytes, 0);
    let is_object = bytes.get(at) == Some(&b'{');
    let mut parts = Vec::new();
    if !is_object && bytes.get(at) != Some(&b'[') {
        return parts;
    }
    at = blank(bytes, at + 1);
    while at < bytes.len() && !matches!(bytes[at], b'}' | b']') {
        let mut key = "";
        if is_object {
            let end = value_end(bytes, at);
            key = &text[at..end];
            // Behind the key comes a colon.
            at = blank(bytes, blank(bytes, end) + 1);
        }
        let end = value_end(bytes, at);
        parts.push(Part { key, value: &text[at..end], at });
        at = blank(bytes, end);
        if bytes.get(at) == Some(&b',') {
            at = blank(bytes, at + 1);
        }
    }
    parts
}

fn blank(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// The byte behind the value that begins somewhere.
fn value_end(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0usize;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = text_end(bytes, at);
                if depth == 0 {
                    return at;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' | b':' if depth == 0 => return at,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            byte if depth == 0 && byte.is_ascii_whitespace() => return at,
            _ => {}
        }
        at += 1;
    }
    at
}

/// The byte behind the text whose quote is somewhere.
fn text_end(bytes: &[u8], quote: usize) -> usize {
    let mut at = quote + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// A text as JSON.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// An object, a member a line, two spaces deeper than where it stands.
pub(super) fn object<'m>(
    indent: usize,
    members: impl IntoIterator<Item = (&'m str, &'m str)>,
) -> String {
    let lines = members.into_iter().map(|(key, value)| format!("{key}: {value}"));
    block(indent, ('{', '}'), lines)
}

/// A list, an element a line, two spaces deeper than where it stands.
pub(super) fn list<'e>(indent: usize, elements: impl IntoIterator<Item = &'e str>) -> String {
    block(indent, ('[', ']'), elements.into_iter().map(str::to_owned))
}

fn block(indent: usize, signs: (char, char), lines: impl Iterator<Item = String>) -> String {
    let inner = " ".repeat(indent + 2);
    let lines: Vec<String> = lines.map(|line| format!("{inner}{line}")).collect();
    match lines.is_empty() {
        true => format!("{}{}", signs.0, signs.1),
        false => format!("{}\n{}\n{}{}", signs.0, lines.join(",\n"), " ".repeat(indent), signs.1),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parts_are_as_written() {
        let check = |text: &str, expected: &[(&str, &str)]| {
            let found: Vec<_> = parts(text).iter().map(|part| (part.key, part.value)).collect();
            assert_eq!(found, expected, "{text}");
            for part in parts(text) {
                assert!(text[part.at..].starts_with(part.value));
            }
        };
        check("{}", &[]);
        check(" [ ] ", &[]);
        check("7", &[]);
        check(
            "{ \"a\" : 1.50 ,\n\"b\\\"}\":[1, {\"c\": \"]}\"}], \"d\": \"\\\\\"}",
            &[("\"a\"", "1.50"), ("\"b\\\"}\"", "[1, {\"c\": \"]}\"}]"), ("\"d\"", "\"\\\\\"")],
        );
        check("[1e5,\"x, y\" , null]", &[("", "1e5"), ("", "\"x, y\""), ("", "null")]);
    }

    #[test]
    fn faults_have_places() {
        let fault = check("{\n  \"a\": ,\n}").expect_err("no JSON");
        assert_eq!((fault.line, fault.column), (2, 8));
        let fault = JsonFault::at("{\n  \"é\": 1}", 9, "x");
        assert_eq!((fault.line, fault.column), (2, 7));
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(Value::from),
            "\\PC{0,8}".prop_map(Value::from),
            "[\"\\\\{}\\[\\],:]{0,6}".prop_map(Value::from),
            Just(Value::Null),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("\\PC{0,4}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_taken_apart_is_put_together(value in values(), pretty in any::<bool>()) {
            let text = match pretty {
                true => serde_json::to_string_pretty(&value).expect("a text"),
                false => value.to_string(),
            };
            let parts = parts(&text);
            let again = match &value {
                Value::Object(_) => object(0, parts.iter().map(|part| (part.key, part.value))),
                Value::Array(_) => list(0, parts.iter().map(|part| part.value)),
                _ => text.clone(),
            };
            prop_assert_eq!(serde_json::from_str::<Value>(&again).expect("JSON"), value);
            if pretty {
                prop_assert_eq!(again, text);
            }
        }
    }
}
