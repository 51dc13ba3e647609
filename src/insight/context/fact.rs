//! What happens to a context. Facts are stored as the JSON of this vocabulary, with the number of the
//! form; when the form changes, `upgraded` turns older ones into the new.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::run_news::RunFigures;
use crate::engine::Time;

/// The number of the form in which facts are stored.
pub const CONTEXT_FACT_FORM: i64 = 1;

/// What has happened to a context.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum ContextFact {
    /// It was begun.
    Begun {
        /// The project.
        project: String,
    },
    /// A file took the place of what was known of the project.
    Imported {
        /// Its text.
        text: String,
    },
    /// Its JSON was written into a file, or read from one.
    Filed {
        /// The file, as a path.
        file: String,
        /// The hash of its text.
        digest: String,
    },
    /// Somebody took it up.
    SessionBegun {
        /// The name of the session.
        session: String,
    },
    /// There is something to be reached.
    ObjectiveAdded {
        /// `OBJ_001`.
        id: String,
        /// What.
        description: String,
    },
    /// An objective was reached or given up.
    ObjectiveEnded {
        /// Which.
        id: String,
        /// How.
        ending: ObjectiveEnding,
    },
    /// There is something to be done.
    TaskAdded {
        /// `TASK_001`.
        id: String,
        /// What.
        description: String,
    },
    /// A task is over.
    TaskEnded {
        /// Which.
        id: String,
        /// What came of it.
        outcome: String,
        /// How.
        ending: TaskEnding,
    },
    /// Something was learned.
    InsightRecorded {
        /// What.
        text: String,
        /// The run that it comes from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        run: Option<String>,
    },
    /// What was learned once was learned again.
    InsightConfirmed {
        /// What, as it was recorded first.
        text: String,
        /// The run that it comes from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        run: Option<String>,
    },
    /// Something is to be decided.
    DecisionAsked {
        /// `DEC_001`.
        id: String,
        /// The question.
        question: String,
    },
    /// Something was decided.
    DecisionMade {
        /// `DEC_001`.
        id: String,
        /// What, and why.
        decision: DecisionRecord,
        /// The run that decided it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        run: Option<String>,
    },
    /// What several agents said was put together.
    Synthesized {
        /// What came of it.
        synthesis: SynthesisRecord,
        /// The run that did it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        run: Option<String>,
    },
    /// A run was started in it.
    RunEntered {
        /// The run.
        run: String,
        /// The name of the pattern or pipeline.
        name: String,
        /// The task that it does.
        task: String,
        /// The run that it is a fork of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<String>,
    },
    /// Agents were asked in a run for the first time.
    AgentsSpawned {
        /// The run.
        run: String,
        /// Who.
        agents: Vec<SpawnedAgent>,
    },
    /// A run is over.
    RunEnded {
        /// The run.
        run: String,
        /// `succeeded`, `failed` or `cancelled`.
        status: String,
        /// What came of it.
        outcome: String,
        /// Its figures.
        figures: RunFigures,
    },
    /// It was put away: a new one can be begun.
    Closed,
}

/// An agent that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpawnedAgent {
    /// `AGENT_0001`.
    pub id: String,
    /// The address of the task for which it was asked.
    pub task: String,
    /// Its role.
    pub role: String,
    /// What it was asked for.
    pub mission: String,
    /// When it was asked first.
    pub spawned: Time,
}

/// How an objective ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectiveEnding {
    /// It was reached.
    Completed,
    /// It was given up.
    Dropped,
}

impl ObjectiveEnding {
    /// The word for it in the JSON of a context.
    pub fn as_str(self) -> &'static str {
        match self {
            ObjectiveEnding::Completed => "completed",
            ObjectiveEnding::Dropped => "dropped",
        }
    }
}

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskEnding {
    /// Well.
    Succeeded,
    /// It was given up.
    Failed,
}

/// A decision by the decision framework of seed 001: options, risks, criteria, rationale.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRecord {
    /// What was to be decided.
    pub question: String,
    /// What there was to choose from.
    #[serde(default)]
    pub options: Vec<OptionRecord>,
    /// By what it was judged.
    #[serde(default)]
    pub criteria: Vec<String>,
    /// What was chosen.
    pub choice: String,
    /// Why.
    pub rationale: String,
}

/// Something that could have been chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionRecord {
    /// What.
    pub option: String,
    /// What could go wrong with it.
    #[serde(default)]
    pub risks: Vec<String>,
}

/// A synthesis by the synthesis framework of seed 001.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SynthesisRecord {
    /// What it is about.
    #[serde(default)]
    pub question: String,
    /// Where agents agree: high confidence.
    pub agreements: Vec<String>,
    /// Where they conflict: needs resolution.
    pub conflicts: Vec<String>,
    /// Which patterns emerge.
    pub patterns: Vec<String>,
    /// What remains unknown.
    pub unknowns: Vec<String>,
}

/// A fact with its place and its time.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedContextFact {
    /// Its number in its context, from 1, without gaps.
    pub sequence: u64,
    /// When it was stored.
    pub at: Time,
    /// What happened.
    pub fact: ContextFact,
}

/// Why a stored fact makes no sense. `Display` is the final text; not the user's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContextFault {
    /// It is no JSON, or not what a fact can be.
    #[error("fact {0}: {1}")]
    Damaged(u64, String),
    /// It is none that this version knows.
    #[error("fact {0}: {1}")]
    UnknownForm(u64, String),
}

impl ContextFault {
    /// The number of the fact.
    pub fn sequence(&self) -> u64 {
        match self {
            ContextFault::Damaged(sequence, _) | ContextFault::UnknownForm(sequence, _) => {
                *sequence
            }
        }
    }
}

impl ContextFact {
    /// The fact as it is stored.
    pub fn body(&self) -> String {
        // Our own types always have a JSON form; the fallback cannot be reached.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl RecordedContextFact {
    /// A fact as it was stored, of some form.
    ///
    /// # Errors
    /// When it is damaged, or of a form that this version does not know.
    pub fn read(
        sequence: u64,
        at: Time,
        form: i64,
        body: &str,
    ) -> Result<RecordedContextFact, ContextFault> {
        let value: Value = serde_json::from_str(body)
            .map_err(|error| ContextFault::Damaged(sequence, error.to_string()))?;
        let unknown = |what: String| ContextFault::UnknownForm(sequence, what);
        let value = upgraded(form, value).map_err(unknown)?;
        let fact = serde_json::from_value(value).map_err(|error| unknown(error.to_string()))?;
        Ok(RecordedContextFact { sequence, at, fact })
    }
}

fn upgraded(form: i64, value: Value) -> Result<Value, String> {
    match form {
        CONTEXT_FACT_FORM => Ok(value),
        other => Err(format!(
            "it has form {other}, and this version of Partita knows {CONTEXT_FACT_FORM}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_stored_in_this_form() {
        let check = |body: &str| {
            let read = RecordedContextFact::read(1, Time(0), CONTEXT_FACT_FORM, body);
            assert_eq!(read.expect("a fact").fact.body(), body);
        };
        check(r#"{"fact":"begun","project":"alpha"}"#);
        check(r#"{"fact":"imported","text":"{}"}"#);
        check(r#"{"fact":"filed","file":"a.json","digest":"00ff"}"#);
        check(r#"{"fact":"session_begun","session":"session_20240101_100000"}"#);
        check(r#"{"fact":"objective_added","id":"OBJ_001","description":"x"}"#);
        check(r#"{"fact":"objective_ended","id":"OBJ_001","ending":"completed"}"#);
        check(r#"{"fact":"task_added","id":"TASK_001","description":"x"}"#);
        check(r#"{"fact":"task_ended","id":"TASK_001","outcome":"y","ending":"succeeded"}"#);
        check(r#"{"fact":"insight_recorded","text":"x"}"#);
        check(r#"{"fact":"insight_confirmed","text":"x","run":"k7m2nnnn"}"#);
        check(r#"{"fact":"decision_asked","id":"DEC_001","question":"x"}"#);
        check(
            r#"{"fact":"decision_made","id":"DEC_001","decision":{"question":"q","options":[{"option":"a","risks":["r"]}],"criteria":["c"],"choice":"a","rationale":"w"}}"#,
        );
        check(
            r#"{"fact":"synthesized","synthesis":{"question":"q","agreements":["a"],"conflicts":[],"patterns":[],"unknowns":["u"]},"run":"k7m2nnnn"}"#,
        );
        check(
            r#"{"fact":"run_entered","run":"k7m2nnnn","name":"p","task":"TASK_001","of":"k7m2nnnm"}"#,
        );
        check(
            r#"{"fact":"agents_spawned","run":"k7m2nnnn","agents":[{"id":"AGENT_0001","task":"a","role":"R","mission":"m","spawned":7}]}"#,
        );
        check(
            r#"{"fact":"run_ended","run":"k7m2nnnn","status":"failed","outcome":"o","figures":{"agents":2,"calls":3,"calls_beside_others":2,"simulated":false}}"#,
        );
        check(r#"{"fact":"closed"}"#);
    }

    #[test]
    fn other_forms_are_told_apart_from_damage() {
        let fault = |form, body| RecordedContextFact::read(3, Time(0), form, body).expect_err("");
        assert!(matches!(fault(1, "{"), ContextFault::Damaged(3, _)));
        assert!(matches!(fault(2, r#"{"fact":"closed"}"#), ContextFault::UnknownForm(3, _)));
        assert!(matches!(fault(1, r#"{"fact":"sung"}"#), ContextFault::UnknownForm(3, _)));
    }
}
