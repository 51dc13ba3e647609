//! How an agent is asked for a consensus: where results agree, where they differ, which patterns
//! emerge, what remains unknown, and what follows.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// The prompt of a consensus.
pub(super) fn prompt(question: Option<&str>, results: &Map<String, Value>) -> String {
    let mut text = String::from(
        "Several colleagues have each worked on one subject. Weigh their results against each \
         other and form a consensus.\n",
    );
    if let Some(question) = question {
        let _ = write!(text, "\nWhat is to be decided: {}\n", question.trim());
    }
    for (name, result) in results {
        let shown = match result {
            Value::String(answer) => answer.trim().to_owned(),
            other => serde_json::to_string_pretty(other).unwrap_or_default(),
        };
        let _ = write!(text, "\n<result from=\"{name}\">\n{shown}\n</result>\n");
    }
    let notes = agreement_notes(results);
    if !notes.is_empty() {
        let _ = write!(text, "\nField by field:\n{notes}");
    }
    text.push_str(
        "\nWork in this order: where do the results agree (high confidence), where do they \
         conflict and which position is better supported, which patterns emerge, what remains \
         unknown. Then conclude. Use only what the results say.",
    );
    text
}

/// Which fields the results share, and whether they say the same in them: counted here, because
/// small models count badly.
fn agreement_notes(results: &Map<String, Value>) -> String {
    let objects: Vec<(&String, &Map<String, Value>)> =
        results.iter().filter_map(|(name, value)| Some((name, value.as_object()?))).collect();
    let mut notes = String::new();
    let Some((_, first)) = objects.first() else {
        return notes;
    };
    for field in first.keys() {
        let values: Vec<(&String, &Value)> = objects
            .iter()
            .filter_map(|(name, object)| Some((*name, object.get(field)?)))
            .filter(|(_, value)| !value.is_array() && !value.is_object())
            .collect();
        if values.len() < 2 {
            continue;
        }
        let same = values.iter().all(|(_, value)| *value == values[0].1);
        if same {
            let _ = writeln!(notes, "- {field}: all {} say {}", values.len(), values[0].1);
        } else {
            let said: Vec<String> =
                values.iter().map(|(name, value)| format!("{name} says {value}")).collect();
            let _ = writeln!(notes, "- {field}: {}", said.join(", "));
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn shared_fields_are_counted() {
        let results = json!({
            "a": { "go": true, "risk": "low", "why": ["x"] },
            "b": { "go": true, "risk": "high" },
            "c": "free text",
        });
        let notes = agreement_notes(results.as_object().unwrap());
        assert_eq!(notes, "- go: all 2 say true\n- risk: a says \"low\", b says \"high\"\n");
    }
}
