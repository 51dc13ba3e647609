//! Requests without a prompt: they load a model, or unload it.

use axum::http::StatusCode;
use axum::response::Response;

use super::assignment::Assignment;
use super::errors::{self, ApiError};
use super::faults::Wanted;
use super::json;
use super::keep_alive::KeepAlive;
use super::lines::{Done, Part, Writer};
use super::scheduler::Loading;
use super::server::Wish;
use super::visit::Visit;

/// Loads the model and keeps it as long as the request says; with `keep_alive` 0 unloads it.
pub(super) async fn without_prompt(mut visit: Visit, task: Assignment) -> Response {
    let reason = if task.keep_alive.is_some_and(KeepAlive::is_zero) {
        visit.server.scheduler.expire(&task.model);
        "unload"
    } else {
        if let Err(error) = load(&mut visit, &task).await {
            return visit.refuse(error);
        }
        "load"
    };
    let writer = Writer {
        shape: task.shape,
        model: json::string(&task.spelled),
        clock: visit.server.shared.clock.clone(),
        context: None,
        logprobs: None,
    };
    let mut body = String::new();
    writer.object(&mut body, Part::default(), &Done::Managed(reason));
    visit.answer(errors::respond(StatusCode::OK, body))
}

async fn load(visit: &mut Visit, task: &Assignment) -> Result<(), ApiError> {
    let fault = visit.meet(&task.model.name.key(), Wanted::Load, &|_| false);
    let slow = visit.suffer(fault.as_ref()).await?;
    let wish = Wish {
        keep_alive: task.keep_alive,
        shift: task.shift,
        slow,
        loading: Loading::of(fault.as_ref()),
    };
    let call = visit.server.call(&task.model, &task.options, wish);
    visit.hold(call).await.map(drop)
}
