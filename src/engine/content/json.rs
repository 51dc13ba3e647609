//! JSON values in what models write: bare, in fences, between words.

use serde_json::{Deserializer, Value};

/// So many brackets are tried as beginnings of a value: a text may have nothing but brackets.
const MOST_BEGINNINGS: usize = 32;

/// The JSON values in a text, the likeliest first: the whole text, the insides of code fences,
/// then whatever begins at a bracket. Models wrap their answers even when they are told not to.
pub(super) fn values_in(text: &str) -> Vec<Value> {
    if let Ok(value) = serde_json::from_str(text) {
        return vec![value];
    }
    let fences = text.split("```").skip(1).step_by(2).filter_map(|inside| {
        let inside = inside.trim_start_matches(|c: char| c.is_ascii_alphanumeric()).trim();
        serde_json::from_str(inside).ok()
    });
    let mut values: Vec<Value> = fences.collect();
    values.extend(bracketed(text));
    values
}

/// The values that begin at a bracket and not inside another value.
fn bracketed(text: &str) -> Vec<Value> {
    let mut values = Vec::new();
    let mut from = 0;
    for _ in 0..MOST_BEGINNINGS {
        let Some(place) = text[from..].find(['{', '[']) else { break };
        let begins = from + place;
        let mut stream = Deserializer::from_str(&text[begins..]).into_iter::<Value>();
        from = match stream.next() {
            Some(Ok(value)) => {
                values.push(value);
                begins + stream.byte_offset()
            }
            _ => begins + 1,
        };
    }
    values
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(text: &str, expected: &[Value]) {
        assert_eq!(values_in(text), expected, "{text}");
    }

    #[test]
    fn values_are_found_in_their_wrappings() {
        check("7", &[json!(7)]);
        check("```json\n{\"a\": 1}\n```", &[json!({ "a": 1 }), json!({ "a": 1 })]);
        check(
            "Here: {\"a\": {\"b\": [1]}}. Done [1].",
            &[json!({ "a": { "b": [1] } }), json!([1])],
        );
        check("In {braces}: {\"a\": 1}", &[json!({ "a": 1 })]);
        check("no value, {\"a\": ", &[]);
    }

    #[test]
    fn brackets_without_end_are_given_up() {
        check(&"[".repeat(100_000), &[]);
    }
}
