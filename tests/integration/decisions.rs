//! Gates that are decided before a run has them: those of items, of rounds, and of what an agent plans.

use serde_json::{Value, json};

use crate::binary::{Place, Ran};

const EACH: &str = "
pattern: { name: each, summary: Each city is asked for. }
tasks:
  city:
    for_each: { in: [oslo, rome, paris], as: city, key: '{{ city }}' }
    uses: one
    with: { name: '{{ city }}' }
  again:
    repeat: { until: output.choice == 'go', max: 3 }
    uses: one
    with: { name: 'round {{ round }}' }
outputs: { cities: \"{{ tasks.city.output | map(attribute='choice') | list }}\", rounds: '{{ tasks.again.rounds }}' }
";

const ONE: &str = "
pattern: { name: one, summary: Somebody is asked. }
team: { name: t, agents: [{ role: Clerk }] }
inputs: { name: string }
tasks:
  ask: { gate: approval, ask: 'Go to {{ inputs.name }}?', options: [go, stop] }
  book: { when: tasks.ask.choice == 'go', agent: clerk, prompt: 'Book {{ inputs.name }}' }
outputs: { choice: '{{ tasks.ask.choice }}' }
";

fn place() -> Place {
    let place = Place::new();
    place.write("patterns/each.yaml", EACH);
    place.write("patterns/one.yaml", ONE);
    place.write("quick.yaml", "simulation: { time_scale: 0 }\n");
    place
}

fn run(place: &Place, decisions: &[&str], code: i32) -> Value {
    let decided = decisions.iter().flat_map(|decision| ["--decide", decision]);
    let words = ["run", "each", "--simulation", "quick.yaml", "--json", "--quiet"];
    let words: Vec<&str> = words.into_iter().chain(decided).collect();
    place.run(&words).expect(code).json()
}

#[test]
fn gates_of_items_and_rounds_are_decided_beforehand() {
    let place = place();
    let decided = ["city[*]/ask=stop", "city[rome]/ask=go", "again[1]/ask=stop", "again[*]/ask=go"];
    let result = run(&place, &decided, 0);
    // What is said of one counts before what is said of all.
    assert_eq!(result["outputs"], json!({ "cities": ["stop", "go", "stop"], "rounds": 2 }));
}

#[test]
fn who_resumes_decides_gates_that_wait_and_those_to_come() {
    let place = place();
    let waiting = run(&place, &["city[oslo]/ask=go"], 4);
    let id = waiting["run"].as_str().expect("an id");
    let gates = waiting["waiting"].as_array().expect("gates").iter();
    let gates: Vec<&str> = gates.filter_map(|gate| gate["id"].as_str()).collect();
    assert_eq!(gates, ["city[rome]/ask", "city[paris]/ask", "again[1]/ask"]);
    let decided = ["city[*]/ask=stop", "again[1]/ask=stop", "again[2]/ask=go"];
    let decided = decided.iter().flat_map(|decision| ["--decide", decision]);
    let words: Vec<&str> = ["resume", id, "--json"].into_iter().chain(decided).collect();
    let result = place.run(&words).expect(0).json();
    assert_eq!(result["outputs"], json!({ "cities": ["go", "stop", "stop"], "rounds": 2 }));
}

#[test]
fn what_can_be_decided_is_said() {
    let place = place();
    let refused = |decision: &str| -> Ran {
        place.run(&["run", "each", "--simulate", "--decide", decision]).expect(2)
    };
    let wrong = refused("city[oslo]/ask=maybe");
    assert!(wrong.err.contains("`maybe` is no option of `city[oslo]/ask`"), "{}", wrong.err);
    let none = refused("city[oslo]/book=go");
    assert!(
        none.err.contains("`city[oslo]/book` is no gate that a person decides"),
        "{}",
        none.err
    );
    let near = refused("city[oslo]/aks=go");
    assert!(near.err.contains("there is no task `city[oslo]/aks`"), "{}", near.err);
    assert!(near.err.contains("city[*]/ask"), "{}", near.err);
}

#[test]
fn prompts_behind_such_gates_are_shown() {
    let place = place();
    let shown = |decision: &str| -> String {
        place.run(&["render", "each", "city", "--decide", decision]).expect(0).out
    };
    let all = shown("again[*]/ask=go");
    assert!(all.contains("Book rome") && all.contains("Book oslo"), "{all}");
    let some = shown("city[rome]/ask=stop");
    assert!(!some.contains("Book rome") && some.contains("Book oslo"), "{some}");
}

#[test]
fn a_fork_does_not_ask_what_it_keeps() {
    let place = place();
    let id = run(&place, &["city[*]/ask=go", "again[*]/ask=go"], 0)["run"].clone();
    let id = id.as_str().expect("an id");
    let kept = ["fork", id, "--from", "again", "--decide", "city[rome]/ask=stop"];
    let refused = place.run(&kept).expect(2);
    assert!(refused.err.contains("`city` keeps its decision and does not ask"), "{}", refused.err);
    let forked = ["fork", id, "--from", "again", "--decide", "again[*]/ask=go", "--json"];
    assert_eq!(place.run(&forked).expect(0).json()["outputs"]["rounds"], 1);
}
