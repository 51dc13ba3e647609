//! Started clusters, driven over HTTP as any client would.

mod answers;
mod chatting;
mod embedding;
mod faulty;
mod lifetime;
mod protocol;
mod python;
mod scheduling;
mod speed;

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use super::{Outcome, RequestRecord, ServerStatistics, SimulatedCluster};
use crate::language::document::simulation::{Capability, Profile, SimulatedModel, SimulatedServer};

/// A started cluster and a client.
struct Bench {
    cluster: SimulatedCluster,
    client: Client,
}

/// An answer, read to its end.
#[derive(Debug)]
struct Answer {
    status: u16,
    content_type: String,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    fn error(&self) -> (u16, String) {
        (self.status, self.json()["error"].as_str().unwrap().to_owned())
    }

    fn lines(&self) -> Vec<Value> {
        let lines = self.text.lines();
        lines.map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn last(&self) -> Value {
        self.lines().pop().unwrap()
    }

    /// All lines' contents, one after the other.
    fn content(&self) -> String {
        self.lines().iter().map(content).collect()
    }
}

fn content(line: &Value) -> String {
    line["message"]["content"].as_str().unwrap_or_default().to_owned()
}

/// A profile in which nothing waits: a model that chats (`c`), one that thinks and calls tools
/// (`t`), one that makes vectors (`m`); two servers.
fn profile() -> Profile {
    let model = |name: &str, capabilities: &[Capability]| SimulatedModel {
        name: name.into(),
        size_gigabytes: 1.0,
        capabilities: capabilities.to_vec(),
        ..SimulatedModel::default()
    };
    Profile {
        time_scale: 0.0,
        servers: vec![SimulatedServer::named("one"), SimulatedServer::named("two")],
        models: vec![
            model("c", &[Capability::Completion]),
            model(
                "t:1b",
                &[
                    Capability::Completion,
                    Capability::Tools,
                    Capability::Thinking,
                    Capability::Insert,
                ],
            ),
            model("m", &[Capability::Embedding]),
        ],
        ..Profile::default()
    }
}

impl Bench {
    async fn start(profile: Profile) -> Bench {
        Bench {
            cluster: SimulatedCluster::start(profile).await.unwrap(),
            client: Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// The default profile with some changes.
    async fn with(change: impl FnOnce(&mut Profile)) -> Bench {
        let mut profile = profile();
        change(&mut profile);
        Bench::start(profile).await
    }

    fn url(&self, server: usize, path: &str) -> String {
        format!("{}{path}", self.cluster.servers()[server].url)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(0, path))
    }

    async fn get(&self, path: &str) -> Answer {
        read(self.request(Method::GET, path)).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_text(path, &body.to_string()).await
    }

    async fn post_text(&self, path: &str, body: &str) -> Answer {
        read(self.request(Method::POST, path).body(body.to_owned())).await
    }

    /// A request for a chat, not sent yet.
    fn chat_request(&self, server: usize, body: &Value) -> RequestBuilder {
        self.client.post(self.url(server, "/api/chat")).body(body.to_string())
    }

    /// A chat of one message, without a stream; `more` are further fields.
    async fn ask(&self, model: &str, more: Value) -> Answer {
        read(self.chat_request(0, &chat(model, more))).await
    }

    fn records(&self) -> Vec<RequestRecord> {
        self.cluster.requests()
    }

    fn statistics(&self) -> ServerStatistics {
        self.cluster.statistics().remove(0)
    }

    /// The names that `/api/ps` lists.
    async fn loaded(&self) -> Vec<String> {
        let listed = self.get("/api/ps").await.json();
        let models = listed["models"].as_array().unwrap();
        models.iter().map(|model| model["name"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits until something is true, as long as a very slow machine may take.
    async fn until(&self, what: &str, is_true: impl Fn(&Bench) -> bool) {
        for _ in 0..10_000 {
            if is_true(self) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        panic!("never: {what}");
    }

    /// Waits until so many of the requests so far have ended so.
    async fn until_ended(&self, outcome: Outcome, count: usize) {
        self.until("the requests end", |bench| {
            let records = bench.records();
            records.iter().filter(|record| record.outcome == outcome).count() >= count
        })
        .await;
    }
}

async fn read(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    Answer {
        status: response.status().as_u16(),
        content_type: response
            .headers()
            .get("content-type")
            .map_or(String::new(), |value| value.to_str().unwrap().to_owned()),
        text: response.text().await.unwrap(),
    }
}

/// The body of a chat of one message, without a stream unless `more` says so.
fn chat(model: &str, more: Value) -> Value {
    let mut body = json!({
        "model": model,
        "messages": [{"role": "user", "content": "What is to be done?"}],
        "stream": false,
    });
    if let Value::Object(more) = more {
        body.as_object_mut().unwrap().extend(more);
    }
    body
}
