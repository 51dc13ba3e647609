//! Reading request bodies as Go's decoder does (`ollama-protocol.md`, A1): the content type does
//! not matter, field names match in any case, the last of duplicate fields wins, unknown fields
//! and everything after the first value are ignored, `null` is as good as absent.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::errors::ApiError;

/// The fields of one JSON object, in the order they came in, duplicates included.
#[derive(Debug)]
pub(super) struct Fields {
    target: &'static str,
    entries: Vec<(String, Value)>,
}

impl Fields {
    /// The fields of a body. `target` is Ollama's name of the type, for the texts of errors.
    pub(super) fn read(body: &[u8], target: &'static str) -> Result<Fields, ApiError> {
        let body = match std::str::from_utf8(body) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => String::from_utf8_lossy(body),
        };
        let text = body.trim_ascii_start();
        if text.is_empty() {
            return Err(ApiError::bad_request("missing request body"));
        }
        let mut decoder = serde_json::Deserializer::from_str(text);
        if text.starts_with('{') {
            let Entries(entries) =
                Entries::deserialize(&mut decoder).map_err(|error| malformed(text, &error))?;
            return Ok(Fields { target, entries });
        }
        match Value::deserialize(&mut decoder).map_err(|error| malformed(text, &error))? {
            Value::Null => Ok(Fields { target, entries: Vec::new() }),
            other => Err(ApiError::bad_request(format!(
                "json: cannot unmarshal {} into Go value of type api.{target}",
                go_kind(&other)
            ))),
        }
    }

    /// The fields of an object inside a body.
    pub(super) fn of(object: Map<String, Value>, target: &'static str) -> Fields {
        Fields { target, entries: object.into_iter().collect() }
    }

    /// Takes the value of a field; absent and `null` are the same.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        let mut found = None;
        for (key, value) in &mut self.entries {
            if key.eq_ignore_ascii_case(name) {
                found = Some(value.take());
            }
        }
        found.filter(|value| !value.is_null())
    }

    /// A field that is a text; empty if absent.
    pub(super) fn string(&mut self, name: &str) -> Result<String, ApiError> {
        match self.take(name) {
            None => Ok(String::new()),
            Some(Value::String(text)) => Ok(text),
            Some(other) => Err(self.wrong_type(name, &other, "string")),
        }
    }

    /// A field that is a truth value.
    pub(super) fn boolean(&mut self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(truth)) => Ok(Some(truth)),
            Some(other) => Err(self.wrong_type(name, &other, "bool")),
        }
    }

    /// A field that is a whole number; 0 if absent.
    pub(super) fn integer(&mut self, name: &str) -> Result<i64, ApiError> {
        match self.take(name) {
            None => Ok(0),
            Some(Value::Number(number)) if number.is_i64() => Ok(number.as_i64().unwrap_or(0)),
            Some(other) => Err(self.wrong_type(name, &other, "int")),
        }
    }

    /// A field that is an object; empty if absent.
    pub(super) fn object(&mut self, name: &str) -> Result<Map<String, Value>, ApiError> {
        match self.take(name) {
            None => Ok(Map::new()),
            Some(Value::Object(object)) => Ok(object),
            Some(other) => Err(self.wrong_type(name, &other, "map[string]interface {}")),
        }
    }

    /// A field that is a list of `kind`; empty if absent.
    pub(super) fn list(&mut self, name: &str, kind: &str) -> Result<Vec<Value>, ApiError> {
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => Ok(items),
            Some(other) => Err(self.wrong_type(name, &other, &format!("[]{kind}"))),
        }
    }

    /// The error for a value of the wrong kind.
    pub(super) fn wrong_type(&self, name: &str, value: &Value, kind: &str) -> ApiError {
        ApiError::bad_request(format!(
            "json: cannot unmarshal {} into Go struct field {}.{name} of type {kind}",
            go_kind(value),
            self.target
        ))
    }
}

/// An object's entries with duplicates, which a map would lose.
struct Entries(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;

        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::with_capacity(8);
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(EntriesVisitor)
    }
}

fn go_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Go's text for a body that is not JSON, as near as the place of the error allows.
fn malformed(text: &str, error: &serde_json::Error) -> ApiError {
    if error.is_eof() {
        return ApiError::bad_request("unexpected EOF");
    }
    let character = text
        .lines()
        .nth(error.line().saturating_sub(1))
        .and_then(|line| line.get(error.column().saturating_sub(1)..))
        .and_then(|rest| rest.chars().next())
        .unwrap_or('\u{fffd}');
    ApiError::bad_request(format!("invalid character '{character}' looking for beginning of value"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Fields {
        Fields::read(body.as_bytes(), "ChatRequest").unwrap()
    }

    fn refused(body: &[u8]) -> String {
        Fields::read(body, "ChatRequest").unwrap_err().message
    }

    #[test]
    fn names_match_in_any_case_and_the_last_one_wins() {
        let mut fields = read(r#"{"model":"a","MODEL":"b","Model":"c"} trailing"#);
        assert_eq!(fields.string("model").unwrap(), "c");
        let mut fields = read(r#"{"model":"a","MODEL":"b","model":"c"}"#);
        assert_eq!(fields.string("model").unwrap(), "c");
    }

    #[test]
    fn absent_and_null_are_the_same() {
        let mut fields = read(r#"{"stream":null}"#);
        assert_eq!(fields.boolean("stream").unwrap(), None);
        assert_eq!(fields.boolean("truncate").unwrap(), None);
        assert_eq!(read("null").string("model").unwrap(), "");
    }

    #[test]
    fn what_is_no_object_is_refused() {
        assert_eq!(refused(b""), "missing request body");
        assert_eq!(refused(b" \n"), "missing request body");
        assert_eq!(refused(b"{"), "unexpected EOF");
        assert_eq!(
            refused(b"{\"model\": 'a'}"),
            "invalid character '\'' looking for beginning of value"
        );
        assert_eq!(
            refused(b"[1]"),
            "json: cannot unmarshal array into Go value of type api.ChatRequest"
        );
    }

    #[test]
    fn wrong_types_are_refused() {
        let error = read(r#"{"messages":5}"#).list("messages", "api.Message").unwrap_err();
        assert_eq!(
            error.message,
            "json: cannot unmarshal number into Go struct field ChatRequest.messages of type \
             []api.Message"
        );
        assert!(read(r#"{"stream":"yes"}"#).boolean("stream").is_err());
        assert!(read(r#"{"top_logprobs":1.5}"#).integer("top_logprobs").is_err());
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        let mut fields = Fields::read(b"{\"model\":\"a\xff\"}", "ChatRequest").unwrap();
        assert_eq!(fields.string("model").unwrap(), "a\u{fffd}");
    }
}
