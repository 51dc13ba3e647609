//! Writing values as YAML: every scalar reads back as exactly the value that it was made of.

use serde_json::Value;

use super::scalar::{ScalarStyle, ScalarValue};
use super::schema::resolve;

/// Where a scalar is to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surroundings {
    /// After `key:` or `-`, to the end of its line; or as a key of such a line.
    Block,
    /// Between commas, inside `[…]` or `{…}`.
    Flow,
}

/// A text as one line of YAML: without quotes where it then still reads as this text, for this
/// parser and for those that follow YAML 1.1.
#[must_use]
pub fn write_text(text: &str, surroundings: Surroundings) -> String {
    if is_plain(text, surroundings) {
        return text.to_owned();
    }
    let needs_escapes = text.chars().any(is_escaped);
    if text.contains(['"', '\\']) && !needs_escapes {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut written = String::with_capacity(text.len() + 2);
    written.push('"');
    for character in text.chars() {
        match character {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\t' => written.push_str("\\t"),
            '\r' => written.push_str("\\r"),
            _ if is_escaped(character) => match u32::from(character) {
                code @ ..=0xff => written.push_str(&format!("\\x{code:02x}")),
                code @ ..=0xffff => written.push_str(&format!("\\u{code:04x}")),
                code => written.push_str(&format!("\\U{code:08x}")),
            },
            _ => written.push(character),
        }
    }
    written.push('"');
    written
}

/// Any value as one line of YAML, collections in flow style: `{ name: [a, "1"] }`.
#[must_use]
pub fn write_value(value: &Value, surroundings: Surroundings) -> String {
    let inner = |value: &Value| write_value(value, Surroundings::Flow);
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => write_text(text, surroundings),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(inner).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) if map.is_empty() => "{}".to_owned(),
        Value::Object(map) => {
            let entry = |(key, value): (&String, &Value)| {
                format!("{}: {}", write_text(key, Surroundings::Flow), inner(value))
            };
            let entries: Vec<String> = map.iter().map(entry).collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

/// Whether a text can stand without quotes. Stricter than YAML: what only careful readers take
/// for text is quoted.
fn is_plain(text: &str, surroundings: Surroundings) -> bool {
    // Indicators (YAML 1.2.2, section 5.3), and what begins the end of a document.
    const FIRST: [char; 19] = [
        '-', '?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@',
        '`',
    ];
    let is_text = resolve(text, ScalarStyle::Plain, None) == Ok(ScalarValue::Text);
    let in_flow = surroundings == Surroundings::Flow;
    is_text
        && !is_older_value(text)
        && text.trim() == text
        && !text.starts_with(FIRST)
        && !text.starts_with("...")
        && !text.ends_with(':')
        && !text.contains(": ")
        && !text.contains(" #")
        && !(in_flow && text.contains([',', '[', ']', '{', '}', ':']))
        && !text.chars().any(is_escaped)
}

/// What YAML 1.1 takes for a boolean, a merge key, a date, a time or a number.
fn is_older_value(text: &str) -> bool {
    const WORDS: [&str; 8] = ["y", "n", "yes", "no", "on", "off", "<<", "="];
    let begins_as_number = text.starts_with(|first: char| first.is_ascii_digit() || first == '+');
    let goes_on_as_number = |rest: char| rest.is_ascii_hexdigit() || "+-_.:xobTtZz ".contains(rest);
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
        || (begins_as_number && text.chars().skip(1).all(goes_on_as_number))
}

/// What cannot be seen, or breaks a line, or turns the direction of writing.
fn is_escaped(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
                | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{e007f}'
        )
        || u32::from(character) & 0xfffe == 0xfffe
        || (character.is_whitespace() && character != ' ' && character != '\u{3000}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::{Source, SourceId, parse};
    use super::*;

    fn read(yaml: &str) -> Value {
        let parsed = parse(&Source::new(SourceId(0), "test.yaml", yaml));
        assert!(parsed.errors.is_empty(), "{yaml:?}: {:?}", parsed.errors);
        parsed.tree.unwrap().to_json()
    }

    fn check(text: &str, block: &str, flow: &str) {
        assert_eq!(write_text(text, Surroundings::Block), block);
        assert_eq!(write_text(text, Surroundings::Flow), flow);
        check_round_trip(&json!(text));
    }

    /// A value reads back in every place where it can stand.
    fn check_round_trip(value: &Value) {
        let (block, flow) =
            (write_value(value, Surroundings::Block), write_value(value, Surroundings::Flow));
        assert!(!block.contains('\n'), "{block:?}");
        assert_eq!(
            read(&format!("a: {block}\nb:\n  - {block}\n")),
            json!({ "a": value, "b": [value] })
        );
        assert_eq!(
            read(&format!("a: [{flow}, {{ b: {flow} }}]  # end\n")),
            json!({ "a": [value, { "b": value }] })
        );
        if let Value::String(key) = value {
            assert_eq!(read(&format!("a:\n  {block}: 1\n")), json!({ "a": { key: 1 } }));
            assert_eq!(read(&format!("{{ {flow}: 1 }}\n")), json!({ key: 1 }));
        }
    }

    #[test]
    fn text_stands_without_quotes_where_it_can() {
        check("plain words", "plain words", "plain words");
        check("市場の分析", "市場の分析", "市場の分析");
        check("it's, well", "it's, well", "\"it's, well\"");
        check("http://a:1", "http://a:1", "\"http://a:1\"");
        check("a: b", "\"a: b\"", "\"a: b\"");
        check("{{ inputs.a }}", "\"{{ inputs.a }}\"", "\"{{ inputs.a }}\"");
        check("say \"no\"", "say \"no\"", "say \"no\"");
        check("\"no\" is 'no'", "'\"no\" is ''no'''", "'\"no\" is ''no'''");
        check("a\nb\t\"c\"\u{feff}", r#""a\nb\t\"c\"\ufeff""#, r#""a\nb\t\"c\"\ufeff""#);
    }

    #[test]
    fn what_looks_like_a_value_is_quoted() {
        for text in [
            "",
            "~",
            "null",
            "true",
            "False",
            "yes",
            "NO",
            "12",
            "0x1f",
            "1.5",
            ".inf",
            "1e3",
            "2027-03-01",
            "12:30",
            "1_000",
            "<<",
            "=",
            "---",
            "...",
            "- a",
            "# a",
            "a #b",
            "a:",
            " a",
            "a ",
            "%a",
            "@a",
            "`a`",
            "!a",
            "&a",
            "*a",
            "|",
            ">",
        ] {
            let quoted = write_text(text, Surroundings::Block);
            assert_eq!(quoted, format!("\"{text}\""));
            check_round_trip(&json!(text));
        }
    }

    #[test]
    fn values_keep_their_types() {
        check_round_trip(
            &json!({ "a": [1, -2.5, 1e300, u64::MAX, null, true, "true"], "": {}, "b c": [] }),
        );
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            any::<String>().prop_map(Value::from),
            "[-:#?,{}\\[\\]&*!|>'\"%@` \\\\a\n\r\t\u{85}\u{a0}\u{2028}\u{feff}]{0,6}"
                .prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            proptest::num::f64::NORMAL.prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            Just(Value::Null),
        ];
        scalar.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn everything_reads_back(value in any_value()) {
            check_round_trip(&value);
        }
    }
}
