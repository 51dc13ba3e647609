//! Which request meets which fault.

use std::sync::{Mutex, PoisonError};

use crate::language::document::simulation::{Fault, FaultRule, RequestMatch};

use super::names;

/// A rule's `match`, ready to be compared.
#[derive(Debug, Clone)]
pub(super) struct Matcher {
    task: Option<String>,
    server: Option<String>,
    model: Option<String>,
    contains: Option<String>,
}

/// What rules may be about.
pub(super) struct Facts<'a> {
    /// The task that the request names in its header.
    pub(super) task: Option<&'a str>,
    /// The server's name.
    pub(super) server: &'a str,
    /// The key of the model's name.
    pub(super) model: &'a str,
    /// Whether some message has this text in it.
    pub(super) contains: &'a dyn Fn(&str) -> bool,
}

impl Matcher {
    /// A matcher of a rule.
    pub(super) fn new(rule: &RequestMatch) -> Matcher {
        Matcher {
            task: rule.task.clone(),
            server: rule.server.clone(),
            model: rule.model.as_deref().map(names::key_of),
            contains: rule.contains.clone(),
        }
    }

    /// Whether the rule is about such a request.
    pub(super) fn fits(&self, facts: &Facts<'_>) -> bool {
        let is = |wanted: &Option<String>, given: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == given)
        };
        is(&self.server, facts.server)
            && is(&self.model, facts.model)
            && (self.task.is_none() || self.task.as_deref() == facts.task)
            && self.contains.as_deref().is_none_or(facts.contains)
    }
}

/// What a request wants; some faults have nothing to act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A text.
    Text,
    /// Vectors.
    Vectors,
    /// That a model is loaded.
    Load,
}

/// Whether the fault could act on such a request.
fn can_act(fault: &Fault, wanted: Wanted) -> bool {
    match fault {
        Fault::Down { .. }
        | Fault::Silent
        | Fault::Overloaded
        | Fault::Status { .. }
        | Fault::Slow { .. }
        | Fault::LoadFailure
        | Fault::LoadStall => true,
        Fault::Stall { .. }
        | Fault::Disconnect { .. }
        | Fault::Crash { .. }
        | Fault::Empty
        | Fault::Garbage => wanted != Wanted::Load,
        Fault::Unfinished { .. }
        | Fault::Malformed
        | Fault::CutByLength { .. }
        | Fault::Truncate { .. }
        | Fault::ToolCall
        | Fault::Refused => wanted == Wanted::Text,
    }
}

/// The name of a fault, as the document has it.
pub(super) fn kind(fault: &Fault) -> &'static str {
    match fault {
        Fault::Down { .. } => "down",
        Fault::Silent => "silent",
        Fault::Overloaded => "overloaded",
        Fault::Status { .. } => "status",
        Fault::Stall { .. } => "stall",
        Fault::Disconnect { .. } => "disconnect",
        Fault::Crash { .. } => "crash",
        Fault::Unfinished { .. } => "unfinished",
        Fault::Slow { .. } => "slow",
        Fault::Malformed => "malformed",
        Fault::Empty => "empty",
        Fault::CutByLength { .. } => "cut_by_length",
        Fault::LoadFailure => "load_failure",
        Fault::LoadStall => "load_stall",
        Fault::Truncate { .. } => "truncate",
        Fault::ToolCall => "tool_call",
        Fault::Refused => "refused",
        Fault::Garbage => "garbage",
    }
}

/// The fault rules of a cluster, and how many requests each has seen.
pub(super) struct FaultBook {
    rules: Vec<(Matcher, FaultRule)>,
    seen: Mutex<Vec<u64>>,
}

impl FaultBook {
    /// The rules of a profile, with nothing seen.
    pub(super) fn new(rules: &[FaultRule]) -> FaultBook {
        FaultBook {
            rules: rules.iter().map(|rule| (Matcher::new(&rule.matches), rule.clone())).collect(),
            seen: Mutex::new(vec![0; rules.len()]),
        }
    }

    /// Counts a request; the fault that it meets, if any.
    pub(super) fn meet(&self, facts: &Facts<'_>, wanted: Wanted) -> Option<&Fault> {
        if self.rules.is_empty() {
            return None;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut met = None;
        for ((matcher, rule), seen) in self.rules.iter().zip(seen.iter_mut()) {
            if !can_act(&rule.fault, wanted) || !matcher.fits(facts) {
                continue;
            }
            *seen += 1;
            let first = u64::from(rule.after) + 1;
            let end = rule.times.map_or(u64::MAX, |times| first + u64::from(times));
            if met.is_none() && (first..end).contains(seen) {
                met = Some(&rule.fault);
            }
        }
        met
    }

    /// Forgets what was seen.
    pub(super) fn reset(&self) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.fill(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(matches: RequestMatch, after: u32, times: Option<u32>, fault: Fault) -> FaultRule {
        FaultRule { matches, after, times, fault }
    }

    fn facts(task: Option<&'static str>) -> Facts<'static> {
        Facts { task, server: "ollama01", model: "tiny:latest", contains: &|text| text == "launch" }
    }

    fn kinds(book: &FaultBook, task: Option<&'static str>, wanted: Wanted) -> Vec<&'static str> {
        (0..5).map(|_| book.meet(&facts(task), wanted).map_or("-", kind)).collect()
    }

    #[test]
    fn counts_after_and_times() {
        let any = RequestMatch::default;
        let book = FaultBook::new(&[
            rule(any(), 1, Some(2), Fault::Silent),
            rule(any(), 0, Some(4), Fault::Empty),
        ]);
        assert_eq!(kinds(&book, None, Wanted::Text), ["empty", "silent", "silent", "empty", "-"]);
        book.reset();
        assert_eq!(kinds(&book, None, Wanted::Load), ["-", "silent", "silent", "-", "-"]);
    }

    #[test]
    fn every_field_must_fit() {
        let matches = |task: Option<&str>, server: Option<&str>, contains: Option<&str>| {
            Matcher::new(&RequestMatch {
                task: task.map(Into::into),
                server: server.map(Into::into),
                model: Some("TINY".into()),
                contains: contains.map(Into::into),
            })
        };
        let market = facts(Some("research/market"));
        assert!(matches(None, None, None).fits(&market));
        assert!(matches(Some("research/market"), Some("ollama01"), Some("launch")).fits(&market));
        assert!(!matches(Some("market"), None, None).fits(&market));
        assert!(!matches(None, Some("ollama02"), None).fits(&market));
        assert!(!matches(None, None, Some("other")).fits(&market));
        assert!(!matches(Some("market"), None, None).fits(&facts(None)));
    }
}
