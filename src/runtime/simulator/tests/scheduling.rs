//! Loading, unloading, slots and queues: assertions 51 to 64 and 67 of `ollama-protocol.md`.
//!
//! What must wait in these tests waits for something that never comes by itself (a stalled
//! stream, an endless load), so that no order depends on how fast the machine is.

use tokio::task::JoinHandle;

use super::*;
use crate::language::document::simulation::{Fault, FaultRule, RequestMatch};
use crate::runtime::simulator::clock::Clock;

const BUSY: &str = "server busy, please try again.  maximum pending requests exceeded";

/// Requests of the task `hold` take a slot and never give it back.
fn holding(profile: &mut Profile) {
    profile.faults.push(FaultRule {
        matches: RequestMatch { task: Some("hold".into()), ..RequestMatch::default() },
        after: 0,
        times: None,
        fault: Fault::Stall { after_tokens: 0 },
    });
}

/// A model that takes some hundred years to load.
fn endless(profile: &mut Profile) {
    profile.time_scale = 1.0;
    profile.models.push(SimulatedModel {
        name: "endless".into(),
        size_gigabytes: 1e12,
        ..SimulatedModel::default()
    });
    for model in &mut profile.models[..3] {
        model.size_gigabytes = 0.0;
    }
    for server in &mut profile.servers {
        server.speed = 1000.0;
    }
}

impl Bench {
    /// Sends a request in the background; its answer, if it has one.
    fn spawn(&self, task: &str, body: &Value) -> JoinHandle<Option<Answer>> {
        let request = self.chat_request(0, body).header("X-Partita-Task", task);
        tokio::spawn(async move {
            let response = request.send().await.ok()?;
            let status = response.status().as_u16();
            Some(Answer { status, content_type: String::new(), text: response.text().await.ok()? })
        })
    }

    /// Takes a slot of a model until the handle is aborted.
    async fn hold(&self, model: &str, more: Value) -> JoinHandle<Option<Answer>> {
        let held = self.statistics().highest_concurrency;
        let busy = self.busy_slots();
        let handle = self.spawn("hold", &chat(model, more));
        self.until("a slot is held", |bench| bench.busy_slots() > busy).await;
        assert!(self.statistics().highest_concurrency >= held);
        handle
    }

    fn busy_slots(&self) -> u32 {
        self.cluster.statistics()[0].active_slots
    }

    async fn arrived(&self, count: usize) {
        self.until("requests arrive", |bench| bench.records().len() >= count).await;
        // What has arrived is where it waits as soon as its body was read.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn let_go(handle: JoinHandle<Option<Answer>>) {
    handle.abort();
    let _ = handle.await;
}

#[tokio::test]
async fn ps_lists_what_is_loaded() {
    let bench = Bench::with(|_| {}).await;
    bench.ask("c", json!({"keep_alive": "10m", "options": {"num_ctx": 1024}})).await;
    bench.ask("t:1b", json!({"keep_alive": -1})).await;
    let listed = bench.get("/api/ps").await.json();
    let models = listed["models"].as_array().unwrap();
    assert_eq!((&models[0]["name"], &models[1]["name"]), (&json!("t:1b"), &json!("c:latest")));
    assert_eq!(
        (&models[0]["context_length"], &models[1]["context_length"]),
        (&json!(4096), &json!(1024))
    );
    let clock = Clock::start(1.0).unwrap();
    let now = clock.wall();
    let left = |place: usize| {
        let expires: jiff::Timestamp =
            models[place]["expires_at"].as_str().unwrap().parse().unwrap();
        expires.as_second() - now.as_second()
    };
    assert!((500..=601).contains(&left(1)), "{}", left(1));
    assert!(left(0) > 100 * 365 * 24 * 3600);
}

#[tokio::test]
async fn keep_alive_stays_until_another_is_given() {
    let bench = Bench::with(|_| {}).await;
    for (more, loaded) in [
        (json!({"keep_alive": "1h"}), 1),
        (json!({}), 1),
        (json!({"keep_alive": 0}), 0),
        (json!({}), 1),
    ] {
        bench.ask("c", more).await;
        assert_eq!(bench.loaded().await.len(), loaded);
    }
}

#[tokio::test]
async fn idle_models_expire() {
    let bench = Bench::with(|profile| {
        profile.time_scale = 0.01;
        profile.servers[0].speed = 1000.0;
    })
    .await;
    bench.ask("c", json!({"keep_alive": "1s"})).await;
    for _ in 0..1000 {
        if bench.loaded().await.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the model never went");
}

#[tokio::test]
async fn changed_load_options_load_again() {
    let bench = Bench::with(|_| {}).await;
    for (more, loads) in [
        (json!({}), 1),
        (json!({"options": {"temperature": 1, "seed": 4, "num_predict": 9}}), 1),
        (json!({"options": {"num_ctx": 1024}}), 2),
        (json!({"options": {"num_ctx": 1024}}), 2),
        (json!({}), 3),
        (json!({"options": {"num_gpu": 0}}), 4),
        (json!({}), 4),
        (json!({"shift": false}), 5),
        (json!({}), 6),
        (json!({"options": {"num_ctx": 131_072}}), 7),
        (json!({"options": {"num_ctx": 999_999}}), 7),
        (json!({"format": "json", "options": {"num_keep": 2}}), 8),
    ] {
        let answer = bench.ask("c", more.clone()).await.json();
        assert_eq!(bench.statistics().model_loads, loads, "{more}");
        let load = answer["load_duration"].as_u64().unwrap();
        assert!(load == 1_200_000 || load == 750_000_000, "{load}");
    }
}

#[tokio::test]
async fn a_slot_serves_one_at_a_time_in_order() {
    let bench = Bench::with(|profile| {
        profile.servers[0].slots = 2;
        holding(profile);
    })
    .await;
    let first = bench.hold("c", json!({})).await;
    let second = bench.hold("c", json!({})).await;
    let mut waiting = Vec::new();
    for place in 0..5 {
        waiting.push(bench.spawn("wait", &chat("c", json!({"options": {"seed": place}}))));
        bench.arrived(3 + place).await;
    }
    assert!(waiting.iter().all(|handle| !handle.is_finished()));
    let_go(first).await;
    for handle in waiting {
        let answer = handle.await.unwrap().unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["load_duration"], 1_200_000);
    }
    let_go(second).await;
    let started: Vec<f64> =
        bench.records()[2..].iter().map(|record| record.started_ms.unwrap()).collect();
    assert!(started.is_sorted(), "{started:?}");
    assert_eq!(bench.statistics().highest_concurrency, 2);
}

#[tokio::test]
async fn a_client_that_goes_away_frees_its_slot() {
    for stream in [false, true] {
        let bench = Bench::with(|profile| {
            profile.servers[0].slots = 1;
            holding(profile);
            profile.faults[0].fault = Fault::Stall { after_tokens: u32::from(stream) };
        })
        .await;
        let holder = bench.hold("c", json!({"stream": stream})).await;
        let waiter = bench.spawn("wait", &chat("c", json!({})));
        let quitter = bench.spawn("wait", &chat("c", json!({})));
        bench.arrived(3).await;
        let_go(quitter).await;
        bench
            .until("the quitter is gone", |bench| {
                bench.records().iter().any(|record| record.outcome == Outcome::Abandoned)
            })
            .await;
        assert!(!waiter.is_finished());
        let_go(holder).await;
        assert_eq!(waiter.await.unwrap().unwrap().status, 200);
        bench.until("the slot is free", |bench| bench.busy_slots() == 0).await;
    }
}

#[tokio::test]
async fn a_full_load_queue_refuses_at_once() {
    let bench = Bench::with(|profile| {
        endless(profile);
        profile.servers[0].queue = 3;
    })
    .await;
    bench.ask("c", json!({})).await;
    let load = bench.spawn("load", &chat("endless", json!({})));
    bench.until("the load has begun", |bench| bench.statistics().model_loads == 2).await;
    // A loading model is not listed.
    assert_eq!(bench.loaded().await, ["c:latest"]);
    let waiting: Vec<_> = (0..6).map(|_| bench.spawn("wait", &chat("t:1b", json!({})))).collect();
    bench.until_ended(Outcome::Refused, 3).await;
    assert_eq!(bench.ask("c", json!({})).await.status, 200);
    let_go(load).await;
    let mut answers = Vec::new();
    for handle in waiting {
        answers.push(handle.await.unwrap().unwrap());
    }
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status != 200).collect();
    assert_eq!(refused.len(), 3);
    assert!(refused.iter().all(|answer| answer.error() == (503, BUSY.into())));
    let statistics = bench.statistics();
    assert_eq!((statistics.model_loads, statistics.aborted_loads, statistics.failures), (3, 1, 3));
}

#[tokio::test]
async fn a_hot_model_never_refuses() {
    let bench = Bench::with(|profile| {
        profile.servers[0].slots = 1;
        profile.servers[0].queue = 0;
        holding(profile);
    })
    .await;
    let holder = bench.hold("c", json!({})).await;
    let waiting: Vec<_> = (0..20).map(|_| bench.spawn("wait", &chat("c", json!({})))).collect();
    bench.arrived(21).await;
    let_go(holder).await;
    for handle in waiting {
        assert_eq!(handle.await.unwrap().unwrap().status, 200);
    }
}

#[tokio::test]
async fn an_aborted_load_is_begun_again_by_the_next() {
    let bench = Bench::with(endless).await;
    let load = bench.spawn("load", &chat("endless", json!({})));
    let next = bench.spawn("wait", &chat("endless", json!({})));
    bench.until("a load has begun", |bench| bench.statistics().model_loads == 1).await;
    bench.arrived(2).await;
    let_go(load).await;
    bench.until("the load begins again", |bench| bench.statistics().model_loads == 2).await;
    next.abort();
    bench.until("both are aborted", |bench| bench.statistics().aborted_loads == 2).await;
    assert_eq!(bench.loaded().await.len(), 0);
}

#[tokio::test]
async fn loads_come_one_after_the_other() {
    let bench = Bench::with(|profile| {
        profile.time_scale = 0.001;
        for model in &mut profile.models {
            model.size_gigabytes = 1000.0;
        }
    })
    .await;
    let first = bench.spawn("a", &chat("c", json!({})));
    bench.until("a load has begun", |bench| bench.statistics().model_loads == 1).await;
    let second = bench.spawn("b", &chat("t:1b", json!({})));
    let load = |answer: Option<Answer>| answer.unwrap().json()["load_duration"].as_u64().unwrap();
    // A load takes 500.25 s.
    assert!(load(first.await.unwrap()) >= 500_250_000_000);
    let second = load(second.await.unwrap());
    assert!(second > 600_000_000_000, "{second}");
}

#[tokio::test]
async fn the_idle_model_with_the_shortest_time_makes_room() {
    let bench = Bench::with(|profile| {
        profile.servers[0].max_loaded_models = 2;
        holding(profile);
    })
    .await;
    bench.ask("t:1b", json!({"keep_alive": "3m"})).await;
    bench.ask("c", json!({"keep_alive": "10m"})).await;
    bench.post("/api/embed", &json!({"model": "m", "input": "x"})).await;
    assert_eq!(bench.loaded().await, ["c:latest", "m:latest"]);
    bench.ask("t:1b", json!({})).await;
    assert_eq!(bench.loaded().await, ["c:latest", "t:1b"]);
    // Both stay five minutes: the first by name goes.
    bench.ask("c", json!({"keep_alive": "5m"})).await;
    bench.post("/api/embed", &json!({"model": "m", "input": "x"})).await;
    let mut loaded = bench.loaded().await;
    loaded.sort();
    assert_eq!(loaded, ["m:latest", "t:1b"]);
    // A busy one stays, whatever its time.
    let holder = bench.hold("t:1b", json!({"keep_alive": "1s"})).await;
    bench.ask("c", json!({})).await;
    let mut loaded = bench.loaded().await;
    loaded.sort();
    assert_eq!(loaded, ["c:latest", "t:1b"]);
    let_go(holder).await;
}

#[tokio::test]
async fn a_reload_waits_and_lets_others_pass() {
    let bench = Bench::with(holding).await;
    let holder = bench.hold("c", json!({})).await;
    let odd = bench.spawn("odd", &chat("c", json!({"options": {"num_ctx": 512}})));
    bench.arrived(2).await;
    assert_eq!(bench.ask("c", json!({})).await.status, 200);
    assert!(!odd.is_finished());
    let_go(holder).await;
    assert_eq!(odd.await.unwrap().unwrap().status, 200);
    assert_eq!(bench.statistics().model_loads, 2);
}

#[tokio::test]
async fn a_slot_remembers_its_last_prompt() {
    let bench = Bench::with(|profile| profile.servers[0].slots = 1).await;
    let message = |tail: &str| {
        let content = format!("{}{tail}", "shared ".repeat(100));
        json!({"messages": [{"role": "user", "content": content}]})
    };
    let mut figures = Vec::new();
    for tail in ["one and one", "one and one", "two and two"] {
        let answer = bench.ask("c", message(tail)).await.json();
        figures.push((
            answer["prompt_eval_count"].as_u64().unwrap(),
            answer["prompt_eval_duration"].as_u64().unwrap(),
        ));
    }
    let [cold, hot, shared] = figures[..] else { panic!() };
    assert!(cold.0 == hot.0 && hot.1 < shared.1 && shared.1 < cold.1 / 10, "{figures:?}");
}

#[tokio::test]
async fn contention_slows_writers_down() {
    let bench = Bench::with(|profile| {
        profile.time_scale = 0.05;
        profile.models[0].contention = 1.0;
        profile.models[0].size_gigabytes = 0.0;
    })
    .await;
    bench.post("/api/chat", &json!({"model": "c"})).await;
    let alone = bench.ask("c", json!({})).await.json()["eval_duration"].as_u64().unwrap();
    // On a busy machine calls may miss each other.
    let mut seen = Vec::new();
    for _ in 0..10 {
        let together: Vec<_> = (0..3).map(|_| bench.spawn("t", &chat("c", json!({})))).collect();
        let mut writing = Vec::new();
        for handle in together {
            let answer = handle.await.unwrap().unwrap().json();
            writing.push(answer["eval_duration"].as_u64().unwrap());
        }
        if writing.iter().all(|writing| *writing > alone * 3 / 2) {
            return;
        }
        seen.push(writing);
    }
    panic!("{alone} alone, and together {seen:?}");
}

#[tokio::test]
async fn one_family_does_not_shift_unless_told_to() {
    let bench = Bench::with(|profile| profile.models[0].family = "deepseek2".into()).await;
    for (more, loads) in [(json!({}), 1), (json!({"shift": false}), 1), (json!({"shift": true}), 2)]
    {
        bench.ask("c", more).await;
        assert_eq!(bench.statistics().model_loads, loads);
    }
}
