//! Starting and stopping clusters, and what they tell of themselves.

use std::net::TcpListener;

use super::*;
use crate::language::digest::FullHash;
use crate::runtime::simulator::StartError;

#[tokio::test]
async fn a_taken_port_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let mut profile = profile();
    profile.servers[1].port = Some(port);
    let error = SimulatedCluster::start(profile.clone()).await.err().unwrap();
    assert!(matches!(error, StartError::Port { .. }));
    let text = error.to_string();
    let expected = format!("the simulated server `two` cannot listen on 127.0.0.1 port {port}: ");
    assert!(text.starts_with(&expected), "{text}");
}

#[tokio::test]
async fn a_port_may_be_given() {
    // A port that is free now may be taken the next moment, by another test.
    for _ in 0..20 {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut profile = profile();
        profile.servers[1].port = Some(port);
        if let Ok(cluster) = SimulatedCluster::start(profile).await {
            assert_eq!(cluster.servers()[1].port, port);
            return;
        }
    }
    panic!("no port could be opened");
}

#[tokio::test]
async fn ports_close_with_the_cluster() {
    for graceful in [true, false] {
        let bench = Bench::with(|_| {}).await;
        bench.get("/").await;
        let url = bench.url(0, "/");
        if graceful {
            bench.cluster.shutdown().await;
        } else {
            drop(bench.cluster);
        }
        assert!(bench.client.get(&url).send().await.is_err());
    }
}

#[test]
fn a_cluster_may_outlive_its_runtime() {
    for runtime in [
        tokio::runtime::Builder::new_current_thread().enable_all().build(),
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build(),
    ] {
        let runtime = runtime.unwrap();
        let bench = runtime.block_on(async {
            let bench = Bench::with(|_| {}).await;
            assert_eq!(bench.ask("c", json!({})).await.status, 200);
            bench
        });
        drop(runtime);
        assert_eq!(bench.records().len(), 1);
    }
}

#[tokio::test]
async fn servers_are_described() {
    let bench = Bench::with(|_| {}).await;
    let server = &bench.cluster.servers()[1];
    assert_eq!((server.name.as_str(), server.slots, server.version.as_str()), ("two", 4, "0.33.1"));
    assert_eq!(server.models, ["c:latest", "t:1b", "m:latest"]);
    assert_eq!(server.url, format!("http://127.0.0.1:{}", server.port));
}

#[tokio::test]
async fn requests_are_logged_in_order() {
    let bench = Bench::with(|_| {}).await;
    let body = chat("C", json!({}));
    let answer =
        read(bench.chat_request(0, &body).header("x-partita-task", "research/market")).await;
    bench.get("/api/ps").await;
    bench.ask("none", json!({})).await;
    let records = bench.records();
    let first = &records[0];
    assert_eq!(
        (first.number, first.server.as_str(), first.path.as_str(), first.status, first.outcome),
        (1, "one", "/api/chat", Some(200), Outcome::Answered)
    );
    assert_eq!(first.task.as_deref(), Some("research/market"));
    assert_eq!(first.model.as_deref(), Some("C"));
    assert_eq!(first.prompt_tokens, Some(12));
    assert_eq!(json!(first.answer_tokens), answer.json()["eval_count"]);
    let hash = FullHash::of(body.to_string().as_bytes()).hex();
    assert_eq!(first.body_hash.as_deref(), Some(hash.as_str()));
    let (arrived, ended) = (first.arrived_ms, first.ended_ms.unwrap());
    assert!(arrived <= first.started_ms.unwrap() && first.started_ms.unwrap() <= ended);
    assert_eq!((records[1].path.as_str(), records[1].body_hash.as_deref()), ("/api/ps", None));
    assert_eq!((records[2].status, records[2].outcome), (Some(404), Outcome::Refused));

    let statistics = bench.statistics();
    assert_eq!((statistics.requests, statistics.failures, statistics.other_requests), (2, 1, 1));
    assert_eq!((statistics.model_loads, statistics.highest_concurrency), (1, 1));
}

#[tokio::test]
async fn the_same_is_told_over_http() {
    let bench = Bench::with(|profile| profile.name = Some("rehearsal".into())).await;
    assert_eq!(bench.cluster.name(), Some("rehearsal"));
    bench.ask("c", json!({})).await;
    for server in [0, 1] {
        let told = read(bench.client.get(bench.url(server, "/simulator/requests"))).await.json();
        assert_eq!(told["requests"], serde_json::to_value(bench.records()).unwrap());
        assert_eq!(told["requests"][0]["outcome"], "answered");
        let told = read(bench.client.get(bench.url(server, "/simulator/statistics"))).await.json();
        assert_eq!(told["profile"], "rehearsal");
        assert_eq!(told["servers"][0]["requests"], 1);
        assert_eq!(told["servers"][1]["server"], "two");
    }
    let reset = bench.post_text("/simulator/reset", "").await;
    assert_eq!(reset.status, 200);
    assert!(bench.records().is_empty() && bench.loaded().await.is_empty());
    assert_eq!(bench.statistics().requests, 0);
    bench.ask("c", json!({})).await;
    assert_eq!(bench.statistics().model_loads, 1);
}

#[tokio::test]
async fn latency_comes_before_everything() {
    let bench = Bench::with(|profile| {
        profile.time_scale = 0.01;
        profile.servers[0].latency = "2s".parse().unwrap();
    })
    .await;
    bench.get("/api/version").await;
    let record = bench.records().remove(0);
    assert!(record.ended_ms.unwrap() - record.arrived_ms >= 20.0);
}

#[tokio::test]
async fn a_server_that_starts_accepts_and_is_silent() {
    let bench = Bench::with(|profile| {
        profile.time_scale = 1.0;
        profile.servers[0].startup = "1d".parse().unwrap();
    })
    .await;
    let silent = bench.client.get(bench.url(0, "/")).send();
    assert!(tokio::time::timeout(Duration::from_millis(100), silent).await.is_err());
    let other = read(bench.client.get(bench.url(1, "/"))).await;
    assert_eq!(other.status, 200);
}
