//! What holds, and what is said of what does not.

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::{Offer, OfferKind, Planning};
use crate::language::plan::model::Input;
use crate::language::plan::values::misfits;

fn planning(done: &[&str]) -> Planning {
    let offer = |kind, name: &str, inputs: IndexMap<String, Input>| Offer {
        kind,
        name: name.to_owned(),
        about: String::new(),
        inputs,
    };
    let input =
        |schema: Value, default| Input { description: None, schema, default, learned: None };
    let inputs = IndexMap::from([
        ("question".to_owned(), input(json!({ "type": "string" }), None)),
        ("depth".to_owned(), input(json!({ "type": "integer" }), Some(json!(1)))),
    ]);
    Planning {
        catalogue: vec![
            offer(OfferKind::Agent, "writer", IndexMap::new()),
            offer(OfferKind::Pattern, "study", inputs),
        ],
        max_tasks: 3,
        done: done.iter().map(|name| (*name).to_owned()).collect(),
    }
}

fn ask(name: &str, needs: &[&str]) -> Value {
    json!({ "name": name, "agent": "writer", "prompt": "Write.", "needs": needs })
}

fn check(done: &[&str], tasks: Value, expected: Result<&[&str], &[&str]>) {
    let planning = planning(done);
    let plan = json!({ "reasoning": "", "tasks": tasks });
    let found = planning.read(&plan);
    match (found, expected) {
        (Ok(found), Ok(expected)) => {
            let names: Vec<&str> = found.iter().map(|task| task.name.as_str()).collect();
            assert_eq!(names, expected, "{plan}");
            if done.is_empty() {
                assert_eq!(misfits(&planning.output(), &plan), [], "{plan}");
            }
        }
        (Err(found), Err(expected)) => {
            assert_eq!(found.len(), expected.len(), "{found:?}");
            for (found, expected) in found.iter().zip(expected) {
                assert!(found.contains(expected), "{found}");
            }
        }
        (found, expected) => panic!("{found:?}, and not {expected:?}"),
    }
}

#[test]
fn a_plan_that_holds_is_in_order() {
    check(
        &[],
        json!([ask("a", &["b"]), ask("b", &[]), ask("c", &["a", "b"])]),
        Ok(&["b", "a", "c"]),
    );
    let study = json!({ "name": "s", "uses": "study", "with": { "depth": 2 },
        "from": { "question": "a" }, "needs": [] });
    check(&[], json!([study, ask("a", &[])]), Ok(&["a", "s"]));
}

#[test]
fn what_is_wrong_with_a_plan_is_named() {
    check(&[], json!([]), Err(&["no tasks"]));
    check(&[], json!("x"), Err(&["a plan is a mapping"]));
    check(&[], json!([ask("a", &[]), ask("a", &[])]), Err(&["two tasks are called `a`"]));
    check(&[], json!([ask("a", &["z"])]), Err(&["`a` needs `z`, which is no task"]));
    check(&[], json!([ask("a", &["a"])]), Err(&["in a circle: a -> a"]));
    let circle = [ask("a", &["c"]), ask("b", &["a"]), ask("c", &["b"])];
    check(&[], json!(circle), Err(&["in a circle: a -> c -> b -> a"]));
    let many = [ask("a", &[]), ask("b", &[]), ask("c", &[]), ask("d", &[])];
    check(&[], json!(many), Err(&["4 tasks, and at most 3"]));
    let other = json!({ "name": "a", "agent": "boss", "prompt": "x", "needs": [] });
    check(&[], json!([other]), Err(&["the agent `boss`, and there is writer"]));
    let other = json!({ "name": "a", "uses": "siege", "needs": [] });
    check(&[], json!([other]), Err(&["the pattern `siege`, and there is study"]));
    check(&[], json!([{ "name": "a" }]), Err(&["neither `agent` nor `uses`"]));
    check(&[], json!([{ "agent": "writer" }]), Err(&["task 1 has no `name`"]));
    let blank = json!({ "name": "A b", "agent": "writer", "prompt": " ", "needs": "x" });
    check(&[], json!([blank]), Err(&["no name", "no list", "no `prompt`"]));
    let misfit = json!({ "name": "a", "uses": "study", "with": { "depth": "deep", "x": 1 } });
    check(
        &[],
        json!([misfit]),
        Err(&["`depth` of `a` does not fit", "the input `x`", "the input `question`"]),
    );
}

#[test]
fn what_is_there_is_not_made_again() {
    check(&["a"], json!([ask("a", &[]), ask("b", &["a"])]), Ok(&["b"]));
    check(&["a"], json!([]), Ok(&[]));
}
