//! `analyze_orchestration_needs`: the advisor's advice, as short as a model can use it.

use serde_json::{Value, json};

use super::Inside;
use super::arguments::Arguments;
use super::start::in_words;
use crate::insight::advisor::Circumstances;
use crate::interface::app::advice::{advise, advisor_of, model_billions};
use crate::interface::app::learning::{adjustments_for, record_advice};
use crate::runtime::clock::Clock;

/// So many candidates are named.
const CANDIDATES: usize = 3;

impl Inside {
    /// How much orchestration a request needs.
    pub(super) fn analyze(&self, given: &Arguments<'_>) -> Result<Value, String> {
        let request = given.text("request");
        let library = self.starter.project.library_with_imports();
        let setup = &self.starter.setup;
        let model = setup.model.as_deref().or(setup.cluster.default_model.as_deref());
        let advisor = advisor_of(&library);
        let (journal, folder) = (&self.starter.journal, &self.starter.project.root);
        let now = Clock::start().now();
        let learned = adjustments_for(journal, folder, (&library, &advisor), request, now);
        let circumstances = Circumstances {
            model_billions: model.and_then(model_billions),
            adjustments: learned.map_err(|failure| in_words(&failure))?,
        };
        let advice = advise(&advisor, request, &circumstances);
        let advice = advice.map_err(|failure| in_words(&failure))?;
        let id = record_advice(journal, folder, request, (&advice, None), now);
        let id = id.map_err(|failure| in_words(&failure))?;
        let candidates = advice.candidates.iter().take(CANDIDATES);
        let candidates: Vec<&str> = candidates.map(|found| found.pattern.as_str()).collect();
        let questions: serde_json::Map<String, Value> = advice
            .answers
            .iter()
            .map(|answer| (answer.question.key().to_owned(), json!(answer.answer)))
            .collect();
        let inputs = advice.pattern.as_deref().map(|name| inputs_of(&library, name));
        Ok(json!({
            "advice": id,
            "approach": advice.approach.as_str(),
            "tier": advice.tier.number(),
            "pattern": advice.pattern,
            "inputs": inputs,
            "candidates": candidates,
            "coordination": advice.coordination.as_str(),
            "coordination_pattern": advice.coordination_pattern,
            "questions": questions,
            "reasoning": advice.reasoning,
            "confidence": (advice.confidence * 100.0).round() / 100.0,
            "cheaper": advice.alternative.as_ref().map(|cheaper| json!({
                "approach": cheaper.approach.as_str(),
                "pattern": cheaper.pattern,
                "why_not": cheaper.reason,
            })),
            "warnings": advice.warnings,
        }))
    }
}

/// What a pattern is given, by name: whoever starts it has to know.
fn inputs_of(library: &crate::language::document::Library, name: &str) -> Value {
    let document = library.orchestration(name);
    let inputs = document.and_then(|found| found.value().get("inputs")).and_then(Value::as_object);
    let described = inputs.into_iter().flatten().map(|(name, declared)| {
        let mut input = json!({ "type": declared.get("type") });
        if let Some(what) = declared.get("description") {
            input["what"] = what.clone();
        }
        if declared.get("default").is_some() {
            input["optional"] = true.into();
        }
        (name.clone(), input)
    });
    Value::Object(described.collect())
}
