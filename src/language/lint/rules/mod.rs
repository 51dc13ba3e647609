//! The rules, one a file.

use super::rule::Rule;

mod agent_named_in_prompt;
mod agent_without_purpose;
mod ambiguous_number;
mod ambiguous_word;
mod answer_exceeds_window;
mod check_without_message;
mod clock_above_total;
mod cloud_models_allowed;
mod consensus_of_clones;
mod deadline_without_default;
mod differing_windows;
mod duplicate_server;
mod effect_without_compensation;
mod even_vote;
mod file_name_differs;
mod fixed_seed;
mod free_text_decision;
mod gate_without_deadline;
mod hides_built_in;
mod hot_structured_output;
mod identical_samples;
mod idle_hedge;
mod idle_retry_classes;
mod idle_twin;
mod json_without_output;
mod long_prompt;
mod many_models_in_a_wave;
mod missing_estimate;
mod missing_summary;
mod missing_timeout;
mod missing_when_to_use;
mod moving_version;
mod prompt_exceeds_window;
mod prompt_without_context;
mod redundant_need;
mod redundant_setting;
mod repeated_context;
mod repeated_prompt;
mod retry_disabled;
mod role_in_prompt;
mod secret_in_text;
mod secret_in_url;
mod secret_input;
mod sequential_waves;
mod shared_file_in_prompts;
mod shared_state_without_owner;
mod single_option_gate;
mod swallowed_failure;
mod synthesis_of_one;
mod team_larger_than_its_work;
#[cfg(test)]
mod testing;
mod timeout_below_estimate;
mod unbounded_repeat;
mod uncapped_for_each;
mod unchecked_chain;
mod undelimited_input;
mod undescribed_input;
mod unencrypted_server;
mod unfailing_run;
mod unlimited_answer;
mod unnamed_model;
mod unpinned_model;
mod unread_choice;
mod unread_message;
mod unread_need;
mod unsatisfied_requirement;
mod unused_weight;
mod vote_on_free_text;
mod wide_span_of_control;

/// All rules, in the order in which they are documented.
pub const RULES: &[&Rule] = &[
    &retry_disabled::RULE,
    &idle_retry_classes::RULE,
    &sequential_waves::RULE,
    &unread_need::RULE,
    &unread_message::RULE,
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
    &wide_span_of_control::RULE,
    &swallowed_failure::RULE,
    &unfailing_run::RULE,
    &prompt_exceeds_window::RULE,
    &answer_exceeds_window::RULE,
    &differing_windows::RULE,
    &many_models_in_a_wave::RULE,
    &unpinned_model::RULE,
    &moving_version::RULE,
    &unnamed_model::RULE,
    &fixed_seed::RULE,
    &identical_samples::RULE,
    &hot_structured_output::RULE,
    &unlimited_answer::RULE,
    &timeout_below_estimate::RULE,
    &clock_above_total::RULE,
    &missing_estimate::RULE,
    &long_prompt::RULE,
    &secret_in_text::RULE,
    &secret_input::RULE,
    &secret_in_url::RULE,
    &json_without_output::RULE,
    &free_text_decision::RULE,
    &role_in_prompt::RULE,
    &agent_without_purpose::RULE,
    &missing_summary::RULE,
    &missing_when_to_use::RULE,
    &undescribed_input::RULE,
    &undelimited_input::RULE,
    &ambiguous_word::RULE,
    &ambiguous_number::RULE,
    &redundant_setting::RULE,
    &file_name_differs::RULE,
    &hides_built_in::RULE,
    &duplicate_server::RULE,
    &unencrypted_server::RULE,
    &cloud_models_allowed::RULE,
    &unsatisfied_requirement::RULE,
    &unused_weight::RULE,
    &idle_hedge::RULE,
];
