//! Invented texts for structured answers: short, plausible for a property's name, and marked.

use serde_json::{Map, Value};

use super::dice::Dice;
use super::schema;
use crate::language::examples::example_of;

const ADJECTIVES: &[&str] = &[
    "early", "clear", "broad", "steady", "second", "northern", "shared", "narrow", "recent",
    "quiet", "central", "open",
];

const NOUNS: &[&str] = &[
    "demand", "delivery", "budget", "schedule", "audience", "supplier", "channel", "release",
    "region", "contract", "review", "market",
];

/// A free text for a property of this name.
pub(super) fn sentence(name: &str, dice: &mut Dice) -> String {
    let subject = spoken(name);
    let adjective = dice.pick(ADJECTIVES);
    let noun = dice.pick(NOUNS);
    if subject.is_empty() {
        format!("simulated text about {adjective} {noun}")
    } else {
        format!("simulated {subject}: {adjective} {noun}")
    }
}

/// A text for a schema of type string, with its format and length.
pub(super) fn text(schema: &Map<String, Value>, name: &str, dice: &mut Dice) -> String {
    let least = schema::size(schema, "minLength").unwrap_or(0);
    let most = schema::size(schema, "maxLength").unwrap_or(usize::MAX);
    let made = match schema.get("format").and_then(Value::as_str) {
        Some(format) => formatted(format, dice),
        None => None,
    };
    if made.is_none()
        && let Some(expression) = schema.get("pattern").and_then(Value::as_str)
        && let Some(shaped) = example_of(expression, least, &mut |count| dice.place(count))
    {
        return shaped;
    }
    let made = made.unwrap_or_else(|| by_name(name, dice));
    let length = made.chars().count();
    if length > most {
        let cut: String = made.chars().take(most).collect();
        // A blank at the end would be lost on the way through people and spreadsheets.
        return match cut.strip_suffix(' ') {
            Some(shorter) if most > least => shorter.to_owned(),
            Some(shorter) => format!("{shorter}s"),
            None => cut,
        };
    }
    let mut made = made;
    if length < least {
        made.extend(" simulated".chars().cycle().take(least - length));
        if made.ends_with(' ') {
            made.pop();
            made.push('s');
        }
    }
    made
}

/// Texts of the formats that JSON Schema names; absent for those with no fixed shape.
fn formatted(format: &str, dice: &mut Dice) -> Option<String> {
    let month = dice.below(12) + 1;
    let day = dice.below(28) + 1;
    let date = format!("2027-{month:02}-{day:02}");
    let hour = dice.below(24);
    Some(match format {
        "date" => date,
        "date-time" => format!("{date}T{hour:02}:00:00Z"),
        "time" => format!("{hour:02}:00:00Z"),
        "duration" => format!("P{day}D"),
        "email" | "idn-email" => format!("simulated{day}@example.org"),
        "hostname" | "idn-hostname" => format!("simulated{day}.example.org"),
        "uri" | "uri-reference" | "iri" | "iri-reference" | "url" => {
            format!("https://example.org/simulated/{day}")
        }
        "ipv4" => format!("192.0.2.{day}"),
        "ipv6" => format!("2001:db8::{day}"),
        "uuid" => {
            format!("{:08x}-0000-4000-8000-{:012x}", dice.below(1 << 32), dice.below(1 << 48))
        }
        _ => return None,
    })
}

/// A text for properties whose names say what shape they have.
fn by_name(name: &str, dice: &mut Dice) -> String {
    let spoken = spoken(name);
    let last = spoken.rsplit(' ').next().unwrap_or_default();
    let number = dice.below(90) + 10;
    match last {
        "id" | "key" | "code" | "reference" => format!("simulated-{number}"),
        "email" => format!("simulated{number}@example.org"),
        "url" | "link" | "website" => format!("https://example.org/simulated/{number}"),
        "date" | "day" | "deadline" => formatted("date", dice).unwrap_or_default(),
        "version" => format!("0.{number}-simulated"),
        "name" | "title" => format!("Simulated {spoken} {number}"),
        _ => sentence(name, dice),
    }
}

/// Whether a number of this name is usually between 0 and 1.
pub(super) fn is_share(name: &str) -> bool {
    let spoken = spoken(name);
    ["confidence", "probability", "likelihood", "share", "ratio", "weight"]
        .iter()
        .any(|word| spoken.contains(word))
}

/// The name of one of several: `market_risks` → `market_risk`.
pub(super) fn singular(name: &str) -> String {
    if let Some(stem) = name.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    match name.strip_suffix('s') {
        Some(stem) if stem.len() > 1 && !stem.ends_with('s') && !stem.ends_with('u') => {
            stem.to_owned()
        }
        _ => name.to_owned(),
    }
}

/// A name as words: `marketSize`, `market_size`, `market-size` → `market size`.
fn spoken(name: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for character in name.chars() {
        if character.is_alphanumeric() {
            let new_word = character.is_uppercase() && before.is_lowercase();
            if new_word || (!before.is_alphanumeric() && !out.is_empty()) {
                out.push(' ');
            }
            out.extend(character.to_lowercase());
        }
        before = character;
    }
    match out.strip_prefix("simulated ") {
        Some(rest) => rest.to_owned(),
        None => out,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(name: &str, starts: &str) {
        let made = text(&Map::new(), name, &mut Dice::from_seed(3));
        assert!(made.starts_with(starts), "{name}: {made}");
    }

    #[test]
    fn texts_fit_their_names() {
        check("risk", "simulated risk: ");
        check("marketSize", "simulated market size: ");
        check("task_id", "simulated-");
        check("launch_date", "2027-");
        check("product name", "Simulated product name ");
        check("", "simulated text about ");
    }

    #[test]
    fn lengths_hold() {
        for (least, most) in [(0, 4), (0, 0), (100, 100), (12, 12), (20, 40)] {
            let schema = json!({"minLength": least, "maxLength": most});
            for seed in 0..50 {
                let made = text(schema.as_object().unwrap(), "risk", &mut Dice::from_seed(seed));
                let length = made.chars().count();
                assert!((least..=most).contains(&length), "{made:?}");
                assert!(!made.ends_with(' ') || length == 0, "{made:?}");
            }
        }
    }

    #[test]
    fn names_become_words() {
        assert_eq!(spoken("marketSize-2"), "market size 2");
        assert_eq!(
            (singular("risks"), singular("strategies"), singular("status")),
            ("risk".into(), "strategy".into(), "status".into())
        );
    }
}
