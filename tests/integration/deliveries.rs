//! Requests of every tier, from a text to what is handed over, by the organisation of the library.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::binary::{Place, Servers};

/// Two servers that invent what nobody has written down. The manager lets every programme begin and decides nothing
/// that keeps work from going on, so that people have to.
const SERVERS: &str = r#"
simulation:
  seed: 5
  time_scale: 0.001
  servers: [{ name: one, slots: 8, context_length: 16384 }, { name: two, slots: 8, context_length: 16384 }]
  models: [{ name: "llama3.1:8b" }]
  answers:
    - match: { task: go_no_go }
      json: { risks: [], reason: It is worth it., conditions: [], decision: go }
    - match: { contains: "nobody below you could decide" }
      json: { options: [], reason: It is not mine., decision: "" }
    - match: { contains: "Decide how the work goes on, if that is yours" }
      json: { options: [], reason: It is not mine alone., decision: "" }
"#;

/// The first who is to do a piece of work never answers.
const BREACH: &str = r#"
  faults:
    - { match: { contains: "Do the piece of work that your lead has given you" }, times: 1, fault: { kind: silent } }
"#;

/// The library's piece of work with a service level that a test can wait for.
fn impatient(place: &Place) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("patterns/organization/work_item.yaml");
    let text = std::fs::read_to_string(path).expect("a pattern");
    assert!(text.contains("after: 20m"));
    place.write("patterns/work_item.yaml", &text.replace("after: 20m", "after: 10s"));
}

/// A person has work go on for which nobody in the team could decide.
const DECIDED: [&str; 4] = [
    "--decide",
    "delivery[*]/work[*]/decision/person_decides=go_on",
    "--decide",
    "item[*]/decision/person_decides=go_on",
];

fn arguments<'a>(first: &[&'a str], servers: &'a Servers) -> Vec<&'a str> {
    first.iter().copied().chain(servers.options()).chain(DECIDED).chain(["--json"]).collect()
}

/// Everything that a run's report says of its tasks.
fn tasks(ran: &Value) -> impl Iterator<Item = &Value> {
    let waves = ran["waves"].as_array().into_iter().flatten();
    waves.flat_map(|wave| wave["tasks"].as_array().into_iter().flatten())
}

/// How many there are of all milestones together.
fn count_of_all(milestones: &Value) -> usize {
    let count = |of_one: &Value| match of_one {
        Value::Array(list) => list.len(),
        Value::Object(by_name) => by_name.len(),
        _ => 0,
    };
    milestones.as_array().into_iter().flatten().map(count).sum()
}

fn delivered(place: &Place, servers: &Servers, tier: u8) -> Value {
    let tier_input = format!("tier={tier}");
    let first = ["run", "plan_and_deliver", "--seed", "3", "--input", &tier_input];
    let ran = place.run(&arguments(&first, servers)).expect(0).json();
    assert_eq!(ran["status"], "succeeded", "tier {tier}: {}", ran["failure"]);
    ran
}

#[test]
fn the_smaller_a_request_the_fewer_take_part() {
    let place = Place::new();
    let servers = Servers::start(&place, SERVERS);
    let mut sizes = Vec::new();
    for tier in [1, 2, 3] {
        let ran = delivered(&place, &servers, tier);
        let ended = |task: &Value| task["status"] == "succeeded" || task["status"] == "failed";
        let reviews: BTreeSet<&str> = tasks(&ran)
            .filter(|task| task["verb"] == "review" && ended(task))
            .filter_map(|task| task["id"].as_str()?.rsplit('/').next())
            .collect();
        let has = |name: &str| reviews.contains(name);
        match tier {
            1 => assert!(reviews.is_empty(), "{reviews:?}"),
            2 => {
                assert!(has("peer_review") && has("domain_review"), "{reviews:?}");
                assert!(!has("qa_validation") && !has("architecture_review"), "{reviews:?}");
            }
            _ => assert!(has("qa_validation") && has("architecture_review"), "{reviews:?}"),
        }
        sizes.push(
            ran["servers"]
                .as_array()
                .into_iter()
                .flatten()
                .fold(0, |sum, server| sum + server["requests"].as_u64().unwrap_or_default()),
        );
    }
    assert!(sizes.is_sorted() && sizes[0] < sizes[2], "{sizes:?}");
}

#[test]
fn a_programme_is_killed_on_the_way_and_delivered() {
    let place = Place::new();
    impatient(&place);
    let servers = Servers::start(&place, &format!("{SERVERS}{BREACH}"));
    let first = ["run", "plan_and_deliver", "--seed", "3", "--input", "tier=4"];
    let mut child = place
        .command(&arguments(&first, &servers))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    // In the middle of the second milestone.
    let mut told = lines.map_while(Result::ok);
    assert!(told.any(|line| line.contains("delivery[2]") && line.contains("staff")));
    child.kill().expect("it is killed");
    drop(child.wait());
    let runs = place.run(&["runs", "--json"]).expect(0).json();
    let run = runs["runs"][0]["run"].as_str().expect("a run").to_owned();

    let ran = place.run(&arguments(&["resume", &run], &servers)).expect(0).json();
    assert_eq!(ran["status"], "succeeded", "{}", ran["failure"]);
    let outputs = &ran["outputs"];
    assert_eq!(outputs["tier"], 4);
    assert!(count_of_all(&outputs["strategic_items"]) >= 30, "{}", outputs["strategic_items"]);
    assert!(count_of_all(&outputs["results"]) >= 100, "{}", count_of_all(&outputs["results"]));

    // What is asked of an audit is answered from the journal alone.
    let org = |words: &[&str]| {
        let words: Vec<&str> = ["org"].into_iter().chain(words.iter().copied()).collect();
        place.run(&words).expect(0).json()
    };
    let shown = org(&["show", &run, "--json"]).to_string();
    for domain in ["frontend", "backend", "qa", "devops", "data", "security"] {
        assert!(shown.contains(domain), "nothing of {domain}");
    }
    let escalations = org(&["escalations", &run, "--json"]);
    assert!(escalations.to_string().contains("person_decides"), "nobody was asked");
    let climbs = escalations["climbs"].as_array().into_iter().flatten();
    let mut late = climbs.filter(|climb| climb.to_string().contains("it was not done in 10s"));
    assert!(late.any(|climb| climb["resolved"] == true), "nobody stood in: {escalations}");
    let metrics = org(&["metrics", &run, "--json"]);
    let metrics = metrics["metrics"].as_object().expect("metrics");
    assert!(metrics.len() >= 20, "{} metrics", metrics.len());
    let rows = |key: &str| metrics[key].as_array().map_or(0, Vec::len);
    for key in
        ["bottleneck_by_state", "bottleneck_by_person", "first_pass_yield", "critical_path_slack"]
    {
        assert!(rows(key) > 0, "nothing of {key}");
    }
    assert_eq!(rows("irregular_moves"), 0, "{}", metrics["irregular_moves"]);
    assert_eq!(
        metrics["throughput"].as_array().map_or(0, |domains| {
            domains.iter().filter(|one| one["completed"].as_u64() > Some(0)).count()
        }),
        6
    );
    let build = tasks(&ran).find(|task| {
        task["verb"] == "uses"
            && task["id"].as_str().is_some_and(|id| id.starts_with("delivery[1]/work["))
    });
    let build =
        format!("{}/work", build.and_then(|task| task["id"].as_str()).expect("a piece of work"));
    let why = place.run(&["why", &run, &build, "--json"]).expect(0).json();
    assert!(why["posts"][0]["candidates"].as_array().is_some_and(|all| all.len() > 1), "{why}");
    assert!(ran["critical_path"]["tasks"].as_array().is_some_and(|path| path.len() > 10));
}
