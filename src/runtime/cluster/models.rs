//! Which model speaks for agents to whom nobody gave one.

use std::collections::BTreeMap;

use super::survey::{ModelInfo, ServerReport};

/// The model that was chosen, and why, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelChoice {
    /// Its name.
    pub name: String,
    /// Why this one.
    pub reason: String,
}

/// Patterns are written for models of 8 to 14 billion parameters, whose files are below this.
const COMFORTABLE_BYTES: u64 = 15_000_000_000;

/// Chooses the model that most servers have, among those one that is loaded, among those the
/// largest that is still quick. Models that only make vectors are no choice.
pub fn choose_model(reports: &[ServerReport]) -> Option<ModelChoice> {
    #[derive(Default)]
    struct Candidate {
        servers: usize,
        loaded: usize,
        size: u64,
    }
    let mut candidates: BTreeMap<&str, Candidate> = BTreeMap::new();
    let servers = reports.iter().filter(|report| report.is_up()).count();
    for report in reports.iter().filter(|report| report.is_up()) {
        for model in report.models.iter().flatten() {
            if !can_chat(model) {
                continue;
            }
            let candidate = candidates.entry(&model.name).or_default();
            candidate.servers += 1;
            candidate.size = candidate.size.max(model.size);
            let resident = report.resident.iter().flatten();
            candidate.loaded += resident.filter(|loaded| loaded.name == model.name).count();
        }
    }
    let rank = |candidate: &Candidate| {
        let quick = candidate.size <= COMFORTABLE_BYTES;
        // Of the quick ones the largest, of the others the smallest.
        let fit = if quick { candidate.size } else { u64::MAX - candidate.size };
        (candidate.servers, candidate.loaded, quick, fit)
    };
    let (name, chosen) =
        candidates.iter().max_by(|a, b| rank(a.1).cmp(&rank(b.1)).then_with(|| b.0.cmp(a.0)))?;
    let where_found = match (chosen.servers, servers) {
        (1, 1) => "the server has it".to_owned(),
        (some, all) if some == all => format!("all {all} servers have it"),
        (some, all) => format!("{some} of {all} servers have it"),
    };
    let loaded = if chosen.loaded > 0 { ", loaded already" } else { "" };
    Some(ModelChoice { name: (*name).to_owned(), reason: format!("{where_found}{loaded}") })
}

/// Whether a model answers, and does not only make vectors.
pub fn can_chat(model: &ModelInfo) -> bool {
    match &model.capabilities {
        Some(capabilities) if !capabilities.is_empty() => {
            capabilities.iter().any(|capability| capability == "completion")
        }
        // A server that does not say: embedding models have it in their names.
        _ => !model.name.contains("embed") && !model.name.contains("minilm"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(models: &[(&str, u64)], resident: &[&str]) -> ServerReport {
        let model =
            |name: &str, size| ModelInfo { name: name.into(), size, ..ModelInfo::default() };
        ServerReport {
            name: "s".into(),
            url: String::new(),
            trouble: None,
            version: None,
            is_simulated: false,
            models: Some(models.iter().map(|(name, size)| model(name, *size)).collect()),
            resident: Some(resident.iter().map(|name| model(name, 0)).collect()),
        }
    }

    #[test]
    fn the_choice_is_what_all_have_and_is_quick() {
        const GB: u64 = 1_000_000_000;
        let choose = |reports: &[ServerReport]| choose_model(reports).map(|c| c.name);
        let a = report(&[("llama3.1:8b", 5 * GB), ("llama3.1:70b", 43 * GB)], &[]);
        let b = report(&[("llama3.1:8b", 5 * GB), ("nomic-embed-text:latest", GB)], &[]);
        assert_eq!(choose(&[a.clone(), b]).as_deref(), Some("llama3.1:8b"));
        assert_eq!(choose(&[a]).as_deref(), Some("llama3.1:8b"));
        let warm = report(&[("a:1b", GB), ("b:8b", 5 * GB)], &["a:1b"]);
        assert_eq!(choose(&[warm]).as_deref(), Some("a:1b"));
        assert_eq!(choose(&[report(&[], &[])]), None);
    }
}
