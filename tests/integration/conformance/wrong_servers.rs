//! That the suite can fail: servers that do one thing wrong, and the assertions that notice it.
//!
//! A wrong server is a simulated one behind a relay that changes some bytes of what it says.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use partita::language::document::simulation::ChatTemplate;

use super::bench::{Bench, Fixture};
use super::cases;
use super::simulated::Stage;
use crate::conformance::assertion::Wrong;

/// A relay to a server that says one thing instead of another, of the same length. It serves until
/// the process ends.
fn relay(to: &str, instead_of: &'static str, says: &'static str) -> String {
    assert_eq!(instead_of.len(), says.len(), "lengths of bodies must stay true");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let to = to.strip_prefix("http://").expect("http").to_owned();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(server) = TcpStream::connect(&to) else { return };
            let (Ok(mut from_client), Ok(mut to_server)) = (client.try_clone(), server.try_clone())
            else {
                return;
            };
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut from_client, &mut to_server);
                let _ = to_server.shutdown(std::net::Shutdown::Both);
            });
            std::thread::spawn(move || pass(server, client, instead_of, says));
        }
    });
    format!("http://{address}")
}

/// Passes on what a server says, in pieces as they come: the suite asks for one thing at a time, and
/// a simulated server writes each line whole.
fn pass(mut server: TcpStream, mut client: TcpStream, instead_of: &str, says: &str) {
    let mut bytes = vec![0; 1 << 16];
    while let Ok(count) = server.read(&mut bytes) {
        if count == 0 {
            break;
        }
        let mut piece = bytes[..count].to_vec();
        let (old, new) = (instead_of.as_bytes(), says.as_bytes());
        let places: Vec<usize> = (0..(piece.len() + 1).saturating_sub(old.len()))
            .filter(|place| piece[*place..].starts_with(old))
            .collect();
        for place in places {
            piece[place..place + new.len()].copy_from_slice(new);
        }
        if client.write_all(&piece).is_err() {
            break;
        }
    }
    let _ = client.shutdown(std::net::Shutdown::Both);
}

/// What is said of an assertion at a server.
fn complaint(fixture: &Fixture, number: u8) -> String {
    let bench = Bench::new(fixture.clone()).expect("a server");
    let assertion = cases::all().into_iter().find(|a| a.number == number).expect("an assertion");
    match (assertion.check)(&bench) {
        Err(Wrong::Failed(what)) => what,
        other => panic!("assertion {number} does not notice it: {other:?}"),
    }
}

/// An assertion that notices a wrong server, with what is said instead of what, and a part of its
/// complaint.
type Case = (u8, &'static str, &'static str, &'static str);

#[test]
fn what_is_said_wrongly_is_noticed() {
    let stage = Stage::of("0.33.1", ChatTemplate::Go);
    let cases: &[Case] = &[
        (1, "Ollama is running", "Ollama is walking", "Ollama is walking"),
        (3, "\"version\"", "\"Version\"", "a text in `version`"),
        (4, "404 page", "404 text", "404 text not found"),
        (5, "/1.1 307", "/1.1 301", "expected status 307; came 301"),
        (6, "access-control-allow-origin", "access-control-allow-oregon", "the origin in"),
        (9, "missing request", "lacking request", "missing request body"),
        (10, "\"error\"", "\"errer\"", "expected `error` to be a text"),
        (16, "model is required", "model is reguired", "model is required"),
        (17, "not found, try", "not there, try", "not found, try pulling it first"),
        (18, "invalid model name", "a bad model's name", "invalid model name"),
        (20, "\"done\":true", "\"Done\":true", "`done` of the last line"),
        (21, "application/x-ndjson", "application/x-jsonnd", "application/x-jsonnd"),
        (23, "eval_duration", "eval_Duration", "a whole number in `prompt_eval_duration`"),
        (24, "\"length\"", "\"lenght\"", "`done_reason`"),
        (25, "\"done_reason\":\"load\"", "\"done_reason\":\"Load\"", "`done_reason`"),
        (27, "\"unload\"", "\"upload\"", "`done_reason`"),
        (29, "\"thinking\"", "\"Thinking\"", "expected thoughts"),
        (32, "registry.ollama.ai", "registry.ollama.io", "does not support tools"),
        (33, "\"arguments\":{", "\"argument\": {", "an object of arguments"),
        (34, "/1.1 500", "/1.1 400", "expected status 500; came 400"),
        (36, "must be of type", "must be a typo ", "must be of type integer"),
        (37, "\"logprob\"", "\"lagprob\"", "token, logprob and bytes"),
        (39, "\"context\"", "\"contest\"", "a list in `context`"),
        (42, "\\u003c", "<    <", "no bare `<`"),
        (43, "\"embeddings\"", "\"Embeddings\"", "a list in `embeddings`"),
        (46, ",0.", ",9.", "a vector of length 1"),
        (47, "exceeds the context", "exceeds its context", "exceeds the context length"),
        (48, "/1.1 501", "/1.1 400", "expected status 501"),
        (51, "\"context_length\":1024", "\"context_length\":4096", "`context_length`"),
        (54, "\"load_duration\"", "\"Load_duration\"", "tell a load from none"),
        (58, "please try again.  max", "please try again. max ", "please try again.  max"),
        (65, "\"error\"", "\"errer\"", "a last line with an error"),
        (66, "\"done\":false", "\"done\":true ", "lines that are not done"),
        (69, "\"digest\"", "\"Digest\"", "a digest of 64"),
        (70, "\"model_info\"", "\"model_Info\"", "an object in `model_info`"),
        (71, "pull model manifest", "push model manifest", "a line with an error"),
        (72, "\"success\"", "\"failure\"", "the last status"),
        (73, "/1.1 201", "/1.1 200", "expected status 201"),
        (75, "[DONE]", "[done]", "[DONE]"),
        (77, "\"library\"", "\"Library\"", "`owned_by`"),
        (78, "invalid_request_error", "invalid_request_Error", "`error.type`"),
        (79, "cloud is disabled", "cloud is awayward", "cloud is disabled"),
    ];
    for (number, instead_of, says, part) in cases {
        // What the models can do must not be read from a wrong answer.
        let fixture = Fixture {
            url: relay(&stage.fixture.url, instead_of, says),
            completion: Some("c".into()),
            thinking: Some("t:1b".into()),
            embedding: Some("m".into()),
            ..stage.fixture.clone()
        };
        let said = complaint(&fixture, *number);
        assert!(said.contains(part), "{number}: `{part}` is not in: {said}");
    }
}

#[test]
fn a_server_that_is_no_ollama_fails_nearly_everything() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let mut request = [0; 4096];
            let _ = client.read(&mut request);
            let _ = client.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        }
    });
    let outcome = super::examined(Fixture {
        url: format!("http://{address}"),
        completion: Some("c".into()),
        thinking: Some("t".into()),
        embedding: Some("m".into()),
        ..Fixture::default()
    });
    let failed = outcome.failed();
    assert!(failed.len() > 55, "{}", outcome.summary());
    assert!(outcome.complaint(1).is_some_and(|said| said.contains("hello")), "{failed:?}");
    // What any web server does.
    assert!(!failed.contains(&8), "{failed:?}");
}
