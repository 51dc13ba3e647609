//! The `lint:` document, `partita.yaml`: how findings are judged in a project.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::language::diagnostic::{Confidence, Severity};

/// A file whose top-level key is `lint:`. In the project's folder, as `partita.yaml`, it holds for
/// all of the project's documents.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Partita lint settings", extend("patternProperties" = { "^x-": {} }))]
pub struct LintDocument {
    /// How findings are judged.
    pub lint: LintSettings,
}

/// How findings are judged. Errors are errors everywhere; this is about warnings and remarks.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LintSettings {
    /// Whose rules are applied. Default `author`.
    pub audience: Audience,
    /// Findings that are less sure are left out. Default `low`: none is.
    #[schemars(with = "Option<Confidence>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// Whether a comment that allows something has to say why. Default `required`.
    pub reasons: Reasons,
    /// The level of single rules, by their codes, whatever the audience is.
    #[schemars(example = serde_json::json!({ "unpinned-model": "error", "missing-summary": "off" }))]
    pub rules: IndexMap<String, Level>,
}

/// Whom a rule speaks to. Each hears what those before hear, too.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Who writes the document: what is probably not meant.
    #[default]
    Author,
    /// Who lets it into the house: what costs time, money or nights.
    Ci,
    /// Who answers for it: everything, also what is mostly fine.
    Auditor,
}

impl Audience {
    /// All, the one that hears least first.
    pub const ALL: [Audience; 3] = [Audience::Author, Audience::Ci, Audience::Auditor];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Audience::Author => "author",
            Audience::Ci => "ci",
            Audience::Auditor => "auditor",
        }
    }
}

/// Whether reasons are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Reasons {
    /// A comment without one is a finding.
    #[default]
    Required,
    /// A comment without one is as good as one with.
    Optional,
}

/// How much a rule's findings count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// They are left out.
    Off,
    /// They are remarks.
    Info,
    /// They are warnings.
    Warning,
    /// They are errors.
    Error,
}

impl Level {
    /// All levels.
    pub const ALL: [Level; 4] = [Level::Off, Level::Info, Level::Warning, Level::Error];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        self.severity().map_or("off", Severity::as_str)
    }

    /// The severity of findings of this level, if there are any.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Level::Off => None,
            Level::Info => Some(Severity::Info),
            Level::Warning => Some(Severity::Warning),
            Level::Error => Some(Severity::Error),
        }
    }
}

impl JsonSchema for Confidence {
    fn schema_name() -> Cow<'static, str> {
        "Confidence".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "How sure a finding is that something is wrong.",
            "enum": ["low", "medium", "high"],
        })
    }
}
