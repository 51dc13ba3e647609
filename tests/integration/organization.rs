//! What an organisation does, as `partita org` shows it: work, people, messages, decisions, figures.

use serde_json::{Value, json};

use crate::binary::Place;
use crate::posts::TEAM;

const PIECE: &str = r#"
pattern: { name: piece, summary: "One piece of work is done, reviewed and handed off." }
team: works
inputs:
  title: string
  domain: { type: string, default: backend }
  skills: { type: [string], default: [sql] }
  complexity: { enum: [low, medium, high], default: medium }
  hours: { type: number, default: 4 }
  milestone: { type: string, default: m1 }
  tier: { type: integer, default: 3 }
  stuck: { type: boolean, default: false }
staff:
  author:
    domain: "{{ inputs.domain }}"
    skills: "{{ inputs.skills }}"
    complexity: "{{ inputs.complexity }}"
    hours: "{{ inputs.hours }}"
    related: ["{{ inputs.milestone }}"]
  peer: { peer_of: author, skills: "{{ inputs.skills }}" }
  boss: { above: author }
tasks:
  hand_out: { send: delegation, from: boss, to: author, subject: "{{ inputs.title }}", body: Do it. }
  build: { agent: author, prompt: "Build {{ inputs.title }}.", needs: [hand_out], lifecycle: in_progress }
  decide:
    when: inputs.stuck
    needs: [build]
    gate: approval
    ask: "Go on with {{ inputs.title }}?"
    options: [go_on, stop]
    lifecycle: escalated
  review:
    needs: [decide]
    gate: review
    of: tasks.build.output
    criteria: { works: It works. }
    reviewers: [peer]
    revise: { agent: author, max: 1 }
    lifecycle: under_review
  accept: { agent: boss, prompt: "Is it done? {{ tasks.review.output.result }}", lifecycle: domain_review }
  complete: { gate: check, condition: { reviewed: tasks.review.passed, named: inputs.title | length > 0 }, needs: [accept] }
  hand_off:
    needs: [complete]
    send: handoff
    from: author
    to: boss
    subject: "{{ inputs.title }}"
    body: { checklist: { documented: true } }
    lifecycle: ready_for_handoff
  told: { send: standup, from: author, to: boss, needs: [hand_off], body: "{{ inputs.title }} is done." }
outputs: { said: "{{ tasks.accept.output }}" }
"#;

const DELIVERY: &str = r#"
pattern: { name: delivery, summary: "Pieces of work are done." }
team: works
inputs: { pieces: { type: [object], default: [] } }
tasks:
  size: { agent: manager, prompt: "How large is it?", output: { tier: integer, reason: string } }
  news: { send: broadcast, from: manager, topic: releases, body: "We begin.", needs: [size] }
  all:
    needs: [news]
    for_each: { in: inputs.pieces, key: "{{ item.title }}", parallel: 3 }
    uses: piece
    with:
      title: "{{ item.title }}"
      domain: "{{ item.domain }}"
      skills: "{{ item.skills }}"
      milestone: "{{ item.milestone }}"
      tier: "{{ item.tier }}"
      stuck: "{{ item.stuck }}"
outputs: { all: "{{ tasks.all.output }}" }
"#;

/// The review of `b` is not passed at once; everything else is.
const SIMULATION: &str = r#"
simulation:
  time_scale: 0.001
  answers:
    - { match: { task: size }, json: { tier: 3, reason: Several domains work on it. } }
    - match: { task: "all[b]/review[1]/peer" }
      json: { criteria: { works: { reasoning: Looked., pass: false } }, feedback: Test it. }
    - match: { contains: It works. }
      json: { criteria: { works: { reasoning: Looked., pass: true } }, feedback: "" }
"#;

fn works() -> Place {
    let place = Place::new();
    place.write("patterns/teams/works.yaml", TEAM);
    place.write("patterns/piece.yaml", PIECE);
    place.write("patterns/delivery.yaml", DELIVERY);
    let one =
        DELIVERY.replace("name: delivery", "name: in_turn").replace("parallel: 3", "parallel: 1");
    place.write("patterns/in_turn.yaml", &one);
    place.write("simulation.yaml", SIMULATION);
    place.run(&["validate", "patterns"]).expect(0);
    place
}

fn piece(title: &str, domain: &str, skill: &str, tier: u8, stuck: bool) -> Value {
    json!({ "title": title, "domain": domain, "skills": [skill], "milestone": if tier == 3 { "m1" } else { "m2" },
            "tier": tier, "stuck": stuck })
}

/// A run that waits for a person about the piece `c`; its id.
fn waiting(place: &Place, pattern: &str) -> String {
    let pieces = [
        piece("a", "backend", "sql", 3, pattern == "in_turn"),
        piece("b", "backend", "sql", 2, false),
        piece("c", "web", "css", 3, true),
    ];
    let pieces = format!("pieces={}", json!(pieces));
    let run = ["run", pattern, "--input", &pieces, "--simulation", "simulation.yaml", "--json"];
    let ran = place.run(&run).expect(4).json();
    ran["run"].as_str().expect("an id").to_owned()
}

fn view(place: &Place, arguments: &[&str]) -> Value {
    let arguments: Vec<&str> =
        ["org"].iter().chain(arguments).chain(&["--json"]).copied().collect();
    place.run(&arguments).expect(0).json()
}

fn text(place: &Place, arguments: &[&str]) -> String {
    let arguments: Vec<&str> = ["org"].iter().chain(arguments).copied().collect();
    place.run(&arguments).expect(0).out
}

/// The values of a field of the objects of a list.
fn all<'v>(list: &'v Value, field: &str) -> Vec<&'v str> {
    let entries = list.as_array().into_iter().flatten();
    entries.map(|entry| entry[field].as_str().unwrap_or_default()).collect()
}

#[test]
fn an_organisation_shows_its_work() {
    let place = works();
    let run = waiting(&place, "delivery");
    the_board(&place);
    progress_and_pieces(&place, &run);
    who_and_why(&place, &run);
    what_was_said(&place, &run);
    figures(&place, &run);
    the_end(&place, &run);
}

fn the_board(place: &Place) {
    let board = view(place, &["board"]);
    assert_eq!(board["simulated"], true);
    let columns = board["columns"].as_array().expect("columns");
    assert_eq!(all(&board["columns"], "state"), ["completed", "escalated"]);
    assert_eq!(all(&columns[0]["items"], "title"), ["a", "b"]);
    let stuck = &columns[1]["items"][0];
    assert_eq!((&stuck["work"], &stuck["author"]), (&json!("all[c]"), &json!("eve")));
    assert_eq!((&stuck["tier"], &stuck["sla_minutes"]), (&json!(3), &json!(240)));
    for width in ["80", "200"] {
        let drawn =
            place.command(&["org", "board"]).env("COLUMNS", width).output().expect("it starts");
        let drawn = String::from_utf8_lossy(&drawn.stdout).into_owned();
        assert!(drawn.contains("escalated (1)") && drawn.contains("completed (2)"), "{drawn}");
        let widest = drawn.lines().map(|line| line.chars().count()).max();
        assert!(widest <= width.parse().ok(), "{drawn}");
    }
}

fn progress_and_pieces(place: &Place, run: &str) {
    let shown = view(place, &["show", run]);
    let progress = &shown["progress"];
    assert_eq!((&progress["done"], &progress["all"]), (&json!(2), &json!(3)));
    assert_eq!((&progress["hours_done"], &progress["hours"]), (&json!(8.0), &json!(12.0)));
    assert_eq!(all(&shown["milestones"], "name"), ["m1", "m2"]);
    assert_eq!(all(&shown["domains"], "name"), ["backend", "web"]);
    assert!(!shown["critical_path"]["tasks"].as_array().expect("a path").is_empty());

    let b = view(place, &["show", run, "b"])["work"].clone();
    let states = [
        "assigned",
        "in_progress",
        "under_review",
        "in_progress",
        "under_review",
        "domain_review",
        "ready_for_handoff",
        "completed",
    ];
    assert_eq!(all(&b["moves"], "to"), states);
    // Work of tier 2 is not handed off to other domains: that is told.
    let regular: Vec<bool> =
        b["moves"].as_array().expect("moves").iter().map(|m| m["regular"] == true).collect();
    assert_eq!(regular, [true, true, true, true, true, true, false, false]);
    let rounds = b["reviews"][0]["rounds"].as_array().expect("rounds");
    assert_eq!((&rounds[0]["passed"], &rounds[1]["passed"]), (&json!(false), &json!(true)));
    assert_eq!(rounds[0]["verdicts"][0]["feedback"], "Test it.");
    assert_eq!(b["blocked_by"], json!([]));
    let told = text(place, &["show", run, "b"]);
    assert!(
        told.contains("wants changes (works): Test it.") && told.contains("irregular"),
        "{told}"
    );

    let a = view(place, &["show", run, "a"])["work"].clone();
    assert!(a["moves"].as_array().expect("moves").iter().all(|one| one["regular"] == true), "{a}");
    let c = view(place, &["show", run, "all[c]"])["work"].clone();
    let command = format!("partita approve {run} go_on|stop --task all[c]/decide");
    assert_eq!(c["blocked_by"][0]["command"], command);
    assert!(text(place, &["show", run]).contains("2/3 done"));
    place.run(&["org", "show", run, "z"]).expect(2);
}

/// The day on which the newest run began.
fn began(place: &Place) -> String {
    let runs = place.run(&["runs", "--json"]).expect(0).json();
    let started = runs["runs"][0]["started"].as_str().expect("a moment").to_owned();
    started.chars().take_while(|sign| *sign != 'T').collect()
}

fn who_and_why(place: &Place, run: &str) {
    let why = view(place, &["why", run, "all[a]/build"]);
    assert_eq!(why["posts"][0]["candidates"][0]["agent"], "ann");
    assert_eq!(
        (&why["tier"]["tier"], &why["tier"]["said_by"][0]["task"]),
        (&json!(3), &json!("size"))
    );
    let told = text(place, &["why", run, "a"]);
    assert!(told.contains("ann") && told.contains("Several domains work on it."), "{told}");
    place.run(&["org", "why", run, "nothing"]).expect(2);

    // Only what is not done is promised.
    let from = began(place);
    let capacity = view(place, &["capacity", "works", "--from", &from]);
    assert_eq!(capacity["overall"]["promised_hours"], 4.0);
    assert_eq!(capacity["runs"][0]["run"], run);
    let eve = capacity["contributors"]
        .as_array()
        .expect("people")
        .iter()
        .find(|one| one["agent"] == "eve");
    assert_eq!(eve.expect("she is there")["free_hours"], 20.0);
    assert!(text(place, &["capacity", "works"]).contains(&format!("run {run} has promised 4 h")));
    let forecast = view(place, &["forecast", "works", "--days", "5", "--run", run]);
    assert_eq!(forecast["days"].as_array().map(Vec::len), Some(5));
    let full = view(place, &["forecast", "works", "--from", "2026-11-23", "--days", "1"]);
    assert_eq!(full["days"][0]["overall"]["capacity_hours"], 24.0);
    let assigned = [
        "assign",
        "works",
        "--domain",
        "backend",
        "--skills",
        "sql,rust",
        "--complexity",
        "high",
        "--hours",
        "12",
        "--from",
        "2026-11-23",
    ];
    let assigned = view(place, &assigned);
    assert_eq!(assigned["agent"], "ann");
    // 40 % of 100, 25 % of 100, 20 % of 100 and nothing.
    assert_eq!(assigned["candidates"][0]["total"], 8_500);
    assert_eq!(
        assigned["days"],
        json!([{ "day": "2026-11-23", "minutes": 480 }, { "day": "2026-11-24", "minutes": 240 }])
    );
    let nobody =
        place.run(&["org", "assign", "works", "--domain", "web", "--hours", "900", "--json"]);
    assert_eq!(nobody.expect(1).json()["agent"], Value::Null);
    let unknown = place.run(&["org", "assign", "works", "--domain", "wb"]).expect(2);
    assert!(unknown.err.contains("did you mean `web`?"), "{unknown:?}");
    place.run(&["org", "capacity", "work"]).expect(2);
}

fn what_was_said(place: &Place, run: &str) {
    let inbox = view(place, &["inbox", run, "ann"]);
    assert!(all(&inbox["messages"], "kind").contains(&"delegation"), "{inbox}");
    assert_eq!(view(place, &["inbox", "ann"])["messages"], inbox["messages"]);
    place.run(&["org", "inbox", run, "nobody"]).expect(2);
    let channels = view(place, &["channels", run]);
    assert_eq!(channels["channels"][0]["topic"], "releases");
    assert!(text(place, &["channels", run, "releases"]).contains("We begin."));
    place.run(&["org", "channels", run, "release"]).expect(2);
    let handoffs = view(place, &["handoffs", run]);
    let points = &handoffs["handoffs"][0]["checklist"];
    let mut names = all(points, "name");
    names.sort_unstable();
    assert_eq!(
        (names, &handoffs["handoffs"][0]["complete"]),
        (vec!["documented", "named", "reviewed"], &json!(true))
    );
    assert!(text(place, &["handoffs"]).contains("[x] reviewed"));

    let standup = view(place, &["standup", run, "--since", "1d"]);
    assert_eq!(all(&standup["organization"]["done"], "title"), ["a", "b"]);
    assert_eq!(all(&standup["organization"]["blocked"], "title"), ["c"]);
    assert_eq!(standup["messages"].as_array().map(Vec::len), Some(2));
    assert!(text(place, &["standup"]).contains("a is done."));
    let escalations = view(place, &["escalations", run]);
    assert_eq!(escalations["standstills"][0]["work"], "all[c]");
    assert_eq!(escalations["waiting"][0]["ask"], "Go on with c?");
    assert!(text(place, &["escalations"]).contains("partita approve"));
}

fn figures(place: &Place, run: &str) {
    let found = view(place, &["metrics", run]);
    let metrics = found["metrics"].as_object().expect("metrics");
    assert!(metrics.len() >= 20, "{}", metrics.len());
    let of = |key: &str, name: &str| -> Value {
        let rows = metrics[key].as_array().into_iter().flatten();
        rows.clone().find(|row| row["of"] == name).cloned().unwrap_or_default()
    };
    assert_eq!(of("first_pass_yield", "review")["passed"], 1);
    assert_eq!(of("first_pass_yield", "review")["out_of"], 2);
    assert_eq!(of("review_rounds", "review")["all"], 3);
    assert_eq!(of("rework_rate", "backend")["share"], 0.5);
    assert_eq!(of("throughput", "backend")["completed"], 2);
    assert_eq!(of("work_in_progress", "web")["now"], 1);
    assert_eq!(of("escalation_rate", "web")["escalated"], 1);
    assert_eq!(of("handoff_completeness", "all")["whole"], 2);
    assert_eq!(of("messages", "delegation")["count"], 3);
    assert_eq!(of("single_points", "web")["who"], "eve");
    assert_eq!(of("lead_time", "all")["count"], 2);
    assert_eq!(of("irregular_moves", "domain_review to ready_for_handoff")["count"], 1);
    assert_eq!(of("estimate_bias", "domain backend")["count"], 2);
    assert_eq!(of("tier_accuracy", "tier 3")["pieces_of_work"], 3);
    let told = text(place, &["metrics", "--all"]);
    assert!(
        told.contains("cycle time by state") && told.contains("passed 1, out of 2, share 50 %"),
        "{told}"
    );
}

fn the_end(place: &Place, run: &str) {
    place.run(&["approve", run, "go_on", "--task", "all[c]/decide", "--by", "kim"]).expect(0);
    let board = view(place, &["board", run]);
    assert_eq!(all(&board["columns"], "state"), ["completed"]);
    let decisions = view(place, &["escalations", run])["decisions"].clone();
    assert_eq!((&decisions[0]["choice"], &decisions[0]["by"]), (&json!("go_on"), &json!("kim")));
    assert!(text(place, &["escalations", run]).contains("kim chose go_on"));
    assert_eq!(
        view(place, &["capacity", "works", "--from", &began(place)])["overall"]["promised_hours"],
        0.0
    );
}

#[test]
fn work_that_is_listed_waits_for_its_turn() {
    let place = works();
    let run = waiting(&place, "in_turn");
    let board = view(&place, &["board", &run]);
    assert_eq!(all(&board["columns"], "state"), ["pending", "escalated"]);
    assert_eq!(all(&board["columns"][0]["items"], "work"), ["all[b]", "all[c]"]);
    let b = view(&place, &["show", &run, "b"])["work"].clone();
    assert_eq!(b["blocked_by"], json!([{ "kind": "turn" }]));
    place.run(&["org", "why", &run, "all[b]"]).expect(2);
}

#[test]
fn work_is_admitted_as_far_as_there_is_time() {
    let place = works();
    let admit = |text: &str| {
        place.write("work.yaml", text);
        place.run(&["org", "admit", "works", "work.yaml", "--from", "2026-11-23", "--json"])
    };
    let found = admit(
        "- { title: Index, domain: backend, skills: [sql], hours: 12 }\n- { domain: web, hours: 4 }\n",
    );
    let found = found.expect(0).json();
    assert_eq!((&found["fits"], &found["until"]), (&json!(true), &json!("2026-11-24")));
    assert_eq!(all(&found["work"], "title"), ["Index", "work of web"]);
    assert_eq!(all(&found["work"], "agent"), ["ann", "eve"]);
    assert_eq!(found["work"][0]["days"][1], json!({ "day": "2026-11-24", "minutes": 240 }));
    // One person of a domain has 160 hours of twenty days, and only one piece of a domain is told that does not fit.
    let much = "- { domain: web, skills: [css], hours: 100 }\n- { domain: web, skills: [css], hours: 90 }\n- { domain: web, skills: [css], hours: 90 }\n";
    let found = admit(much).expect(1).json();
    assert_eq!(
        (&found["fits"], found["shortages"].as_array().map(Vec::len)),
        (&json!(false), Some(1))
    );
    let reason = found["shortages"][0]["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("has 90 h left until"), "{reason}");
    for (text, said) in [
        ("- { domain: wep, hours: 4 }", "work.yaml:1:3: the team `works` has no domain `wep`"),
        ("- { domain: web, hours: many }", "work.yaml:1:3: `hours` is a number from 0 to 10000"),
        ("- { hours: 1 }\n- { domain: web }", "work.yaml:2:3: missing field `hours`"),
        ("hours: 1", "work.yaml: a list of work is expected"),
        ("- { domain: [", "work.yaml:1:"),
        ("[]", "work.yaml: 0 pieces of work; 1 to 10000 are expected"),
    ] {
        let refused = admit(text).expect(2);
        assert!(refused.err.contains(said), "{}", refused.err);
    }
}

const SIZED: &str = r#"
pattern: { name: sized }
inputs:
  tier: { enum: [auto, 1, 2, 3, 4], default: auto }
  experience: { type: integer, learned: tier_points, default: 0 }
team: { name: few, agents: [{ role: Head }] }
tasks:
  size: { agent: head, prompt: How large?, output: { tier: integer } }
  all: { needs: [size], for_each: { in: range(12) }, uses: bit }
outputs: { added: "{{ inputs.experience }}" }
"#;

const BIT: &str = r#"
pattern: { name: bit }
team: { name: few, agents: [{ role: Head }] }
tasks: { do: { agent: head, prompt: Do it., lifecycle: in_progress } }
"#;

#[test]
fn requests_are_sized_by_what_earlier_ones_came_to() {
    let place = Place::new();
    place.write("patterns/sized.yaml", SIZED);
    place.write("patterns/bit.yaml", BIT);
    let tier = "simulation:\n  time_scale: 0.001\n  answers: [{ match: { task: size }, json: { tier: 2 } }]\n";
    place.write("simulation.yaml", tier);
    let added = |more: &[&str]| {
        let run = ["run", "sized", "--simulation", "simulation.yaml", "--json"];
        let ran = place.run(&[&run[..], more].concat()).expect(0).json();
        ran["outputs"]["added"].clone()
    };
    // Twelve pieces are of tier 3. A tier that somebody gave teaches nothing.
    for given in [&["--input", "tier=2"][..], &[], &[], &[], &[], &[]] {
        assert_eq!(added(given), 0);
    }
    assert_eq!(added(&[]), 2);
    assert_eq!(added(&["--input", "experience=0"]), 0);
    let metrics = view(&place, &["metrics", "--all"])["metrics"].clone();
    assert_eq!(metrics["tier_points"][0]["points"], 2.0);
    assert_eq!(metrics["tier_points"][0]["count"], 7);
}

#[test]
fn who_has_no_work_hears_it() {
    let place = Place::new();
    let nothing = place.run(&["org", "board"]).expect(2);
    assert!(nothing.err.contains("no run of the journal has pieces of work"), "{nothing:?}");
    let metrics = view(&place, &["metrics", "--all"]);
    assert_eq!(metrics["runs"], json!([]));
}
