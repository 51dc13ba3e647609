//! `duplicate-server`

use std::collections::BTreeMap;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, Document, Library};
use crate::language::lint::rule::{Check, Rule};
use crate::language::lint::servers::{Address, written_servers};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("duplicate-server"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "A cluster lists the same server twice.",
    explanation: "\
**Symptom.** Two entries whose addresses mean the same: `gpu1:11434` and `http://GPU1:11434/`.

**Impact.** The server gets twice the calls that it has slots for. What does not fit waits inside Ollama,
where no limit of ours sees it, and `plan` promises a cluster that is not there.

**Fix.** List it once, and give it more `slots`.",
    check: Check::Documents(check),
};

fn check(_: &Library, document: &Document, found: &mut Vec<Diagnostic>) {
    let mut known: BTreeMap<(bool, String, u16, String), String> = BTreeMap::new();
    for server in written_servers(document) {
        let Some(address) = Address::read(server.url) else { continue };
        let shown = format!("{}:{}", address.host, address.port);
        let Address { is_encrypted, host, port, path, credentials: _ } = address;
        let address = (is_encrypted, host, port, path);
        if let Some(first) = known.get(&address) {
            let message = format!("the server at `{shown}` is listed twice");
            found.push(
                document
                    .diagnostic(RULE.code, &server.url_pointer, message)
                    .related(document.span(first), "the first is here")
                    .help("list it once; `slots` says how many calls it handles at a time"),
            );
        } else {
            known.insert(address, server.url_pointer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check;

    fn with(servers: &str) -> String {
        format!("cluster: {{ servers: {servers} }}\n")
    }

    #[test]
    fn addresses_count_and_not_their_spelling() {
        let message = "the server at `gpu1:11434` is listed twice";
        check(&RULE, &with("[gpu1, \"http://GPU1:11434/\"]"), &[message]);
        check(
            &RULE,
            &with("[{ name: a, url: gpu1 }, { name: b, url: \"gpu1:11434\" }]"),
            &[message],
        );
        check(&RULE, &with("[gpu1, gpu2, \"gpu1:11435\", gpu1/second]"), &[]);
    }
}
