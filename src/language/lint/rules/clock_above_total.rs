//! `clock-above-total`

use std::collections::BTreeSet;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("clock-above-total"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "A time limit inside an attempt is not shorter than the limit of the whole attempt.",
    explanation: "\
**Symptom.** `first_token`, `silence` or `load` is at least as long as `total`.

**Impact.** The inner clock never rings: a server that is silent is noticed only when the whole
attempt is over.

**Fix.** Keep `silence` and `first_token` to a fraction of `total`, or leave them out: their defaults
are 60s and 2m.",
    check: Check::Orchestrations(check),
};

const CLOCKS: [&str; 3] = ["first_token", "silence", "load"];

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    for task in orchestration.asking_tasks() {
        let Some(total) = orchestration.clock_of(task, "total") else { continue };
        for name in CLOCKS {
            let Some(clock) = orchestration.clock_of(task, name) else { continue };
            if clock.limit.0 < total.limit.0
                || !seen.insert((clock.setting.key(), total.setting.key()))
            {
                continue;
            }
            let message = format!(
                "`{name}` of {} never runs out: the whole attempt has {}",
                clock.limit, total.limit
            );
            let help = format!("make `{name}` a fraction of `total`, or leave it out");
            found.push(
                Diagnostic::new(RULE.code, clock.setting.span(), message)
                    .related(total.setting.span(), "the total is set here")
                    .help(help),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check;

    fn with(timeout: &str) -> String {
        format!(
            "pattern: {{ name: example }}\nteam: {{ name: t, agents: [{{ role: Writer }}] }}\n\
             defaults: {{ timeout: {timeout} }}\n\
             tasks:\n  draft: {{ agent: writer, prompt: Write. }}\n"
        )
    }

    #[test]
    fn clocks_that_are_written_are_compared() {
        let message = "`silence` of 2m never runs out: the whole attempt has 1m";
        check(&RULE, &with("{ total: 1m, silence: 2m }"), &[message]);
        check(&RULE, &with("{ total: 10m, first_token: 2m, silence: 60s }"), &[]);
        // The default of `first_token` is longer, and nobody is to blame.
        check(&RULE, &with("1m"), &[]);
    }
}
