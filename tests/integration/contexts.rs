//! The orchestrator's context through the real binary: many processes, files, runs, and writers at once.

use serde_json::{Value, json};

use crate::binary::{Place, Servers, repository, signal, until, wait};

/// The example of seed 001.
const EXAMPLE: &str = include_str!("../fixtures/contexts/project_alpha_context.json");

/// What is in the file to which a context is exported.
fn exported(place: &Place) -> Value {
    place.run(&["context", "export", "out.json", "--force"]).expect(0);
    let text = std::fs::read_to_string(place.path("out.json")).expect("a file");
    serde_json::from_str(&text).expect("JSON")
}

fn context(place: &Place, arguments: &[&str]) -> Value {
    let arguments: Vec<&str> =
        ["context"].iter().chain(arguments).chain(&["--json"]).copied().collect();
    place.run(&arguments).expect(0).json()
}

fn refused(place: &Place, arguments: &[&str], code: i32, said: &[&str]) {
    let arguments: Vec<&str> = ["context"].iter().chain(arguments).copied().collect();
    let ran = place.run(&arguments).expect(code);
    for text in said {
        assert!(ran.err.contains(text), "`{text}` in {}", ran.err);
    }
}

#[test]
fn twelve_processes_lose_nothing() {
    let place = Place::new();
    context(&place, &["new", "--project", "alpha"]);
    context(&place, &["objective", "Migrate to microservices"]);
    context(&place, &["task", "Research providers"]);
    context(&place, &["task", "Design the split"]);
    context(&place, &["pending", "Which provider?"]);
    context(&place, &["complete", "TASK_001", "Selected Auth0"]);
    let resumed = context(&place, &["resume"]);
    assert_eq!(resumed["pending_decisions"][0]["id"], "DEC_001");
    assert_eq!(resumed["since"].as_array().expect("a list").len(), 2, "{resumed:#}");
    context(
        &place,
        &[
            "decide",
            "dec_001",
            "--option",
            "Auth0",
            "--option",
            "Keycloak",
            "--risk",
            "Auth0: its price",
            "--criterion",
            "effort",
            "--choose",
            "Auth0",
            "--because",
            "it has all features",
        ],
    );
    context(&place, &["insight", "Migration can be phased"]);
    context(&place, &["insight", "migration can be  phased."]);
    context(&place, &["complete", "TASK_002", "Split by domain"]);
    let document = exported(&place);
    let keys: Vec<&String> = document.as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        [
            "project_name",
            "created_date",
            "last_session",
            "objectives",
            "completed_tasks",
            "active_tasks",
            "pending_decisions",
            "decisions",
            "key_insights",
            "spawned_agents",
            "metrics"
        ]
    );
    assert_eq!(document["objectives"][0]["status"], "active");
    assert_eq!(document["completed_tasks"][1]["outcome"], "Split by domain");
    assert_eq!(document["key_insights"], json!(["Migration can be phased"]));
    assert_eq!(document["pending_decisions"], json!([]));
    assert_eq!(document["decisions"][0]["options"][0]["risks"], json!(["its price"]));
    assert_eq!(
        document["metrics"],
        json!({ "total_sessions": 2, "total_agents_spawned": 0, "total_tasks_completed": 2,
                "total_decisions_made": 1 })
    );
    let status = context(&place, &["status"]);
    assert_eq!(status["metrics"]["task_success_rate"], 1.0);
    assert_eq!(status["metrics"]["context_continuity"], 1.0);
    assert_eq!(
        status["memory"]["knowledge"]["insights"],
        json!([]),
        "confirmed in one session only"
    );
    let text = place.run(&["context", "status"]).expect(0).out;
    assert!(text.contains("Working memory: this session"), "{text}");
    assert!(place.run(&["journal", "check"]).expect(0).out.contains("sound"));
}

#[test]
fn the_example_of_the_seed_goes_round() {
    let place = Place::new();
    place.write("alpha.json", EXAMPLE);
    let imported = context(&place, &["import", "alpha.json"]);
    assert_eq!(imported["new"], true);
    let written = place.path(".atlas/orchestrator/project_alpha_context.json");
    let file = context(&place, &["export"]);
    assert!(
        file["file"].as_str().expect("a file").ends_with("project_alpha_context.json"),
        "{file}"
    );
    let text = || std::fs::read_to_string(&written).expect("a file");
    assert_eq!(text(), EXAMPLE);
    // A session more, and a task: all else stays as it was written.
    context(&place, &["resume"]);
    context(&place, &["task", "Move the users"]);
    context(&place, &["export"]);
    let after = text();
    assert!(after.contains("\"TASK_026\"") && after.contains("\"total_sessions\": 13"), "{after}");
    let lines = EXAMPLE.lines().filter(|line| !after.contains(line.trim_end_matches(',')));
    let gone: Vec<&str> = lines.collect();
    assert_eq!(
        gone,
        ["  \"last_session\": \"session_20240115_143000\",", "    \"total_sessions\": 12,"]
    );
    // Somebody else writes the file: it is not written over.
    std::fs::write(&written, after.replace("Move the users", "Move all users")).expect("a file");
    refused(&place, &["export"], 1, &["has changed since it was last written", "--force"]);
    context(&place, &["insight", "Users are many"]);
    let path = written.display().to_string();
    refused(&place, &["import", &path], 2, &["has changed since it was last written to a file"]);
    context(&place, &["import", &path, "--force"]);
    let status = context(&place, &["status"]);
    assert_eq!(status["context"]["active_tasks"][1]["description"], "Move all users");
    assert_eq!(
        status["metrics"]["context_continuity"], 0.0,
        "an insight was lost in the only session"
    );
}

#[test]
fn what_cannot_be_done_is_said() {
    let place = Place::new();
    refused(&place, &["status"], 2, &["no context is open for this folder", "partita context new"]);
    place.run(&["context", "new", "--project", "alpha"]).expect(0);
    refused(&place, &["new"], 2, &["is open for this folder", "context resume", "context close"]);
    place.run(&["context", "task", "Research providers"]).expect(0);
    refused(&place, &["task", "research providers."], 2, &["`TASK_001` says the same"]);
    refused(&place, &["complete", "TASK_010", "x"], 2, &["did you mean `TASK_001`?", "Research"]);
    refused(&place, &["complete", "TASK_001", " "], 2, &["the outcome is empty"]);
    place.run(&["context", "complete", "TASK_001", "Auth0"]).expect(0);
    refused(&place, &["complete", "TASK_001", "x"], 2, &["is over already: “Auth0”"]);
    refused(&place, &["objective", "--done", "OBJ_001"], 2, &["there is no objective `OBJ_001`"]);
    refused(&place, &["decide", "DEC_007", "--choose", "x", "--because", "y"], 2, &["no decision"]);
    let decide = ["decide", "Q?", "--option", "a", "--choose", "b", "--because", "y"];
    refused(&place, &decide, 2, &["`b` is none of the options", "the options are a"]);
    refused(&place, &["status", "--project", "alpa"], 2, &["did you mean `alpha`?"]);
    place.write("broken.json", "{\n  \"project_name\": \"alpha\",\n  \"objectives\": 7\n}");
    refused(&place, &["import", "broken.json"], 1, &["broken.json:3:17", "`objectives` is a list"]);
    place.write("other.json", "{\"project_name\": \"beta\"}");
    refused(&place, &["import", "other.json"], 2, &["is the context of `beta`, not of `alpha`"]);
    refused(&place, &["import", "none.json"], 1, &["none.json cannot be read"]);
    place.run(&["context", "close"]).expect(0);
    refused(&place, &["task", "x"], 2, &["no context is open"]);
    let listed = context(&place, &["list"]);
    assert_eq!(listed["contexts"][0]["closed"], true);
    place.run(&["context", "new", "--project", "alpha"]).expect(0);
}

#[test]
fn processes_that_write_at_once_lose_nothing() {
    let place = Place::new();
    place.run(&["context", "new", "--project", "alpha"]).expect(0);
    let texts: Vec<String> = (0..12).map(|number| format!("number {number}")).collect();
    let children: Vec<_> = texts
        .iter()
        .map(|text| place.command(&["context", "task", text]).spawn().expect("a process"))
        .collect();
    // Some are killed in the middle of whatever they do: all of a task is there, or nothing.
    children.iter().step_by(4).for_each(|child| signal(child, "-KILL"));
    let ended: Vec<_> = children.into_iter().map(wait).collect();
    let document = exported(&place);
    let tasks = document["active_tasks"].as_array().expect("tasks");
    let mut ids: Vec<&str> = tasks.iter().map(|task| task["id"].as_str().expect("an id")).collect();
    ids.sort_unstable();
    let expected: Vec<String> = (1..=tasks.len()).map(|n| format!("TASK_{n:03}")).collect();
    assert_eq!(ids, expected);
    for (text, ran) in texts.iter().zip(&ended) {
        let is_there = tasks.iter().any(|task| task["description"] == text.as_str());
        assert!(is_there || ran.code != Some(0), "{text} was said to be stored");
    }
    assert!(place.run(&["journal", "check"]).expect(0).out.contains("sound"));
}

const SERVERS: &str = "\
simulation:
  seed: 3
  time_scale: 0.2
  servers: [{ name: one, slots: 1 }]
  models: [{ name: 'm:latest', size_gigabytes: 0.1 }]
";

const PATTERN: &str = "\
pattern: { name: study, summary: Two look at a question. }
team:
  name: desk
  agents:
    - { role: Chief, purpose: Leads the desk }
    - { role: Reader, purpose: Reads, reports_to: Chief }
tasks:
  read: { agent: reader, prompt: Read about tea. }
  think: { agent: reader, prompt: Think about tea. }
  conclude:
    agent: chief
    prompt: Say what follows from {{ tasks.read.output }} and {{ tasks.think.output }}.
    output: { verdict: string }
outputs:
  verdict: \"{{ tasks.conclude.output.verdict }}\"
";

#[test]
fn a_run_enters_what_it_brings() {
    let place = Place::new();
    place.write("patterns/study.yaml", PATTERN);
    place.run(&["context", "new", "--project", "alpha"]).expect(0);
    place.run(&["context", "insight", "Tea is drunk warm"]).expect(0);
    place.run(&["context", "task", "Find out about tea"]).expect(0);
    // A rehearsal belongs to no context unless somebody says so.
    let apart = place.run(&["run", "study", "--simulate"]).expect(0);
    assert!(!apart.out.lines().next().expect("a line").contains("context"), "{}", apart.out);
    let ran =
        place.run(&["run", "study", "--simulate", "--context", "--task", "TASK_001"]).expect(0);
    let first = ran.out.lines().next().expect("a line").to_owned();
    assert!(first.ends_with("in the context of alpha"), "{first}");
    let status = context(&place, &["status"]);
    let document = &status["context"];
    assert_eq!(document["active_tasks"], json!([]));
    let outcome = document["completed_tasks"][0]["outcome"].as_str().expect("a text");
    assert!(outcome.starts_with("(simulated) "), "{outcome}");
    assert_eq!(document["metrics"]["total_agents_spawned"], 3);
    let agents = document["spawned_agents"].as_array().expect("agents");
    let types: Vec<&str> =
        agents.iter().map(|agent| agent["type"].as_str().expect("a type")).collect();
    assert_eq!(types, ["Reader", "Reader", "Chief"]);
    assert_eq!(agents[2]["id"], "AGENT_0003");
    assert_eq!(agents[0]["mission"], "read: Read about tea.");
    assert_eq!(status["metrics"]["agents_per_task"], 3.0);
    // Looking again enters nothing twice.
    assert_eq!(context(&place, &["status"])["context"], *document);
    // Who leads was told what the project has, and nobody else.
    let told = systems_of(&place, "What this project has so far");
    assert!(told.iter().all(|system| system.starts_with("You are the Chief ")), "{told:#?}");
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("\nLearned:\n- Tea is drunk warm"), "{}", told[0]);
    assert!(!systems_of(&place, "You are the Reader").is_empty());
}

/// The system messages of requests in the journal in which a text stands.
fn systems_of(place: &Place, text: &str) -> Vec<String> {
    let journal = rusqlite::Connection::open(place.path("journal/journal.db")).expect("a journal");
    let mut select =
        journal.prepare("SELECT body FROM contents ORDER BY number").expect("contents");
    let bodies = select.query_map([], |row| row.get::<_, Vec<u8>>(0)).expect("contents");
    let values = bodies.map(|body| serde_json::from_slice::<Value>(&body.expect("a body")));
    let systems = values.filter_map(|value| {
        let message = value.expect("JSON")["messages"][0].clone();
        message["content"].as_str().filter(|_| message["role"] == "system").map(str::to_owned)
    });
    systems.filter(|system| system.contains(text)).collect()
}

#[test]
fn a_run_that_was_killed_is_entered_when_somebody_looks() {
    let place = Place::new();
    place.write("patterns/study.yaml", PATTERN);
    let servers = Servers::start(&place, SERVERS);
    place.run(&["context", "new", "--project", "alpha"]).expect(0);
    let mut arguments = vec!["run", "study", "--json"];
    arguments.extend(servers.options());
    let child = place.command(&arguments).spawn().expect("a process");
    until("somebody was asked", || !servers.requests().is_empty());
    signal(&child, "-KILL");
    wait(child);
    let status = context(&place, &["status"]);
    assert_eq!(status["runs"][0]["status"], "interrupted");
    let run = status["runs"][0]["run"].as_str().expect("a run").to_owned();
    assert_eq!(status["next"][0]["command"], format!("partita resume {run}"));
    assert!(status["context"]["metrics"]["total_agents_spawned"].as_u64() > Some(0));
    // Before the context knows what came of it, it is not removed.
    let removed = place.run(&["gc", "--keep", "0", "--json"]).expect(0).json();
    assert_eq!(removed["runs"], json!([]));
    let mut arguments = vec!["resume", &run, "--json"];
    arguments.extend(servers.options());
    place.run(&arguments).expect(0);
    let status = context(&place, &["status"]);
    assert_eq!(status["runs"][0]["status"], "succeeded");
    assert_eq!(status["context"]["metrics"]["total_agents_spawned"], 3);
    assert_eq!(status["context"]["metrics"]["total_tasks_completed"], 1);
    // Then it may go, and what it brought stays.
    let removed = place.run(&["gc", "--keep", "0", "--json"]).expect(0).json();
    assert_eq!(removed["runs"][0]["run"], run);
    assert_eq!(context(&place, &["status"])["context"], status["context"]);
    assert!(place.run(&["journal", "check"]).expect(0).out.contains("sound"));
}

#[test]
fn journals_from_before_contexts_get_them() {
    let place = Place::new();
    std::fs::create_dir(place.path("journal")).expect("a folder");
    let old = repository("tests/fixtures/journals/form_1.db");
    std::fs::copy(old, place.path("journal/journal.db")).expect("a copy");
    place.run(&["context", "new", "--project", "alpha"]).expect(0);
    place.run(&["context", "task", "Look"]).expect(0);
    assert_eq!(exported(&place)["active_tasks"][0]["id"], "TASK_001");
    assert!(place.run(&["journal", "check"]).expect(0).out.contains("sound"));
}
