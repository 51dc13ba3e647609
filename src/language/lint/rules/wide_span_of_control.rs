//! `wide-span-of-control`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, Document, DocumentKind, Library};
use crate::language::lint::rule::{Check, Rule};
use crate::language::plan::TeamOutline;
use crate::organization::{SPAN_OF_CONTROL, has_layers, wide_spans};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("wide-span-of-control"),
    severity: Severity::Info,
    confidence: Confidence::Medium,
    audience: Audience::Ci,
    summary: "More people report to one than one can lead.",
    explanation: "\
Whoever leads plans the work of those who report, answers what they ask and approves what they have done. With
more than eight of them each waits for the one, and work stands still that somebody could go on with. A second
lead for a part of the domain takes half of it. Only teams with layers are looked at.",
    check: Check::Documents(check),
};

fn check(_: &Library, document: &Document, found: &mut Vec<Diagnostic>) {
    let pointer = if document.kind() == DocumentKind::Team { "/agents" } else { "/team/agents" };
    let team = TeamOutline::listed(document, pointer);
    if !has_layers(&team.members) {
        return;
    }
    for (place, reports) in wide_spans(&team.members) {
        let Some(member) = team.members.get(place) else { continue };
        let message = format!("{reports} agents report to `{}`", member.agent.id);
        found.push(
            document
                .diagnostic(RULE.code, &member.role_pointer(), message)
                .label(format!("more than {SPAN_OF_CONTROL}"))
                .help("put somebody between them who leads a part of it"),
        );
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::language::lint::rules::testing;

    fn team(layer: &str, reports: usize) -> String {
        let mut text = format!(
            "pattern: {{ name: example, summary: A team. }}\nteam:\n  name: desk\n  agents:\n    - {{ role: Head{layer} }}\n"
        );
        for place in 0..reports {
            let _ = writeln!(text, "    - {{ role: Hand {place}, reports_to: head }}");
        }
        text + "tasks: { go: { agent: head, prompt: Go. } }\n"
    }

    #[test]
    fn more_than_eight_are_too_many_in_a_team_with_layers() {
        let said = ["9 agents report to `head`"];
        testing::check(&RULE, &team(", layer: manager", 9), &said);
        testing::check(&RULE, &team(", layer: manager", 8), &[]);
        testing::check(&RULE, &team("", 9), &[]);
    }
}
