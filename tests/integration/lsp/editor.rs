//! A small editor: it starts the binary as editors do and speaks with it over its streams.

use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use partita::interface::lsp::{Frame, read_frame, write_frame};
use serde_json::{Value, json};

use crate::binary::Place;

/// A server that says nothing for so long hangs, however slow the machine is.
const PATIENCE: Duration = Duration::from_secs(120);

/// An editor with a project open.
pub(super) struct Editor {
    pub(super) place: Place,
    server: Child,
    input: Option<ChildStdin>,
    output: Receiver<Frame>,
    requests: u64,
    /// What the server said without being asked, and nobody has looked at yet.
    notifications: Vec<Value>,
}

impl Editor {
    /// Starts the server without a word.
    pub(super) fn start(files: &[(&str, &str)]) -> Editor {
        Editor::start_with(files, &[])
    }

    /// Starts the server with options.
    fn start_with(files: &[(&str, &str)], options: &[&str]) -> Editor {
        let place = Place::new();
        for (name, text) in files {
            place.write(name, text);
        }
        let mut command = place.command(&["lsp"]);
        command.args(options);
        command.env("XDG_CACHE_HOME", place.path("cache"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = command.spawn().expect("the server starts");
        let input = server.stdin.take();
        let mut stream = BufReader::new(server.stdout.take().expect("a pipe"));
        let (sender, output) = mpsc::channel();
        std::thread::spawn(move || {
            while let Some(frame) = read_frame(&mut stream).expect("the stream can be read") {
                if sender.send(frame).is_err() {
                    return;
                }
            }
        });
        Editor { place, server, input, output, requests: 0, notifications: Vec::new() }
    }

    /// Starts the server and opens the folder.
    pub(super) fn open_folder(files: &[(&str, &str)]) -> Editor {
        Editor::open_folder_with(files, &[])
    }

    /// Starts the server with options and opens the folder.
    pub(super) fn open_folder_with(files: &[(&str, &str)], options: &[&str]) -> Editor {
        let mut editor = Editor::start_with(files, options);
        let folder = editor.uri("");
        let params = json!({
            "processId": null,
            "workspaceFolders": [{ "uri": folder.trim_end_matches('/'), "name": "project" }],
            "capabilities": {
                "general": { "positionEncodings": ["utf-16"] },
                "workspace": { "workspaceEdit": { "documentChanges": true } },
                "textDocument": {
                    "completion": { "completionItem": { "snippetSupport": true } },
                    "documentSymbol": { "hierarchicalDocumentSymbolSupport": true },
                    "publishDiagnostics": { "relatedInformation": true },
                },
            },
        });
        editor.ask("initialize", &params);
        editor.tell("initialized", &json!({}));
        editor
    }

    /// The address of a file of the project.
    pub(super) fn uri(&self, name: &str) -> String {
        format!("file://{}", self.path(name).display())
    }

    /// The path of a file of the project.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.place.path(name)
    }

    /// The text of a file on disk.
    pub(super) fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a file")
    }

    /// Opens a file with the text on disk.
    pub(super) fn open(&mut self, name: &str) {
        let document = json!({
            "uri": self.uri(name), "languageId": "yaml", "version": 1, "text": self.text(name),
        });
        self.tell("textDocument/didOpen", &json!({ "textDocument": document }));
    }

    /// Replaces the text of an open file.
    pub(super) fn change(&mut self, name: &str, version: i32, text: &str) {
        let document = json!({ "uri": self.uri(name), "version": version });
        let changes = json!([{ "text": text }]);
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.tell("textDocument/didChange", &params);
    }

    /// Sends bytes as they are.
    pub(super) fn send_bytes(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("an open stream");
        input.write_all(bytes).and_then(|()| input.flush()).expect("the server listens");
    }

    /// Sends a message.
    pub(super) fn send(&mut self, message: &Value) {
        write_frame(self.input.as_mut().expect("an open stream"), message).expect("it listens");
    }

    /// Says something that wants no answer.
    pub(super) fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Asks something without waiting for the answer; gives the request's id.
    pub(super) fn begin(&mut self, method: &str, params: &Value) -> u64 {
        self.requests += 1;
        let id = self.requests;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// Asks something and gives the whole answer.
    pub(super) fn answer(&mut self, method: &str, params: &Value) -> Value {
        let id = self.begin(method, params);
        loop {
            let message = self.receive().expect("an answer");
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
            self.notifications.push(message);
        }
    }

    /// Asks something and gives the result.
    pub(super) fn ask(&mut self, method: &str, params: &Value) -> Value {
        let mut answer = self.answer(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].take()
    }

    /// The next message; none when the server is gone.
    pub(super) fn receive(&mut self) -> Option<Value> {
        match self.output.recv_timeout(PATIENCE) {
            Ok(Frame::Json(value)) => Some(value),
            Ok(Frame::Malformed(reason)) => panic!("the server wrote no message: {reason}"),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("the server says nothing any more"),
        }
    }

    /// The findings of a version of a file, when they arrive.
    pub(super) fn findings(&mut self, name: &str, version: Option<i32>) -> Vec<Value> {
        let uri = self.uri(name);
        let is_it = |message: &Value| {
            message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == uri.as_str()
                && message["params"].get("version").and_then(Value::as_i64)
                    == version.map(i64::from)
        };
        loop {
            if let Some(place) = self.notifications.iter().position(is_it) {
                let message = self.notifications.remove(place);
                return message["params"]["diagnostics"].as_array().expect("a list").clone();
            }
            let message = self.receive().expect("findings");
            self.notifications.push(message);
        }
    }

    /// A place in a file: that of the `│` in a text which the file holds without it.
    pub(super) fn at(&self, name: &str, text: &str, marked: &str) -> Value {
        let letters = marked.find('│').expect("a cursor");
        let start = text.find(&marked.replace('│', "")).expect("the marked text") + letters;
        let line = text[..start].matches('\n').count();
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let units = text[line_start..start].encode_utf16().count();
        json!({
            "textDocument": { "uri": self.uri(name) },
            "position": { "line": line, "character": units },
        })
    }

    /// Ends the conversation as it should be; gives the exit code.
    pub(super) fn close(mut self) -> Option<i32> {
        self.ask("shutdown", &Value::Null);
        self.tell("exit", &Value::Null);
        self.wait()
    }

    /// Lets go of the server's input; gives the exit code.
    pub(super) fn hang_up(mut self) -> Option<i32> {
        self.input = None;
        self.wait()
    }

    fn wait(&mut self) -> Option<i32> {
        self.server.wait().expect("an end").code()
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Makes the edits of a `WorkspaceEdit` in the files.
pub(super) fn apply(edit: &Value) {
    for change in edit["documentChanges"].as_array().expect("changes") {
        let uri = change["textDocument"]["uri"].as_str().expect("an address");
        let path = Path::new(uri.strip_prefix("file://").expect("a file"));
        let mut text = std::fs::read_to_string(path).expect("a file");
        let mut edits = change["edits"].as_array().expect("edits").clone();
        let start = |edit: &Value, end: &str| {
            let at = |key: &str| edit["range"][end][key].as_u64().expect("a number") as usize;
            (at("line"), at("character"))
        };
        edits.sort_by_key(|edit| std::cmp::Reverse(start(edit, "start")));
        for edit in edits {
            let range = offset(&text, start(&edit, "start"))..offset(&text, start(&edit, "end"));
            text.replace_range(range, edit["newText"].as_str().expect("a text"));
        }
        std::fs::write(path, text).expect("a file");
    }
}

fn offset(text: &str, (line, units): (usize, usize)) -> usize {
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let mut left = units;
    let rest = text[start..].char_indices().find(|(_, character)| {
        let is_there = left == 0;
        left = left.saturating_sub(character.len_utf16());
        is_there
    });
    rest.map_or(text.len(), |(at, _)| start + at)
}
