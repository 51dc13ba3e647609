//! Numbers within the bounds of a schema.

use serde_json::{Map, Value};

use super::dice::Dice;
use super::words;

/// How many choices there are where the bounds leave more.
const SPREAD: f64 = 8.0;

/// A bound, and whether the number itself is excluded.
#[derive(Debug, Clone, Copy)]
struct Bound {
    value: f64,
    excluded: bool,
}

/// A small whole number: from 1 to 9 where the bounds allow it.
pub(super) fn integer(schema: &Map<String, Value>, dice: &mut Dice) -> Value {
    // Every whole number that is a multiple of a fraction such as 0.5 is one of 1 as well.
    let step = step(schema).filter(|step| step.fract() == 0.0).unwrap_or(1.0);
    let low = bound(schema, "minimum", "exclusiveMinimum", f64::max)
        .map(|bound| if bound.excluded { bound.value.floor() + 1.0 } else { bound.value.ceil() });
    let high = bound(schema, "maximum", "exclusiveMaximum", f64::min)
        .map(|bound| if bound.excluded { bound.value.ceil() - 1.0 } else { bound.value.floor() });
    multiple(low, high, step, dice)
}

/// A number with at most two decimals where the bounds allow it; between 0.5 and 0.95 for
/// confidences and the like.
pub(super) fn number(schema: &Map<String, Value>, name: &str, dice: &mut Dice) -> Value {
    let low = bound(schema, "minimum", "exclusiveMinimum", f64::max);
    let high = bound(schema, "maximum", "exclusiveMaximum", f64::min);
    if let Some(step) = step(schema) {
        let inside = |bound: Bound, sign: f64| {
            bound.value + if bound.excluded { sign * step / 2.0 } else { 0.0 }
        };
        let low = low.map(|bound| inside(bound, 1.0));
        let high = high.map(|bound| inside(bound, -1.0));
        return multiple(low, high, step, dice);
    }
    let (low, high) = match (low.map(|bound| bound.value), high.map(|bound| bound.value)) {
        (Some(low), Some(high)) => (low, high),
        (Some(low), None) => (low, low + 10.0),
        (None, Some(high)) => (high.min(1.0) - 1.0, high),
        (None, None) if words::is_share(name) => (0.5, 0.95),
        (None, None) => (1.0, 10.0),
    };
    // Never on a bound, which may be excluded.
    let exact = low + (high - low) * (0.05 + 0.9 * dice.share());
    let rounded = (exact * 100.0).round() / 100.0;
    Value::from(if rounded > low && rounded < high { rounded } else { exact })
}

fn step(schema: &Map<String, Value>) -> Option<f64> {
    let step = schema.get("multipleOf")?.as_f64()?;
    (step > 0.0).then_some(step)
}

/// The tighter of the plain and the exclusive bound.
fn bound(
    schema: &Map<String, Value>,
    plain: &str,
    exclusive: &str,
    tighter: fn(f64, f64) -> f64,
) -> Option<Bound> {
    let number = |key: &str| schema.get(key).and_then(Value::as_f64);
    match (number(plain), number(exclusive)) {
        (Some(plain), Some(exclusive)) => Some(Bound {
            value: tighter(plain, exclusive),
            excluded: tighter(plain, exclusive) == exclusive,
        }),
        (None, Some(value)) => Some(Bound { value, excluded: true }),
        (Some(value), None) => Some(Bound { value, excluded: false }),
        (None, None) => None,
    }
}

/// One of the first multiples of `step` from `low` to `high`.
fn multiple(low: Option<f64>, high: Option<f64>, step: f64, dice: &mut Dice) -> Value {
    let first = low.map(|low| (low / step).ceil());
    let last = high.map(|high| (high / step).floor());
    let first = first.unwrap_or_else(|| last.map_or(1.0, |last| last.min(1.0)));
    let last = last.unwrap_or(first + SPREAD);
    let choices = (last - first).clamp(0.0, SPREAD) + 1.0;
    let number = (first + (dice.share() * choices).floor()) * step;
    if number.fract() == 0.0 && number.abs() < 9e15 {
        #[expect(clippy::cast_possible_truncation, reason = "whole and small")]
        let whole = number as i64;
        return Value::from(whole);
    }
    Value::from(number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(make: fn(&Map<String, Value>, &mut Dice) -> Value, schema: &Value) {
        let validator = jsonschema::validator_for(schema).unwrap();
        for seed in 0..100 {
            let made = make(schema.as_object().unwrap(), &mut Dice::from_seed(seed));
            assert!(validator.is_valid(&made), "{made} for {schema}");
        }
    }

    #[test]
    fn whole_numbers_are_within_bounds() {
        for schema in [
            json!({"type": "integer"}),
            json!({"type": "integer", "minimum": 0, "maximum": 100}),
            json!({"type": "integer", "maximum": -5}),
            json!({"type": "integer", "exclusiveMinimum": 0.5, "exclusiveMaximum": 1.5}),
            json!({"type": "integer", "minimum": 3, "multipleOf": 7}),
            json!({"type": "integer", "multipleOf": 0.5}),
            json!({"type": "integer", "minimum": 10_000_000_000u64}),
        ] {
            check(integer, &schema);
        }
    }

    #[test]
    fn numbers_are_within_bounds() {
        for schema in [
            json!({"type": "number"}),
            json!({"type": "number", "minimum": 0, "maximum": 1}),
            json!({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.005}),
            json!({"type": "number", "maximum": -5}),
            json!({"type": "number", "minimum": 5, "maximum": 5}),
            json!({"type": "number", "multipleOf": 0.25, "minimum": 0.3}),
            json!({"type": "number", "multipleOf": 2, "exclusiveMinimum": 4}),
        ] {
            check(|schema, dice| number(schema, "score", dice), &schema);
        }
    }
}
