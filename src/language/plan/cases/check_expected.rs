//! Whether what a case expects is there to be expected.

use serde_json::{Value, json};

use super::address::{answered_at, answered_parts};
use super::check::{Anchor, Checker};
use super::expected::Expected;
use super::script::schema_at;
use crate::language::diagnostic::Code;
use crate::language::document::{Case, Expectations, ExpectedTask, OnFailure};
use crate::language::plan::{TaskId, Work};
use crate::language::source::{child_pointer, value_at};

impl Checker<'_> {
    /// What a case expects.
    pub(super) fn expectations(&mut self, pointer: &str, case: &Case) {
        let Expectations { outputs, tasks, ran, not_run, order, messages, .. } = &case.expect;
        let declared = &self.plan.root().outputs;
        for (name, written) in outputs {
            let pointer = child_pointer(&format!("{pointer}/outputs"), name);
            if !declared.contains_key(name) {
                let message = format!("`{}` has no output `{name}`", self.plan.name);
                let names = declared.keys().map(String::as_str);
                self.unknown_key(
                    Code::UNKNOWN_OUTPUT,
                    &pointer,
                    name,
                    message,
                    &names.collect::<Vec<_>>(),
                );
            }
            let problems = Expected::of(written).err().unwrap_or_default();
            self.problems(Code::INVALID_EXPECTATION, &pointer, problems);
        }
        for (address, expected) in tasks {
            let pointer = child_pointer(&format!("{pointer}/tasks"), address);
            self.task(case, address, expected, &pointer);
        }
        if let Some(written) = messages {
            self.messages(written, &format!("{pointer}/messages"));
        }
        for (place, address) in ran.iter().enumerate() {
            let pointer = format!("{pointer}/ran/{place}");
            self.tasks_of_value(address, &pointer);
            if not_run.contains(address) {
                let message = format!("`{address}` is to be run and not to be run");
                let found = self.document.diagnostic(Code::INVALID_EXPECTATION, &pointer, message);
                self.found.push(found);
            }
        }
        for (place, address) in not_run.iter().enumerate() {
            self.tasks_of_value(address, &format!("{pointer}/not_run/{place}"));
        }
        for (place, stage) in order.iter().enumerate() {
            let pointer = format!("{pointer}/order/{place}");
            let is_list = value_at(self.document.value(), &pointer).is_some_and(Value::is_array);
            for (inside, address) in stage.0.iter().enumerate() {
                match is_list {
                    true => self.tasks_of_value(address, &format!("{pointer}/{inside}")),
                    false => self.tasks_of_value(address, &pointer),
                }
            }
        }
    }

    /// That what is expected of messages can be read, and is about what messages have.
    fn messages(&mut self, written: &Value, pointer: &str) {
        let problems = Expected::of(written).err().unwrap_or_default();
        self.problems(Code::INVALID_EXPECTATION, pointer, problems);
        let schema = message_schema();
        let contained = written.get("contains");
        let (one, place) = match contained {
            Some(one) => (one, format!("{pointer}/contains")),
            None => (written, pointer.to_owned()),
        };
        match one {
            Value::Array(items) => {
                for (number, item) in items.iter().enumerate() {
                    self.fields(&schema, item, "", &format!("{place}/{number}"));
                }
            }
            one if contained.is_some() => self.fields(&schema, one, "", &place),
            _ => {}
        }
        if !self.plan.all_tasks().iter().any(|task| matches!(task.work, Work::Send(_))) {
            let is_none = [json!([]), json!({ "count": 0 })].contains(written);
            if !is_none {
                self.never(pointer, format!("no task of `{}` sends a message", self.plan.name));
            }
        }
    }

    fn task(&mut self, case: &Case, address: &str, expected: &ExpectedTask, pointer: &str) {
        let tasks = self.tasks_of_key(address, pointer);
        let ExpectedTask { choice, output, prompt, server, fell_back, .. } = expected;
        // Of a task that is done for items only these ask something.
        let answered: Vec<_> = answered_at(self.plan, address)
            .into_iter()
            .filter(|(task, _)| address.contains('[') || !task.path.ends_with(']'))
            .collect();
        if let (Some(choice), Some(task)) = (choice, tasks.first()) {
            let path = &self.plan.task(*task).path;
            let at = if self.plan.gate(address).is_some() { address } else { path };
            self.choice(at, choice, &format!("{pointer}/choice"), Anchor::Value);
        }
        if let Some(written) = output {
            let pointer = format!("{pointer}/output");
            let problems = Expected::of(written).err().unwrap_or_default();
            self.problems(Code::INVALID_EXPECTATION, &pointer, problems);
            for schema in answered.iter().filter_map(|(_, output)| *output) {
                self.fields(schema, written, "", &pointer);
            }
        }
        let asks = answered.iter().any(|(task, _)| task.asks_a_model());
        if let Some(written) = prompt {
            let pointer = format!("{pointer}/prompt");
            let problems = Expected::of(written).err().unwrap_or_default();
            self.problems(Code::INVALID_EXPECTATION, &pointer, problems);
            if !asks && !tasks.is_empty() {
                self.asks_nobody(&pointer, address);
            }
        }
        if let Some(server) = server {
            let pointer = format!("{pointer}/server");
            self.server(case, server, &pointer);
            if !asks && !tasks.is_empty() {
                self.asks_nobody(&pointer, address);
            }
        }
        let is_caught = |task: &TaskId| {
            let on_failure = &self.plan.task(*task).on_failure;
            matches!(on_failure, OnFailure::Fallback(_))
        };
        if *fell_back == Some(true) && !tasks.is_empty() && !tasks.iter().any(is_caught) {
            self.never(&format!("{pointer}/fell_back"), format!("`{address}` has no fallback"));
        }
    }

    /// That the fields which are expected are those of the type.
    fn fields(&mut self, schema: &Value, written: &Value, inside: &str, pointer: &str) {
        let Some(map) = written.as_object().filter(|map| !Expected::is_condition(map)) else {
            return;
        };
        let Some(here) = schema_at(schema, inside) else { return };
        let is_closed = here.get("additionalProperties") == Some(&Value::Bool(false));
        let Some(known) = here.get("properties").and_then(Value::as_object) else { return };
        for (name, value) in map {
            let place = child_pointer(pointer, name);
            if known.contains_key(name) {
                self.fields(schema, value, &child_pointer(inside, name), &place);
            } else if is_closed {
                let message = format!("there is no field `{name}`");
                let near = Expected::near_condition(name).filter(|_| map.len() == 1);
                let names = known.keys().map(String::as_str).chain(near);
                self.unknown_key(
                    Code::UNKNOWN_FIELD,
                    &place,
                    name,
                    message,
                    &names.collect::<Vec<_>>(),
                );
            }
        }
    }

    /// Something is expected of a call that is never made, or that is made in the parts of a task.
    fn asks_nobody(&mut self, pointer: &str, address: &str) {
        let message = format!("`{address}` asks no model");
        let found = self.document.diagnostic(Code::INVALID_EXPECTATION, pointer, message);
        self.found.push(match answered_parts(self.plan, address) {
            Some(help) => found.help(help),
            None => found,
        });
    }

    fn never(&mut self, pointer: &str, message: String) {
        self.found.push(self.document.diagnostic(Code::INVALID_EXPECTATION, pointer, message));
    }
}

/// What is told of a message.
fn message_schema() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "task": text, "kind": text, "from": text, "to": { "type": "array", "items": text },
            "topic": text, "subject": text, "body": {},
        },
    })
}
