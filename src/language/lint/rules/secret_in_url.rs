//! `secret-in-url`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, Document, Library};
use crate::language::lint::rule::{Check, Rule};
use crate::language::lint::servers::{Address, written_servers};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("secret-in-url"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "The address of a server has a name and password in it.",
    explanation: "\
**Symptom.** `http://user:password@host:11434`.

**Impact.** Addresses are shown by `plan`, in reports and in errors, are kept in the journal, and lie in
version control with the file.

**Fix.** Write the address without them. Let a proxy on this machine add them, and list the proxy.",
    check: Check::Documents(check),
};

fn check(_: &Library, document: &Document, found: &mut Vec<Diagnostic>) {
    for server in written_servers(document) {
        let Some(place) = Address::read(server.url).and_then(|address| address.credentials) else {
            continue;
        };
        let inside = server.url.get(place.clone()).unwrap_or_default();
        let what = if inside.contains(':') { "a name and password" } else { "a name" };
        let message = format!("the address has {what} in it");
        found.push(
            document
                .part_diagnostic(RULE.code, &server.url_pointer, place, message)
                .help("leave them out; let a proxy on this machine add them and list the proxy"),
        );
    }
}
