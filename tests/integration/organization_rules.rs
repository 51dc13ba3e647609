//! The patterns of the organisation do what the rules of the organisation say: which gates work of a tier passes and
//! by whom, and who is asked, one after the other, about what keeps it from going on.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use partita::engine::content::MemoryContents;
use partita::engine::simulation::{Placeholders, Rehearsal, Script};
use partita::engine::{Fact, People, Recorded, RunStatus, Time};
use partita::insight::organization::Organization;
use partita::language::document::Library;
use partita::language::document::simulation::{
    AnswerRule, Profile, RequestMatch, SimulatedModel, SimulatedServer,
};
use partita::language::plan::{Plan, Work, compile};
use partita::organization::{
    AgentId, Contact, EscalationKind, Gate, Team, Tier, route, seats, superior, who_answers,
};
use serde_json::{Map, Value, json};

use crate::support::settings_of;

fn built_in(name: &str) -> Arc<Plan> {
    let library = Library::of_files([]).with_builtins();
    let document = library.pattern(name).expect("the pattern");
    Arc::new(compile(&library, document).expect("a plan").plan)
}

/// Who was asked for what, in order: the name of the task, and the agent; a person where none.
type Asked = Vec<(String, Contact)>;

/// A run in virtual time that has come to its end.
struct Ended {
    plan: Arc<Plan>,
    contents: MemoryContents,
    facts: Vec<Recorded>,
    at: Time,
}

impl Ended {
    /// What its first facts say of the work, at a time.
    fn organization(&self, facts: usize, at: Time) -> Organization {
        Organization::of(Arc::clone(&self.plan), &self.facts[..facts], &self.contents, at)
    }
}

/// Runs a pattern of the library in virtual time.
fn rehearse(name: &str, inputs: &Value, answers: &[(&str, Value)]) -> Ended {
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
    let mut settings = settings_of(&profile, "a:8b");
    settings.people = People::Absent;
    let given: Map<String, Value> = inputs.as_object().cloned().unwrap_or_default();
    let inputs = plan.root().bind_inputs(&given).expect("inputs");
    let (contents, script) = (MemoryContents::default(), Script { profile, ..Script::default() });
    let begun = Arc::clone(&plan);
    let mut rehearsal = Rehearsal::new(begun, settings, script, &inputs, &contents, &Placeholders);
    let status = rehearsal.run().expect("no contradiction");
    assert!(matches!(status, Some(RunStatus::Succeeded | RunStatus::Failed)), "{status:?}");
    let (facts, at) = (rehearsal.facts().to_vec(), rehearsal.now());
    drop(rehearsal);
    Ended { plan, contents, facts, at }
}

/// The same, and who was asked.
fn run(name: &str, inputs: &Value, answers: &[(&str, Value)]) -> (Asked, Organization) {
    let ended = rehearse(name, inputs, answers);
    let organization = ended.organization(ended.facts.len(), ended.at);
    let plan = organization.history.plan();
    let asked = ended.facts.iter().filter_map(|recorded| {
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

/// A review that finds nothing.
fn passed(names: [&str; 2]) -> Value {
    let passed = || json!({ "reasoning": "Looked.", "pass": true });
    let criteria: Map<String, Value> =
        names.into_iter().map(|name| (name.to_owned(), passed())).collect();
    json!({ "criteria": criteria, "feedback": "" })
}

#[test]
fn work_passes_the_gates_of_its_tier_by_those_who_may_review_it() {
    let approach = json!({ "steps": ["Do it."], "assumptions": [], "blocker": { "kind": "none", "what": "" } });
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

#[test]
fn late_work_is_told_to_those_who_answer_for_it() {
    let passed = passed(["correct", "clear"]);
    let ended = rehearse("work_item", &json!({ "tier": 2 }), &[("also at the edges", passed)]);
    let mut seen = BTreeSet::new();
    for facts in 1..=ended.facts.len() {
        let at = ended.facts[facts - 1].at;
        let organization = ended.organization(facts, at);
        let Some(item) = organization.work.items.first() else { continue };
        let (state, since) = (item.state(), item.since());
        let Some(level) = state.service_level(Tier::Two) else {
            assert!(organization.late_work().is_empty(), "{state} is an end");
            continue;
        };
        let Some(author) = item.author.clone() else { continue };
        let after = |minutes: u32| {
            let late = since + Duration::from_secs(u64::from(minutes) * 60);
            ended.organization(facts, late.max(at)).late_work()
        };
        assert!(after(level.warning() - 1).is_empty(), "{state}");
        let [warned] = &after(level.warning())[..] else { panic!("no warning: {state}") };
        let [breached] = &after(level.minutes)[..] else { panic!("no breach: {state}") };
        assert_eq!((warned.is_breached, breached.is_breached), (false, true), "{state}");
        let (team, _) = team_and_author(&organization);
        let answers = breached.answers.clone();
        let owner = state.owner().expect("not over");
        assert_eq!(answers, who_answers(&team, owner, &author), "{state}");
        let from = answers.as_ref().unwrap_or(&author);
        let above = superior(&team, from).map(|agent| Contact::Agent(agent.id.clone()));
        assert_eq!(breached.goes_to, above.unwrap_or(Contact::Person), "{state}");
        seen.insert(state.as_str());
    }
    let expected = ["assigned", "in_progress", "under_review", "domain_review"];
    assert!(expected.iter().all(|state| seen.contains(state)), "{seen:?}");
}
