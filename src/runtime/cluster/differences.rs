//! Where servers of one cluster differ: models of one name that are not the same, and versions.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::survey::ServerReport;
use crate::engine::full_name;

/// How much of a digest is shown, in characters, as Ollama itself shows it.
const SHOWN: usize = 12;

/// A model that is not the same on all servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DifferentModel {
    /// Its name.
    pub name: String,
    /// Each digest with the names of the servers that have it: the most frequent first, then the one
    /// of the earlier server.
    pub digests: Vec<(String, Vec<String>)>,
}

impl DifferentModel {
    /// What differs, such as `llama3.1:8b differs: 46e0c10c039e on gpu1, 91ab477bec9d on gpu2`.
    pub fn describe(&self) -> String {
        let sides = self.digests.iter().map(|(digest, servers)| {
            let short: String = digest.chars().take(SHOWN).collect();
            format!("{short} on {}", servers.join(", "))
        });
        let sides: Vec<String> = sides.collect();
        format!("{} differs: {}", self.name, sides.join("; "))
    }
}

/// The models that differ between servers, of all or of those whose full names are given, in the
/// order of the first server that lists them.
pub fn different_models(
    reports: &[ServerReport],
    wanted: Option<&BTreeSet<String>>,
) -> Vec<DifferentModel> {
    let mut models: Vec<DifferentModel> = Vec::new();
    for report in reports {
        for model in report.models.iter().flatten().filter(|model| !model.digest.is_empty()) {
            let full = full_name(&model.name);
            if wanted.is_some_and(|wanted| !wanted.contains(&full)) {
                continue;
            }
            let place = models.iter().position(|known| full_name(&known.name) == full);
            let place = place.unwrap_or_else(|| {
                models.push(DifferentModel { name: model.name.clone(), digests: Vec::new() });
                models.len() - 1
            });
            add(&mut models[place].digests, &model.digest, &report.name);
        }
    }
    models.retain(|model| model.digests.len() > 1);
    for model in &mut models {
        // A stable sort: where the numbers are the same, the earlier server decides.
        model.digests.sort_by_key(|(_, servers)| Reverse(servers.len()));
    }
    models
}

/// The versions of servers with their names, in the order of the servers; none where all are of one.
pub fn different_versions(reports: &[ServerReport]) -> Vec<(String, Vec<String>)> {
    let mut versions = Vec::new();
    for report in reports {
        if let Some(version) = &report.version {
            add(&mut versions, version, &report.name);
        }
    }
    if versions.len() > 1 { versions } else { Vec::new() }
}

fn add(groups: &mut Vec<(String, Vec<String>)>, key: &str, server: &str) {
    match groups.iter_mut().find(|(known, _)| known == key) {
        Some((_, servers)) => servers.push(server.to_owned()),
        None => groups.push((key.to_owned(), vec![server.to_owned()])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::cluster::ModelInfo;

    fn report(name: &str, version: &str, models: &[(&str, &str)]) -> ServerReport {
        let model = |(name, digest): &(&str, &str)| ModelInfo {
            name: (*name).to_owned(),
            digest: (*digest).to_owned(),
            ..ModelInfo::default()
        };
        ServerReport {
            name: name.to_owned(),
            url: String::new(),
            trouble: None,
            version: Some(version.to_owned()),
            is_simulated: false,
            models: Some(models.iter().map(model).collect()),
            resident: None,
        }
    }

    #[test]
    fn the_most_frequent_digest_comes_first() {
        let reports = [
            report("one", "0.33.1", &[("a:1", "old"), ("b:1", "same")]),
            report("two", "0.33.1", &[("A:1", "new"), ("b:1", "same")]),
            report("three", "0.33.1", &[("a:1", "new"), ("c:1", "")]),
            report("four", "0.33.1", &[("c:1", "known")]),
        ];
        let found = different_models(&reports, None);
        let told: Vec<String> = found.iter().map(DifferentModel::describe).collect();
        assert_eq!(told, ["a:1 differs: new on two, three; old on one"]);
        let others = BTreeSet::from(["b:1".to_owned()]);
        assert_eq!(different_models(&reports, Some(&others)), []);
        assert_eq!(different_versions(&reports), []);
    }

    #[test]
    fn versions_are_told_where_they_differ() {
        let reports = [report("one", "0.33.1", &[]), report("two", "0.12.11", &[])];
        let found = different_versions(&reports);
        assert_eq!(found.len(), 2);
        assert_eq!(found[1], ("0.12.11".to_owned(), vec!["two".to_owned()]));
    }
}
