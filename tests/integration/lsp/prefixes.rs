//! Whatever part of a document has been typed, the server answers.

use std::path::{Path, PathBuf};

use partita::interface::lsp::{Message, Server, ServerOptions};
use serde_json::{Value, json};

use super::editor::Editor;
use crate::support::{files_below, root};

fn message(method: &str, params: Value) -> Message {
    Message::of(json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }))
}

fn notification(method: &str, params: Value) -> Message {
    Message::of(json!({ "jsonrpc": "2.0", "method": method, "params": params }))
}

fn server() -> Server {
    let mut server = Server::new(ServerOptions::default());
    let params = json!({ "processId": null, "capabilities": {} });
    server.handle(message("initialize", params));
    server
}

/// After how many letters something is asked. `PARTITA_PREFIXES=all` asks after each, which takes
/// minutes.
fn letters_between() -> usize {
    const SOME: usize = 16;
    if std::env::var("PARTITA_PREFIXES").is_ok_and(|which| which == "all") { 1 } else { SOME }
}

/// A text as it grows letter by letter, and what is asked at its end.
fn type_out(server: &mut Server, path: &Path, text: &str, between: usize) {
    let uri = format!("file://{}", path.display());
    let document = json!({ "uri": uri, "languageId": "yaml", "version": 0, "text": "" });
    server.handle(notification("textDocument/didOpen", json!({ "textDocument": document })));
    let (mut line, mut units) = (0, 0);
    for (version, (at, character)) in text.char_indices().enumerate() {
        let here = json!({ "line": line, "character": units });
        let change = json!({ "range": { "start": here, "end": here }, "text": character });
        let document = json!({ "uri": uri, "version": version + 1 });
        let params = json!({ "textDocument": document, "contentChanges": [change] });
        server.handle(notification("textDocument/didChange", params));
        if character == '\n' {
            (line, units) = (line + 1, 0);
        } else {
            units += character.len_utf16();
        }
        // Where it begins differs from text to text.
        if !(version + text.len()).is_multiple_of(between) {
            continue;
        }
        let place = json!({
            "textDocument": { "uri": uri },
            "position": { "line": line, "character": units },
            "context": { "triggerKind": 1 },
        });
        let said = server.handle(message("textDocument/completion", place));
        let is_answer = said.iter().any(|said| said.get("result").is_some());
        assert!(is_answer, "{}: {said:?}", &text[..at]);
        server.settle();
        let said = server.take_messages();
        assert!(
            said.iter().all(|said| said["method"] == "textDocument/publishDiagnostics"),
            "{said:?}"
        );
    }
    let document = json!({ "uri": uri });
    server.handle(notification("textDocument/didClose", json!({ "textDocument": document })));
}

#[test]
fn every_place_of_a_document_can_be_asked_about() {
    let folder = tempfile::tempdir().expect("a folder");
    let uri = format!("file://{}", folder.path().join("asked.yaml").display());
    let mut server = server();
    let crlf = super::LAUNCH.replace('\n', "\r\n");
    for text in [super::LAUNCH, &crlf, include_str!("../../fixtures/ten_mistakes.yaml")] {
        let document = json!({ "uri": uri, "languageId": "partita", "version": 0, "text": text });
        server.handle(notification("textDocument/didOpen", json!({ "textDocument": document })));
        for (line, content) in text.split('\n').enumerate() {
            for character in 0..=content.encode_utf16().count() {
                let place = json!({
                    "textDocument": { "uri": uri },
                    "position": { "line": line, "character": character },
                    "context": { "includeDeclaration": true, "triggerKind": 1 },
                });
                for method in ["completion", "hover", "definition", "references", "prepareRename"] {
                    let said =
                        server.handle(message(&format!("textDocument/{method}"), place.clone()));
                    let code = said.iter().find_map(|said| said["error"]["code"].as_i64());
                    assert_ne!(code, Some(-32603), "{method} at {line}:{character}: {said:?}");
                }
            }
        }
    }
}

fn fixtures() -> Vec<PathBuf> {
    files_below(&root().join("tests/fixtures"), "yaml")
}

#[test]
fn prefixes_of_every_fixture_are_survived() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = server();
    let mut letters = 0;
    for fixture in fixtures() {
        // What is no text cannot be typed.
        let Ok(text) = std::fs::read_to_string(&fixture) else { continue };
        type_out(&mut server, &folder.path().join("typed.yaml"), &text, letters_between());
        letters += text.len();
    }
    assert!(letters > 10_000, "the test types too little: {letters}");
}

#[test]
fn prefixes_are_survived_over_the_streams() {
    let text = include_str!("../../fixtures/ten_mistakes.yaml");
    let mut editor = Editor::open_folder(&[("patterns/typed.yaml", "")]);
    editor.open("patterns/typed.yaml");
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).step_by(7).collect();
    for (version, end) in (2..).zip(&ends) {
        editor.change("patterns/typed.yaml", version, &text[..*end]);
    }
    let document = json!({ "textDocument": { "uri": editor.uri("patterns/typed.yaml") } });
    editor.ask("textDocument/documentSymbol", &document);
    editor.change("patterns/typed.yaml", 9999, text);
    assert!(editor.findings("patterns/typed.yaml", Some(9999)).len() >= 10);
    assert_eq!(editor.close(), Some(0));
}
