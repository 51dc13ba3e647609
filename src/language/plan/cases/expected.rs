//! What is expected of a value.

use serde_json::{Map, Value};

use super::condition::{CONDITIONS, Condition, condition, is_equal, shown};
use crate::language::document::TypeProblem;
use crate::language::document::suggest::nearest;
use crate::language::source::{child_pointer, escape_pointer};

/// What is expected of a value, as it is written in a case.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// It is this. A text may end in line breaks here or there.
    Equal(Value),
    /// It is a mapping in which these fields are so; it may have others.
    Fields(Vec<(String, Expected)>),
    /// It is a list of so many items, each as is said.
    Items(Vec<Expected>),
    /// All of it holds.
    Conditions(Vec<Condition>),
}

/// A place at which a value is not as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unequal {
    /// Where it is said what is expected: a JSON pointer inside the expectation.
    pub pointer: String,
    /// Where in the value, such as `plan.steps[2]`; empty for the whole.
    pub place: String,
    /// What is expected, in words.
    pub expected: String,
    /// What is there.
    pub actual: Value,
    /// The expected value, where there is a single one.
    pub value: Option<Value>,
}

impl Expected {
    /// Reads an expectation.
    ///
    /// # Errors
    /// Every place in it that nothing can fulfil, because it cannot be read.
    pub fn of(written: &Value) -> Result<Expected, Vec<TypeProblem>> {
        let mut problems = Vec::new();
        let expected = read(written, "", &mut problems);
        if problems.is_empty() { Ok(expected) } else { Err(problems) }
    }

    /// Whether a mapping is read as conditions.
    pub(super) fn is_condition(map: &Map<String, Value>) -> bool {
        !map.is_empty() && map.keys().all(|key| CONDITIONS.contains(&key.as_str()))
    }

    /// The condition that was probably meant by a word.
    pub(super) fn near_condition(word: &str) -> Option<&'static str> {
        nearest(word, CONDITIONS)
    }

    /// Every place at which a value is not so.
    pub fn compare(&self, actual: &Value) -> Vec<Unequal> {
        let mut found = Vec::new();
        self.judge(actual, At { pointer: "", place: "" }, &mut found);
        found
    }

    fn judge(&self, actual: &Value, at: At<'_>, found: &mut Vec<Unequal>) {
        match self {
            Expected::Equal(value) => {
                if !is_equal(value, actual) {
                    found.push(at.unequal(shown(value), actual, Some(value)));
                }
            }
            Expected::Fields(fields) => {
                if !actual.is_object() {
                    let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
                    let expected = format!("a mapping with {}", names.join(", "));
                    return found.push(at.unequal(expected, actual, None));
                }
                for (name, expected) in fields {
                    let pointer = child_pointer(at.pointer, name);
                    let place = at.field(name);
                    let value = actual.get(name).unwrap_or(&Value::Null);
                    expected.judge(value, At { pointer: &pointer, place: &place }, found);
                }
            }
            Expected::Items(items) => {
                let Some(actual) = actual.as_array().filter(|list| list.len() == items.len())
                else {
                    let expected = match items.len() {
                        1 => "a list of 1 item".to_owned(),
                        count => format!("a list of {count} items"),
                    };
                    return found.push(at.unequal(expected, actual, None));
                };
                for (number, (expected, value)) in items.iter().zip(actual).enumerate() {
                    let pointer = format!("{}/{number}", at.pointer);
                    let place = format!("{}[{number}]", at.place);
                    expected.judge(value, At { pointer: &pointer, place: &place }, found);
                }
            }
            Expected::Conditions(conditions) => {
                for condition in conditions {
                    let pointer = format!("{}/{}", at.pointer, condition.word());
                    let at = At { pointer: &pointer, ..at };
                    if let Some(expected) = condition.unmet(actual) {
                        let value = match condition {
                            Condition::Equals(value) => Some(value),
                            _ => None,
                        };
                        found.push(at.unequal(expected, actual, value));
                    }
                }
            }
        }
    }
}

/// Where is judged: in the expectation, and in the value.
#[derive(Clone, Copy)]
struct At<'a> {
    pointer: &'a str,
    place: &'a str,
}

impl At<'_> {
    fn field(self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }

    fn unequal(self, expected: String, actual: &Value, value: Option<&Value>) -> Unequal {
        Unequal {
            pointer: self.pointer.to_owned(),
            place: self.place.to_owned(),
            expected,
            actual: actual.clone(),
            value: value.cloned(),
        }
    }
}

fn read(written: &Value, pointer: &str, problems: &mut Vec<TypeProblem>) -> Expected {
    match written {
        Value::Object(map) if Expected::is_condition(map) => {
            let conditions = map.iter().filter_map(|(word, value)| {
                condition(word, value, &format!("{pointer}/{word}"), problems)
            });
            Expected::Conditions(conditions.collect())
        }
        Value::Object(map) => {
            let fields = map.iter().map(|(name, value)| {
                let place = format!("{pointer}/{}", escape_pointer(name));
                (name.clone(), read(value, &place, problems))
            });
            Expected::Fields(fields.collect())
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            Expected::Items(
                items.map(|(n, item)| read(item, &format!("{pointer}/{n}"), problems)).collect(),
            )
        }
        value => Expected::Equal(value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(written: Value, actual: Value, unequal: &[(&str, &str, &str)]) {
        let expected = Expected::of(&written).expect("it can be read");
        let found = expected.compare(&actual);
        let found: Vec<_> = found
            .iter()
            .map(|f| (f.pointer.as_str(), f.place.as_str(), f.expected.as_str()))
            .collect();
        assert_eq!(found, unequal, "{written} {actual}");
    }

    #[test]
    fn values_are_compared_as_far_as_is_said() {
        let plan = json!({ "steps": ["plan", "train"], "cost": 10, "note": "Tea for two.\n" });
        check(json!({ "cost": 10.0, "note": "Tea for two." }), plan.clone(), &[]);
        check(json!({ "steps": ["plan", "train"] }), plan.clone(), &[]);
        check(
            json!({ "steps": ["plan", "sell"] }),
            plan.clone(),
            &[("/steps/1", "steps[1]", "`sell`")],
        );
        check(
            json!({ "steps": ["plan"] }),
            plan.clone(),
            &[("/steps", "steps", "a list of 1 item")],
        );
        check(json!({ "absent": null }), plan.clone(), &[]);
        check(json!(null), plan, &[("", "", "nothing")]);
        check(json!({ "a": 1 }), json!("text"), &[("", "", "a mapping with a")]);
    }

    #[test]
    fn conditions_stand_alone_in_a_mapping() {
        check(json!({ "contains": "two" }), json!("Tea for two."), &[]);
        check(
            json!({ "contains": ["two", "six"] }),
            json!("Tea for two."),
            &[("/contains", "", "something with `six` in it")],
        );
        check(json!({ "contains": { "a": 1 } }), json!([{ "a": 1, "b": 2 }]), &[]);
        check(
            json!({ "lacks": "two" }),
            json!("Tea for two."),
            &[("/lacks", "", "nothing with `two` in it")],
        );
        check(json!({ "matches": "^Tea.*\\.$" }), json!("Tea for two."), &[]);
        check(json!({ "one_of": ["go", "no_go"] }), json!("go"), &[]);
        check(
            json!({ "count": { "max": 1 } }),
            json!([1, 2]),
            &[("/count", "", "at most 1 in it, not 2")],
        );
        check(
            json!({ "equals": { "a": 1 } }),
            json!({ "a": 1, "b": 2 }),
            &[("/equals", "", "`{\"a\":1}`")],
        );
        check(
            json!({ "conforms": { "a": "string" } }),
            json!({ "a": 1 }),
            &[("/conforms", "", "another type at a: expected string, found `1`")],
        );
    }

    #[test]
    fn what_cannot_be_read_has_its_place() {
        let check = |written: Value, pointer: &str, message: &str| {
            let problems = Expected::of(&written).expect_err("it cannot be read");
            let found: Vec<_> =
                problems.iter().map(|p| (p.pointer.as_str(), p.message.as_str())).collect();
            assert_eq!(found, [(pointer, message)]);
        };
        check(json!({ "a": { "matches": "(" } }), "/a/matches", "`(` is no regular expression");
        check(json!({ "conforms": "txt" }), "/conforms", "unknown type `txt`");
        check(json!([{ "count": "x" }]), "/0/count", "`count` is followed by a number or limits");
    }
}
