//! What is said of documents that do not conform.

use serde_json::{Value, json};

use super::{Anchor, findings};
use crate::language::document::DocumentKind;
use crate::language::source::child_pointer;

fn check(task: Value, expected: &[(&str, &str)]) {
    let document = json!({
        "pattern": { "name": "p" },
        "waves": [{ "name": "w", "tasks": { "t": task } }],
    });
    let (found, _) = findings(DocumentKind::Pattern, &document);
    let found: Vec<(String, String)> = found
        .iter()
        .map(|finding| {
            let place = match &finding.anchor {
                Anchor::Key(key) => child_pointer(&finding.pointer, key),
                Anchor::Value => finding.pointer.clone(),
                Anchor::OwnKey => format!("{}!", finding.pointer),
            };
            (place.replace("/waves/0/tasks/t", "t"), finding.message.clone())
        })
        .collect();
    let expected: Vec<(String, String)> =
        expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    assert_eq!(found, expected);
}

#[test]
fn the_verb_chooses_the_branch() {
    check(json!({ "agent": "a", "prompt": "p" }), &[]);
    check(json!({ "agent": "a", "promt": "p" }), &[("t/promt", "unknown key `promt`")]);
    check(json!({ "agnet": "a", "prompt": "p" }), &[("t/agnet", "unknown key `agnet`")]);
    check(json!({ "prompt": "p" }), &[("t!", "missing key `agent`")]);
    check(json!({ "needs": ["x"] }), &[("t!", "this task has no verb")]);
    check(
        json!({ "agent": "a", "prompt": "p", "uses": "x" }),
        &[("t/uses", "a task has one verb, this one has `agent`, `uses`")],
    );
    check(json!("text"), &[("t", "expected a mapping, found text")]);
    check(json!({ "gate": "chek" }), &[("t/gate", "unknown value `chek`")]);
}

#[test]
fn a_modifier_that_does_not_apply_is_no_typing_mistake() {
    check(
        json!({ "uses": "x", "timeout": "5m" }),
        &[("t/timeout", "`timeout` means nothing for `uses`")],
    );
}

#[test]
fn values_are_explained() {
    check(
        json!({ "agent": "a", "prompt": "p", "timeout": "5 parsecs" }),
        &[("t/timeout", "`5 parsecs` is not a duration")],
    );
    check(
        json!({ "agent": "a", "prompt": "p", "timeout": { "total": "soon", "silense": "1s" } }),
        &[
            ("t/timeout/total", "`soon` is not a duration"),
            ("t/timeout/silense", "unknown key `silense`"),
        ],
    );
    check(
        json!({ "agent": "a", "prompt": 5 }),
        &[("t/prompt", "expected text, found the number `5`")],
    );
    check(
        json!({ "agent": "a", "prompt": "p", "needs": "x" }),
        &[("t/needs", "expected a list, found text")],
    );
    check(
        json!({ "agent": "a", "prompt": "p", "retry": { "max_attempts": 0, "backoff": "1s..x" } }),
        &[
            ("t/retry/max_attempts", "0 is less than 1"),
            ("t/retry/backoff", "`1s..x` is not a range of durations"),
        ],
    );
    check(
        json!({ "synthesize": { "from": ["a"], "strategy": "consensu" } }),
        &[("t/synthesize/strategy", "unknown value `consensu`")],
    );
    check(
        json!({ "agent": "a", "prompt": "p", "output": 7 }),
        &[("t/output", "expected text or a list or a mapping, found the number `7`")],
    );
}
