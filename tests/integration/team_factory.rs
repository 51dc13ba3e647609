//! What those who lead are told: in every request that is sent, and by `partita teams build`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use partita::engine::Fact;
use partita::engine::content::{Contents, Request};
use partita::insight::History;
use partita::interface::app::{Definition, Project, guidance_of_teams, no_learnings, team_prompts};
use partita::language::document::{Body, BuiltinHeader, Library, builtin_headers};
use partita::language::plan::team_of_document;
use partita::language::tokens::estimate_tokens;
use partita::organization::{
    Agent, Expertise, FRAMEWORK_HEADING, FRAMEWORK_TOKENS, FrameworkExtent, Guidance,
    KEY_QUESTIONS, KnownPattern, Layer, RESPONSIBILITIES_HEADING, Team, TeamGuidance, Tier,
    decision_framework, is_guided, leads, system_message,
};
use partita::runtime::journal::{Journal, JournalContents};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::json;

use crate::binary::Place;

const QUICK: [&str; 4] = ["--json", "--quiet", "--simulation", "quick.yaml"];

fn quick(place: &Place) {
    place.write("quick.yaml", "simulation: { time_scale: 0 }\n");
}

fn has_framework(system: &str) -> bool {
    let before = |first: &str, then: &str| {
        system.find(first).zip(system.find(then)).is_some_and(|(first, then)| first < then)
    };
    before(FRAMEWORK_HEADING, RESPONSIBILITIES_HEADING)
        && KEY_QUESTIONS.iter().all(|question| before(question, RESPONSIBILITIES_HEADING))
        && before("Remember: Choose the minimal orchestration", RESPONSIBILITIES_HEADING)
}

/// That in each run of a journal every request to somebody who leads has the framework, and no other has. Gives how many
/// have it, by team and agent, with the beginning of what they were told.
pub(crate) fn check_requests(place: &Place) -> BTreeMap<(String, String), String> {
    let journal = Journal::open(&place.path("journal")).expect("a journal");
    let contents = JournalContents::of(&journal).expect("contents");
    let mut told = BTreeMap::new();
    for record in journal.runs().expect("runs") {
        let facts = journal.facts(&record.id).expect("facts");
        let history = History::of_facts(journal.plan(&record).expect("a plan"), &facts);
        let plan = history.plan();
        for fact in facts.iter().map(|recorded| &recorded.fact) {
            let Fact::AttemptStarted { attempt, request, .. } = fact else { continue };
            let request = contents.read(request).expect("a request");
            let request = Request::deserialize(&*request).expect("a request");
            let system = &request.messages[0].content;
            let agent = plan.agent_of(plan.task(attempt.task)).expect("an agent");
            let team = &plan.teams[agent.team as usize];
            // Posts are filled in the run; who leads is in a layer, and has one of its own.
            let role = system
                .strip_prefix("You are the ")
                .and_then(|rest| rest.split_once(" of the team "));
            let member = role.and_then(|(role, _)| team.find(role)).unwrap_or(&agent.agent);
            let what = format!("{} of {}: {system}", agent.agent.id, record.name);
            assert_eq!(has_framework(system), is_guided(member, team), "{what}");
            assert_eq!(system.contains(FRAMEWORK_HEADING), is_guided(member, team), "{what}");
            if is_guided(member, team) {
                told.insert((team.name().to_owned(), member.id.to_string()), system.clone());
            }
        }
    }
    told
}

#[test]
fn what_is_built_is_what_a_run_sends() {
    let place = Place::new();
    quick(&place);
    place.run(&[["run", "product_launch"].as_slice(), &QUICK].concat()).expect(0);
    let sent = check_requests(&place);
    let manager = sent.get(&("launch_team".to_owned(), "launch_lead".to_owned()));
    let manager = manager.unwrap_or_else(|| panic!("{:?}", sent.keys()));
    let built = place.run(&["teams", "build", "launch_team", "--json"]).expect(0).json();
    let of_it = |agent: &&serde_json::Value| agent["id"] == "launch_lead";
    let found =
        built["agents"].as_array().expect("agents").iter().find(of_it).expect("the manager");
    assert_eq!(found["prompt"], json!(manager));
    assert_eq!((&found["leads"], &found["framework"]), (&json!(true), &json!(true)));
}

/// The seed's configuration is taken as it stands, and every heading of its framework is met.
#[test]
fn the_quality_audit_team_of_the_seed_is_built() {
    let place = Place::new();
    let seed = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/seeds/team_config.yaml");
    place.write("team_config.yaml", &fs::read_to_string(seed).expect("the seed"));
    let words = ["teams", "build", "team_config.yaml", "--output", "prompts", "--json"];
    let built = place.run(&words).expect(0).json();
    let agents = built["agents"].as_array().expect("agents");
    let leading: Vec<&str> = agents
        .iter()
        .filter(|agent| agent["framework"] == true)
        .filter_map(|agent| agent["role"].as_str())
        .collect();
    assert_eq!(leading, ["Quality Audit Manager"]);
    assert_eq!(agents.len(), 4);
    assert_eq!(agents[1]["tools"].as_array().map(Vec::len), Some(3));
    let manager =
        fs::read_to_string(place.path("prompts/quality_audit_manager.md")).expect("a file");
    for line in [
        "## Orchestration Decision Framework",
        "As Quality Audit Manager, ",
        "### Decision Matrix",
        "### Your Team's Patterns",
        "### Key Questions to Ask",
        "Remember: Choose the minimal orchestration that ensures success.",
        "## Your Responsibilities",
        "Special capabilities: Access to all team conversation logs",
    ] {
        assert!(manager.contains(line), "{line}\n{manager}");
    }
    assert!(manager.contains("`quality_audit`"), "{manager}");
    // What is there stays, unless it is to be replaced or is the same.
    place.run(&words).expect(0);
    place.write("prompts/outcome_analyzer.md", "mine");
    place.run(&words).expect(2);
    assert_eq!(
        fs::read_to_string(place.path("prompts/outcome_analyzer.md")).expect("a file"),
        "mine"
    );
    place.run(&[words.as_slice(), &["--replace"]].concat()).expect(0);
    place.run(&["teams", "build", "team_config.yaml", "--agent", "Outcome Analyser"]).expect(2);
}

#[test]
fn what_another_system_wrote_becomes_a_team() {
    let place = Place::new();
    place.write(
        "foreign.yaml",
        "team: { name: Quality Audit, purpose: Look, cost_center: 7 }\n\
         agents:\n  - { role: Head, orchestration_expertise: expert, temper: calm, skills: doubt }\n  \
         - { role: Hand, reports_to: Head }\nescalation_contacts: [a, b]\n",
    );
    let refused = place.run(&["teams", "build", "foreign.yaml"]).expect(1);
    assert!(refused.err.contains("--write TEAM_FILE"), "{}", refused.err);
    let words = ["teams", "build", "foreign.yaml", "--write", "teams/audit.yaml", "--json"];
    let wrote = place.run(&words).expect(0).json();
    let notes = wrote["notes"].to_string();
    for left in ["team.cost_center", "agents[0].temper", "escalation_contacts", "`quality_audit`"] {
        assert!(notes.contains(left), "{left}: {notes}");
    }
    place.run(&["validate", "--strict", "teams/audit.yaml"]).expect(0);
    let built = place.run(&["teams", "build", "quality_audit", "--json"]).expect(0).json();
    assert_eq!(built["agents"][0]["framework"], true, "{built:#}");
    place.run(&words).expect(2);
}

/// A run, a run that goes on and a fork tell the same, and what is different between two runs has its name.
#[test]
fn a_fork_tells_what_was_told_and_why_names_what_changed() {
    let place = Place::new();
    quick(&place);
    let pattern = |name: &str| {
        format!(
            "pattern: {{ name: {name}, summary: Answer {name}., tier: 2 }}\n\
             team:\n  name: desk\n  agents:\n    - {{ role: Head, orchestration_expertise: expert }}\n\
             tasks:\n  say: {{ agent: head, prompt: Say tea. }}\n"
        )
    };
    place.write("patterns/first.yaml", &pattern("first"));
    let run = |words: &[&str]| place.run(&[words, &QUICK].concat()).expect(0).json();
    let one = run(&["run", "first", "--cache", "--seed", "1"]);
    let again = run(&["run", "first", "--cache", "--seed", "1"]);
    assert_eq!(again["statistics"]["reused"].as_u64().unwrap_or(1), 1, "{again:#}");
    place.write("patterns/second.yaml", &pattern("second"));
    let told = run(&["run", "first", "--cache", "--seed", "1"]);
    let id = told["run"].as_str().expect("an id");
    let why = place.run(&["why", id, "say"]).expect(0);
    assert!(why.out.contains("framework"), "{}", why.out);
    assert!(!why.out.contains("system"), "{}", why.out);
    let first = one["run"].as_str().expect("an id");
    let fork = place.run(&["fork", first, "--from", "say", "--json", "--quiet"]).expect(0).json();
    let journal = Journal::open(&place.path("journal")).expect("a journal");
    let guidance = |run: &serde_json::Value| {
        let runs = journal.runs().expect("runs");
        let record = runs.iter().find(|record| run["run"] == record.id.as_str()).expect("it");
        let facts = journal.facts(&record.id).expect("facts");
        facts
            .iter()
            .find_map(|recorded| recorded.fact.settings()?.guidance.clone())
            .expect("guidance")
    };
    assert_eq!(guidance(&fork), guidance(&one));
    assert_ne!(guidance(&told), guidance(&one));
    assert_eq!(guidance(&told).of("desk").patterns.len(), 2);
}

#[test]
fn a_team_may_want_less_of_it() {
    let place = Place::new();
    let team = |framework: &str| {
        format!(
            "team: {{ name: desk{framework} }}\nagents: [{{ role: Head, orchestration_expertise: expert }}]\n"
        )
    };
    let tokens = |framework: &str| {
        place.write("desk.yaml", &team(framework));
        let built = place.run(&["teams", "build", "desk.yaml", "--json"]).expect(0).json();
        built["agents"][0]["estimated_tokens"].as_u64().expect("a number")
    };
    let (full, short, none) =
        (tokens(""), tokens(", framework: short"), tokens(", framework: none"));
    assert!(none + 60 < short && short < none + 130, "{none} {short} {full}");
    assert!(short + 100 < full, "{none} {short} {full}");
}

/// The lines that are read of built-in patterns say what the documents say.
#[test]
fn headers_of_the_library_are_read_as_they_are() {
    let library = Library::of_files([]).with_builtins();
    let mut seen = 0;
    for header in builtin_headers() {
        let document =
            library.orchestration(header.name).unwrap_or_else(|| panic!("{}", header.name));
        let (own, is_pipeline) = match document.body() {
            Some(Body::Pattern(pattern)) => (&pattern.pattern, false),
            Some(Body::Pipeline(pipeline)) => (&pipeline.pipeline, true),
            _ => panic!("{}", header.name),
        };
        let team = document.value().get("team");
        let inline = team.filter(|team| team.is_object());
        let purpose = inline.and_then(|team| team["purpose"].as_str());
        let team = team.and_then(|team| team.as_str().or_else(|| team["name"].as_str()));
        let BuiltinHeader { name, summary, category, tier, has_requests, .. } = header;
        assert_eq!((summary, category), (&*own.summary, own.category.as_deref()), "{name}");
        assert_eq!((tier, has_requests), (own.tier, !own.requests.is_empty()), "{name}");
        assert_eq!((header.team, header.team_purpose), (team, purpose), "{name}");
        let kind = (header.is_pipeline, header.has_own_team);
        assert_eq!(kind, (is_pipeline, inline.is_some()), "{name}");
        seen += 1;
    }
    assert!(seen > 60, "{seen}");
}

/// In every team of the library, whoever leads is told the framework within its tokens, and nobody else is.
#[test]
fn every_team_of_the_library_is_told_what_it_should_be() {
    let library = Library::of_files([]).with_builtins();
    let project = Project::new(tempfile::tempdir().expect("a folder").path());
    let mut leading = 0;
    let mut check = |team: &Team, guidance: &Guidance| {
        for agent in team.agents() {
            let told = system_message(agent, team, Some(guidance), &[]);
            assert_eq!(has_framework(&told), leads(agent, team), "{}: {told}", team.name());
            let before = system_message(agent, team, None, &[]);
            if leads(agent, team) {
                leading += 1;
                let more = estimate_tokens(&told) - estimate_tokens(&before);
                assert!(more <= FRAMEWORK_TOKENS, "{more} tokens: {told}");
            } else {
                assert_eq!(told, before);
            }
        }
    };
    for document in library.documents() {
        if let Some(Body::Team(body)) = document.body() {
            let team = team_of_document(body).expect("a team");
            let guidance = guidance_of_teams(std::slice::from_ref(&team), &library, &no_learnings)
                .expect("guidance");
            check(&team, &guidance);
            assert_eq!(
                team_prompts(&project, team.name(), None, &no_learnings)
                    .expect("prompts")
                    .agents
                    .len(),
                team.agents().len()
            );
        }
    }
    for header in builtin_headers() {
        let definition = Definition::find(&project, header.name).expect("a plan");
        let guidance = definition.guidance(&project, &no_learnings).expect("guidance");
        definition.plan().teams.iter().for_each(|team| check(team, &guidance));
    }
    assert!(leading > 40, "{leading}");
}

fn agents() -> impl Strategy<Value = Vec<Agent>> {
    let layer = prop::option::of(prop::sample::select(Layer::ALL.to_vec()));
    let expertise = prop::option::of(prop::sample::select(vec![
        Expertise::Basic,
        Expertise::Intermediate,
        Expertise::Advanced,
        Expertise::Expert,
    ]));
    let domain =
        prop::option::of(prop::sample::select(vec!["backend", "Finance", "press_and_media"]));
    let role =
        prop::sample::select(vec!["Head", "Orchestrator", "Analyst of everything", "編集者"]);
    let one = (role, layer, expertise, domain, any::<prop::sample::Index>(), any::<bool>());
    prop::collection::vec(one, 1..7).prop_map(|drawn| {
        let mut agents: Vec<Agent> = Vec::new();
        for (place, (role, layer, expertise, domain, above, has_manager)) in
            drawn.into_iter().enumerate()
        {
            let mut agent = Agent::of_role(Some(&format!("a{place}")), role);
            agent.layer = layer;
            agent.orchestration_expertise = expertise;
            agent.domain = domain.map(str::to_owned);
            if has_manager && place > 0 {
                agent.reports_to = Some(agents[above.index(place)].id.clone());
            }
            agents.push(agent);
        }
        agents
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn in_any_team_whoever_leads_is_told_and_nobody_else(
        agents in agents(),
        extent in prop::sample::select(vec![FrameworkExtent::Full, FrameworkExtent::Short, FrameworkExtent::None]),
        summaries in prop::collection::vec("[a-z ]{0,160}", 0..14),
        learnings in prop::collection::vec("[a-z ]{1,300}", 0..7),
    ) {
        let team = Team::new("desk".to_owned(), None, None, agents).expect("a team").with_framework(extent);
        let pattern = |(number, summary): (usize, &String)| KnownPattern {
            name: format!("pattern_{number}"),
            summary: summary.clone(),
            tier: Tier::ALL[number % 4],
        };
        let patterns: Vec<KnownPattern> = summaries.iter().enumerate().map(pattern).collect();
        let beyond = patterns.iter().rev().take(4).cloned().collect();
        let of_team = TeamGuidance { patterns, beyond, learnings: Vec::new() };
        let guidance = |of_team: TeamGuidance| Guidance { teams: BTreeMap::from([("desk".to_owned(), of_team)]) };
        for agent in team.agents() {
            let framework = decision_framework(agent, &team, &of_team, &[]);
            prop_assert!(estimate_tokens(&framework) <= FRAMEWORK_TOKENS, "{framework}");
            let told = system_message(agent, &team, Some(&guidance(of_team.clone())), &[]);
            let is_told = leads(agent, &team) && extent != FrameworkExtent::None;
            prop_assert_eq!(has_framework(&told), is_told, "{}", told);
            prop_assert_eq!(told.contains("### Decision Matrix"), is_told && extent == FrameworkExtent::Full);
            let learned = TeamGuidance { learnings: learnings.clone(), ..of_team.clone() };
            let told = system_message(agent, &team, Some(&guidance(learned)), &[]);
            prop_assert_eq!(told.contains("### Recent Learnings"), is_told && !learnings.is_empty());
            let tools = [("start_workflow", "begins a pattern")];
            let told = system_message(agent, &team, Some(&guidance(of_team.clone())), &tools);
            prop_assert_eq!(told.contains("- `start_workflow`: begins a pattern"), is_told);
        }
    }
}
