//! The board on which the runs of a journal agree about servers, as a file beside the journal.
//!
//! `shares/board.json` is read and written by whoever holds the lock of `shares/board.lock`, which
//! is never for longer than that takes. Every run that is on the board holds the lock of its own
//! `shares/RUN.lock` as long as its process lives: the system gives it back however that ends, and
//! the next who looks strikes the run off. Nothing of this need outlive the machine, so nothing waits
//! for the disk.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::engine::sharing::{Board, Member, Share};
use crate::engine::{Engine, Time};

/// The board's file.
const BOARD: &str = "board.json";

/// Between two looks at the board.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// The shortest time between two looks, however much happens.
const SHORTEST: Duration = Duration::from_millis(10);

/// The board as a run sees and changes it.
#[derive(Debug)]
pub struct BoardFile {
    folder: PathBuf,
    member: Member,
    /// The lock that says that the process lives, from the first look on.
    presence: Option<File>,
    /// The board as it was when this run last looked.
    seen: Vec<u8>,
    last_look: Option<Time>,
    /// What this run needed when it last looked.
    said: Said,
}

/// What a run needs, in short.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Said {
    /// Whether it needs servers.
    needs: bool,
    /// Whether tasks wait.
    waits: bool,
    /// Calls under way.
    calls: usize,
    /// Whether other runs are on the board.
    beside_others: bool,
    /// Whether it uses more than its share.
    gives_up: bool,
}

/// What a look at the board came to.
#[derive(Debug)]
pub enum Looked {
    /// What the run may use from now on.
    Shares(Vec<Share>),
    /// Nothing has changed.
    Unchanged,
    /// Somebody else is at the board; it is to be looked at again soon.
    Busy,
}

impl BoardFile {
    /// A run that is not on the board in a folder yet.
    pub fn new(folder: PathBuf, member: Member) -> BoardFile {
        BoardFile {
            folder,
            member,
            presence: None,
            seen: Vec::new(),
            last_look: None,
            said: Said::default(),
        }
    }

    /// Where the board lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the run may use, as it last looked; nothing before.
    pub fn shares(&self) -> Vec<Share> {
        self.member.shares().to_vec()
    }

    /// Whether it has ever got to the board.
    pub fn has_looked(&self) -> bool {
        !self.seen.is_empty()
    }

    /// When the board is to be looked at, as the run stands. A run that needs no server, and has said
    /// so, does not look.
    pub fn next_look(&self, engine: &Engine) -> Time {
        let needs = engine.needs_servers();
        let Some(last) = self.last_look else {
            return if needs { Time::default() } else { Time(u64::MAX) };
        };
        let Said { beside_others, gives_up, .. } = self.said;
        let has_begun = needs && !self.said.needs;
        let waits_again = beside_others && !self.said.waits && engine.has_waiting_tasks();
        let gives_up = gives_up && engine.calls_under_way() < self.said.calls;
        if has_begun || waits_again || gives_up {
            last + SHORTEST
        } else if needs || self.said.needs {
            last + LOOK_EVERY
        } else {
            Time(u64::MAX)
        }
    }

    /// Looks at the board: says what the run needs, and takes what it may use.
    ///
    /// # Errors
    /// When the files cannot be read or written; what the run may use stays as it was.
    pub fn look(&mut self, now: Time, engine: &Engine) -> io::Result<Looked> {
        let needs = engine.needs_servers();
        self.last_look = Some(now);
        if needs && self.said.needs && !self.said.beside_others && self.is_as_seen() {
            return Ok(Looked::Unchanged);
        }
        let Some(lock) = self.lock_board()? else {
            return Ok(Looked::Busy);
        };
        let mut board = read(&self.board_path());
        if self.presence.is_none() {
            self.presence = self.appear()?;
            if self.presence.is_none() {
                return Ok(Looked::Busy);
            }
            // What a process said that worked on the run before is nothing to this one.
            board.runs.remove(self.member.run());
        }
        self.strike_off_the_dead(&mut board);
        let needed = engine.needs();
        let before = self.member.clone();
        let shares = self.member.look(&mut board, now, &needed).to_vec();
        let text = serde_json::to_vec(&board)?;
        if text != self.seen || !self.is_as_seen() {
            // What is not on the board is not this run's.
            self.write(&text).inspect_err(|_| self.member = before.clone())?;
        }
        drop(lock);
        self.seen = text;
        self.said = Said {
            needs,
            waits: engine.has_waiting_tasks(),
            calls: engine.calls_under_way(),
            beside_others: board.runs.len() > 1,
            gives_up: self.member.gives_up(&needed),
        };
        let is_news = before.shares() != shares;
        Ok(if is_news { Looked::Shares(shares) } else { Looked::Unchanged })
    }

    /// Leaves the board: the run has stopped, and its calls are broken off.
    pub fn leave(&mut self) {
        let Some(presence) = self.presence.take() else { return };
        // Where this fails the next who looks does it.
        if let Ok(Some(_lock)) = self.lock_board() {
            let mut board = read(&self.board_path());
            board.runs.remove(self.member.run());
            if let Ok(text) = serde_json::to_vec(&board)
                && self.write(&text).is_ok()
            {
                let _ = fs::remove_file(self.presence_path(self.member.run()));
            }
        }
        drop(presence);
    }

    fn is_as_seen(&self) -> bool {
        fs::read(self.board_path()).is_ok_and(|text| text == self.seen)
    }

    /// Is alone with the board until what it gives is dropped; `None` while somebody else is.
    fn lock_board(&self) -> io::Result<Option<File>> {
        try_lock(File::create(self.folder.join("board.lock"))?)
    }

    /// Says that the process lives.
    fn appear(&self) -> io::Result<Option<File>> {
        try_lock(File::create(self.presence_path(self.member.run()))?)
    }

    fn strike_off_the_dead(&self, board: &mut Board) {
        board.runs.retain(|run, _| {
            let lives = run == self.member.run() || is_locked(&self.presence_path(run));
            if !lives {
                let _ = fs::remove_file(self.presence_path(run));
            }
            lives
        });
    }

    /// Puts a text in the place of the board: a process that dies over it leaves the old one.
    fn write(&self, text: &[u8]) -> io::Result<()> {
        let draft = self.folder.join("board.partial");
        fs::write(&draft, text)?;
        fs::rename(&draft, self.board_path())
    }

    fn board_path(&self) -> PathBuf {
        self.folder.join(BOARD)
    }

    fn presence_path(&self, run: &str) -> PathBuf {
        self.folder.join(format!("{run}.lock"))
    }
}

impl Drop for BoardFile {
    fn drop(&mut self) {
        self.leave();
    }
}

/// The runs of a journal that get nothing at the moment because others do, among them perhaps some
/// whose process has died.
pub fn waiting_runs(folder: &Path) -> BTreeSet<String> {
    let board = read(&folder.join(BOARD));
    let waiting = board.runs.into_iter().filter(|(_, entry)| entry.waits());
    waiting.map(|(run, _)| run).collect()
}

/// A board that cannot be read is of a machine that has lost its power, and nobody's.
fn read(path: &Path) -> Board {
    let text = fs::read(path).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Has a file to itself; `None` while somebody else has.
fn try_lock(file: File) -> io::Result<Option<File>> {
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn is_locked(path: &Path) -> bool {
    match File::open(path) {
        Ok(file) => matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)),
        Err(_) => false,
    }
}
