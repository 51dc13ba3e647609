//! `differing-windows`

use std::collections::{BTreeMap, BTreeSet};

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::{Orchestration, Setting};
use crate::language::lint::rule::{Check, Rule};
use crate::language::plan::TaskOutline;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("differing-windows"),
    severity: Severity::Info,
    confidence: Confidence::High,
    audience: Audience::Ci,
    summary: "Tasks that ask the same model set different context windows.",
    explanation: "\
**Symptom.** Two tasks ask one model, and their `num_ctx` differ.

**Impact.** A server loads a model again whenever the window changes, so all calls of a model in a
run ask for the largest. A smaller one saves no memory; it only refuses longer prompts of its task.

**Fix.** Set `num_ctx` once, in `defaults`, for all that share the model.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let mut by_model: BTreeMap<Option<&str>, Vec<(&TaskOutline<'_>, u64, Setting<'_>)>> =
        BTreeMap::new();
    for task in orchestration.asking_tasks() {
        let Some(window) = orchestration.option_of(task, "num_ctx") else { continue };
        let Some(size) = window.value.as_u64() else { continue };
        let model = orchestration.model_of(task).and_then(|model| model.value.as_str());
        by_model.entry(model).or_default().push((task, size, window));
    }
    for (model, windows) in by_model {
        let Some((_, largest, at)) = windows.iter().max_by_key(|(_, size, _)| *size) else {
            continue;
        };
        let mut seen = BTreeSet::new();
        for (task, size, window) in windows.iter().filter(|(_, size, _)| size < largest) {
            if !seen.insert(window.key()) {
                continue;
            }
            let calls = model.map_or("its calls".to_owned(), |model| format!("calls of `{model}`"));
            let message = format!(
                "`{}` sets a window of {size}, but all {calls} ask for {largest}",
                task.name
            );
            let place = orchestration.place_for(task, window.span());
            found.push(
                Diagnostic::new(RULE.code, place, message)
                    .related(at.span(), "the largest is here")
                    .help("set `num_ctx` once, in `defaults`: a smaller one only refuses prompts"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check;

    fn with(first: &str, second: &str) -> String {
        format!(
            "pattern: {{ name: example }}\nteam: {{ name: t, agents: [{{ role: Writer }}] }}\n\
             tasks:\n  draft: {{ agent: writer, prompt: Write., {first} }}\n\
             \x20 edit: {{ agent: writer, prompt: Edit., {second} }}\n"
        )
    }

    #[test]
    fn windows_are_compared_model_by_model() {
        let (small, large) = ("options: { num_ctx: 4096 }", "options: { num_ctx: 8192 }");
        let message = "`draft` sets a window of 4096, but all its calls ask for 8192";
        check(&RULE, &with(small, large), &[message]);
        check(&RULE, &with(large, large), &[]);
        let other = format!("{large}, model: \"mistral:7b\"");
        check(&RULE, &with(small, &other), &[]);
        check(&RULE, &with(small, "description: no window of its own"), &[]);
    }
}
