//! Loading a model before anything is asked of it.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Map, Value};

use super::chat::go_duration;
use super::client::Ollama;
use crate::language::document::HumanDuration;

/// A model to load, as the calls that follow will ask for it: with another window the server would
/// load it again.
#[derive(Debug, Clone, PartialEq)]
pub struct Warming {
    /// The model.
    pub model: String,
    /// The window that calls ask for, in tokens.
    pub num_ctx: Option<u32>,
    /// How long it stays loaded when nothing is asked.
    pub keep_alive: Option<HumanDuration>,
    /// How long the load may take.
    pub timeout: Duration,
}

impl Ollama {
    /// Has the server load a model. Whether it could shows when one looks at it.
    pub async fn warm(&self, warming: &Warming) {
        let mut body = Map::from_iter([("model".to_owned(), Value::from(warming.model.as_str()))]);
        if let Some(window) = warming.num_ctx {
            body.insert("options".to_owned(), serde_json::json!({ "num_ctx": window }));
        }
        if let Some(time) = warming.keep_alive {
            body.insert("keep_alive".to_owned(), go_duration(time.0).into());
        }
        // A generation without a prompt loads the model and does nothing else.
        let body = Value::Object(body);
        let _ = self.send(Method::POST, "/api/generate", Some(&body), warming.timeout).await;
    }
}
