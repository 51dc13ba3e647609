//! How often a task is tried, behind which failures, and how long is waited between.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::HumanDuration;
use super::duration::DurationError;

/// How often a task is tried and how long is waited between.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// Attempts in all, the first one among them. Default 3. Moving to another server because
    /// one is gone is no attempt, and waiting for one that has too much to do is none either.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub max_attempts: Option<u32>,
    /// The pause before the second attempt and the longest one, doubling between. Default 1s..30s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backoff: Option<Backoff>,
    /// The classes of failure behind which a task is tried again. Default: all of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), extend("uniqueItems" = true), example = &["stalled", "malformed"])]
    pub classes: Option<BTreeSet<RetriedClass>>,
}

impl Retry {
    /// This policy, with that of `nearer` in its place where it says something.
    #[must_use]
    pub fn overridden_by(&self, nearer: &Retry) -> Retry {
        Retry {
            max_attempts: nearer.max_attempts.or(self.max_attempts),
            backoff: nearer.backoff.or(self.backoff),
            classes: nearer.classes.clone().or_else(|| self.classes.clone()),
        }
    }
}

/// A class of failure behind which a task may be tried again. Moving away from a server that is
/// gone, and waiting for one that has too much to do, are no attempts and not chosen here.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RetriedClass {
    /// The model's runner died.
    Crashed,
    /// The model could not be loaded.
    LoadFailed,
    /// The server failed in another way.
    ServerError,
    /// What the server sent is not its protocol.
    Garbage,
    /// The answer ended without its end mark.
    Incomplete,
    /// The model was not loaded in time.
    LoadTimeout,
    /// No first token in time.
    FirstTokenTimeout,
    /// No further token in time.
    Stalled,
    /// The attempt took too long in all.
    TotalTimeout,
    /// The answer does not conform to its type.
    Malformed,
    /// What an agent planned does not hold.
    InvalidPlan,
    /// The model called a tool instead of answering.
    ToolCall,
    /// The answer is empty.
    Empty,
    /// An answer with a type was cut at its greatest length, or any in mid-thought.
    CutByLength,
    /// A tool that a task calls said that it failed.
    ToolFailed,
    /// Nobody knows whether a tool that a task called was done. It is called again only where this class
    /// is chosen, or where the tool changes nothing.
    ToolLost,
}

/// Pauses between attempts, `1s..30s`: from the first to the longest, doubling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Before the second attempt.
    pub first: Duration,
    /// No pause is longer.
    pub longest: Duration,
}

impl FromStr for Backoff {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (first, longest) = text.split_once("..").unwrap_or((text, text));
        let first: HumanDuration = first.parse()?;
        let longest: HumanDuration = longest.parse()?;
        Ok(Backoff { first: first.0, longest: longest.0.max(first.0) })
    }
}

impl fmt::Display for Backoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", HumanDuration(self.first), HumanDuration(self.longest))
    }
}

impl<'de> Deserialize<'de> for Backoff {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Backoff {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Backoff {
    fn schema_name() -> Cow<'static, str> {
        "Backoff".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let duration = super::duration::DURATION_PATTERN.trim_matches(['^', '$']);
        json_schema!({
            "type": "string",
            "description": "The first and the longest pause, `1s..30s`; each pause is twice the \
                one before.",
            "format": "backoff",
            "pattern": format!(r"^{duration}(\.\.{duration})?$"),
            "minLength": 2,
            "examples": ["1s..30s", "500ms..10s", "5s"],
        })
    }
}
