//! Advice as it is kept: what was asked, and what was said, as far as anything can be learned of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::fact::LearningFault;
use crate::engine::Time;
use crate::insight::advisor::Advice;

/// The number of the form in which advice is stored.
pub const ADVICE_FORM: i64 = 1;

/// Advice that was given.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenAdvice {
    /// `A7`.
    pub id: String,
    /// When.
    pub at: Time,
    /// The folder in which somebody asked for it.
    pub folder: String,
    /// What was asked.
    pub request: String,
    /// What was said.
    pub said: AdviceRecord,
}

/// What was said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AdviceRecord {
    /// How much orchestration, 1 to 4.
    pub tier: u8,
    /// The word for it.
    pub approach: String,
    /// The pattern that was recommended, if one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The patterns that came first, the best first.
    pub candidates: Vec<CandidateRecord>,
    /// How sure it was, from 0 to 1.
    pub confidence: f64,
    /// What the recommended pattern would take, where that was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<EstimateRecord>,
}

/// A pattern that was near.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CandidateRecord {
    /// Its name.
    pub pattern: String,
    /// How well it fitted.
    pub score: f64,
    /// Whether it was not recommended because of what was learned.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withheld: bool,
}

/// What a pattern would take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EstimateRecord {
    /// Calls to models.
    pub calls: u64,
    /// From its start to its end, in microseconds.
    pub time_us: u64,
}

impl EstimateRecord {
    /// From its start to its end.
    pub fn time(self) -> Duration {
        Duration::from_micros(self.time_us)
    }
}

impl AdviceRecord {
    /// Of advice, with what its pattern would take.
    pub fn of(advice: &Advice, estimate: Option<EstimateRecord>) -> AdviceRecord {
        let candidates = advice.candidates.iter().map(|candidate| CandidateRecord {
            pattern: candidate.pattern.clone(),
            score: candidate.score,
            withheld: candidate.withheld,
        });
        AdviceRecord {
            tier: advice.tier.number(),
            approach: advice.approach.as_str().to_owned(),
            pattern: advice.pattern.clone(),
            candidates: candidates.collect(),
            confidence: advice.confidence,
            estimate,
        }
    }

    /// Whether a pattern was among those that came first.
    pub fn names(&self, pattern: &str) -> bool {
        self.pattern.as_deref() == Some(pattern)
            || self.candidates.iter().any(|candidate| candidate.pattern == pattern)
    }

    /// The record as it is stored.
    pub fn body(&self) -> String {
        // Our own types always have a JSON form; the fallback cannot be reached.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// A record as it was stored, of some form.
    ///
    /// # Errors
    /// When it is damaged, or of a form that this version does not know.
    pub fn read(id: &str, form: i64, body: &str) -> Result<AdviceRecord, LearningFault> {
        let what = || format!("advice {id}");
        if form != ADVICE_FORM {
            let reason =
                format!("it has form {form}, and this version of Partita knows {ADVICE_FORM}");
            return Err(LearningFault::UnknownForm(what(), reason));
        }
        serde_json::from_str(body).map_err(|error| match error.is_data() {
            true => LearningFault::UnknownForm(what(), error.to_string()),
            false => LearningFault::Damaged(what(), error.to_string()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_is_stored_in_this_form() {
        for body in [
            r#"{"tier":1,"approach":"direct","candidates":[],"confidence":0.9}"#,
            r#"{"tier":3,"approach":"project","pattern":"p","candidates":[{"pattern":"q","score":2.5,"withheld":true},{"pattern":"p","score":2.0}],"confidence":0.5,"estimate":{"calls":7,"time_us":9}}"#,
        ] {
            assert_eq!(AdviceRecord::read("A1", ADVICE_FORM, body).unwrap().body(), body);
        }
        let fault = |form, body| AdviceRecord::read("A1", form, body).unwrap_err();
        assert!(matches!(fault(1, "{"), LearningFault::Damaged(..)));
        assert!(matches!(fault(1, "{}"), LearningFault::UnknownForm(..)));
        assert!(matches!(fault(2, "{}"), LearningFault::UnknownForm(..)));
    }
}
