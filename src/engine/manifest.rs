//! What an answer follows from, and the key under which other runs find it.
//!
//! Whatever decides what a model answers is an ingredient; how the answer was come by is none: which
//! server gave it, the attempts that failed before, the answers that were rejected on the way. What
//! tasks before it came to needs no ingredient of its own, since it stands in the messages. `tools`
//! and `think` are none either: no tools are offered, and thinking follows from the form of the
//! answer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::servers::full_name;
use super::settings::{ServerId, Settings};
use super::vocabulary::Fact;
use crate::language::digest::{Digest, FullHash};
use crate::language::plan::{Plan, TaskId};

/// The form of a manifest. It goes up when a request means something else than before, so that no
/// answer of an earlier form is found.
const FORM: u32 = 1;

/// What an answer follows from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The messages, the form of the answer and the options, by their address.
    pub request: Digest,
    /// The model's full name.
    pub model: String,
    /// Which file it is, where the server says so. An answer of an unknown one serves only where
    /// it is unknown too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The window that is asked for, in tokens: over that of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_ctx: Option<u32>,
    /// The seed of the first attempt, where the run has one: over that of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u32>,
    /// Whether a simulated server invents the answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
}

impl Manifest {
    /// The key under which the answer is found.
    pub fn key(&self) -> Digest {
        // Our own types always have a JSON form; the fallback cannot be reached.
        Digest::of(&serde_json::to_vec(&(FORM, self)).unwrap_or_default())
    }
}

/// What servers have said of their models: the files behind the names, by full name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelFiles(BTreeMap<ServerId, BTreeMap<String, String>>);

impl ModelFiles {
    /// Takes one fact in. A run that is taken up may have other servers, and asks again.
    pub fn apply(&mut self, fact: &Fact) {
        if fact.settings().is_some() {
            self.0.clear();
        }
        if let Fact::ModelsSeen { server, digests } = fact {
            self.0.insert(*server, digests.clone());
        }
    }

    /// The file of a model on a server, by its full name.
    pub fn digest(&self, server: ServerId, model: &str) -> Option<&String> {
        self.0.get(&server)?.get(model)
    }

    /// Whether a server has said just this before; nothing at all is what was said at first.
    pub(super) fn has_said(&self, server: ServerId, digests: &BTreeMap<String, String>) -> bool {
        self.0.get(&server).map_or(digests.is_empty(), |known| known == digests)
    }
}

/// Where and with what a request is asked, for its manifest.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The world of the run.
    pub settings: &'a Settings,
    /// What servers have said of their models.
    pub files: &'a ModelFiles,
    /// The windows that all calls of a model ask for, by full name ([`super::content::windows`]).
    pub windows: &'a BTreeMap<String, u32>,
}

impl Asking<'_> {
    /// What the answer to a request of a task follows from, when a server is asked it.
    pub fn manifest(
        &self,
        task: TaskId,
        model: &str,
        request: Digest,
        server: ServerId,
    ) -> Manifest {
        let model = full_name(model);
        Manifest {
            request,
            digest: self.files.digest(server, &model).cloned(),
            num_ctx: self.windows.get(&model).copied(),
            seed: seed(self.settings, &self.plan.task(task).path, 0),
            simulated: self.settings.server(server).simulated,
            model,
        }
    }
}

/// The seed of a task behind so many rejected answers, where the run has one.
pub(super) fn seed(settings: &Settings, path: &str, variation: u32) -> Option<u32> {
    settings.seed.map(|seed| {
        let text = format!("{seed}/{path}/{variation}");
        // Seeds are sent as positive 31-bit numbers, which every runner takes.
        u32::try_from(FullHash::of(text.as_bytes()).number() >> 33).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ingredient_makes_another_key() {
        let manifest = Manifest {
            request: Digest::of(b"request"),
            model: "m:latest".to_owned(),
            digest: Some("sha256:1".to_owned()),
            num_ctx: Some(4096),
            seed: Some(7),
            simulated: false,
        };
        let others = [
            Manifest { request: Digest::of(b"other"), ..manifest.clone() },
            Manifest { model: "n:latest".to_owned(), ..manifest.clone() },
            Manifest { digest: None, ..manifest.clone() },
            Manifest { digest: Some("sha256:2".to_owned()), ..manifest.clone() },
            Manifest { num_ctx: None, ..manifest.clone() },
            Manifest { seed: Some(8), ..manifest.clone() },
            Manifest { simulated: true, ..manifest.clone() },
        ];
        let mut keys: Vec<Digest> = others.iter().map(Manifest::key).collect();
        keys.push(manifest.key());
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), others.len() + 1);
        // Journals keep keys: another one for the same manifest loses every answer.
        assert_eq!(manifest.key().as_str(), "74550c999a265584910bad70abe92566");
    }
}
