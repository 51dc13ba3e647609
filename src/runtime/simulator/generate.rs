//! `POST /api/generate`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;

use crate::language::digest::FullHash;
use crate::language::document::simulation::Capability;

use super::asking::{self, Unknown};
use super::assignment::Assignment;
use super::errors::ApiError;
use super::fields::Fields;
use super::format::Format;
use super::json;
use super::lines::Shape;
use super::manage;
use super::messages::{self, Message, Tools};
use super::options::Options;
use super::prompt::Earlier;
use super::server::Server;
use super::visit::Visit;
use super::work;

/// Continues a text, or loads or unloads a model where there is none.
pub(super) async fn generate(
    State(server): State<Arc<Server>>,
    request: Request<Body>,
) -> Response {
    let mut visit = match Visit::open(server, request).await {
        Ok(visit) => visit,
        Err(response) => return response,
    };
    visit.is_work();
    let assignment = match read(&mut visit) {
        Ok(assignment) => assignment,
        Err(error) => return visit.refuse(error),
    };
    let nothing = |message: &Message| message.content.is_empty();
    if assignment.messages.last().is_none_or(nothing) {
        return manage::without_prompt(visit, assignment).await;
    }
    work::perform(visit, assignment).await
}

fn read(visit: &mut Visit) -> Result<Assignment, ApiError> {
    let mut fields = Fields::read(&visit.body, "GenerateRequest")?;
    let spelled = fields.string("model")?;
    visit.asks_for(&spelled);
    let prompt = fields.string("prompt")?;
    let suffix = fields.string("suffix")?;
    let system = fields.string("system")?;
    let template = fields.string("template")?;
    let raw = fields.boolean("raw")?.unwrap_or(false);
    let context = fields.list("context", "int")?;
    let images = messages::read_images(&mut fields)?;
    let common = asking::Common::read(&mut fields)?;
    let logprobs = asking::logprobs(&mut fields)?;
    let format = Format::read(fields.take("format"));
    let options = fields.object("options")?;

    let model = asking::find(&visit.server, &spelled, Unknown::Generate)?;
    if raw && !(template.is_empty() && system.is_empty() && context.is_empty()) {
        return Err(ApiError::bad_request(
            "raw mode does not support template, system, or context",
        ));
    }
    if !suffix.is_empty() && !model.can(Capability::Insert) {
        return Err(ApiError::bad_request(format!(
            "{} does not support insert",
            model.name.full()
        )));
    }
    let shift = common.shift(&model);
    let thinks = asking::thinks(&visit.server, &model, &spelled, common.think.as_ref())?;
    let purpose = common.purpose(!prompt.is_empty(), "generate");
    asking::require_completion(&model, &spelled, purpose)?;
    let mut messages = Vec::with_capacity(2);
    // The template is part of what the model reads, and so is the text that is to follow.
    let system = system + &template;
    if !system.is_empty() {
        messages.push(Message::text("system", system));
    }
    messages.push(Message { role: "user".into(), content: prompt, images, rest: suffix });
    Ok(Assignment {
        shape: Shape::Generate,
        model,
        spelled,
        messages,
        earlier: earlier(&context),
        raw,
        tools: Tools::default(),
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

fn earlier(context: &[serde_json::Value]) -> Earlier {
    if context.is_empty() {
        return Earlier::default();
    }
    let mut text = String::new();
    for number in context {
        json::push_value(&mut text, number);
        text.push(' ');
    }
    Earlier {
        tokens: u32::try_from(context.len()).unwrap_or(u32::MAX),
        mark: FullHash::of(text.as_bytes()).hex(),
    }
}
