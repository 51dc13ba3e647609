//! What a loss of power can leave behind: a log that ends earlier than it did, between two
//! transactions, in one, or in torn pages. Whatever is left reads as a beginning of the run.
//!
//! That the disk keeps what it has confirmed cannot be tested here; `kill -9` leaves the system's
//! cache as it is.

use std::path::Path;

use partita::engine::{Recorded, State};
use partita::runtime::journal::Journal;

use crate::binary::Servers;
use crate::crash::{SERVERS, kill_after, place, undisturbed};
use crate::support::Dice;

/// Of a log of SQLite: what stands before the first page, and before each.
const HEAD: usize = 32;
const PAGE_HEAD: usize = 24;

/// What can be read where the log is these bytes. The journal must be sound.
fn facts_with(database: &[u8], log: &[u8]) -> Vec<Recorded> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("journal.db"), database).expect("a file");
    std::fs::write(folder.path().join("journal.db-wal"), log).expect("a file");
    facts_in(folder.path())
}

fn facts_in(folder: &Path) -> Vec<Recorded> {
    let journal = Journal::open(folder).expect("a journal");
    let damages = journal.check().expect("an examination").damages;
    assert!(damages.is_empty(), "{damages:?}");
    let runs = journal.runs().expect("runs");
    let Some(record) = runs.first() else {
        return Vec::new();
    };
    let facts = journal.facts(&record.id).expect("facts");
    let plan = journal.plan(record).expect("a plan");
    State::of_facts(plan, &facts).expect("facts that follow from each other");
    let contents = facts.iter().flat_map(|recorded| recorded.fact.contents());
    journal.verify(contents).expect("contents that are there");
    facts
}

#[test]
fn a_log_that_ends_early_is_a_beginning_of_the_run() {
    let (_, longest) = undisturbed();
    let place = place();
    let servers = Servers::start(&place, SERVERS);
    let (killed, _) = kill_after(&place, &servers, longest / 4 * 3);
    assert!(killed, "the run was over before");
    let read = |name: &str| std::fs::read(place.path(name)).expect("a file");
    let (database, log) = (read("journal/journal.db"), read("journal/journal.db-wal"));
    let page = u32::from_be_bytes(log[8..12].try_into().expect("four bytes")) as usize + PAGE_HEAD;
    let whole = facts_with(&database, &log);
    assert!(whole.len() > 5, "{} facts", whole.len());
    let mut dice = Dice::new(1);
    let mut lengths = std::collections::BTreeSet::new();
    for end in (HEAD..=log.len()).step_by(page) {
        // At the end of a page, and where one is torn: cut off, or filled with something else.
        let torn = (end + dice.below(page as u64) as usize).min(log.len());
        let mut filled = log.clone();
        filled[end..].fill(0xa5);
        for left in [&log[..end], &log[..torn], &filled] {
            let facts = facts_with(&database, left);
            assert_eq!(facts, whole[..facts.len()], "{end} of {} bytes", log.len());
            lengths.insert(facts.len());
        }
    }
    assert!(lengths.len() > 5, "{lengths:?}");
}
