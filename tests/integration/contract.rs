//! One contract for both drivers: the same plan, servers and people come to the same end, task by
//! task, in virtual time and over real sockets.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use partita::engine::content::{Contents, MemoryContents};
use partita::engine::simulation::{Placeholders, Rehearsal, Script};
use partita::engine::{Decision, People, Recorded, RunStatus};
use partita::insight::History;
use partita::interface::app::{Choice, Finished, Project, Session, StartRequest, Working};
use partita::language::document::ClusterSettings;
use partita::language::document::simulation::{Profile, SimulationDocument};
use partita::language::plan::{Plan, TaskId};
use partita::runtime::embedded::{Control, Event, Observer, Remote};
use partita::runtime::journal::{Durability, Setup};
use partita::runtime::tools::ToolAccess;
use serde_json::{Map, Value, json};

use crate::support::plan;

/// What came of a run, as far as the contract goes.
#[derive(Debug, PartialEq)]
struct Report {
    status: RunStatus,
    outputs: Value,
    /// By task: its status, its attempts, the classes of their failures.
    tasks: BTreeMap<String, (String, usize, Vec<String>)>,
}

fn report(plan: &Arc<Plan>, facts: &[Recorded], contents: &dyn Contents) -> Report {
    let history = History::of_facts(Arc::clone(plan), facts);
    let outputs = history.outputs.as_ref().and_then(|address| contents.read(address).ok());
    let tasks = plan.tasks().map(|(id, task)| {
        let record = history.task(id);
        let failures = record.attempts.iter().filter_map(|attempt| attempt.failure.as_ref());
        let failures = failures.map(|failure| failure.class.as_str().to_owned());
        let own = record.failure.iter().filter(|_| record.attempts.is_empty());
        let own = own.map(|failure| failure.class.as_str().to_owned());
        let status = record.status().as_str().to_owned();
        (task.path.clone(), (status, record.attempts.len(), failures.chain(own).collect()))
    });
    Report {
        status: history.status,
        outputs: outputs.map(|value| (*value).clone()).unwrap_or_default(),
        tasks: tasks.collect(),
    }
}

struct Case {
    plan: Arc<Plan>,
    profile: Profile,
    decisions: BTreeMap<String, String>,
}

trait Driver {
    fn run(&self, case: &Case) -> Report;
}

struct Virtual;

impl Driver for Virtual {
    fn run(&self, case: &Case) -> Report {
        let contents = MemoryContents::default();
        let cluster = ClusterSettings::of_urls(case.profile.servers.iter().map(|s| s.name.clone()));
        let mut settings = partita::engine::Settings::of_cluster(&cluster, "llama3.1:8b".into());
        for (server, simulated) in settings.servers.iter_mut().zip(&case.profile.servers) {
            server.slots = simulated.slots;
            server.max_models = simulated.max_loaded_models;
        }
        settings.people = People::Present;
        settings.seed = Some(case.profile.seed);
        let decisions = case
            .decisions
            .iter()
            .map(|(task, choice)| (task.clone(), (Duration::from_millis(1), choice.clone())));
        let script = Script {
            profile: case.profile.clone(),
            decisions: decisions.collect(),
            ..Script::default()
        };
        let inputs = case.plan.root().bind_inputs(&Map::new()).expect("defaults");
        let mut rehearsal = Rehearsal::new(
            Arc::clone(&case.plan),
            settings,
            script,
            &inputs,
            &contents,
            &Placeholders,
        );
        rehearsal.run().expect("no contradiction").expect("an end");
        report(&case.plan, rehearsal.facts(), &contents)
    }
}

struct Embedded;

struct Person<'c> {
    plan: Arc<Plan>,
    decisions: &'c BTreeMap<String, String>,
    remote: Remote,
    facts: Vec<Recorded>,
}

impl Observer for Person<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Facts(facts) => self.facts.extend_from_slice(facts),
            Event::Question { task, .. } => self.decide(task),
            _ => {}
        }
    }
}

impl Person<'_> {
    fn decide(&self, task: TaskId) {
        if let Some(choice) = self.decisions.get(&self.plan.task(task).path) {
            let (choice, by) = (choice.clone(), "the script".to_owned());
            self.remote.send(Control::Decide(Decision { task, choice, by }));
        }
    }
}

impl Driver for Embedded {
    fn run(&self, case: &Case) -> Report {
        let folder = tempfile::tempdir().expect("a folder");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("threads");
        let setup = Setup {
            simulation: Some(case.profile.clone()),
            ..Setup::of_cluster(ClusterSettings::of_urls([]))
        };
        let inputs = case.plan.root().bind_inputs(&Map::new()).expect("defaults");
        let choice = Choice { setup, by: "the test".into(), budgets: Vec::new() };
        let working = Working {
            people: People::Present,
            durability: Durability::default(),
            tokio: &runtime,
            access: ToolAccess::default(),
            project: Project::default(),
        };
        let request = StartRequest::of(Arc::clone(&case.plan), inputs, choice);
        let session = Session::start(request, folder.path(), &working)
            .unwrap_or_else(|failure| panic!("{}", failure.message));
        let mut person = Person {
            plan: Arc::clone(&case.plan),
            decisions: &case.decisions,
            remote: session.remote(),
            facts: Vec::new(),
        };
        let Finished { contents, .. } = session
            .conduct(Vec::new(), &mut person, &runtime)
            .unwrap_or_else(|failure| panic!("{}", failure.message));
        report(&case.plan, &person.facts, &contents)
    }
}

/// Runs a pattern on both drivers and compares the ends with each other and with what is
/// expected: the run's status, and for tasks of interest their status, attempts and failures.
fn check(
    text: &str,
    profile: &str,
    decisions: &[(&str, &str)],
    status: RunStatus,
    expected: Value,
) {
    let plan = plan(&[("case.yaml", text)]);
    let library = crate::support::library(&[("profile.yaml", profile)]);
    let document = library.documents().next().expect("a profile");
    assert!(document.body().is_some(), "{:?}", library.diagnostics());
    let profile: SimulationDocument =
        serde_json::from_value(document.value().clone()).expect("a profile");
    let decisions = decisions.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
    let case = Case { plan, profile: profile.simulation, decisions: decisions.collect() };
    let virtual_end = Virtual.run(&case);
    let embedded_end = Embedded.run(&case);
    assert_eq!(virtual_end, embedded_end, "{text}");
    assert_eq!(virtual_end.status, status, "{virtual_end:#?}");
    for (task, wanted) in expected.as_object().expect("a mapping") {
        let (status, attempts, failures) = &virtual_end.tasks[task];
        assert_eq!(json!([status, attempts, failures]), *wanted, "{task}: {virtual_end:#?}");
    }
}

const TEAM: &str = "team: { name: t, agents: [{ role: A }, { role: B }] }\ndefaults: { retry: { \
                    max_attempts: 3, backoff: 5ms..20ms }, timeout: { total: 5s, first_token: 2s, \
                    silence: 2s, load: 2s } }\n";

/// Two servers, quick, with fixed answers where the text says nothing else.
fn profile(rest: &str) -> String {
    format!(
        "simulation:\n  time_scale: 0.001\n  servers: [{{ name: one, slots: 2 }}, {{ name: two, slots: \
         2 }}]\n{rest}"
    )
}

#[test]
fn a_plain_run_succeeds() {
    check(
        &format!(
            "pattern: {{ name: p }}\n{TEAM}waves:\n  - name: x\n    tasks:\n      a: {{ agent: a, prompt: x \
             }}\n      b: {{ agent: b, prompt: y, output: {{ n: integer }} }}\n  - name: y\n    tasks:\n      \
             c: {{ synthesize: {{ from: [a, b], strategy: merge_all }} }}\noutputs: {{ c: '{{{{ \
             tasks.c.output }}}}' }}\n"
        ),
        &profile(
            "  answers:\n    - { match: { task: a }, text: first }\n    - { match: { task: b }, json: { n: 2 } }\n",
        ),
        &[],
        RunStatus::Succeeded,
        json!({ "a": ["succeeded", 1, []], "b": ["succeeded", 1, []], "c": ["succeeded", 0, []] }),
    );
}

fn one_task(rest: &str) -> String {
    format!(
        "pattern: {{ name: p }}\n{TEAM}tasks:\n  a: {{ agent: a, prompt: x{rest} }}\noutputs: {{ a: '{{{{ \
         tasks.a.output | default(\"none\") }}}}' }}\n"
    )
}

fn faulty(times: u32, fault: &str) -> String {
    profile(&format!(
        "  answers:\n    - {{ text: fine }}\n  faults:\n    - {{ match: {{ task: a }}, times: {times}, fault: \
         {fault} }}\n"
    ))
}

#[test]
fn faults_of_servers_are_survived() {
    for (fault, failure) in [
        ("{ kind: overloaded }", "overloaded"),
        ("{ kind: disconnect, after_tokens: 1 }", "disconnected"),
        ("{ kind: crash, after_tokens: 1 }", "crashed"),
        ("{ kind: unfinished, after_tokens: 1 }", "incomplete"),
        ("{ kind: garbage }", "garbage"),
        ("{ kind: empty }", "empty"),
        ("{ kind: load_failure }", "load_failed"),
        ("{ kind: status, status: 500 }", "server_error"),
        ("{ kind: status, status: 499 }", "cancelled"),
        ("{ kind: status, status: 401 }", "unauthorized"),
        ("{ kind: tool_call }", "tool_call"),
    ] {
        check(
            &one_task(""),
            &faulty(1, fault),
            &[],
            RunStatus::Succeeded,
            json!({ "a": ["succeeded", 2, [failure]] }),
        );
    }
}

#[test]
fn a_server_that_goes_down_is_left() {
    check(
        &one_task(""),
        &faulty(1, "{ kind: down }"),
        &[],
        RunStatus::Succeeded,
        json!({ "a": ["succeeded", 2, ["connection"]] }),
    );
}

#[test]
fn retries_end() {
    check(
        &one_task(""),
        &faulty(9, "{ kind: empty }"),
        &[],
        RunStatus::Failed,
        json!({ "a": ["failed", 3, ["empty", "empty", "empty"]] }),
    );
    check(
        &one_task(", on_failure: continue"),
        &faulty(9, "{ kind: empty }"),
        &[],
        RunStatus::Succeeded,
        json!({ "a": ["failed", 3, ["empty", "empty", "empty"]] }),
    );
    check(
        &one_task(", on_failure: { fallback: instead }"),
        &faulty(9, "{ kind: empty }"),
        &[],
        RunStatus::Succeeded,
        json!({ "a": ["succeeded", 3, ["empty", "empty", "empty"]] }),
    );
}

#[test]
fn a_malformed_answer_is_asked_again() {
    check(
        &format!(
            "pattern: {{ name: p }}\n{TEAM}tasks:\n  a: {{ agent: a, prompt: x, output: {{ n: integer }} \
             }}\noutputs: {{ a: '{{{{ tasks.a.output.n }}}}' }}\n"
        ),
        &profile(
            "  answers:\n    - { json: { n: 5 } }\n  faults:\n    - { match: { task: a }, times: 1, fault: { \
             kind: malformed } }\n",
        ),
        &[],
        RunStatus::Succeeded,
        json!({ "a": ["succeeded", 2, ["malformed"]] }),
    );
}

#[test]
fn clocks_run_out() {
    let text = "pattern: { name: p }\nteam: { name: t, agents: [{ role: A }] }\ntasks:\n  a: { agent: a, \
                prompt: x, retry: { max_attempts: 2, backoff: 5ms }, timeout: { first_token: 150ms, silence: \
                150ms, load: 1ms, total: 10s } }\n";
    check(
        text,
        &faulty(1, "{ kind: silent }"),
        &[],
        RunStatus::Succeeded,
        json!({ "a": ["succeeded", 2, ["first_token_timeout"]] }),
    );
    check(
        text,
        &faulty(1, "{ kind: stall, after_tokens: 1 }"),
        &[],
        RunStatus::Succeeded,
        json!({ "a": ["succeeded", 2, ["stalled"]] }),
    );
    check(
        &text
            .replace("first_token: 150ms, silence: 150ms", "first_token: 10s, silence: 10s")
            .replace("total: 10s", "total: 150ms"),
        &faulty(1, "{ kind: silent }"),
        &[],
        RunStatus::Succeeded,
        json!({ "a": ["succeeded", 2, ["total_timeout"]] }),
    );
}

#[test]
fn what_cannot_be_helped_ends_at_once() {
    for (fault, failure) in [
        ("{ kind: refused }", "refused"),
        ("{ kind: truncate, kept_tokens: 1 }", "truncated"),
        ("{ kind: status, status: 400 }", "bad_request"),
        ("{ kind: status, status: 501 }", "unsupported"),
    ] {
        let expected = json!({ "a": ["failed", 1, [failure]] });
        check(&one_task(""), &faulty(1, fault), &[], RunStatus::Failed, expected);
    }
}

#[test]
fn windows_are_the_same_for_both() {
    let long = "many words ".repeat(1000);
    let profile =
        "simulation:\n  time_scale: 0.001\n  servers: [{ name: one, context_length: 512 }]\n";
    let text = one_task("").replace("prompt: x", &format!("prompt: '{long}'"));
    let cut = json!({ "a": ["failed", 1, ["truncated"]] });
    check(&text, profile, &[], RunStatus::Failed, cut);
    let asked = text.replace("agent: a,", "agent: a, options: { num_ctx: 1024 },");
    let refused = json!({ "a": ["failed", 0, ["context_too_long"]] });
    check(&asked, profile, &[], RunStatus::Failed, refused);
}

#[test]
fn a_malformed_answer_is_asked_for_once_more_only() {
    let text = one_task(", output: { n: integer }");
    let expected = json!({ "a": ["failed", 2, ["malformed", "malformed"]] });
    check(&text, &faulty(9, "{ kind: malformed }"), &[], RunStatus::Failed, expected);
}

#[test]
fn people_and_conditions_decide_what_runs() {
    let text = format!(
        "pattern: {{ name: p }}\n{TEAM}waves:\n  - name: ask\n    tasks:\n      gate: {{ gate: approval, ask: \
         'Go?', options: [go, stop] }}\n  - name: act\n    tasks:\n      yes_path: {{ agent: a, prompt: x, \
         when: \"tasks.gate.choice == 'go'\" }}\n      no_path: {{ agent: b, prompt: y, when: \
         \"tasks.gate.choice == 'stop'\" }}\n  - name: after\n    tasks:\n      needs_yes: {{ agent: a, prompt: \
         '{{{{ tasks.yes_path.output }}}}' }}\n      check: {{ gate: check, condition: {{ never: 'false' }}, \
         on_failure: continue }}\noutputs: {{ choice: '{{{{ tasks.gate.choice }}}}', passed: '{{{{ \
         tasks.check.passed }}}}', text: '{{{{ tasks.needs_yes.output }}}}' }}\n"
    );
    check(
        &text,
        &profile("  answers: [{ text: fine }]\n"),
        &[("gate", "stop")],
        RunStatus::Succeeded,
        json!({
            "yes_path": ["skipped", 0, []],
            "no_path": ["succeeded", 1, []],
            "needs_yes": ["skipped", 0, []],
            "check": ["failed", 0, ["check_failed"]],
        }),
    );
}

#[test]
fn a_pattern_inside_a_pattern_fails_alone() {
    let inner = "pattern: { name: inner }\nteam: { name: t, agents: [{ role: C }] }\ninputs: { q: string \
                 }\ntasks:\n  deep: { agent: c, prompt: '{{ inputs.q }}', retry: { max_attempts: 1 } }\n  later: \
                 { agent: c, prompt: '{{ tasks.deep.output }}' }\n";
    let outer = format!(
        "pattern: {{ name: outer }}\n{TEAM}tasks:\n  call: {{ uses: inner, with: {{ q: hello }}, on_failure: \
         continue }}\n  own: {{ agent: a, prompt: x }}\noutputs: {{ own: '{{{{ tasks.own.output }}}}' }}\n"
    );
    let plan = plan(&[("outer.yaml", outer.as_str()), ("inner.yaml", inner)]);
    let profile = Profile {
        time_scale: 0.001,
        answers: serde_json::from_value(json!([{ "text": "fine" }])).expect("rules"),
        faults: serde_json::from_value(
            json!([{ "match": { "task": "call/deep" }, "fault": { "kind": "empty" } }]),
        )
        .expect("rules"),
        ..Profile::default()
    };
    let case = Case { plan, profile, decisions: BTreeMap::new() };
    let (one, other) = (Virtual.run(&case), Embedded.run(&case));
    assert_eq!(one, other);
    assert_eq!(one.status, RunStatus::Succeeded);
    assert_eq!(one.tasks["call"].0, "failed");
    assert_eq!(one.tasks["call"].2, ["pattern_failed"]);
    assert_eq!(one.tasks["call/later"].0, "cancelled");
    assert_eq!(one.tasks["own"].0, "succeeded");
}
