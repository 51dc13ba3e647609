//! What a synthesis needs, and what means nothing for it, by its strategy.

use serde_json::Value;

use crate::language::diagnostic::{Code, Findings};
use crate::language::document::Document;
use crate::language::plan::choice::{MOST_CANDIDATES, Pairs};
use crate::language::plan::outline::{TaskOutline, entries};
use crate::language::source::escape_pointer;

/// The keys of a synthesis besides `from` and `strategy`, with the strategies for which they mean something.
const KEYS: [(&str, &[&str]); 9] = [
    ("agent", &["consensus", "custom", "vote", "best_of"]),
    ("prompt", &["consensus", "custom", "vote"]),
    ("template", &["custom"]),
    ("criteria", &["best_of"]),
    ("on", &["vote"]),
    ("weights", &["vote"]),
    ("abstain", &["vote"]),
    ("quorum", &["vote"]),
    ("tie", &["vote"]),
];

pub(super) fn check(document: &Document, task: &TaskOutline<'_>, found: &mut Findings) {
    let Some(written) = task.get("synthesize") else {
        return;
    };
    let strategy = written.get("strategy").and_then(Value::as_str).unwrap_or_default();
    let synthesis = Synthesis { document, task, written, strategy };
    synthesis.keys(found);
    match strategy {
        "custom" => synthesis.custom(found),
        "vote" => synthesis.vote(found),
        "best_of" => synthesis.best_of(found),
        _ => {}
    }
    synthesis.settings(found);
}

struct Synthesis<'a, 'd> {
    document: &'a Document,
    task: &'a TaskOutline<'d>,
    written: &'d Value,
    strategy: &'d str,
}

impl Synthesis<'_, '_> {
    fn has(&self, key: &str) -> bool {
        self.written.get(key).is_some()
    }

    fn asks_between_equals(&self) -> bool {
        self.written.get("tie").and_then(Value::as_str) == Some("agent")
    }

    fn say(&self, found: &mut Findings, code: Code, key: &str, message: String, help: &str) {
        let place = format!("{}/synthesize/{key}", self.task.pointer);
        found.push(self.document.diagnostic(code, &place, message).help(help));
    }

    fn incomplete(&self, found: &mut Findings, key: &str, message: &str, help: &str) {
        self.say(found, Code::SYNTHESIS_INCOMPLETE, key, message.to_owned(), help);
    }

    /// Keys that mean nothing for the strategy.
    fn keys(&self, found: &mut Findings) {
        let strategy = self.strategy;
        if !KEYS.iter().any(|(_, with)| with.contains(&strategy))
            && !matches!(strategy, "merge_all" | "use_first_result")
        {
            return;
        }
        for (key, with) in KEYS {
            if !self.has(key) || with.contains(&strategy) {
                continue;
            }
            let (message, help) = match (strategy, key) {
                ("consensus", "template") => (
                    "`consensus` asks an agent and has no template".to_owned(),
                    "leave it out, or choose `custom`".to_owned(),
                ),
                ("merge_all" | "use_first_result", "agent" | "prompt" | "template") => (
                    format!("`{strategy}` asks no agent and has no template"),
                    "leave it out, or choose `consensus` or `custom`".to_owned(),
                ),
                ("best_of", "prompt") => (
                    "`best_of` asks by its `criteria` and has no `prompt`".to_owned(),
                    "say in `criteria` what makes a result better than another".to_owned(),
                ),
                _ => (
                    format!("`{key}` means nothing for `{strategy}`"),
                    format!("leave it out, or choose `{}`", with.join("` or `")),
                ),
            };
            self.say(found, Code::SYNTHESIS_INCOMPLETE, key, message, &help);
        }
    }

    fn custom(&self, found: &mut Findings) {
        match (self.has("template"), self.has("agent"), self.has("prompt")) {
            (true, false, false) | (false, true, true) => {}
            (true, _, _) => self.incomplete(
                found,
                "template",
                "a custom synthesis has a `template` or an `agent` with a `prompt`, not both",
                "leave one of the two out",
            ),
            (false, true, false) => self.incomplete(
                found,
                "agent",
                "the agent of a custom synthesis needs a `prompt`",
                "say what it is asked; `results.NAME` reads what is put together",
            ),
            (false, _, _) => self.incomplete(
                found,
                "strategy",
                "a custom synthesis needs a `template`, or an `agent` with a `prompt`",
                "`results.NAME` reads what is put together",
            ),
        }
    }

    fn vote(&self, found: &mut Findings) {
        for key in ["agent", "prompt"] {
            if self.has(key) && !self.asks_between_equals() {
                self.incomplete(
                    found,
                    key,
                    "a vote asks an agent only where it is tied, with `tie: agent`",
                    "write `tie: agent`, or leave it out",
                );
            }
        }
        let voters: Vec<&str> = self.task.sources.iter().map(|source| source.name).collect();
        for (name, _) in entries(self.written.get("weights")) {
            if !voters.contains(&name.as_str()) {
                let place =
                    format!("{}/synthesize/weights/{}", self.task.pointer, escape_pointer(name));
                let message = format!("`{name}` does not vote here");
                let diagnostic = self.document.key_diagnostic(Code::INVALID_VALUE, &place, message);
                let help = format!("the voters are {}", voters.join(", "));
                found.push(diagnostic.help(help));
            }
        }
    }

    fn best_of(&self, found: &mut Findings) {
        if !self.has("criteria") {
            self.incomplete(
                found,
                "strategy",
                "`best_of` needs `criteria`",
                "say what makes a result better than another",
            );
        }
        let count = self.task.sources.len();
        if count > MOST_CANDIDATES {
            let message = format!(
                "`best_of` would make {} comparisons of {count} results; at most {MOST_CANDIDATES} results are \
                 compared",
                Pairs::comparisons(count)
            );
            let help = "choose the best of each group first, and then the best of these";
            self.say(found, Code::INVALID_VALUE, "from", message, help);
        }
    }

    /// Settings of a call where none is made, and the type of a result that is chosen.
    fn settings(&self, found: &mut Findings) {
        let strategy = self.strategy;
        let asks_no_model = matches!(strategy, "merge_all" | "use_first_result")
            || (strategy == "vote" && !self.asks_between_equals())
            || self.has("template");
        let chooses = matches!(strategy, "vote" | "best_of");
        let of_calls = ["timeout", "retry", "estimate", "model", "complexity", "options"];
        for key in ["output"].into_iter().chain(of_calls).chain(["priority", "takes"]) {
            if self.task.get(key).is_none() {
                continue;
            }
            let message = match (asks_no_model, chooses && key == "output") {
                (true, _) => format!("`{key}` means nothing where no model is asked"),
                (false, true) => {
                    format!(
                        "`{strategy}` chooses one of the results, and has no `output` of its own"
                    )
                }
                (false, false) => continue,
            };
            let place = format!("{}/{key}", self.task.pointer);
            let diagnostic = self.document.key_diagnostic(Code::UNKNOWN_KEY, &place, message);
            found.push(diagnostic.help("leave it out"));
        }
    }
}
