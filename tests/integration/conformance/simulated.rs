//! The suite at simulated servers, of every era and both ways from messages to a prompt.

use partita::language::document::simulation::{
    AnswerRule, Capability, ChatTemplate, Fault, FaultRule, Profile, RequestMatch, SimulatedModel,
    SimulatedServer,
};
use partita::runtime::simulator::SimulatedCluster;
use tokio::runtime::Runtime;

use super::bench::Fixture;
use super::examined;

/// Simulated servers for an examination. Dropped, they stop.
pub(super) struct Stage {
    pub(super) fixture: Fixture,
    _clusters: [SimulatedCluster; 2],
    _runtime: Runtime,
}

fn models(template: ChatTemplate) -> Vec<SimulatedModel> {
    use Capability as Can;
    let model = |name: &str, capabilities: &[Capability]| SimulatedModel {
        name: name.into(),
        size_gigabytes: 1.0,
        context_length: 8192,
        capabilities: capabilities.to_vec(),
        template,
        ..SimulatedModel::default()
    };
    vec![
        model("c", &[Can::Completion]),
        model("t:1b", &[Can::Completion, Can::Tools, Can::Thinking]),
        model("m", &[Can::Embedding]),
    ]
}

/// What goes wrong at which words: the requests of the suite ask for it.
fn faults() -> Vec<FaultRule> {
    let rule = |words: &str, fault: Fault| FaultRule {
        matches: RequestMatch {
            contains: Some(format!("conformance: {words}")),
            ..RequestMatch::default()
        },
        after: 0,
        times: None,
        fault,
    };
    vec![
        rule("crash", Fault::Crash { after_tokens: 2 }),
        rule("end early", Fault::Unfinished { after_tokens: 2 }),
        rule("stall", Fault::Stall { after_tokens: 2 }),
        rule("silence", Fault::Stall { after_tokens: 0 }),
        rule("never load", Fault::LoadStall),
    ]
}

impl Stage {
    /// Servers of a version whose models take this way to a prompt.
    pub(super) fn of(version: &str, template: ChatTemplate) -> Stage {
        let runtime = Runtime::new().expect("threads");
        let server = |name: &str| SimulatedServer {
            slots: 2,
            queue: 3,
            max_loaded_models: 2,
            version: version.into(),
            ..SimulatedServer::named(name)
        };
        let untimed = Profile {
            time_scale: 0.0,
            servers: vec![server("untimed")],
            models: models(template),
            answers: vec![AnswerRule {
                matches: RequestMatch {
                    contains: Some("the one word yes".into()),
                    ..RequestMatch::default()
                },
                text: Some("Yes.".into()),
                ..AnswerRule::default()
            }],
            faults: faults(),
            ..Profile::default()
        };
        // A load takes a quarter of a second here, and the start for ever.
        let mut timed = Profile {
            time_scale: 0.001,
            servers: vec![server("timed"), server("starting")],
            ..untimed.clone()
        };
        for model in &mut timed.models {
            model.size_gigabytes = 500.0;
        }
        timed.servers[1].startup = "10000000s".parse().expect("a duration");
        let start = |profile| runtime.block_on(SimulatedCluster::start(profile)).expect("servers");
        let clusters = [start(untimed), start(timed)];
        let url = |cluster: usize, server: usize| clusters[cluster].servers()[server].url.clone();
        let fixture = Fixture {
            url: url(0, 0),
            slots: Some(2),
            queue: Some(3),
            loaded_models: Some(2),
            is_scripted: true,
            starting: Some(url(1, 1)),
            timed: Some(url(1, 0)),
            ..Fixture::default()
        };
        Stage { fixture, _clusters: clusters, _runtime: runtime }
    }
}

fn check(version: &str, template: ChatTemplate, not_applicable: &[u8]) {
    let stage = Stage::of(version, template);
    let outcome = examined(stage.fixture.clone());
    assert!(outcome.failed().is_empty(), "{version}: {}", outcome.summary());
    assert_eq!(outcome.not_applicable(), not_applicable, "{version}: {}", outcome.summary());
}

#[test]
fn servers_with_a_process_for_each_model_pass() {
    check("0.33.1", ChatTemplate::Go, &[]);
}

#[test]
fn models_with_templates_of_their_own_pass() {
    check("0.33.1", ChatTemplate::Native, &[]);
}

#[test]
fn servers_with_the_runner_inside_pass() {
    check("0.24.0", ChatTemplate::Go, &[]);
}

#[test]
fn servers_of_the_first_era_pass() {
    check("0.12.11", ChatTemplate::Go, &[]);
    // Older ones neither think unasked, nor know `shift` and probabilities.
    check("0.12.3", ChatTemplate::Go, &[30, 37, 55]);
}
