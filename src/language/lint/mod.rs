//! Advice on documents, one rule a file; how findings are judged, and what comments allow.

mod clocks;
mod examine;
mod flow;
mod further;
mod judgement;
mod likeness;
mod messages;
mod models;
mod orchestration;
mod plain;
mod rule;
mod rules;
mod secret;
mod servers;
mod suppression;
#[cfg(test)]
mod suppression_tests;
mod words;
mod yaml_1_1;

pub use examine::{Examination, examine};
pub use further::judge_further;
pub use rule::Rule;
pub use rules::RULES;
pub use suppression::Suppression;

use crate::language::diagnostic::{Code, Confidence, Severity};
use crate::language::document::Audience;

/// One kind of finding, whether a check or a rule makes it.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Its code.
    pub code: Code,
    /// How bad it is unless settings say otherwise.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// Whom it speaks to.
    pub audience: Audience,
    /// What it means, in a sentence.
    pub summary: &'static str,
    /// Why it matters and what to do about it, in Markdown; empty where the message says it all.
    pub explanation: &'static str,
    /// Whether a rule makes it: then there is no finding where settings switch it off.
    pub is_rule: bool,
}

/// Every kind of finding: first those of the checks, in the order of the stages, then the rules.
pub fn kinds() -> impl Iterator<Item = Kind> {
    let checks = Code::ALL.iter().map(|entry| Kind {
        code: entry.code,
        severity: entry.severity,
        confidence: Confidence::High,
        audience: Audience::Author,
        summary: entry.summary,
        explanation: "",
        is_rule: false,
    });
    let rules = RULES.iter().map(|rule| Kind {
        code: rule.code,
        severity: rule.severity,
        confidence: rule.confidence,
        audience: rule.audience,
        summary: rule.summary,
        explanation: rule.explanation,
        is_rule: true,
    });
    checks.chain(rules)
}

/// The kind of finding with this code.
pub fn kind_of(code: &str) -> Option<Kind> {
    kinds().find(|kind| kind.code.as_str() == code)
}
