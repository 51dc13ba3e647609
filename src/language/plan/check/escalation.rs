//! Who takes a failed task up: that each rung says one thing, and that there is somebody on it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::language::diagnostic::{Code, Findings};
use crate::language::document::{Document, LEAD, VerbKind};
use crate::language::plan::failure_outline::rungs;
use crate::language::plan::outline::{Outline, TaskOutline};
use crate::language::plan::team_outline::TeamOutline;

/// Who a rung can be.
const KINDS: [&str; 4] = ["model", "agent", "peers", "person"];

/// Keys that mean something beside one of these only.
const BESIDE: [(&str, &str); 2] = [("options", "model"), ("prompt", "agent")];

pub(super) fn check(outline: &Outline<'_>, team: Option<&TeamOutline<'_>>, found: &mut Findings) {
    for task in &outline.tasks {
        let Some(meaning) = task.get("on_failure") else { continue };
        let pointer = format!("{}/on_failure", task.pointer);
        let checked = Checked { document: outline.document, task, team };
        if let Some(meaning) = meaning.as_object() {
            checked.meaning(meaning, &pointer, found);
            checked.after(meaning, &pointer, found);
        }
        let escalates = meaning == "escalate" || meaning.get("escalate").is_some();
        if escalates && checked.verb(&pointer, found) {
            for (place, rung) in rungs(task.value) {
                checked.rung(rung, &format!("{pointer}/escalate/{place}"), found);
            }
        }
    }
}

struct Checked<'c, 'd> {
    document: &'c Document,
    task: &'c TaskOutline<'d>,
    team: Option<&'c TeamOutline<'d>>,
}

impl Checked<'_, '_> {
    fn invalid(&self, pointer: &str, message: String, help: &str, found: &mut Findings) {
        let diagnostic = self.document.key_diagnostic(Code::INVALID_VALUE, pointer, message);
        found.push(diagnostic.help(help.to_owned()));
    }

    /// Keys that contradict each other, or mean nothing by themselves.
    fn meaning(&self, meaning: &Map<String, Value>, pointer: &str, found: &mut Findings) {
        let has = |key: &str| meaning.contains_key(key);
        let otherwise = format!("{pointer}/otherwise");
        if has("otherwise") && has("fallback") {
            let message = "a task that failed has a fallback, or it has not".to_owned();
            self.invalid(&otherwise, message, "leave `otherwise` out, or `fallback`", found);
        } else if has("otherwise") && !has("escalate") {
            let message = "`otherwise` means nothing without `escalate`".to_owned();
            let help = "say who takes the task up: `escalate: [lead, person]`; or write the word alone: \
                        `on_failure: continue`";
            self.invalid(&otherwise, message, help, found);
        }
    }

    /// That a time for those who are at the task is followed by somebody.
    fn after(&self, meaning: &Map<String, Value>, pointer: &str, found: &mut Findings) {
        if meaning.contains_key("after") && !meaning.contains_key("escalate") {
            let message = "nobody takes the task up `after` that time".to_owned();
            let help = "say who does: `escalate: [lead, person]`; `timeout` bounds an attempt";
            self.invalid(&format!("{pointer}/after"), message, help, found);
        }
    }

    /// Whether somebody can do what the task does.
    fn verb(&self, pointer: &str, found: &mut Findings) -> bool {
        match self.task.verb {
            Some(VerbKind::Agent | VerbKind::Tool) | None => true,
            Some(verb) => {
                let message = format!("nobody can take up a task of the kind `{}`", verb.as_str());
                let help = "escalate the tasks inside it that ask an agent or call a tool; here, say \
                            `continue` or give a `fallback`";
                let diagnostic = self.document.diagnostic(Code::INVALID_VALUE, pointer, message);
                found.push(diagnostic.help(help));
                false
            }
        }
    }

    fn rung(&self, rung: &Value, pointer: &str, found: &mut Findings) {
        let word = rung.as_str();
        let Some(keys) = rung.as_object() else {
            if word == Some(LEAD) && self.may_be_done_again(pointer, found) {
                self.lead(pointer, found);
                self.prompt_for_tool(pointer, found);
            }
            return;
        };
        let kinds: Vec<&str> = KINDS.into_iter().filter(|kind| keys.contains_key(*kind)).collect();
        let kind = match kinds.as_slice() {
            [] => {
                let message = format!("missing key, one of `{}`", KINDS.join("`, `"));
                let diagnostic = self.document.diagnostic(Code::MISSING_KEY, pointer, message);
                found.push(diagnostic.help("say who takes the task up here: `model: qwen3:32b`"));
                return;
            }
            [kind] => *kind,
            [first, second, ..] => {
                let message = format!("one rung has `{first}` and `{second}`");
                let help = "make two rungs of it, one after the other";
                return self.invalid(&format!("{pointer}/{second}"), message, help, found);
            }
        };
        for (key, beside) in BESIDE {
            if keys.contains_key(key) && kind != beside {
                let message = format!("`{key}` means nothing beside `{kind}`");
                let help = format!("leave it out; it belongs to a rung with `{beside}`");
                self.invalid(&format!("{pointer}/{key}"), message, &help, found);
            }
        }
        let place = format!("{pointer}/{kind}");
        if kind != "person" && !self.may_be_done_again(&place, found) {
            return;
        }
        match kind {
            "model" | "peers" if self.task.verb == Some(VerbKind::Tool) => {
                let message = format!("a tool has no `{kind}`");
                let help = "have an agent take it up, with a `prompt` of its own, or a person";
                self.invalid(&format!("{pointer}/{kind}"), message, help, found);
            }
            "peers" => self.peers(&keys["peers"], pointer, found),
            "agent" => {
                if keys["agent"] == LEAD {
                    self.lead(&format!("{pointer}/agent"), found);
                }
                if !keys.contains_key("prompt") {
                    self.prompt_for_tool(pointer, found);
                }
            }
            "person" => self.person(&keys["person"], &format!("{pointer}/person"), found),
            _ => {}
        }
    }

    /// Whether what the task does may be done a second time.
    fn may_be_done_again(&self, pointer: &str, found: &mut Findings) -> bool {
        let is_once = self.task.get("effect").is_some_and(|effect| effect == "once");
        if is_once {
            let message = "what is done once may have been done when it fails".to_owned();
            let help = "have a person take it up, who can look: `person`";
            self.invalid(pointer, message, help, found);
        }
        !is_once
    }

    /// That somebody is above the agent.
    fn lead(&self, pointer: &str, found: &mut Findings) {
        let Some(team) = self.team else { return };
        let own = self.task.get("agent").and_then(Value::as_str).and_then(|name| team.find(name));
        let above = own.and_then(|own| own.agent.reports_to.as_ref());
        let is_somebody = match (own, above) {
            // Someone of the team may be called so.
            _ if team.find(LEAD).is_some() => true,
            (Some(_), Some(_)) => true,
            (Some(own), None) => team.lead().is_some_and(|lead| lead.agent.id != own.agent.id),
            (None, _) => team.lead().is_some(),
        };
        if let (false, Some(own)) = (is_somebody, own) {
            let message = format!("nobody is above `{}`", own.agent.id);
            let diagnostic = self.document.diagnostic(Code::INVALID_VALUE, pointer, message);
            found.push(diagnostic.help("name an agent, or say whom this one reports to"));
        }
    }

    fn prompt_for_tool(&self, pointer: &str, found: &mut Findings) {
        if self.task.verb == Some(VerbKind::Tool) {
            let message = "missing key `prompt`".to_owned();
            let diagnostic = self.document.diagnostic(Code::MISSING_KEY, pointer, message);
            let help = "an agent that takes up a tool's task is told what to do: \
                        `{ agent: NAME, prompt: … }`";
            found.push(diagnostic.help(help));
        }
    }

    fn peers(&self, peers: &Value, pointer: &str, found: &mut Findings) {
        let mut seen = BTreeSet::new();
        for (place, peer) in peers.as_array().into_iter().flatten().enumerate() {
            let Some(name) = peer.as_str() else { continue };
            if !seen.insert(name) {
                let message = format!("`{name}` has one vote, and is named twice");
                let place = format!("{pointer}/peers/{place}");
                let diagnostic = self.document.diagnostic(Code::INVALID_VALUE, &place, message);
                found.push(diagnostic.help("leave it out; `samples` asks one agent several times"));
            }
        }
    }

    fn person(&self, person: &Value, pointer: &str, found: &mut Findings) {
        let Some(default) = person.get("default").and_then(Value::as_str) else { return };
        let Some(options) = person.get("options").and_then(Value::as_array) else { return };
        if !options.is_empty() && !options.iter().any(|option| option == default) {
            let words: Vec<&str> = options.iter().filter_map(Value::as_str).collect();
            let message = format!("`{default}` is no option");
            let place = format!("{pointer}/default");
            let diagnostic = self.document.diagnostic(Code::INVALID_VALUE, &place, message);
            found.push(diagnostic.help(format!("the options are `{}`", words.join("`, `"))));
        }
    }
}
