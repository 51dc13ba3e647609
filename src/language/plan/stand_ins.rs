//! Models that stand in for each other where one of them is not there.

use super::ladder::RungKind;
use super::model::{Ask, Plan, Task};

/// A model that a task asks; nothing is the run's own.
#[derive(Debug)]
pub struct AskedModel<'p> {
    /// The task.
    pub task: &'p Task,
    /// What it asks.
    pub ask: &'p Ask,
    /// The model.
    pub model: Option<&'p str>,
    /// Those of which one is enough, where the model is not there.
    pub stand_ins: Vec<Option<&'p str>>,
}

impl Plan {
    /// The models that its tasks ask, what is done several times once.
    pub fn asked_models(&self) -> impl Iterator<Item = AskedModel<'_>> {
        let rungs = self.ladders().flat_map(|(_, ladder)| &ladder.rungs);
        let rungs = rungs.filter(|rung| matches!(rung.kind, RungKind::Model));
        let rungs: Vec<&Ask> =
            rungs.flat_map(|rung| rung.body.asks()).map(|(_, ask)| ask).collect();
        self.asks().flat_map(move |(task, ask)| {
            let is_rung = rungs.iter().any(|rung| std::ptr::eq(*rung, ask));
            ask.models().map(move |model| {
                let stand_ins = self.stand_ins(ask, model, is_rung);
                AskedModel { task, ask, model, stand_ins }
            })
        })
    }

    /// A model that an author has named as a rung is there for what no other can do, unless it is one of those that
    /// stand in for the agent's own.
    fn stand_ins(&self, ask: &Ask, model: Option<&str>, is_rung: bool) -> Vec<Option<&str>> {
        let Some(agent) = self.agents.get(ask.agent.index()) else { return Vec::new() };
        let is_fallback = agent.fallback_models.iter().any(|name| Some(name.as_str()) == model);
        if agent.fallback_models.is_empty() || (is_rung && !is_fallback) {
            return Vec::new();
        }
        let fallbacks = agent.fallback_models.iter().map(|name| Some(name.as_str()));
        let all = std::iter::once(agent.model.as_deref()).chain(fallbacks);
        all.filter(|other| *other != model).collect()
    }
}
