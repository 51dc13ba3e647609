//! The assertions about Ollama's protocol as a suite for any server.
//!
//! `PARTITA_OLLAMA=http://gpu1:11434 cargo test --test integration conformance::by_address --
//! --ignored --nocapture` examines a real one; docs/conformance.md says what else it can be told.
//! The suite shares nothing with the simulated servers that it examines in every test run.

mod assertion;
mod bench;
mod cases;
mod examination;
mod http;
mod simulated;
mod wrong_servers;

use std::env;

use bench::{Bench, Fixture};
use examination::{Outcome, examine};

/// Examines the server that `PARTITA_OLLAMA` names.
#[test]
#[ignore = "it needs a server: PARTITA_OLLAMA=http://host:11434"]
fn by_address() {
    let text = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let count = |name: &str| text(name).map(|value| value.parse().expect("a whole number"));
    let url = text("PARTITA_OLLAMA").expect("PARTITA_OLLAMA names a server");
    let fixture = Fixture {
        completion: text("PARTITA_OLLAMA_C"),
        thinking: text("PARTITA_OLLAMA_T"),
        embedding: text("PARTITA_OLLAMA_M"),
        slots: count("PARTITA_OLLAMA_NUM_PARALLEL"),
        queue: count("PARTITA_OLLAMA_MAX_QUEUE"),
        loaded_models: count("PARTITA_OLLAMA_MAX_LOADED_MODELS"),
        is_scripted: false,
        starting: None,
        timed: Some(url.clone()),
        url,
    };
    let bench = Bench::new(fixture).expect("a server");
    let outcome = examine(&bench, |line| println!("{line}"));
    println!("{}", outcome.summary());
    assert!(outcome.failed().is_empty(), "{}", outcome.summary());
}

#[test]
fn every_assertion_has_a_case_and_a_name() {
    let numbers: Vec<u8> = cases::all().iter().map(|assertion| assertion.number).collect();
    let all: Vec<u8> = (1..=79).collect();
    assert_eq!(numbers, all);
    let names: std::collections::BTreeSet<&str> =
        cases::all().iter().map(|assertion| assertion.name).collect();
    assert_eq!(names.len(), all.len(), "a name is there twice");
}

/// Examines a server and gives what came of it, telling nobody meanwhile.
fn examined(fixture: Fixture) -> Outcome {
    examine(&Bench::new(fixture).expect("a server"), |_| ())
}
