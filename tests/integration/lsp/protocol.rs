//! The conversation itself: its beginning and end, and what no editor should say.

use serde_json::{Value, json};

use super::PROJECT;
use super::editor::Editor;

#[test]
fn a_conversation_has_a_beginning_and_an_end() {
    let mut editor = Editor::start(PROJECT);
    let refused = editor.answer("textDocument/hover", &json!({}));
    assert_eq!(refused["error"]["code"], -32002, "{refused}");
    let offer = editor.ask("initialize", &json!({ "processId": null, "capabilities": {} }));
    assert_eq!(offer["capabilities"]["positionEncoding"], "utf-16");
    assert_eq!(offer["serverInfo"]["name"], "partita");
    editor.ask("shutdown", &Value::Null);
    let refused = editor.answer("textDocument/hover", &json!({}));
    assert_eq!(refused["error"]["code"], -32600, "{refused}");
    editor.tell("exit", &Value::Null);
    assert!(editor.receive().is_none(), "nothing is said after the end");
}

#[test]
fn the_exit_code_says_whether_the_end_was_in_order() {
    assert_eq!(Editor::open_folder(PROJECT).close(), Some(0));
    assert_eq!(Editor::open_folder(PROJECT).hang_up(), Some(1));
    let mut editor = Editor::open_folder(PROJECT);
    editor.tell("exit", &Value::Null);
    assert_eq!(editor.hang_up(), Some(1));
}

#[test]
fn bytes_are_counted_where_the_editor_can() {
    let mut editor = Editor::start(PROJECT);
    let general = json!({ "positionEncodings": ["utf-8", "utf-16"] });
    let params = json!({ "processId": null, "capabilities": { "general": general } });
    let offer = editor.ask("initialize", &params);
    assert_eq!(offer["capabilities"]["positionEncoding"], "utf-8");
    assert_eq!(editor.close(), Some(0));
}

#[test]
fn what_is_no_message_is_answered_and_survived() {
    let mut editor = Editor::open_folder(PROJECT);
    for (bytes, code) in [
        ("Content-Length: 5\r\n\r\nhello", -32700),
        ("Content-Type: x\r\n\r\n", -32700),
        ("Content-Length: 2\r\n\r\n[]", -32600),
        ("Content-Length: 8\r\n\r\n{\"id\":1}", -32600),
    ] {
        editor.send_bytes(bytes.as_bytes());
        let mut message = editor.receive().expect("an answer");
        while message.get("error").is_none() {
            message = editor.receive().expect("an answer");
        }
        assert_eq!(message["error"]["code"], code, "{bytes:?}");
    }
    let unknown = editor.answer("textDocument/unheardOf", &json!({}));
    assert_eq!(unknown["error"]["code"], -32601);
    let wrong = editor.answer("textDocument/hover", &json!({ "position": "here" }));
    assert_eq!(wrong["error"]["code"], -32602);
    editor.tell("$/unheardOf", &json!({}));
    editor.tell("textDocument/didChange", &json!({ "nonsense": true }));
    assert_eq!(editor.close(), Some(0));
}

#[test]
fn places_that_do_not_exist_do_no_harm() {
    let mut editor = Editor::open_folder(PROJECT);
    editor.open("patterns/launch.yaml");
    for uri in [editor.uri("patterns/launch.yaml"), editor.uri("nowhere.yaml"), "x:y".to_owned()] {
        for (line, character) in [(0, 9999), (9999, 0), (u32::MAX, u32::MAX)] {
            let place = json!({
                "textDocument": { "uri": uri },
                "position": { "line": line, "character": character },
                "context": { "includeDeclaration": true, "triggerKind": 1 },
            });
            for method in ["hover", "completion", "definition", "references", "documentHighlight"] {
                let answer = editor.answer(&format!("textDocument/{method}"), &place);
                assert!(answer.get("error").is_none(), "{method} at {line}:{character}: {answer}");
            }
        }
    }
    assert_eq!(editor.close(), Some(0));
}

#[test]
fn a_request_that_is_cancelled_while_it_waits_is_not_answered() {
    let mut editor = Editor::open_folder(PROJECT);
    editor.open("patterns/launch.yaml");
    let place = editor.at("patterns/launch.yaml", super::LAUNCH, "inputs.to│pic");
    // All in one go, so that the cancellation is there before its request's turn.
    let message = |value: Value| {
        let body = value.to_string();
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    };
    let request = |id: &str| {
        let method = "textDocument/hover";
        message(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": place }))
    };
    let cancel =
        message(json!({ "jsonrpc": "2.0", "method": "$/cancelRequest", "params": { "id": "b" } }));
    editor.send_bytes(format!("{}{}{cancel}", request("a"), request("b")).as_bytes());
    let mut answers = Vec::new();
    while answers.len() < 2 {
        let message = editor.receive().expect("an answer");
        if message.get("id").is_some() && message.get("method").is_none() {
            answers.push(message);
        }
    }
    answers.sort_by_key(|answer| answer["id"].as_str().map(str::to_owned));
    assert!(answers[0].get("result").is_some(), "{answers:?}");
    // It may have been quicker than the cancellation.
    let is_cancelled = answers[1]["error"]["code"] == -32800;
    assert!(is_cancelled || answers[1].get("result").is_some(), "{answers:?}");
    assert_eq!(editor.close(), Some(0));
}
