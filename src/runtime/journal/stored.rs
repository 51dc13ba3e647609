//! The stored form of facts, with its version.
//!
//! Facts are stored as the JSON of the engine's own vocabulary. When that changes, `VERSION` goes
//! up, `upgraded` brings older bodies to the new form, and a journal of the old form joins
//! `tests/fixtures/journals/`.

use serde_json::Value;

use crate::engine::{Fact, Recorded, Time};

/// The version of the form that is written.
pub(super) const VERSION: i64 = 1;

/// A fact as it is stored.
pub(super) fn body(fact: &Fact) -> String {
    // Our own types always have a JSON form; the fallback cannot be reached.
    serde_json::to_string(fact).unwrap_or_default()
}

/// Why a stored fact cannot be read. `Display` is the final text.
#[derive(Debug, thiserror::Error)]
pub(super) enum Misread {
    /// It is no JSON.
    #[error("fact {0}: {1}")]
    Damaged(u64, String),
    /// It is none that this version knows.
    #[error("fact {0}: {1}")]
    UnknownForm(u64, String),
}

/// A fact as it was stored.
///
/// # Errors
/// What is wrong with it.
pub(super) fn recorded(
    sequence: u64,
    at: u64,
    version: i64,
    body: &str,
) -> Result<Recorded, Misread> {
    let unknown = |what: String| Misread::UnknownForm(sequence, what);
    let value: Value = serde_json::from_str(body)
        .map_err(|error| Misread::Damaged(sequence, error.to_string()))?;
    let value = upgraded(version, value).map_err(unknown)?;
    let fact = serde_json::from_value(value).map_err(|error| unknown(error.to_string()))?;
    Ok(Recorded { sequence, at: Time(at), fact })
}

fn upgraded(version: i64, value: Value) -> Result<Value, String> {
    match version {
        VERSION => Ok(value),
        newer if newer > VERSION => {
            Err(format!("it has form {newer}, and this version of Partita knows {VERSION}"))
        }
        unknown => Err(format!("it has the unknown form {unknown}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hedges_are_stored_in_this_form() {
        let check = |fact: &str| {
            assert_eq!(body(&recorded(1, 0, VERSION, fact).expect("a fact").fact), fact);
        };
        let begun = |rest: &str| {
            format!(
                r#"{{"fact":"attempt_started","attempt":{{"task":3,"number":2}},"server":1,"model":"m","request":"00ff"{rest}}}"#
            )
        };
        check(&begun(""));
        check(&begun(r#","tokens":7,"hedge":true"#));
        check(
            r#"{"fact":"attempt_ended","attempt":{"task":3,"number":1},"outcome":{"kind":"superseded"},"next":{"kind":"goes_on"}}"#,
        );
    }

    #[test]
    fn forks_are_stored_in_this_form() {
        let kept = |ending: &str| {
            format!(r#"{{"task":2,"run":"k7m2nnnn","ending":{ending},"simulated":false}}"#)
        };
        let check = |ending: &str| {
            let fork = format!(
                r#"{{"of":"k7m2nnnn","from":[4],"changed":["topic"],"kept":[{}]}}"#,
                kept(ending)
            );
            let read: crate::engine::Fork = serde_json::from_str(&fork).expect("a fork");
            assert_eq!(serde_json::to_string(&read).expect("a text"), fork);
        };
        check(r#"{"kind":"succeeded","output":"00ff","failure":null}"#);
        check(r#"{"kind":"decided","choice":"go","by":"you"}"#);
        check(r#"{"kind":"failed","failure":{"class":"empty","message":"no"},"output":null}"#);
        check(r#"{"kind":"skipped","reason":{"kind":"need_without_output","task":1}}"#);
        check(r#"{"kind":"cancelled"}"#);
        let fact = r#"{"fact":"task_kept","task":3}"#;
        assert_eq!(body(&recorded(1, 0, VERSION, fact).expect("a fact").fact), fact);
    }
}
