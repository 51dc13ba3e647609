//! `unencrypted-server`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, Document, Library};
use crate::language::lint::rule::{Check, Rule};
use crate::language::lint::servers::{Address, written_servers};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("unencrypted-server"),
    severity: Severity::Info,
    confidence: Confidence::Medium,
    audience: Audience::Auditor,
    summary: "A server with a public address is asked without encryption.",
    explanation: "\
Prompts and answers travel over `http` as they are, and Ollama asks nobody who they are: whoever can reach
such a server can use it, and whoever is on the way can read along. Inside one's own network that is
usual. Through other people's networks, put a proxy with TLS in front of it, or a tunnel between.",
    check: Check::Documents(check),
};

fn check(_: &Library, document: &Document, found: &mut Vec<Diagnostic>) {
    for server in written_servers(document) {
        let Some(address) = Address::read(server.url) else { continue };
        if address.is_encrypted || !address.is_public() {
            continue;
        }
        let message = format!("prompts travel to `{}` in the clear", address.host);
        found.push(
            document
                .diagnostic(RULE.code, &server.url_pointer, message)
                .help("use https, or reach it through a tunnel and list the tunnel's end"),
        );
    }
}
