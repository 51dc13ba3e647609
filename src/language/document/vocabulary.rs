//! The `vocabulary:` document: what the advisor knows of a language.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A file whose top-level key is `vocabulary:`: the words by which requests are understood, and examples
/// of requests.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Partita vocabulary", extend("patternProperties" = { "^x-": {} }))]
pub struct VocabularyDocument {
    /// What the vocabulary is.
    pub vocabulary: VocabularyHeader,
    /// Words that say nothing of what a request is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stop_words: Vec<String>,
    /// Words and phrases that mean much the same, a list each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub synonyms: Vec<Vec<String>>,
    /// Groups of people who may have to work together: for each the words that mean it. Words in capitals are
    /// meant only where they are written so.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(extend("propertyNames" = { "pattern": super::name::IDENTIFIER_PATTERN }))]
    pub groups: IndexMap<String, Vec<String>>,
    /// Phrases by which the advisor answers its questions.
    #[serde(default)]
    pub cues: Cues,
    /// Words that take back the cue behind them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub denials: Vec<String>,
    /// Requests of each size that belong to no pattern in particular.
    #[serde(default)]
    pub examples: ExampleRequests,
    /// Requests for which a pattern is right, by its name, beside those that it names itself. Names of patterns that are not there
    /// say nothing.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub requests: IndexMap<String, Vec<String>>,
}

/// What a vocabulary is.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VocabularyHeader {
    /// Its name.
    #[schemars(regex(pattern = super::name::DOCUMENT_NAME_PATTERN), example = &"english")]
    pub name: String,
    /// What it holds, in a sentence.
    #[serde(default)]
    pub summary: String,
    /// The language, as readers call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"English")]
    pub language: Option<String>,
    /// Whether it stands in for the built-in vocabulary. Otherwise its words are added to that one.
    #[serde(default)]
    pub replaces: bool,
}

/// Phrases by which the advisor answers its questions.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Cues {
    /// Several teams or departments have to work together, whoever they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub several_teams: Vec<Cue>,
    /// One team or person does it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub one_team: Vec<Cue>,
    /// Somebody has to agree before it goes on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<Cue>,
    /// Parts can be done at the same time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parallel: Vec<Cue>,
    /// Parts follow each other.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sequence: Vec<Cue>,
    /// An error would do harm.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub damage: Vec<Cue>,
    /// Those who lead an organisation look at it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub executives: Vec<Cue>,
    /// It is large or takes long.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub large: Vec<Cue>,
    /// It is small: one answer will do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub small: Vec<Cue>,
}

/// Phrases that say the same with the same weight.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cue {
    /// How much one of them counts.
    #[serde(default = "one")]
    #[schemars(range(min = 0.1, max = 10.0))]
    pub weight: f64,
    /// The phrases, in any case and form.
    #[schemars(length(min = 1))]
    pub phrases: Vec<String>,
}

fn one() -> f64 {
    1.0
}

/// Requests of each size.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ExampleRequests {
    /// One agent answers them at once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub direct: Vec<String>,
    /// One team does them in a few steps.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub workflow: Vec<String>,
    /// Several teams do them together.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub project: Vec<String>,
    /// Many teams do them, with gates, and those who lead the organisation look on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub initiative: Vec<String>,
}
