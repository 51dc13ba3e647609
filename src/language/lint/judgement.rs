//! How much a finding counts under the settings of a project.

use super::rule::Rule;
use super::{kind_of, kinds};
use crate::language::diagnostic::{Code, Diagnostic, Severity};
use crate::language::document::suggest::nearest;
use crate::language::document::{Body, Document, LintSettings};
use crate::language::source::child_pointer;

/// The severity of a rule's findings; none where it is not applied.
pub(super) fn severity_of_rule(settings: &LintSettings, rule: &Rule) -> Option<Severity> {
    if let Some(level) = settings.rules.get(rule.code.as_str()) {
        return level.severity();
    }
    let is_heard = rule.audience <= settings.audience
        && settings.confidence.is_none_or(|least| rule.confidence >= least);
    is_heard.then_some(rule.severity)
}

/// A finding of the checks as the settings judge it; none where they switch it off. Errors stay.
pub(super) fn judged(settings: &LintSettings, mut found: Diagnostic) -> Option<Diagnostic> {
    if may_be_allowed(found.code)
        && let Some(level) = settings.rules.get(found.code.as_str())
    {
        found.severity = level.severity()?;
    }
    Some(found)
}

/// That a document with lint settings names findings that there are, and no errors.
pub(super) fn check_settings(document: &Document, found: &mut Vec<Diagnostic>) {
    let Some(Body::Lint(written)) = document.body() else {
        return;
    };
    for name in written.lint.rules.keys() {
        let pointer = child_pointer("/lint/rules", name);
        let span = document.key_span(&pointer);
        found.extend(trouble_with(name).map(|trouble| trouble.at(span)));
    }
}

/// Whether settings and comments may do away with findings of a code: those of rules, and those of
/// the checks that are no errors.
pub(super) fn may_be_allowed(code: Code) -> bool {
    let of_checks = Code::ALL.iter().find(|entry| entry.code == code);
    of_checks.is_none_or(|entry| entry.severity < Severity::Error)
}

/// Why a finding cannot be switched off or allowed by its name.
pub(super) struct Trouble {
    code: Code,
    message: String,
    help: String,
}

impl Trouble {
    pub(super) fn at(self, span: crate::language::source::Span) -> Diagnostic {
        Diagnostic::new(self.code, span, self.message).help(self.help)
    }
}

/// What is wrong with a name in settings or in a comment.
pub(super) fn trouble_with(name: &str) -> Option<Trouble> {
    let Some(kind) = kind_of(name) else {
        let near = nearest(name, kinds().map(|kind| kind.code.as_str()));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`partita explain` lists the findings there are".to_owned(),
        };
        let message = format!("there is no finding `{name}`");
        return Some(Trouble { code: Code::UNKNOWN_RULE, message, help });
    };
    (!may_be_allowed(kind.code)).then(|| Trouble {
        code: Code::NOT_TO_BE_ALLOWED,
        message: format!("`{name}` is an error and stays one"),
        help: "mend what it is about: a document with errors cannot be run".to_owned(),
    })
}
