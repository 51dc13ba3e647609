//! `team-larger-than-its-work`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("team-larger-than-its-work"),
    severity: Severity::Info,
    confidence: Confidence::Medium,
    audience: Audience::Ci,
    summary: "Fewer than half of a team are asked anything.",
    explanation: "\
The team stands in the document itself, so nobody else can use it, and most of its agents have no task.
Either work is missing, or the others can go: whoever reads the document thinks that they have a part.
A team that several documents share belongs into a file of its own, where this is not looked at.",
    check: Check::Orchestrations(check),
};

/// A team of fewer is small.
const LARGE: usize = 6;

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let Some(team) = orchestration.team else { return };
    let size = team.members.len();
    if !team.is_inline() || size < LARGE {
        return;
    }
    let idle = team.members.iter().filter(|member| !orchestration.may_ask(member));
    let idle: Vec<&str> = idle.map(|member| member.agent.id.as_str()).collect();
    let asked = size - idle.len();
    if asked * 2 >= size {
        return;
    }
    let message = format!("{asked} of {size} agents are asked anything");
    found.push(
        Diagnostic::new(RULE.code, orchestration.document.key_span("/team"), message)
            .label(format!("nobody asks {}", listed(&idle)))
            .help("give the others work, or leave them out"),
    );
}

/// Names in backticks; of many the first few.
fn listed(names: &[&str]) -> String {
    const MOST: usize = 6;
    let shown: Vec<String> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(MOST) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
