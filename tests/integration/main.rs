//! All integration tests in one binary: it links once.

#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::needless_pass_by_value,
    reason = "tests panic when they fail, watch the clock, and take values in their check functions"
)]

mod advice;
mod architecture;
mod binary;
mod broken_off;
mod budgets;
mod cache;
mod calibration;
mod cases;
mod commands;
mod compare;
mod conformance;
mod contexts;
mod contract;
mod corpus;
mod crash;
mod debates;
mod decisions;
mod definitions;
mod deliveries;
mod diagnostics;
mod documentation;
mod escalation;
mod expand;
mod failure_modes;
mod failures;
mod for_each;
mod forks;
mod hard_texts;
mod hedging;
mod imports;
mod journals;
mod learning;
mod library_table;
mod limits;
mod lsp;
mod messages;
mod narrow_schedules;
mod nested;
mod online;
mod organization;
mod organization_rules;
mod output_files;
mod pictures;
mod pipeline;
mod placements;
mod plans;
mod posts;
mod power_loss;
mod priorities;
mod random_plans;
mod repairs;
mod repeat;
mod reports;
mod review;
mod saved_plans;
mod schedules;
mod schemas;
mod shared_prefixes;
mod sharing;
mod shipped;
mod simulation;
mod starting;
mod statistics;
mod support;
mod task_modifiers;
mod team_factory;
mod teams_that_fail;
mod telling;
mod timelines;
mod tools;
mod undoing;
mod unwritable;
mod upkeep;
mod votes;
mod yaml_test_suite;
