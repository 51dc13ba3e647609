//! Whether two tasks ask the same agent the same thing.

use serde_json::Value;

use super::orchestration::{Orchestration, prompt_of};
use crate::language::document::VerbKind;
use crate::language::plan::TaskOutline;

/// What decides, beside prompt and agent, what a model answers.
const SETTINGS: [&str; 6] = ["model", "options", "output", "samples", "for_each", "repeat"];

/// Whether both tasks send the same prompt in the same way to the same agent.
pub(super) fn ask_the_same(
    orchestration: &Orchestration<'_>,
    one: &TaskOutline<'_>,
    other: &TaskOutline<'_>,
) -> bool {
    let asks = |task: &TaskOutline<'_>| task.verb == Some(VerbKind::Agent);
    let prompt = |task| prompt_of(task).map(|(text, _)| text.trim().to_owned());
    asks(one)
        && asks(other)
        && prompt(one) == prompt(other)
        && ask_one_agent(orchestration, one, other)
        && SETTINGS.iter().all(|key| one.value.get(key) == other.value.get(key))
}

fn ask_one_agent(
    orchestration: &Orchestration<'_>,
    one: &TaskOutline<'_>,
    other: &TaskOutline<'_>,
) -> bool {
    match (orchestration.agent_of(one), orchestration.agent_of(other)) {
        (Some(one), Some(other)) => one.pointer == other.pointer,
        _ => match (one.agents.first(), other.agents.first()) {
            (Some(one), Some(other)) => one.name == other.name,
            _ => false,
        },
    }
}

/// Why a model gives the same answer to the same prompt each time, if it does.
pub(super) fn sameness<'a>(
    orchestration: &Orchestration<'a>,
    task: &TaskOutline<'a>,
) -> Option<&'static str> {
    let option = |name| orchestration.option_of(task, name).map(|setting| setting.value);
    let is_zero = option("temperature").and_then(Value::as_f64) == Some(0.0);
    match option("seed") {
        _ if is_zero => Some("at temperature 0"),
        Some(_) => Some("with the same seed"),
        None => None,
    }
}
