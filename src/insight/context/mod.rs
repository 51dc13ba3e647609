//! The orchestrator's context (seed 001): what is known of a project over many sessions and runs, as a
//! fold of its own facts, and what follows from it. Times are given; nothing here reads a clock.

mod briefing;
mod document;
mod fact;
mod figures;
mod fold;
mod happening;
#[cfg(test)]
mod history_tests;
mod memory;
mod moments;
mod next;
mod run_news;
mod state;
mod wish;
mod written;

pub use briefing::{BRIEFING_TITLE, BRIEFING_TOKENS, briefing};
pub use document::Document;
pub use fact::{
    CONTEXT_FACT_FORM, ContextFact, ContextFault, DecisionRecord, ObjectiveEnding, OptionRecord,
    RecordedContextFact, SpawnedAgent, SynthesisRecord, TaskEnding,
};
pub use figures::ContextFigures;
pub use happening::{Happening, HappeningKind};
pub use memory::{Knowledge, KnownInsight, LearnedPattern, Memory, SHORT_TERM};
pub use next::{NextStep, OpenRun};
pub use run_news::{AskedAgent, RunEnd, RunFigures, RunNews};
pub use state::{
    Context, ContextDecision, ContextRun, ContextRunEnd, ContextTask, Insight, Objective, Session,
    TaskEnd,
};
pub use wish::{Refusal, RunEntry, Wish};
pub use written::JsonFault;
