//! `POST /api/chat`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;

use crate::language::document::simulation::Capability;

use super::asking::{self, Unknown};
use super::assignment::Assignment;
use super::errors::ApiError;
use super::fields::Fields;
use super::format::Format;
use super::lines::Shape;
use super::manage;
use super::messages::{Message, Tools};
use super::options::Options;
use super::prompt::Earlier;
use super::server::Server;
use super::visit::Visit;
use super::work;

/// Answers a conversation, or loads or unloads a model where it has no messages.
pub(super) async fn chat(State(server): State<Arc<Server>>, request: Request<Body>) -> Response {
    let mut visit = match Visit::open(server, request).await {
        Ok(visit) => visit,
        Err(response) => return response,
    };
    visit.is_work();
    let assignment = match read(&mut visit) {
        Ok(assignment) => assignment,
        Err(error) => return visit.refuse(error),
    };
    if assignment.messages.is_empty() {
        return manage::without_prompt(visit, assignment).await;
    }
    work::perform(visit, assignment).await
}

fn read(visit: &mut Visit) -> Result<Assignment, ApiError> {
    let mut fields = Fields::read(&visit.body, "ChatRequest")?;
    let spelled = fields.string("model")?;
    visit.asks_for(&spelled);
    let messages = Message::read_all(&mut fields)?;
    let tools = Tools::read(&mut fields)?;
    let common = asking::Common::read(&mut fields)?;
    let logprobs = asking::logprobs(&mut fields)?;
    let format = Format::read(fields.take("format"));
    let options = fields.object("options")?;

    let model = asking::find(&visit.server, &spelled, Unknown::Chat)?;
    if !tools.offered.is_empty() && !model.can(Capability::Tools) {
        return Err(ApiError::bad_request(format!("{} does not support tools", model.name.full())));
    }
    let shift = common.shift(&model);
    let thinks = asking::thinks(&visit.server, &model, &spelled, common.think.as_ref())?;
    let purpose = common.purpose(!messages.is_empty(), "chat");
    asking::require_completion(&model, &spelled, purpose)?;
    Ok(Assignment {
        shape: Shape::Chat,
        model,
        spelled,
        messages,
        earlier: Earlier::default(),
        raw: false,
        tools,
        format,
        options: Options::read(&options)?,
        keep_alive: common.keep_alive,
        stream: common.stream,
        thinks,
        truncate: common.truncate,
        shift,
        logprobs,
    })
}
