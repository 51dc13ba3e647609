//! The assertions, in the order of their numbers.

mod chatting;
mod embedding;
mod liveness;
mod models;
mod openai;
mod parsing;
mod scheduling;
mod shaping;

use super::assertion::Assertion;

/// All assertions.
pub(crate) fn all() -> Vec<Assertion> {
    let groups = [
        liveness::ASSERTIONS,
        parsing::ASSERTIONS,
        chatting::ASSERTIONS,
        shaping::ASSERTIONS,
        embedding::ASSERTIONS,
        scheduling::ASSERTIONS,
        models::ASSERTIONS,
        openai::ASSERTIONS,
    ];
    let named = groups.into_iter().flatten();
    let mut all: Vec<Assertion> = named
        .map(|(number, name, check)| Assertion { number: *number, name, check: *check })
        .collect();
    all.sort_by_key(|assertion| assertion.number);
    all
}

type Named = (u8, &'static str, fn(&super::bench::Bench) -> super::assertion::Verdict);
