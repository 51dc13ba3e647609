//! Ctrl-C, and being told to end: the first stops the run cleanly, the second leaves at once.

use std::thread;

use super::run::runtime;
use crate::runtime::embedded::{Control, Remote};
use crate::runtime::tools::kill_all_programs;

/// Listens for signals as long as the process lives, on a thread of its own: whoever wants to leave
/// at once does not wait for a disk. What happens then is said to `note`.
pub(super) fn listen(remote: Remote, note: impl Fn(&str) + Send + 'static) {
    let listening = async move {
        let mut signals = Signals::register();
        signals.next().await;
        note("stopping: calls are broken off, nothing is lost; Ctrl-C again leaves at once");
        remote.send(Control::Interrupt);
        signals.next().await;
        leave();
    };
    // Where there is no thread for it, the system's own way of ending holds.
    let _ = thread::Builder::new().name("signals".into()).spawn(move || {
        if let Ok(runtime) = runtime() {
            runtime.block_on(listening);
        }
    });
}

/// The signals by which somebody wants the program to end. One that comes while nobody waits for
/// it is kept. Where the system gives no handlers its own way holds: the process ends, and a run
/// can be resumed.
#[cfg(unix)]
pub(super) struct Signals {
    interrupt: Option<tokio::signal::unix::Signal>,
    terminate: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    /// Must be called inside the runtime.
    pub(super) fn register() -> Signals {
        use tokio::signal::unix::{SignalKind, signal};
        Signals {
            interrupt: signal(SignalKind::interrupt()).ok(),
            terminate: signal(SignalKind::terminate()).ok(),
        }
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) {
        async fn one(signal: &mut Option<tokio::signal::unix::Signal>) {
            match signal {
                Some(signal) => drop(signal.recv().await),
                None => std::future::pending().await,
            }
        }
        tokio::select! {
            () = one(&mut self.interrupt) => {}
            () = one(&mut self.terminate) => {}
        }
    }
}

/// The signals by which somebody wants the program to end.
#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub(super) fn register() -> Signals {
        Signals
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    clippy::exit,
    reason = "whoever presses Ctrl-C twice does not want to wait for anything; facts are stored"
)]
fn leave() {
    kill_all_programs();
    std::process::exit(130);
}
