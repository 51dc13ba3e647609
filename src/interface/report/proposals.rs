//! Patterns that are proposed, as text and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::paint::Paint;
use super::units::counted;
use super::width::{one_line, shortened};
use crate::interface::app::Proposals;

/// So much of a value is shown.
const SHOWN: usize = 70;

/// Proposals for machines.
pub fn proposals_json(found: &Proposals) -> Value {
    let proposals = found.proposals.iter().map(|proposal| {
        let inputs = proposal.inputs.iter().map(|(name, values)| {
            let values: serde_json::Map<String, Value> =
                values.iter().map(|(run, value)| (run.clone(), value.as_str().into())).collect();
            (name.clone(), Value::Object(values))
        });
        json!({
            "name": proposal.draft.name,
            "kind": proposal.draft.kind.as_str(),
            "file": proposal.draft.path.display().to_string(),
            "runs": proposal.runs,
            "of": proposal.names,
            "inputs": inputs.collect::<serde_json::Map<_, _>>(),
            "text": proposal.draft.text,
        })
    });
    let left_out =
        found.left_out.iter().map(|(runs, reason)| json!({ "runs": runs, "reason": reason }));
    json!({
        "proposals": proposals.collect::<Vec<_>>(),
        "left_out": left_out.collect::<Vec<_>>(),
    })
}

/// Proposals for people.
pub fn proposals_text(found: &Proposals, paint: Paint) -> String {
    let mut text = String::new();
    for proposal in &found.proposals {
        let runs = counted(proposal.runs.len() as u64, "run", "runs");
        let head = format!("{}  of {runs}: {}", proposal.draft.name, proposal.runs.join(", "));
        let _ = writeln!(text, "{}", paint.bold(&head));
        for (name, values) in &proposal.inputs {
            let mut told: Vec<&str> = values.iter().map(|(_, value)| value.as_str()).collect();
            told.dedup();
            let told: Vec<String> =
                told.into_iter().map(|value| format!("“{}”", one_line(value))).collect();
            let _ = writeln!(text, "  {name}: {}", shortened(&told.join(", "), SHOWN));
        }
        let _ = writeln!(text, "\n{}", proposal.draft.text);
    }
    for (runs, reason) in &found.left_out {
        let _ = writeln!(text, "{}", paint.dim(&format!("not of {}: {reason}", runs.join(", "))));
    }
    if text.is_empty() {
        text.push_str("nothing was run again and again in one shape with other texts\n");
    }
    text
}
