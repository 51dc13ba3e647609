//! From values to text and JSON, without a terminal: the same for a live run, a stored one and a
//! test.

mod advice;
mod beginning;
mod budgets;
mod cases;
mod catalog;
mod cluster;
mod contest;
mod context;
mod definitions;
mod diagnostics;
mod difference;
mod explain;
mod fact_line;
mod github;
mod hours;
mod imports;
mod junit;
mod learning;
mod messages;
mod nested;
mod organization;
mod paint;
mod pattern_card;
mod picture;
mod plan;
mod posts;
mod progress;
mod prompts;
mod proposals;
mod run_json;
mod run_text;
mod runs_overview;
mod sarif;
mod shell;
mod snippet;
mod state;
mod statistics_json;
mod statistics_text;
mod team_card;
mod team_prompts;
mod timeline;
mod units;
mod upkeep;
mod validation;
mod votes_text;
mod waits;
mod why_json;
mod why_text;
mod width;

pub use advice::{AdviceView, advice_json, advice_text, evaluation_json, evaluation_text};
pub use beginning::{Beginning, beginning_json, beginning_text, discovery_text};
pub use budgets::{UsedUp, used_up};
pub use cases::{CasesLook, cases_json, cases_junit, cases_text, traced_case};
pub use catalog::{patterns_json, patterns_text, runs_json, runs_text, teams_json, teams_text};
pub use cluster::{cluster_json, cluster_text};
pub use context::{
    ContextStatus, agents_json, agents_text, begun_text, context_changed_json,
    context_changed_text, context_status_json, context_status_text, contexts_json, contexts_text,
    resumed_json, resumed_text,
};
pub use definitions::{Picture, definitions_json, definitions_markdown, definitions_text};
pub use diagnostics::{Look, diagnostic_line, diagnostics_json, diagnostics_text};
pub use difference::unified_diff;
pub use explain::explanation;
pub use fact_line::fact_line;
pub use github::diagnostics_github;
pub use imports::{checked_lock_json, checked_lock_text, locked_json, locked_text, unread_text};
pub use junit::diagnostics_junit;
pub use learning::{
    experience_json, experience_line, learning_text, learnings_json, learnings_text,
};
pub use organization::{
    BoardLook, admission_json, admission_text, assignment_json, assignment_reasons_json,
    assignment_reasons_text, assignment_text, board_json, board_text, capacity_json, capacity_text,
    channels_json, channels_text, escalations_json, escalations_text, forecast_json, forecast_text,
    handoffs_json, handoffs_text, inbox_json, inbox_text, metrics_json, metrics_text,
    progress_json, progress_text, standup_json, standup_text, work_json, work_text,
};
pub use paint::Paint;
pub use pattern_card::{pattern_card_json, pattern_card_text};
pub use picture::{plan_dot, plan_mermaid, plan_svg};
pub use plan::{
    Depth, TableLook, placement_json, placement_text, plan_json, plan_text, waves_text,
};
pub use progress::{Seen, fork_line, header_lines, wave_line};
pub use prompts::{prompts_json, prompts_text};
pub use proposals::{proposals_json, proposals_text};
pub use run_json::{Outcome, run_json};
pub use run_text::{Detail, run_text, value_text};
pub use runs_overview::{overview_json, overview_text};
pub use sarif::diagnostics_sarif;
pub use shell::example_command;
pub use state::{At, facts_json, facts_text, state_json, state_text};
pub use team_card::{team_card_json, team_card_text};
pub use team_prompts::{team_prompts_json, team_prompts_text};
pub use timeline::{PAGE_MARK, TimelineLook, run_page, timeline_text};
pub use units::{bytes, milliseconds, moment, seconds};
pub use upkeep::{examination_json, examination_text, removed_json, removed_text};
pub use validation::{
    Tally, Tense, allowed_text, count_line, repaired_text, skipped_json, skipped_text,
};
pub use waits::{ToldWaits, wait_text};
pub use why_json::why_json;
pub use why_text::why_text;
