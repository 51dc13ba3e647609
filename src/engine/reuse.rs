//! Answers of earlier runs: a task whose request has been answered before, by the same model with
//! the same options, need not ask again.
//!
//! Which server will be asked is not known yet when an answer is looked for. What it would follow
//! from is known for each that may be; where all have the same file of the model that is one thing.

use std::collections::BTreeMap;

use super::conduct::Engine;
use super::fold_error::FoldError;
use super::manifest::{Asking, Manifest};
use super::servers::full_name;
use super::settings::ServerId;
use super::vocabulary::{Command, Fact, Found, Observation};
use crate::language::digest::Digest;
use crate::language::plan::{TaskId, Work};

/// A request whose answer is looked for.
#[derive(Debug)]
pub(super) struct Search {
    request: Digest,
    tokens: u64,
    /// What the answer may follow from.
    manifests: Vec<Manifest>,
}

impl Engine {
    /// Looks for the answer to a request among those of earlier runs, where that is wanted and
    /// could find any; whether it does.
    pub(super) fn look_up(&mut self, task: TaskId, request: &Digest, tokens: u64) -> bool {
        if !self.settings.cache {
            return false;
        }
        let manifests = self.manifests(task, request);
        if manifests.is_empty() {
            return false;
        }
        let keys = manifests.iter().map(Manifest::key).collect();
        let search = Search { request: request.clone(), tokens, manifests };
        self.hands.searches.insert(task, search);
        self.command(Command::LookUp { task, keys });
        true
    }

    /// Kept answers have been looked through. Without one the task waits for a server.
    pub(super) fn looked_up(
        &mut self,
        task: TaskId,
        found: Option<Found>,
    ) -> Result<(), FoldError> {
        let Some(search) = self.hands.searches.remove(&task) else {
            return Ok(());
        };
        self.hands.preparing.remove(&task);
        self.hands.lanes.prepared(task);
        let manifest_of = |found: &Found| {
            search.manifests.iter().find(|manifest| manifest.key() == found.key).cloned()
        };
        let Some((manifest, found)) = found.and_then(|found| Some((manifest_of(&found)?, found)))
        else {
            return self.ask(task, search.request, search.tokens);
        };
        let Found { run, there, output, .. } = found;
        self.record(Fact::TaskReused { task, manifest, run, there, output })
    }

    /// The key under which other runs find the answer of a task that asks a server, if they may.
    pub(super) fn key_of(
        &self,
        task: TaskId,
        request: &Digest,
        server: ServerId,
    ) -> Option<Digest> {
        let Work::Ask(ask) = &self.state.plan().task(task).work else { return None };
        let model = self.model_of(ask);
        let manifest = || self.asking().manifest(task, &model, request.clone(), server);
        ask.cache.then(|| manifest().key())
    }

    /// What the answer to a request may follow from: a manifest for each kind of server that could
    /// be asked. None where the task wants a new answer.
    fn manifests(&self, task: TaskId, request: &Digest) -> Vec<Manifest> {
        let Work::Ask(ask) = &self.state.plan().task(task).work else { return Vec::new() };
        let Some(lane) = self.hands.lanes.of(task).filter(|_| ask.cache) else { return Vec::new() };
        let lane = self.hands.lanes.get(lane);
        let mut manifests: Vec<Manifest> = Vec::new();
        for (id, server) in self.settings.servers() {
            if self.hands.servers.suits(id, server, lane) {
                let manifest = self.asking().manifest(task, &lane.model, request.clone(), id);
                if !manifests.contains(&manifest) {
                    manifests.push(manifest);
                }
            }
        }
        manifests
    }

    fn asking(&self) -> Asking<'_> {
        Asking {
            plan: self.state.plan(),
            settings: &self.settings,
            files: &self.state.files,
            windows: &self.windows,
        }
    }

    /// A server has said which files its models are.
    pub(super) fn files_seen(
        &mut self,
        server: ServerId,
        observation: &Observation,
    ) -> Result<(), FoldError> {
        let Observation::Up { models: Some(_), digests, .. } = observation else {
            return Ok(());
        };
        let is_asked = |model: &String| self.models.contains(model);
        let digests: BTreeMap<String, String> = digests
            .iter()
            .map(|(model, digest)| (full_name(model), digest.clone()))
            .filter(|(model, _)| is_asked(model))
            .collect();
        self.hands.files.insert(server, digests);
        if self.state.inputs.is_some() { self.note_files(server) } else { Ok(()) }
    }

    /// Records what servers have said before the run began, or was taken up.
    pub(super) fn note_all_files(&mut self) -> Result<(), FoldError> {
        let servers: Vec<ServerId> = self.hands.files.keys().copied().collect();
        servers.into_iter().try_for_each(|server| self.note_files(server))
    }

    fn note_files(&mut self, server: ServerId) -> Result<(), FoldError> {
        let Some(digests) = self.hands.files.get(&server) else { return Ok(()) };
        if self.state.files.has_said(server, digests) {
            return Ok(());
        }
        let digests = digests.clone();
        self.record(Fact::ModelsSeen { server, digests })
    }
}
