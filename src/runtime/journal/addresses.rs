//! Finding contents by their addresses.
//!
//! Addresses are as good as random, so that each one that is entered into an index costs the writing of some
//! page of it. The newest contents are not in the index yet: they are entered many at a time ([`super::late`]), by
//! whichever process is next to do it, and until then they are found by going through them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rusqlite::{CachedStatement, Connection, OptionalExtension, Transaction, params};

use crate::language::digest::Digest;

/// So many of the newest contents are remembered at most.
const MOST_REMEMBERED: usize = 16 * 1024;

/// The newest contents as a connection has seen them.
#[derive(Debug, Default)]
pub(super) struct Newest(RefCell<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    numbers: BTreeMap<String, i64>,
    /// The last one that has been looked at.
    upto: i64,
    /// How often contents had been removed until then.
    sweeps: i64,
}

/// How far the index goes.
struct Extent {
    /// The number of the last content in it.
    upto: i64,
    /// How often contents have been removed, after which numbers are given again.
    sweeps: i64,
}

/// Stores contents, but for those that the index has already.
pub(super) fn insert_contents(
    transaction: &Transaction<'_>,
    contents: &[(Digest, Arc<[u8]>)],
) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO contents (address, body) SELECT ?1, ?2
         WHERE NOT EXISTS (SELECT 1 FROM addresses WHERE address = ?1)",
    )?;
    for (address, body) in contents {
        insert.execute(params![address.as_str(), &body[..]])?;
    }
    Ok(())
}

/// Enters all contents into the index that are not in it yet. Of several with the same address one stays.
pub(super) fn index_contents(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let mut new = contents_behind(transaction, extent(transaction)?.upto)?;
    if new.is_empty() {
        return Ok(());
    }
    // In the order of the index, so that each of its pages is visited once.
    new.sort_unstable();
    let mut enter = transaction
        .prepare_cached("INSERT OR IGNORE INTO addresses (address, number) VALUES (?1, ?2)")?;
    let mut drop_double = transaction.prepare_cached("DELETE FROM contents WHERE number = ?1")?;
    let mut has_doubles = false;
    for (address, number) in new {
        if enter.execute(params![address, number])? == 0 {
            drop_double.execute([number])?;
            has_doubles = true;
        }
    }
    all_are_indexed(transaction, has_doubles)
}

/// Makes the index anew where it is wrong.
pub(super) fn mend_index(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    if count_misplaced(transaction)? == 0 {
        return Ok(());
    }
    transaction.execute("DELETE FROM addresses", [])?;
    transaction.execute("UPDATE indexed_contents SET upto = 0", [])?;
    index_contents(transaction)
}

/// Says that all contents are in the index now. Those that come may have the numbers of those that were removed.
fn all_are_indexed(transaction: &Connection, have_gone: bool) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "UPDATE indexed_contents
             SET upto = (SELECT coalesce(max(number), 0) FROM contents), sweeps = sweeps + ?1",
        )?
        .execute([have_gone])
        .map(drop)
}

/// Removes all contents but some, and gives their number and their bytes.
pub(super) fn remove_contents(
    transaction: &Transaction<'_>,
    needed: &BTreeSet<Digest>,
) -> rusqlite::Result<(u64, u64)> {
    index_contents(transaction)?;
    let mut select = transaction.prepare("SELECT number, address, length(body) FROM contents")?;
    let mut remove = transaction.prepare("DELETE FROM contents WHERE number = ?1")?;
    let mut forget = transaction.prepare("DELETE FROM addresses WHERE address = ?1")?;
    let rows = select.query_map([], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, u64>(2)?))
    })?;
    let rows: Vec<(i64, String, u64)> = rows.collect::<rusqlite::Result<_>>()?;
    let (mut count, mut bytes) = (0, 0);
    for (number, address, length) in rows {
        if !needed.contains(&Digest::from_stored(address.clone())) {
            remove.execute([number])?;
            forget.execute([address])?;
            count += 1;
            bytes += length;
        }
    }
    all_are_indexed(transaction, true)?;
    Ok((count, bytes))
}

/// How many contents would not be found by their addresses, or others in their place.
pub(super) fn count_misplaced(connection: &Connection) -> rusqlite::Result<u64> {
    let count = |query: &str| connection.query_row(query, [], |row| row.get::<_, u64>(0));
    let not_there = count(
        "SELECT count(*) FROM addresses WHERE NOT EXISTS (SELECT 1 FROM contents
         WHERE contents.number = addresses.number AND contents.address = addresses.address)",
    )?;
    let not_found = count(
        "SELECT count(*) FROM contents WHERE number <= (SELECT upto FROM indexed_contents)
         AND NOT EXISTS (SELECT 1 FROM addresses WHERE addresses.address = contents.address)",
    )?;
    Ok(not_there + not_found)
}

fn extent(connection: &Connection) -> rusqlite::Result<Extent> {
    connection
        .prepare_cached("SELECT upto, sweeps FROM indexed_contents")?
        .query_row([], |row| Ok(Extent { upto: row.get(0)?, sweeps: row.get(1)? }))
}

/// The addresses of the contents behind one, with their numbers.
fn contents_behind(connection: &Connection, number: i64) -> rusqlite::Result<Vec<(String, i64)>> {
    let mut select =
        connection.prepare_cached("SELECT address, number FROM contents WHERE number > ?1")?;
    let rows = select.query_map([number], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

impl Newest {
    /// The bytes at an address.
    pub(super) fn body(
        &self,
        connection: &Connection,
        address: &Digest,
    ) -> rusqlite::Result<Option<Vec<u8>>> {
        let indexed = || {
            let mut select = connection.prepare_cached(
                "SELECT body FROM contents
                 WHERE number = (SELECT number FROM addresses WHERE address = ?1)",
            )?;
            body_of(&mut select, address.as_str())
        };
        if let Some(body) = indexed()? {
            return Ok(Some(body));
        }
        if let Some(number) = self.0.borrow_mut().number(connection, address)? {
            let mut select = connection
                .prepare_cached("SELECT body FROM contents WHERE number = ?1 AND address = ?2")?;
            let found = select.query_row(params![number, address.as_str()], |row| row.get(0));
            if let Some(body) = found.optional()? {
                return Ok(Some(body));
            }
        }
        // Between the two looks somebody may have entered it.
        indexed()
    }
}

fn body_of(select: &mut CachedStatement<'_>, address: &str) -> rusqlite::Result<Option<Vec<u8>>> {
    select.query_row([address], |row| row.get(0)).optional()
}

impl Remembered {
    /// The number of one of the newest contents.
    fn number(
        &mut self,
        connection: &Connection,
        address: &Digest,
    ) -> rusqlite::Result<Option<i64>> {
        let Extent { upto, sweeps } = extent(connection)?;
        // Those that are not the newest any more are found in the index.
        if self.numbers.len() > MOST_REMEMBERED || self.sweeps != sweeps {
            *self = Remembered { sweeps, ..Remembered::default() };
        }
        self.upto = self.upto.max(upto);
        for (address, number) in contents_behind(connection, self.upto)? {
            self.upto = self.upto.max(number);
            self.numbers.insert(address, number);
        }
        Ok(self.numbers.get(address.as_str()).copied())
    }
}

#[cfg(test)]
mod tests {
    use super::super::open::Journal;
    use super::*;

    fn content(text: &str) -> (Digest, Arc<[u8]>) {
        let body: Arc<[u8]> = format!("\"{text}\"").into_bytes().into();
        (Digest::of(&body), body)
    }

    fn change(
        journal: &mut Journal,
        change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
    ) {
        let transaction = journal.connection.transaction().unwrap();
        change(&transaction).unwrap();
        transaction.commit().unwrap();
    }

    fn store(journal: &mut Journal, texts: &[&str]) {
        let contents: Vec<_> = texts.iter().map(|text| content(text)).collect();
        change(journal, |transaction| insert_contents(transaction, &contents));
    }

    fn finds(journal: &Journal, text: &str) -> bool {
        let (address, body) = content(text);
        let found = journal.newest.body(&journal.connection, &address).unwrap();
        assert!(found.as_deref().is_none_or(|found| *found == *body), "{text}: {found:?}");
        found.is_some()
    }

    fn count(journal: &Journal, table: &str) -> u64 {
        let query = format!("SELECT count(*) FROM {table}");
        journal.connection.query_row(&query, [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn what_the_index_does_not_have_yet_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path()).unwrap();
        let reader = journal.reader().unwrap();
        store(&mut journal, &["a", "b"]);
        assert!(finds(&reader, "a") && finds(&reader, "b") && !finds(&reader, "c"));
        change(&mut journal, index_contents);
        store(&mut journal, &["c"]);
        assert_eq!((count(&journal, "contents"), count(&journal, "addresses")), (3, 2));
        assert!(finds(&reader, "a") && finds(&reader, "c"));
        let later = journal.reader().unwrap();
        assert!(finds(&later, "a") && finds(&later, "c"));
        assert_eq!(count_misplaced(&journal.connection).unwrap(), 0);
    }

    #[test]
    fn of_a_content_that_comes_twice_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path()).unwrap();
        let reader = journal.reader().unwrap();
        store(&mut journal, &["a", "b"]);
        store(&mut journal, &["c", "b"]);
        assert!(finds(&reader, "b"));
        assert_eq!(count(&journal, "contents"), 4);
        change(&mut journal, index_contents);
        // It has the number of what came twice.
        store(&mut journal, &["a", "d"]);
        assert!(finds(&reader, "d"));
        change(&mut journal, index_contents);
        assert_eq!((count(&journal, "contents"), count(&journal, "addresses")), (4, 4));
        assert!(["a", "b", "c", "d"].iter().all(|text| finds(&reader, text)));
        assert_eq!(count_misplaced(&journal.connection).unwrap(), 0);
    }

    #[test]
    fn an_index_that_is_wrong_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path()).unwrap();
        store(&mut journal, &["a", "b", "c"]);
        change(&mut journal, index_contents);
        for harm in [
            "DELETE FROM addresses WHERE number = 2",
            "UPDATE addresses SET number = 5 - number",
            "INSERT INTO addresses (address, number) VALUES ('nothing', 7)",
        ] {
            change(&mut journal, |transaction| transaction.execute(harm, []).map(drop));
            assert!(count_misplaced(&journal.connection).unwrap() > 0, "{harm}");
            change(&mut journal, mend_index);
            assert_eq!(count_misplaced(&journal.connection).unwrap(), 0, "{harm}");
            assert!(["a", "b", "c"].iter().all(|text| finds(&journal, text)), "{harm}");
        }
    }

    #[test]
    fn a_number_that_is_given_again_is_that_of_the_new_content() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path()).unwrap();
        let reader = journal.reader().unwrap();
        store(&mut journal, &["a", "b", "c"]);
        assert!(finds(&reader, "c"));
        let stays = BTreeSet::from([content("a").0]);
        change(&mut journal, |transaction| {
            assert_eq!(remove_contents(transaction, &stays)?, (2, 6));
            Ok(())
        });
        store(&mut journal, &["d"]);
        assert!(finds(&reader, "a") && finds(&reader, "d") && !finds(&reader, "c"));
        change(&mut journal, index_contents);
        assert!(finds(&reader, "a") && finds(&reader, "d") && !finds(&reader, "b"));
        assert_eq!(count_misplaced(&journal.connection).unwrap(), 0);
    }
}
