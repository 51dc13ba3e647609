//! The models that a server has on its disk.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::language::digest::FullHash;
use crate::language::document::simulation::{Capability, SimulatedModel};

use super::names::ModelName;

/// One name of a model on a server's disk.
#[derive(Debug, Clone)]
pub(super) struct Installed {
    /// The short name with its tag.
    pub(super) name: ModelName,
    /// What the profile says about it.
    pub(super) spec: Arc<SimulatedModel>,
    /// What identifies the model's content: 64 hexadecimal digits, the same on every server.
    pub(super) digest: Arc<str>,
    /// When it came here.
    pub(super) modified: Timestamp,
}

impl Installed {
    /// Whether the model can do this.
    pub(super) fn can(&self, capability: Capability) -> bool {
        self.spec.capabilities.contains(&capability)
    }

    /// The size of the file, in bytes.
    pub(super) fn bytes(&self) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "sizes are positive; a cast saturates"
        )]
        let bytes = (self.spec.size_gigabytes * 1e9) as u64;
        bytes
    }

    /// The length of its vectors.
    pub(super) fn vector_length(&self) -> usize {
        if self.can(Capability::Completion) { 4096 } else { 768 }
    }

    /// The least context window that it works with.
    pub(super) fn least_window(&self) -> u32 {
        if self.can(Capability::Vision) { 2048 } else { 4 }
    }
}

/// The models of one server, by the key of their names.
pub(super) struct Catalogue {
    models: Mutex<BTreeMap<String, Arc<Installed>>>,
}

impl Catalogue {
    /// A catalogue of a profile's models; the first is the newest.
    pub(super) fn new(specs: &[(ModelName, SimulatedModel)]) -> Catalogue {
        let models = specs
            .iter()
            .zip(0..)
            .map(|((name, spec), age)| {
                let installed = Installed {
                    name: name.clone(),
                    digest: digest(spec).into(),
                    spec: Arc::new(spec.clone()),
                    modified: hours_before_2026(age),
                };
                (name.key(), Arc::new(installed))
            })
            .collect();
        Catalogue { models: Mutex::new(models) }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Installed>>> {
        self.models.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The model of this name.
    pub(super) fn find(&self, name: &ModelName) -> Option<Arc<Installed>> {
        self.lock().get(&name.key()).cloned()
    }

    /// All models, the newest first.
    pub(super) fn all(&self) -> Vec<Arc<Installed>> {
        let mut all: Vec<_> = self.lock().values().cloned().collect();
        all.sort_by_key(|model| Reverse(model.modified));
        all
    }

    /// Adds a model, or replaces the one of the same name.
    pub(super) fn add(&self, name: &ModelName, spec: &Arc<SimulatedModel>, now: Timestamp) {
        let installed = Installed {
            name: name.clone(),
            digest: digest(spec).into(),
            spec: spec.clone(),
            modified: now,
        };
        self.lock().insert(name.key(), Arc::new(installed));
    }

    /// Removes a model; whether there was one.
    pub(super) fn remove(&self, name: &ModelName) -> Option<Arc<Installed>> {
        self.lock().remove(&name.key())
    }
}

fn digest(spec: &SimulatedModel) -> String {
    let text = serde_json::to_string(spec).unwrap_or_else(|_| spec.name.clone());
    FullHash::of(text.as_bytes()).hex()
}

fn hours_before_2026(hours: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600)
        .and_then(|start| start.checked_sub(SignedDuration::from_hours(hours)))
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Catalogue {
        let specs: Vec<_> = ["b:1", "a:1"]
            .into_iter()
            .map(|name| {
                let spec = SimulatedModel { name: name.into(), ..SimulatedModel::default() };
                (ModelName::parse(name).unwrap(), spec)
            })
            .collect();
        Catalogue::new(&specs)
    }

    fn names(catalogue: &Catalogue) -> Vec<String> {
        let all = catalogue.all();
        all.iter().map(|model| model.name.to_string()).collect()
    }

    #[test]
    fn the_first_is_the_newest() {
        let catalogue = catalogue();
        assert_eq!(names(&catalogue), ["b:1", "a:1"]);
        assert_eq!(catalogue.all()[0].modified.to_string(), "2026-01-01T00:00:00Z");
        assert_eq!(catalogue.all()[0].digest.len(), 64);
        assert_ne!(catalogue.all()[0].digest, catalogue.all()[1].digest);
    }

    #[test]
    fn models_come_and_go() {
        let catalogue = catalogue();
        let name = ModelName::parse("A:1").unwrap();
        let copy = ModelName::parse("c").unwrap();
        let found = catalogue.find(&name).unwrap();
        catalogue.add(&copy, &found.spec, "2026-05-01T00:00:00Z".parse().unwrap());
        assert_eq!(catalogue.find(&copy).unwrap().digest, found.digest);
        assert!(catalogue.remove(&name).is_some() && catalogue.remove(&name).is_none());
        assert_eq!(names(&catalogue), ["c:latest", "b:1"]);
    }
}
