//! The exact messages of tasks.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::paint::Paint;
use crate::engine::content::{Request, Role};
use crate::interface::app::{Omission, Prompts};

/// The messages of tasks as machine output has them.
pub fn prompts_json(name: &str, prompts: &Prompts) -> Value {
    let tasks: Vec<Value> = prompts
        .asked
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
    let omitted: Vec<Value> = prompts
        .omitted
        .iter()
        .map(|(task, omission)| json!({ "id": task, "reason": reason(omission) }))
        .collect();
    json!({ "name": name, "tasks": tasks, "omitted": omitted })
}

/// The messages of tasks for people.
pub fn prompts_text(prompts: &Prompts, paint: Paint) -> String {
    let mut text = String::new();
    for asked in &prompts.asked {
        let tokens = asked.request.expected_tokens();
        let title = format!("{}  about {tokens} tokens", asked.task);
        let _ = writeln!(text, "{}", paint.bold(&title));
        request_text(&asked.request, paint, &mut text);
    }
    for (task, omission) in &prompts.omitted {
        let _ = writeln!(text, "{}  not asked: {}", paint.bold(task), reason(omission));
    }
    text
}

fn reason(omission: &Omission) -> &str {
    match omission {
        Omission::Skipped(reason) | Omission::Failed(reason) => reason,
        Omission::NotReached => "the rehearsal ended before it",
    }
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
