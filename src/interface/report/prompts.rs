//! The exact messages of tasks.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::paint::Paint;
use crate::engine::content::{Request, Role};
use crate::engine::simulation::Asked;

/// The messages of tasks as machine output has them.
pub fn prompts_json(name: &str, asked: &[Asked]) -> Value {
    let tasks: Vec<Value> = asked
        .iter()
        .map(|asked| {
            json!({
                "id": asked.task,
                "messages": asked.request.messages,
                "format": asked.request.format,
                "options": asked.request.options,
                "estimated_tokens": asked.request.expected_tokens(),
            })
        })
        .collect();
    json!({ "name": name, "tasks": tasks })
}

/// The messages of tasks for people.
pub fn prompts_text(asked: &[Asked], paint: Paint) -> String {
    let mut text = String::new();
    for asked in asked {
        let tokens = asked.request.expected_tokens();
        let title = format!("{}  about {tokens} tokens", asked.task);
        let _ = writeln!(text, "{}", paint.bold(&title));
        request_text(&asked.request, paint, &mut text);
    }
    text
}

fn request_text(request: &Request, paint: Paint, text: &mut String) {
    for message in &request.messages {
        let role = match message.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        let _ = writeln!(text, "{}", paint.dim(&format!("--- {role}")));
        let _ = writeln!(text, "{}", message.content);
    }
    let _ = writeln!(text);
}
