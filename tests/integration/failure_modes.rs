//! The failure modes of Ollama servers, a row each as in `docs/failures.md`: how simulated servers
//! are made to show it, which class it has and what follows, and what users are told.

use std::collections::BTreeSet;

use partita::engine::{Blame, Change, FailureClass, Remedy, Treatment};
use serde_json::{Value, json};

use crate::support::root;

mod stories;

use stories::{
    different_models, different_versions, only_thoughts, reloads, silent_server, simulated,
    slot_wait, slow_load, stale_list, too_long,
};

/// A failure mode.
struct Row {
    number: u8,
    shown: Shown,
    /// Parts of what users are told.
    told: &'static [&'static str],
}

/// How a failure mode is shown.
enum Shown {
    /// The first attempt at a task meets a fault.
    Attempt { fault: Value, task: &'static str, class: FailureClass, follows: Follows },
    /// A story of its own; gives all that is told.
    Story(fn() -> String),
}

/// What follows: whether the task is asked again, what is changed, what it says about the server.
type Follows = (Remedy, Change, Blame);

const PLAIN: &str = "retry: { backoff: 10ms }";
const TYPED: &str = "output: { n: integer }";
const CLOCKS: &str = "timeout: { total: 5s, load: 300ms, first_token: 300ms, silence: 300ms }";

fn attempt(
    number: u8,
    fault: Value,
    class: FailureClass,
    follows: Follows,
    told: &'static [&'static str],
) -> Row {
    Row { number, shown: Shown::Attempt { fault, task: PLAIN, class, follows }, told }
}

fn story(number: u8, told: &'static [&'static str], tell: fn() -> String) -> Row {
    Row { number, shown: Shown::Story(tell), told }
}

/// The same row with another task.
fn with(mut row: Row, other: &'static str) -> Row {
    if let Shown::Attempt { task, .. } = &mut row.shown {
        *task = other;
    }
    row
}

fn status(status: u16, message: &str) -> Value {
    json!({ "kind": "status", "status": status, "message": message })
}

fn after_a_token(kind: &str) -> Value {
    json!({ "kind": kind, "after_tokens": 1 })
}

#[expect(clippy::too_many_lines, reason = "a table with a row for each failure mode")]
fn rows() -> Vec<Row> {
    use {Blame as B, Change as C, FailureClass as Class, Remedy as R};
    let plain = |kind: &str| json!({ "kind": kind });
    let limited = json!({ "kind": "status", "status": 429, "message": "slow down",
                          "retry_after": "900ms" });
    vec![
        attempt(
            1,
            plain("down"),
            Class::Connection,
            (R::Move, C::Server, B::Gone),
            &["connection to"],
        ),
        story(2, &["accepts connections and has not answered in 0.3 s"], silent_server),
        attempt(
            3,
            plain("overloaded"),
            Class::Overloaded,
            (R::Wait, C::Server, B::Counts),
            &["takes no more work", "its load queue is full (OLLAMA_MAX_QUEUE)"],
        ),
        story(4, &["waiting for m:latest to load on one, 5 s  (1 task)"], slow_load),
        story(5, &["waiting queued behind 1 call of m:latest on one"], slot_wait),
        with(
            attempt(
                6,
                after_a_token("stall"),
                Class::Stalled,
                (R::Retry, C::Server, B::Counts),
                &["stopped in mid-answer for 300ms"],
            ),
            CLOCKS,
        ),
        attempt(
            7,
            after_a_token("crash"),
            Class::Crashed,
            (R::Retry, C::Server, B::Counts),
            &["failed in mid-answer: an error was encountered while running the model"],
        ),
        attempt(
            8,
            after_a_token("unfinished"),
            Class::Incomplete,
            (R::Retry, C::Seed, B::None),
            &["ended its answer without its end mark"],
        ),
        attempt(
            9,
            after_a_token("disconnect"),
            Class::Disconnected,
            (R::Move, C::Server, B::Counts),
            &["broke in mid-answer"],
        ),
        attempt(
            10,
            plain("load_failure"),
            Class::LoadFailed,
            (R::Retry, C::Server, B::Counts),
            &["process has terminated", "pull the model again there"],
        ),
        attempt(
            11,
            status(500, "timed out waiting for llama-server to start - progress 0.00"),
            Class::LoadFailed,
            (R::Retry, C::Server, B::Counts),
            &["its disk may be slow: raise OLLAMA_LOAD_TIMEOUT there"],
        ),
        attempt(
            12,
            status(500, "option \"num_ctx\" must be of type integer"),
            Class::BadRequest,
            (R::GiveUp, C::Nothing, B::None),
            &["must be of type integer"],
        ),
        attempt(
            13,
            status(
                500,
                "model runner has unexpectedly stopped, this may be due to resource limitations",
            ),
            Class::Crashed,
            (R::Retry, C::Server, B::Counts),
            &["unexpectedly stopped", "needs less memory"],
        ),
        attempt(
            14,
            status(404, "model 'x' not found"),
            Class::ModelMissing,
            (R::Move, C::Server, B::None),
            &["pull the model there"],
        ),
        attempt(
            15,
            status(501, "This server does not support embeddings. Start it with `--embeddings`"),
            Class::Unsupported,
            (R::GiveUp, C::Nothing, B::None),
            &["does not support"],
        ),
        story(
            16,
            &["exceeds the available context size (512 tokens)", "raise `num_ctx`"],
            too_long,
        ),
        with(
            attempt(
                17,
                json!({ "kind": "truncate", "kept_tokens": 1 }),
                Class::Truncated,
                (R::GiveUp, C::Nothing, B::None),
                &["read only 1 of about", "raise `num_ctx`, or shorten the prompt"],
            ),
            PLAIN,
        ),
        with(
            attempt(
                18,
                after_a_token("cut_by_length"),
                Class::CutByLength,
                (R::RetryOnce, C::Length, B::None),
                &["raise `num_predict`"],
            ),
            TYPED,
        ),
        story(19, &["used up its tokens for"], only_thoughts),
        with(
            attempt(
                20,
                plain("malformed"),
                Class::Malformed,
                (R::RetryOnce, C::Question, B::None),
                &["it begins `{"],
            ),
            TYPED,
        ),
        attempt(
            21,
            status(400, "unexpected EOF"),
            Class::BadRequest,
            (R::GiveUp, C::Nothing, B::None),
            &["answered 400: unexpected EOF"],
        ),
        attempt(
            22,
            status(403, "forbidden"),
            Class::Unauthorized,
            (R::Elsewhere, C::Server, B::None),
            &["403", "OLLAMA_ORIGINS"],
        ),
        attempt(
            23,
            limited,
            Class::Overloaded,
            (R::Wait, C::Server, B::Counts),
            &["slow down", "it wants not to be asked for 1s"],
        ),
        attempt(
            24,
            status(502, "bad gateway"),
            Class::ServerError,
            (R::Retry, C::Server, B::Counts),
            &["502", "bad gateway"],
        ),
        story(25, &["small:1b was loaded 3 times on one", "it took turns with tiny:1b"], reloads),
        story(26, &["retry", "(crashed)", "succeeded"], stale_list),
        story(
            27,
            &["m:latest differs: ", " on one; ", "only one will be asked for it"],
            different_models,
        ),
        story(28, &["versions differ", "0.33.1 on one; 0.12.11 on two"], different_versions),
    ]
}

#[test]
fn every_failure_mode_is_shown_and_told() {
    let all: Vec<u8> = (1..=28).collect();
    assert_eq!(rows().iter().map(|row| row.number).collect::<Vec<u8>>(), all);
    // Most of the time goes by in waits: rows of one kind side by side take no longer.
    std::thread::scope(|scope| {
        for row in rows() {
            scope.spawn(move || check(&row));
        }
    });
}

fn check(row: &Row) {
    let number = row.number;
    let told = match &row.shown {
        Shown::Story(tell) => tell(),
        Shown::Attempt { fault, task, class, follows } => {
            let Treatment { name, remedy, change, blame } = class.treatment();
            assert_eq!((remedy, change, blame), *follows, "row {number}");
            let ends = remedy == Remedy::GiveUp;
            let simulation = json!({
                "time_scale": 0.001,
                "servers": [{ "name": "one" }, { "name": "two" }],
                "models": [{ "name": "llama3.1:8b", "size_gigabytes": 0.1 }],
                "answers": [
                    { "match": { "contains": "JSON Schema" }, "json": { "n": 1 } },
                    { "text": "fine" },
                ],
                "faults": [{ "times": 1, "fault": fault }],
            });
            let tasks = format!("work: {{ agent: a, prompt: x, {task} }}");
            let err = simulated(&simulation, &tasks, i32::from(ends));
            let kind = format!("({name})");
            let line = err.lines().find(|line| line.contains(&kind));
            let line = line.unwrap_or_else(|| panic!("row {number}: no {name} in {err}"));
            assert!(line.contains("work"), "row {number}: the task is not named: {line}");
            line.to_owned()
        }
    };
    for part in row.told {
        assert!(told.contains(part), "row {number}: `{part}` is not told: {told}");
    }
}

#[test]
fn every_row_is_documented() {
    let page = std::fs::read_to_string(root().join("docs/failures.md")).expect("a page");
    let rows = page.lines().filter_map(|line| {
        let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
        Some((cells.next()?.parse::<u8>().ok()?, line.to_owned()))
    });
    let documented: Vec<(u8, String)> = rows.collect();
    let numbers: Vec<u8> = documented.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=28).collect::<Vec<u8>>());
    for (row, (number, line)) in rows_with_classes().iter().zip(&documented) {
        let name = row.map(FailureClass::as_str);
        let is_named = name.is_none_or(|name| line.contains(&format!("`{name}`")));
        assert!(is_named, "row {number} does not name its class {name:?}: {line}");
    }
    let classes: BTreeSet<_> = rows_with_classes().into_iter().flatten().collect();
    assert!(classes.len() > 12, "{classes:?}");
}

/// The class of each row that is shown by one attempt.
fn rows_with_classes() -> Vec<Option<FailureClass>> {
    let class = |row: &Row| match &row.shown {
        Shown::Attempt { class, .. } => Some(*class),
        Shown::Story(_) => None,
    };
    rows().iter().map(class).collect()
}
