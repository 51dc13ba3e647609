//! What several runs of the same shape would be as one pattern: what differs between their prompts becomes inputs.

use std::collections::BTreeMap;

use serde_json::Value;

use super::wording_apart::{Part, parts};
use crate::language::plan::{Plan, ScopeId, Work};

/// Texts with less in common than this share of the shortest are different work in the same shape.
const LEAST_COMMON: f64 = 0.3;

/// Prompts with places for what differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Common {
    /// The prompts of tasks that ask somebody, by the names of the tasks.
    pub prompts: BTreeMap<String, String>,
    /// What differs: the name of an input, and its value for each of the runs.
    pub inputs: Vec<(String, Vec<String>)>,
}

/// Why several runs make no pattern, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPattern {
    /// All say the same.
    #[error("their prompts are the same: it is one document already")]
    Same,
    /// They have too little in common.
    #[error("the prompts of `{0}` have too little in common")]
    Different(String),
    /// What they read differs.
    #[error("the prompts of `{0}` read different things")]
    ReadsDiffer(String),
    /// They are too long.
    #[error("the prompts of `{0}` are too long to be compared")]
    TooLong(String),
}

/// What two runs must have in common to be of one shape: tasks with what they do, what they need and who is asked, waves,
/// agents, outputs, all settings; not names and summaries, and not what is asked in prompts of the pattern itself.
/// `added` are inputs that count as not there.
pub fn shape(plan: &Plan, added: &[&str]) -> Value {
    let mut plan = plan.clone();
    plan.name.clear();
    plan.summary.clear();
    if let Some(root) = plan.scopes.first_mut() {
        root.pattern.clear();
        root.inputs.retain(|name, _| !added.contains(&name.as_str()));
        for input in root.inputs.values_mut() {
            input.default = None;
            input.description = None;
        }
    }
    for task in &mut plan.tasks {
        if let (ScopeId::ROOT, Work::Ask(ask)) = (task.scope, &mut task.work) {
            ask.prompt = ask.prompt.take().map(|_| String::new());
        }
    }
    let mut value = serde_json::to_value(&plan).unwrap_or_default();
    for team in value["teams"].as_array_mut().into_iter().flatten() {
        team["name"] = Value::Null;
        team["purpose"] = Value::Null;
    }
    value
}

/// The prompts of a pattern itself, by the names of the tasks.
pub fn prompts(plan: &Plan) -> BTreeMap<&str, &str> {
    let own = plan.tasks.iter().filter(|task| task.scope == ScopeId::ROOT);
    own.filter_map(|task| match &task.work {
        Work::Ask(ask) => Some((task.name.as_str(), ask.prompt.as_deref()?)),
        _ => None,
    })
    .collect()
}

/// What the prompts of plans of one shape have in common, and what differs. `taken` are names that inputs cannot have.
///
/// # Errors
/// When they make no pattern.
pub fn common(plans: &[&Plan], taken: &[&str]) -> Result<Common, NoPattern> {
    let all: Vec<BTreeMap<&str, &str>> = plans.iter().map(|plan| prompts(plan)).collect();
    let mut found = Common { prompts: BTreeMap::new(), inputs: Vec::new() };
    for task in all.first().into_iter().flat_map(BTreeMap::keys) {
        let texts: Vec<&str> =
            all.iter().map(|prompts| prompts.get(task).copied().unwrap_or_default()).collect();
        let parts = parts(&texts).ok_or_else(|| NoPattern::TooLong((*task).to_owned()))?;
        if !have_enough_in_common(&texts, &parts) {
            return Err(NoPattern::Different((*task).to_owned()));
        }
        let mut prompt = String::new();
        for part in parts {
            match part {
                Part::Same(text) => prompt.push_str(&text),
                Part::Differs(values) => {
                    let is_template = |text: &String| text.contains(['{', '}']);
                    if values.iter().any(is_template) {
                        return Err(NoPattern::ReadsDiffer((*task).to_owned()));
                    }
                    let name = found.name_for(values, &prompt, taken);
                    prompt.push_str(&format!("{{{{ inputs.{name} }}}}"));
                }
            }
        }
        found.prompts.insert((*task).to_owned(), prompt);
    }
    if found.inputs.is_empty() { Err(NoPattern::Same) } else { Ok(found) }
}

#[expect(clippy::cast_precision_loss, reason = "texts are far shorter than 2^52")]
fn have_enough_in_common(texts: &[&str], parts: &[Part]) -> bool {
    let same = parts.iter().map(|part| match part {
        Part::Same(text) => text.len(),
        Part::Differs(_) => 0,
    });
    let shortest = texts.iter().map(|text| text.len()).min().unwrap_or(0);
    same.sum::<usize>() as f64 >= LEAST_COMMON * shortest as f64
}

impl Common {
    /// The input for what differs: the same one where the same differs elsewhere.
    fn name_for(&mut self, values: Vec<String>, before: &str, taken: &[&str]) -> String {
        if let Some((name, _)) = self.inputs.iter().find(|(_, known)| *known == values) {
            return name.clone();
        }
        let wanted = heading(before).unwrap_or_else(|| "subject".to_owned());
        let is_taken = |name: &str| {
            taken.contains(&name) || self.inputs.iter().any(|(known, _)| known == name)
        };
        let name = std::iter::once(wanted.clone())
            .chain((2..).map(|number| format!("{wanted}_{number}")))
            .find(|name| !is_taken(name))
            .unwrap_or(wanted);
        self.inputs.push((name.clone(), values));
        name
    }
}

/// What a text calls what comes next: `<facts>` or `Facts:` give `facts`.
fn heading(before: &str) -> Option<String> {
    let before = before.trim_end();
    let name = match before.strip_suffix('>') {
        Some(tag) => tag.rsplit_once('<')?.1,
        None => before.strip_suffix(':')?.rsplit(|c: char| !c.is_alphanumeric()).next()?,
    };
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then(|| name.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_name_inputs() {
        assert_eq!(heading("Read this.\n<facts>\n").as_deref(), Some("facts"));
        assert_eq!(heading("Topic: ").as_deref(), Some("topic"));
        assert_eq!(heading("Write about "), None);
        assert_eq!(heading("at 12: "), None);
    }
}
