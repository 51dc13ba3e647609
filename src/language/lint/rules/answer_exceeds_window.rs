//! `answer-exceeds-window`

use std::collections::BTreeSet;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};
use crate::language::plan::TaskOutline;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("answer-exceeds-window"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "An answer may be as long as the whole context window, which also has to hold the prompt.",
    explanation: "\
**Symptom.** `num_predict` is not less than `num_ctx`.

**Impact.** The window holds the prompt and the answer. An answer as long as is allowed is cut before
its end, or pushes the prompt out of the window.

**Fix.** Keep `num_predict` well below `num_ctx`: a quarter of it leaves room for most prompts.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    for task in orchestration.asking_tasks() {
        let Some(answer) = orchestration.option_of(task, "num_predict") else { continue };
        let Some(length) = answer.value.as_u64() else { continue };
        let Some(window) = orchestration.option_of(task, "num_ctx") else { continue };
        if window.value.as_u64().is_none_or(|size| length < size) {
            continue;
        }
        let model = orchestration.model_of(task).and_then(|model| model.value.as_str());
        if !seen.insert((answer.key(), window.key(), model)) {
            continue;
        }
        // Calls that share a model ask for the largest window of any of them.
        if largest_window(orchestration, task).is_some_and(|size| length < size) {
            continue;
        }
        let message = format!(
            "an answer of {length} tokens leaves nothing of a window of {} to the prompt",
            window.value
        );
        found.push(
            Diagnostic::new(RULE.code, orchestration.place_for(task, answer.span()), message)
                .related(window.span(), "the window is set here")
                .help("raise `num_ctx`, or allow less: a quarter of the window is a good measure"),
        );
    }
}

fn largest_window<'a>(orchestration: &Orchestration<'a>, task: &TaskOutline<'a>) -> Option<u64> {
    let model = |task| orchestration.model_of(task).and_then(|model| model.value.as_str());
    let own = model(task);
    let others = orchestration.asking_tasks().filter(|other| model(other) == own);
    let windows = others.filter_map(|other| orchestration.option_of(other, "num_ctx"));
    windows.filter_map(|window| window.value.as_u64()).max()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check;

    fn with(options: &str, tasks: &str) -> String {
        format!(
            "pattern: {{ name: example }}\nteam: {{ name: t, agents: [{{ role: Writer }}] }}\n\
             defaults: {{ options: {options} }}\ntasks:\n\
             \x20 draft: {{ agent: writer, prompt: Write about tea. }}\n{tasks}"
        )
    }

    #[test]
    fn the_window_holds_prompt_and_answer() {
        let message = "an answer of 4096 tokens leaves nothing of a window of 4096 to the prompt";
        check(&RULE, &with("{ num_ctx: 4096, num_predict: 4096 }", ""), &[message]);
        check(&RULE, &with("{ num_ctx: 4096, num_predict: 1024 }", ""), &[]);
        check(&RULE, &with("{ num_predict: 4096 }", ""), &[]);
        // The calls of both ask for 8192.
        let wide = "  edit: { agent: writer, prompt: Edit it., options: { num_ctx: 8192 } }\n";
        check(&RULE, &with("{ num_ctx: 4096, num_predict: 4096 }", wide), &[]);
    }
}
