//! Real programs, those that every Unix has.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::thread;

use super::*;
use crate::language::document::HumanDuration;

const LONG: Duration = Duration::from_secs(600);

fn commands(timeout: Duration) -> Commands {
    let names = ["sh", "env", "cat", "no-such-program"].map(str::to_owned);
    let environment = [("PATH", "relative:/usr/bin:/bin"), ("LANG", "C"), ("SECRET", "hidden")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Commands {
        settings: CommandSettings { allow: BTreeSet::from(names), timeout: HumanDuration(timeout) },
        variables: passed_on(&BTreeMap::from(environment)),
    }
}

fn shell(script: &str) -> Value {
    json!({ "program": "sh", "args": ["-c", script] })
}

async fn run(arguments: Value, reader: Reader) -> ToolResult {
    let folder = tempfile::tempdir().expect("a folder");
    commands(LONG).run(&arguments, folder.path(), None, reader).await
}

#[tokio::test]
async fn a_model_is_told_everything_and_a_task_has_what_was_said() {
    let result = run(shell("echo out; echo trouble >&2; exit 3"), Reader::Model).await;
    let told = "exit code 3\nstdout:\nout\nstderr:\ntrouble";
    assert_eq!((result.text.as_str(), result.is_failure()), (told, false));
    let result = run(shell("echo out; echo trouble >&2; exit 3"), Reader::Task).await;
    let told = "`sh` ended with exit code 3; it said: trouble";
    assert_eq!((result.text.as_str(), result.ending), (told, ToolEnding::Failed));
    let result = run(shell("echo only out; exit 1"), Reader::Task).await;
    assert_eq!(result.text, "`sh` ended with exit code 1; it said: only out");
    let result = run(shell("exit 0"), Reader::Model).await;
    assert_eq!(result.text, "exit code 0\n(it said nothing)");
    let result = run(shell("echo one; echo two; echo noise >&2"), Reader::Task).await;
    assert_eq!((result.text.as_str(), result.ending), ("one\ntwo", ToolEnding::Given));
    let form = json!({ "exit_code": 0, "stdout": "one\ntwo\n", "stderr": "noise\n" });
    assert_eq!(result.form, Some(form));
    let killed = run(shell("kill -9 $$"), Reader::Task).await;
    let told = "`sh` ended with signal 9";
    assert_eq!((killed.text.as_str(), killed.ending), (told, ToolEnding::Unknown));
}

#[tokio::test]
async fn arguments_and_input_are_passed_as_they_are() {
    let args = json!(["-c", "printf '%s|' \"$@\"", "sh", "a b", "$HOME; *", 3, true]);
    let result = run(json!({ "program": "sh", "args": args }), Reader::Task).await;
    assert_eq!(result.text, "a b|$HOME; *|3|true|");
    let long = "x".repeat(300_000);
    let result = run(json!({ "program": "cat", "stdin": long }), Reader::Task).await;
    assert_eq!(result.text.len(), 300_000);
    let unread =
        run(json!({ "program": "sh", "args": ["-c", "echo done"], "stdin": long }), Reader::Task);
    assert_eq!(unread.await.text, "done");
    assert_eq!(run(json!({ "program": "cat" }), Reader::Task).await.text, "");
}

#[tokio::test]
async fn the_environment_is_empty_but_for_what_hardly_anything_can_do_without() {
    let result = run(json!({ "program": "env" }), Reader::Task).await;
    let mut lines: Vec<&str> = result.text.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["LANG=C", "PATH=relative:/usr/bin:/bin"]);
}

#[tokio::test]
async fn only_what_is_on_the_list_is_run_and_found_on_path() {
    let all = "there are cat, env, no-such-program, sh";
    for (arguments, part) in [
        (json!({ "program": "rm" }), format!("`rm` may not be run; {all}").as_str()),
        (json!({ "program": "/bin/sh" }), "`/bin/sh` is not the bare name of a program"),
        (json!({ "program": "../sh" }), "`../sh` is not the bare name"),
        (json!({ "program": "" }), "`` is not the bare name"),
        (json!({ "program": "sh -c" }), "`sh -c` is not the bare name"),
        (json!({ "program": "no-such-program" }), "there is no program `no-such-program`"),
        (json!({ "program": "sh", "args": [["x"]] }), "which is no text"),
        (json!({ "program": "sh", "args": ["a\0b"] }), "has a NUL"),
        (json!({ "args": [] }), "missing field `program`"),
    ] {
        let result = run(arguments.clone(), Reader::Model).await;
        let fits = result.ending == ToolEnding::Failed && result.text.contains(part);
        assert!(fits, "{arguments}: {}", result.text);
    }
}

#[tokio::test]
async fn a_program_beside_the_work_is_none_of_path() {
    let folder = tempfile::tempdir().expect("a folder");
    let found = |path: &str| find("sh", path).map(|found| found.display().to_string());
    assert_eq!(found(".:relative::/bin"), Some("/bin/sh".to_owned()));
    let file = folder.path().join("sh");
    std::fs::write(&file, "no program").expect("a file");
    let path = format!("{}:/bin", folder.path().display());
    assert_eq!(found(&path), Some("/bin/sh".to_owned()), "what cannot be run is passed over");
    assert_eq!(found(""), None);
}

#[tokio::test]
async fn output_has_a_limit_and_the_program_goes_on() {
    let script = "head -c 5000000 /dev/zero | tr '\\0' x; echo the end; echo trouble >&2; exit 1";
    let result = run(shell(script), Reader::Model).await;
    assert!(result.text.len() < MAX_BYTES + 10_000, "{}", result.text.len());
    assert!(result.text.contains("bytes are left out here]"));
    assert!(result.text.contains("xxthe end\n") && result.text.ends_with("trouble"));
    let result = run(shell("head -c 5000000 /dev/zero | tr '\\0' x"), Reader::Task).await;
    let (told, ending) = (result.text.as_str(), result.ending);
    assert_eq!(ending, ToolEnding::Unusable);
    assert!(told.contains("said about 5 MB; a result may have 4 MB"), "{told}");
}

/// A folder with a pipe that a grandchild holds open for as long as it lives.
struct Watched {
    folder: tempfile::TempDir,
    gone: thread::JoinHandle<()>,
}

impl Watched {
    /// The grandchild says `started` when it holds the pipe.
    const SCRIPT: &str = "sh -c 'exec 3> pipe; echo started; exec sleep 1000' & wait";

    fn new() -> Watched {
        let folder = tempfile::tempdir().expect("a folder");
        let pipe: PathBuf = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("mkfifo").success());
        let gone = thread::spawn(move || {
            std::fs::read(pipe).expect("nobody holds the pipe any more");
        });
        Watched { folder, gone }
    }

    /// Ends when the grandchild has; a test in which it does not would never end.
    fn wait(self) {
        self.gone.join().expect("it was read to the end");
    }
}

#[tokio::test]
async fn what_takes_too_long_is_stopped_with_all_that_it_has_started() {
    let watched = Watched::new();
    let arguments = shell(Watched::SCRIPT);
    // However slow the machine is: until the limit is long enough for the grandchild to start.
    let mut seconds = 1;
    loop {
        let limit = Duration::from_secs(seconds);
        let commands = commands(limit);
        let result = commands.run(&arguments, watched.folder.path(), Some(LONG), Reader::Model);
        let result = result.await;
        assert_eq!(result.ending, ToolEnding::Unknown);
        let told = format!("`sh` was stopped after {seconds} s, with all that it had started");
        assert!(result.text.contains(&told), "{}", result.text);
        if result.text.contains("stdout:\nstarted") {
            break;
        }
        seconds *= 2;
    }
    watched.wait();
    let folder = tempfile::tempdir().expect("a folder");
    let limit = Some(Duration::from_millis(50));
    let result = commands(LONG).run(&shell("sleep 1000"), folder.path(), limit, Reader::Task).await;
    let told = "`sh` was stopped after 0.05 s";
    assert!(result.text.starts_with(told), "the shorter limit holds: {}", result.text);
}

#[tokio::test]
async fn what_is_broken_off_is_stopped_with_all_that_it_has_started() {
    let watched = Watched::new();
    let folder = watched.folder.path().to_path_buf();
    let script = shell("sh -c 'exec 3> pipe; echo > begun; exec sleep 1000' & wait");
    let running =
        tokio::spawn(
            async move { commands(LONG).run(&script, &folder, None, Reader::Model).await },
        );
    let begun = watched.folder.path().join("begun");
    while !begun.exists() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    running.abort();
    assert!(running.await.expect_err("it was broken off").is_cancelled());
    watched.wait();
}

#[tokio::test]
async fn what_a_program_leaves_behind_ends_with_it() {
    let watched = Watched::new();
    let script = "sh -c 'exec 3> pipe; echo > begun; exec sleep 1000' & \
                  while [ ! -e begun ]; do sleep 0.02; done; echo done";
    let result =
        commands(LONG).run(&shell(script), watched.folder.path(), None, Reader::Task).await;
    assert_eq!((result.text.as_str(), result.ending), ("done", ToolEnding::Given));
    watched.wait();
}
