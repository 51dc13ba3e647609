//! Journals of every form that a release has written can be read, and their runs go on.
//!
//! `tests/fixtures/journals/form_N.db` holds two runs of a pattern with everything that a journal
//! keeps: retries, a failure, a skipped task, a gate. One has succeeded, one waits at the gate.

use serde_json::{Value, json};

use crate::binary::Place;
use crate::support::{files_below, root};

#[test]
fn journals_of_every_form_are_read_and_their_runs_go_on() {
    let journals = files_below(&root().join("tests/fixtures/journals"), "db");
    assert!(!journals.is_empty());
    for journal in journals {
        let place = Place::new();
        std::fs::create_dir(place.path("journal")).expect("a folder");
        std::fs::copy(&journal, place.path("journal/journal.db")).expect("a copy");
        let runs = place.run(&["runs", "--json"]).expect(0).json();
        let run = |status: &str| {
            let runs = runs["runs"].as_array().expect("runs");
            let run = runs.iter().find(|run| run["status"] == status).expect("a run");
            run["run"].as_str().expect("an id").to_owned()
        };
        let ended = place.run(&["show", &run("succeeded"), "--json"]).expect(0).json();
        assert_eq!(ended["outputs"]["choice"], "go");
        assert_eq!(
            statuses(&ended),
            ["succeeded", "failed", "skipped", "succeeded", "succeeded", "succeeded"]
        );
        let waiting = run("waiting");
        let gone_on = place.run(&["approve", &waiting, "go", "--json"]).expect(0).json();
        assert_eq!(gone_on["outputs"], ended["outputs"], "the same seed gives the same answers");
        assert_eq!(statuses(&gone_on), statuses(&ended));
        let facts = &gone_on["waves"][0]["tasks"][0];
        assert_eq!((&facts["id"], &facts["attempts"]), (&json!("facts"), &json!(1)));
    }
}

fn statuses(run: &Value) -> Vec<String> {
    let waves = run["waves"].as_array().expect("waves").iter();
    let tasks = waves.flat_map(|wave| wave["tasks"].as_array().expect("tasks"));
    tasks.map(|task| task["status"].as_str().expect("a status").to_owned()).collect()
}
