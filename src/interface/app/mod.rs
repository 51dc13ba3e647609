//! Use cases: what a command does, without a terminal.

mod advice;
mod budgets;
mod cases;
mod choice;
mod compare;
mod contest;
mod context;
mod definition;
mod example;
mod failure;
mod fix;
mod forking;
mod given;
mod guidance;
mod imports;
mod learning;
mod load;
mod moment;
mod nested;
mod online;
mod organization;
mod output_files;
mod placement;
mod project;
mod prompts;
mod rehearsed;
mod run_page;
mod rungs;
mod runs;
mod samples;
mod saved_plan;
mod session;
mod simulated;
mod starting;
mod stored;
mod team_prompts;
mod upkeep;
mod validate;
mod why;
mod world;

pub use advice::{
    Estimate, Opinions, TimeBasis, advise, advisor_of, estimate_of, evaluate, model_billions,
    profiles_of, read_labelled, vocabularies_of,
};
pub use budgets::BudgetChange;
pub use cases::{
    Coverage, Covered, Kind, Played, Recorder, Tested, TestedCase, TestedFile, Unmet, Updated,
    run_tests, update_tests,
};
pub use choice::{Choice, Intent, WorldRequest, choose_world};
pub use compare::{Comparison, DefinitionComparison, Side, compare};
pub use contest::{Contest, ContestRequest, contest};
pub use context::{
    ContextOfRun, ContextPlace, ContextWish, ExportedContext, ImportedContext, ListedContext,
    OpenedContext, Overwriting, Resumed, begin_context, import_context, list_contexts,
    resume_context, settle_run,
};
pub use definition::{Definition, names_a_saved_plan};
pub use example::{Example, example_of};
pub use failure::{Failure, FailureKind};
pub use fix::{Fixable, Repaired, Repairs, repair, write_repairs};
pub use forking::Forked;
pub use given::{Given, check_decision, read_decisions, read_inputs_file, read_text_file};
pub use guidance::{Learnings, guidance_of, guidance_of_teams, no_learnings};
pub use imports::{
    CheckedImport, CheckedLock, Difference, Fresh, Locked, LockedSource, MovedTags, check_lock,
    lock_imports,
};
pub use learning::{
    AdviceOfRun, AdviceRequest, Exported, Proposal, Proposals, ResetRequest, accept_proposal,
    adjustments_for, experiences, export_learnings, give_verdict, propose_patterns,
    recent_learnings, record_advice, reset_learnings, settle_advised_run,
};
pub use load::{Loaded, load};
pub use moment::Moment;
pub use online::{
    Lacking, Sight, Sights, Skipped, Why, check_online, look, seen_models, skipped_offline,
};
pub use organization::{
    AdmissionFound, Candidates, OrganizationRun, Organizations, Planned, Promised, Staffing,
    StaffingRequest, WorkRequest, all_organizations, learned_inputs, organization_of, staffing,
};
pub use output_files::{Arrival, Existing, OutputFile, OutputFiles, OutputFolder};
pub use placement::{PlacementForecast, forecast_placement};
pub use project::Project;
pub use prompts::{Omission, Prompt, Prompts, Told, rehearse_prompts};
pub use run_page::write_page;
pub use runs::{RunsOverview, overview};
pub use samples::Sampled;
pub use saved_plan::save_plan;
pub use session::{Finished, Session, StartRequest, Working};
pub use simulated::SimulatedServers;
pub use starting::{
    AgentWish, Discovery, DocumentName, Draft, DraftRequest, Extra, Fate, ImportedTeam, InputWish,
    NewFile, can_use, discover, draft, fate, imported_team, parse_waves, place, place_at,
    project_files,
};
pub use stored::{Cancelled, StoredRun, cancel_stored, find_run};
pub use team_prompts::{AgentPrompt, TeamPrompts, team_prompts, write_prompts};
pub use upkeep::{check_journal, remove_old_runs};
pub use validate::{Validation, validate, validate_files};
pub use why::{Account, Reason};
pub use world::{World, check_models};
