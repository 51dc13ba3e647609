//! How a task is to be asked: model options, time limits, retries, and what a failure means.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{HumanDuration, ModelsByComplexity, Retry};

/// Options of a model call, as Ollama names them. What is absent is left to the server.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelOptions {
    /// The context window in tokens. A change of it reloads the model, so keep it the same for
    /// all agents that share a model.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 256), example = 8192)]
    pub num_ctx: Option<u32>,
    /// The most tokens an answer may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), example = 1024)]
    pub num_predict: Option<u32>,
    /// How freely words are chosen: 0 is always the likeliest word.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 5.0), example = 0.2)]
    pub temperature: Option<f64>,
    /// Choose among the likeliest words that together have this probability.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub top_p: Option<f64>,
    /// Choose among so many likeliest words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_k: Option<u32>,
    /// Leave out words less likely than this share of the likeliest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min_p: Option<f64>,
    /// How strongly repetition is discouraged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 5.0))]
    pub repeat_penalty: Option<f64>,
    /// The seed of this agent's answers. `--seed` on the command line sets one for every task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u32>,
    /// Texts that end an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop: Option<Vec<String>>,
}

impl ModelOptions {
    /// These options, with those of `nearer` in their place where it has them.
    #[must_use]
    pub fn overridden_by(&self, nearer: &ModelOptions) -> ModelOptions {
        ModelOptions {
            num_ctx: nearer.num_ctx.or(self.num_ctx),
            num_predict: nearer.num_predict.or(self.num_predict),
            temperature: nearer.temperature.or(self.temperature),
            top_p: nearer.top_p.or(self.top_p),
            top_k: nearer.top_k.or(self.top_k),
            min_p: nearer.min_p.or(self.min_p),
            repeat_penalty: nearer.repeat_penalty.or(self.repeat_penalty),
            seed: nearer.seed.or(self.seed),
            stop: nearer.stop.clone().or_else(|| self.stop.clone()),
        }
    }
}

/// Time limits of a task. A plain duration is the total.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Timeouts {
    /// One attempt, from sending it to its last word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<HumanDuration>,
    /// Waiting for a free server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<HumanDuration>,
    /// Loading the model, where it is not resident.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load: Option<HumanDuration>,
    /// From sending an attempt, or from the end of the load, to its first token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_token: Option<HumanDuration>,
    /// Between two tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silence: Option<HumanDuration>,
}

impl Timeouts {
    /// These limits, with those of `nearer` in their place where it has them.
    #[must_use]
    pub fn overridden_by(&self, nearer: &Timeouts) -> Timeouts {
        Timeouts {
            total: nearer.total.or(self.total),
            queue: nearer.queue.or(self.queue),
            load: nearer.load.or(self.load),
            first_token: nearer.first_token.or(self.first_token),
            silence: nearer.silence.or(self.silence),
        }
    }
}

/// The mapping form of [`Timeouts`].
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TimeoutLimits")]
struct TimeoutLimits {
    /// One attempt, from sending it to its last word. Default 30m.
    total: Option<HumanDuration>,
    /// Waiting for a free server. No limit by default.
    queue: Option<HumanDuration>,
    /// Loading the model, where it is not resident. Default 5m.
    load: Option<HumanDuration>,
    /// From sending an attempt, or from the end of the load, to its first token. Default 2m.
    first_token: Option<HumanDuration>,
    /// Between two tokens. Default 60s.
    silence: Option<HumanDuration>,
}

impl<'de> Deserialize<'de> for Timeouts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Value::deserialize(deserializer)?;
        if written.is_string() {
            let total = serde_json::from_value(written).map_err(serde::de::Error::custom)?;
            return Ok(Timeouts { total: Some(total), ..Timeouts::default() });
        }
        let limits: TimeoutLimits =
            serde_json::from_value(written).map_err(serde::de::Error::custom)?;
        let TimeoutLimits { total, queue, load, first_token, silence } = limits;
        Ok(Timeouts { total, queue, load, first_token, silence })
    }
}

impl JsonSchema for Timeouts {
    fn schema_name() -> Cow<'static, str> {
        "Timeouts".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let total = generator.subschema_for::<HumanDuration>();
        let limits = generator.subschema_for::<TimeoutLimits>();
        json_schema!({
            "description": "Time limits: a duration is the limit of one attempt, a mapping sets \
                each clock.",
            "anyOf": [total, limits],
            "examples": ["10m", { "total": "10m", "first_token": "2m", "silence": "60s" }],
        })
    }
}

/// What a task's failure means for the rest.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// The run fails.
    #[default]
    Fail,
    /// The run goes on; tasks that cannot do without this one's output are skipped.
    Continue,
    /// This value takes the place of the output, and the run goes on.
    Fallback(Value),
}

/// An expression of the template language, bare or as one whole `{{ … }}`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Condition(pub String);

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Condition(text)),
            Value::Bool(value) => Ok(Condition(value.to_string())),
            other => Err(serde::de::Error::custom(format!("`{other}` is not an expression"))),
        }
    }
}

impl JsonSchema for Condition {
    fn schema_name() -> Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "boolean"],
            "minLength": 1,
            "description": "An expression that is true or false, without braces.",
            "examples": ["tasks.go_no_go.choice == 'go'", "tasks.review.output.score >= 7"],
        })
    }
}

/// What holds for every task that does not say otherwise.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// The model that is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"llama3.1:8b")]
    pub model: Option<String>,
    /// The models that are asked for tasks that say how hard they are (`complexity`), before that of the agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub models: Option<ModelsByComplexity>,
    /// Options of every model call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<ModelOptions>,
    /// Time limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Timeouts>,
    /// Retries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// Whether answers may serve later runs that are started with `--cache`. Default true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<bool>,
    /// Whether second attempts may be begun beside those that take unusually long, where the cluster
    /// hedges. Default true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hedge: Option<bool>,
}
