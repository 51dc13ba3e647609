//! The tool that runs programs, through the real binary: off unless the cluster file and the command line
//! both allow it.
#![cfg(unix)]

use std::fs;
use std::process::Stdio;
use std::thread;

use rusqlite::Connection;
use serde_json::{Value, json};

use super::servers;
use crate::binary::{Place, Ran, signal, until, wait};
use crate::crash::newest;

const ALLOWED: &str = "commands: { allow: [sh, cat, pwd], timeout: 10m }";

/// A place with a workspace and a cluster of which nothing but `commands` counts.
fn place(pattern: &str, commands: &str) -> Place {
    let place = Place::new();
    place.write("work/plan.txt", "Launch on Monday\n");
    place.write("patterns/desk.yaml", pattern);
    let server = "http://127.0.0.1:9";
    place.write("cluster.yaml", &format!("cluster:\n  servers: ['{server}']\n  {commands}\n"));
    place
}

/// A pattern whose only task runs a command itself.
fn task_pattern(with: &str, more: &str) -> String {
    format!(
        "pattern: {{ name: desk }}\ntools: {{ workspace: work }}\ntasks:\n  a: {{ tool: run_command, with: {{ \
         {with} }}{more} }}\noutputs: {{ a: '{{{{ tasks.a.output }}}}' }}\n"
    )
}

/// A pattern whose only task asks an agent that has such tools.
fn agent_pattern(tools: &str) -> String {
    format!(
        "pattern: {{ name: desk }}\ntools: {{ workspace: work }}\nteam:\n  name: desk\n  agents: [{{ role: Clerk, \
         tools: {tools} }}]\ntasks:\n  a: {{ agent: clerk, prompt: Do it, timeout: 60s }}\n"
    )
}

fn run(place: &Place, arguments: &[&str]) -> Ran {
    let mut command = place.command(arguments);
    let output = command.env("PATH", "/usr/bin:/bin").env("SECRET", "hidden").output();
    Ran::of(output.expect("the binary starts"))
}

fn only_task(result: &Value) -> &Value {
    &result["waves"][0]["tasks"][0]
}

/// A run in which the command of the only task comes to something.
fn worked(place: &Place, more: &[&str], code: i32) -> Value {
    let arguments = ["run", "desk", "--json", "--allow-commands"];
    let all: Vec<&str> = arguments.iter().chain(more).copied().collect();
    run(place, &all).expect(code).json()
}

#[test]
fn nothing_is_run_unless_the_cluster_file_and_the_command_line_both_allow_it() {
    let agents = "{ allow: [list_files], ask: [run_command] }";
    let task = "program: sh, args: [-c, 'touch done']";
    for pattern in [task_pattern(task, ""), agent_pattern(agents)] {
        let check = |commands: &str, flags: &[&str], parts: &[&str], silent: &str| {
            let place = place(&pattern, commands);
            let servers = servers(&place, json!([{ "text": "fine" }]));
            let mut arguments = vec!["run", "desk", "--cluster", "cluster.yaml"];
            arguments.extend(servers.options());
            arguments.extend(flags);
            let ran = run(&place, &arguments).expect(2);
            for part in parts {
                assert!(ran.err.contains(part), "{part}: {}", ran.err);
            }
            assert!(!ran.err.contains(silent), "{silent}: {}", ran.err);
            assert!(!place.path("work/done").exists());
            assert_eq!(servers.requests(), [], "nobody was asked");
            let runs = place.run(&["runs", "--json"]).expect(0).json();
            assert_eq!(runs["runs"], json!([]));
        };
        let (file, line) = ("commands: { allow: [git] }", "say `--allow-commands`");
        let neither = "`a` uses `run_command`, and neither the cluster file nor the command line";
        check("max_parallel: 4", &[], &[neither, file, line], "no such");
        let flag = ["--allow-commands"];
        check("max_parallel: 4", &flag, &["the cluster file allows no commands", file], line);
        check(ALLOWED, &[], &["the command line allows no commands", line], file);
    }
    let place = place(&task_pattern("program: make", ""), ALLOWED);
    let ran = run(&place, &["run", "desk", "--allow-commands"]).expect(2);
    let told = "`a` runs `make`, and the cluster file allows only cat, pwd, sh";
    assert!(ran.err.contains(told), "{}", ran.err);
}

#[test]
fn a_pipeline_does_not_allow_itself_commands() {
    let place = place(&task_pattern("program: pwd", ""), ALLOWED);
    let pipeline = format!(
        "pipeline: {{ name: all }}\ncluster: {{ servers: ['http://127.0.0.1:9'], {ALLOWED} }}\ntasks: {{ a: {{ \
         uses: desk }} }}\n"
    );
    place.write("pipelines/all.yaml", &pipeline);
    let found = place.run(&["validate", "pipelines/all.yaml"]).expect(1).out;
    assert!(found.contains("a pipeline does not say itself which programs it may run"), "{found}");
}

#[test]
fn a_task_runs_a_program_in_the_workspace() {
    let place = place(&task_pattern("program: cat, args: [plan.txt]", ""), ALLOWED);
    let result = worked(&place, &[], 0);
    assert_eq!(result["outputs"]["a"], "Launch on Monday");
    let call = &only_task(&result)["tools"][0];
    assert_eq!(
        (&call["tool"], &call["written_as"], &call["arguments"]),
        (&json!("run_command"), &json!("task"), &json!({ "program": "cat", "args": ["plan.txt"] }))
    );
    let shown = place.run(&["show", &newest(&place), "--json"]).expect(0).json();
    assert_eq!(shown["waves"], result["waves"]);

    let typed = ", output: { exit_code: integer, stdout: string, stderr: string }";
    place.write("patterns/desk.yaml", &task_pattern("program: pwd", typed));
    let result = worked(&place, &[], 0);
    let folder = place.path("work").canonicalize().expect("a folder");
    assert_eq!(result["outputs"]["a"]["stdout"], format!("{}\n", folder.display()));

    let secret = "program: sh, args: [-c, 'echo \"[$SECRET$PARTITA_JOURNAL]\"']";
    place.write("patterns/desk.yaml", &task_pattern(secret, ""));
    assert_eq!(worked(&place, &[], 0)["outputs"]["a"], "[]");

    let stdin = "program: cat, stdin: '{{ 6 * 7 }} is it'";
    place.write("patterns/desk.yaml", &task_pattern(stdin, ""));
    assert_eq!(worked(&place, &[], 0)["outputs"]["a"], "42 is it");
}

#[test]
fn a_program_that_fails_fails_its_task() {
    let check = |with: &str, more: &str, class: &str, part: &str, attempts: u64| {
        let place = place(&task_pattern(with, more), ALLOWED);
        let result = worked(&place, &[], 1);
        let task = only_task(&result);
        let message = task["failure"]["message"].as_str().expect("a text");
        assert!(task["failure"]["class"] == class && message.contains(part), "{task}");
        assert_eq!(task["attempts"], attempts, "{task}");
    };
    let failing = "program: sh, args: [-c, 'echo trouble >&2; exit 7']";
    let told = "`run_command` failed: `sh` ended with exit code 7; it said: trouble";
    check(failing, "", "tool_failed", told, 1);
    check(failing, ", retry: { max_attempts: 2, backoff: 10ms }", "tool_failed", told, 2);
    check("program: '{{ \"r\" ~ \"m\" }}'", "", "tool_failed", "`rm` may not be run", 1);
    let slow = "program: sh, args: [-c, 'sleep 1000']";
    check(slow, ", timeout: 1s", "tool_lost", "whether it", 1);
}

#[test]
fn an_agent_runs_a_program_and_reads_what_it_says() {
    let check = |tools: &str, more: &[&str]| {
        let place = place(&agent_pattern(tools), ALLOWED);
        let arguments = json!({ "program": "sh", "args": ["-c", "ls; echo trouble >&2; exit 3"] });
        let calls = json!([{ "tool_calls": { "run_command": arguments }, "text": "Done" }]);
        let servers = servers(&place, calls);
        let options = servers.options();
        let mut all = vec!["--cluster", "cluster.yaml"];
        all.extend(options);
        all.extend(more);
        let result = worked(&place, &all, 0);
        let tool = &only_task(&result)["tools"][0];
        let told = "exit code 3\nstdout:\nplan.txt\nstderr:\ntrouble";
        assert_eq!((&tool["result"], &tool["failed"]), (&json!(told), &json!(false)));
        assert_eq!(only_task(&result)["output"], "Done");
    };
    check("[run_command]", &[]);
    check("{ ask: [run_command] }", &["--allow-tool", "run_command"]);
}

#[test]
fn a_person_is_asked_before_an_agent_runs_a_program() {
    let place = place(&agent_pattern("{ ask: [run_command] }"), ALLOWED);
    let arguments = json!({ "program": "sh", "args": ["-c", "echo ran > ran; echo well"] });
    let calls = json!([{ "tool_calls": { "run_command": arguments }, "text": "Done" }]);
    let servers = servers(&place, calls);
    let mut all = vec!["--cluster", "cluster.yaml"];
    all.extend(servers.options());
    let paused = worked(&place, &all, 4);
    let waiting = &paused["waiting"][0];
    assert_eq!((&waiting["tool"], &waiting["arguments"]), (&json!("run_command"), &arguments));
    assert!(!place.path("work/ran").exists());
    let id = paused["run"].as_str().expect("an id");
    // Who said so for the first process has not said so for the next.
    let refused = run(&place, &["resume", id]).expect(2).err;
    assert!(refused.contains("the command line allows no commands"), "{refused}");
    let done =
        run(&place, &["approve", id, "allow", "--allow-commands", "--json"]).expect(0).json();
    let told = "exit code 0\nstdout:\nwell";
    assert_eq!(only_task(&done)["tools"][0]["result"], told);
    assert!(place.path("work/ran").exists());
}

#[test]
fn a_rehearsal_runs_nothing_and_needs_no_leave() {
    let touch = "program: sh, args: [-c, 'touch done']";
    for pattern in [task_pattern(touch, ""), agent_pattern("[run_command]")] {
        let place = place(&pattern, "max_parallel: 4");
        let result = place.run(&["run", "desk", "--simulate", "--json"]).expect(0).json();
        assert_eq!(result["simulated"], true);
        let told = only_task(&result)["tools"][0]["result"].as_str().expect("a text");
        assert!(told.contains("simulated") && told.contains("not used"), "{told}");
        assert!(!place.path("work/done").exists());
    }
}

#[test]
fn a_command_that_was_broken_off_is_stopped_and_not_repeated_unless_it_may_be() {
    let check = |name: &str, leaves_at_once: bool, more: &str, code: i32, begun: usize| {
        let script = "echo x >> begun; if [ -e free ]; then echo free; else exec 3> pipe; \
                      sleep 1000 & wait; fi";
        let pattern = task_pattern(&format!("program: sh, args: [-c, '{script}']"), more);
        let place = place(&pattern, ALLOWED);
        let pipe = place.path("work/pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("mkfifo").success());
        let gone = thread::spawn(move || fs::read(pipe).expect("nobody holds the pipe any more"));
        let mut child = place
            .command(&["run", "desk", "--json", "--allow-commands"])
            .env("PATH", "/usr/bin:/bin")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let lines = || {
            let text = fs::read_to_string(place.path("work/begun")).unwrap_or_default();
            text.lines().count()
        };
        until("the program runs", || lines() == 1);
        // Who leaves at once does not wait for a run that cannot stop cleanly.
        let locked = leaves_at_once.then(|| {
            let journal = Connection::open(place.path("journal/journal.db")).expect("a journal");
            journal.execute_batch("BEGIN IMMEDIATE").expect("nobody else writes");
            journal
        });
        signal(&child, name);
        until("it has ended", || {
            if leaves_at_once {
                signal(&child, name);
            }
            child.try_wait().expect("a child").is_some()
        });
        wait(child);
        // An interrupted run takes its programs with it.
        gone.join().expect("it was read to the end");
        drop(locked);
        place.write("work/free", "");
        let id = newest(&place);
        let resumed = run(&place, &["resume", &id, "--allow-commands", "--json"]);
        let resumed = resumed.expect(code).json();
        assert_eq!(lines(), begun, "{resumed}");
        match code {
            0 => assert_eq!(only_task(&resumed)["output"], "free"),
            _ => assert_eq!(only_task(&resumed)["failure"]["class"], "tool_lost"),
        }
    };
    check("-INT", false, "", 1, 1);
    check("-TERM", false, ", effect: idempotent", 0, 2);
    check("-INT", true, "", 1, 1);
}
