//! The findings of one document while they are collected.

use std::collections::BTreeSet;

use super::{Code, Diagnostic, Severity};
use crate::language::source::Span;

/// How many findings of one document are kept: so many errors, and as many others.
pub const MAX_FINDINGS: usize = 1_000;

/// The findings of one document. Of very many, the first are kept and the rest are counted.
#[derive(Debug, Default)]
pub struct Findings {
    errors: Vec<Diagnostic>,
    others: Vec<Diagnostic>,
    known: BTreeSet<(Span, Code, String)>,
    more: usize,
    /// The first that was not kept, and the worst severity of those.
    beyond: Option<(Span, Severity)>,
}

impl Findings {
    /// Takes one finding; what has been said of a place is not said again.
    pub fn push(&mut self, finding: Diagnostic) {
        let key = (finding.primary.span, finding.code, finding.message.clone());
        if self.known.contains(&key) {
            return;
        }
        let kept = match finding.severity {
            Severity::Error => &mut self.errors,
            Severity::Warning | Severity::Info => &mut self.others,
        };
        if kept.len() < MAX_FINDINGS {
            self.known.insert(key);
            kept.push(finding);
        } else {
            self.more += 1;
            let (span, worst) = self.beyond.unwrap_or((key.0, finding.severity));
            self.beyond = Some((span, worst.max(finding.severity)));
        }
    }

    /// Counts findings at a place that nobody has looked at more closely.
    pub fn count_more(&mut self, more: usize, span: Span) {
        if more > 0 {
            self.more += more;
            self.beyond.get_or_insert((span, Severity::Error)).1 = Severity::Error;
        }
    }

    /// Whether no further error is kept. Checks may leave then, since what they would find is
    /// not shown.
    pub fn is_full(&self) -> bool {
        self.errors.len() >= MAX_FINDINGS && self.more > 0
    }

    /// How many errors there are so far.
    pub fn errors(&self) -> usize {
        self.errors.len()
    }

    /// The findings, with a last one about those that were not kept.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        if let Some((span, severity)) = self.beyond {
            let message = format!("there are at least {} more findings in this file", self.more);
            let mut last = Diagnostic::new(Code::TOO_MANY_ERRORS, span, message)
                .help("correct the first ones and try again");
            last.severity = severity;
            self.errors.push(last);
        }
        self.errors.append(&mut self.others);
        self.errors
    }
}

impl Extend<Diagnostic> for Findings {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, findings: I) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::source::SourceId;

    fn check(code: Code, count: u32, expected: usize, last: &str, severity: Severity) {
        let mut findings = Findings::default();
        for place in 0..count {
            let span = Span::empty(SourceId(0), place);
            findings.push(Diagnostic::new(code, span, "wrong"));
            findings.push(Diagnostic::new(code, span, "wrong"));
        }
        let found = findings.finish();
        let end = found.last().map(|end| (end.message.as_str(), end.severity));
        assert_eq!((found.len(), end), (expected, Some((last, severity))));
    }

    #[test]
    fn of_very_many_the_rest_are_counted() {
        check(Code::UNKNOWN_KEY, 3, 3, "wrong", Severity::Error);
        check(Code::UNKNOWN_KEY, 1000, 1000, "wrong", Severity::Error);
        let more = "there are at least 18 more findings in this file";
        check(Code::UNKNOWN_KEY, 1009, 1001, more, Severity::Error);
    }

    #[test]
    fn errors_are_not_crowded_out() {
        let mut findings = Findings::default();
        for place in 0..2000 {
            let span = Span::empty(SourceId(0), place);
            findings.push(Diagnostic::new(Code::REPEATED_NEED, span, "twice"));
        }
        assert!(!findings.is_full());
        findings.push(Diagnostic::new(Code::UNKNOWN_KEY, Span::empty(SourceId(0), 9), "wrong"));
        let found = findings.finish();
        assert!(found.iter().any(|finding| finding.code == Code::UNKNOWN_KEY));
        let last = found.iter().find(|finding| finding.code == Code::TOO_MANY_ERRORS);
        assert_eq!(last.map(|last| last.severity), Some(Severity::Warning));
    }
}
