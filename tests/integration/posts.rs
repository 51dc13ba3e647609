//! Posts: agents of whom only a run knows who they are.

use serde_json::{Value, json};

use crate::binary::Place;

pub(crate) const TEAM: &str = "
team: { name: works, purpose: Build what is asked for }
agents:
  - { role: Manager, purpose: Decide, layer: manager }
  - { role: Backend Lead, purpose: Plan the backend, layer: lead, domain: backend, reports_to: manager }
  - { role: Web Lead, purpose: Plan the web, layer: lead, domain: web, reports_to: manager }
  - { role: Ann, purpose: Build, layer: contributor, domain: backend, level: senior, skills: [sql, rust], reports_to: backend_lead }
  - { role: Bob, purpose: Build, layer: contributor, domain: backend, level: junior, skills: [sql], reports_to: backend_lead }
  - { role: Eve, purpose: Build, layer: contributor, domain: web, level: mid, skills: [css], reports_to: web_lead }
";

const ITEM: &str = r#"
pattern: { name: item, summary: One piece of work is done and reviewed. }
team: works
inputs:
  domain: { type: string, default: backend }
  skills: { type: [string], default: [sql] }
  complexity: { enum: [low, medium, high], default: medium }
  hours: { type: number, default: 4 }
  milestone: { type: string, default: m1 }
staff:
  author:
    domain: "{{ inputs.domain }}"
    skills: "{{ inputs.skills }}"
    complexity: "{{ inputs.complexity }}"
    hours: "{{ inputs.hours }}"
    related: ["{{ inputs.milestone }}"]
  peer: { peer_of: author, skills: "{{ inputs.skills }}", hours: 0.5 }
  boss: { above: author }
tasks:
  hand_out: { send: delegation, from: boss, to: author, body: Do it. }
  build: { agent: author, prompt: Build it., needs: [hand_out] }
  review:
    gate: review
    of: tasks.build.output
    criteria: { works: It works. }
    reviewers: [peer]
    revise: { agent: author, max: 1 }
    on_failure: continue
  accept: { agent: boss, prompt: "Is it done? {{ tasks.review.output.result }}" }
outputs: { said: "{{ tasks.accept.output }}" }
"#;

const SEVERAL: &str = r#"
pattern: { name: several, summary: Several pieces of work are done. }
inputs:
  pieces: { type: [object], default: [] }
tasks:
  all:
    for_each: { in: inputs.pieces, key: "{{ item.name }}", parallel: 1 }
    uses: item
    with:
      domain: "{{ item.domain }}"
      hours: "{{ item.hours }}"
      complexity: "{{ item.complexity }}"
      milestone: "{{ item.milestone }}"
      skills: "{{ item.skills }}"
outputs: { all: "{{ tasks.all.output }}" }
"#;

fn works() -> Place {
    let place = Place::new();
    let own = "model: \"qwen2.5:7b\", options: { temperature: 0.9 }, skills: [css]";
    place.write("patterns/teams/works.yaml", &TEAM.replace("skills: [css]", own));
    place.write("patterns/item.yaml", ITEM);
    place.write("patterns/several.yaml", SEVERAL);
    place.run(&["validate", "patterns"]).expect(0);
    place
}

/// The agents of a run's tasks, by address.
fn agents(ran: &Value) -> Vec<(String, String)> {
    let waves = ran["waves"].as_array().into_iter().flatten();
    let tasks = waves.flat_map(|wave| wave["tasks"].as_array().into_iter().flatten());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    tasks.map(|task| (text(&task["id"]), text(&task["agent"]))).collect()
}

fn agent_of(ran: &Value, task: &str) -> String {
    let found = agents(ran).into_iter().find(|(id, _)| id == task);
    found.map(|(_, agent)| agent).unwrap_or_default()
}

/// The posts of the pattern around a task: who has them, and what is told of it.
fn posts(place: &Place, ran: &Value, task: &str) -> Vec<Value> {
    let run = ran["run"].as_str().unwrap_or_default();
    let why = place.run(&["why", run, task, "--json"]).expect(0).json();
    why["posts"].as_array().cloned().unwrap_or_default()
}

#[test]
fn the_posts_of_a_run_are_filled_before_its_tasks_begin() {
    let place = works();
    let ran = place.run(&["run", "item", "--simulate", "--json"]).expect(0).json();
    assert_eq!(agent_of(&ran, "build"), "ann");
    assert_eq!(agent_of(&ran, "accept"), "backend_lead");
    assert_eq!(agent_of(&ran, "review[1]/peer"), "bob");
    let posts = posts(&place, &ran, "build");
    let author = &posts[0];
    assert_eq!(author["post"], "author");
    // 40 % of 100, 25 % of 100, 20 % of 90 (senior, medium) and nothing: 83.
    assert_eq!(author["candidates"][0]["agent"], "ann");
    assert_eq!(author["candidates"][0]["total"], 8_300);
    let minutes = author["days"].as_array().into_iter().flatten();
    let minutes: u64 = minutes.filter_map(|day| day["minutes"].as_u64()).sum();
    assert_eq!(minutes, 240);
    // A second post of the same work takes nothing of the first.
    assert_eq!(posts[1]["days"][0]["minutes"], 30);
    assert_eq!(posts[2]["above"], "ann");
}

#[test]
fn who_has_much_to_do_gets_less() {
    let place = works();
    let piece = |name: &str, hours: u32, milestone: &str| {
        json!({ "name": name, "domain": "backend", "hours": hours, "complexity": "medium",
                "milestone": milestone, "skills": ["sql"] })
    };
    let pieces = [piece("a", 24, "m1"), piece("b", 4, "m2"), piece("c", 4, "m3")];
    let pieces = format!("pieces={}", json!(pieces));
    let together = SEVERAL.replace("parallel: 1", "parallel: 3");
    place.write("patterns/together.yaml", &together.replace("name: several", "name: together"));
    let ran = place.run(&["run", "together", "--input", &pieces, "--simulate", "--json"]);
    let ran = ran.expect(0).json();
    let authors = ["a", "b", "c"].map(|key| agent_of(&ran, &format!("all[{key}]/build")));
    // Ann is the best as long as she has time; the third piece finds Bob with less to do.
    assert_eq!(authors, ["ann", "bob", "bob"]);
    // What is done is promised no longer.
    let ran = place.run(&["run", "several", "--input", &pieces, "--simulate", "--json"]);
    let ran = ran.expect(0).json();
    let authors = ["a", "b", "c"].map(|key| agent_of(&ran, &format!("all[{key}]/build")));
    assert_eq!(authors, ["ann", "ann", "ann"]);
}

#[test]
fn what_other_runs_have_promised_is_promised() {
    let place = works();
    // Ann is to work for four days, and waits for a person: the run is not over.
    let item = ITEM
        .replace("name: item", "name: asking")
        .replace("tasks:\n", "tasks:\n  ask: { gate: approval, ask: Go on?, needs: [hand_out] }\n");
    place.write("patterns/asking.yaml", &item);
    let hours = ["--input", "hours=32", "--simulate", "--json"];
    place.run(&[&["run", "asking"][..], &hours].concat()).expect(4);
    let ran = place.run(&["run", "item", "--simulate", "--json"]).expect(0).json();
    assert_eq!(agent_of(&ran, "build"), "bob");
    // What is promised counts from the beginning to the end, also where others were faster.
    let alone = works();
    let ran = alone.run(&["run", "item", "--simulate", "--json"]).expect(0).json();
    assert_eq!(agent_of(&ran, "build"), "ann");
}

#[test]
fn nobody_reviews_their_own_work() {
    let place = works();
    let ran = place.run(&["run", "item", "--input", "domain=web", "--simulate", "--json"]);
    let ran = ran.expect(0).json();
    assert_eq!(agent_of(&ran, "build"), "eve");
    // Nobody else works in this domain: who leads it reviews.
    assert_eq!(agent_of(&ran, "review[1]/peer"), "web_lead");
    assert_eq!(posts(&place, &ran, "build")[1]["for_want_of_a_peer"], true);
    // The model of who has the post is asked.
    let tasks = ran["waves"].as_array().into_iter().flatten();
    let mut tasks = tasks.flat_map(|wave| wave["tasks"].as_array().into_iter().flatten());
    let build = tasks.find(|task| task["id"] == "build").expect("it was done");
    assert_eq!(build["model"], "qwen2.5:7b");
}

#[test]
fn what_nobody_can_do_is_not_begun() {
    let place = works();
    let ran = place.run(&["run", "item", "--input", "domain=design", "--simulate", "--json"]);
    let ran = ran.expect(1).json();
    assert_eq!(ran["status"], "failed");
    assert!(agents(&ran).is_empty() || ran["servers"][0]["requests"] == 0, "{ran}");
    let run = ran["run"].as_str().unwrap_or_default();
    let shown = place.run(&["show", run]).expect(0).out;
    assert!(shown.contains("nobody gets the post `author`") && shown.contains("design"), "{shown}");
    let ran = place.run(&["run", "item", "--input", "hours=4000", "--simulate"]).expect(1);
    assert!(ran.out.contains("unstaffed") || ran.err.contains("unstaffed"), "{ran:?}");
}

#[test]
fn who_has_a_post_keeps_it_when_a_run_is_taken_up() {
    let place = works();
    let asks = ITEM
        .replace("name: item,", "name: asked_item,")
        .replace("  build:", "  go: { gate: approval, ask: Go on? }\n  build:");
    let asks = asks.replace("needs: [hand_out]", "needs: [hand_out, go]");
    place.write("patterns/asked_item.yaml", &asks);
    let waits = place.run(&["run", "asked_item", "--simulate", "--json"]).expect(4).json();
    let run = waits["run"].as_str().unwrap_or_default();
    let ran = place.run(&["approve", run, "approve", "--json"]).expect(0).json();
    assert_eq!(agent_of(&ran, "build"), "ann");
    assert_eq!(agent_of(&ran, "accept"), "backend_lead");
    assert_eq!(agent_of(&ran, "review[1]/peer"), "bob");
}

#[test]
fn who_uses_a_pattern_may_fill_its_posts() {
    let place = works();
    let text = "pattern: { name: named, summary: Bob does it. }\nteam: works\ntasks:\n  \
                it: { uses: item, agents: { author: bob } }\noutputs: { said: '{{ tasks.it.output.said }}' }\n";
    place.write("patterns/named.yaml", text);
    let ran = place.run(&["run", "named", "--simulate", "--json"]).expect(0).json();
    assert_eq!(agent_of(&ran, "it/build"), "bob");
    assert_eq!(agent_of(&ran, "it/review[1]/peer"), "ann");
}

#[test]
fn a_plan_that_is_there_is_carried_out() {
    let place = works();
    let text = r#"
pattern: { name: delivered, summary: What was planned elsewhere is done. }
team: works
inputs:
  plan: { type: object, default: { tasks: [] } }
tasks:
  all:
    expand:
      agent: manager
      plan: inputs.plan
      catalogue: { patterns: [item] }
      max_tasks: 200
outputs: { done: "{{ tasks.all.output.tasks | length }}", plan: "{{ tasks.all.output.plan }}" }
"#;
    place.write("patterns/delivered.yaml", text);
    place.run(&["validate", "patterns"]).expect(0);
    let task = |name: &str, needs: &[&str]| json!({ "name": name, "uses": "item", "with": { "hours": 2 }, "needs": needs });
    let run = |tasks: &[Value]| {
        let plan = format!("plan={}", json!({ "tasks": tasks }));
        place.run(&["run", "delivered", "--input", &plan, "--simulate", "--json"])
    };
    let ran = run(&[task("last", &["first"]), task("first", &[])]).expect(0).json();
    assert_eq!(ran["outputs"]["done"], 2, "{ran}");
    let plan = &ran["outputs"]["plan"];
    assert_eq!((&plan[0]["name"], &plan[1]["name"]), (&json!("first"), &json!("last")));
    let circle = run(&[task("one", &["other"]), task("other", &["one"])]).expect(1).json();
    let failed = circle["waves"][0]["tasks"][0]["failure"].to_string();
    assert!(failed.contains("circle"), "{circle}");
}

#[test]
fn messages_go_along_the_lines_of_those_who_have_the_posts() {
    let place = works();
    let backwards = ITEM.replace("name: item,", "name: backwards,").replace(
        "send: delegation, from: boss, to: author",
        "send: delegation, from: author, to: boss",
    );
    place.write("patterns/backwards.yaml", &backwards);
    let ran = place.run(&["run", "backwards", "--simulate", "--json"]).expect(1).json();
    let failure = ran["failure"]["message"].as_str().unwrap_or_default().to_owned();
    assert!(failure.contains("`ann` may not send a delegation to `backend_lead`"), "{failure}");
}
