//! A server under examination: where it is, which models serve as fixtures, and what is known of
//! its settings.

use std::time::Duration;

use serde_json::{Value, json};

use super::assertion::{Verdict, Wrong, failed, not_applicable, status};
use super::http::{Answer, Http, Pending};

/// What is said of a server beforehand; nothing of it can be asked over HTTP.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fixture {
    /// Where it is.
    pub(crate) url: String,
    /// A model that only completes; found by its capabilities where absent.
    pub(crate) completion: Option<String>,
    /// One that thinks and calls tools.
    pub(crate) thinking: Option<String>,
    /// One that makes vectors.
    pub(crate) embedding: Option<String>,
    /// Requests that a loaded model handles at a time (`OLLAMA_NUM_PARALLEL`).
    pub(crate) slots: Option<usize>,
    /// Requests that may wait for a load (`OLLAMA_MAX_QUEUE`).
    pub(crate) queue: Option<usize>,
    /// Models loaded at a time (`OLLAMA_MAX_LOADED_MODELS`).
    pub(crate) loaded_models: Option<usize>,
    /// Whether it does what is wrong on request, see [`Bench::spell`].
    pub(crate) is_scripted: bool,
    /// A server of the same kind that has just been started and is not ready.
    pub(crate) starting: Option<String>,
    /// A server of the same kind on which loads take measurable time.
    pub(crate) timed: Option<String>,
}

/// A server under examination.
pub(crate) struct Bench {
    pub(crate) http: Http,
    pub(crate) fixture: Fixture,
    version: (u32, u32, u32),
    models: [Result<String, String>; 4],
}

impl Bench {
    /// Looks at the server for its version and its models.
    pub(crate) fn new(fixture: Fixture) -> Result<Bench, Wrong> {
        let http = Http::of_url(&fixture.url);
        let version = http.request("GET", "/api/version").answer()?;
        let version = version.json().map(|body| read_version(body["version"].as_str()));
        let listed = http.request("GET", "/api/tags").answer()?;
        let listed = listed.json().unwrap_or_default();
        let names = listed["models"].as_array().into_iter().flatten();
        let names: Vec<&str> = names.filter_map(|model| model["name"].as_str()).collect();
        let can: Vec<(&str, Vec<String>)> =
            names.iter().map(|name| (*name, capabilities(&http, name))).collect();
        let find = |given: &Option<String>, what: &str, has: &[&str], lacks: &[&str]| {
            let fits = |able: &[String]| {
                let is = |wanted: &&&str| able.iter().any(|found| found == **wanted);
                has.iter().all(|wanted| is(&wanted)) && !lacks.iter().any(|wanted| is(&wanted))
            };
            let found = can.iter().find(|(_, able)| fits(able)).map(|(name, _)| (*name).to_owned());
            given.clone().or(found).ok_or_else(|| format!("the server has no model that {what}"))
        };
        let models = [
            find(
                &fixture.completion,
                "completes and neither thinks nor calls tools",
                &["completion"],
                &["tools", "thinking", "embedding", "insert"],
            ),
            find(
                &fixture.thinking,
                "thinks and calls tools",
                &["completion", "tools", "thinking"],
                &[],
            ),
            find(&fixture.embedding, "makes vectors", &["embedding"], &["completion"]),
            find(&fixture.completion, "completes", &["completion"], &["tools", "thinking"])
                .or_else(|_| find(&None, "completes", &["completion"], &[])),
        ];
        Ok(Bench { http, fixture, version: version.unwrap_or_default(), models })
    }

    /// The model that only completes.
    pub(crate) fn c(&self) -> Result<&str, Wrong> {
        self.model(0)
    }

    /// The model that thinks and calls tools.
    pub(crate) fn t(&self) -> Result<&str, Wrong> {
        self.model(1)
    }

    /// The model that makes vectors.
    pub(crate) fn m(&self) -> Result<&str, Wrong> {
        self.model(2)
    }

    /// The model that only completes, or any other that completes.
    pub(crate) fn any(&self) -> Result<&str, Wrong> {
        self.model(3)
    }

    fn model(&self, place: usize) -> Result<&str, Wrong> {
        self.models[place].as_deref().map_err(|why| not_applicable(why.as_str()))
    }

    /// Whether the server is of a version or later.
    pub(crate) fn is_from(&self, version: (u32, u32, u32)) -> bool {
        self.version >= version
    }

    /// Whether each model runs in a `llama-server` of its own (0.30 and later).
    pub(crate) fn has_child_runners(&self) -> bool {
        self.is_from((0, 30, 0))
    }

    /// That the server is of a version or later.
    pub(crate) fn require(&self, version: (u32, u32, u32), why: &str) -> Verdict {
        if self.is_from(version) { Ok(()) } else { Err(not_applicable(why)) }
    }

    /// A message at which a scripted server goes wrong in the named way.
    pub(crate) fn spell(&self, fault: &str) -> Result<String, Wrong> {
        if self.fixture.is_scripted {
            Ok(format!("conformance: {fault}"))
        } else {
            Err(not_applicable("it needs a server that goes wrong on request"))
        }
    }

    pub(crate) fn get(&self, path: &str) -> Result<Answer, Wrong> {
        self.http.request("GET", path).answer()
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Answer, Wrong> {
        self.post_text(path, &body.to_string())
    }

    pub(crate) fn post_text(&self, path: &str, body: &str) -> Result<Answer, Wrong> {
        let request = self.http.request("POST", path);
        request.header("Content-Type", "application/json").body(body).answer()
    }

    pub(crate) fn delete(&self, model: &str) -> Result<Answer, Wrong> {
        let body = json!({ "model": model }).to_string();
        self.http.request("DELETE", "/api/delete").body(body).answer()
    }

    /// Sends a chat without waiting for it.
    pub(crate) fn send(&self, body: &Value) -> Result<Pending, Wrong> {
        self.http.request("POST", "/api/chat").body(body.to_string()).send()
    }

    /// A chat of one message, answered as a whole.
    pub(crate) fn ask(&self, model: &str, more: Value) -> Result<Answer, Wrong> {
        self.post("/api/chat", &chat(model, more))
    }

    /// A chat that must succeed.
    pub(crate) fn asked(&self, model: &str, more: Value) -> Result<Value, Wrong> {
        self.ask(model, more)?.success()
    }

    /// The names that `/api/ps` lists.
    pub(crate) fn loaded(&self) -> Result<Vec<String>, Wrong> {
        let listed = self.get("/api/ps")?.success()?;
        let models = listed["models"].as_array().cloned().unwrap_or_default();
        Ok(models.iter().filter_map(|model| Some(model["name"].as_str()?.to_owned())).collect())
    }

    /// What `/api/ps` says of a model.
    pub(crate) fn resident(&self, model: &str) -> Result<Option<Value>, Wrong> {
        let listed = self.get("/api/ps")?.success()?;
        let models = listed["models"].as_array().cloned().unwrap_or_default();
        Ok(models.into_iter().find(|found| is_name(found["name"].as_str(), model)))
    }

    /// Unloads a model and waits until it is gone.
    pub(crate) fn unload(&self, model: &str) -> Verdict {
        let answer = self.post("/api/generate", &json!({ "model": model, "keep_alive": 0 }))?;
        status(&answer, 200)?;
        self.until_gone(model)
    }

    /// Waits until a model is no longer listed as loaded.
    pub(crate) fn until_gone(&self, model: &str) -> Verdict {
        for _ in 0..600 {
            if self.resident(model)?.is_none() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err(failed(format!(
            "expected {model} to be unloaded; /api/ps lists it half a minute later"
        )))
    }

    /// Unloads every model.
    pub(crate) fn unload_all(&self) -> Verdict {
        self.loaded()?.iter().try_for_each(|model| self.unload(model))
    }

    /// The longest `load_duration` of a call whose model is there, in nanoseconds: between what a
    /// load of this model takes and what none takes.
    pub(crate) fn hot_at_most(&self, model: &str) -> Result<u64, Wrong> {
        self.unload(model)?;
        let load = |answer: Value| answer["load_duration"].as_u64().unwrap_or(0);
        let cold = load(self.asked(model, json!({}))?);
        let hot = load(self.asked(model, json!({}))?);
        if cold > hot.saturating_mul(4) {
            return Ok(hot + (cold - hot) / 3);
        }
        Err(failed(format!(
            "expected `load_duration` to tell a load from none; came {cold} ns and {hot} ns"
        )))
    }
}

/// The body of a chat of one message, without a stream or thinking, and short, unless `more` says otherwise.
pub(crate) fn chat(model: &str, more: Value) -> Value {
    let mut body = json!({
        "model": model,
        "messages": [{ "role": "user", "content": "Say in one sentence what a partita is." }],
        "stream": false,
        "think": false,
        "options": { "num_predict": 24 },
    });
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    body
}

/// What is said of one message, for `more`.
pub(crate) fn saying(text: &str) -> Value {
    json!([{ "role": "user", "content": text }])
}

/// Whether a listed name is that of a model, however that is spelled.
pub(crate) fn is_name(listed: Option<&str>, model: &str) -> bool {
    let tagged = if model.contains(':') { model.to_owned() } else { format!("{model}:latest") };
    listed.is_some_and(|listed| listed.eq_ignore_ascii_case(&tagged))
}

fn capabilities(http: &Http, model: &str) -> Vec<String> {
    let body = json!({ "model": model }).to_string();
    let shown = http.request("POST", "/api/show").body(body).answer();
    let shown = shown.and_then(|answer| answer.json()).unwrap_or_default();
    let list = shown["capabilities"].as_array().cloned().unwrap_or_default();
    list.iter().filter_map(|able| Some(able.as_str()?.to_owned())).collect()
}

fn read_version(text: Option<&str>) -> (u32, u32, u32) {
    let mut numbers = text.unwrap_or_default().split(['.', '-', '+']).map(|part| part.parse().ok());
    let mut next = || numbers.next().flatten().unwrap_or(0);
    (next(), next(), next())
}
