//! One run of a program: without a shell, for so long at most, and with what it says kept within bounds.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::process::Command;
use tokio::time::{sleep, timeout};

use super::captured::{Captured, Room};
use super::process_group::ProcessGroup;

/// So much of what a program says is kept, in bytes, of both its streams together.
pub(super) const MAX_BYTES: usize = 4 * 1024 * 1024;

/// How long the end of what a dead program has said is waited for: something that is out of reach may
/// hold its streams open.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A program that is to be run.
pub(super) struct Program<'p> {
    /// Where it is.
    pub(super) path: &'p Path,
    /// Its arguments, as it is given them.
    pub(super) args: &'p [String],
    /// What it reads on its standard input; nothing if absent.
    pub(super) stdin: Option<&'p str>,
    /// The folder in which it runs.
    pub(super) folder: &'p Path,
    /// All of its environment.
    pub(super) variables: &'p BTreeMap<String, String>,
    /// How long it may take.
    pub(super) limit: Duration,
}

/// What came of a program.
#[derive(Debug)]
pub(super) struct Ran {
    /// How it ended; absent if it was stopped because it took too long.
    pub(super) status: Option<ExitStatus>,
    /// What it said on standard output.
    pub(super) stdout: Captured,
    /// What it said on standard error.
    pub(super) stderr: Captured,
}

impl Program<'_> {
    /// Runs it until it ends or takes too long. What it has started is killed with its end, and when the
    /// future is dropped.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(super) async fn run(&self) -> io::Result<Ran> {
        let reads = if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() };
        let mut command = Command::new(self.path);
        command.args(self.args).current_dir(self.folder).env_clear().envs(self.variables);
        command.stdin(reads).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut group = ProcessGroup::start(&mut command)?;
        let child = group.child();
        let (input, out, err) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let room = Room::of(MAX_BYTES);
        let (mut stdout, mut stderr) = (Captured::default(), Captured::default());
        let status = {
            let mut talk = pin!(async {
                tokio::join!(
                    say(input, self.stdin.unwrap_or_default()),
                    stdout.listen(out, &room),
                    stderr.listen(err, &room),
                );
            });
            let mut late = pin!(sleep(self.limit));
            let mut is_silent = false;
            let in_time = loop {
                tokio::select! {
                    ended = group.ended() => break ended.map(|()| true),
                    () = &mut late => break Ok(false),
                    () = &mut talk, if !is_silent => is_silent = true,
                }
            };
            let status = group.finish().await;
            if !is_silent {
                let _ = timeout(LAST_WORDS, talk).await;
            }
            match in_time? {
                true => Some(status?),
                false => None,
            }
        };
        Ok(Ran { status, stdout, stderr })
    }
}

/// Says all to a program. One that does not listen to the end has heard enough.
async fn say(input: Option<impl AsyncWrite + Unpin>, text: &str) {
    if let Some(mut input) = input {
        let _ = input.write_all(text.as_bytes()).await;
        let _ = input.shutdown().await;
    }
}

/// Where a program is, by its bare name: in the first folder of PATH that has it. Relative folders do not
/// count, since what they mean would depend on where one is.
pub(super) fn find(name: &str, path: &str) -> Option<PathBuf> {
    let folders = std::env::split_paths(path).filter(|folder| folder.is_absolute());
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    folders.map(|folder| folder.join(&file)).find(|found| can_be_run(found))
}

#[cfg(unix)]
fn can_be_run(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn can_be_run(path: &Path) -> bool {
    path.is_file()
}
