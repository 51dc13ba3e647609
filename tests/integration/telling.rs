//! What users are told when servers fail, through the real binary and real HTTP: a case for each
//! way in which Ollama fails that simulated servers can follow.

use serde_json::{Value, json};

use crate::binary::{Place, Servers};

/// A way to fail, and what is told of it.
struct Case {
    /// The fault, and how often it is met.
    fault: Value,
    times: u32,
    /// What the task has beside its agent and prompt.
    task: &'static str,
    /// The class that the failed attempts have.
    class: &'static str,
    /// How the line of the failed attempt begins.
    follows: &'static str,
    /// Parts of what is told.
    told: &'static [&'static str],
}

const CLOCKS: &str = "timeout: { total: 5s, load: 300ms, first_token: 300ms, silence: 300ms }";
const TYPED: &str = "output: { n: integer }";

fn case(
    fault: Value,
    class: &'static str,
    follows: &'static str,
    told: &'static [&'static str],
) -> Case {
    Case { fault, times: 1, task: "retry: { backoff: 10ms }", class, follows, told }
}

fn status(status: u16, message: &str) -> Value {
    json!({ "kind": "status", "status": status, "message": message })
}

fn broken(kind: &str) -> Value {
    json!({ "kind": kind, "after_tokens": 1 })
}

fn plain(kind: &str) -> Value {
    json!({ "kind": kind })
}

/// A run of a pattern of one task on two servers; its end as JSON, and what was told meanwhile.
fn run(simulation: &Value, task: &str, prompt: &str, code: i32) -> (Value, String) {
    let place = Place::new();
    place.write("simulation.json", &json!({ "simulation": simulation }).to_string());
    place.write(
        "patterns/small.yaml",
        &format!(
            "pattern: {{ name: small }}\nteam: {{ name: t, agents: [{{ role: A }}] }}\ntasks:\n  \
             work: {{ agent: a, prompt: '{prompt}', {task} }}\n"
        ),
    );
    let arguments = ["run", "small", "--simulate", "--simulation", "simulation.json", "--json"];
    let ran = place.run(&arguments).expect(code);
    (ran.json(), ran.err)
}

fn simulation(faults: Value) -> Value {
    json!({
        "time_scale": 0.001,
        "servers": [{ "name": "one" }, { "name": "two" }],
        "models": [{ "name": "llama3.1:8b", "size_gigabytes": 0.1 }],
        "answers": [{ "match": { "contains": "JSON Schema" }, "json": { "n": 1 } }, { "text": "fine" }],
        "faults": faults,
    })
}

fn check(case: &Case) {
    let Case { fault, times, task, class, follows, told } = case;
    let ends = *follows == "failed";
    let faults = json!([{ "times": times, "fault": fault }]);
    let code = i32::from(ends);
    let (result, err) = run(&simulation(faults), task, "x", code);
    let kind = format!("({class})");
    let line = err.lines().find(|line| line.contains(&kind));
    let line = line.unwrap_or_else(|| panic!("{fault}: nothing is told of {class}: {err}"));
    assert!(line.contains(follows), "{fault}: {line}");
    assert!(line.contains("work"), "{fault}: the task is not named: {line}");
    for part in *told {
        assert!(line.contains(part), "{fault}: `{part}` is not told: {line}");
    }
    if ends {
        assert_eq!(result["failure"]["class"], *class, "{fault}");
        let message = result["failure"]["message"].as_str().expect("a message");
        assert!(message.starts_with("task `work`: "), "{message}");
    } else {
        assert_eq!(result["status"], "succeeded", "{fault}: {err}");
        let waits = if *follows == "wait" { *times } else { 0 };
        assert_eq!(result["statistics"]["waits"], waits, "{fault}: {err}");
    }
}

#[test]
fn servers_that_fail_are_left_waited_for_or_asked_again() {
    let busy = "server busy, please try again.  maximum pending requests exceeded";
    let stopped = "model runner has unexpectedly stopped, this may be due to resource limitations";
    for case in [
        case(plain("down"), "connection", "move", &["connection to"]),
        Case {
            task: CLOCKS,
            ..case(plain("silent"), "first_token_timeout", "retry", &["no first token"])
        },
        case(
            plain("overloaded"),
            "overloaded",
            "wait",
            &["takes no more work", "OLLAMA_MAX_QUEUE"],
        ),
        Case { times: 7, ..case(status(503, busy), "overloaded", "wait", &["takes no more work"]) },
        case(status(429, "slow down"), "overloaded", "wait", &["slow down"]),
        Case {
            task: CLOCKS,
            ..case(broken("stall"), "stalled", "retry", &["in mid-answer for 300ms"])
        },
        case(broken("crash"), "crashed", "retry", &["failed in mid-answer"]),
        case(broken("unfinished"), "incomplete", "retry", &["without its end mark"]),
        case(broken("disconnect"), "disconnected", "move", &["broke in mid-answer"]),
        case(plain("load_failure"), "load_failed", "retry", &["process has terminated", "pull"]),
        case(
            status(500, "timed out waiting for llama-server to start - progress 0.00"),
            "load_failed",
            "retry",
            &["OLLAMA_LOAD_TIMEOUT"],
        ),
        case(status(500, stopped), "crashed", "retry", &["needs less memory"]),
        case(status(500, "something else"), "server_error", "retry", &["something else"]),
        case(status(502, "bad gateway"), "server_error", "retry", &["502", "bad gateway"]),
        case(
            status(404, "model 'x' not found"),
            "model_missing",
            "move",
            &["pull the model there"],
        ),
        case(status(401, "unauthorized"), "unauthorized", "move", &["401", "OLLAMA_ORIGINS"]),
        case(status(499, "request canceled"), "cancelled", "move", &["499"]),
        case(plain("garbage"), "garbage", "retry", &["a line that is not its protocol"]),
    ] {
        check(&case);
    }
}

#[test]
fn answers_that_are_none_are_asked_for_otherwise() {
    for case in [
        case(plain("empty"), "empty", "retry", &["the answer is empty"]),
        Case { task: TYPED, ..case(plain("malformed"), "malformed", "retry", &["it begins `{"]) },
        case(plain("tool_call"), "tool_call", "retry", &["the call of a tool, written as text"]),
        Case {
            task: TYPED,
            ..case(broken("cut_by_length"), "cut_by_length", "retry", &["raise `num_predict`"])
        },
    ] {
        check(&case);
    }
}

#[test]
fn what_no_retry_can_help_ends_at_once() {
    for case in [
        case(plain("refused"), "refused", "failed", &["withheld", "content_filter"]),
        case(
            status(500, "option \"num_ctx\" must be of type integer"),
            "bad_request",
            "failed",
            &["must be of type integer"],
        ),
        case(status(400, "unexpected EOF"), "bad_request", "failed", &["unexpected EOF"]),
        case(
            status(400, "\"llama3.1:8b\" does not support thinking"),
            "unsupported",
            "failed",
            &["does not support thinking"],
        ),
        case(
            json!({ "kind": "truncate", "kept_tokens": 1 }),
            "truncated",
            "failed",
            &["read only 1 of about", "raise `num_ctx`, or shorten the prompt"],
        ),
    ] {
        check(&case);
    }
}

#[test]
fn a_malformed_answer_is_asked_for_exactly_once_more() {
    let faults = json!([{ "fault": plain("malformed") }]);
    let (result, err) = run(&simulation(faults), TYPED, "x", 1);
    assert_eq!(result["failure"]["class"], "malformed", "{err}");
    assert_eq!(result["waves"][0]["tasks"][0]["attempts"], 2, "{err}");
}

#[test]
fn a_load_ahead_that_fails_is_not_repeated() {
    let place = Place::new();
    let mut simulation = simulation(json!([
        { "match": { "server": "two" }, "fault": status(429, "too many") },
    ]));
    simulation["models"] = json!([{ "name": "small:1b" }, { "name": "tiny:1b" }]);
    place.write("simulation.json", &json!({ "simulation": simulation }).to_string());
    let task = |name: &str, model: &str, needs: &str| {
        format!(
            "  {name}: {{ agent: a, prompt: x, model: '{model}', retry: {{ backoff: 10ms }}{needs} }}\n"
        )
    };
    let tasks = task("first", "small:1b", "") + &task("then", "tiny:1b", ", needs: [first]");
    place.write(
        "patterns/small.yaml",
        &format!(
            "pattern: {{ name: small }}\nteam: {{ name: t, agents: [{{ role: A }}] }}\ntasks:\n{tasks}"
        ),
    );
    let arguments = ["run", "small", "--simulate", "--simulation", "simulation.json"];
    let err = place.run(&arguments).expect(0).err;
    let loads = err.lines().filter(|line| line.contains("tiny:1b, for tasks to come")).count();
    assert_eq!(loads, 1, "{err}");
}

/// One server whose models have this window where none is asked for.
fn small_window(window: u32) -> Value {
    let mut simulation = simulation(json!([]));
    simulation["servers"] = json!([{ "name": "one", "context_length": window }]);
    simulation
}

#[test]
fn a_prompt_that_does_not_fit_is_refused_or_found_out() {
    let long = "many words ".repeat(1000);
    let told = |simulation: &Value, task: &str, class: &str, parts: &[&str], requests: u64| {
        let (result, err) = run(simulation, task, &long, 1);
        assert_eq!(result["failure"]["class"], class, "{err}");
        for part in parts {
            assert!(err.contains(part), "`{part}` is not told: {err}");
        }
        assert_eq!(result["servers"][0]["requests"], requests, "{err}");
    };
    // Nobody knows the window before the model is loaded: the server cuts the prompt.
    let free = "estimate: 1s";
    let cut =
        ["read only", "cut the rest without a word", "raise `num_ctx`, or shorten the prompt"];
    told(&small_window(512), free, "truncated", &cut, 1);
    // What is asked for is known.
    let asked = "options: { num_ctx: 1024 }";
    let refused = ["does not fit the window of 1024", "raise `num_ctx`"];
    told(&small_window(512), asked, "context_too_long", &refused, 0);
    // More than the model was trained with is not to be had.
    let mut trained = small_window(512);
    trained["models"][0]["context_length"] = 2048.into();
    let asked = "options: { num_ctx: 8192 }";
    let refused = ["llama3.1:8b has a window of 2048", "name a model with a larger window"];
    told(&trained, asked, "context_too_long", &refused, 0);
    // A server with templates of its own refuses by itself.
    let mut native = small_window(512);
    native["models"][0]["template"] = "native".into();
    let refused = ["exceeds the available context size (512 tokens)", "raise `num_ctx`"];
    told(&native, free, "context_too_long", &refused, 1);
}

#[test]
fn a_window_that_others_have_asked_for_says_nothing() {
    let place = Place::new();
    let pattern = |name: &str, prompt: &str, options: &str| {
        let text = format!(
            "pattern: {{ name: {name} }}\nteam: {{ name: t, agents: [{{ role: A }}] }}\ntasks:\n  \
             work: {{ agent: a, prompt: '{prompt}'{options} }}\n"
        );
        place.write(&format!("patterns/{name}.yaml"), &text);
    };
    pattern("narrow", "x", ", options: { num_ctx: 512 }");
    pattern("wide", &"many words ".repeat(700), "");
    let servers =
        Servers::start(&place, "simulation: { time_scale: 0, servers: [{ name: one }] }\n");
    let run = |name: &str| {
        let arguments = ["run", name, "--json", "--server", servers.urls[0].as_str()];
        place.run(&arguments).expect(0)
    };
    run("narrow");
    // The model is loaded with 512 now, and is loaded anew for a call that asks for nothing.
    run("wide");
}

#[test]
fn an_answer_that_was_only_thought_says_so() {
    let mut simulation = simulation(json!([]));
    simulation["models"][0]["capabilities"] = json!(["completion", "thinking"]);
    let (result, err) = run(&simulation, "options: { num_predict: 2 }", "x", 1);
    assert_eq!(result["failure"]["class"], "cut_by_length", "{err}");
    assert_eq!(result["waves"][0]["tasks"][0]["attempts"], 2, "{err}");
    assert!(err.contains("used up its tokens for"), "{err}");
}

#[test]
fn a_text_that_was_cut_is_an_answer_with_a_remark() {
    let faults = json!([{ "fault": { "kind": "cut_by_length", "after_tokens": 1 } }]);
    let (result, err) = run(&simulation(faults), "estimate: 1s", "x", 0);
    assert_eq!(result["waves"][0]["tasks"][0]["cut_by_length"], true);
    assert!(err.contains("cut at its greatest length"), "{err}");
}
