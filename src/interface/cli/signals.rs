//! Ctrl-C, and being told to end: the first stops the run cleanly, the second leaves at once.

use tokio::runtime::Runtime;

use crate::runtime::embedded::{Control, Remote};

/// Listens for signals as long as the runtime lives. What happens then is said to `note`.
pub(super) fn listen(runtime: &Runtime, remote: Remote, note: impl Fn(&str) + Send + 'static) {
    runtime.spawn(async move {
        told_to_end().await;
        note("stopping: calls are broken off, nothing is lost; Ctrl-C again leaves at once");
        remote.send(Control::Interrupt);
        told_to_end().await;
        leave();
    });
}

/// Waits until somebody wants the program to end.
#[cfg(unix)]
pub(super) async fn told_to_end() {
    use tokio::signal::unix::{SignalKind, signal};

    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        // Without handlers the system's own way holds: the process ends, and can be resumed.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// Waits until somebody wants the program to end.
#[cfg(not(unix))]
pub(super) async fn told_to_end() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

#[expect(
    clippy::disallowed_methods,
    clippy::exit,
    reason = "whoever presses Ctrl-C twice does not want to wait for anything; facts are stored"
)]
fn leave() {
    std::process::exit(130);
}
