//! How fast the simulator itself is. Run by hand, in release:
//! `cargo test --release simulator::tests::speed -- --ignored --nocapture --test-threads 1`.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::*;
use crate::language::document::simulation::AnswerRule;
use crate::runtime::simulator::clock::Clock;

/// Sends requests over one connection, `ahead` of their answers; how many were answered a second.
fn rate(port: u16, body: &str, requests: usize, ahead: usize) -> f64 {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_nodelay(true).unwrap();
    let request = format!(
        "POST /api/chat HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let batch = request.repeat(ahead);
    let clock = Clock::start(1.0).unwrap();
    let begun = clock.now();
    let mut buffer = vec![0; 1 << 16];
    for _ in 0..requests / ahead {
        stream.write_all(batch.as_bytes()).unwrap();
        let mut ends = 0;
        let mut tail = Vec::new();
        while ends < ahead {
            let length = stream.read(&mut buffer).unwrap();
            assert!(length > 0, "the server hung up");
            // An end may be split between two reads.
            tail.extend_from_slice(&buffer[..length]);
            ends += tail.windows(13).filter(|window| window == b"\"eval_count\":").count();
            let keep = tail.len().saturating_sub(12);
            tail.drain(..keep);
        }
    }
    requests as f64 / clock.now().since(begun).as_secs_f64()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
#[ignore = "measures; run by hand"]
async fn requests_a_second() {
    let bench = Bench::with(|_| {}).await;
    let port = bench.cluster.servers()[0].port;
    for (name, more) in [
        ("whole", json!({})),
        ("streamed", json!({"stream": true})),
        (
            "structured",
            json!({"format": {"type": "object", "properties": {
            "go": {"type": "boolean"}, "reasons": {"type": "array", "items": {"type": "string"}}}}}),
        ),
    ] {
        for ahead in [1, 16] {
            let body = chat("c", more.clone()).to_string();
            let measured = tokio::task::spawn_blocking(move || rate(port, &body, 30_000, ahead));
            println!("{name}, {ahead} at a time: {:.0} requests/s", measured.await.unwrap());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
#[ignore = "measures; run by hand"]
async fn accuracy_of_a_chain() {
    let bench = Bench::with(|profile| {
        profile.time_scale = 0.01;
        let rule = |task: &str, duration: &str| AnswerRule {
            matches: crate::language::document::simulation::RequestMatch {
                contains: Some(task.into()),
                ..Default::default()
            },
            duration: Some(duration.parse().unwrap()),
            ..AnswerRule::default()
        };
        profile.answers = vec![rule("first", "52s"), rule("second", "18s")];
    })
    .await;
    let ask = |text: &str| {
        chat("c", json!({"stream": true, "messages": [{"role": "user", "content": text}]}))
    };
    bench.post("/api/chat", &json!({"model": "c"})).await;
    let clock = Clock::start(1.0).unwrap();
    for _ in 0..5 {
        let begun = clock.now();
        for text in ["first", "second"] {
            read(bench.chat_request(0, &ask(text))).await;
        }
        let took = clock.now().since(begun).as_secs_f64() * 1000.0;
        println!("520 ms + 180 ms took {took:.2} ms");
    }
    // Each chunk beside the time that its place in the stream gives it.
    let mut response = bench.chat_request(0, &ask("first")).send().await.unwrap();
    let mut arrivals = vec![clock.now()];
    while response.chunk().await.unwrap().is_some() {
        arrivals.push(clock.now());
    }
    let gaps: Vec<f64> =
        arrivals.windows(2).map(|pair| pair[1].since(pair[0]).as_secs_f64() * 1000.0).collect();
    let longest = gaps.iter().copied().fold(0.0, f64::max);
    println!("{} chunks; the longest gap is {longest:.2} ms", arrivals.len());
}
