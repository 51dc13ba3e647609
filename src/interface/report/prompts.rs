//! The exact messages of tasks.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::paint::Paint;
use crate::engine::content::{Message, Role};
use crate::interface::app::{Omission, Prompt, Prompts};

/// The messages of tasks as machine output has them.
pub fn prompts_json(name: &str, prompts: &Prompts) -> Value {
    let tasks: Vec<Value> = prompts.asked.iter().map(prompt_json).collect();
    let omitted: Vec<Value> = prompts
        .omitted
        .iter()
        .map(|(task, omission)| json!({ "id": task, "reason": reason(omission) }))
        .collect();
    json!({
        "name": name,
        "sample_inputs": prompts.sample_inputs,
        "project": prompts.briefing,
        "tasks": tasks,
        "omitted": omitted,
    })
}

fn prompt_json(prompt: &Prompt) -> Value {
    let request = &prompt.asked.request;
    let messages = request.messages.iter().map(|message| {
        json!({
            "role": message.role,
            "content": message.content,
            "estimated_tokens": message.expected_tokens(),
        })
    });
    let mut told = json!({
        "id": prompt.asked.task,
        "agent": prompt.agent,
        "model": prompt.model,
        "messages": messages.collect::<Value>(),
        "format": request.format,
        "options": request.options,
        "estimated_tokens": request.expected_tokens(),
        "num_ctx": prompt.window,
        "fits": prompt.fits(),
    });
    if let Some(task) = &prompt.takes_up {
        told["takes_up"] = Value::from(task.as_str());
    }
    told
}

/// The messages of tasks for people.
pub fn prompts_text(prompts: &Prompts, paint: Paint) -> String {
    let mut text = String::new();
    if !prompts.sample_inputs.is_empty() {
        let names = prompts.sample_inputs.join(", ");
        let _ = writeln!(text, "{}  {names}", paint.notice("sample inputs"));
        let _ = writeln!(text, "  these values are invented; give real ones with -i NAME=VALUE\n");
    }
    if prompts.briefing.is_some() {
        let _ = writeln!(text, "{}", paint.notice("with the context of the project"));
        let _ = writeln!(
            text,
            "  those who lead are told it, as in a run that begins now; --no-context leaves it out\n"
        );
    }
    for prompt in &prompts.asked {
        let who = prompt.agent.as_ref().map(ToString::to_string).unwrap_or_default();
        let who = match &prompt.model {
            Some(model) => format!("{who} ({model})"),
            None => who,
        };
        let _ = writeln!(text, "{}  {who}", paint.bold(&prompt.asked.task));
        if let Some(task) = &prompt.takes_up {
            let why = format!(
                "only where all before it for `{task}` has failed; what it is told of that is invented"
            );
            let _ = writeln!(text, "{}", paint.dim(&why));
        }
        let _ = writeln!(text, "{}", size(prompt, paint));
        for message in &prompt.asked.request.messages {
            message_text(message, prompts.briefing.as_deref(), paint, &mut text);
        }
        let _ = writeln!(text);
    }
    for (task, omission) in &prompts.omitted {
        let _ = match omission {
            Omission::Person(_) => writeln!(text, "{}  {}", paint.bold(task), reason(omission)),
            _ => writeln!(text, "{}  not asked: {}", paint.bold(task), reason(omission)),
        };
    }
    text
}

/// How much of the window a prompt takes.
fn size(prompt: &Prompt, paint: Paint) -> String {
    let (tokens, answer) = prompt.expected_tokens();
    let Some(window) = prompt.window else {
        return format!("about {tokens} tokens");
    };
    let share = (tokens * 100).div_ceil(u64::from(window).max(1));
    let mut size = format!("about {tokens} of {window} tokens ({share} %)");
    if let Some(answer) = answer {
        let _ = write!(size, ", up to {answer} more for the answer");
    }
    if prompt.fits() == Some(false) {
        let _ = write!(size, ": {}", paint.notice("more than the window holds"));
    }
    size
}

fn reason(omission: &Omission) -> Cow<'_, str> {
    match omission {
        Omission::Skipped(reason) | Omission::Failed(reason) => reason.into(),
        Omission::NotReached => "the rehearsal ended before it".into(),
        Omission::NotDone => "what it would undo was not done".into(),
        Omission::Person(asked) => {
            format!("a person is asked where all before it has failed: {asked}").into()
        }
        Omission::BehindPerson => "a person takes the task up before it".into(),
    }
}

fn message_text(message: &Message, briefing: Option<&str>, paint: Paint, text: &mut String) {
    let role = match message.role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    };
    let heading = format!("--- {role}, about {} tokens", message.expected_tokens());
    let _ = writeln!(text, "{}", paint.dim(&heading));
    let told = briefing.and_then(|briefing| message.content.strip_suffix(briefing));
    match (told, briefing) {
        (Some(own), Some(briefing)) if message.role == Role::System => {
            let _ = writeln!(text, "{}", own.trim_end());
            let _ = writeln!(text, "{}\n{briefing}", paint.dim("--- the context of the project"));
        }
        _ => {
            let _ = writeln!(text, "{}", message.content);
        }
    }
}
