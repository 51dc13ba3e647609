//! The `imports:` document, `imports.yaml`: where patterns and teams of others come from.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::json;

use super::name::{DOCUMENT_NAME_PATTERN, is_document_name};
use super::one_or_several;

/// A file whose top-level key is `imports:`. In the project's folder, as `imports.yaml`, it says where
/// the patterns and teams come from that documents name as `SOURCE/NAME`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Partita imports", extend("patternProperties" = { "^x-": {} }))]
pub struct ImportsDocument {
    /// The sources, by the names that documents of the project give them.
    #[schemars(
        extend("propertyNames" = { "pattern": DOCUMENT_NAME_PATTERN }, "minProperties" = 1),
        example = serde_json::json!({ "shared": { "folder": "../shared-patterns" } })
    )]
    pub imports: IndexMap<String, ImportSource>,
}

/// Where documents come from: a git repository at a version, or a folder as it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportSource {
    /// A git repository: its address, or its path from the project's folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"https://git.example/patterns.git")]
    pub git: Option<String>,
    /// The tag or the whole commit of the repository, or several of them; documents then say which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Versions>,
    /// The folder with the documents: from the root of the repository, or without `git` from the
    /// project's folder. Default: the root of the repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"../shared-patterns")]
    pub folder: Option<String>,
}

impl ImportSource {
    /// The versions that are declared; a folder has one, which has no name.
    pub fn versions(&self) -> Vec<Option<&str>> {
        match (&self.git, &self.version) {
            (Some(_), Some(Versions(versions))) => {
                versions.iter().map(|version| Some(version.as_str())).collect()
            }
            (Some(_), None) => Vec::new(),
            (None, _) => vec![None],
        }
    }
}

/// One version, or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions(pub Vec<String>);

impl Serialize for Versions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => one.serialize(serializer),
            several => several.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Versions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        one_or_several::read(deserializer).map(Versions)
    }
}

impl JsonSchema for Versions {
    fn schema_name() -> Cow<'static, str> {
        "Versions".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        one_or_several::schema(
            "A tag or a whole commit of a git repository, or several.",
            &json!({ "type": "string", "minLength": 1 }),
            &json!(["v1.2.0", ["v1.2.0", "v2.0.0"]]),
        )
    }
}

/// A name of another source as documents write it: `SOURCE/NAME`, or `SOURCE/NAME@VERSION`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportedName<'n> {
    /// The source's name in `imports.yaml`.
    pub source: &'n str,
    /// The name of the pattern or team there.
    pub name: &'n str,
    /// The version, where one is written.
    pub version: Option<&'n str>,
}

impl<'n> ImportedName<'n> {
    /// Reads such a name; a name without a source is none.
    pub fn parse(text: &'n str) -> Option<ImportedName<'n>> {
        let (source, rest) = text.split_once('/')?;
        let (name, version) = match rest.split_once('@') {
            Some((name, version)) => (name, Some(version)),
            None => (rest, None),
        };
        let is_version = version.is_none_or(|version| !version.is_empty());
        let names = is_document_name(source) && is_document_name(name);
        (names && is_version).then_some(ImportedName { source, name, version })
    }

    /// The same with another name, as it is written.
    pub(super) fn renamed(&self, name: &str) -> String {
        ImportedName { name, ..*self }.written()
    }

    /// The name as it is written.
    pub(super) fn written(&self) -> String {
        let ImportedName { source, name, version } = self;
        match version {
            Some(version) => format!("{source}/{name}@{version}"),
            None => format!("{source}/{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_a_source_has_one_slash_and_perhaps_a_version() {
        let name = |source, name, version| Some(ImportedName { source, name, version });
        for (text, expected) in [
            ("shared/review", name("shared", "review", None)),
            ("shared/review@v1.2.0", name("shared", "review", Some("v1.2.0"))),
            ("shared/review@release/1", name("shared", "review", Some("release/1"))),
            ("review", None),
            ("review@v1", None),
            ("shared/review@", None),
            ("shared/reviews/one", None),
            ("/review", None),
            ("shared/", None),
            ("Shared/review", None),
            ("patterns/review.yaml", None),
            ("./review", None),
        ] {
            assert_eq!(ImportedName::parse(text), expected, "{text}");
        }
    }
}
