//! What a rule is.

use super::orchestration::Orchestration;
use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, Document, Library};

/// Advice on documents: when it is given, and what it means.
#[derive(Debug)]
pub struct Rule {
    /// Its code.
    pub code: Code,
    /// How bad a finding is unless settings say otherwise.
    pub severity: Severity,
    /// How sure a finding is.
    pub confidence: Confidence,
    /// Whom it speaks to.
    pub audience: Audience,
    /// What a finding says, in a sentence.
    pub summary: &'static str,
    /// Why it matters and what to do about it, in Markdown.
    pub explanation: &'static str,
    pub(super) check: Check,
}

/// What a rule looks at. It adds what it finds; severity and confidence are the rule's.
#[derive(Debug)]
pub(super) enum Check {
    /// Patterns and pipelines.
    Orchestrations(fn(&Orchestration<'_>, &mut Vec<Diagnostic>)),
    /// Documents of any kind.
    Documents(fn(&Library, &Document, &mut Vec<Diagnostic>)),
}
