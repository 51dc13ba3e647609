//! The command line from outside: what it prints, how it exits, what it does with bad input.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::binary::{Place, Servers, repository, wait};

const SMALL: &str = "
pattern: { name: small, summary: A small one. }
team: { name: t, agents: [{ role: A }] }
inputs:
  subject: { type: string, default: tea }
  count: { type: integer, default: 2 }
tasks:
  a: { agent: a, prompt: 'Say {{ inputs.count }} things about {{ inputs.subject }}' }
outputs: { a: '{{ tasks.a.output }}' }
";

const QUICK: &str = "simulation: { time_scale: 0, servers: [{ name: one }, { name: two }] }\n";

#[test]
fn ten_mistakes_are_ten_findings_with_their_places() {
    let place = Place::new();
    let file = repository("tests/fixtures/ten_mistakes.yaml");
    let ran = place.run(&["validate", &file, "--format", "json"]).expect(1);
    let found: Vec<(String, u64, u64)> = ran.json()["diagnostics"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|found| {
            let number = |key: &str| found[key].as_u64().expect("a number");
            (found["code"].as_str().expect("a code").to_owned(), number("line"), number("column"))
        })
        .collect();
    let expected = [
        ("unknown-key", 15, 34),
        ("wrong-type", 16, 54),
        ("unknown-agent", 17, 26),
        ("unknown-task", 22, 26),
        ("invalid-duration", 23, 55),
        ("need-not-earlier", 24, 52),
        ("task-cycle", 27, 49),
        ("duplicate-task", 30, 7),
        ("missing-input", 31, 25),
        ("template-syntax", 38, 47),
    ];
    let expected: Vec<_> =
        expected.iter().map(|(code, line, column)| ((*code).to_owned(), *line, *column)).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_run_as_machine_output_has_every_field() {
    let place = Place::new();
    place.write("patterns/small.yaml", SMALL);
    place.write("quick.yaml", QUICK);
    let run = place.run(&["run", "small", "--simulation", "quick.yaml", "--json"]).expect(0).json();
    for key in [
        "run",
        "name",
        "status",
        "simulated",
        "outputs",
        "makespan_ms",
        "sequential_ms",
        "speedup",
        "waves",
        "servers",
        "statistics",
        "critical_path",
        "losses",
    ] {
        assert!(run.get(key).is_some(), "{key} is missing: {run:#}");
    }
    assert_eq!(
        (&run["name"], &run["status"], &run["simulated"]),
        (&json!("small"), &json!("succeeded"), &json!(true))
    );
    let task = &run["waves"][0]["tasks"][0];
    for key in ["id", "status", "attempts", "server", "model", "started_ms", "ended_ms", "output"] {
        assert!(!task[key].is_null(), "{key} is missing: {task:#}");
    }
    for key in
        ["name", "url", "requests", "failures", "model_loads", "busy_ms", "utilization", "models"]
    {
        assert!(run["servers"][0].get(key).is_some(), "{key} is missing");
    }
    for key in [
        "tasks",
        "succeeded",
        "failed",
        "retries",
        "parallelism_factor",
        "parallel_efficiency",
        "latencies",
        "failures",
        "success_rate",
        "retry_rate",
        "tasks_per_minute",
        "gpu_seconds",
    ] {
        assert!(run["statistics"].get(key).is_some(), "{key} is missing");
    }
    let id = run["run"].as_str().expect("an id");
    let mut shown = place.run(&["show", id, "--json"]).expect(0).json();
    // Ports of simulated servers belong to the process that is gone; all else is the same.
    shown["servers"] = run["servers"].clone();
    assert_eq!(shown, run);
    let runs = place.run(&["runs", "--json"]).expect(0).json();
    assert_eq!(runs["runs"][0]["run"], run["run"]);
    assert_eq!(runs["runs"][0]["status"], "succeeded");
}

#[test]
fn inputs_are_typed_and_checked_all_at_once() {
    let place = Place::new();
    place.write("patterns/small.yaml", SMALL);
    let bad =
        place.run(&["run", "small", "--simulate", "-i", "count=many", "-i", "subjct=x"]).expect(2);
    assert!(bad.err.contains("unknown input `subjct`, did you mean `subject`?"), "{}", bad.err);
    assert!(bad.err.contains("input `count`: expected integer"), "{}", bad.err);
    place.write("long.txt", "green tea");
    place.write("given.yaml", "count: 3\n");
    let prompts = place
        .run(&[
            "render",
            "small",
            "a",
            "--inputs",
            "given.yaml",
            "-i",
            "subject=@long.txt",
            "--json",
        ])
        .expect(0)
        .json();
    let text = prompts["tasks"][0]["messages"][1]["content"].as_str().expect("a prompt");
    assert_eq!(text, "Say 3 things about green tea");
}

#[test]
fn prompts_of_what_undoes_tasks_are_shown() {
    let place = Place::new();
    place.write(
        "patterns/trip.yaml",
        "pattern: { name: trip }\nteam: { name: t, agents: [{ role: A }] }\ninputs: { cities: { type: [string], default: \
         [Rome, Oslo] } }\ntasks:\n  flight: { agent: a, prompt: Book., output: { ticket: string }, compensate: { agent: a, \
         prompt: 'Cancel {{ output.ticket }}.' } }\n  hotels: { for_each: inputs.cities, agent: a, prompt: 'Book in {{ item \
         }}.', compensate: { agent: a, prompt: 'Cancel in {{ item }}.' } }\n  never: { when: 1 > 2, agent: a, prompt: x, \
         compensate: { agent: a, prompt: y } }\n  good: { gate: check, condition: tasks.hotels.output | length == 2 }\n",
    );
    let shown = |more: &[&str]| {
        let arguments: Vec<&str> =
            ["render", "trip", "--json"].iter().chain(more).copied().collect();
        let json = place.run(&arguments).expect(0).json();
        let tasks = json["tasks"].as_array().expect("tasks").iter();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let told = tasks.map(|task| {
            let messages = task["messages"].as_array().expect("messages");
            (text(&task["id"]), text(&messages.last().expect("one")["content"]))
        });
        (told.collect::<Vec<_>>(), json["omitted"].clone())
    };
    let (told, omitted) = shown(&[]);
    let names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
    let undoing = ["hotels[2].undo", "hotels[1].undo", "flight.undo"];
    assert_eq!(names, [&["flight", "hotels[1]", "hotels[2]"], &undoing[..]].concat());
    assert_eq!(told[3].1, "Cancel in Oslo.");
    let reason = "what it would undo was not done";
    assert_eq!(omitted[1], json!({ "id": "never.undo", "reason": reason }));
    let (only, _) = shown(&["flight.undo"]);
    assert!(only.len() == 1 && only[0].1.starts_with("Cancel ‹"), "{only:?}");
    assert_eq!(shown(&["hotels"]).0.len(), 4);
    place.run(&["render", "trip", "good.undo"]).expect(2);
}

#[test]
fn prompts_are_shown_with_samples_where_nothing_is_given() {
    let place = Place::new();
    place.write(
        "patterns/asks.yaml",
        "pattern: { name: asks }\nteam: { name: t, agents: [{ role: A }] }\ninputs:\n  topic: { type: string, \
         description: What it is about }\n  count: { type: integer, minimum: 3 }\n  tone: { type: string, \
         examples: [calm] }\ntasks:\n  a: { agent: a, prompt: '{{ inputs.count }} {{ inputs.tone }} {{ \
         inputs.topic }}', options: { num_ctx: 512, num_predict: 500 } }\n",
    );
    let json = place.run(&["render", "asks", "--json", "-i", "count=5"]).expect(0).json();
    assert_eq!(json["sample_inputs"], json!(["topic", "tone"]));
    let task = &json["tasks"][0];
    assert_eq!(task["messages"][1]["content"], "5 calm ‹topic: What it is about›");
    let tokens = |value: &Value| value["estimated_tokens"].as_u64().expect("a number");
    let messages = task["messages"].as_array().expect("messages");
    assert_eq!(messages.iter().map(tokens).sum::<u64>(), tokens(task));
    assert_eq!((&task["num_ctx"], &task["fits"]), (&json!(512), &json!(false)));
    let text = place.run(&["render", "asks"]).expect(0).out;
    assert!(text.starts_with("sample inputs  topic, count, tone\n"), "{text}");
    assert!(text.contains("more than the window holds"), "{text}");
    let strict = place.run(&["render", "asks", "--no-samples"]).expect(2);
    assert!(strict.err.contains("missing input `topic` (What it is about)"), "{}", strict.err);
    let given = ["render", "asks", "--json", "-i", "topic=x", "-i", "count=3", "-i", "tone=y"];
    assert_eq!(place.run(&given).expect(0).json()["sample_inputs"], json!([]));
}

#[test]
fn without_a_server_nothing_is_simulated() {
    let place = Place::new();
    place.write("patterns/small.yaml", SMALL);
    // A port that nobody listens on: it was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address");
    let url = format!("http://{free}");
    let ran = place.run(&["run", "small", "--server", &url]).expect(3);
    assert!(ran.err.contains(&format!("tried {url}")), "{}", ran.err);
    assert!(ran.err.contains("--simulate"), "{}", ran.err);
    assert!(!ran.out.to_lowercase().contains("simulated"), "{}", ran.out);
    let json = place.run(&["run", "small", "--server", &url, "--json"]).expect(3).json();
    assert_eq!(json["error"]["exit_code"], 3);
    let status = place.run(&["cluster", "status", "--server", &url]).expect(3);
    assert!(status.out.contains("down"), "{}", status.out);
}

#[test]
fn names_that_do_not_exist_have_near_ones_offered() {
    let place = Place::new();
    place.write("patterns/small.yaml", SMALL);
    let ran = place.run(&["run", "smal", "--simulate"]).expect(2);
    assert!(ran.err.contains("did you mean `small`?"), "{}", ran.err);
    let ran = place.run(&["plan", "product_lunch"]).expect(2);
    assert!(ran.err.contains("`product_launch`"), "{}", ran.err);
    let ran = place.run(&["show", "zzzz"]).expect(2);
    assert!(ran.err.contains("no runs yet") || ran.err.contains("there is no run"), "{}", ran.err);
}

#[test]
fn a_gate_waits_for_a_person_and_takes_the_decision() {
    let place = Place::new();
    place.write(
        "patterns/gated.yaml",
        "pattern: { name: gated }\nteam: { name: t, agents: [{ role: A }] }\nwaves:\n  - name: x\n    tasks:\n      \
         ask: { gate: approval, ask: 'Ship?', options: [ship, hold] }\n  - name: y\n    tasks:\n      act: { agent: \
         a, prompt: go, when: \"tasks.ask.choice == 'ship'\" }\noutputs: { choice: '{{ tasks.ask.choice }}' }\n",
    );
    place.write("quick.yaml", QUICK);
    let waiting = place.run(&["run", "gated", "--simulation", "quick.yaml", "--json"]).expect(4);
    let json = waiting.json();
    assert_eq!(json["status"], "waiting");
    assert_eq!(json["waiting"][0]["id"], "ask");
    let run = json["run"].as_str().expect("an id");
    let shown = place.run(&["show", run]).expect(0).out;
    assert!(shown.contains("Ship?"), "{shown}");
    assert!(shown.contains(&format!("partita approve {run} ship|hold")), "{shown}");
    let wrong = place.run(&["approve", run, "sail"]).expect(2);
    assert!(wrong.err.contains("the options are ship, hold"), "{}", wrong.err);
    let done = place.run(&["approve", run, "ship", "--json"]).expect(0).json();
    assert_eq!(
        (&done["status"], &done["outputs"]["choice"]),
        (&json!("succeeded"), &json!("ship"))
    );
    assert_eq!(done["waves"][0]["tasks"][0]["output"]["by"], "tester");
    place.run(&["approve", run, "ship"]).expect(2);
    let ahead = place
        .run(&["run", "gated", "--simulation", "quick.yaml", "--json", "--decide", "ask=hold"])
        .json();
    assert_eq!(ahead["outputs"]["choice"], "hold", "{ahead:#}");
}

#[test]
fn a_server_that_stops_in_mid_run_does_not_stop_the_run() {
    let place = Place::new();
    let mut tasks = String::new();
    for number in 0..12 {
        tasks.push_str(&format!("  t{number}: {{ agent: a, prompt: 'work {number}' }}\n"));
    }
    place.write(
        "patterns/wide.yaml",
        &format!(
            "pattern: {{ name: wide }}\nteam: {{ name: t, agents: [{{ role: A }}] }}\ndefaults: {{ retry: {{ \
             max_attempts: 1 }} }}\ntasks:\n{tasks}"
        ),
    );
    // The second server drops everything at its third request and never comes back.
    let servers = Servers::start(
        &place,
        "simulation:\n  time_scale: 0.02\n  servers: [{ name: one, slots: 1 }, { name: two, slots: 1 }]\n  faults:\n    \
         - { match: { server: two }, after: 2, times: 1, fault: { kind: down } }\n",
    );
    let arguments: Vec<&str> =
        ["run", "wide", "--json"].into_iter().chain(servers.options()).collect();
    let run = place.run(&arguments).expect(0).json();
    assert_eq!(run["status"], "succeeded");
    assert!(run["statistics"]["failovers"].as_u64() >= Some(1), "{:#}", run["statistics"]);
    for server in run["servers"].as_array().expect("servers") {
        assert!(server["requests"].as_u64() >= Some(2), "{server:#}");
    }
}

#[test]
fn the_wrong_files_are_told_apart() {
    let place = Place::new();
    place.write("empty.yaml", "");
    place.write("other.yaml", "services: { web: {} }\n");
    place.write("patern.yaml", "patern: { name: x }\nwaves: []\n");
    place.write("deep.yaml", &"[".repeat(100_000));
    place.write("bomb.yaml", &bomb());
    std::fs::write(place.path("latin.yaml"), b"pattern: { name: caf\xe9 }\n").expect("a file");
    for (file, code) in [
        ("empty.yaml", "empty-document"),
        ("other.yaml", "unknown-kind"),
        ("patern.yaml", "unknown-kind"),
        ("deep.yaml", "nesting-too-deep"),
        ("bomb.yaml", "alias-expansion-too-large"),
        ("latin.yaml", "not-utf8"),
        ("missing.yaml", "unreadable-file"),
    ] {
        let ran = place.run(&["validate", file, "--json"]).expect(1);
        let found = &ran.json()["diagnostics"][0];
        assert_eq!(found["code"], code, "{file}: {found:#}");
        assert_eq!(found["file"], file);
        assert!(found["line"].as_u64() >= Some(1));
    }
    // In a folder with files of others only what looks like ours is complained about.
    let ran = place.run(&["validate", ".", "--json"]).expect(1);
    let files: Vec<Value> = ran.json()["diagnostics"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|d| d["file"].clone())
        .collect();
    assert!(!files.contains(&json!("./other.yaml")), "{files:?}");
    assert!(files.contains(&json!("./patern.yaml")), "{files:?}");
}

fn bomb() -> String {
    let mut text = String::from("x-a: &a [1,1,1,1,1,1,1,1,1]\n");
    for (name, before) in ('b'..='m').zip('a'..) {
        let list = vec![format!("*{before}"); 9].join(",");
        text.push_str(&format!("x-{name}: &{name} [{list}]\n"));
    }
    text + "pattern: { name: bomb }\n"
}

#[test]
fn a_journal_that_cannot_be_used_is_named() {
    let place = Place::new();
    place.write("patterns/small.yaml", SMALL);
    place.write("quick.yaml", QUICK);
    place.write("not_a_folder", "x");
    let run = |journal: &str| {
        place.run(&["run", "small", "--simulation", "quick.yaml", "--journal", journal])
    };
    let ran = run("not_a_folder").expect(1);
    assert!(ran.err.contains("not_a_folder") && ran.err.contains("--journal"), "{}", ran.err);
    place.write("text/journal.db", &"this is no database at all ".repeat(100));
    let ran = run("text").expect(1);
    assert!(ran.err.contains("is not a journal of Partita"), "{}", ran.err);
    run("good").expect(0);
    let connection = rusqlite::Connection::open(place.path("good/journal.db")).expect("a journal");
    let format: i64 =
        connection.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("a pragma");
    connection.execute_batch("PRAGMA user_version = 99").expect("a pragma");
    let ran = run("good").expect(1);
    assert!(ran.err.contains("has format 99"), "{}", ran.err);
    connection.execute_batch(&format!("PRAGMA user_version = {format}")).expect("a pragma");
    // Nothing was lost by the refusal.
    let runs = place.run(&["runs", "--json", "--journal", "good"]).expect(0).json();
    assert_eq!(runs["runs"].as_array().map(Vec::len), Some(1));
}

#[test]
fn output_may_be_cut_off_by_whoever_reads_it() {
    let place = Place::new();
    let mut child = place
        .command(&["patterns", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    let ran = wait(child);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
}

#[test]
fn schemas_and_completions_come_out() {
    let place = Place::new();
    let schema = place.run(&["schema", "pattern"]).expect(0).json();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert!(place.run(&["schema", "patern"]).expect(2).err.contains("did you mean `pattern`?"));
    for shell in ["bash", "zsh", "fish"] {
        assert!(place.run(&["completions", shell]).expect(0).out.contains("partita"));
    }
}

#[test]
fn a_server_that_has_nothing_to_do_loads_the_next_model() {
    let place = Place::new();
    place.write(
        "waves.yaml",
        "pattern: { name: waves }\nteam: { name: t, agents: [{ role: A }] }\nwaves:\n  - name: first\n    \
         tasks:\n      long: { agent: a, model: 'a:8b', prompt: x }\n      short: { agent: a, model: \
         'a:8b', prompt: y }\n  - name: second\n    tasks:\n      last: { agent: a, model: 'b:8b', \
         prompt: z }\n",
    );
    place.write(
        "two.yaml",
        "simulation:\n  time_scale: 0.02\n  servers: [{ name: one, slots: 1, max_loaded_models: 1 }, { \
         name: two, slots: 1, max_loaded_models: 1 }]\n  models: [{ name: 'a:8b' }, { name: 'b:8b' \
         }]\n  answers:\n    - { match: { task: long }, text: done, duration: 60s }\n    - { match: \
         { task: short }, text: done, duration: 5s }\n",
    );
    let ran = place.run(&["run", "waves.yaml", "--simulation", "two.yaml", "--json"]).expect(0);
    assert!(ran.err.contains("b:8b, for tasks to come"), "{}", ran.err);
    let loads = |server: &Value| server["model_loads"].as_u64().expect("a number");
    let ran = ran.json();
    let loads: Vec<u64> = ran["servers"].as_array().expect("servers").iter().map(loads).collect();
    assert_eq!(loads.iter().sum::<u64>(), 3, "{loads:?}");
}
