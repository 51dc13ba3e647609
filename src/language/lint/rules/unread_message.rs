//! `unread-message`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, VerbKind};
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};
use serde_json::Value;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("unread-message"),
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    audience: Audience::Author,
    summary: "Work is given out or handed over, and nobody reads the message.",
    explanation: "\
**Symptom.** No task of the agents whom a delegation or a handoff is to surely comes behind it, none starts on its
topic, and no template reads it.

**Impact.** An agent reads the messages that were sent before its task, by what the task needs and by the barriers of
waves, never by who was faster. The work that the message gives out is done by nobody, or without it.

**Fix.** Let the agent's task need it, `needs: [NAME]`; or give the message a `topic`, and the task `on_message`. A
message for people who follow the run is a broadcast or a standup.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    if !orchestration.is_sound() {
        return;
    }
    let tasks = orchestration.tasks();
    for (sender, task) in tasks.iter().enumerate() {
        let kind = task.get("send").and_then(Value::as_str).unwrap_or_default();
        if task.verb != Some(VerbKind::Send) || !matches!(kind, "delegation" | "handoff") {
            continue;
        }
        let own = format!("tasks.{}.output", task.name);
        let is_read = (0..tasks.len()).any(|reader| orchestration.reads_message(reader, sender))
            || tasks.iter().flat_map(|task| &task.templates).any(|site| site.text.contains(&own))
            || orchestration.outline.outputs.iter().any(|site| site.text.contains(&own));
        if is_read {
            continue;
        }
        let message = format!("nobody reads the {kind} `{}`", task.name);
        let help = format!(
            "put a task of its reader behind it: `needs: [{}]`; or start one on its topic with `on_message`",
            task.name
        );
        found.push(
            Diagnostic::new(RULE.code, orchestration.key_span(task, "/to"), message).help(help),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check_tasks;

    fn check(reader: &str, expected: &[&str]) {
        let text = format!(
            "tasks:
  assign: {{ send: delegation, from: writer, to: editor, topic: work, body: Shorten it. }}
  edit: {reader}
"
        );
        check_tasks(&RULE, &text, expected);
    }

    #[test]
    fn a_reader_who_is_not_behind_it() {
        let unread = ["nobody reads the delegation `assign`"];
        check("{ agent: editor, prompt: Go. }", &unread);
        check("{ agent: market_analyst, needs: [assign], prompt: Go. }", &unread);
    }

    #[test]
    fn messages_that_are_read() {
        check("{ agent: editor, needs: [assign], prompt: Go. }", &[]);
        check("{ agent: market_analyst, on_message: work, prompt: Go. }", &[]);
        check("{ agent: market_analyst, prompt: 'Go: {{ tasks.assign.output.body }}' }", &[]);
    }
}
