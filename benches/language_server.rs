//! What a letter costs: a document of a thousand lines, typed in and asked about.
//!
//! `cargo bench --bench language_server` prints a table; `-- 5000` takes another number of lines.
//! Figures are also given as ratios to what validating the document costs in the same run.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program that measures, prints, and stops when something fails"
)]

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use partita::interface::app::{Project, validate};
use partita::interface::lsp::{Message, Server, ServerOptions};
use partita::language::document::LintSettings;
use serde_json::{Value, json};

/// How often each thing is asked.
const TIMES: usize = 200;

fn main() {
    let lines = std::env::args().filter_map(|word| word.parse().ok()).next().unwrap_or(1000);
    let folder = tempfile::tempdir().expect("a folder");
    let text = pattern(lines);
    let file = folder.path().join("patterns/long.yaml");
    std::fs::create_dir_all(folder.path().join("patterns")).expect("a folder");
    std::fs::write(&file, &text).expect("a file");

    let project = Project::new(folder.path());
    let validating = sorted((0..TIMES / 4).map(|_| {
        let started = Instant::now();
        let found = validate(&project, &[], &LintSettings::default()).expect("documents");
        assert_eq!(found.files.len(), 1);
        started.elapsed()
    }));
    let check = validating[validating.len() / 2];
    println!("{} lines, each thing {TIMES} times", text.lines().count());
    println!("{:<34} {:>9} {:>9} {:>14}", "", "p50", "p99", "p50 / validate");
    row("partita validate's check", &validating, check);

    let mut typing = Typing::begin(folder.path(), &file, &text);
    for method in ["completion", "hover", "definition", "references", "documentSymbol", "inlayHint"]
    {
        let times = sorted((0..TIMES).map(|turn| typing.ask(method, turn)));
        row(&format!("{method}, after a letter"), &times, check);
    }
    let times = sorted((0..TIMES).map(|turn| typing.rename(turn)));
    row("rename, in the whole document", &times, check);
    let times = sorted((0..TIMES).map(|turn| typing.settle(turn)));
    row("findings, when typing stops", &times, check);
}

fn sorted(times: impl Iterator<Item = Duration>) -> Vec<Duration> {
    let mut times: Vec<Duration> = times.collect();
    times.sort();
    times
}

fn row(name: &str, times: &[Duration], check: Duration) {
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    println!(
        "{name:<34} {:>6.2} ms {:>6.2} ms {:>14.2}",
        milliseconds(at(50)),
        milliseconds(at(99)),
        at(50).as_secs_f64() / check.as_secs_f64()
    );
}

/// A pattern of about so many lines: tasks in a row, each of which reads the one before.
fn pattern(lines: usize) -> String {
    let mut text = String::from(
        "pattern: { name: long, summary: A document of many lines. }\nteam:\n  name: crew\n  \
         agents:\n    - { role: Writer, purpose: Writes }\ninputs:\n  topic: { type: string, \
         description: About what }\ntasks:\n  task_0:\n    agent: writer\n    prompt: x\n    \
         output: { text: string }\n",
    );
    for task in 1..lines / 8 {
        let before = task - 1;
        let _ = write!(
            text,
            "  task_{task}:\n    description: The step with the number {task}\n    agent: writer\n    \
             prompt: |\n      Go on about {{{{ inputs.topic }}}}.\n      {{{{ \
             tasks.task_{before}.output.text }}}}\n      Add one sentence.\n    output: {{ text: \
             string }}\n"
        );
    }
    text
}

/// Somebody who types in the middle of a document.
struct Typing {
    server: Server,
    uri: String,
    version: usize,
    /// The line of a template in the middle.
    line: usize,
}

impl Typing {
    fn begin(folder: &Path, file: &Path, text: &str) -> Typing {
        let mut server = Server::new(ServerOptions::default());
        let folder = json!({ "uri": format!("file://{}", folder.display()), "name": "x" });
        let params = json!({ "processId": null, "workspaceFolders": [folder], "capabilities": {} });
        server.handle(request("initialize", &params));
        let uri = format!("file://{}", file.display());
        let document = json!({ "uri": uri, "languageId": "yaml", "version": 0, "text": text });
        server.handle(notification("textDocument/didOpen", &json!({ "textDocument": document })));
        server.settle();
        let middle = text.lines().count() / 2;
        let is_template =
            |(place, line): &(usize, &str)| *place > middle && line.contains("tasks.");
        let line = text.lines().enumerate().find(is_template).expect("a template").0;
        Typing { server, uri, version: 0, line }
    }

    /// Types a letter at the end of the line, or takes it away again.
    fn letter(&mut self, turn: usize) {
        self.version += 1;
        let text_end = "      {{ tasks.task_000.output.text }}".len();
        let from = json!({ "line": self.line, "character": 99 });
        let range = if turn.is_multiple_of(2) {
            json!({ "start": from, "end": from })
        } else {
            json!({ "start": { "line": self.line, "character": text_end }, "end": from })
        };
        let change =
            json!({ "range": range, "text": if turn.is_multiple_of(2) { "x" } else { "" } });
        let document = json!({ "uri": self.uri, "version": self.version });
        let params = json!({ "textDocument": document, "contentChanges": [change] });
        self.server.handle(notification("textDocument/didChange", &params));
    }

    /// Asks something in the line that has just changed.
    fn ask(&mut self, method: &str, turn: usize) -> Duration {
        self.letter(turn);
        let params = json!({
            "textDocument": { "uri": self.uri },
            "position": { "line": self.line, "character": 17 },
            "context": { "includeDeclaration": true, "triggerKind": 1 },
            "range": { "start": { "line": 0, "character": 0 },
                       "end": { "line": 99_999, "character": 0 } },
        });
        self.timed(&format!("textDocument/{method}"), &params)
    }

    fn rename(&mut self, turn: usize) -> Duration {
        self.letter(turn);
        let params = json!({
            "textDocument": { "uri": self.uri },
            "position": { "line": 8, "character": 4 },
            "newName": "another",
        });
        self.timed("textDocument/rename", &params)
    }

    fn timed(&mut self, method: &str, params: &Value) -> Duration {
        let started = Instant::now();
        let said = self.server.handle(request(method, params));
        let took = started.elapsed();
        assert!(
            said.iter().any(|said| said["result"].is_array() || said["result"].is_object()),
            "{said:?}"
        );
        took
    }

    fn settle(&mut self, turn: usize) -> Duration {
        self.letter(turn);
        let started = Instant::now();
        self.server.settle();
        let took = started.elapsed();
        self.server.take_messages();
        took
    }
}

fn request(method: &str, params: &Value) -> Message {
    Message::of(json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }))
}

fn notification(method: &str, params: &Value) -> Message {
    Message::of(json!({ "jsonrpc": "2.0", "method": method, "params": params }))
}
