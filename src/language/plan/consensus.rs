//! The type of a consensus whose author declares none.

use serde_json::{Value, json};

/// The JSON Schema of a consensus whose author declares none. Reasons come before the conclusion,
/// since a model thinks while it writes; lists are short, since small models do not know when to
/// end one.
pub fn consensus_output() -> Value {
    let texts = || json!({ "type": "array", "items": { "type": "string" }, "maxItems": 5 });
    json!({
        "type": "object",
        "properties": {
            "agreements": texts(),
            "conflicts": {
                "type": "array",
                "maxItems": 5,
                "items": {
                    "type": "object",
                    "properties": {
                        "topic": { "type": "string" },
                        "positions": texts(),
                        "resolution": { "type": "string" },
                    },
                    "required": ["topic", "positions", "resolution"],
                    "additionalProperties": false,
                },
            },
            "patterns": texts(),
            "unknowns": texts(),
            "conclusion": { "type": "string" },
            "confidence": { "enum": ["low", "medium", "high"] },
        },
        "required": ["agreements", "conflicts", "patterns", "unknowns", "conclusion", "confidence"],
        "additionalProperties": false,
    })
}
