//! What a model is asked about a request, and how far its word is taken.

use serde_json::{Value, json};

use super::advice::{Advice, Approach};

/// A candidate that lies further behind the first is not to be chosen, whatever a model says. So near to each other the first
/// is right no more often than the second on requests that nobody has seen, so that a model that is always wrong does no harm
/// worth speaking of.
const FARTHEST_BEHIND: f64 = 0.1;

/// What a model answers that finds none of them right.
const NONE: &str = "none";

/// Whether a second opinion may change anything: a pattern is recommended, and others are nearly as near.
pub fn asks_for_another(advice: &Advice) -> bool {
    advice.approach != Approach::Direct && advice.pattern.is_some() && eligible(advice).len() > 1
}

/// A question to a model with the form of its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct SecondOpinion {
    /// What is asked.
    pub prompt: String,
    /// JSON Schema of the answer: one of the candidates' names, or `none`.
    pub format: Value,
}

impl SecondOpinion {
    /// The question about a request, once with the candidates in their order and once the other way round: a model that
    /// prefers what stands first contradicts itself. `summaries` says of a pattern what it does.
    pub fn both(
        request: &str,
        advice: &Advice,
        summaries: impl Fn(&str) -> String,
    ) -> [SecondOpinion; 2] {
        let names = eligible(advice);
        let turned: Vec<&str> = names.iter().rev().copied().collect();
        [names, turned].map(|names| SecondOpinion::about(request, &names, &summaries))
    }

    fn about(request: &str, names: &[&str], summaries: impl Fn(&str) -> String) -> SecondOpinion {
        const QUOTED: usize = 4_000;
        let request: String = request.chars().take(QUOTED).collect();
        let lines: Vec<String> =
            names.iter().map(|name| format!("- {name}: {}", summaries(name))).collect();
        let prompt = format!(
            "Which of these workflows fits the request best? Answer with its name, or with `none`.\n\n\
             <workflows>\n{}\n</workflows>\n\n<request>\n{request}\n</request>",
            lines.join("\n")
        );
        let options: Vec<&str> = names.iter().copied().chain([NONE]).collect();
        let format = json!({
            "type": "object",
            "properties": { "workflow": { "type": "string", "enum": options } },
            "required": ["workflow"],
            "additionalProperties": false,
        });
        SecondOpinion { prompt, format }
    }
}

impl Advice {
    /// Takes a model's word where it may count: only among candidates that are about as near as the first, and only where
    /// it gives the same answer to both questions. Says what became of it.
    pub fn heed(&mut self, model: &str, answers: &[String]) {
        let chosen = |answer: &String| {
            let value: Value = serde_json::from_str(answer).ok()?;
            value["workflow"].as_str().map(str::to_owned)
        };
        let mut choices = answers.iter().map(chosen);
        let first = choices.next().flatten();
        let agreed = first.filter(|first| choices.all(|other| other.as_ref() == Some(first)));
        let told = match agreed {
            Some(name) if self.pattern.as_ref() == Some(&name) => {
                format!("{model} was asked and says the same.")
            }
            Some(name) if asks_for_another(self) && eligible(self).contains(&name.as_str()) => {
                let told = format!("{model} was asked and prefers `{name}`, which is as near.");
                self.pattern = Some(name);
                told
            }
            Some(name) if name == NONE => {
                format!("{model} was asked and finds none of them right.")
            }
            _ => format!("{model} was asked and gave no answer that can be used."),
        };
        self.reasoning.push(told);
    }
}

/// The candidates that may be chosen.
fn eligible(advice: &Advice) -> Vec<&str> {
    let open = || advice.candidates.iter().filter(|one| !one.withheld);
    let best = open().next().map_or(0.0, |first| first.score);
    let near = open().filter(|one| best - one.score <= FARTHEST_BEHIND);
    near.map(|one| one.pattern.as_str()).collect()
}
