//! What happens to advice. Facts are stored as the JSON of this vocabulary, with the number of the form; when the form
//! changes, older ones are turned into the new here.

use serde::{Deserialize, Serialize};

use super::outcome::RunOutcome;
use crate::engine::Time;

/// The number of the form in which facts are stored.
pub const LEARNING_FACT_FORM: i64 = 1;

/// What has happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum LearningFact {
    /// A run was started on advice.
    RunFollowed {
        /// The run.
        run: String,
        /// The advice, `A7`.
        advice: String,
        /// What was run: the name that the advice has for it, or its own.
        pattern: String,
        /// The run that it does again, if it does one again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<String>,
    },
    /// A run is over.
    RunEnded {
        /// The run.
        run: String,
        /// What was run.
        pattern: String,
        /// What came of it.
        outcome: RunOutcome,
    },
    /// Somebody has said what a run was worth. What they say last counts.
    VerdictGiven {
        /// The run.
        run: String,
        /// What it was worth.
        verdict: VerdictRecord,
    },
    /// What was learned until then is to count no more. Without names that is all of it.
    Forgotten {
        /// Only of this pattern.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pattern: Option<String>,
        /// Only of this advice.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        advice: Option<String>,
        /// Who wants it so.
        by: String,
    },
    /// Somebody has taken a pattern that was proposed.
    ProposalAccepted {
        /// Its name.
        pattern: String,
        /// Where it was written.
        file: String,
        /// The runs of which it was made.
        runs: Vec<String>,
        /// Who took it.
        by: String,
    },
}

/// What a run was worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was right to do it so.
    Good,
    /// It was not.
    Bad,
}

impl Verdict {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Good => "good",
            Verdict::Bad => "bad",
        }
    }
}

/// What somebody has said about a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictRecord {
    /// What it was worth.
    pub verdict: Verdict,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Who says so.
    pub by: String,
}

/// A fact with its place and its time.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedLearningFact {
    /// Its number, from 1, without gaps.
    pub sequence: u64,
    /// When it was stored.
    pub at: Time,
    /// What happened.
    pub fact: LearningFact,
}

/// Why what was stored makes no sense. `Display` is the final text; not the user's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LearningFault {
    /// It is no JSON.
    #[error("{0}: {1}")]
    Damaged(String, String),
    /// It is none that this version knows.
    #[error("{0}: {1}")]
    UnknownForm(String, String),
}

impl LearningFact {
    /// The fact as it is stored.
    pub fn body(&self) -> String {
        // Our own types always have a JSON form; the fallback cannot be reached.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl RecordedLearningFact {
    /// A fact as it was stored, of some form.
    ///
    /// # Errors
    /// When it is damaged, or of a form that this version does not know.
    pub fn read(
        sequence: u64,
        at: Time,
        form: i64,
        body: &str,
    ) -> Result<RecordedLearningFact, LearningFault> {
        let what = || format!("what was learned, fact {sequence}");
        if form != LEARNING_FACT_FORM {
            let reason = format!(
                "it has form {form}, and this version of Partita knows {LEARNING_FACT_FORM}"
            );
            return Err(LearningFault::UnknownForm(what(), reason));
        }
        let fact = serde_json::from_str(body).map_err(|error| match error.is_data() {
            true => LearningFault::UnknownForm(what(), error.to_string()),
            false => LearningFault::Damaged(what(), error.to_string()),
        })?;
        Ok(RecordedLearningFact { sequence, at, fact })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_stored_in_this_form() {
        for body in [
            r#"{"fact":"run_followed","run":"k7m2nnnn","advice":"A7","pattern":"p"}"#,
            r#"{"fact":"run_followed","run":"k7m2nnnn","advice":"A7","pattern":"p","of":"k7m2nnnm"}"#,
            r#"{"fact":"run_ended","run":"k7m2nnnn","pattern":"p","outcome":{"status":"succeeded","worked_us":7,"calls":4,"retries":1,"rounds_again":2}}"#,
            r#"{"fact":"run_ended","run":"k7m2nnnn","pattern":"p","outcome":{"status":"failed","worked_us":7,"calls":4,"retries":0,"rounds_again":0,"failed":{"task":"a/b","reason":"no"},"simulated":true}}"#,
            r#"{"fact":"verdict_given","run":"k7m2nnnn","verdict":{"verdict":"bad","because":"x","by":"me"}}"#,
            r#"{"fact":"verdict_given","run":"k7m2nnnn","verdict":{"verdict":"good","by":"me"}}"#,
            r#"{"fact":"forgotten","by":"me"}"#,
            r#"{"fact":"forgotten","pattern":"p","advice":"A7","by":"me"}"#,
            r#"{"fact":"proposal_accepted","pattern":"p","file":"p.yaml","runs":["a"],"by":"me"}"#,
        ] {
            let read = RecordedLearningFact::read(1, Time(0), LEARNING_FACT_FORM, body);
            assert_eq!(read.unwrap().fact.body(), body);
        }
    }

    #[test]
    fn other_forms_are_told_apart_from_damage() {
        let fault = |form, body| RecordedLearningFact::read(3, Time(0), form, body).unwrap_err();
        assert!(matches!(fault(1, "{"), LearningFault::Damaged(..)));
        assert!(matches!(
            fault(2, r#"{"fact":"forgotten","by":"me"}"#),
            LearningFault::UnknownForm(..)
        ));
        assert!(matches!(fault(1, r#"{"fact":"sung"}"#), LearningFault::UnknownForm(..)));
    }
}
