//! Runs that those who lead start inside a run, through the real binary and on a server of one slot. What the models
//! say is scripted; the runs are real.

use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::binary::{Place, Servers, signal, until, wait};
use crate::support::plan;

const START: &str = "start_workflow";
const MONITOR: &str = "monitor_orchestration_health";
const REVIEW: &str = "review_orchestration_outcomes";

/// A pattern in which a head may start runs, with these limits.
fn lead(limits: &str, more: &str) -> String {
    format!(
        "pattern: {{ name: lead }}\nteam:\n  name: desk\n  orchestration: {limits}\n  agents:\n    - {{ role: Head, \
         purpose: Lead }}\n    - {{ role: Hand, purpose: Help, reports_to: head }}\n{more}tasks:\n  decide: {{ agent: \
         head, prompt: Have it written }}\n  sum: {{ agent: hand, prompt: 'Sum up {{{{ tasks.decide.output }}}}' }}\n\
         outputs: {{ said: '{{{{ tasks.decide.output }}}}' }}\n"
    )
}

/// The pattern that is started: two waves, and an output.
const WRITING: &str = "pattern: { name: writing, summary: Writes a text }\ninputs: { topic: { type: string } }\nteam: { \
                       name: writers, agents: [{ role: Writer }] }\nwaves:\n  - name: first\n    tasks: { draft: { \
                       agent: writer, prompt: 'Draft {{ inputs.topic }}' } }\n  - name: second\n    tasks: { polish: { \
                       agent: writer, prompt: 'Polish {{ tasks.draft.output }}' } }\noutputs: { text: '{{ \
                       tasks.polish.output }}' }\n";

/// The same with a person in the middle.
const GATED: &str = "pattern: { name: gated }\nteam: { name: writers, agents: [{ role: Writer }] }\ntasks:\n  draft: { \
                     agent: writer, prompt: Draft }\n  ok: { gate: approval, ask: 'Good? {{ tasks.draft.output }}', \
                     options: [yes_it_is, no_it_is_not] }\noutputs: { ok: '{{ tasks.ok.choice }}' }\n";

/// The call of a tool, as models write it into their text.
fn call(tool: &str, arguments: &Value) -> String {
    format!("<tool_call>{}</tool_call>", json!({ "name": tool, "arguments": arguments }))
}

fn start(topic: &str) -> String {
    call(START, &json!({ "pattern": "writing", "inputs": { "topic": topic } }))
}

/// What the head says once it has read a text, and otherwise at first.
fn says(read: &str, text: impl Into<String>) -> Value {
    let text: String = text.into();
    match read {
        "" => json!({ "match": { "task": "decide" }, "text": text }),
        read => json!({ "match": { "task": "decide", "contains": read }, "text": text }),
    }
}

/// What the head says when it starts a run, monitors it, and reviews it.
fn by_the_book(topic: &str) -> Vec<Value> {
    vec![
        says("\"figures\"", "All is written"),
        says("\"happened\"", call(REVIEW, &json!({}))),
        says("\"expected_seconds\"", call(MONITOR, &json!({}))),
        says("", start(topic)),
    ]
}

/// What the tasks of nested runs are answered, and how long that takes.
fn work(duration: &str) -> Vec<Value> {
    vec![
        json!({ "match": { "task": "draft" }, "text": "A draft", "duration": duration }),
        json!({ "match": { "task": "polish" }, "text": "A fine text", "duration": duration }),
        json!({ "match": { "task": "sum" }, "text": "Summed up" }),
    ]
}

/// One server with one slot.
fn servers(place: &Place, head: Vec<Value>, work: Vec<Value>, capabilities: &[&str]) -> Servers {
    hanging(place, head, work, (capabilities, 0))
}

/// The same, which does not answer so many requests for drafts.
fn hanging(
    place: &Place,
    head: Vec<Value>,
    work: Vec<Value>,
    (capabilities, times): (&[&str], u32),
) -> Servers {
    let answers: Vec<Value> = head.into_iter().chain(work).collect();
    let hangs =
        json!({ "match": { "task": "draft" }, "times": times, "fault": { "kind": "silent" } });
    let profile = json!({ "simulation": {
        "time_scale": 0.001,
        "servers": [{ "name": "one", "slots": 1 }],
        "models": [{ "name": "m", "size_gigabytes": 0.1, "capabilities": capabilities }],
        "answers": answers,
        "faults": if times > 0 { json!([hangs]) } else { json!([]) },
    }});
    Servers::start(place, &profile.to_string())
}

const TOOLS: [&str; 2] = ["completion", "tools"];

fn place(limits: &str) -> Place {
    let place = Place::new();
    place.write("patterns/lead.yaml", &lead(limits, ""));
    place.write("patterns/writing.yaml", WRITING);
    place.write("patterns/gated.yaml", GATED);
    place
}

fn run(place: &Place, servers: &Servers, more: &[&str], code: i32) -> Value {
    let mut arguments = vec!["run", "lead", "--json"];
    arguments.extend(servers.options());
    arguments.extend(more);
    place.run(&arguments).expect(code).json()
}

/// The calls of a task: tool, whether it failed, and what it gave.
fn calls(result: &Value) -> Vec<(String, bool, String)> {
    let tools = result["waves"][0]["tasks"][0]["tools"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    tools
        .iter()
        .map(|tool| (text(&tool["tool"]), tool["failed"] == true, text(&tool["result"])))
        .collect()
}

fn given(call: &(String, bool, String)) -> Value {
    serde_json::from_str(&call.2).unwrap_or_else(|error| panic!("{error}: {call:?}"))
}

/// All runs of the journal, the newest first: name and status.
fn runs(place: &Place) -> Vec<(String, String)> {
    let listed = place.run(&["runs", "--json"]).expect(0).json();
    let runs = listed["runs"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    runs.iter().map(|run| (text(&run["name"]), text(&run["status"]))).collect()
}

fn named(name: &str, status: &str) -> (String, String) {
    (name.to_owned(), status.to_owned())
}

#[test]
fn who_leads_starts_a_run_monitors_it_and_reviews_what_came_of_it() {
    let place = place("{}");
    let servers = servers(&place, by_the_book("tea"), work("2s"), &TOOLS);
    let result = run(&place, &servers, &[], 0);
    assert_eq!(result["outputs"]["said"], "All is written");
    let calls = calls(&result);
    let tools: Vec<&str> = calls.iter().map(|call| call.0.as_str()).collect();
    assert_eq!(tools, [START, MONITOR, REVIEW], "{calls:?}");
    assert!(calls.iter().all(|call| !call.1), "{calls:?}");
    let (started, seen, reviewed) = (given(&calls[0]), given(&calls[1]), given(&calls[2]));
    let nested = started["run"].as_str().expect("a run");
    assert_eq!(started["status"], "running");
    assert_eq!(started["waves"][1], json!({ "name": "second", "tasks": 1 }));
    // How far it has come when it is looked at is chance; that something has happened is not.
    assert_eq!(seen["run"], started["run"]);
    assert_eq!(seen["happened"][0], "the wave `first` has ended");
    assert_eq!(
        (&reviewed["status"], &reviewed["outputs"]["text"]),
        (&json!("succeeded"), &json!("A fine text"))
    );
    assert_eq!(reviewed["figures"]["succeeded"], 2);

    // It is a run as any other, and both know of each other.
    let parent = result["run"].as_str().expect("a run");
    assert_eq!(result["nested_runs"], json!([{ "run": nested, "task": "decide" }]));
    let shown = place.run(&["show", nested, "--json"]).expect(0).json();
    assert_eq!(shown["outputs"]["text"], "A fine text");
    assert_eq!(shown["parent"], json!({ "run": parent, "task": "decide", "depth": 1 }));
    let text = place.run(&["show", parent]).expect(0).out;
    assert!(text.contains(nested), "{text}");
    let text = place.run(&["show", nested]).expect(0).out;
    assert!(text.contains(parent), "{text}");
    assert_eq!(runs(&place), [named("writing", "succeeded"), named("lead", "succeeded")]);
    place.run(&["journal", "check"]).expect(0);
}

#[test]
fn who_starts_runs_without_end_is_stopped_and_that_is_on_record() {
    let place = place("{ runs: 2 }");
    let head = vec![
        says("set in stone", "Enough"),
        says("no run was started", "Enough"),
        says("", ["one", "two", "three", "four"].map(start).concat()),
    ];
    let servers = servers(&place, head, work("1ms"), &TOOLS);
    let result = run(&place, &servers, &[], 0);
    let calls = calls(&result);
    let failed: Vec<bool> = calls.iter().map(|call| call.1).collect();
    assert_eq!(failed, [false, false, true, true], "{calls:?}");
    assert!(calls[2].2.contains("the limit of 2 runs is reached"), "{calls:?}");
    assert_eq!(
        result["refused_runs"],
        json!([{ "task": "decide", "limit": "the limit of 2 runs is reached", "count": 2 }])
    );
    let run = result["run"].as_str().expect("a run");
    let text = place.run(&["show", run]).expect(0).out;
    assert!(text.contains("2 runs refused: the limit of 2 runs is reached"), "{text}");
    assert_eq!(runs(&place).len(), 3);
    // The answer was too early: both were waited for.
    assert!(runs(&place).iter().all(|run| run.1 == "succeeded"));
}

#[test]
fn a_run_that_was_started_starts_none_unless_the_depth_allows_it() {
    let check = |depth: u32, statuses: &[(&str, &str)], refused: bool| {
        let place = place(&format!("{{ depth: {depth} }}"));
        // The head starts the pattern that it leads itself, and so does the head of that.
        let recurse = call(START, &json!({ "pattern": "lead", "inputs": {} }));
        place.write(
            "patterns/lead.yaml",
            &lead(
                &format!("{{ depth: {depth} }}"),
                "inputs: { level: { type: integer, default: 0 } }\n",
            ),
        );
        let head = vec![
            says("no run was started", "Enough"),
            says("was not taken", "Enough"),
            says("\"expected_seconds\"", "Too early"),
            says("", recurse),
        ];
        let servers = servers(&place, head, work("1ms"), &TOOLS);
        let result = run(&place, &servers, &[], 0);
        let expected: Vec<_> = statuses.iter().map(|(name, status)| named(name, status)).collect();
        assert_eq!(runs(&place), expected);
        assert_eq!(result["refused_runs"].is_array(), refused, "{result}");
        let deepest = place.run(&["runs", "--json"]).expect(0).json()["runs"][0]["run"].clone();
        let shown = place.run(&["show", deepest.as_str().expect("a run")]).expect(0).out;
        assert!(shown.contains("1 run refused: the limit of depth"), "{shown}");
    };
    check(1, &[("lead", "succeeded"), ("lead", "succeeded")], false);
    check(2, &[("lead", "succeeded"), ("lead", "succeeded"), ("lead", "succeeded")], false);
}

#[test]
fn all_runs_together_spend_no_more_than_their_budget() {
    let place = place("{ budget: { calls: 3 } }");
    let head = vec![
        // The third is refused while the second has what is left, and the second pauses at its budget.
        says("nothing is left of the budget", "Enough"),
        says("\"figures\"", start("two") + &start("three")),
        says("\"expected_seconds\"", call(REVIEW, &json!({}))),
        says("", start("one")),
    ];
    let servers = servers(&place, head, work("1ms"), &TOOLS);
    let result = run(&place, &servers, &[], 0);
    let refused = &result["refused_runs"][0];
    assert_eq!(refused["limit"], "nothing is left of the budget for nested runs (calls)");
    assert_eq!(
        runs(&place),
        [
            named("writing", "interrupted"),
            named("writing", "succeeded"),
            named("lead", "succeeded")
        ]
    );
    let asked =
        servers.requests().into_iter().filter(|(task, _)| task == "draft" || task == "polish");
    assert_eq!(asked.count(), 3);
}

#[test]
fn an_answer_before_the_end_is_not_taken() {
    let place = place("{}");
    let head = vec![
        says("was not taken", "Now it is"),
        says("\"expected_seconds\"", "It is"),
        says("", start("tea")),
    ];
    let servers = servers(&place, head, work("2s"), &TOOLS);
    let result = run(&place, &servers, &[], 0);
    assert_eq!(result["outputs"]["said"], "Now it is");
    assert_eq!(runs(&place), [named("writing", "succeeded"), named("lead", "succeeded")]);
}

#[test]
fn a_gate_in_a_nested_run_is_told_and_nobody_waits_for_it() {
    let place = place("{}");
    let head = vec![
        says("partita approve", "A person must decide"),
        says("\"expected_seconds\"", call(REVIEW, &json!({}))),
        says("", call(START, &json!({ "pattern": "gated" }))),
    ];
    let servers = servers(&place, head, work("1ms"), &TOOLS);
    let result = run(&place, &servers, &[], 0);
    assert_eq!(result["outputs"]["said"], "A person must decide");
    let calls = calls(&result);
    let reviewed = given(&calls[1]);
    assert_eq!(
        (&reviewed["status"], &reviewed["paused"]),
        (&json!("waiting"), &json!("a person must decide"))
    );
    assert_eq!(reviewed["waiting"][0]["ask"], "Good? A draft");
    assert_eq!(reviewed["waiting"][0]["options"], json!(["yes_it_is", "no_it_is_not"]));
    let nested = reviewed["run"].as_str().expect("a run");
    place.run(&["approve", nested, "yes_it_is"]).expect(0);
    assert_eq!(runs(&place), [named("gated", "succeeded"), named("lead", "succeeded")]);
}

#[test]
fn what_cannot_be_started_comes_back_as_a_result() {
    let check = |arguments: Value, part: &str| {
        let place = place("{}");
        let head = vec![
            json!({ "match": { "task": "decide" }, "text": "So be it", "tool_calls": { START: arguments } }),
        ];
        let servers = servers(&place, head, work("1ms"), &TOOLS);
        let result = run(&place, &servers, &[], 0);
        let calls = calls(&result);
        assert!(calls[0].1 && calls[0].2.contains(part), "{calls:?}");
        assert_eq!(runs(&place).len(), 1);
        assert!(result["refused_runs"].is_null(), "no limit is reached");
    };
    check(json!({ "pattern": "writin" }), "did you mean `writing`");
    check(json!({ "pattern": "writing" }), "missing input `topic`");
    check(json!({ "pattern": "writing", "inputs": { "topc": "x" } }), "did you mean `topic`?");
    check(json!({ "pattern": "patterns/writing.yaml" }), "is no name of a pattern");
    check(json!({ "pattern": 7 }), "`pattern` must be a text");
}

#[test]
fn needs_are_analysed_and_a_project_is_created_once() {
    let place = place("{}");
    let project =
        json!({ "name": "shop", "objective": "Open the shop", "tasks": ["Find a place"] });
    let all = [
        call(
            "analyze_orchestration_needs",
            &json!({ "request": "Review a pull request in three dimensions" }),
        ),
        call("create_project", &project),
        call("create_project", &project),
    ];
    let head = vec![says("\"objective\":\"OBJ", "All is set"), says("", all.concat())];
    let servers = servers(&place, head, work("1ms"), &TOOLS);
    let result = run(&place, &servers, &[], 0);
    let calls = calls(&result);
    let (advice, first, again) = (given(&calls[0]), given(&calls[1]), given(&calls[2]));
    assert!(advice["approach"].is_string() && advice["questions"].is_object(), "{advice}");
    assert_eq!((&first["context"], &again["context"]), (&json!("begun"), &json!("was open")));
    assert_eq!((&first["objective"], &first["tasks"]), (&again["objective"], &again["tasks"]));
    let status = place.run(&["context", "status"]).expect(0).out;
    assert!(status.contains("Open the shop") && status.contains("Find a place"), "{status}");
}

#[test]
fn runs_inside_a_run_belong_to_its_context() {
    let place = place("{}");
    place.run(&["context", "new", "--project", "shop"]).expect(0);
    let servers = servers(&place, by_the_book("tea"), work("1ms"), &TOOLS);
    run(&place, &servers, &[], 0);
    let status = place.run(&["context", "status", "--json"]).expect(0).out;
    assert!(status.contains("writing") && status.contains("lead"), "{status}");
}

#[test]
fn a_rehearsal_starts_nothing() {
    let place = place("{}");
    let result = place.run(&["run", "lead", "--simulate", "--json"]).expect(0).json();
    let calls = calls(&result);
    assert!(calls.iter().all(|call| call.2.starts_with("[simulated: ")), "{calls:?}");
    assert_eq!((calls.is_empty(), runs(&place).len()), (false, 1));
}

#[test]
fn a_model_that_calls_no_tools_is_asked_without_them() {
    let place = place("{}");
    let head = vec![says("", "I decide")];
    let servers = servers(&place, head, work("1ms"), &["completion"]);
    let result = run(&place, &servers, &[], 0);
    assert_eq!((&result["outputs"]["said"], &calls(&result).len()), (&json!("I decide"), &0));
    let run = result["run"].as_str().expect("a run");
    let facts = place.run(&["show", run, "--facts"]).expect(0).out;
    assert!(facts.contains("the model calls no tools, and is offered none"), "{facts}");
}

#[test]
fn all_who_lead_are_offered_the_five_and_nobody_else() {
    let offered = |limits: &str| -> Vec<String> {
        let text = format!(
            "pattern: {{ name: p }}\nteam:\n  name: t\n{limits}  agents:\n    - {{ role: Boss, layer: manager }}\n    - {{ \
             role: Cora, layer: coordinator, reports_to: boss }}\n    - {{ role: Lea, layer: lead, domain: d, reports_to: \
             cora }}\n    - {{ role: Con, layer: contributor, domain: d, reports_to: lea }}\ntasks:\n  a: {{ agent: boss, \
             prompt: x }}\n  b: {{ agent: cora, prompt: x }}\n  c: {{ agent: lea, prompt: x }}\n  d: {{ agent: con, \
             prompt: x }}\n"
        );
        let plan = plan(&[("p.yaml", &text)]);
        let offered = plan.toolboxes().filter(|(_, toolbox)| toolbox.orchestration.is_some());
        offered.map(|(task, _)| task.path.clone()).collect()
    };
    assert_eq!(offered("  orchestration: {}\n"), ["a", "b"]);
    assert!(offered("").is_empty());
}

/// A run of `lead` under way, whose nested run has begun.
fn under_way(place: &Place, servers: &Servers, drafts: usize) -> Child {
    let mut arguments = vec!["run", "lead", "--json"];
    arguments.extend(servers.options());
    let child = place.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.expect("the binary starts");
    until("the run waits for the nested one", || hung(servers) >= drafts && waits(place));
    child
}

/// What the parent is waiting for when it is cut off: the head is told to review at once.
fn reviewing() -> Vec<Value> {
    vec![
        says("\"figures\"", "All is written"),
        says("\"expected_seconds\"", call(REVIEW, &json!({}))),
        says("", start("tea")),
    ]
}

/// So many drafts were asked for at a server that does not answer.
fn hung(servers: &Servers) -> usize {
    servers.requests().iter().filter(|(task, _)| task == "draft").count()
}

/// Whether the parent waits for the nested run, which works.
fn waits(place: &Place) -> bool {
    let is_there = runs(place).iter().any(|run| run == &named("writing", "running"));
    is_there && {
        let facts = place.run(&["show", &newest_parent(place), "--facts", "--json"]);
        facts.out.contains("runs_awaited")
    }
}

fn newest_parent(place: &Place) -> String {
    let runs = place.run(&["runs", "--json"]).expect(0).json();
    let runs = runs["runs"].as_array().cloned().unwrap_or_default();
    let parent = runs.iter().find(|run| run["name"] == "lead").expect("a run");
    parent["run"].as_str().expect("an id").to_owned()
}

#[test]
fn a_killed_run_that_waits_takes_its_nested_run_up_again() {
    let place = place("{}");
    let servers = hanging(&place, reviewing(), work("1ms"), (&TOOLS, 1));
    let child = under_way(&place, &servers, 1);
    signal(&child, "-KILL");
    wait(child);
    // Of the two, the one that has started the other is meant.
    let resumed = place.run(&["resume", "--json"]).expect(0).json();
    assert_eq!(resumed["outputs"]["said"], "All is written");
    assert_eq!(runs(&place), [named("writing", "succeeded"), named("lead", "succeeded")]);
    let calls = calls(&resumed);
    let started = calls.iter().filter(|call| call.0 == START).count();
    assert_eq!(started, 1, "the talk went on: {calls:?}");
    place.run(&["journal", "check"]).expect(0);
}

#[test]
fn who_looks_again_and_again_is_stopped_by_the_number_of_turns() {
    let place = place("{}");
    let head =
        vec![says("\"expected_seconds\"", call(MONITOR, &json!({}))), says("", start("tea"))];
    let servers = servers(&place, head, work("1ms"), &TOOLS);
    let result = run(&place, &servers, &[], 1);
    assert_eq!(result["failure"]["class"], "tool_turns");
    assert_eq!(calls(&result).len(), 8);
    assert_eq!(runs(&place), [named("writing", "succeeded"), named("lead", "failed")]);
}

#[test]
fn a_stored_run_is_cancelled_with_those_that_it_has_started() {
    let place = place("{}");
    let servers = hanging(&place, reviewing(), work("1ms"), (&TOOLS, 1));
    let child = under_way(&place, &servers, 1);
    signal(&child, "-INT");
    wait(child).expect(130);
    place.run(&["cancel", &newest_parent(&place)]).expect(0);
    assert_eq!(runs(&place), [named("writing", "cancelled"), named("lead", "cancelled")]);
}

#[test]
fn an_interrupted_run_interrupts_its_nested_run_and_a_cancelled_one_cancels_it() {
    let place = place("{}");
    let servers = hanging(&place, reviewing(), work("1ms"), (&TOOLS, 2));
    let child = under_way(&place, &servers, 1);
    signal(&child, "-INT");
    wait(child).expect(130);
    assert_eq!(runs(&place), [named("writing", "interrupted"), named("lead", "interrupted")]);

    let child = {
        let parent = newest_parent(&place);
        let child = place.command(&["resume", &parent, "--json"]).stdout(Stdio::piped()).spawn();
        child.expect("the binary starts")
    };
    until("both work", || runs(&place) == [named("writing", "running"), named("lead", "running")]);
    place.run(&["cancel", &newest_parent(&place)]).expect(0);
    wait(child);
    assert_eq!(runs(&place), [named("writing", "cancelled"), named("lead", "cancelled")]);
}
