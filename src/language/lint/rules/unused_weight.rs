//! `unused-weight`

use serde_json::Value;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Fix, Severity};
use crate::language::document::{Audience, Document, Library};
use crate::language::lint::rule::{Check, Rule};
use crate::language::lint::servers::written_servers;
use crate::language::source::value_at;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("unused-weight"),
    severity: Severity::Info,
    confidence: Confidence::High,
    audience: Audience::Ci,
    summary: "A server has a weight that the policy of its cluster does not look at.",
    explanation: "\
With `round_robin` each server has its turn, however strong it is: a `weight` changes nothing. The other
policies take it into account.",
    check: Check::Documents(check),
};

fn check(_: &Library, document: &Document, found: &mut Vec<Diagnostic>) {
    let policy = value_at(document.value(), "/cluster/policy");
    if policy.is_none_or(|policy| policy != "round_robin") {
        return;
    }
    for server in written_servers(document) {
        let Some(weight) = server.value.get("weight").and_then(Value::as_f64) else { continue };
        if (weight - 1.0).abs() < f64::EPSILON {
            continue;
        }
        let pointer = format!("{}/weight", server.pointer);
        let edit = document.remove_entry(&pointer);
        found.push(
            document
                .key_diagnostic(RULE.code, &pointer, "`round_robin` does not look at weights")
                .related(document.span("/cluster/policy"), "the policy is chosen here")
                .help("leave the weight out, or choose `load_aware`")
                .maybe_fix(edit.map(|edit| Fix::risky("leave the weight out", vec![edit]))),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check;

    #[test]
    fn other_policies_look_at_weights() {
        let with = |policy: &str, weight: &str| {
            format!("cluster: {{ {policy}servers: [{{ url: gpu1, weight: {weight} }}, gpu2] }}\n")
        };
        let turns = "policy: round_robin, ";
        check(&RULE, &with(turns, "2.0"), &["`round_robin` does not look at weights"]);
        check(&RULE, &with(turns, "1.0"), &[]);
        check(&RULE, &with("policy: capability, ", "2.0"), &[]);
        check(&RULE, &with("", "2.0"), &[]);
    }
}
