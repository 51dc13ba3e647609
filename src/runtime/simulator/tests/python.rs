//! The official Python client, driven against a cluster by `tests/clients/ollama_python.py`.

use super::*;

/// Runs where `PARTITA_PYTHON` names a Python that has the packages `ollama` and `pydantic`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_official_python_client_is_content() {
    #[expect(clippy::disallowed_methods, reason = "a test that needs a Python is asked for so")]
    let python = std::env::var_os("PARTITA_PYTHON");
    let Some(python) = python else {
        println!("skipped: PARTITA_PYTHON is not set");
        return;
    };
    let cluster = SimulatedCluster::start(Profile {
        time_scale: 0.001,
        models: vec![
            SimulatedModel::default(),
            SimulatedModel {
                name: "qwen3:4b".into(),
                capabilities: vec![Capability::Completion, Capability::Tools, Capability::Thinking],
                ..SimulatedModel::default()
            },
            SimulatedModel {
                name: "nomic-embed-text".into(),
                capabilities: vec![Capability::Embedding],
                ..SimulatedModel::default()
            },
        ],
        ..Profile::default()
    })
    .await
    .unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/ollama_python.py");
    let urls = cluster.servers().iter().map(|server| server.url.clone());
    let mut command = std::process::Command::new(python);
    command.arg(script).args(urls);
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    println!("{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    cluster.shutdown().await;
}
