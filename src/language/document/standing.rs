//! Where an agent stands in the organisation, and how much of its time there is.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::organization::{Capacity, Expertise, FrameworkExtent, Layer, Level, Weekday};

/// When an agent works.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "capacity")]
pub struct CapacityEntry {
    /// Hours of a working day; 8 if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.25, max = 24.0), example = &6)]
    pub hours_per_day: Option<f64>,
    /// The working days of the week; Monday to Friday if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 7), example = ["monday", "tuesday"])]
    pub days: Option<Vec<Weekday>>,
    /// Dates on which the agent is away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 400), example = ["2026-12-24"])]
    pub away: Vec<String>,
}

impl CapacityEntry {
    /// The calendar that is meant. Dates that are none have been found, and count nothing.
    pub fn capacity(&self) -> Capacity {
        let usual = Capacity::default();
        Capacity {
            minutes_per_day: self.hours_per_day.map_or(usual.minutes_per_day, minutes),
            days: self.days.as_ref().map_or(usual.days, |days| days.iter().copied().collect()),
            away: self.away.iter().filter_map(|date| date.parse().ok()).collect(),
        }
    }
}

/// Whole minutes of hours from a quarter to 24.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a day has 1440 minutes, and the number is held to that"
)]
fn minutes(hours: f64) -> u32 {
    (hours * 60.0).round().clamp(0.0, 1440.0) as u32
}

/// A word of a list with what it means, as in the schemas of other words.
pub(super) fn words(description: &str, words: &[(&str, &str)]) -> Schema {
    let words = words.iter().map(|(word, meaning)| {
        serde_json::json!({ "type": "string", "const": word, "description": meaning })
    });
    let words: Vec<serde_json::Value> = words.collect();
    json_schema!({ "oneOf": words, "description": description })
}

impl JsonSchema for Layer {
    fn schema_name() -> Cow<'static, str> {
        "Layer".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        words(
            "A layer of an organisation.",
            &[
                ("manager", "Decides on priorities and risks, and whether something goes ahead."),
                ("coordinator", "Brings the domains together and watches the critical path."),
                ("lead", "Plans the work of one domain, hands it out and approves it."),
                ("contributor", "Does the work."),
            ],
        )
    }
}

impl JsonSchema for Expertise {
    fn schema_name() -> Cow<'static, str> {
        "Expertise".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        words(
            "How much somebody knows of a subject.",
            &[
                ("basic", "Knows the words."),
                ("intermediate", "Has done it."),
                ("advanced", "Does it daily."),
                ("expert", "Teaches it."),
            ],
        )
    }
}

impl JsonSchema for FrameworkExtent {
    fn schema_name() -> Cow<'static, str> {
        "FrameworkExtent".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        words(
            "How much of the orchestration decision framework is told.",
            &[
                ("full", "All of it: about 350 tokens."),
                ("short", "The five questions alone: about 100 tokens, for small windows."),
                ("none", "Nothing."),
            ],
        )
    }
}

impl JsonSchema for Level {
    fn schema_name() -> Cow<'static, str> {
        "ExperienceLevel".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        words(
            "How experienced somebody is.",
            &[
                ("junior", "Does easy work well."),
                ("mid", "Does most work well."),
                ("senior", "Does hard work well."),
                ("staff", "Is best asked for the hardest."),
            ],
        )
    }
}

impl JsonSchema for Weekday {
    fn schema_name() -> Cow<'static, str> {
        "Weekday".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let days: Vec<&str> = Weekday::ALL.into_iter().map(Weekday::as_str).collect();
        json_schema!({ "type": "string", "enum": days, "description": "A day of the week." })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capacity_says_what_is_not_usual() {
        let read = |text: &str| {
            let entry: CapacityEntry = serde_json::from_str(text).unwrap();
            entry.capacity()
        };
        assert_eq!(read("{}"), Capacity::default());
        let given =
            read(r#"{"hours_per_day": 7.5, "days": ["friday"], "away": ["2026-12-24", "?"]}"#);
        assert_eq!(given.minutes_per_day, 450);
        assert_eq!((given.days.len(), given.away.len()), (1, 1));
        assert!(read(r#"{"days": []}"#).is_nothing());
    }

    /// The schemas name the words that are read.
    #[test]
    fn the_schemas_have_all_words() {
        let mut generator = SchemaGenerator::default();
        let layers = Layer::json_schema(&mut generator);
        let levels = Level::json_schema(&mut generator);
        let said = |schema: &Schema| -> Vec<String> {
            let words = schema.as_value()["oneOf"].as_array().unwrap().iter();
            words.map(|word| word["const"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(said(&layers), Layer::ALL.map(Layer::as_str));
        assert_eq!(said(&levels), Level::ALL.map(Level::as_str));
        for word in Layer::ALL.map(|layer| (serde_json::to_value(layer).unwrap(), layer.as_str())) {
            assert_eq!(word.0, word.1);
        }
    }
}
