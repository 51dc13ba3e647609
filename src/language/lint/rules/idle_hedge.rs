//! `idle-hedge`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Fix, Severity};
use crate::language::document::{Audience, Document, Library};
use crate::language::lint::rule::{Check, Rule};
use crate::language::lint::servers::written_servers;
use crate::language::source::value_at;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("idle-hedge"),
    severity: Severity::Info,
    confidence: Confidence::High,
    audience: Audience::Ci,
    summary: "A cluster hedges and has a single server.",
    explanation: "\
A hedge asks another server the same. With one server there is none, so that `hedge` changes nothing.",
    check: Check::Documents(check),
};

fn check(_: &Library, document: &Document, found: &mut Vec<Diagnostic>) {
    const HEDGE: &str = "/cluster/hedge";
    let [only] = &written_servers(document)[..] else { return };
    if value_at(document.value(), HEDGE).is_none() {
        return;
    }
    let edit = document.remove_entry(HEDGE);
    found.push(
        document
            .key_diagnostic(RULE.code, HEDGE, "there is no other server for a hedge")
            .related(document.span(&only.pointer), "this is the only server")
            .help("leave `hedge` out, or add a server")
            .maybe_fix(edit.map(|edit| Fix::risky("leave `hedge` out", vec![edit]))),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check;

    #[test]
    fn one_server_has_no_other_beside_it() {
        let with =
            |servers: &str, hedge: &str| format!("cluster: {{ servers: [{servers}]{hedge} }}\n");
        check(&RULE, &with("gpu1", ", hedge: {}"), &["there is no other server for a hedge"]);
        check(&RULE, &with("gpu1, gpu2", ", hedge: {}"), &[]);
        check(&RULE, &with("gpu1", ""), &[]);
    }
}
