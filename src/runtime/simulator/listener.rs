//! A server's port: accepting connections, closing for a while, closing for good.

use std::future::poll_fn;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::clock::{Clock, Moment};

/// How long to wait before a port that somebody else has taken is tried again, or after the
/// system refused a connection.
const AGAIN: Duration = Duration::from_millis(10);

/// A port on the loopback interface that can be closed and opened again.
pub(super) struct Port {
    address: SocketAddr,
    state: Mutex<State>,
    opened: Mutex<Moment>,
    changed: Notify,
}

enum State {
    Open(TcpListener),
    /// Closed until a moment, or for good.
    Down(Option<Moment>),
    Closed,
}

impl Port {
    /// Opens a port; a free one if `port` is 0.
    pub(super) async fn open(port: u16, now: Moment) -> io::Result<Port> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        Ok(Port {
            address: listener.local_addr()?,
            state: Mutex::new(State::Open(listener)),
            opened: Mutex::new(now),
            changed: Notify::new(),
        })
    }

    /// Where it is.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Drops all connections and refuses new ones until a moment, or for good.
    pub(super) fn go_down(&self, until: Option<Moment>) {
        self.replace(State::Down(until));
    }

    /// Ends an outage.
    pub(super) fn come_up(&self, now: Moment) {
        let mut state = self.lock();
        if matches!(*state, State::Down(_)) {
            *state = State::Down(Some(now));
        }
        drop(state);
        self.changed.notify_one();
    }

    /// Closes the port for good, at once.
    pub(super) fn close(&self) {
        self.replace(State::Closed);
    }

    /// When it was opened last.
    pub(super) fn opened(&self) -> Moment {
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether new connections are accepted.
    pub(super) fn is_open(&self) -> bool {
        matches!(*self.lock(), State::Open(_))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn replace(&self, state: State) {
        let mut now = self.lock();
        if !matches!(*now, State::Closed) {
            *now = state;
        }
        drop(now);
        self.changed.notify_one();
    }

    /// The next connection; none once the port is no longer open.
    async fn accept(&self) -> Option<io::Result<TcpStream>> {
        poll_fn(|context| match &*self.lock() {
            State::Open(listener) => listener
                .poll_accept(context)
                .map(|accepted| Some(accepted.map(|(stream, _)| stream))),
            State::Down(_) | State::Closed => Poll::Ready(None),
        })
        .await
    }

    /// Serves connections until the port is closed for good.
    pub(super) async fn run<Serving, Served>(self: Arc<Self>, clock: Arc<Clock>, serve: Serving)
    where
        Serving: Fn(TcpStream) -> Served,
        Served: Future<Output = ()> + Send + 'static,
    {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.accept() => match accepted {
                    Some(Ok(stream)) => { connections.spawn(serve(stream)); }
                    // Out of descriptors, or the peer was faster: neither is ours to mend.
                    Some(Err(_)) => clock.sleep_until(clock.now() + AGAIN).await,
                    None => {
                        connections.shutdown().await;
                        if !self.come_back(&clock).await {
                            return;
                        }
                    }
                },
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
                () = self.changed.notified() => {}
            }
        }
    }

    /// Waits until the port is to open again, and opens it; false if it never is.
    async fn come_back(&self, clock: &Clock) -> bool {
        loop {
            let until = match *self.lock() {
                State::Open(_) => return true,
                State::Down(until) => until,
                State::Closed => return false,
            };
            match until {
                Some(until) if until <= clock.now() => {
                    match TcpListener::bind(self.address).await {
                        Ok(listener) => self.reopen(listener, clock.now()),
                        Err(_) => clock.sleep_until(clock.now() + AGAIN).await,
                    }
                }
                Some(until) => tokio::select! {
                    () = clock.sleep_until(until) => {}
                    () = self.changed.notified() => {}
                },
                None => self.changed.notified().await,
            }
        }
    }

    fn reopen(&self, listener: TcpListener, now: Moment) {
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = now;
        let mut state = self.lock();
        if matches!(*state, State::Down(_)) {
            *state = State::Open(listener);
        }
    }
}
