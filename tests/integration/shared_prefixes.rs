//! Prompts that begin alike, in virtual time: what is won by sending them where the beginning has
//! been read, and that nothing is lost where beginnings are short.

use std::fmt::Write as _;
use std::sync::Arc;

use partita::language::document::Policy;
use partita::language::document::simulation::{
    AnswerRule, Profile, SimulatedModel, SimulatedServer,
};
use partita::language::plan::Plan;

use crate::schedules::run;
use crate::support::plan;

/// What reading a token takes, in seconds: a server without a GPU.
const READING: f64 = 1.0 / 100.0;

/// Tasks that need nothing, of agents in turn whose instructions have about so many tokens.
fn in_turn(agents: usize, tasks: usize, tokens: usize) -> Arc<Plan> {
    let mut text = String::from(
        "pattern: { name: turns }\ndefaults: { timeout: { total: 10h, first_token: 10h, silence: 10h, \
         load: 10h } }\nteam:\n  name: t\n  agents:\n",
    );
    for agent in 0..agents {
        // Four letters are about a token.
        let instructions = format!("Rule {agent}: ").repeat(tokens.div_ceil(2));
        let _ = writeln!(text, "    - {{ role: Agent{agent}, instructions: '{instructions}' }}");
    }
    text.push_str("tasks:\n");
    for task in 0..tasks {
        let agent = task % agents;
        let _ = writeln!(text, "  t{task}: {{ agent: agent{agent}, prompt: Part {task}. }}");
    }
    plan(&[("turns.yaml", &text)])
}

fn profile(servers: usize, slots: u32) -> Profile {
    let server = |number: usize| SimulatedServer {
        slots,
        load_gigabytes_per_second: 1000.0,
        ..SimulatedServer::named(&format!("server_{number}"))
    };
    Profile {
        time_scale: 1.0,
        servers: (0..servers).map(server).collect(),
        models: vec![SimulatedModel {
            name: "a:8b".to_owned(),
            prefill_tokens_per_second: 1.0 / READING,
            tokens_per_second: 60.0,
            ..SimulatedModel::default()
        }],
        answers: vec![AnswerRule {
            text: Some("done".to_owned()),
            tokens: Some(300),
            ..AnswerRule::default()
        }],
        ..Profile::default()
    }
}

/// How long a run takes beside one that never looks where a beginning was read.
fn won(agents: usize, tasks: usize, tokens: usize, servers: usize, slots: u32) -> f64 {
    let plan = in_turn(agents, tasks, tokens);
    let profile = profile(servers, slots);
    let affine = run(&plan, &profile, Policy::ModelAffinity).makespan.as_secs_f64();
    let blind = run(&plan, &profile, Policy::LoadAware).makespan.as_secs_f64();
    blind / affine
}

#[test]
fn what_was_read_is_not_read_again() {
    // Each server reads the instructions of few agents once, where turns would have it read nearly
    // all of them for every task.
    assert!(won(4, 60, 1000, 3, 1) >= 2.0);
    assert!(won(6, 90, 1000, 3, 2) >= 1.6);
    assert!(won(3, 60, 2000, 2, 1) >= 2.0);
}

#[test]
fn nothing_is_lost_where_beginnings_are_short_or_one() {
    for (agents, tokens) in [(4, 20), (1, 1000)] {
        for (servers, slots) in [(3, 1), (2, 4)] {
            let won = won(agents, 60, tokens, servers, slots);
            // The default policy takes a second server only where a load is known to pay.
            assert!(won >= 0.94, "{agents} agents, {tokens} tokens: {won:.2}");
        }
    }
}
