//! What patterns and pipelines have in common.

use indexmap::IndexMap;
use serde_json::Value;

use crate::language::document::{
    self, Body, Budget, Defaults, Document, InputDeclaration, Post, SuccessCriteria, TeamReference,
    ToolSettings,
};
use crate::language::source::SourceId;

/// A pattern or a pipeline.
pub(super) struct Orchestration<'d> {
    pub(super) source: SourceId,
    pub(super) name: &'d str,
    pub(super) team: Option<&'d TeamReference>,
    pub(super) inputs: &'d IndexMap<String, InputDeclaration>,
    pub(super) staff: &'d IndexMap<String, Post>,
    pub(super) defaults: &'d Defaults,
    pub(super) budget: Option<&'d Budget>,
    pub(super) tools: Option<&'d ToolSettings>,
    pub(super) waves: Option<&'d Vec<document::Wave>>,
    pub(super) tasks: Option<&'d IndexMap<String, document::Task>>,
    pub(super) outputs: &'d IndexMap<String, Value>,
    pub(super) success_criteria: SuccessCriteria,
}

impl<'d> Orchestration<'d> {
    /// What a document says, if it is a pattern or a pipeline.
    pub(super) fn of(document: &'d Document) -> Option<Orchestration<'d>> {
        let source = document.source();
        match document.body()? {
            Body::Pattern(pattern) => Some(Orchestration {
                source,
                name: &pattern.pattern.name,
                team: pattern.team.as_ref(),
                inputs: &pattern.inputs,
                staff: &pattern.staff,
                defaults: &pattern.defaults,
                budget: pattern.budget.as_ref(),
                tools: pattern.tools.as_ref(),
                waves: pattern.waves.as_ref(),
                tasks: pattern.tasks.as_ref(),
                outputs: &pattern.outputs,
                success_criteria: pattern.success_criteria,
            }),
            Body::Pipeline(pipeline) => Some(Orchestration {
                source,
                name: &pipeline.pipeline.name,
                team: pipeline.team.as_ref(),
                inputs: &pipeline.inputs,
                staff: &pipeline.staff,
                defaults: &pipeline.defaults,
                budget: pipeline.budget.as_ref(),
                tools: pipeline.tools.as_ref(),
                waves: pipeline.waves.as_ref(),
                tasks: pipeline.tasks.as_ref(),
                outputs: &pipeline.outputs,
                success_criteria: pipeline.success_criteria,
            }),
            _ => None,
        }
    }

    /// The tasks' names in the author's order.
    pub(super) fn task_names(&self) -> Vec<&'d str> {
        let in_waves = self.waves.into_iter().flatten().flat_map(|wave| wave.tasks.keys());
        let alone = self.tasks.filter(|_| self.waves.is_none()).into_iter();
        in_waves.chain(alone.flat_map(IndexMap::keys)).map(String::as_str).collect()
    }
}
