//! Context windows: what is known of them, and which prompts cannot fit.
//!
//! A window is asked for (`num_ctx`), or left to the server; then it is known once the model is
//! loaded. In no case is it larger than the one that the model was trained with: Ollama makes it
//! smaller without a word.

use std::collections::btree_map::Entry;

use super::conduct::Engine;
use super::failure::{Failure, FailureClass};
use super::servers::{full_name, in_full};
use super::settings::ServerId;
use super::vocabulary::Observation;
use crate::language::plan::{TaskId, Work};

impl Engine {
    /// The window that every call of a model asks for, in tokens.
    pub(super) fn asked_window(&self, model: &str) -> Option<u32> {
        self.windows.get(&*in_full(model)).copied()
    }

    /// The window that a model has or will have on a server, in tokens, as far as is known.
    pub(super) fn window(&self, server: ServerId, model: &str) -> Option<u32> {
        let name = in_full(model);
        let trained = self.settings.trained_windows.get(&*name).copied();
        let asked = self.windows.get(&*name).copied();
        let seen = || self.hands.windows.get(&(server, name.to_string())).copied().flatten();
        let window = asked.or_else(seen)?;
        Some(trained.map_or(window, |trained| trained.min(window)))
    }

    /// About how many tokens the prompt of a task has whose wait for a server is over.
    pub(super) fn take_prompt_tokens(&mut self, task: TaskId) -> u64 {
        let tokens = self.prompt_tokens(task);
        self.hands.prompt_tokens.remove(&task);
        tokens
    }

    /// The servers that could do a task that waits but for their windows; none where another could
    /// not do it either.
    pub(super) fn too_small_for(&self, task: TaskId) -> Vec<ServerId> {
        let lane = self.hands.lanes.of(task).map(|lane| self.hands.lanes.get(lane));
        let Some(lane) = lane.filter(|_| !self.hands.windows.is_empty()) else {
            return Vec::new();
        };
        let tokens = self.prompt_tokens(task);
        let servers = self.settings.servers();
        let suiting = servers.filter(|(id, server)| self.hands.servers.suits(*id, server, lane));
        let (small, fitting): (Vec<ServerId>, Vec<ServerId>) = suiting
            .map(|(id, _)| id)
            .partition(|id| self.too_long_for(*id, &lane.model, tokens).is_some());
        if fitting.is_empty() { Vec::new() } else { small }
    }

    pub(super) fn prompt_tokens(&self, task: TaskId) -> u64 {
        let prepared = self.hands.prompt_tokens.get(&task).copied();
        prepared.unwrap_or_else(|| self.state.task(task).prompt_tokens)
    }

    /// Why no server can be asked a prompt of so many tokens, if none can.
    pub(super) fn too_long(&self, task: TaskId, tokens: u64) -> Option<Failure> {
        let Work::Ask(ask) = &self.state.plan().task(task).work else {
            return None;
        };
        let model = self.model_of(ask);
        let trained = self.settings.trained_windows.get(&full_name(&model)).copied();
        let asked = self.asked_window(&model);
        let window = asked.into_iter().chain(trained).min()?;
        let message = if trained == Some(window) {
            format!(
                "the prompt has about {tokens} tokens, and {model} has a window of {window}; \
                 shorten the prompt, or name a model with a larger window"
            )
        } else {
            format!(
                "the prompt has about {tokens} tokens and does not fit the window of {window}; \
                 raise `num_ctx`, or shorten the prompt"
            )
        };
        failure_beyond(window, tokens, message)
    }

    /// Why this server cannot be asked a prompt of so many tokens, if it cannot.
    pub(super) fn too_long_for(
        &self,
        server: ServerId,
        model: &str,
        tokens: u64,
    ) -> Option<Failure> {
        let window = self.window(server, model)?;
        let name = &self.settings.server(server).name;
        let message = format!(
            "the prompt has about {tokens} tokens, and {name} loads {model} with a window of \
             {window}; set `num_ctx`, or shorten the prompt"
        );
        failure_beyond(window, tokens, message)
    }

    /// A server has loaded a model as a call of this run asks for it. Whether this is the first
    /// that is known of it, and its window is not known yet.
    pub(super) fn loaded_as_asked(&mut self, server: ServerId, model: &str) -> bool {
        let is_unknown = self.window(server, model).is_none();
        match self.hands.windows.entry((server, full_name(model))) {
            Entry::Vacant(place) => {
                place.insert(None);
                is_unknown
            }
            Entry::Occupied(_) => false,
        }
    }

    /// A server was left: it may come back with other settings.
    pub(super) fn forget_windows(&mut self, server: ServerId) {
        self.hands.windows.retain(|(id, _), _| *id != server);
    }

    /// A server has said with which windows its models are loaded. Models that others had it load
    /// are loaded anew, and otherwise, for this run.
    pub(super) fn windows_seen(&mut self, server: ServerId, observation: &Observation) {
        let Observation::Up { windows, .. } = observation else {
            return;
        };
        for (model, window) in windows {
            if let Some(known) = self.hands.windows.get_mut(&(server, full_name(model))) {
                *known = Some(*window);
            }
        }
    }
}

fn failure_beyond(window: u32, tokens: u64, message: String) -> Option<Failure> {
    let fits = tokens <= u64::from(window);
    (!fits).then(|| Failure::new(FailureClass::ContextTooLong, message))
}
