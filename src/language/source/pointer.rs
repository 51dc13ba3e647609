//! JSON pointers (RFC 6901): the address of a value in a document.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// Mappings with no more entries than this are looked through.
const FEW: usize = 16;

/// A key as a pointer writes it.
pub fn escape_pointer(key: &str) -> Cow<'_, str> {
    if key.contains(['~', '/']) {
        key.replace('~', "~0").replace('/', "~1").into()
    } else {
        key.into()
    }
}

/// The pointer of a key inside the value at a pointer.
pub fn child_pointer(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", escape_pointer(key))
}

/// The value at a pointer. Unlike [`Value::pointer`] it copies no key that has nothing to unescape,
/// and rules ask for many thousands.
pub fn value_at<'v>(value: &'v Value, pointer: &str) -> Option<&'v Value> {
    if pointer.is_empty() {
        return Some(value);
    }
    pointer.strip_prefix('/')?.split('/').try_fold(value, |value, token| {
        let token = token_of(token)?;
        match value {
            Value::Object(map) => map.get(token.as_ref()),
            Value::Array(items) => items.get(index_of(&token)?),
            _ => None,
        }
    })
}

/// The value of a key. What an author writes has few entries as a rule: looking at all of their keys
/// is done sooner than hashing one.
pub fn member<'v>(map: &'v Map<String, Value>, key: &str) -> Option<&'v Value> {
    if map.len() > FEW {
        return map.get(key);
    }
    map.iter().find(|(own, _)| *own == key).map(|(_, value)| value)
}

/// Section 4: `~1` is `/`, `~0` is `~`, any other `~` is an error.
pub(super) fn token_of(token: &str) -> Option<Cow<'_, str>> {
    if !token.contains('~') {
        return Some(Cow::Borrowed(token));
    }
    let mut text = String::with_capacity(token.len());
    let mut characters = token.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '~' => match characters.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            },
            other => other,
        });
    }
    Some(Cow::Owned(text))
}

/// Section 4: digits without leading zeros.
pub(super) fn index_of(token: &str) -> Option<usize> {
    let is_index = token == "0"
        || (!token.starts_with('0') && token.bytes().all(|byte| byte.is_ascii_digit()));
    token.parse().ok().filter(|_| is_index)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_found_as_serde_json_finds_them() {
        let value = json!({ "a": [{ "b/c": 1, "~": null }, 2], "": 3, "0": 4, "~1": 5 });
        for pointer in [
            "",
            "/",
            "/a",
            "/a/0",
            "/a/00",
            "/a/01",
            "/a/2",
            "/a/-",
            "/a/+1",
            "/a/0/b~1c",
            "/a/0/b/c",
            "/a/0/~0",
            "/0",
            "/~01",
            "a",
            "/b",
            "/a/0/b~1c/d",
        ] {
            assert_eq!(value_at(&value, pointer), value.pointer(pointer), "{pointer}");
        }
    }

    #[test]
    fn members_are_found_in_small_and_large_mappings() {
        for count in [0, 1, FEW, FEW + 1, 100] {
            let map: Map<String, Value> =
                (0..count).map(|number| (format!("k{number}"), json!(number))).collect();
            for number in 0..=count {
                let key = format!("k{number}");
                assert_eq!(member(&map, &key), map.get(&key), "{key} of {count}");
            }
        }
    }

    #[test]
    fn what_is_escaped_leads_back() {
        for key in ["a", "a/b", "~", "~1", "~0/", ""] {
            let value = json!({ key: true });
            assert_eq!(value_at(&value, &child_pointer("", key)), Some(&json!(true)), "{key}");
        }
    }
}
