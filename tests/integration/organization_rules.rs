//! The patterns of the organisation do what the rules of the organisation say: which gates work of a tier passes and
//! by whom, and who is asked, one after the other, about what keeps it from going on.

use std::collections::BTreeSet;
use std::sync::Arc;

use partita::engine::content::MemoryContents;
use partita::engine::simulation::{Placeholders, Rehearsal, Script};
use partita::engine::{Fact, People, RunStatus, Settings};
use partita::insight::organization::Organization;
use partita::language::document::simulation::{
    AnswerRule, Profile, RequestMatch, SimulatedModel, SimulatedServer,
};
use partita::language::document::{ClusterSettings, Library};
use partita::language::plan::{Plan, Work, compile};
use partita::organization::{AgentId, Contact, EscalationKind, Gate, Team, Tier, route, seats};
use serde_json::{Map, Value, json};

use crate::support::servers_of;

fn built_in(name: &str) -> Arc<Plan> {
    let library = Library::of_files([]).with_builtins();
    let document = library.pattern(name).expect("the pattern");
    Arc::new(compile(&library, document).expect("a plan").plan)
}

/// Who was asked for what, in order: the name of the task, and the agent; a person where none.
type Asked = Vec<(String, Contact)>;

/// A run of a pattern of the library in virtual time.
fn run(name: &str, inputs: &Value, answers: &[(&str, Value)]) -> (Asked, Organization) {
    let plan = built_in(name);
    let answers = answers.iter().map(|(text, answer)| AnswerRule {
        matches: RequestMatch { contains: Some((*text).to_owned()), ..RequestMatch::default() },
        json: Some(answer.clone()),
        ..AnswerRule::default()
    });
    let profile = Profile {
        servers: vec![SimulatedServer {
            slots: 4,
            context_length: 16_384,
            ..SimulatedServer::named("one")
        }],
        models: vec![SimulatedModel { name: "a:8b".to_owned(), ..SimulatedModel::default() }],
        answers: answers.collect(),
        ..Profile::default()
    };
    let cluster = ClusterSettings::of_urls(profile.servers.iter().map(|s| s.name.clone()));
    let mut settings = Settings::of_cluster(&cluster, "a:8b".to_owned());
    settings.servers = servers_of(&profile);
    settings.people = People::Absent;
    let given: Map<String, Value> = inputs.as_object().cloned().unwrap_or_default();
    let inputs = plan.root().bind_inputs(&given).expect("inputs");
    let (contents, script) = (MemoryContents::default(), Script { profile, ..Script::default() });
    let begun = Arc::clone(&plan);
    let mut rehearsal = Rehearsal::new(begun, settings, script, &inputs, &contents, &Placeholders);
    let status = rehearsal.run().expect("no contradiction");
    assert!(matches!(status, Some(RunStatus::Succeeded | RunStatus::Failed)), "{status:?}");
    let facts = rehearsal.facts();
    let organization = Organization::of(plan, facts, &contents, rehearsal.now());
    let plan = organization.history.plan();
    let asked = facts.iter().filter_map(|recorded| {
        let (task, person) = match &recorded.fact {
            Fact::AttemptStarted { attempt, .. } => (attempt.task, None),
            Fact::GateOpened { task, .. } => (*task, Some(Contact::Person)),
            _ => return None,
        };
        let contact = match &plan.task(task).work {
            Work::Ask(ask) => Contact::Agent(plan.agent_id(ask.agent)?.clone()),
            _ => person?,
        };
        Some((plan.task(task).path.clone(), contact))
    });
    (asked.collect(), organization)
}

/// The team, and who has the first post: whoever does the work.
fn team_and_author(organization: &Organization) -> (Team, AgentId) {
    let plan = organization.history.plan();
    let (_, posts) = organization.history.posts().values().next().expect("posts");
    let author =
        posts.iter().find(|post| plan.agent_name(post.seat) == "author").expect("an author");
    let team = plan.team_of(author.agent).expect("a team").clone();
    (team, plan.agent_id(author.agent).expect("an agent").clone())
}

#[test]
fn what_nobody_decides_goes_up_as_the_routes_say() {
    for kind in EscalationKind::ALL {
        let undecided = json!({ "options": [], "reason": "It is not mine.", "decision": "" });
        let answers = [
            ("Decide how it goes on", undecided.clone()),
            ("Decide how the work goes on", undecided),
        ];
        let (asked, organization) =
            run("resolve_blocker", &json!({ "kind": kind.as_str() }), &answers);
        let (team, author) = team_and_author(&organization);
        let asked: Vec<Contact> = asked.into_iter().map(|(_, contact)| contact).collect();
        assert_eq!(asked, route(&team, &author, kind), "{}", kind.as_str());
    }
}

/// The gate to which a review of the library belongs, by the name of its task.
fn gate_of(path: &str) -> Option<Gate> {
    let found = [
        ("/peer_review[", Gate::Peer),
        ("/domain_review[", Gate::Domain),
        ("/qa_validation[", Gate::CrossFunctional),
        ("/security_review[", Gate::CrossFunctional),
        ("/architecture_review[", Gate::Architecture),
    ];
    found.into_iter().find(|(name, _)| path.contains(name)).map(|(_, gate)| gate)
}

#[test]
fn work_passes_the_gates_of_its_tier_by_those_who_may_review_it() {
    let approach = json!({ "steps": ["Do it."], "assumptions": [], "blocker": { "kind": "none", "what": "" } });
    let passed = |names: [&str; 2]| {
        let criteria: Map<String, Value> = names
            .into_iter()
            .map(|name| (name.to_owned(), json!({ "reasoning": "Looked.", "pass": true })))
            .collect();
        json!({ "criteria": criteria, "feedback": "" })
    };
    let answers = [
        ("Say how you go about it", approach),
        ("also at the edges", passed(["correct", "clear"])),
        ("the result shows how", passed(["accepted", "ready"])),
        ("a check that another can carry out", passed(["proven", "unbroken"])),
        ("holds no secret", passed(["safe", "allowed"])),
        ("how the whole is made", passed(["fits", "simple"])),
    ];
    for domain in ["frontend", "backend", "qa", "devops", "data", "security"] {
        for tier in Tier::ALL {
            let inputs = json!({ "tier": tier.number(), "domain": domain });
            let (asked, organization) = run("work_item", &inputs, &answers);
            let (team, author) = team_and_author(&organization);
            let mut gates = BTreeSet::new();
            for (path, contact) in &asked {
                let Some(gate) = gate_of(path) else { continue };
                gates.insert(gate);
                let Contact::Agent(reviewer) = contact else { panic!("a person reviews {path}") };
                assert_ne!(*reviewer, author, "{path}");
                let mut seats = seats(&team, &author, gate).into_iter();
                assert!(seats.any(|seat| seat.contains(reviewer)), "{path}: {reviewer}");
            }
            let gates: Vec<Gate> = gates.into_iter().collect();
            assert_eq!(gates, tier.rules().gates, "{domain}, tier {tier}: {asked:?}");
        }
    }
}
