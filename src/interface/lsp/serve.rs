//! The server on its streams.

use std::io::{self, BufReader, Read, Write};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, TryRecvError};
use std::thread;
use std::time::Duration;

use super::options::ServerOptions;
use super::protocol::{Frame, Message, read_frame, write_frame};
use super::server::Server;

/// The findings are looked for anew when the editor has been silent for so long: longer than the
/// pause between two letters of somebody who types quickly.
const QUIET: Duration = Duration::from_millis(120);

/// Answers a client until it says that it is over, or goes away. Returns whether it was shut down
/// as the protocol wants it.
///
/// # Errors
/// When the output cannot be written.
pub fn serve(
    input: impl Read + Send + 'static,
    mut output: impl Write,
    options: ServerOptions,
) -> io::Result<bool> {
    let (sender, frames) = mpsc::channel();
    // It ends with the input, or with the process.
    thread::spawn(move || {
        let mut input = BufReader::new(input);
        while let Ok(Some(frame)) = read_frame(&mut input) {
            if sender.send(frame).is_err() {
                return;
            }
        }
    });
    let mut server = Server::new(options);
    loop {
        let is_open = take_in(&mut server, &frames);
        if !server.work() {
            if !is_open {
                return Ok(false);
            }
            wait(&mut server, &frames);
        }
        for message in server.take_messages() {
            write_frame(&mut output, &message)?;
        }
        if let Some(in_order) = server.ended() {
            return Ok(in_order);
        }
    }
}

/// Takes in all that has arrived; `false` when nothing more can.
fn take_in(server: &mut Server, frames: &Receiver<Frame>) -> bool {
    loop {
        match frames.try_recv() {
            Ok(frame) => receive(server, frame),
            Err(TryRecvError::Empty) => return true,
            Err(TryRecvError::Disconnected) => return false,
        }
    }
}

/// Waits for something to arrive; when nothing does for a while, findings are told.
fn wait(server: &mut Server, frames: &Receiver<Frame>) {
    let next = if server.is_settled() {
        frames.recv().map_err(|_| RecvTimeoutError::Disconnected)
    } else {
        frames.recv_timeout(QUIET)
    };
    match next {
        Ok(frame) => receive(server, frame),
        Err(RecvTimeoutError::Timeout) => server.settle(),
        Err(RecvTimeoutError::Disconnected) => {}
    }
}

fn receive(server: &mut Server, frame: Frame) {
    match frame {
        Frame::Json(value) => server.receive(Message::of(value)),
        Frame::Malformed(reason) => server.receive_malformed(&reason),
    }
}
