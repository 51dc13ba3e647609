//! `options`: which ones there are, what types they have, and which of them decide whether a
//! loaded model has to be loaded again (`ollama-protocol.md`, A2 and B3).

use serde_json::{Map, Value};

use super::errors::ApiError;

/// The options of one request that mean something to the simulator.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Options {
    /// The context window asked for.
    pub(super) num_ctx: Option<i64>,
    /// The seed of the answer.
    pub(super) seed: Option<i64>,
    /// The most tokens that the answer may have; negative is no limit.
    pub(super) num_predict: Option<i64>,
    /// Prompt tokens that are kept at the front when the prompt is cut.
    pub(super) num_keep: Option<i64>,
    /// Texts that end the answer.
    pub(super) stop: Vec<String>,
    /// The other options that are fixed when a model is loaded, by name.
    load: Vec<(&'static str, i64)>,
}

/// What a runner was started with. Any difference means that the model is loaded again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LoadOptions {
    /// The context window, as it is after its limits were applied.
    pub(super) window: u32,
    /// Whether a full window makes room for more by dropping its oldest part.
    pub(super) shift: bool,
    /// Layers on the GPU; absent leaves it to the server.
    num_gpu: Option<i64>,
    /// The rest, sorted by name.
    others: Vec<(&'static str, i64)>,
}

enum Kind {
    Integer,
    Float,
    Boolean,
    Strings,
}

const KINDS: [(&str, Kind); 20] = [
    ("num_ctx", Kind::Integer),
    ("num_batch", Kind::Integer),
    ("num_gpu", Kind::Integer),
    ("main_gpu", Kind::Integer),
    ("use_mmap", Kind::Boolean),
    ("num_thread", Kind::Integer),
    ("draft_num_predict", Kind::Integer),
    ("num_keep", Kind::Integer),
    ("seed", Kind::Integer),
    ("num_predict", Kind::Integer),
    ("temperature", Kind::Float),
    ("top_k", Kind::Integer),
    ("top_p", Kind::Float),
    ("min_p", Kind::Float),
    ("typical_p", Kind::Float),
    ("repeat_last_n", Kind::Integer),
    ("repeat_penalty", Kind::Float),
    ("presence_penalty", Kind::Float),
    ("frequency_penalty", Kind::Float),
    ("stop", Kind::Strings),
];

impl Options {
    /// Reads the object. Unknown names are ignored; a wrong type is a 500, as in Ollama.
    pub(super) fn read(given: &Map<String, Value>) -> Result<Options, ApiError> {
        let mut options = Options::default();
        for (name, value) in given {
            let Some((name, kind)) = KINDS.iter().find(|(known, _)| known == name) else {
                continue;
            };
            if value.is_null() {
                continue;
            }
            match kind {
                Kind::Integer => options.set(name, integer(name, value)?),
                Kind::Boolean => {
                    let truth = value.as_bool().ok_or_else(|| wrong(name, "boolean"))?;
                    options.set(name, i64::from(truth));
                }
                Kind::Float if value.is_number() => {}
                Kind::Float => return Err(wrong(name, "float32")),
                Kind::Strings => options.stop = strings(name, value)?,
            }
        }
        Ok(options)
    }

    fn set(&mut self, name: &'static str, value: i64) {
        match name {
            "num_ctx" => self.num_ctx = Some(value),
            "seed" => self.seed = Some(value),
            "num_predict" => self.num_predict = Some(value),
            "num_keep" => self.num_keep = Some(value),
            "num_batch" | "num_gpu" | "main_gpu" | "use_mmap" | "num_thread"
            | "draft_num_predict" => self.load.push((name, value)),
            // What steers sampling changes nothing here: no model samples.
            _ => {}
        }
    }

    /// What the model has to be loaded with for this request.
    pub(super) fn load(&self, limits: WindowLimits, shift: bool) -> LoadOptions {
        let mut num_gpu = None;
        let mut others = Vec::new();
        for &(name, value) in &self.load {
            match name {
                "num_gpu" => num_gpu = (value >= 0).then_some(value),
                _ => others.push((name, value)),
            }
        }
        others.sort_unstable();
        LoadOptions { window: limits.window(self.num_ctx), shift, num_gpu, others }
    }
}

impl LoadOptions {
    /// Whether a runner started with these can serve a request for `wanted`. An unset `num_gpu`
    /// never forces a reload.
    pub(super) fn serve(&self, wanted: &LoadOptions) -> bool {
        self.window == wanted.window
            && self.shift == wanted.shift
            && self.others == wanted.others
            && (wanted.num_gpu.is_none() || wanted.num_gpu == self.num_gpu)
    }
}

/// What bounds a context window.
#[derive(Debug, Clone, Copy)]
pub(super) struct WindowLimits {
    /// The server's default.
    pub(super) default: u32,
    /// What the model was trained with.
    pub(super) trained: u32,
    /// The least that the model works with.
    pub(super) least: u32,
}

impl WindowLimits {
    fn window(self, asked: Option<i64>) -> u32 {
        let asked = match asked {
            Some(asked) if asked > 0 => u32::try_from(asked).unwrap_or(u32::MAX),
            Some(_) => self.least,
            None => self.default,
        };
        asked.max(self.least).min(self.trained.max(4))
    }
}

/// Floats are cut to whole numbers, as Ollama does.
fn integer(name: &str, value: &Value) -> Result<i64, ApiError> {
    let number = value.as_f64().ok_or_else(|| wrong(name, "integer"))?;
    #[expect(clippy::cast_possible_truncation, reason = "floats are cut on purpose")]
    let cut = number as i64;
    Ok(value.as_i64().unwrap_or(cut))
}

fn strings(name: &str, value: &Value) -> Result<Vec<String>, ApiError> {
    let items = value.as_array().ok_or_else(|| wrong(name, "array"))?;
    items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<_>>().ok_or_else(
        || ApiError::internal(format!("option \"{name}\" must be of an array of strings")),
    )
}

fn wrong(name: &str, kind: &str) -> ApiError {
    ApiError::internal(format!("option \"{name}\" must be of type {kind}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const LIMITS: WindowLimits = WindowLimits { default: 4096, trained: 8192, least: 4 };

    fn load(given: &Value) -> LoadOptions {
        let options = Options::read(given.as_object().unwrap()).unwrap();
        options.load(LIMITS, true)
    }

    #[test]
    fn wrong_types_are_500() {
        for (given, text) in [
            (json!({"num_ctx": "big"}), "option \"num_ctx\" must be of type integer"),
            (json!({"temperature": "hot"}), "option \"temperature\" must be of type float32"),
            (json!({"use_mmap": 1}), "option \"use_mmap\" must be of type boolean"),
            (json!({"stop": "\n"}), "option \"stop\" must be of type array"),
            (json!({"stop": [1]}), "option \"stop\" must be of an array of strings"),
        ] {
            let error = Options::read(given.as_object().unwrap()).unwrap_err();
            assert_eq!((error.status.as_u16(), error.message.as_str()), (500, text));
        }
    }

    #[test]
    fn unknown_names_and_nulls_are_ignored() {
        let given = json!({"colour": "red", "num_ctx": null, "seed": 4.9});
        let options = Options::read(given.as_object().unwrap()).unwrap();
        assert_eq!((options.num_ctx, options.seed), (None, Some(4)));
    }

    /// The sequence of requests that was measured (B3): each after the one before.
    #[test]
    fn reloads_are_forced_as_measured() {
        let mut loaded = load(&json!({}));
        for (given, reload) in [
            (json!({"num_ctx": 1024}), true),
            (json!({"num_ctx": 1024}), false),
            (json!({}), true),
            (json!({"temperature": 1, "seed": 1, "num_predict": 1, "top_k": 1}), false),
            (json!({"num_keep": 9, "stop": ["x"]}), false),
            (json!({"num_batch": 256}), true),
            (json!({}), true),
            (json!({"num_gpu": 0}), true),
            (json!({}), false),
            (json!({"num_thread": 2}), true),
            (json!({"use_mmap": false}), true),
            (json!({"main_gpu": 1}), true),
            (json!({}), true),
            (json!({"draft_num_predict": 2}), true),
            (json!({"num_ctx": 8192}), true),
            (json!({"num_ctx": 99_999}), false),
        ] {
            let wanted = load(&given);
            assert_eq!(!loaded.serve(&wanted), reload, "{given}");
            if reload {
                loaded = wanted;
            }
        }
        let mut other = loaded.clone();
        other.shift = false;
        assert!(!loaded.serve(&other));
    }

    #[test]
    fn windows_are_clamped() {
        assert_eq!(LIMITS.window(None), 4096);
        assert_eq!(LIMITS.window(Some(1)), 4);
        assert_eq!(LIMITS.window(Some(-1)), 4);
        assert_eq!(LIMITS.window(Some(1 << 40)), 8192);
    }
}
