//! What was learned of advice: which runs followed it, what came of them, what people said about them, and what follows from
//! that for advice to come. A fold of its own facts; times are given, nothing here reads a clock, and nothing is changed
//! but what whoever asks for advice is told.

mod experiences;
mod fact;
mod given;
mod judgement;
mod outcome;
mod proposal;
mod recent;
mod wording_apart;

pub use experiences::{Experience, Experiences, Reset};
pub use fact::{
    LEARNING_FACT_FORM, LearningFact, LearningFault, RecordedLearningFact, Verdict, VerdictRecord,
};
pub use given::{ADVICE_FORM, AdviceRecord, CandidateRecord, EstimateRecord, GivenAdvice};
pub use judgement::Asking;
pub use outcome::{RunOutcome, WhereItFailed};
pub use proposal::{Common, NoPattern, common, prompts, shape};
pub use recent::recent;
