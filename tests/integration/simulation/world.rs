//! Random worlds: plans, unequal servers with several models, and their faults.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use partita::engine::{People, Settings};
use partita::language::document::simulation::{
    Fault, FaultRule, Profile, RequestMatch, SimulatedModel, SimulatedServer,
};
use partita::language::document::{Backoff, CallLimits, Hedge, HumanDuration, Policy};
use partita::language::plan::{Plan, compile};

use crate::random_plans::{
    MODELS, in_a_hurry, random_pattern, with_tasks_done_once, without_compensations,
};
use crate::support::{Dice, library, settings_of};

/// A random plan. That its documents are without any fault is for other tests.
pub(super) fn random_plan(seed: u64) -> Arc<Plan> {
    plan_of(random_pattern(seed))
}

/// The same, where whoever takes a task up has little time.
pub(super) fn hurried_plan(seed: u64) -> Arc<Plan> {
    let mut texts = random_pattern(seed);
    for (_, text) in &mut texts {
        *text = in_a_hurry(text);
    }
    plan_of(texts)
}

/// The plan of such texts.
pub(super) fn plan_of(texts: Vec<(&'static str, String)>) -> Arc<Plan> {
    plan_about("tea", texts)
}

/// One about something else, without tasks that can be undone: their answers serve no other run.
pub(super) fn plain_plan_about(topic: &str, seed: u64) -> Arc<Plan> {
    let mut texts = random_pattern(seed);
    for (_, text) in &mut texts {
        *text = without_compensations(text);
    }
    plan_about(topic, texts)
}

/// One in which some tasks must not be done twice.
pub(super) fn plan_done_once(seed: u64) -> Arc<Plan> {
    let mut texts = random_pattern(seed);
    for (_, text) in &mut texts {
        *text = with_tasks_done_once(text, seed);
    }
    plan_about("tea", texts)
}

fn plan_about(topic: &str, mut texts: Vec<(&'static str, String)>) -> Arc<Plan> {
    texts[0].1 = texts[0].1.replace("default: tea", &format!("default: {topic}"));
    let texts: Vec<(&str, &str)> =
        texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let library = library(&texts);
    let document = library.documents().next().expect("a document");
    let compiled = compile(&library, document);
    Arc::new(compiled.unwrap_or_else(|error| panic!("{error:?}\n{}", texts[0].1)).plan)
}

/// Servers as they are, and nobody to ask.
pub(super) fn settings(profile: &Profile, policy: Policy) -> Settings {
    let mut settings = settings_of(profile, "llama3.1:8b");
    settings.policy = policy;
    settings.breaker_open =
        Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(8) };
    settings.give_up_after = HumanDuration(Duration::from_secs(600));
    settings.seed = Some(7);
    settings.people = People::Absent;
    settings
}

/// One to three unequal servers, with faults or without.
pub(super) fn profile(dice: &mut Dice, with_faults: bool) -> Profile {
    let servers = 1 + dice.below(3);
    let servers = (0..servers).map(|number| SimulatedServer {
        slots: u32::try_from(1 + dice.below(3)).expect("small"),
        speed: [0.5, 1.0, 2.0][dice.below(3) as usize],
        max_loaded_models: u32::try_from(1 + dice.below(2)).expect("small"),
        // The first has them all: a run need not fail because nobody has a model.
        models: (number > 0 && dice.one_in(3)).then(|| models(&MODELS[..1])),
        ..SimulatedServer::named(&format!("server_{number}"))
    });
    let servers: Vec<SimulatedServer> = servers.collect();
    let faults = if with_faults { 1 + dice.below(5) } else { 0 };
    Profile {
        time_scale: 1.0,
        models: models(&MODELS),
        faults: (0..faults).map(|_| random_fault(dice)).collect(),
        servers,
        ..Profile::default()
    }
}

pub(super) fn models(names: &[&str]) -> Vec<SimulatedModel> {
    let model = |name: &&str| SimulatedModel {
        name: (*name).to_owned(),
        size_gigabytes: 1.0,
        ..SimulatedModel::default()
    };
    names.iter().map(model).collect()
}

fn random_fault(dice: &mut Dice) -> FaultRule {
    let after_tokens = u32::try_from(dice.below(6)).expect("small");
    let fault = match dice.below(21) {
        0 => Fault::Down { duration: Some(HumanDuration(Duration::from_secs(1 + dice.below(60)))) },
        1 => Fault::Silent,
        2 => Fault::Overloaded,
        3 => Fault::Status { status: 500, message: None, retry_after: None },
        4 => Fault::Stall { after_tokens },
        5 => Fault::Disconnect { after_tokens },
        6 => Fault::Crash { after_tokens },
        7 => Fault::Unfinished { after_tokens },
        8 => Fault::Slow { factor: 30.0 },
        9 => Fault::Malformed,
        10 => Fault::Empty,
        11 => Fault::CutByLength { after_tokens },
        12 => Fault::LoadFailure,
        13 => Fault::LoadStall,
        14 => Fault::Truncate { kept_tokens: after_tokens },
        15 => Fault::ToolCall,
        16 => Fault::Refused,
        17 => Fault::Status { status: 401, message: None, retry_after: None },
        18 => Fault::Status { status: 499, message: None, retry_after: None },
        19 => {
            let pause = HumanDuration(Duration::from_secs(1 + dice.below(120)));
            Fault::Status { status: 429, message: None, retry_after: Some(pause) }
        }
        _ => Fault::Garbage,
    };
    FaultRule {
        matches: RequestMatch::default(),
        after: u32::try_from(dice.below(8)).expect("small"),
        times: Some(u32::try_from(1 + dice.below(3)).expect("small")),
        fault,
    }
}

/// Limits of some of what the random plans ask and take.
fn limits(dice: &mut Dice) -> CallLimits {
    let mut limit = |names: &[&str]| -> BTreeMap<String, NonZeroU32> {
        let names = names.iter().filter(|_| dice.one_in(2)).map(|name| (*name).to_owned());
        let names: Vec<String> = names.collect();
        let count = |dice: &mut Dice| NonZeroU32::MIN.saturating_add(dice.below(3) as u32);
        names.into_iter().map(|name| (name, count(dice))).collect()
    };
    CallLimits {
        models: limit(&MODELS),
        agents: limit(&["lead", "hand", "helper"]),
        resources: limit(&["search", "disk"]),
        tools: NonZeroU32::new(dice.below(3) as u32),
    }
}

/// Two of three runs have limits.
fn limit(settings: &mut Settings, dice: &mut Dice) {
    if !dice.one_in(3) {
        settings.limits = limits(dice);
    }
}

/// The same, with any policy, few calls or many at a time.
pub(super) fn random_settings(profile: &Profile, dice: &mut Dice) -> Settings {
    let policies =
        [Policy::RoundRobin, Policy::Capability, Policy::LoadAware, Policy::ModelAffinity];
    let mut settings = settings(profile, policies[dice.below(4) as usize]);
    if dice.one_in(3) {
        settings.max_parallel = u32::try_from(1 + dice.below(3)).expect("small");
    }
    limit(&mut settings, dice);
    hedge(&mut settings, dice);
    settings
}

/// Every other run hedges, sooner or later and more or less.
pub(super) fn hedge(settings: &mut Settings, dice: &mut Dice) {
    settings.hedge = dice.one_in(2).then(|| Hedge {
        after: [1.0, 1.5, 2.0][dice.below(3) as usize],
        budget: [0.05, 0.25][dice.below(2) as usize],
    });
}
