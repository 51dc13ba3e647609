//! The rules, one a file.

use super::rule::Rule;

mod agent_named_in_prompt;
mod check_without_message;
mod consensus_of_clones;
mod deadline_without_default;
mod effect_without_compensation;
mod even_vote;
mod gate_without_deadline;
mod idle_twin;
mod missing_timeout;
mod prompt_without_context;
mod redundant_need;
mod repeated_context;
mod repeated_prompt;
mod retry_disabled;
mod sequential_waves;
mod shared_file_in_prompts;
mod shared_state_without_owner;
mod single_option_gate;
mod swallowed_failure;
mod synthesis_of_one;
mod team_larger_than_its_work;
#[cfg(test)]
mod testing;
mod unbounded_repeat;
mod uncapped_for_each;
mod unchecked_chain;
mod unfailing_run;
mod unread_choice;
mod unread_need;
mod vote_on_free_text;

/// All rules, in the order in which they are documented.
pub const RULES: &[&Rule] = &[
    &retry_disabled::RULE,
    &sequential_waves::RULE,
    &unread_need::RULE,
    &redundant_need::RULE,
    &shared_state_without_owner::RULE,
    &shared_file_in_prompts::RULE,
    &missing_timeout::RULE,
    &agent_named_in_prompt::RULE,
    &repeated_prompt::RULE,
    &repeated_context::RULE,
    &effect_without_compensation::RULE,
    &idle_twin::RULE,
    &synthesis_of_one::RULE,
    &consensus_of_clones::RULE,
    &even_vote::RULE,
    &vote_on_free_text::RULE,
    &unbounded_repeat::RULE,
    &uncapped_for_each::RULE,
    &gate_without_deadline::RULE,
    &deadline_without_default::RULE,
    &single_option_gate::RULE,
    &unread_choice::RULE,
    &check_without_message::RULE,
    &unchecked_chain::RULE,
    &prompt_without_context::RULE,
    &team_larger_than_its_work::RULE,
    &swallowed_failure::RULE,
    &unfailing_run::RULE,
];
