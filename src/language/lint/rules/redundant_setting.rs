//! `redundant-setting`

use serde_json::Value;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Fix, Severity};
use crate::language::document::{Audience, Document, DocumentKind};
use crate::language::lint::clocks::duration;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};
use crate::language::source::value_at;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("redundant-setting"),
    severity: Severity::Info,
    confidence: Confidence::High,
    audience: Audience::Auditor,
    summary: "A setting says what holds anyway.",
    explanation: "\
A setting that repeats a default hides the ones that matter, and is overlooked when the default is
changed. `barrier: true` and `on_failure: fail` are what holds without them; so is a limit or a number
of attempts that the document's `defaults` already say.",
    check: Check::Orchestrations(check),
};

/// What holds where neither task nor document nor caller says anything.
const BUILT_IN: [(&str, &str); 6] = [
    ("/timeout/total", "30m"),
    ("/timeout/load", "5m"),
    ("/timeout/first_token", "2m"),
    ("/timeout/silence", "60s"),
    ("/retry/max_attempts", "3"),
    ("/retry/backoff", "1s..30s"),
];

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let document = orchestration.document;
    let defaults = document.value().get("defaults");
    for wave in &orchestration.outline.waves {
        let barrier = format!("{}/barrier", wave.pointer);
        if value_at(document.value(), &barrier) == Some(&Value::Bool(true)) {
            found.push(finding(document, &barrier, "a wave is a barrier without this"));
        }
    }
    for task in orchestration.tasks() {
        if task.value.get("on_failure").is_some_and(|written| written == "fail") {
            let pointer = format!("{}/on_failure", task.pointer);
            found.push(finding(document, &pointer, "a failure ends the run without this"));
        }
        for (setting, _) in BUILT_IN {
            let own = holding(task.value, setting);
            let default = defaults.and_then(|defaults| holding(defaults, setting));
            let Some((own, default)) = own.zip(default) else { continue };
            let Some(said) = orchestration.default_of(default) else { continue };
            if value_at(task.value, own).is_some_and(|value| same(value, said.value)) {
                let pointer = format!("{}{own}", task.pointer);
                let finding = finding(document, &pointer, "the document's `defaults` say so");
                found.push(finding.related(said.span(), "it is said here"));
            }
        }
    }
    // A pattern's own word counts more than its caller's, so that even a default may be needed.
    if document.kind() == DocumentKind::Pipeline {
        for (setting, built_in) in BUILT_IN {
            let default = defaults.and_then(|defaults| holding(defaults, setting));
            let Some(said) = default.and_then(|place| orchestration.default_of(place)) else {
                continue;
            };
            if same(said.value, &Value::from(built_in)) {
                let pointer = format!("/defaults{}", default.unwrap_or_default());
                found.push(finding(document, &pointer, "this holds without being said"));
            }
        }
    }
    if document.value().get("success_criteria").is_some_and(|said| said == "all_tasks_complete") {
        found.push(finding(document, "/success_criteria", "this holds without being said"));
    }
}

/// Where a setting stands in a task or in `defaults`: a plain duration is the total.
fn holding<'s>(holder: &Value, setting: &'s str) -> Option<&'s str> {
    let is_plain = holder.get("timeout").is_some_and(Value::is_string);
    match setting {
        "/timeout/total" if is_plain => Some("/timeout"),
        _ => value_at(holder, setting).map(|_| setting),
    }
}

fn finding(document: &Document, pointer: &str, message: &str) -> Diagnostic {
    let edit = document.remove_entry(pointer);
    document
        .key_diagnostic(RULE.code, pointer, message)
        .help("leave it out")
        .maybe_fix(edit.map(|edit| Fix::safe("leave it out", vec![edit])))
}

/// Whether two values mean the same: durations may be written differently.
fn same(one: &Value, other: &Value) -> bool {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    one == other
        || text(one) == text(other)
        || duration(one).zip(duration(other)).is_some_and(|(one, other)| one == other)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::{check, check_fix};

    fn with(kind: &str, defaults: &str, task: &str) -> String {
        format!(
            "{kind}: {{ name: example }}\nteam: {{ name: t, agents: [{{ role: Writer }}] }}\n\
             {defaults}tasks:\n  draft: {{ agent: writer, prompt: Write.{task} }}\n"
        )
    }

    #[test]
    fn repetition_is_found_and_removed() {
        let defaults = "defaults: { timeout: { total: 1m }, retry: { max_attempts: 5 } }\n";
        let repeated = with("pattern", defaults, ", timeout: { total: 60s }");
        check(&RULE, &repeated, &["the document's `defaults` say so"]);
        check_fix(&RULE, &repeated, &with("pattern", defaults, ""));
        check(&RULE, &with("pattern", defaults, ", retry: { max_attempts: 3 }"), &[]);
        let plain = with("pattern", defaults, ", timeout: 1m");
        check_fix(&RULE, &plain, &with("pattern", defaults, ""));
        let fails = with("pattern", "", ", on_failure: fail");
        check_fix(&RULE, &fails, &with("pattern", "", ""));
    }

    #[test]
    fn a_pattern_may_insist_on_what_its_caller_could_change() {
        let defaults = "defaults: { retry: { max_attempts: 3 } }\n";
        check(&RULE, &with("pattern", defaults, ""), &[]);
        check(&RULE, &with("pipeline", defaults, ""), &["this holds without being said"]);
    }
}
