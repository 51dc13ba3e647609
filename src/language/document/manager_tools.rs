//! The tools of those who lead: what models are told of them, and what they are given.

use serde_json::{Value, json};

use crate::organization::{
    ANALYZE_NEEDS, CREATE_PROJECT, MANAGER_TOOLS, MONITOR_HEALTH, REVIEW_OUTCOMES, START_WORKFLOW,
};

/// What is said of such a tool: its description, and the JSON Schema of its arguments; nothing of others.
pub fn described_manager_tool(tool: &str) -> Option<(&'static str, Value)> {
    let (name, description) = MANAGER_TOOLS.iter().find(|(name, _)| *name == tool)?;
    let text = |what: &str| json!({ "type": "string", "minLength": 1, "description": what });
    let run =
        || text("The run, as start_workflow has named it; the one that you started last if absent");
    let (properties, required) = match *name {
        ANALYZE_NEEDS => (
            json!({ "request": text("What is to be done, in a sentence or two") }),
            vec!["request"],
        ),
        CREATE_PROJECT => (
            json!({
                "name": text("The name of the project, where it has no context yet"),
                "objective": text("What is to be reached"),
                "tasks": {
                    "type": "array",
                    "items": { "type": "string", "minLength": 1 },
                    "description": "What is to be done for it, each in a sentence",
                },
            }),
            vec!["name", "objective"],
        ),
        START_WORKFLOW => (
            json!({
                "pattern": text("The name of a pattern or pipeline"),
                "inputs": { "type": "object", "description": "Its inputs by name" },
            }),
            vec!["pattern"],
        ),
        MONITOR_HEALTH | REVIEW_OUTCOMES => (json!({ "run": run() }), Vec::new()),
        _ => return None,
    };
    let schema = json!({ "type": "object", "properties": properties, "required": required });
    Some((description, schema))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_is_described_and_no_other() {
        for (name, description) in MANAGER_TOOLS {
            let (said, schema) = described_manager_tool(name).expect(name);
            assert_eq!(said, description);
            assert!(schema["properties"].as_object().is_some_and(|known| !known.is_empty()));
        }
        assert_eq!(described_manager_tool("read_file"), None);
    }
}
