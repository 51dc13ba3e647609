//! `fixed-seed`

use std::collections::BTreeSet;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("fixed-seed"),
    severity: Severity::Info,
    confidence: Confidence::High,
    audience: Audience::Auditor,
    summary: "The seed of model calls is fixed in a document.",
    explanation: "\
With a fixed `seed`, every run asks for the same answers: a second run is no second opinion, and an
empty answer that is asked for again comes back empty. `--seed` on the command line sets a seed of
its own for every task, over this one, and can be left out.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    for task in orchestration.asking_tasks() {
        let Some(seed) = orchestration.option_of(task, "seed") else { continue };
        if !seen.insert(seed.key()) {
            continue;
        }
        let message = format!("the seed of `{}` is always {}", task.name, seed.value);
        found.push(
            Diagnostic::new(RULE.code, orchestration.place_for(task, seed.span()), message)
                .help("leave it out, and give `--seed` to the runs that are to be repeatable"),
        );
    }
}
