//! `format`: what shape an answer is asked to have.

use axum::http::StatusCode;
use serde_json::Value;

use super::errors::ApiError;
use super::json;
use super::keep_alive::go_quoted;
use super::schema;
use super::server::Era;

/// What shape an answer is asked to have.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Format {
    /// Any text.
    #[default]
    Free,
    /// Some JSON.
    Json,
    /// JSON that conforms to this schema.
    Schema(Value),
    /// Neither: an error, once a model is there to say so.
    Invalid(Value),
}

impl Format {
    /// Reads the field.
    pub(super) fn read(value: Option<Value>) -> Format {
        match value {
            None => Format::Free,
            Some(Value::String(text)) if text.is_empty() => Format::Free,
            Some(Value::String(text)) if text == "json" => Format::Json,
            Some(value @ Value::Object(_)) => Format::Schema(value),
            Some(other) => Format::Invalid(other),
        }
    }

    /// What the runner says to a format that it cannot keep to.
    pub(super) fn check(&self, era: Era) -> Result<(), ApiError> {
        match self {
            Format::Free | Format::Json => Ok(()),
            Format::Invalid(value) => Err(ApiError::internal(format!(
                "invalid format: {}; expected \"json\" or a valid JSON Schema object",
                go_quoted(&json::text(value))
            ))),
            Format::Schema(schema) => match schema::problem(schema, schema) {
                None => Ok(()),
                Some(_) if !era.child_runner => {
                    Err(ApiError::internal("invalid JSON schema in format"))
                }
                Some(problem) => Err(ApiError::new(
                    StatusCode::BAD_REQUEST,
                    format!(
                        "{{\"error\":{{\"code\":400,\"message\":{},\"type\":\
                         \"invalid_request_error\"}}}}",
                        json::string(&format!("JSON schema conversion failed:\n{problem}"))
                    ),
                )),
            },
        }
    }

    /// The format as part of what an answer depends on.
    pub(super) fn text(&self) -> String {
        match self {
            Format::Free => String::new(),
            Format::Json => "json".into(),
            Format::Schema(value) | Format::Invalid(value) => json::text(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_what_ollama_reads() {
        assert_eq!(Format::read(None), Format::Free);
        assert_eq!(Format::read(Some(json!(""))), Format::Free);
        assert_eq!(Format::read(Some(json!("json"))), Format::Json);
        let error = Format::read(Some(json!("xml"))).check(Era::of("0.33.1"));
        assert_eq!(
            error.unwrap_err(),
            ApiError::internal(
                r#"invalid format: "\"xml\""; expected "json" or a valid JSON Schema object"#
            )
        );
    }

    #[test]
    fn a_schema_that_makes_no_sense_is_refused_by_era() {
        let format = Format::read(Some(json!({"type": "objekt"})));
        let new = format.check(Era::of("0.33.1")).unwrap_err();
        let inner: Value = serde_json::from_str(&new.message).unwrap();
        assert_eq!((new.status.as_u16(), &inner["error"]["code"]), (400, &json!(400)));
        let old = format.check(Era::of("0.12.11")).unwrap_err();
        assert_eq!(old, ApiError::internal("invalid JSON schema in format"));
    }
}
