//! A journal that cannot be written in the middle of a run: the run stops and says so, nothing of
//! a failed transaction is there, and `partita resume` goes on when it can be written again.

use std::process::{Command, Stdio};

use rusqlite::Connection;

use crate::binary::{Place, Ran, Servers};
use crate::crash::{SERVERS, newest, place, resume_to, undisturbed, with};

/// Answers and outputs that no fact and no run names: halves of a transaction. Prompts are stored
/// as soon as they are made, and named when a server is found for them.
const HALVES: &str = "SELECT count(*) FROM contents WHERE NOT EXISTS (SELECT 1 FROM facts WHERE \
     instr(facts.body, address) > 0) AND NOT EXISTS (SELECT 1 FROM runs WHERE plan = address OR \
     inputs = address) AND instr(CAST(body AS TEXT), '\"messages\":') = 0";

fn journal(place: &Place) -> Connection {
    Connection::open(place.path("journal/journal.db")).expect("a journal")
}

fn number(journal: &Connection, query: &str) -> i64 {
    journal.query_row(query, [], |row| row.get(0)).expect("a number")
}

/// That a run stopped because of its journal, and says how to go on.
fn assert_says_so(ran: &Ran, what: &str) {
    assert_eq!(ran.code, Some(1), "{what}: {ran:?}");
    for words in ["cannot be stored", "then go on with `partita resume"] {
        assert!(ran.err.contains(words), "{what}: {}", ran.err);
    }
}

#[test]
fn a_transaction_that_fails_in_its_middle_leaves_nothing() {
    let (whole, _) = undisturbed();
    let facts = {
        let place = place();
        let servers = Servers::start(&place, SERVERS);
        place.run(&with(&["run", "killable", "--seed", "9"], &servers.options())).expect(0);
        number(&journal(&place), "SELECT count(*) FROM facts")
    };
    for fact in (1..=facts).step_by(2) {
        let place = place();
        let servers = Servers::start(&place, SERVERS);
        // The journal is made by a run that ends at once.
        place.write("patterns/nothing.yaml", NOTHING);
        place.run(&with(&["run", "nothing", "--quiet"], &servers.options())).expect(0);
        journal(&place)
            .execute_batch(&format!(
                "CREATE TRIGGER full BEFORE INSERT ON facts WHEN NEW.run > 1 AND NEW.sequence = {fact} \
                 BEGIN SELECT RAISE(ABORT, 'no room'); END"
            ))
            .expect("a trigger");
        let arguments = with(&["run", "killable", "--json", "--seed", "9"], &servers.options());
        let what = format!("fact {fact} of {facts}");
        assert_says_so(&place.run(&arguments), &what);
        let stored = number(&journal(&place), "SELECT count(*) FROM facts WHERE run > 1");
        assert!(stored < fact, "{what}: {stored} are stored");
        assert_eq!(number(&journal(&place), HALVES), 0, "{what}");
        // As long as there is no room, nobody gets further.
        let run = newest(&place);
        assert_says_so(&place.run(&["resume", &run, "--quiet"]), &what);
        journal(&place).execute_batch("DROP TRIGGER full").expect("no trigger");
        assert!(resume_to(&whole, &place, &servers, &what), "{what}");
    }
}

const NOTHING: &str = "
pattern: { name: nothing }
team: { name: t, agents: [{ role: A }] }
tasks:
  check: { gate: check, condition: 'true' }
";

/// A command whose files the system keeps from growing above so many bytes.
#[cfg(unix)]
fn confined(command: &Command, bytes: u64) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args([
            "-c",
            &format!("trap '' XFSZ; ulimit -f {}; exec \"$@\"", bytes.div_ceil(512)),
            "sh",
        ])
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear()
        .envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .current_dir(command.get_current_dir().expect("a folder"))
        .stdin(Stdio::null());
    shell
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_grow_stops_the_run() {
    let (whole, longest) = undisturbed();
    let mut stopped = 0;
    for share in 2..8 {
        let place = place();
        let servers = Servers::start(&place, SERVERS);
        let arguments = with(&["run", "killable", "--json", "--seed", "9"], &servers.options());
        let limit = longest * share / 8;
        let ran = Ran::of(confined(&place.command(&arguments), limit).output().expect("a shell"));
        let what = format!("{limit} of {longest} bytes");
        if place.run(&["runs", "--json"]).expect(0).json()["runs"]
            .as_array()
            .is_none_or(Vec::is_empty)
        {
            continue;
        }
        assert_says_so(&ran, &what);
        assert!(ran.err.contains("journal.db cannot be written"), "{what}: {}", ran.err);
        assert!(resume_to(&whole, &place, &servers, &what), "{what}");
        stopped += 1;
    }
    assert!(stopped >= 3, "only {stopped} runs were stopped");
}
