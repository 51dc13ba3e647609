//! Answers of earlier runs through the real binary: what servers are asked, what readers are told,
//! and what becomes of answers when runs go.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::binary::{Place, Servers};
use crate::crash::{self, kill_after, undisturbed};
use crate::support::root;

const PATTERN: &str = "
pattern: { name: small }
team: { name: t, agents: [{ role: A }] }
inputs: { topic: { type: string, default: tea }, mood: { type: string, default: calm } }
tasks:
  one: { agent: a, prompt: 'one of {{ inputs.topic }}' }
  part: { uses: inner, with: { mood: '{{ inputs.mood }}' } }
  gate: { gate: approval, ask: 'Go?', options: [go, stop], default: go }
  two: { agent: a, prompt: 'two of {{ tasks.one.output }}, {{ tasks.part.output.look }}', when: tasks.gate.choice == 'go' }
outputs: { two: '{{ tasks.two.output }}' }
";

const INNER: &str = "
pattern: { name: inner }
team: { name: i, agents: [{ role: I }] }
inputs: { mood: string }
tasks:
  look: { agent: i, prompt: 'look {{ inputs.mood }}' }
outputs: { look: '{{ tasks.look.output }}' }
";

fn place() -> Place {
    let place = Place::new();
    place.write("patterns/small.yaml", PATTERN);
    place.write("patterns/inner.yaml", INNER);
    place.write("quick.yaml", "simulation: { time_scale: 0 }\n");
    place
}

/// A run on simulated servers of its own.
fn small(place: &Place, more: &[&str]) -> Value {
    let arguments = ["run", "small", "--simulation", "quick.yaml", "--json"];
    place.run(&[&arguments, more].concat()).expect(0).json()
}

fn id(run: &Value) -> &str {
    run["run"].as_str().expect("an id")
}

/// The tasks of a run that reused an answer, with the run and the task that it comes from.
fn reused(run: &Value) -> Vec<(&str, &str, &str)> {
    let waves = run["waves"].as_array().expect("waves").iter();
    let tasks = waves.flat_map(|wave| wave["tasks"].as_array().expect("tasks"));
    let reused = tasks.filter_map(|task| {
        let from = &task["reused"];
        Some((task["id"].as_str()?, from["run"].as_str()?, from["task"].as_str()?))
    });
    reused.collect()
}

fn sound(place: &Place) {
    let found = place.run(&["journal", "check", "--json"]).expect(0).json();
    assert_eq!(found["sound"], true, "{found:#}");
}

#[test]
fn servers_are_asked_only_what_has_changed() {
    let place = place();
    let servers = Servers::start(&place, "simulation: { time_scale: 0 }\n");
    let run = |more: &[&str]| {
        let before = servers.requests().len();
        let arguments = [&["run", "small", "--json"], &servers.options()[..], more].concat();
        let run = place.run(&arguments).expect(0).json();
        let mut asked: Vec<String> =
            servers.requests().split_off(before).into_iter().map(|(task, _)| task).collect();
        asked.sort();
        (run, asked)
    };
    let (first, asked) = run(&[]);
    assert_eq!(asked, ["one", "part/look", "two"]);
    assert_eq!(first.get("cache"), None);
    let (second, asked) = run(&["--cache"]);
    assert_eq!(asked, [""; 0]);
    assert_eq!(second["outputs"], first["outputs"]);
    let from = id(&first);
    let own = [("one", from, "one"), ("part/look", from, "part/look"), ("two", from, "two")];
    assert_eq!(reused(&second), own);
    let figures = &second["statistics"];
    assert_eq!((&figures["reused"], &figures["tasks"]), (&json!(3), &json!(2)));
    assert_eq!((&second["cache"], &second["simulated"]), (&json!(true), &json!(true)));
    let (other, asked) = run(&["--cache", "-i", "mood=merry"]);
    assert_eq!(asked, ["part/look", "two"]);
    assert_eq!(reused(&other), [("one", from, "one")]);
    let (_, asked) = run(&[]);
    assert_eq!(asked.len(), 3, "nothing is reused unasked");
    let shown = place.run(&["show", id(&second)]).expect(0).out;
    assert!(shown.contains("3 reused, 2 done"), "{shown}");
    sound(&place);
}

#[test]
fn a_run_that_waits_goes_on_taking_answers_and_a_fork_takes_none() {
    let place = place();
    place.write("patterns/small.yaml", &PATTERN.replace(", default: go", ""));
    let run = |more: &[&str], code| {
        let arguments = ["run", "small", "--simulation", "quick.yaml", "--no-input", "--json"];
        place.run(&[&arguments, more].concat()).expect(code).json()
    };
    let first = run(&["--decide", "gate=go"], 0);
    let waiting = run(&["--cache"], 4);
    let second = place.run(&["approve", id(&waiting), "go", "--json"]).expect(0).json();
    assert_eq!(reused(&second).len(), 3);
    assert_eq!(second["outputs"], first["outputs"]);
    let fork = place.run(&["fork", id(&second), "--from", "two", "--json"]).expect(0).json();
    assert_eq!(reused(&fork), []);
    let kept = &fork["waves"][0]["tasks"][0];
    assert_eq!((&kept["id"], &kept["kept_from"]), (&json!("one"), &json!(id(&first))));
    sound(&place);
}

#[test]
fn an_answer_stays_as_long_as_a_run_that_reused_it() {
    let place = place();
    let first = small(&place, &[]);
    let second = small(&place, &["--cache"]);
    place.run(&["gc", "--keep", "1"]).expect(0);
    sound(&place);
    let third = small(&place, &["--cache"]);
    assert_eq!(reused(&third), reused(&second), "they come from where they came from before");
    assert_eq!(third["outputs"], first["outputs"]);
    place.run(&["gc", "--keep", "0"]).expect(0);
    sound(&place);
    assert_eq!(reused(&small(&place, &["--cache"])), []);
}

#[test]
fn an_answer_that_is_damaged_is_asked_again() {
    let place = place();
    small(&place, &[]);
    let journal = Connection::open(place.path("journal/journal.db")).expect("a journal");
    let damage = "UPDATE contents SET body = x'31' WHERE address = (SELECT output FROM answers \
                  WHERE task = 'one')";
    assert_eq!(journal.execute(damage, []).expect("damage"), 1);
    drop(journal);
    let second = small(&place, &["--cache"]);
    assert_eq!(second["status"], "succeeded");
    assert!(reused(&second).iter().all(|(task, ..)| *task != "one"), "{:?}", reused(&second));
    let found = place.run(&["journal", "check"]).expect(1);
    assert!(found.out.contains("an answer to `one`"), "{}", found.out);
}

#[test]
fn a_journal_of_an_earlier_format_keeps_answers_from_now_on() {
    let place = place();
    std::fs::create_dir(place.path("journal")).expect("a folder");
    let journal = root().join("tests/fixtures/journals/form_1.db");
    std::fs::copy(journal, place.path("journal/journal.db")).expect("a copy");
    let before = place.run(&["runs", "--json"]).expect(0).json();
    let first = small(&place, &["--cache"]);
    assert_eq!(reused(&first), []);
    assert_eq!(reused(&small(&place, &["--cache"])).len(), 3);
    let runs = place.run(&["runs", "--json"]).expect(0).json();
    let old = runs["runs"].as_array().expect("runs")[2..].to_vec();
    assert_eq!(before["runs"], Value::from(old));
    sound(&place);
}

#[test]
fn why_names_the_first_ingredient_and_where_it_comes_from() {
    let place = place();
    let first = small(&place, &[]);
    let why =
        |run: &Value, task: &str| place.run(&["why", id(run), task, "--json"]).expect(0).json();
    let check = |run: &Value, task: &str, reason: &str, ingredient: &str, origins: Value| {
        let found = why(run, task);
        assert_eq!(found["reason"], reason, "{found:#}");
        let differing = found["differing"][0]["ingredient"].as_str();
        assert_eq!(differing.unwrap_or_default(), ingredient, "{found:#}");
        assert_eq!(found["origins"], origins, "{found:#}");
    };
    let none = || json!([]);
    check(&first, "one", "first_run", "", none());
    check(&first, "gate", "asks_nobody", "", none());
    let again = small(&place, &[]);
    check(&again, "two", "cache_off", "", none());
    let cached = small(&place, &["--cache"]);
    check(&cached, "two", "reused", "", none());
    let input = json!({ "kind": "input", "name": "mood" });
    let merry = small(&place, &["--cache", "-i", "mood=merry"]);
    check(&merry, "one", "reused", "", none());
    check(&merry, "part/look", "differs", "prompt", json!([input]));
    // The pattern is given what is made of the input.
    let steps = json!([{ "kind": "task", "name": "part" }, input]);
    check(&merry, "two", "differs", "prompt", steps);
    place.write("patterns/small.yaml", &PATTERN.replace("'one of", "'Number one of"));
    let reworded = small(&place, &["--cache"]);
    let definition = json!({ "kind": "definition", "name": "one", "fields": ["prompt"] });
    let than = ["why", id(&reworded), "one", "--than", id(&first), "--json"];
    assert_eq!(place.run(&than).expect(0).json()["origins"], json!([definition]));
    // The same name, another file.
    place.write(
        "quick.yaml",
        "simulation: { time_scale: 0, models: [{ name: 'llama3.1:8b', size_gigabytes: 3 }] }\n",
    );
    let replaced = small(&place, &["--cache"]);
    check(&replaced, "one", "differs", "model_digest", none());
    let text = place.run(&["why", id(&merry), "part/look"]).expect(0).out;
    for said in ["-look calm", "+look merry", "the input `mood` has another value"] {
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn why_and_show_know_tasks_by_which_the_plan_has_grown() {
    let place = place();
    place.write(
        "patterns/each.yaml",
        "pattern: { name: each }\nteam: { name: t, agents: [{ role: A }] }\ninputs: { mood: { type: string, default: calm } }\n\
         tasks:\n  look: { agent: a, prompt: 'Look at {{ item }}, {{ inputs.mood }}', for_each: { in: [tea, rice] } }\n",
    );
    let run = |mood: &str| {
        let mood = format!("mood={mood}");
        let words = ["run", "each", "--simulate", "--quiet", "--json", "-i", &mood];
        place.run(&words).expect(0).json()
    };
    let (_, merry) = (run("calm"), run("merry"));
    let why = place.run(&["why", id(&merry), "look[2]", "--json"]).expect(0).json();
    assert_eq!((&why["reason"], &why["task"]), (&json!("differs"), &json!("look[2]")), "{why:#}");
    assert_eq!(why["origins"], json!([{ "kind": "input", "name": "mood" }]));
    let shown = place.run(&["show", id(&merry), "look[2]", "--json"]).expect(0).json();
    assert_eq!(shown, merry["waves"][0]["tasks"][2]["output"]);
}

#[test]
fn why_says_what_it_does_not_know() {
    let place = place();
    let run = small(&place, &[]);
    let refused = |arguments: &[&str], words: &str| {
        let ran = place.run(arguments).expect(2);
        assert!(ran.err.contains(words), "{}", ran.err);
    };
    refused(&["why", id(&run), "won"], "did you mean `one`?");
    refused(&["why", "zzzzzzzz", "one"], "there is no run `zzzzzzzz`");
    refused(&["why", id(&run), "one", "--than", "zzzzzzzz"], "there is no run `zzzzzzzz`");
}

/// Answers that are in the facts of the newest run, and those that the index has of it.
fn answered_and_indexed(place: &Place) -> (i64, i64) {
    let journal = Connection::open(place.path("journal/journal.db")).expect("a journal");
    let count =
        |query: &str| -> i64 { journal.query_row(query, [], |row| row.get(0)).expect("a number") };
    let facts = "FROM facts WHERE run = (SELECT max(number) FROM runs)
                 AND json_extract(body, '$.fact') = 'attempt_ended'
                 AND json_extract(body, '$.outcome.kind') = 'answered'";
    (
        count(&format!("SELECT count(DISTINCT json_extract(body, '$.key')) {facts}")),
        count("SELECT count(DISTINCT key) FROM answers WHERE run = (SELECT max(number) FROM runs)"),
    )
}

fn forget_answers(place: &Place) {
    let journal = Connection::open(place.path("journal/journal.db")).expect("a journal");
    let forgotten =
        journal.execute("DELETE FROM answers WHERE run = (SELECT max(number) FROM runs)", []);
    forgotten.expect("an index of answers");
}

#[test]
fn answers_that_a_killed_process_owed_the_index_are_entered_when_its_run_goes_on_or_ends() {
    let (_, longest) = undisturbed();
    for command in ["resume", "cancel"] {
        // A kill may come before the first answer, and where the log is shorter than that of the
        // undisturbed run it may come behind the end.
        let is_owed = (2..=9).any(|part| pays_what_is_owed(command, longest / 12 * part));
        assert!(is_owed, "no answer was owed to {command}");
    }
}

/// Kills a run where its log has so many bytes, ends it by a command and asserts that nothing is owed
/// any more. False where the kill left nothing to do.
fn pays_what_is_owed(command: &str, bytes: u64) -> bool {
    let place = crash::place();
    let servers = Servers::start(&place, crash::SERVERS);
    kill_after(&place, &servers, bytes);
    let runs = place.run(&["runs", "--json"]).expect(0).json();
    let Some(run) = runs["runs"][0]["run"].as_str() else {
        return false;
    };
    let shown = place.run(&["show", run, "--json"]).expect(0).json();
    // As if it had died before it entered any: how many it owed by itself is chance.
    forget_answers(&place);
    let (answered, _) = answered_and_indexed(&place);
    if shown["status"] == "succeeded" || answered == 0 {
        return false;
    }
    place.run(&[command, run]).expect(0);
    let (answered, indexed) = answered_and_indexed(&place);
    assert_eq!(answered, indexed, "{command}");
    true
}
