//! Agents that use tools, through the real binary: built-in ones, and those of a server of the official
//! Python SDK. What the models call is scripted; the tools are real.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::binary::{Place, Ran, Servers, repository};

mod commands;
mod engine;
mod tasks;

/// A pattern of one task whose agent has some tools.
fn pattern(tools: &str, agent_tools: &str, task: &str) -> String {
    format!(
        "pattern: {{ name: desk }}\ntools: {tools}\nteam:\n  name: desk\n  agents: [{{ role: Clerk, \
         tools: {agent_tools} }}]\ntasks:\n  work: {{ agent: clerk, prompt: Do it, {task} }}\n"
    )
}

/// Simulated servers whose model calls these tools before it says something.
fn servers(place: &Place, answers: Value) -> Servers {
    let profile = json!({ "simulation": {
        "time_scale": 0.001,
        "servers": [{ "name": "one" }],
        "models": [{ "name": "m", "size_gigabytes": 0.1, "capabilities": ["completion", "tools"] }],
        "answers": answers,
    }});
    Servers::start(place, &profile.to_string())
}

/// A run of the pattern `desk`, with its only task and the tools that this called.
struct Worked {
    ran: Ran,
    result: Value,
}

impl Worked {
    fn of(place: &Place, answers: Value, more: &[&str], code: i32) -> Worked {
        let servers = servers(place, answers);
        let mut arguments = vec!["run", "desk", "--json"];
        arguments.extend(servers.options());
        arguments.extend(more);
        let ran = place.run(&arguments).expect(code);
        let result = ran.json();
        Worked { ran, result }
    }

    fn task(&self) -> &Value {
        &self.result["waves"][0]["tasks"][0]
    }

    /// Tool, result, and whether it failed, of every call.
    fn tools(&self) -> Vec<(&str, &str, bool)> {
        let calls = self.task()["tools"].as_array().map(Vec::as_slice).unwrap_or_default();
        let call = |call: &'_ Value| call["failed"].as_bool().expect("it has ended");
        calls
            .iter()
            .map(|tool| {
                let text = |key: &str| tool[key].as_str().expect("a text");
                (text("tool"), text("result"), call(tool))
            })
            .collect()
    }
}

fn calls(calls: Value, text: &str) -> Value {
    json!([{ "tool_calls": calls, "text": text }])
}

fn with_files() -> Place {
    let place = Place::new();
    place.write("secret.txt", "hidden");
    place.write("docs/plan.txt", "Launch on Monday");
    place
}

#[test]
fn files_of_the_workspace_are_read_and_no_others() {
    let place = with_files();
    let own = pattern("{ workspace: docs }", "[read_file]", "timeout: 60s");
    place.write("patterns/desk.yaml", &own);
    let answers = calls(json!({ "read_file": { "path": "plan.txt" } }), "On Monday");
    let worked = Worked::of(&place, answers, &[], 0);
    assert_eq!(worked.tools(), [("read_file", "Launch on Monday", false)]);
    assert_eq!(worked.task()["output"], "On Monday");
    assert_eq!(worked.task()["tools"][0]["written_as"], "native");
    assert_eq!(worked.task()["tools"][0]["arguments"], json!({ "path": "plan.txt" }));
    assert!(worked.ran.err.contains("read_file"), "{}", worked.ran.err);

    let answers = calls(json!({ "read_file": { "path": "../secret.txt" } }), "Nothing");
    let worked = Worked::of(&place, answers, &[], 0);
    let tools = worked.tools();
    assert!(tools[0].2 && tools[0].1.contains("leads out of the workspace"), "{tools:?}");

    let run = worked.result["run"].as_str().expect("an id");
    let shown = place.run(&["show", run, "--json"]).expect(0).json();
    assert_eq!(shown["waves"], worked.result["waves"]);
    let why = place.run(&["why", run, "work"]).expect(0).out;
    assert!(why.contains("used read_file"), "{why}");
}

#[test]
fn an_answer_with_a_type_is_given_it_behind_the_tools() {
    let place = with_files();
    let own = pattern("{ workspace: docs }", "[list_files]", "output: { day: string, n: integer }");
    place.write("patterns/desk.yaml", &own);
    let worked = Worked::of(&place, json!([]), &[], 0);
    assert_eq!(worked.tools()[0].0, "list_files");
    assert!(worked.task()["output"]["n"].is_number(), "{}", worked.task());
    assert_eq!(worked.task()["attempts"], 1);
}

#[test]
fn calls_in_words_are_made_and_do_not_go_on_for_ever() {
    let place = with_files();
    let tools = "{ allow: [read_file], max_turns: 3 }";
    place.write("patterns/desk.yaml", &pattern("{ workspace: docs }", tools, "timeout: 60s"));
    let text =
        "<tool_call>{\"name\": \"read_file\", \"arguments\": {\"path\": \"plan.txt\"}}</tool_call>";
    let worked = Worked::of(&place, json!([{ "text": text }]), &[], 1);
    assert_eq!(worked.tools(), [("read_file", "Launch on Monday", false); 3]);
    assert_eq!(worked.task()["tools"][0]["written_as"], "text");
    assert_eq!(worked.task()["failure"]["class"], "tool_turns");

    let text = "{\"name\": \"delete_file\", \"arguments\": {\"path\": \"plan.txt\"}}";
    let worked = Worked::of(&place, json!([{ "text": text }]), &[], 1);
    assert_eq!(worked.tools(), []);
    assert_eq!(worked.task()["failure"]["class"], "tool_call");
}

#[test]
fn a_rehearsal_touches_nothing() {
    let place = with_files();
    let tools =
        "{ workspace: docs, servers: { desk: { command: no-such-program, env: [ABSENT] } } }";
    place.write("patterns/desk.yaml", &pattern(tools, "[desk.add]", "timeout: 60s"));
    let result = place.run(&["run", "desk", "--simulate", "--json"]).expect(0).json();
    let tool = &result["waves"][0]["tasks"][0]["tools"][0];
    assert_eq!(tool["tool"], "desk.add");
    let told = tool["result"].as_str().expect("a text");
    assert!(told.contains("simulated") && told.contains("not used"), "{told}");
}

#[test]
fn what_tools_lack_is_said_before_a_run() {
    let place = with_files();
    let check = |tools: &str, agent: &str, more: &[&str], code: i32, part: &str| {
        place.write("patterns/desk.yaml", &pattern(tools, agent, "timeout: 60s"));
        let servers = servers(&place, json!([{ "text": "fine" }]));
        let mut arguments = vec!["run", "desk"];
        arguments.extend(servers.options());
        arguments.extend(more);
        let ran = place.run(&arguments).expect(code);
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    };
    let program = "{ servers: { desk: { command: no-such-program } } }";
    check(program, "[desk]", &[], 1, "`no-such-program` cannot be started");
    let with_variable = "{ servers: { desk: { command: x, env: [DESK_KEY] } } }";
    check(with_variable, "[desk]", &[], 1, "the environment has no `DESK_KEY`");
    check("{ workspace: notes }", "[read_file]", &[], 1, "the workspace `notes` cannot be used");
    check("{ workspace: .. }", "[read_file]", &[], 1, "lies outside the folder");
    let agreed = ["--allow-tool", "desk.add"];
    check(
        "{ workspace: docs }",
        "[read_file]",
        &agreed,
        2,
        "no agent asks before it uses `desk.add`",
    );
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/mcp", listener.local_addr().expect("an address"));
    drop(listener);
    let gone = format!("{{ servers: {{ desk: {{ url: '{url}' }} }} }}");
    check(&gone, "[desk]", &[], 1, &format!("the tool server `desk` ({url}) fails"));
}

/// The task of a run's object.
fn only_task(result: &Value) -> &Value {
    &result["waves"][0]["tasks"][0]
}

#[test]
fn a_person_is_asked_in_the_middle_of_an_answer() {
    let check = |choice: &str, part: &str, failed: bool| {
        let place = with_files();
        let asks = "{ allow: [list_files], ask: [read_file] }";
        place.write("patterns/desk.yaml", &pattern("{ workspace: docs }", asks, "timeout: 60s"));
        let arguments = json!({ "path": "plan.txt" });
        let servers = servers(&place, calls(json!({ "read_file": arguments }), "On Monday"));
        let mut run = vec!["run", "desk", "--json"];
        run.extend(servers.options());
        let paused = place.run(&run).expect(4).json();
        assert_eq!(
            (&paused["status"], &paused["pause"]),
            (&json!("waiting"), &json!("waiting_for_person"))
        );
        let waiting = &paused["waiting"][0];
        assert_eq!((&waiting["tool"], &waiting["arguments"]), (&json!("read_file"), &arguments));
        assert_eq!(waiting["options"], json!(["allow", "deny"]));
        assert_eq!(only_task(&paused)["status"], "waiting");
        assert_eq!(only_task(&paused)["tools"], Value::Null, "nothing was used");
        let id = paused["run"].as_str().expect("an id");
        let shown = place.run(&["show", id]).expect(0).out;
        assert!(shown.contains("May `Clerk` use the tool `read_file`"), "{shown}");
        assert!(shown.contains("allow|deny"), "{shown}");
        let unknown = place.run(&["approve", id, "perhaps"]).expect(2).err;
        assert!(unknown.contains("the options are allow, deny"), "{unknown}");

        let done = place.run(&["approve", id, choice, "--by", "Ada", "--json"]).expect(0).json();
        let task = only_task(&done);
        assert_eq!((&task["output"], &task["attempts"]), (&json!("On Monday"), &json!(2)));
        let used = &task["tools"][0];
        assert_eq!((&used["tool"], &used["failed"]), (&json!("read_file"), &json!(failed)));
        assert!(used["result"].as_str().is_some_and(|result| result.contains(part)), "{used}");
        assert_eq!(task["tools"].as_array().map(Vec::len), Some(1));
        let asked = &task["permissions"][0];
        assert_eq!((&asked["choice"], &asked["by"]), (&json!(choice), &json!("Ada")));
        assert_eq!(servers.requests().len(), 2, "a request for each turn, and none for the pause");
    };
    check("allow", "Launch on Monday", false);
    check("deny", "Ada did not allow it", true);
}

/// A Python that has the official SDK, if the tests were given one.
#[expect(clippy::print_stdout, reason = "whoever runs the tests is to know what was left out")]
fn python() -> Option<String> {
    let python = std::env::var("PARTITA_PYTHON").ok();
    if python.is_none() {
        println!("skipped: PARTITA_PYTHON is not set");
    }
    python
}

/// The settings of a server that is started as a program, which notes its starts in a file.
fn program(python: &str) -> String {
    let script = repository("tests/clients/mcp_server.py");
    format!(
        "{{ servers: {{ desk: {{ command: '{python}', args: ['{script}', stdio, starts.txt] }} }} }}"
    )
}

#[test]
fn a_server_of_the_official_sdk_is_used_over_its_input_and_output() {
    let Some(python) = python() else { return };
    let place = Place::new();
    let check = |agent: &str, call: Value, more: &[&str], expected: (&str, &str, bool)| {
        let tools = program(&python);
        place.write("patterns/desk.yaml", &pattern(&tools, agent, "timeout: 60s"));
        let worked = Worked::of(&place, calls(call, "Done"), more, 0);
        let found = worked.tools();
        let (tool, part, failed) = expected;
        assert!(
            found.len() == 1
                && found[0].0 == tool
                && found[0].1.contains(part)
                && found[0].2 == failed,
            "{expected:?}: {found:?}"
        );
    };
    let listed = json!({ "desk__list_tickets": {} });
    check("[desk]", listed.clone(), &[], ("desk.list_tickets", "The kettle is broken", false));
    let add = json!({ "desk__add_ticket": { "text": "No milk" } });
    check("[desk.add_ticket]", add.clone(), &[], ("desk.add_ticket", "ticket 2", false));
    let refuse = json!({ "desk__refuse": { "reason": "not today" } });
    check("[desk]", refuse, &[], ("desk.refuse", "not today", true));
    let wrong = json!({ "desk__add_ticket": { "txt": 3 } });
    check("[desk]", wrong, &[], ("desk.add_ticket", "text", true));
    let home = json!({ "desk__variable": { "name": "PARTITA_JOURNAL" } });
    check("[desk]", home, &[], ("desk.variable", "absent", false));
    let long = json!({ "desk__long_text": { "characters": 5000 } });
    let short = "{ allow: [desk], max_result: 100 }";
    check(short, long, &[], ("desk.long_text", "[cut here: 100 of 5000 characters", false));
    let huge = json!({ "desk__long_text": { "characters": 4_200_000 } });
    check("[desk]", huge, &[], ("desk.long_text", "gave about 5 MB", true));
    let asks = "{ allow: [desk], ask: [desk.add_ticket] }";
    let agreed = ["--allow-tool", "desk.add_ticket"];
    check(asks, add, &agreed, ("desk.add_ticket", "ticket 2", false));
}

#[test]
fn a_server_that_dies_is_started_once_more() {
    let Some(python) = python() else { return };
    let place = Place::new();
    let tools = program(&python);
    let own = pattern(&tools, "{ allow: [desk], max_turns: 4 }", "timeout: 60s");
    place.write("patterns/desk.yaml", &own);
    let die = "<tool_call>{\"name\": \"desk__die\", \"arguments\": {}}</tool_call>";
    let worked = Worked::of(&place, json!([{ "text": die }]), &[], 1);
    let found = worked.tools();
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].2 && found[0].1.contains("the desk is closed"), "{found:?}");
    assert_eq!(worked.task()["failure"]["class"], "tools_unavailable");
    let starts = std::fs::read_to_string(place.path("starts.txt")).expect("a file");
    assert_eq!(starts.lines().count(), 2);
}

#[test]
fn a_slow_tool_is_left_and_a_missing_one_named() {
    let Some(python) = python() else { return };
    let place = Place::new();
    let slow =
        pattern(&program(&python).replace("args", "timeout: 1s, args"), "[desk]", "timeout: 60s");
    place.write("patterns/desk.yaml", &slow);
    let worked = Worked::of(&place, calls(json!({ "desk__sleep": {} }), "Done"), &[], 0);
    let found = worked.tools();
    assert!(found[0].2 && found[0].1.contains("no result in 1 s"), "{found:?}");

    let missing = pattern(&program(&python), "[desk.close_ticket]", "timeout: 60s");
    place.write("patterns/desk.yaml", &missing);
    let worked = Worked::of(&place, calls(json!({}), "Done"), &[], 1);
    let message = worked.task()["failure"]["message"].as_str().expect("a text");
    assert!(message.contains("has no tool `close_ticket`; it has list_tickets"), "{message}");
}

/// A server that listens, in a process of its own.
struct Listening {
    child: Child,
    url: String,
}

impl Listening {
    fn start(python: &str) -> Listening {
        let script = repository("tests/clients/mcp_server.py");
        let mut child = Command::new(python)
            .args([script.as_str(), "http"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Python starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("a pipe");
        BufReader::new(out).read_line(&mut line).expect("a port");
        let address = format!("127.0.0.1:{}", line.trim());
        // It names its port before it listens. A server that never does is the first call's failure.
        for _ in 0..600 {
            if TcpStream::connect(&address).is_ok() {
                break;
            }
            thread::sleep(Duration::from_millis(100));
        }
        Listening { child, url: format!("http://{address}/mcp") }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_server_of_the_official_sdk_is_used_over_http() {
    let Some(python) = python() else { return };
    let server = Listening::start(&python);
    let place = Place::new();
    let tools = format!("{{ servers: {{ desk: {{ url: '{}' }} }} }}", server.url);
    place.write("patterns/desk.yaml", &pattern(&tools, "[desk]", "timeout: 60s"));
    let add = json!({ "desk__add_ticket": { "text": "No milk" } });
    let worked = Worked::of(&place, calls(add, "Done"), &[], 0);
    assert_eq!(worked.tools(), [("desk.add_ticket", "ticket 2", false)]);
    let listed = Worked::of(&place, calls(json!({ "desk__list_tickets": {} }), "Done"), &[], 0);
    let both = [("desk.list_tickets", "The kettle is broken\nNo milk", false)];
    assert_eq!(listed.tools(), both);
}
