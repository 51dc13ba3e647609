//! The library index: which patterns there are, by field.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A file whose top-level keys all end in `_patterns`: for each field the names of its patterns.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct LibraryIndex {
    /// Names by field, in the author's order.
    pub fields: IndexMap<String, Vec<String>>,
}

impl JsonSchema for LibraryIndex {
    fn schema_name() -> Cow<'static, str> {
        "LibraryIndex".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "title": "Partita library index",
            "description": "Which patterns there are, by field: every key ends in `_patterns` \
                and lists names.",
            "type": "object",
            "minProperties": 1,
            "patternProperties": {
                "^[a-z][a-z0-9_]*_patterns$": {
                    "type": "array",
                    "description": "The names of the patterns of this field.",
                    "items": {
                        "type": "string",
                        "pattern": super::name::DOCUMENT_NAME_PATTERN,
                    },
                },
                "^x-": {},
            },
            "additionalProperties": false,
            "examples": [{ "engineering_patterns": ["feature_release", "bug_fix_sprint"] }],
        })
    }
}
