//! The server without its streams: messages go in, messages come out.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::desk::Desk;
use super::options::ServerOptions;
use super::protocol::{Message, Refusal, answer, notification, refused};
use super::publish::Published;

/// How far the conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nobody has introduced themselves.
    Begun,
    /// Everything may be asked.
    Open,
    /// Nothing more may be asked.
    ShutDown,
    /// It is over; whether it was shut down before.
    Ended { in_order: bool },
}

/// A language server. It does nothing by itself: whoever has it hands it what the editor says and
/// takes away what it says.
#[derive(Debug)]
pub struct Server {
    pub(super) stage: Stage,
    pub(super) desk: Desk,
    published: Published,
    /// Whether something was said that may have changed the findings.
    pub(super) is_dirty: bool,
    /// Messages that have arrived and are not dealt with.
    inbox: VecDeque<Message>,
    pub(super) outbox: Vec<Value>,
}

impl Server {
    /// A server to whom nobody has spoken.
    pub fn new(options: ServerOptions) -> Server {
        Server {
            stage: Stage::Begun,
            desk: Desk { options, ..Desk::default() },
            published: Published::default(),
            is_dirty: false,
            inbox: VecDeque::new(),
            outbox: Vec::new(),
        }
    }

    /// Takes in what arrived, and deals with none of it yet: what follows may break it off.
    pub fn receive(&mut self, message: Message) {
        let Some(cancelled) = message.cancels() else {
            self.inbox.push_back(message);
            return;
        };
        let is_it =
            |waiting: &Message| matches!(waiting, Message::Request { id, .. } if *id == cancelled);
        if let Some(place) = self.inbox.iter().position(is_it) {
            self.inbox.remove(place);
            let refusal = Refusal::new(Refusal::CANCELLED, "cancelled");
            self.outbox.push(refused(Some(&cancelled), &refusal));
        }
    }

    /// Takes in something that is no message.
    pub fn receive_malformed(&mut self, reason: &str) {
        self.outbox.push(refused(None, &Refusal::new(Refusal::PARSE_ERROR, reason)));
    }

    /// Deals with the oldest message; `false` if there is none.
    pub fn work(&mut self) -> bool {
        let Some(message) = self.inbox.pop_front() else {
            return false;
        };
        match message {
            Message::Request { id, method, params } => {
                let result = self.guarded(|server| server.request(&method, params));
                self.outbox.push(answer(&id, result));
            }
            Message::Notification { method, params } => {
                if let Err(refusal) = self.guarded(|server| server.notified(&method, params)) {
                    self.log(&format!("{method}: {}", refusal.message));
                }
            }
            Message::Response => {}
            Message::Invalid(id) => {
                let refusal = Refusal::new(Refusal::INVALID_REQUEST, "this is no message");
                self.outbox.push(refused(id.as_ref(), &refusal));
            }
        }
        true
    }

    /// Takes in one message and deals with it and all before it, as if nothing else were to come.
    pub fn handle(&mut self, message: Message) -> Vec<Value> {
        self.receive(message);
        while self.work() {}
        self.take_messages()
    }

    /// Tells the editor what has changed in the findings. For when nothing has arrived for a while.
    pub fn settle(&mut self) {
        self.is_dirty = false;
        if self.stage != Stage::Open {
            return;
        }
        let news = self.guarded(|server| Ok(server.published.refresh(&mut server.desk)));
        match news {
            Ok(news) => {
                for params in news {
                    self.outbox
                        .push(notification("textDocument/publishDiagnostics", &json!(params)));
                }
            }
            Err(refusal) => self.log(&refusal.message),
        }
    }

    /// Whether the editor knows of all findings.
    pub fn is_settled(&self) -> bool {
        self.stage != Stage::Open || !self.is_dirty
    }

    /// What is to be sent, in order.
    pub fn take_messages(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.outbox)
    }

    /// Whether it is over, and then whether it was shut down before.
    pub fn ended(&self) -> Option<bool> {
        match self.stage {
            Stage::Ended { in_order } => Some(in_order),
            _ => None,
        }
    }

    /// Does something of which the server must not die: a fault of ours is said and survived.
    fn guarded<T>(
        &mut self,
        work: impl FnOnce(&mut Server) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let outcome = catch_unwind(AssertUnwindSafe(|| work(self)));
        outcome.unwrap_or_else(|panic| {
            let said = panic.downcast_ref::<String>().map(String::as_str);
            let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("unknown");
            // What was half done is done anew from the texts.
            self.desk.workspace.forget_everything();
            Err(Refusal::new(Refusal::INTERNAL_ERROR, format!("partita is at fault: {said}")))
        })
    }
}

/// The parameters of a message.
pub(super) fn read<T: DeserializeOwned>(params: Value) -> Result<T, Refusal> {
    serde_json::from_value(params)
        .map_err(|error| Refusal::new(Refusal::INVALID_PARAMS, error.to_string()))
}

/// A result as it is sent.
pub(super) fn to_value(result: impl serde::Serialize) -> Result<Value, Refusal> {
    serde_json::to_value(result)
        .map_err(|error| Refusal::new(Refusal::INTERNAL_ERROR, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_ours_is_said_and_survived() {
        let mut server = Server::new(ServerOptions::default());
        let failed: Result<(), Refusal> = server.guarded(|_| panic!("on purpose"));
        let expected = Refusal::new(Refusal::INTERNAL_ERROR, "partita is at fault: on purpose");
        assert_eq!(failed, Err(expected));
        let asked = json!({ "id": 1, "method": "initialize", "params": { "capabilities": {} } });
        let said = server.handle(Message::of(asked));
        assert_eq!(said[0]["result"]["serverInfo"]["name"], "partita");
    }
}
