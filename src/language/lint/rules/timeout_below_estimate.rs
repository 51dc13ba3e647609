//! `timeout-below-estimate`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, HumanDuration};
use crate::language::lint::clocks::clock;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("timeout-below-estimate"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "A task has less time than its author expects it to take.",
    explanation: "\
**Symptom.** The total limit of a task is shorter than its own `estimate`.

**Impact.** Every attempt is broken off shortly before it would have ended, and the next one begins
from nothing.

**Fix.** Make the limit several times the estimate: it is there to end what hangs, not what is slow.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    for task in orchestration.asking_tasks() {
        let Some(estimate) = orchestration.own_of(task, "/estimate").and_then(clock) else {
            continue;
        };
        let Some(total) = orchestration.clock_of(task, "total") else { continue };
        if estimate.limit.0 <= total.limit.0 {
            continue;
        }
        let message = format!(
            "`{}` is expected to take {} and has {}",
            task.name, estimate.limit, total.limit
        );
        let roomy = HumanDuration(estimate.limit.0 * 3);
        found.push(
            Diagnostic::new(RULE.code, estimate.setting.span(), message)
                .related(total.setting.span(), "the limit is set here")
                .help(format!("give it more, such as `timeout: {roomy}`, or expect less")),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check;

    fn with(defaults: &str, timeout: &str) -> String {
        format!(
            "pattern: {{ name: example }}\nteam: {{ name: t, agents: [{{ role: Writer }}] }}\n\
             defaults: {{ {defaults} }}\ntasks:\n\
             \x20 draft: {{ agent: writer, prompt: Write., estimate: 2m{timeout} }}\n"
        )
    }

    #[test]
    fn the_limit_in_force_counts() {
        let message = "`draft` is expected to take 2m and has 1m";
        check(&RULE, &with("timeout: 1m", ""), &[message]);
        check(&RULE, &with("timeout: { total: 1m }", ""), &[message]);
        check(&RULE, &with("timeout: 1m", ", timeout: { silence: 10s }"), &[message]);
        check(&RULE, &with("timeout: 1m", ", timeout: 10m"), &[]);
        check(&RULE, &with("timeout: { total: 2m }", ""), &[]);
        check(&RULE, &with("timeout: { first_token: 1m }", ""), &[]);
        check(&RULE, &with("", ""), &[]);
    }
}
