//! Typed documents, their schemas, and resolving names across files.

mod ballot;
mod budget;
mod built_in_tools;
mod builtin;
mod builtin_header;
mod cases;
mod cluster;
mod commands;
mod compensate;
mod complexity;
mod conformance;
mod duration;
mod effect;
mod escalation;
mod expand;
mod fast_check;
mod for_each;
mod formats;
mod gate;
mod hedge;
mod import_state;
mod imports;
mod input;
mod kind;
mod library;
mod library_index;
mod lifecycle;
mod lint;
mod lock_file;
mod manager_tools;
mod modifiers;
pub(crate) mod name;
mod one_or_several;
mod orchestration;
mod output_type;
mod pattern;
mod priority;
mod read;
mod repair;
mod repeat;
mod resources;
mod retry;
mod review;
mod samples;
mod schema;
mod send;
mod settings;
mod shelf;
pub mod simulation;
mod staff;
mod standing;
pub mod suggest;
mod synthesis;
mod task;
mod team;
mod tools;
mod validators;
mod vocabulary;
mod wording;

pub use crate::organization::MessageKind;
pub use ballot::{Quorum, Tie};
pub use budget::{Amount, AmountError, Budget, BudgetMode};
pub(crate) use built_in_tools::only_reads;
pub use built_in_tools::{BUILT_IN_TOOLS, RUN_COMMAND, described_tool};
pub use builtin::{Builtin, builtin_tests, builtin_vocabularies, builtins};
pub use builtin_header::{BuiltinHeader, builtin_headers};
pub use cases::{
    Case, Count, Expectations, ExpectedEnd, ExpectedStatus, ExpectedTask, FAILURE_CLASSES, Stage,
    TestsDocument, TestsHeader,
};
pub use cluster::{
    Breaker, ClusterDocument, ClusterSettings, Digests, Egress, Health, Policy, ServerEntry,
};
pub use commands::{CommandSettings, is_program_name};
pub use compensate::Compensate;
pub use complexity::{Complexity, ModelsByComplexity};
pub use duration::{DurationError, HumanDuration};
pub use effect::Effect;
pub use escalation::{FailurePolicy, LEAD, PersonAsked, Rung};
pub(crate) use expand::patterns_of_task;
pub use expand::{Catalogue, Conclusion, ExpandTask, Expansion, Replan};
pub use for_each::{DEFAULT_MAX_ITEMS, ForEach, ITEM, MOST_ITEMS, Require, Stop};
pub use gate::{ApprovalGate, ApprovalWord, CheckGate, CheckWord, Conditions};
pub use hedge::Hedge;
pub use import_state::{
    Change, IMPORTS_FILE, Import, ImportProblem, ImportState, Imports, ImportsFile, LOCK_FILE,
};
pub use imports::{ImportSource, ImportedName, ImportsDocument, Versions};
pub use input::{InputDeclaration, Learned};
pub use kind::DocumentKind;
pub use library::{Library, Names, ProjectFile, Unreadable, builtin_text};
pub use library_index::LibraryIndex;
pub use lifecycle::LifecycleState;
pub use lint::{Audience, Level, LintDocument, LintSettings, Reasons};
pub use lock_file::{
    LockFile, LockFileError, LockedDocument, LockedImport, VersionKind, is_commit, is_inner_path,
};
pub use manager_tools::described_manager_tool;
pub use modifiers::Modifiers;
pub use name::{is_document_name, is_identifier};
pub use orchestration::OrchestrationSettings;
pub use output_type::{OutputType, TypeProblem};
pub use pattern::{
    ClusterReference, ExpectedTimes, Header, PatternDocument, PipelineDocument, SuccessCriteria,
    TeamReference, Wave,
};
pub use priority::Priority;
pub use read::{Body, Document, Expectation, Outcome};
pub use repeat::{DEFAULT_MAX_ROUNDS, Repeat, Unmet};
pub use resources::{CallLimits, Takes};
pub use retry::{Backoff, RetriedClass, Retry};
pub use review::{Criteria, ReviewGate, Revise, Votes};
pub use samples::{Samples, StopSampling};
pub use schema::{schema, schema_of_types, schema_text};
pub use send::{Addressees, EVERYBODY, SendTask, Topics};
pub use settings::{Condition, Defaults, ModelOptions, OnFailure, Timeouts};
pub(crate) use shelf::builtin_of_name;
pub use staff::Post;
pub use standing::CapacityEntry;
pub use synthesis::{Strategy, Synthesis, SynthesizeTask};
pub(crate) use task::verb_of_task;
pub use task::{AgentTask, Task, ToolTask, UsesTask, Verb, VerbKind};
pub use team::{AgentEntry, InlineTeam, TeamDocument, TeamHeader};
pub use tools::{
    AgentTools, DEFAULT_MAX_RESULT, DEFAULT_MAX_TOOLS, DEFAULT_MAX_TURNS, ToolServer, ToolSettings,
};
pub use vocabulary::{Cue, Cues, ExampleRequests, VocabularyDocument, VocabularyHeader};
