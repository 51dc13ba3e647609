//! The upkeep of the journal through the real binary: what is removed, what never is, and what is
//! said of a journal that is damaged.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use rusqlite::{Connection, params};
use serde_json::Value;

use crate::binary::{Place, Servers, wait};

const PATTERN: &str = "
pattern: { name: small }
team: { name: t, agents: [{ role: A }] }
inputs: { topic: { type: string, default: tea } }
tasks:
  one: { agent: a, prompt: 'one of {{ inputs.topic }}' }
  part: { uses: inner, with: { topic: '{{ inputs.topic }}' } }
  two: { agent: a, prompt: 'two of {{ tasks.one.output }} {{ tasks.part.output }}' }
outputs: { two: '{{ tasks.two.output }}' }
";

const INNER: &str = "
pattern: { name: inner }
team: { name: i, agents: [{ role: I }] }
inputs: { topic: string }
tasks:
  look: { agent: i, prompt: 'look at {{ inputs.topic }}' }
outputs: { look: '{{ tasks.look.output }}' }
";

const GATED: &str = "
pattern: { name: gated }
team: { name: t, agents: [{ role: A }] }
tasks:
  one: { agent: a, prompt: 'one' }
  gate: { gate: approval, ask: 'Go?', options: [go, stop], needs: [one] }
outputs: { choice: '{{ tasks.gate.choice }}', one: '{{ tasks.one.output }}' }
";

fn place() -> Place {
    let place = Place::new();
    place.write("patterns/small.yaml", PATTERN);
    place.write("patterns/inner.yaml", INNER);
    place.write("patterns/gated.yaml", GATED);
    place.write("quick.yaml", "simulation: { time_scale: 0 }\n");
    place
}

/// A command of which the object's id is wanted.
fn id(place: &Place, arguments: &[&str], code: i32) -> String {
    let run = place.run(arguments).expect(code).json();
    run["run"].as_str().expect("an id").to_owned()
}

fn small(place: &Place) -> String {
    id(place, &["run", "small", "--simulation", "quick.yaml", "--json"], 0)
}

fn waiting(place: &Place) -> String {
    id(place, &["run", "gated", "--simulation", "quick.yaml", "--no-input", "--json"], 4)
}

fn runs(place: &Place) -> Vec<String> {
    let runs = place.run(&["runs", "--json"]).expect(0).json();
    let runs = runs["runs"].as_array().expect("runs").iter();
    runs.map(|run| run["run"].as_str().expect("an id").to_owned()).collect()
}

fn sound(place: &Place) {
    let found = place.run(&["journal", "check", "--json"]).expect(0).json();
    assert_eq!(found["sound"], true, "{found:#}");
}

#[test]
fn old_runs_go_and_what_others_need_stays() {
    let place = place();
    let first = small(&place);
    let gated = waiting(&place);
    let second = small(&place);
    let fork = id(&place, &["fork", &first, "--set", "topic=coffee", "--json"], 0);
    let before = place.run(&["show", &fork, "--json"]).expect(0).json();
    let nothing = place.run(&["gc", "--older-than", "1d", "--json"]).expect(0).json();
    assert_eq!(nothing["runs"], Value::Array(Vec::new()), "nothing is so old");
    let nothing = place.run(&["gc", "--json"]).expect(0).json();
    assert_eq!(nothing["freed_bytes"], 0, "without a number and an age no run goes");
    let told = place.run(&["gc", "--keep", "1", "--dry-run", "--json"]).expect(0).json();
    assert_eq!(told["dry_run"], true);
    assert_eq!(runs(&place), [&*fork, &*second, &*gated, &*first]);
    let draft = "journal/.journal.0192.partial";
    place.write(draft, "a process died over it");
    let done = place.run(&["gc", "--keep", "1", "--json"]).expect(0).json();
    assert!(!place.path(draft).exists());
    for same in ["runs", "contents", "freed_bytes"] {
        assert_eq!(told[same], done[same], "{same}");
    }
    assert!(done["contents"].as_u64() > Some(0), "{done:#}");
    assert!(done["journal_bytes"].as_u64() < told["journal_bytes"].as_u64(), "{told:#} {done:#}");
    assert_eq!(runs(&place), [&*fork, &*gated]);
    sound(&place);
    let gone = place.run(&["fork", &first, "--from", "two"]).expect(2);
    assert!(gone.err.contains(&format!("there is no run `{first}`")), "{}", gone.err);
    // The fork does without its earlier run, and can be one itself.
    assert_eq!(place.run(&["show", &fork, "--json"]).expect(0).json(), before);
    place.run(&["fork", &fork, "--from", "two"]).expect(0);
    place.run(&["approve", &gated, "go"]).expect(0);
    sound(&place);
}

#[test]
fn what_is_under_way_stays_with_all_that_it_may_need() {
    let place = place();
    let over = small(&place);
    let servers = Servers::start(&place, "simulation: { time_scale: 0.1 }\n");
    let mut arguments = vec!["run", "small", "--json"];
    arguments.extend(servers.options());
    let mut child = place
        .command(&arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut lines = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut line = String::new();
    while !line.contains("start") {
        line.clear();
        assert!(lines.read_line(&mut line).expect("a line") > 0, "nothing was started");
    }
    let drain = std::thread::spawn(move || lines.lines().count());
    let done = place.run(&["gc", "--keep", "0", "--json"]).expect(0).json();
    assert_eq!(done["runs"][0]["run"], *over);
    assert_eq!(done["contents"], 0);
    let under_way = done["under_way"].as_str().expect("a run").to_owned();
    let ran = wait(child);
    drain.join().expect("drained");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(runs(&place), [&*under_way]);
    sound(&place);
    let after = place.run(&["gc", "--json"]).expect(0).json();
    assert!(after["contents"].as_u64() > Some(0), "what the other run alone needed: {after:#}");
    sound(&place);
}

/// A journal with a run that is over and one that waits, which is damaged by some SQL.
fn damaged(sql: &str, values: impl rusqlite::Params) -> (Place, String, String) {
    let place = place();
    let (over, open) = (small(&place), waiting(&place));
    let journal = Connection::open(place.path("journal/journal.db")).expect("a journal");
    journal.pragma_update(None, "foreign_keys", false).expect("a setting");
    assert!(journal.execute(sql, values).expect("damage") > 0, "{sql}");
    drop(journal);
    (place, over, open)
}

/// What the check says of a damage, where it says it, and what becomes of the run.
fn check(sql: &str, values: impl rusqlite::Params, fact: Option<u64>, words: &str) {
    said_of(&damaged(sql, values), fact, words, "the journal is damaged");
}

/// What the check says of a damaged journal, and what whoever wants to use the run is told.
fn said_of(damaged: &(Place, String, String), fact: Option<u64>, words: &str, told: &str) {
    let (place, over, open) = damaged;
    let found = place.run(&["journal", "check", "--json"]).expect(1).json();
    let damages = found["damages"].as_array().expect("damages").clone();
    let said = damages
        .iter()
        .find(|damage| damage["message"].as_str().is_some_and(|message| message.contains(words)));
    let said = said.unwrap_or_else(|| panic!("{words}: {found:#}"));
    assert_eq!(
        (&said["run"], said["fact"].as_u64()),
        (&Value::from(over.as_str()), fact),
        "{words}"
    );
    for command in [vec!["show", over], vec!["fork", over, "--from", "two"], vec!["retry", over]] {
        let ran = place.run(&command).expect(1);
        assert!(ran.err.contains(told), "{words}: {}", ran.err);
        assert!(ran.err.contains("partita journal check"), "{words}: {}", ran.err);
        assert!(ran.err.contains(over), "{words}: {}", ran.err);
    }
    place.run(&["show", open]).expect(0);
}

#[test]
fn damage_is_found_and_named() {
    let body = "UPDATE facts SET body = ?1 WHERE run = 1 AND sequence = 3";
    check("DELETE FROM facts WHERE run = 1 AND sequence = 3", [], Some(4), "fact 4 follows fact 2");
    check(body, ["{"], Some(3), "fact 3");
    check(body, ["{\"fact\": \"task_cancelled\", \"task\": 99}"], Some(3), "task 99");
    check(body, ["{\"fact\": \"task_kept\", \"task\": 0}"], Some(3), "keeps a result");
    check(body, ["{\"fact\": \"server_returned\", \"server\": 99}"], Some(3), "server 99");
    let skipped = "{\"fact\": \"task_skipped\", \"task\": 0, \"reason\": {\"kind\": \
                   \"need_without_output\", \"task\": 99}}";
    check(body, [skipped], Some(3), "task 99");
    let body =
        "UPDATE contents SET body = ?1 WHERE address = (SELECT plan FROM runs WHERE number = 1)";
    check(body, [b"{}"], None, "its plan");
    let output = "(SELECT json_extract(body, '$.output') FROM facts WHERE run = 1 AND \
                  json_extract(body, '$.fact') = 'task_succeeded')";
    let missing = format!("DELETE FROM contents WHERE address = {output}");
    let changed = format!("UPDATE contents SET body = x'31' WHERE address = {output}");
    for sql in [missing, changed] {
        let damaged = damaged(&sql, []);
        let fact = fact_with_output(&damaged.0);
        said_of(&damaged, Some(fact), "missing or damaged", "the journal is damaged");
    }
}

#[test]
fn what_a_newer_version_has_written_is_not_called_damaged() {
    let told = "this version of Partita does not know the form of run";
    let fact =
        "UPDATE facts SET body = '{\"fact\": \"unheard_of\"}' WHERE run = 1 AND sequence = 3";
    said_of(&damaged(fact, []), Some(3), "unheard_of", told);
    let version = "UPDATE facts SET version = 9 WHERE run = 1 AND sequence = 2";
    said_of(&damaged(version, []), Some(2), "form 9", told);
    // Another content, whole, that is no plan here.
    let plan = "UPDATE runs SET plan = inputs WHERE number = 1";
    let told = "this version of Partita does not know the form of the plan of run";
    said_of(&damaged(plan, []), None, "its plan", told);
}

/// The number of the fact that ends the task `part`. Tasks at work at a time end in any order.
fn fact_with_output(place: &Place) -> u64 {
    let journal = Connection::open(place.path("journal/journal.db")).expect("a journal");
    let query = "SELECT sequence FROM facts WHERE run = 1 AND json_extract(body, '$.fact') = 'task_succeeded'";
    journal.query_row(query, [], |row| row.get(0)).expect("a fact")
}

#[test]
fn a_missing_end_a_wrong_status_and_strays_are_found() {
    let says = |sql: &str, words: &str| {
        let (place, ..) = damaged(sql, []);
        let found = place.run(&["journal", "check"]).expect(1);
        assert!(found.out.contains(words), "{}", found.out);
    };
    let last = "DELETE FROM facts WHERE run = 1 AND sequence = (SELECT max(sequence) FROM facts \
                WHERE run = 1)";
    says(last, "listed as succeeded, and its facts say that it is running");
    says("UPDATE runs SET status = 'failed' WHERE number = 1", "listed as failed");
    says("DELETE FROM runs WHERE number = 1", "facts belong to no run");
    says("INSERT INTO notes (run, body) VALUES (2, '{')", "note 1");
    says("UPDATE contents SET body = x'31'", "is not what was stored");
}

#[test]
fn an_index_of_contents_that_is_wrong_is_made_anew() {
    let (place, over, _) = damaged("DELETE FROM addresses", []);
    let found = place.run(&["journal", "check"]).expect(1);
    assert!(found.out.contains("index of contents is wrong"), "{}", found.out);
    assert!(found.out.contains("`partita gc`"), "{}", found.out);
    assert!(found.err.contains("look again after `partita gc`"), "{}", found.err);
    place.run(&["show", &over]).expect(1);
    place.run(&["gc", "--dry-run"]);
    place.run(&["journal", "check"]).expect(1);
    place.run(&["gc"]).expect(0);
    sound(&place);
    place.run(&["show", &over]).expect(0);
}

#[test]
fn a_waiting_run_that_is_damaged_is_not_taken_up() {
    let output = "(SELECT json_extract(body, '$.outcome.output') FROM facts WHERE run = 2 AND \
                  json_extract(body, '$.fact') = 'attempt_ended')";
    let sql = format!("DELETE FROM contents WHERE address = {output}");
    let (place, _, open) = damaged(&sql, []);
    for command in [vec!["resume", &open], vec!["approve", &open, "go"]] {
        let ran = place.run(&command).expect(1);
        assert!(ran.err.contains("is missing"), "{}", ran.err);
    }
    let refused = place.run(&["journal", "check"]).expect(1);
    assert!(refused.out.contains(&format!("run {open}, fact")), "{}", refused.out);
}

#[test]
fn a_file_with_overwritten_pages_is_reported_and_nothing_panics() {
    let place = place();
    let run = small(&place);
    let file = place.path("journal/journal.db");
    let whole = std::fs::read(&file).expect("the journal");
    let pages = whole.len() / 4096;
    let mut found = 0;
    for page in 1..pages {
        let mut bytes = whole.clone();
        bytes[page * 4096..(page + 1) * 4096].fill(0x5a);
        std::fs::write(&file, &bytes).expect("written");
        let checked = place.run(&["journal", "check", "--json"]);
        assert!(checked.code == Some(1), "page {page}: {checked:?}");
        found += usize::from(!checked.json()["damages"].as_array().is_none_or(Vec::is_empty));
        for command in [vec!["show", &run], vec!["runs"], vec!["gc", "--keep", "0", "--dry-run"]] {
            let ran = place.run(&command);
            assert!(matches!(ran.code, Some(0..=2)), "page {page}: {ran:?}");
            assert!(!ran.err.contains("panicked"), "page {page}: {}", ran.err);
        }
    }
    assert!(found > 5, "damage was found on {found} of {pages} pages");
}

#[test]
fn a_note_to_a_run_that_is_over_goes_with_it() {
    let place = place();
    let over = small(&place);
    let journal = Connection::open(place.path("journal/journal.db")).expect("a journal");
    let note = "{\"note\": \"cancel\", \"by\": \"x\"}";
    journal.execute("INSERT INTO notes (run, body) VALUES (1, ?1)", params![note]).expect("a note");
    drop(journal);
    let done = place.run(&["gc", "--keep", "0", "--json"]).expect(0).json();
    assert_eq!(done["runs"][0]["run"], *over);
    sound(&place);
}
