//! Tasks that call tools, through the real binary: built-in ones, and those of a server of the official
//! Python SDK.

use std::fs;
use std::process::Stdio;

use serde_json::{Value, json};

use super::{program, python};
use crate::binary::{Place, Ran, signal, until, wait};
use crate::crash::newest;

/// A pattern of tasks without a model.
fn pattern(tools: &str, tasks: &str, outputs: &str) -> String {
    format!("pattern: {{ name: desk }}\ntools: {tools}\ntasks:\n{tasks}outputs: {{ {outputs} }}\n")
}

fn written(tools: &str, tasks: &str, outputs: &str) -> Place {
    let place = Place::new();
    place.write("docs/plan.txt", "Launch on Monday\nParty on Friday\n");
    place.write("docs/numbers.json", "[3, 4]");
    place.write("patterns/desk.yaml", &pattern(tools, tasks, outputs));
    place
}

fn run(place: &Place, more: &[&str], code: i32) -> (Ran, Value) {
    let arguments: Vec<&str> = ["run", "desk", "--json"].iter().chain(more).copied().collect();
    let ran = place.run(&arguments).expect(code);
    let result = ran.json();
    (ran, result)
}

fn task<'r>(result: &'r Value, name: &str) -> &'r Value {
    let waves = result["waves"].as_array().expect("waves");
    let mut tasks = waves.iter().flat_map(|wave| wave["tasks"].as_array().expect("tasks"));
    tasks.find(|task| task["id"] == name).expect("a task")
}

fn lines(place: &Place, name: &str) -> usize {
    fs::read_to_string(place.path(name)).map_or(0, |text| text.lines().count())
}

#[test]
fn built_in_tools_need_no_model_and_no_server() {
    let tasks = "  \
        read: { tool: read_file, with: { path: '{{ inputs.file }}', from_line: '{{ inputs.line }}' } }\n  \
        numbers: { tool: read_file, with: { path: numbers.json }, output: [integer] }\n  \
        each: { for_each: [Launch, Party], tool: search_files, with: { text: '{{ item }}' } }\n\
        inputs: { file: { type: string, default: plan.txt }, line: { type: integer, default: 2 } }\n";
    let outputs = "rest: '{{ tasks.read.output }}', second: '{{ tasks.numbers.output[1] }}', each: '{{ tasks.each.output }}'";
    let place = written("{ workspace: docs }", tasks, outputs);
    let (ran, result) = run(&place, &[], 0);
    assert_eq!(result["outputs"]["rest"], "Party on Friday");
    assert_eq!(result["outputs"]["second"], 4);
    assert_eq!(result["outputs"]["each"][0], "plan.txt:1: Launch on Monday");
    assert_eq!(result["simulated"], false);
    let read = task(&result, "read");
    assert_eq!((&read["verb"], &read["attempts"]), (&json!("tool"), &json!(1)));
    assert_eq!(
        (&read["agent"], &read["server"], &read["model"]),
        (&json!(null), &json!(null), &json!(null))
    );
    let call = &read["tools"][0];
    assert_eq!(call["arguments"], json!({ "path": "plan.txt", "from_line": 2 }));
    assert_eq!((&call["tool"], &call["written_as"]), (&json!("read_file"), &json!("task")));
    assert!(ran.err.contains("call") && ran.err.contains("read_file"), "{}", ran.err);
    let shown = place.run(&["show", &newest(&place), "--json"]).expect(0).json();
    assert_eq!(shown["waves"], result["waves"]);
    let why = place.run(&["why", &newest(&place), "read"]).expect(0).out;
    assert!(why.contains("used read_file"), "{why}");
    let plan = place.run(&["plan", "desk", "--json"]).expect(0).json();
    let planned = task(&plan, "read");
    assert_eq!((&planned["verb"], &planned["tool"]), (&json!("tool"), &json!("read_file")));
}

#[test]
fn what_a_tool_says_went_wrong_fails_the_task() {
    let check = |task_text: &str, class: &str, part: &str| {
        let place = written(
            "{ workspace: docs }",
            &format!("  a: {task_text}\n"),
            "a: '{{ tasks.a.output }}'",
        );
        let (_, result) = run(&place, &[], 1);
        let failure = &task(&result, "a")["failure"];
        let message = failure["message"].as_str().expect("a text");
        assert!(failure["class"] == class && message.contains(part), "{failure}");
    };
    let absent = "{ tool: read_file, with: { path: absent.txt } }";
    check(absent, "tool_failed", "`read_file` failed: `absent.txt` cannot be read");
    let wrong = "{ tool: read_file, with: { path: plan.txt }, output: { day: string } }";
    check(wrong, "malformed", "what `read_file` gave does not fit its type");
    let out = "{ tool: read_file, with: { path: ../patterns/desk.yaml } }";
    check(out, "tool_failed", "leads out of the workspace");
}

#[test]
fn a_rehearsal_calls_nothing_and_says_so() {
    let tasks = "  \
        add: { tool: desk.add, with: { text: x }, output: { id: integer, state: { enum: [open, shut] } } }\n  \
        say: { tool: desk.say }\n";
    let server = "{ servers: { desk: { command: no-such-program, env: [ABSENT] } } }";
    let outputs = "add: '{{ tasks.add.output }}', say: '{{ tasks.say.output }}'";
    let place = written(server, tasks, outputs);
    let (_, result) = run(&place, &["--simulate"], 0);
    assert_eq!(result["simulated"], true);
    assert_eq!(result["outputs"]["add"]["state"], "open");
    assert_eq!(result["outputs"]["say"], "[simulated: the tool `desk.say` was not used]");
    let real = place.run(&["run", "desk", "--json"]).expect(1).err;
    assert!(real.contains("the environment has no `ABSENT`"), "{real}");
}

#[test]
fn cases_script_what_tools_give() {
    let tasks = "  \
        list: { tool: desk.list, output: [string], retry: { max_attempts: 2 } }\n  \
        enough: { gate: check, condition: 'tasks.list.output | length > 1', message: Too few. }\n";
    let place =
        written("{ servers: { desk: { command: x } } }", tasks, "list: '{{ tasks.list.output }}'");
    place.write(
        "patterns/desk.test.yaml",
        "tests: { pattern: desk }\ncases:\n  \
         enough: { answers: { list: [[a, b]] }, expect: { outputs: { list: [a, b] } } }\n  \
         again: { answers: { list: [{ fault: overloaded }, [a, b]] }, expect: { tasks: { list: { attempts: 2 } } } }\n  \
         lost: { answers: { list: { fault: disconnect } }, expect: { status: failed, tasks: { list: { failure: tool_lost, attempts: 1 } } } }\n  \
         never: { answers: { list: { fault: silent } }, expect: { status: failed, tasks: { list: { failure: tool_lost } } } }\n",
    );
    place.run(&["test"]).expect(0);
}

#[test]
fn tools_of_a_server_are_called_once_and_again_only_where_that_is_meant() {
    let Some(python) = python() else { return };
    let check = |tasks: &str, more: &str, code: i32, class: Option<&str>, calls: usize| {
        let tools = program(&python).replace("args", &format!("{more}args"));
        let place = written(&tools, &format!("  a: {{ {tasks} }}\n"), "a: '{{ tasks.a.output }}'");
        let (_, result) = run(&place, &[], code);
        let found = task(&result, "a");
        assert_eq!(found["failure"]["class"].as_str(), class, "{found}");
        assert_eq!(lines(&place, "notes.txt"), calls, "{found}");
        result
    };
    let note = "tool: desk.note, with: { file: notes.txt, text: 'number {{ 1 + 1 }}' }";
    let typed = format!("{note}, output: {{ lines: integer }}");
    assert_eq!(check(&typed, "", 0, None, 1)["outputs"]["a"], json!({ "lines": 1 }));
    let late = "tool: desk.open_late, with: { file: notes.txt }, output: [string]";
    check(late, "", 1, Some("tool_failed"), 1);
    let again = format!("{late}, retry: {{ max_attempts: 3, backoff: 10ms }}");
    assert_eq!(check(&again, "", 0, None, 2)["outputs"]["a"], json!(["asked", "asked"]));
    let slow = "tool: desk.note, with: { file: notes.txt, text: x, seconds: 60 }, timeout: 1s";
    check(slow, "", 1, Some("tool_lost"), 1);
    let server_is_slow = slow.replace(", timeout: 1s", ", retry: { max_attempts: 3 }");
    check(&server_is_slow, "timeout: 1s, ", 1, Some("tool_lost"), 1);
    let named = "retry: { max_attempts: 2, backoff: 10ms, classes: [tool_lost] }";
    check(&format!("{slow}, {named}"), "", 1, Some("tool_lost"), 2);
    check("tool: desk.die", "", 1, Some("tool_lost"), 0);
    check("tool: desk.absent", "", 1, Some("tools_unavailable"), 0);
}

#[test]
fn what_a_tool_did_is_undone_by_a_tool() {
    let Some(python) = python() else { return };
    let tasks = "  \
        book: { tool: desk.note, with: { file: notes.txt, text: booked }, output: { lines: integer }, compensate: { tool: \
        desk.note, with: { file: notes.txt, text: 'cancelled {{ output.lines }} of {{ item }}' } }, for_each: [tea, rice] }\n  \
        fits: { gate: check, condition: 'tasks.book.output[0].lines > 5', message: It does not fit. }\n";
    let place = written(&program(&python), tasks, "a: '{{ tasks.book.output }}'");
    let (_, result) = run(&place, &[], 1);
    assert_eq!((&result["status"], &result["undone"]), (&json!("failed"), &json!(true)));
    let undone = result["compensations"].as_array().expect("compensations");
    assert_eq!(undone.len(), 2, "{undone:#?}");
    assert!(undone.iter().all(|undo| undo["verb"] == "tool" && undo["status"] == "succeeded"));
    let notes = fs::read_to_string(place.path("notes.txt")).expect("notes");
    assert_eq!(notes.lines().filter(|line| line.contains("booked")).count(), 2, "{notes}");
    assert!(notes.contains("of tea") && notes.contains("of rice"), "{notes}");
}

#[test]
fn what_a_tool_must_not_do_twice_is_not_done_again() {
    let Some(python) = python() else { return };
    let check = |effect: &str, calls: usize| {
        let tasks = format!(
            "  a: {{ tool: desk.open_late, with: {{ file: notes.txt }}, output: [string], effect: {effect}, retry: {{ \
             max_attempts: 3, backoff: 10ms }} }}\n"
        );
        let place = written(&program(&python), &tasks, "a: '{{ tasks.a.output }}'");
        let (_, result) = run(&place, &[], i32::from(calls == 1));
        assert_eq!(lines(&place, "notes.txt"), calls, "{result}");
    };
    check("once", 1);
    check("idempotent", 2);
}

#[test]
fn who_undoes_a_task_is_said_once() {
    let check = |compensate: &str, words: &str| {
        let tasks = format!(
            "  book: {{ tool: desk.note, with: {{ file: f, text: x }}, compensate: {{ {compensate} }} }}\n"
        );
        let place = written(
            "{ servers: { desk: { command: desk } } }",
            &tasks,
            "a: '{{ tasks.book.output }}'",
        );
        let found = place.run(&["validate", "patterns"]).expect(1);
        assert!(found.out.contains(words), "{}", found.out);
    };
    check(
        "tool: desk.note, agent: clerk, prompt: x",
        "an agent undoes a task, or a tool, and not both",
    );
    check("timeout: 1m", "missing key `agent`");
    check(
        "agent: clerk, prompt: x, with: { a: b }",
        "`with` has the arguments of a `tool`, and there is none",
    );
    check("tool: other.note", "other");
    check("tool: desk.note, with: { text: '{{ output.lines.much }}' }", "much");
}

#[test]
fn a_call_that_a_kill_broke_off_is_not_made_again() {
    let Some(python) = python() else { return };
    let check = |name: &str, more: &str, code: i32, calls: usize| {
        let slow = "tool: desk.note, with: { file: notes.txt, text: x, seconds: 1 }";
        let place = written(
            &program(&python),
            &format!("  a: {{ {slow}{more} }}\n"),
            "a: '{{ tasks.a.output }}'",
        );
        let mut child = place
            .command(&["run", "desk", "--json"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        until("the tool is called", || lines(&place, "notes.txt") == 1);
        signal(&child, name);
        if name == "-KILL" {
            child.wait().expect("it ends");
        } else {
            wait(child);
        }
        let resumed = place.run(&["resume", &newest(&place), "--json"]).expect(code).json();
        assert_eq!(lines(&place, "notes.txt"), calls, "{resumed}");
        if code == 1 {
            let failure = &task(&resumed, "a")["failure"];
            assert_eq!(failure["class"], "tool_lost");
            let message = failure["message"].as_str().expect("a text");
            assert!(message.contains("whether it was done is not known"), "{message}");
        }
    };
    check("-KILL", "", 1, 1);
    check("-INT", "", 1, 1);
    check("-KILL", ", retry: { max_attempts: 2, backoff: 10ms, classes: [tool_lost] }", 0, 2);
}

#[test]
fn names_that_a_server_lacks_are_found_before_a_run() {
    let Some(python) = python() else { return };
    let place =
        written(&program(&python), "  a: { tool: desk.lists }\n", "a: '{{ tasks.a.output }}'");
    let found = place.run(&["validate", "--online", "--format", "json"]).expect(1).json();
    let lacking = &found["diagnostics"].as_array().expect("findings")[0];
    assert_eq!((&lacking["code"], &lacking["line"]), (&json!("tools-unavailable"), &json!(4)));
    let message = lacking["message"].as_str().expect("a text");
    assert!(message.contains("has no tool `lists`; it has list_tickets"), "{message}");
}
