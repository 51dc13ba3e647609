//! Failed tasks that others take up: other models, who is above, peers by vote, people.

use serde_json::json;

use crate::binary::{Place, Servers};

const TRIAGE: &str = r#"
pattern: { name: triage, summary: Sorts a ticket. }
team:
  name: desk
  agents:
    - { role: Clerk, purpose: Sort, reports_to: Boss, model: "llama3.1:8b", fallback_models: ["qwen2.5:7b"] }
    - { role: Second, purpose: Sort too }
    - { role: Third, purpose: Sort too }
    - { role: Boss, purpose: Know better }
tasks:
  sort:
    agent: clerk
    prompt: Which queue does the ticket belong to?
    output: { queue: { enum: [billing, support] } }
    retry: { max_attempts: 1 }
    on_failure:
      escalate:
        - model: "qwen3:32b"
        - peers: [second, third]
        - lead
        - person: { ask: "Which queue? {{ error }}", deadline: 48h }
outputs: { queue: "{{ tasks.sort.output.queue }}" }
"#;

const CASES: &str = r#"
tests: { pattern: triage }
cases:
  as_asked:
    answers: { sort: { queue: billing } }
    expect: { outputs: { queue: billing }, calls: 1, not_run: ["sort[2]"] }
  a_model_stands_in:
    answers: { "sort[1]": nonsense, "sort[2]": { queue: billing } }
    expect: { outputs: { queue: billing }, calls: 2, not_run: ["sort[3]"], order: ["sort[1]", "sort[2]"] }
  peers_agree:
    answers:
      "sort[1]": nonsense
      "sort[2]": { fault: refused }
      "sort[3]": nonsense
      "sort[4]/*": { queue: support }
    expect:
      outputs: { queue: support }
      calls: 5
      tasks: { "sort[4]/third": { prompt: { lacks: without success } } }
  one_of_two_peers_is_no_majority:
    answers:
      sort: nonsense
      "sort[4]/second": { fault: refused }
      "sort[4]/third": { queue: support }
      "sort[5]": { queue: billing }
    expect:
      outputs: { queue: billing }
      tasks: { "sort[5]": { prompt: { contains: [Which queue, without success, "undecided"] } } }
  the_answer_is_shown_to_who_is_above:
    answers:
      sort: nonsense
      "sort[4]/*": { fault: refused }
      "sort[5]": { queue: billing }
    expect: { ran: ["sort[5]"], outputs: { queue: billing } }
  a_person:
    answers: { sort: nonsense, "sort[4]/*": { fault: refused } }
    decisions: { "sort[6]": '{ "queue": "support" }' }
    expect: { outputs: { queue: support } }
  nobody:
    answers: { sort: nonsense, "sort[4]/*": { fault: refused } }
    expect: { status: failed, tasks: { sort: { failure: malformed }, "sort[6]": { failure: gate_expired } } }
"#;

/// A task that nobody gets done in time.
const SLOW: &str = r#"
pattern: { name: slow, summary: Sorts a ticket in time. }
team:
  name: desk
  agents:
    - { role: Clerk, purpose: Sort, reports_to: Boss }
    - { role: Boss, purpose: Know better }
tasks:
  sort:
    agent: clerk
    prompt: Which queue does the ticket belong to?
    output: { queue: { enum: [billing, support] } }
    timeout: { total: 2h, first_token: 2h, silence: 2h, load: 2h }
    on_failure:
      escalate: [lead, { person: { deadline: 48h } }]
      after: 10m
outputs: { queue: "{{ tasks.sort.output.queue }}" }
"#;

const SLOW_CASES: &str = r#"
tests: { pattern: slow }
cases:
  in_time:
    answers: { "sort[1]": { queue: billing } }
    expect: { outputs: { queue: billing }, not_run: ["sort[2]"] }
  the_lead_takes_it_up:
    answers:
      "sort[1]": { fault: silent }
      "sort[2]": { queue: support }
    expect:
      outputs: { queue: support }
      tasks: { "sort[1]": { failure: overdue }, "sort[2]": { prompt: { contains: "it was not done in 10m" } } }
  a_person_has_a_deadline_of_their_own:
    answers:
      "sort[1]": { fault: silent }
      "sort[2]": { fault: stall }
    decisions: { "sort[3]": '{ "queue": "billing" }' }
    expect: { outputs: { queue: billing }, tasks: { "sort[2]": { failure: overdue, attempts: 1 } } }
"#;

#[test]
fn who_is_not_done_in_time_is_broken_off() {
    let place = Place::new();
    place.write("patterns/slow.yaml", SLOW);
    place.write("patterns/slow.test.yaml", SLOW_CASES);
    place.run(&["validate", "patterns"]).expect(0);
    place.run(&["test"]).expect(0);
}

#[test]
fn who_takes_a_task_up_comes_one_after_the_other() {
    let place = Place::new();
    place.write("patterns/triage.yaml", TRIAGE);
    place.write("patterns/triage.test.yaml", CASES);
    place.run(&["validate", "patterns", "--audience", "ci"]).expect(0);
    let ran = place.run(&["test", "--coverage"]).expect(0);
    assert!(ran.out.contains("7 passed"), "{}", ran.out);
    assert!(ran.out.contains("fallbacks 5/5"), "{}", ran.out);
}

#[test]
fn a_decision_that_cannot_come_out_is_refused_in_a_case() {
    let place = Place::new();
    place.write("patterns/triage.yaml", TRIAGE);
    let wrong = CASES.replace(r#"'{ "queue": "support" }'"#, r#"'{ "queue": "sales" }'"#);
    place.write("patterns/triage.test.yaml", &wrong);
    let ran = place.run(&["validate", "patterns"]).expect(1);
    assert!(ran.out.contains("this cannot come out of `sort[6]`"), "{}", ran.out);
}

/// Everything that is asked is refused but what a person says.
const REFUSED: &str = "\
simulation:
  time_scale: 0.001
  models: [{ name: 'llama3.1:8b' }, { name: 'qwen3:32b' }]
  faults: [{ match: {}, fault: { kind: refused } }]
";

#[test]
fn a_person_is_waited_for_and_writes_what_comes_out() {
    let place = Place::new();
    place.write("patterns/triage.yaml", TRIAGE);
    place.write("sim.yaml", REFUSED);
    let ran =
        place.run(&["run", "triage", "--simulation", "sim.yaml", "--json", "--quiet"]).expect(4);
    let waiting = &ran.json()["waiting"][0];
    assert_eq!(waiting["id"], "sort[6]", "{waiting}");
    assert_eq!(waiting["options"], json!([]));
    assert_eq!(waiting["output"]["properties"]["queue"]["enum"], json!(["billing", "support"]));
    assert!(waiting["ask"].as_str().is_some_and(|ask| ask.contains("refused")), "{waiting}");
    let run = ran.json()["run"].as_str().expect("a run").to_owned();
    let silent = place.run(&["approve", &run]).expect(2);
    assert!(silent.err.contains("say what its result is"), "{}", silent.err);
    let wrong = place.run(&["approve", &run, r#"{ "queue": "sales" }"#]).expect(2);
    assert!(wrong.err.contains("this cannot come out of `sort[6]`"), "{}", wrong.err);
    let right = place.run(&["approve", &run, r#"{ "queue": "billing" }"#, "--json"]).expect(0);
    let result = right.json();
    assert_eq!(result["outputs"]["queue"], "billing");
    let tasks = result["waves"][0]["tasks"].as_array().expect("tasks");
    let sort = tasks.iter().find(|task| task["id"] == "sort").expect("the task");
    assert_eq!(sort["escalation"], json!({ "rungs": 5, "by": "sort[6]" }));
    let shown = place.run(&["show", &run]).expect(0).out;
    assert!(shown.contains("5 rungs took it up, the last one with success"), "{shown}");
}

/// The findings of a run of one task whose agent has these keys, and servers with these models.
fn with_models(agent: &str, models: &str) -> crate::binary::Ran {
    let place = Place::new();
    let text = format!(
        "pattern: {{ name: p, summary: s }}\nteam: {{ name: t, agents: [{{ role: A, {agent} }}] }}\ntasks:\n  \
         one: {{ agent: a, prompt: x }}\n"
    );
    place.write("patterns/p.yaml", &text);
    let models = format!("simulation: {{ time_scale: 0.001, models: [{models}] }}\n");
    place.write("sim.yaml", &models);
    place.run(&["run", "p", "--simulation", "sim.yaml", "--json", "--quiet", "--no-input"])
}

#[test]
fn a_model_that_no_server_has_is_stood_in_for() {
    let agent = "model: 'big:70b', fallback_models: ['small:1b']";
    let ran = with_models(agent, "{ name: 'small:1b' }").expect(0).json();
    let tasks = ran["waves"][0]["tasks"].as_array().expect("tasks").clone();
    let by = |id: &str| tasks.iter().find(|task| task["id"] == id).cloned().expect("a task");
    assert_eq!(by("one[1]")["failure"]["class"], "model_missing");
    assert_eq!(by("one[2]")["model"], "small:1b");
    assert_eq!(by("one")["escalation"]["by"], "one[2]");
    // With the first one there, nobody asks for the other.
    let ran = with_models(agent, "{ name: 'big:70b' }").expect(0).json();
    assert_eq!(ran["statistics"]["failed"], 0);
    // The default model counts as the agent's own where none is named.
    with_models("fallback_models: ['small:1b']", "{ name: 'other:1b' }").expect(0);
    // Where there is none of them, the run does not begin.
    with_models(agent, "{ name: 'other:1b' }").expect(1);
    with_models("model: 'big:70b'", "{ name: 'small:1b' }").expect(1);
}

#[test]
fn what_is_done_once_is_taken_up_by_nobody_but_a_person() {
    let place = Place::new();
    let text = "pattern: { name: p, summary: s }\nteam: { name: t, agents: [{ role: A, model: 'm:1b', fallback_models: \
                ['n:1b'] }, { role: B }] }\ntasks:\n  one: { agent: a, prompt: x, effect: once, on_failure: escalate }\n";
    place.write("patterns/p.yaml", text);
    place.write("sim.yaml", &REFUSED.replace("llama3.1:8b", "m:1b"));
    let ran = place.run(&["run", "p", "--simulation", "sim.yaml", "--json", "--quiet"]).expect(4);
    let result = ran.json();
    assert_eq!(result["waiting"][0]["id"], "one[2]");
    assert_eq!(result["waiting"][0]["output"], json!(null), "free text");
    let tasks = result["waves"][0]["tasks"].as_array().expect("tasks").iter();
    let ids: Vec<&str> = tasks.filter_map(|task| task["id"].as_str()).collect();
    assert_eq!(ids, ["one", "one[1]", "one[2]"], "a person is the only rung");
}

#[test]
fn models_of_rungs_are_looked_for_before_a_run() {
    let place = Place::new();
    let text = |agent: &str, rung: &str| {
        format!(
            "pattern: {{ name: p, summary: s }}\nteam: {{ name: t, agents: [{{ role: A, {agent} }}] }}\ntasks:\n  one: {{ \
             agent: a, prompt: x, on_failure: {{ escalate: [{{ model: {rung} }}] }} }}\n"
        )
    };
    place.write(
        "sim.yaml",
        "simulation: { time_scale: 0, models: [{ name: 'small:1b' }, { name: 'big:70b' }] }\n",
    );
    let run = |agent: &str, rung: &str, code: i32| {
        place.write("patterns/p.yaml", &text(agent, rung));
        place.run(&["run", "p", "--simulation", "sim.yaml", "--quiet"]).expect(code).err
    };
    run("model: 'small:1b'", "'big:70b'", 0);
    let said = run("model: 'small:1b'", "'bg:70b'", 1);
    assert!(said.contains("no server has the model `bg:70b`"), "{said}");
    // What stands in for the agent's own model does not stand in for what the author names.
    run("model: 'gone:1b', fallback_models: ['small:1b']", "'big:70b'", 0);
    let said = run("model: 'gone:1b', fallback_models: ['small:1b']", "'bg:70b'", 1);
    assert!(said.contains("`bg:70b`"), "{said}");
}

#[test]
fn a_plan_on_servers_says_which_rungs_cannot_be_climbed() {
    let place = Place::new();
    place.write("patterns/triage.yaml", TRIAGE);
    let servers = Servers::start(
        &place,
        "simulation: { time_scale: 0, models: [{ name: 'llama3.1:8b' }, { name: 'qwen3:32b' }] }\n",
    );
    place.write("cluster.yaml", &format!("cluster: {{ servers: ['{}'] }}\n", servers.urls[0]));
    let words = ["plan", "triage", "--placement", "--online"];
    let text = place.run(&words).expect(0).out;
    let said =
        "no server has the model `qwen2.5:7b`, which is asked where all before it has failed";
    assert!(text.contains(&format!("sort[2]  {said}")), "{text}");
    let json = place.run(&[words.as_slice(), &["--json"]].concat()).expect(0).json();
    let found = json["placement"]["cannot_be_done"].clone();
    assert_eq!(
        found,
        json!([{ "id": "sort[2]", "class": "model_missing", "message": said }]),
        "{json:#}"
    );
}

#[test]
fn what_is_asked_on_each_rung_is_rendered() {
    let place = Place::new();
    place.write("patterns/triage.yaml", TRIAGE);
    let rendered = place.run(&["render", "triage", "sort", "--json"]).expect(0).json();
    let tasks = rendered["tasks"].as_array().expect("tasks");
    let asked: Vec<(&str, &str, bool)> = tasks
        .iter()
        .map(|task| {
            let text = |key: &str| task[key].as_str().unwrap_or_default();
            (text("id"), text("agent"), task["takes_up"] == "sort")
        })
        .collect();
    let expected = [
        ("sort[1]", "clerk", false),
        ("sort[2]", "clerk", true),
        ("sort[3]", "clerk", true),
        ("sort[4]/second", "second", true),
        ("sort[4]/third", "third", true),
        ("sort[5]", "boss", true),
    ];
    assert_eq!(asked, expected);
    assert_eq!((&tasks[2]["model"], &tasks[0]["takes_up"]), (&json!("qwen3:32b"), &json!(null)));
    let person = &rendered["omitted"][0];
    assert_eq!(person["id"], "sort[6]");
    let reason = person["reason"].as_str().expect("a reason");
    assert!(
        reason.starts_with("a person is asked where all before it has failed: Which queue?"),
        "{reason}"
    );
    let text = place.run(&["render", "triage", "sort"]).expect(0).out;
    assert!(text.contains("This has been tried before without success"), "{text}");
    assert!(text.contains("only where all before it for `sort` has failed"), "{text}");

    // Each item has its ladder, and nobody is asked behind a person.
    let several = TRIAGE
        .replace("    agent: clerk\n", "    for_each: [a, b]\n    agent: clerk\n")
        .replace("        - lead\n", "")
        .replace("deadline: 48h }", "deadline: 48h }\n        - lead")
        .replace(".output.queue }}", ".output }}");
    place.write("patterns/triage.yaml", &several);
    let rendered = place.run(&["render", "triage", "sort", "--json"]).expect(0).json();
    let ids = |list: &str| -> Vec<String> {
        let entries = rendered[list].as_array().expect("a list").iter();
        entries.map(|task| task["id"].as_str().expect("an id").to_owned()).collect()
    };
    let asked = ids("tasks");
    assert!(asked.contains(&"sort[2][4]/second".to_owned()), "{asked:?}");
    let omitted = ids("omitted");
    assert_eq!(omitted, ["sort[1][5]", "sort[2][5]", "sort[1][6]", "sort[2][6]"]);
}
