//! A program that was started, with everything that it starts itself: they end together.

use std::io;
use std::process::ExitStatus;
#[cfg(unix)]
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::process::{Child, Command};

/// The heads of all groups that run; nothing when no more may be started. Of the whole process, as its end is.
#[cfg(unix)]
static LIVE: Mutex<Option<Vec<rustix::process::Pid>>> = Mutex::new(Some(Vec::new()));

/// A running program as the head of a group of its own. Dropping it kills the whole group.
///
/// What a program starts belongs to its group, unless it makes a session of its own; that is out of reach.
pub(super) struct ProcessGroup {
    child: Child,
    #[cfg(unix)]
    head: Option<rustix::process::Pid>,
}

impl ProcessGroup {
    /// Starts a program.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(super) fn start(command: &mut Command) -> io::Result<ProcessGroup> {
        command.kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        // Held over the start: whoever kills them all misses none.
        #[cfg(unix)]
        let mut held = live();
        #[cfg(unix)]
        let Some(live) = held.as_mut() else {
            return Err(io::Error::other("the process is about to end"));
        };
        let child = command.spawn()?;
        #[cfg(unix)]
        let head = {
            let id = child.id().and_then(|id| i32::try_from(id).ok());
            id.and_then(rustix::process::Pid::from_raw)
        };
        #[cfg(unix)]
        live.extend(head);
        Ok(ProcessGroup {
            child,
            #[cfg(unix)]
            head,
        })
    }

    /// The program's own process, for its pipes.
    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Waits until the program has ended. Until it is [finished](Self::finish) the system keeps its number, so that
    /// no other group can have it.
    pub(super) async fn ended(&mut self) -> io::Result<()> {
        #[cfg(unix)]
        if let Some(head) = self.head {
            return has_ended(head).await;
        }
        self.child.wait().await.map(drop)
    }

    /// Kills what is left of the group, and says how the program ended.
    pub(super) async fn finish(&mut self) -> io::Result<ExitStatus> {
        self.kill();
        self.child.wait().await
    }

    /// Kills the group, once: when its head is waited for, others may have its number.
    fn kill(&mut self) {
        #[cfg(unix)]
        if let Some(head) = self.head.take() {
            // Under the lock, as nobody else is to kill it any more.
            if let Some(live) = live().as_mut() {
                live.retain(|other| *other != head);
                kill_group(head);
            }
        }
        #[cfg(not(unix))]
        let _ = self.child.start_kill();
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Kills all programs with what they have started, before the process ends at once; no more are started.
pub fn kill_all_programs() {
    #[cfg(unix)]
    live().take().into_iter().flatten().for_each(kill_group);
}

#[cfg(unix)]
fn live() -> MutexGuard<'static, Option<Vec<rustix::process::Pid>>> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One that is not there any more is none to kill.
#[cfg(unix)]
fn kill_group(head: rustix::process::Pid) {
    let _ = rustix::process::kill_process_group(head, rustix::process::Signal::KILL);
}

#[cfg(unix)]
async fn has_ended(head: rustix::process::Pid) -> io::Result<()> {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    use tokio::signal::unix::{SignalKind, signal};

    // Registered before the first look: an end between the two is not missed.
    let mut children = signal(SignalKind::child())?;
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    while waitid(WaitId::Pid(head), look)?.is_none() {
        if children.recv().await.is_none() {
            return Err(io::Error::other("the system tells nothing of processes any more"));
        }
    }
    Ok(())
}
