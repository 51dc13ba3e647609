//! Calls of servers as tokio tasks.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use super::messages::{Ended, Message};
use super::talk::{Resumed, Talk};
use crate::engine::content::{Asked, ContentError};
use crate::engine::{AttemptId, Call, Failure, FailureClass, ServerId, Usage};
use crate::language::document::HumanDuration;
use crate::runtime::clock::Clock;
use crate::runtime::cluster::{ChatCall, Ollama, Warming};
use crate::runtime::tools::ToolHouse;

/// Between two reports of a call's progress.
pub(super) const REPORT_EVERY: Duration = Duration::from_millis(100);

/// A call that has been ordered: what is asked is put together where calls are made.
pub(super) struct Order {
    /// The call, but for its request.
    pub(super) call: Call,
    pub(super) server: Ollama,
    pub(super) asked: Asked,
    /// The task's address.
    pub(super) task: String,
    pub(super) keep_alive: Option<HumanDuration>,
    pub(super) tools: Arc<ToolHouse>,
    pub(super) resumed: Option<Resumed>,
}

impl Order {
    fn job(self) -> Result<Job, ContentError> {
        let Order { call, server, asked, task, keep_alive, tools, resumed } = self;
        let Call { attempt, model, seed, num_ctx, window, .. } = call;
        let call = ChatCall {
            task,
            attempt: attempt.number,
            model,
            request: asked.request()?,
            seed,
            window: num_ctx,
            keep_alive,
            tools: Vec::new(),
        };
        Ok(Job { attempt, server, call, window, tools, resumed })
    }
}

/// A call with where it goes.
pub(super) struct Job {
    pub(super) attempt: AttemptId,
    pub(super) server: Ollama,
    pub(super) call: ChatCall,
    /// The window that the model has there, in tokens, as far as is known.
    pub(super) window: Option<u32>,
    /// The tools of the run.
    pub(super) tools: Arc<ToolHouse>,
    /// The talk that goes on, where a person was asked in the middle of it.
    pub(super) resumed: Option<Resumed>,
}

/// Makes a call and reports it. Dropping the future breaks the call off.
pub(super) async fn make(order: Order, clock: Clock, messages: UnboundedSender<Message>) {
    let attempt = order.call.attempt;
    let sent = clock.now();
    let job = match order.job() {
        Ok(job) => job,
        Err(error) => {
            let failure = Failure::new(FailureClass::Internal, error.to_string());
            let (result, spent) = (Err(failure.into()), Usage::default());
            let ended = Ended { attempt, result, first_token_us: 0, spent };
            let _ = messages.send(Message::Ended(ended));
            return;
        }
    };
    let talk = Talk::new(job, clock, messages.clone());
    let (result, first, spent) = talk.answer().await;
    let first_token = first.unwrap_or_else(|| clock.now()).since(sent);
    let _ = messages.send(Message::Ended(Ended {
        attempt,
        result,
        first_token_us: u64::try_from(first_token.as_micros()).unwrap_or(u64::MAX),
        spent,
    }));
}

/// Has a model loaded, and looks at the server when it is there or could not be loaded: a task that
/// asks it will tell what is wrong.
pub(super) async fn warm(
    id: ServerId,
    server: Ollama,
    warming: Warming,
    look_timeout: Duration,
    messages: UnboundedSender<Message>,
) {
    server.warm(&warming).await;
    look(id, server, look_timeout, messages).await;
}

/// Looks at a server and reports it.
pub(super) async fn look(
    id: ServerId,
    server: Ollama,
    timeout: Duration,
    messages: UnboundedSender<Message>,
) {
    let report = server.look(timeout).await;
    let _ = messages.send(Message::Observed(id, Box::new(report)));
}
