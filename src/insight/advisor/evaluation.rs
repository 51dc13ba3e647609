//! How often the advice is right, on requests whose right advice is known.

use super::advice::{Advice, Approach};
use crate::organization::Tier;

/// What is right for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// How to go about it.
    pub approach: Approach,
    /// The pattern, if one is right.
    pub pattern: Option<String>,
    /// Patterns that are right as well.
    pub others: Vec<String>,
}

impl Label {
    /// Whether nothing but one answer is right.
    fn is_small(&self) -> bool {
        self.approach.tier() == Tier::One && self.pattern.is_none()
    }

    fn allows(&self, pattern: Option<&str>) -> bool {
        match pattern {
            None => self.pattern.is_none(),
            Some(name) => {
                self.pattern.as_deref() == Some(name)
                    || self.others.iter().any(|other| other == name)
            }
        }
    }
}

/// A request with what is right for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The request.
    pub request: String,
    /// What is right.
    pub label: Label,
}

/// A request of which the advice was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongRow {
    /// Its place in the set, from 1.
    pub number: usize,
    /// The row.
    pub row: Row,
    /// What was advised.
    pub approach: Approach,
    /// The pattern that was recommended.
    pub pattern: Option<String>,
    /// The pattern that came first, recommended or not.
    pub first: Option<String>,
}

/// Right ones among all of a kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// How many are right.
    pub right: usize,
    /// Of how many.
    pub of: usize,
}

impl Share {
    fn count(&mut self, is_right: bool) {
        self.of += 1;
        self.right += usize::from(is_right);
    }

    /// From 0 to 1; of none all are right.
    #[expect(clippy::cast_precision_loss, reason = "numbers of requests are far below 2^52")]
    pub fn share(&self) -> f64 {
        if self.of == 0 { 1.0 } else { self.right as f64 / self.of as f64 }
    }
}

/// How often the advice is right.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evaluation {
    /// Requests for which a pattern is right: those where a right one comes first among the candidates.
    pub ranked: Share,
    /// All requests: those where what is recommended is right, a pattern or none.
    pub recommended: Share,
    /// All requests: those whose approach is right.
    pub approach: Share,
    /// Small requests: those for which neither pattern nor orchestration is recommended.
    pub small: Share,
    /// The rows of which something was wrong.
    pub wrong: Vec<WrongRow>,
}

impl Evaluation {
    /// Compares advice with what is right. Requests about which nothing could be advised have none.
    pub fn of(rows: Vec<(Row, Option<Advice>)>) -> Evaluation {
        let mut evaluation = Evaluation::default();
        for (number, (row, advice)) in (1..).zip(rows) {
            let label = &row.label;
            let approach = advice.as_ref().map_or(Approach::Direct, |advice| advice.approach);
            let pattern = advice.as_ref().and_then(|advice| advice.pattern.clone());
            let first = advice.as_ref().and_then(|advice| advice.candidates.first());
            let first = first.map(|first| first.pattern.clone());
            let is_recommended = label.allows(pattern.as_deref());
            let is_approach = approach == label.approach;
            let mut is_right = is_recommended && is_approach;
            if label.pattern.is_some() {
                // A pattern that a model has preferred counts as first.
                let counted = pattern.as_deref().or(first.as_deref());
                evaluation.ranked.count(label.allows(counted));
                is_right &= label.allows(counted);
            }
            if label.is_small() {
                evaluation.small.count(approach == Approach::Direct && pattern.is_none());
            }
            evaluation.recommended.count(is_recommended);
            evaluation.approach.count(is_approach);
            if !is_right {
                evaluation.wrong.push(WrongRow { number, row, approach, pattern, first });
            }
        }
        evaluation
    }
}
