//! What is voted on, and how many votes that can be: of syntheses and of samples.

use serde_json::Value;

use crate::language::diagnostic::{Code, Findings};
use crate::language::plan::outline::{Outline, TaskOutline};
use crate::language::plan::typing::Types;
use crate::language::template::Type;

pub(super) fn check<'l>(types: &Types<'_, 'l>, outline: &Outline<'l>, found: &mut Findings) {
    for task in &outline.tasks {
        if task.strategy == Some("vote")
            && let Some(vote) = task.get("synthesize")
        {
            let voters =
                task.sources.iter().map(|source| format!("the result of `{}`", source.name));
            let answers = voters.zip(types.candidates(outline, task)).collect();
            let are_single = task.sources.iter().all(|source| {
                outline.task(source.name).is_none_or(|place| outline.tasks[place].each.is_none())
            });
            let most = are_single.then_some(task.sources.len() as u64);
            let most = most.filter(|_| vote.get("weights").is_none());
            Ballot { outline, task, key: "synthesize", written: vote, answers, most }.check(found);
        }
        if let Some(samples) = task.get("samples") {
            let answer = types.answer_of(outline, task);
            let answers = vec![("the answer".to_owned(), answer)];
            let most = samples.get("count").and_then(Value::as_u64);
            let ballot = Ballot { outline, task, key: "samples", written: samples, answers, most };
            ballot.check(found);
            ballot.confidence(found);
        }
    }
}

struct Ballot<'a, 'l> {
    outline: &'a Outline<'l>,
    task: &'a TaskOutline<'l>,
    /// Where it is written.
    key: &'static str,
    written: &'a Value,
    /// What is voted on, and its types.
    answers: Vec<(String, Type)>,
    /// How many votes there can be, where that is known.
    most: Option<u64>,
}

impl Ballot<'_, '_> {
    fn pointer(&self, key: &str) -> String {
        format!("{}/{}/{key}", self.task.pointer, self.key)
    }

    fn check(&self, found: &mut Findings) {
        if let Some(path) = self.written.get("on").and_then(Value::as_str) {
            self.field(path, found);
        }
        let quorum = self.written.get("quorum").and_then(Value::as_f64);
        if let (Some(quorum), Some(most)) = (quorum, self.most)
            && quorum > most as f64
        {
            let message = format!("nobody can have {quorum} of {most} votes");
            let diagnostic = self.outline.document.diagnostic(
                Code::INVALID_VALUE,
                &self.pointer("quorum"),
                message,
            );
            found.push(diagnostic.help(format!("write at most {most}, or a share below 1")));
        }
    }

    /// That the answers have the field that is voted on.
    fn field(&self, path: &str, found: &mut Findings) {
        for (whose, answer) in &self.answers {
            let mut value = answer.clone();
            for step in path.split('.') {
                match value.field(step) {
                    Ok(field) => value = field,
                    Err(_) => {
                        let message = format!("{whose} has no field `{path}`");
                        let known: Vec<&str> =
                            value.fields().into_iter().map(|(name, _)| name).take(20).collect();
                        let help = match known.is_empty() {
                            true => "name it in the `output` of who answers".to_owned(),
                            false => format!("the fields are {}", known.join(", ")),
                        };
                        let place = self.pointer("on");
                        let diagnostic =
                            self.outline.document.diagnostic(Code::UNKNOWN_FIELD, &place, message);
                        found.push(diagnostic.help(help));
                        return;
                    }
                }
            }
        }
    }

    fn confidence(&self, found: &mut Findings) {
        let stops_early = self.written.get("stop").and_then(Value::as_str) == Some("early");
        if self.written.get("confidence").is_some() && !stops_early {
            let message = "`confidence` means nothing unless sampling stops early";
            let place = self.pointer("confidence");
            let diagnostic =
                self.outline.document.key_diagnostic(Code::INVALID_VALUE, &place, message);
            found.push(diagnostic.help("write `stop: early`, or leave it out"));
        }
    }
}
