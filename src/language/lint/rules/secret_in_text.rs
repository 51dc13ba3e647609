//! `secret-in-text`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, Document, Library};
use crate::language::lint::rule::{Check, Rule};
use crate::language::lint::secret::{Secret, secrets_in};
use crate::language::source::Span;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("secret-in-text"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "A document holds what looks like a key, a token or a password.",
    explanation: "\
**Symptom.** A key in the format of a known service, a private key, or a `password:` with a random
value, anywhere in the file, also in a comment.

**Impact.** Documents are kept in version control, and prompts go to servers, into the journal, into
reports and into answers. Whoever sees one of these has the secret.

**Fix.** Revoke it, because it was written down. Models need no secrets: do what needs one outside of
the prompt. Allow what only looks like one with a comment that says so.",
    check: Check::Documents(check),
};

fn check(library: &Library, document: &Document, found: &mut Vec<Diagnostic>) {
    let Some(source) = library.sources().get(document.source()) else { return };
    for Secret { kind, range } in secrets_in(source.text()) {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = Span::new(source.id(), offset(range.start), offset(range.end));
        found.push(
            Diagnostic::new(RULE.code, span, format!("this looks like {kind}"))
                .help("take it out and revoke it: whoever reads this file has it"),
        );
    }
}
