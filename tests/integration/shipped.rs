//! The documents that come with Partita: they are correct, and they run.

use std::collections::{BTreeMap, BTreeSet};

use partita::language::diagnostic::Severity;
use partita::language::document::{Body, Document, Library, builtins};
use partita::language::plan::{Work, compile};
use serde_json::Value;

use crate::binary::{Place, Servers, repository};
use crate::support::findings;
use crate::team_factory::check_requests;

fn library() -> Library {
    Library::of_files([]).with_builtins()
}

#[test]
fn every_built_in_document_is_correct_and_named_like_its_file() {
    let library = library();
    let complaints: Vec<String> = findings(&library)
        .iter()
        .filter(|found| found.severity != Severity::Info)
        .map(|found| found.message.clone())
        .collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
    assert!(builtins().len() >= 13, "{} documents", builtins().len());
    let mut compiled = 0;
    for (document, builtin) in library.documents().zip(builtins()) {
        assert_eq!(document.name(), Some(builtin.name), "{}", builtin.path);
        if matches!(document.body(), Some(Body::Pattern(_) | Body::Pipeline(_))) {
            compile(&library, document).expect("a plan");
            compiled += 1;
        }
    }
    assert!(compiled >= 12, "{compiled} plans");
}

#[test]
fn product_launch_is_a_launch() {
    let library = library();
    let document = library.pattern("product_launch").expect("the pattern");
    let plan = compile(&library, document).expect("a plan").plan;
    assert!(plan.root().waves.len() >= 6);
    let prompts = plan.tasks().filter(|(_, task)| task.asks_a_model()).count();
    assert!(prompts >= 15, "{prompts}");
    let asked: BTreeSet<usize> = plan
        .tasks()
        .filter_map(|(_, task)| match &task.work {
            Work::Ask(ask) => Some(ask.agent.index()),
            _ => None,
        })
        .collect();
    assert_eq!(asked.len(), plan.agents.len(), "every agent of the plan has work");
    assert!(asked.len() >= 10);
}

#[test]
fn the_first_command_of_the_readme_ends_well() {
    let place = Place::new();
    let ran = place.run(&["run", "product_launch", "--simulate"]).expect(0);
    let first = ran.out.lines().next().expect("a line");
    assert!(first.contains("SIMULATED") && first.contains("product_launch"), "{first}");
    for wave in 1..=8 {
        assert!(ran.out.contains(&format!("wave {wave}/8")), "{}", ran.out);
    }
    assert!(ran.out.contains("decision"), "{}", ran.out);
}

#[test]
fn product_launch_gives_its_outputs_on_two_servers() {
    let place = Place::new();
    let servers = Servers::start(
        &place,
        "simulation: { time_scale: 0, servers: [{ name: one }, { name: two }] }\n",
    );
    for (choice, made, absent) in
        [("go", "/announcement/text", "/deferral"), ("no_go", "/deferral", "/announcement/text")]
    {
        let decision = format!("go_no_go={choice}");
        let mut words = vec!["run", "product_launch", "--json", "--decide", &decision];
        words.extend(servers.options());
        let run = place.run(&words).expect(0).json();
        assert_eq!(
            run["simulated"], true,
            "the servers say so, though nobody asked for a rehearsal"
        );
        let outputs = &run["outputs"];
        assert_eq!(outputs["decision"], choice, "{outputs:#}");
        assert!(outputs["launch_plan"].is_object(), "{outputs:#}");
        assert!(outputs.pointer(made).is_some_and(|made| !made.is_null()), "{outputs:#}");
        assert!(outputs.pointer(absent).is_none_or(Value::is_null), "{outputs:#}");
        for server in run["servers"].as_array().expect("servers") {
            assert!(server["requests"].as_u64() > Some(0), "{server}");
        }
    }
}

/// The skills of those who do the work of each domain, in the organisation that comes with Partita.
fn skills_by_domain(library: &Library) -> BTreeMap<String, BTreeSet<String>> {
    let document = library.team("engineering_organization").expect("the team");
    let agents = document.value()["agents"].as_array().expect("agents");
    let mut skills: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for agent in agents.iter().filter(|agent| agent["layer"] == "contributor") {
        let domain = agent["domain"].as_str().expect("a domain");
        let of_agent = agent["skills"].as_array().expect("skills").iter();
        let of_agent = of_agent.filter_map(Value::as_str).map(str::to_owned);
        skills.entry(domain.to_owned()).or_default().extend(of_agent);
    }
    skills
}

#[test]
fn leads_plan_with_the_skills_that_their_people_have() {
    let library = library();
    let skills = skills_by_domain(&library);
    assert_eq!(skills.len(), 6, "{skills:?}");
    let plan = &library.pattern("tactical_plan").expect("the pattern").value()["tasks"]["plan"];
    let offered = "/output/tasks/items/properties/skills/items/enum";
    let offered = plan.pointer(offered).and_then(Value::as_array).expect("the skills of a task");
    let offered: BTreeSet<&str> = offered.iter().filter_map(Value::as_str).collect();
    let there: BTreeSet<&str> = skills.values().flatten().map(String::as_str).collect();
    assert_eq!(offered, there);
    let prompt = plan["prompt"].as_str().expect("a prompt");
    for (domain, skills) in &skills {
        let listed = prompt.split_once(&format!("{domain}=[")).expect("a list of the domain").1;
        let listed = listed.split_once(']').expect("its end").0;
        let listed: BTreeSet<String> =
            listed.split(',').map(|word| word.trim().trim_matches('\'').to_owned()).collect();
        assert_eq!(&listed, skills, "{domain}");
    }
}

#[test]
fn nobody_validates_their_own_work() {
    let place = Place::new();
    place.write("quick.yaml", "simulation: { time_scale: 0 }\n");
    for domain in ["frontend", "backend", "qa", "devops", "data", "security"] {
        let domain = format!("domain={domain}");
        let words = ["run", "work_item", "--json", "--quiet", "--simulation", "quick.yaml", "-i"];
        let run = place.run(&[words.as_slice(), &[domain.as_str()]].concat()).expect(0).json();
        let id = run["run"].as_str().expect("an id");
        let why = place.run(&["why", id, "work", "--json"]).expect(0).json();
        let posts = why["posts"].as_array().expect("posts");
        let holder = |name: &str| {
            let post = posts.iter().find(|post| post["post"] == name);
            post.and_then(|post| post["agent"].as_str()).unwrap_or_else(|| panic!("{name}: {why}"))
        };
        let author = holder("author");
        for other in ["peer", "lead", "qa", "security", "architect"] {
            assert_ne!(holder(other), author, "{domain}: {other}");
        }
    }
}

/// The specialists of `improve_orchestration`, phase by phase.
const SPECIALISTS: [&[&str]; 10] = [
    &[
        "orchestration-discoverer",
        "system-mapper",
        "agent-inventory",
        "workflow-cataloger",
        "integration-mapper",
        "event-flow-analyzer",
    ],
    &[
        "pattern-analyzer",
        "anti-pattern-detector",
        "bottleneck-identifier",
        "conflict-analyzer",
        "dependency-analyzer",
        "coordination-assessor",
        "state-consistency-checker",
    ],
    &[
        "architect-supreme",
        "pattern-selector",
        "coordination-protocol-designer",
        "state-management-architect",
        "event-architecture-designer",
        "resource-strategy-designer",
        "conflict-resolution-designer",
    ],
    &[
        "slash-command-analyzer",
        "agent-coordination-optimizer",
        "command-workflow-improver",
        "parallel-execution-optimizer",
        "agent-selection-optimizer",
        "context-sharing-improver",
        "todo-orchestration-optimizer",
    ],
    &[
        "ai-orchestrator-analyzer",
        "meta-agent-optimizer",
        "signalr-orchestration-optimizer",
        "agent-communication-improver",
        "distributed-state-optimizer",
        "agent-scalability-assessor",
        "resilience-pattern-implementer",
    ],
    &[
        "workflow-efficiency-analyzer",
        "parallelization-optimizer",
        "matrix-strategy-optimizer",
        "caching-strategy-improver",
        "dependency-flow-optimizer",
        "trigger-optimization",
        "workflow-reusability-improver",
    ],
    &[
        "code-generator-typescript",
        "workflow-generator",
        "config-updater",
        "documentation-generator",
        "migration-script-creator",
        "rollback-strategy-implementer",
    ],
    &[
        "test-engineer",
        "integration-tester",
        "chaos-engineer",
        "performance-tester",
        "conflict-simulation-tester",
        "load-tester",
    ],
    &[
        "documentation-expert",
        "best-practice-documenter",
        "pattern-library-creator",
        "runbook-generator",
        "training-material-creator",
        "adr-writer",
    ],
    &[
        "performance-optimizer",
        "resource-allocator",
        "state-synchronizer",
        "conflict-resolver",
        "monitoring-configurator",
        "alert-designer",
        "continuous-tuning-advisor",
    ],
];

#[test]
fn every_specialist_of_improve_orchestration_works_in_the_phase_of_its_own() {
    let library = library();
    let named = |document: &&Document| document.name() == Some("improve_orchestration");
    let document = library.documents().find(named).expect("the pipeline");
    let plan = compile(&library, document).expect("a plan").plan;
    assert_eq!(plan.root().waves.len(), SPECIALISTS.len());
    for (wave, specialists) in plan.root().waves.iter().zip(SPECIALISTS) {
        let tasks = plan.tasks_of_root_wave(*wave);
        let asked: BTreeSet<String> = tasks
            .iter()
            .filter_map(|task| plan.agent_of(plan.task(*task)))
            .map(|agent| agent.agent.id.as_str().replace('_', "-"))
            .collect();
        // Besides, the strategist sets priorities and the senior reviewer reads the drafts.
        let others = ["master-strategist", "senior-reviewer"];
        let found = asked.iter().map(String::as_str).filter(|agent| !others.contains(agent));
        assert_eq!(found.collect::<BTreeSet<_>>(), specialists.iter().copied().collect());
    }
    let number: usize = SPECIALISTS.iter().map(|specialists| specialists.len()).sum();
    assert_eq!(number, 66);
    assert_eq!(plan.agents.len(), 68);
}

#[test]
fn every_pattern_and_pipeline_runs() {
    let place = Place::new();
    // What is invented need not hold: the last check of a saga is answered.
    place.write(
        "quick.yaml",
        "simulation:\n  time_scale: 0\n  answers:\n    - match: { contains: Several steps say that they are done }\n      \
         json: { reasoning: It is as wanted., missing: [], holds: true }\n",
    );
    let list = place.run(&["patterns", "--json"]).expect(0).json();
    for pattern in list["patterns"].as_array().expect("patterns") {
        let name = pattern["name"].as_str().expect("a name");
        let required = pattern["inputs"].as_array().into_iter().flatten();
        let required = required.filter(|input| input["required"] == true);
        let inputs: Vec<String> = required
            .flat_map(|input| {
                ["-i".to_owned(), format!("{}=Tea", input["name"].as_str().unwrap_or(""))]
            })
            .collect();
        let mut words = vec!["run", name, "--json", "--quiet", "--simulation", "quick.yaml"];
        words.extend(inputs.iter().map(String::as_str));
        let run = place.run(&words).expect(0).json();
        assert_eq!((&run["status"], &run["simulated"]), (&"succeeded".into(), &true.into()));
        assert!(run["outputs"].as_object().is_some_and(|outputs| !outputs.is_empty()), "{name}");
    }
    let told = check_requests(&place);
    assert!(told.len() > 30, "{:?}", told.keys());
}

#[test]
fn the_quality_audit_reads_runs_as_they_are_shown() {
    let place = Place::new();
    place.write("quick.yaml", "simulation: { time_scale: 0 }\n");
    let quick = ["--json", "--quiet", "--simulation", "quick.yaml"];
    let run = place.run(&[["run", "product_launch"].as_slice(), &quick].concat()).expect(0).json();
    let id = run["run"].as_str().expect("an id");
    let shown = place.run(&["show", id, "--json"]).expect(0);
    place.write("runs.json", &format!("[{}]", shown.out));
    place.write("statistics.json", &place.run(&["runs", "--statistics", "--json"]).expect(0).out);
    let inputs = ["-i", "runs=@runs.json", "-i", "statistics=@statistics.json"];
    let words = [["run", "quality_audit"].as_slice(), &inputs, &quick].concat();
    let audit = place.run(&words).expect(0).json();
    assert_eq!(audit["outputs"]["real"], false, "the run that is looked at is simulated");
    assert!(audit["outputs"]["runs"][0]["verdict"].is_string(), "{audit:#}");
}

#[test]
fn scenarios_print_the_expected_times_beside_the_measured_ones() {
    for (name, parallel, sequential) in [
        ("scenario_complex_error", 70, 194),
        ("scenario_multi_file", 72, 270),
        ("scenario_consensus", 95, 210),
    ] {
        let place = Place::new();
        let run = place.run(&["run", name, "--simulate", "--json", "--quiet"]).expect(0).json();
        let expected = &run["expected"];
        assert_eq!(expected["parallel_ms"], f64::from(parallel) * 1000.0, "{name}");
        assert_eq!(expected["sequential_ms"], f64::from(sequential) * 1000.0, "{name}");
        let measured = expected["measured_parallel_ms"].as_f64().expect("a time");
        // Slower is the machine's business; faster than the work itself would be a mistake.
        assert!(measured >= f64::from(parallel) * 1000.0, "{name}: {measured}");
    }
}

#[test]
fn the_documents_of_the_seeds_are_accepted_as_they_are() {
    let place = Place::new();
    let folder = repository("tests/fixtures/seeds");
    let ran = place.run(&["validate", &folder, "--format", "json"]).expect(0);
    assert_eq!(ran.json()["files"], 2);
}
