//! A pattern against a baseline: who is said to be better, how sure that is, and what cannot be compared.

use serde_json::{Value, json};

use crate::binary::{Place, Ran};

const TEAM: &str = "\
pattern: { name: advice, summary: 'Advice on {a} question.' }
team: { name: advisors, agents: [{ role: Expert }, { role: Editor }] }
inputs:
  question: { type: string, description: What is asked }
  depth: { enum: [short, long], default: short }
tasks:
  thought: { agent: expert, prompt: 'Think about {{ inputs.question }}, {{ inputs.depth }}.' }
  advice: { agent: editor, prompt: 'Write it: {{ tasks.thought.output }}', output: { advice: string, risks: [string] } }
outputs: { advice: '{{ tasks.advice.output.advice }}', risks: '{{ tasks.advice.output.risks }}' }
";

const CASES: &str = "\
tests: { pattern: advice }
cases:
  rent: { inputs: { question: Rent or buy? } }
  rent_again: { inputs: { question: Rent or buy? } }
  move: { inputs: { question: Stay or go?, depth: long } }
";

/// A judge who says this of the pair whose contender, or whose baseline, stands first.
fn judge(pair: u32, contender_first: &str, baseline_first: &str) -> String {
    let rule = |order: &str, verdict: &str| {
        format!(
            "    - {{ match: {{ task: 'pairs[{pair}]/verdict[{order}]' }}, \
             text: '{{\"reasoning\": \"r\", \"verdict\": \"{verdict}\"}}' }}\n"
        )
    };
    rule("contender.baseline", contender_first) + &rule("baseline.contender", baseline_first)
}

fn place(answers: &str) -> Place {
    let place = Place::new();
    place.write("patterns/advice.yaml", TEAM);
    place.write("patterns/advice.test.yaml", CASES);
    place.write("sim.yaml", &format!("simulation:\n  time_scale: 0.001\n  answers:\n{answers}"));
    place
}

fn compare(place: &Place, more: &[&str]) -> Ran {
    let mut words = vec!["compare", "advice", "--simulation", "sim.yaml", "--quiet", "--json"];
    words.extend(more);
    place.run(&words)
}

#[test]
fn the_inputs_of_cases_are_tried_and_verdicts_that_turn_count_for_neither() {
    let answers = judge(1, "first", "second") + &judge(2, "first", "first");
    let place = place(&answers);
    let ran = compare(&place, &[]).expect(0).json();
    assert_eq!((&ran["name"], &ran["simulated"]), (&json!("advice_against_single"), &json!(true)));
    let comparison = &ran["comparison"];
    let better: Vec<&Value> =
        comparison["pairs"].as_array().expect("pairs").iter().map(|pair| &pair["better"]).collect();
    assert_eq!(better, ["contender", "neither"], "two of the three cases have inputs of their own");
    assert_eq!(
        comparison["score"],
        json!({ "contender": 1, "baseline": 0, "neither": 1, "nothing": 0 })
    );
    assert_eq!(comparison["preference"]["share"], json!(1.0));
    assert!(comparison["preference"]["low"].as_f64() < Some(0.5), "one pair proves nothing");
    let sides = &comparison["sides"];
    assert_eq!((&sides["contender"]["calls"], &sides["baseline"]["calls"]), (&json!(4), &json!(2)));

    // One call is told everything at once, and is asked for the same outputs.
    let prompts = place.run(&["show", ran["run"].as_str().expect("an id"), "--json"]).expect(0);
    let tasks = prompts.json()["waves"][0]["tasks"].clone();
    let single =
        tasks.as_array().expect("tasks").iter().find(|task| task["id"] == "pairs[2]/baseline");
    let output = &single.expect("the single call")["output"];
    assert!(output["advice"].is_string() && output["risks"].is_array(), "{output}");
}

#[test]
fn who_alone_has_a_result_is_better() {
    let faults =
        "  faults: [{ match: { task: 'pairs[1]/baseline' }, fault: { kind: empty }, times: 9 }]\n";
    let place = place(&(judge(2, "second", "first") + faults));
    let ran = place.run(&["compare", "advice", "--simulation", "sim.yaml", "--quiet"]).expect(0);
    let text = ran.out;
    assert!(text.contains("1  only advice has a result"), "{text}");
    assert!(text.contains("2  single is better"), "{text}");
    assert!(text.contains("advice was better in 1, single in 1 of 2 pairs"), "{text}");
    assert!(text.contains("too few or too equal to say which is better"), "{text}");
    assert!(text.contains("Comparison (simulated: nobody has judged)"), "{text}");
    assert!(text.contains("single  1 of 2 succeeded"), "{text}");
}

#[test]
fn two_patterns_are_compared_on_given_inputs() {
    let place = place(&judge(3, "first", "second"));
    place.write(
        "patterns/plain.yaml",
        "pattern: { name: plain }\nteam: { name: one, agents: [{ role: Expert }] }\n\
         inputs: { question: string }\n\
         tasks: { say: { agent: expert, prompt: 'Say {{ inputs.question }}' } }\n\
         outputs: { advice: '{{ tasks.say.output }}' }\n",
    );
    place.write("a.yaml", "question: A?\n");
    place.write("b.yaml", "question: B?\ndepth: long\n");
    let options =
        ["--baseline", "plain", "--inputs", "a.yaml", "--inputs", "b.yaml", "--trials", "2"];
    let ran = compare(&place, &options).expect(0).json();
    assert_eq!(ran["name"], "advice_against_plain");
    let pairs = ran["comparison"]["pairs"].as_array().expect("pairs").clone();
    assert_eq!(pairs.len(), 4);
    assert_eq!(pairs[2]["better"], "contender");
    let listed =
        place.run(&["show", ran["run"].as_str().expect("an id"), "--json"]).expect(0).json();
    assert_eq!(listed["comparison"], ran["comparison"], "a stored comparison says the same");
}

#[test]
fn what_cannot_be_compared_is_refused_before_anybody_is_asked() {
    let place = place(&judge(1, "first", "second"));
    let needs_more = "pattern: { name: more }\nteam: { name: one, agents: [{ role: Expert }] }\n\
                      inputs: { budget: number }\ntasks: { say: { agent: expert, prompt: 'Say {{ inputs.budget }}' } }\n";
    place.write("patterns/more.yaml", needs_more);
    place.write(
        "pipelines/nightly.yaml",
        "pipeline: { name: nightly }\ntasks: { go: { uses: more, with: { budget: 1 } } }\n",
    );
    let refused = compare(&place, &["--baseline", "more"]).expect(2);
    assert!(
        refused.err.contains("`more` needs inputs that `advice` has not: `budget`"),
        "{}",
        refused.err
    );
    let refused = place.run(&["compare", "nightly", "--simulate"]).expect(2);
    assert!(refused.err.contains("`nightly` is no pattern"), "{}", refused.err);
    let refused = place.run(&["compare", "more", "--simulate"]).expect(2);
    assert!(refused.err.contains("budget") && refused.err.contains("--inputs"), "{}", refused.err);
    let refused = compare(&place, &["--baseline", "advise"]).expect(2);
    assert!(refused.err.contains("did you mean `advice`"), "{}", refused.err);
    let faulty = compare(&place, &["--criteria", "{{ inputs.nothing }}"]).expect(1);
    assert!(faulty.err.contains("nothing"), "{}", faulty.err);
    let list = place.run(&["runs", "--json"]).expect(0).json();
    assert_eq!(list["runs"], json!([]));
}
