//! Checks that were not made, and why.

use serde_json::Value;

use super::sight::{Sights, orchestrations};
use crate::interface::app::validate::Validation;
use crate::language::diagnostic::Code;
use crate::language::document::{Document, DocumentKind};

/// A check that was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// What it would have found.
    pub code: Code,
    /// Why it was not made.
    pub why: Why,
}

/// Why a check was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// No server was to be asked.
    Offline,
    /// These servers, by their addresses, do not say what they have.
    Silent(Vec<String>),
}

/// The checks that need servers, as far as the documents have something to check.
pub fn skipped_offline(validation: &Validation) -> Vec<Skipped> {
    let codes = applicable(validation);
    codes.into_iter().map(|code| Skipped { code, why: Why::Offline }).collect()
}

/// The checks that could not be made because a server does not say enough.
pub(super) fn skipped_online(validation: &Validation, sights: &Sights) -> Vec<Skipped> {
    let mut skipped: Vec<Skipped> = Vec::new();
    let reports = sights.seen.iter().flat_map(|sight| &sight.reports);
    let silent = reports.filter(|report| !report.is_up() || report.models.is_none());
    let urls: Vec<String> = silent.map(|report| report.url.clone()).collect();
    if urls.is_empty() {
        return skipped;
    }
    let is_anything_seen = sights.seen.iter().any(|sight| !sight.names().is_empty());
    for code in applicable(validation) {
        // A model that no server lists may be on the one that is silent.
        let is_of_missing = [Code::UNKNOWN_MODEL, Code::MODEL_STOOD_IN_FOR].contains(&code);
        let depends = is_of_missing || !is_anything_seen;
        let is_of_models = ![Code::SERVER_UNREACHABLE, Code::TOOLS_UNAVAILABLE].contains(&code);
        if depends && is_of_models {
            skipped.push(Skipped { code, why: Why::Silent(urls.clone()) });
        }
    }
    skipped
}

/// The codes of a cluster about which these documents say anything.
fn applicable(validation: &Validation) -> Vec<Code> {
    let says = |keys: &[&str]| {
        let subjects = validation.library.project_documents();
        let mut subjects = subjects.filter(|document| validation.is_subject(document.source()));
        subjects.any(|document| keys.iter().any(|key| has_key(document.value(), key)))
    };
    let has_cluster = |document: &Document| {
        document.kind() == DocumentKind::Cluster || document.value().get("cluster").is_some()
    };
    let asks = orchestrations(validation).next().is_some();
    let subjects = validation.library.project_documents();
    let mut subjects = subjects.filter(|document| validation.is_subject(document.source()));
    let names_a_model = says(&["model", "default_model"]);
    let applies = [
        (Code::SERVER_UNREACHABLE, subjects.any(has_cluster)),
        (Code::UNKNOWN_MODEL, names_a_model),
        (Code::MODEL_STOOD_IN_FOR, says(&["fallback_models"])),
        (Code::CLOUD_MODEL, names_a_model),
        (Code::MODEL_CANNOT_CHAT, names_a_model),
        (Code::MODEL_WITHOUT_TOOLS, says(&["tools"])),
        (Code::TOOLS_UNAVAILABLE, says(&["tools"])),
        (Code::DIFFERENT_MODELS, asks),
        (Code::CONTEXT_TOO_LARGE, says(&["num_ctx"])),
        (Code::PROMPT_TOO_LONG, asks),
    ];
    applies.into_iter().filter(|(_, applies)| *applies).map(|(code, _)| code).collect()
}

fn has_key(value: &Value, key: &str) -> bool {
    match value {
        Value::Object(map) => {
            map.contains_key(key) || map.values().any(|inner| has_key(inner, key))
        }
        Value::Array(items) => items.iter().any(|inner| has_key(inner, key)),
        _ => false,
    }
}
