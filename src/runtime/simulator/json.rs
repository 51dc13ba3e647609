//! JSON text as Go writes it: `<`, `>`, `&` and the line separators are escaped.

use serde_json::Value;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends `text` as a JSON string.
pub(super) fn push_string(out: &mut String, text: &str) {
    out.push('"');
    let mut copied = 0;
    for (place, character) in text.char_indices() {
        let escape: &str = match character {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\u{8}' => "\\b",
            '\u{c}' => "\\f",
            '<' => "\\u003c",
            '>' => "\\u003e",
            '&' => "\\u0026",
            '\u{2028}' => "\\u2028",
            '\u{2029}' => "\\u2029",
            '\0'..='\u{1f}' => "",
            _ => continue,
        };
        out.push_str(&text[copied..place]);
        copied = place + character.len_utf8();
        if escape.is_empty() {
            let code = character as usize;
            out.push_str("\\u00");
            out.push(char::from(HEX[code >> 4]));
            out.push(char::from(HEX[code & 15]));
        } else {
            out.push_str(escape);
        }
    }
    out.push_str(&text[copied..]);
    out.push('"');
}

/// Appends `value`.
pub(super) fn push_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => push_string(out, text),
        Value::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                push_value(out, item);
            }
            out.push(']');
        }
        Value::Object(entries) => {
            out.push('{');
            for (place, (key, item)) in entries.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                push_string(out, key);
                out.push(':');
                push_value(out, item);
            }
            out.push('}');
        }
    }
}

/// `text` as a JSON string.
pub(super) fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_string(&mut out, text);
    out
}

/// `value` as JSON text.
pub(super) fn text(value: &Value) -> String {
    let mut out = String::new();
    push_value(&mut out, value);
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(string(text), expected);
        assert_eq!(serde_json::from_str::<String>(expected).unwrap(), text);
    }

    #[test]
    fn escapes_as_go_does() {
        check("plain", r#""plain""#);
        check("<b> & co", r#""\u003cb\u003e \u0026 co""#);
        check("a\"\\\n\t\r", r#""a\"\\\n\t\r""#);
        check("\u{1}\u{1f}\u{8}\u{c}", r#""\u0001\u001f\b\f""#);
        check("é\u{2028}日", r#""é\u2028日""#);
    }

    #[test]
    fn keeps_the_order_of_keys() {
        let value = json!({"b": [1, 2.5, null, true], "a": {"<": "x"}});
        assert_eq!(text(&value), r#"{"b":[1,2.5,null,true],"a":{"\u003c":"x"}}"#);
    }
}
