//! The ways in which teams of agents fail by how they are put together (docs/teams-that-fail.md), each scripted at
//! simulated servers: it cannot happen, or it is told.

use serde_json::{Value, json};

use crate::binary::Place;

const HEAD: &str = "\
pattern: { name: p, summary: s }
team: { name: t, agents: [{ role: Writer, purpose: Writes texts }, { role: Editor, purpose: Edits texts }] }
";

/// A pattern's tasks, and simulated servers that answer and fail so.
fn place(tasks: &str, answers: &str) -> Place {
    let place = Place::new();
    place.write("patterns/p.yaml", &format!("{HEAD}{tasks}"));
    place.write("sim.yaml", &format!("simulation:\n  time_scale: 0.001\n{answers}"));
    place
}

/// What came of it, and its tasks by address.
struct Ran {
    result: Value,
    text: String,
}

impl Ran {
    fn task(&self, id: &str) -> &Value {
        let waves = self.result["waves"].as_array().into_iter().flatten();
        let mut tasks = waves.flat_map(|wave| wave["tasks"].as_array().into_iter().flatten());
        tasks
            .find(|task| task["id"] == id)
            .unwrap_or_else(|| panic!("no {id} in {:#}", self.result))
    }

    /// That a task failed so, and that people are told in these words.
    fn failed(&self, id: &str, class: &str, words: &str) {
        assert_eq!(self.task(id)["failure"]["class"], class, "{:#}", self.task(id));
        assert!(self.text.contains(words), "{}", self.text);
    }
}

fn run(place: &Place, code: i32) -> Ran {
    let words = ["run", "p", "--simulation", "sim.yaml", "--quiet", "--json", "--no-input"];
    let result = place.run(&words).expect(code).json();
    let id = result["run"].as_str().expect("a run");
    let text = place.run(&["show", id]).expect(0).out;
    Ran { result, text }
}

/// The findings of a pattern, by code.
fn found(tasks: &str) -> Vec<String> {
    let place = place(tasks, "");
    let told = place.run(&["validate", "patterns", "--audience", "ci", "--format", "json"]).json();
    let found = told["diagnostics"].as_array().expect("findings").iter();
    found.map(|finding| finding["code"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn disobeying_the_task_is_an_error_of_its_own() {
    let tasks = "tasks:\n  rate: { agent: writer, prompt: 'Rate it.', output: { stars: { enum: [1, 2, 3] } } }\n";
    let ran = run(&place(tasks, "  answers: [{ text: '{\"stars\": 9}' }]\n"), 1);
    ran.failed("rate", "malformed", "stars");
    assert_eq!(ran.task("rate")["attempts"], 2, "it was told what is wrong, and asked once more");
}

#[test]
fn a_tool_that_is_not_of_the_role_is_not_used_and_the_call_is_told() {
    let own = "{ role: Writer, purpose: Writes texts }";
    let role = "{ role: Writer, purpose: Writes texts, tools: [read_file] }";
    let tasks =
        "tools: { workspace: docs }\ntasks:\n  look: { agent: writer, prompt: Look into it. }\n";
    let answer = |tool: &str| {
        let call = format!(
            "{{ \\\"name\\\": \\\"{tool}\\\", \\\"arguments\\\": {{ \\\"path\\\": \\\"plan.txt\\\" }} }}"
        );
        format!(
            "  models: [{{ name: m, capabilities: [completion, tools] }}]\n  answers: [{{ text: \"<tool_call>{call}</tool_call>\" }}]\n"
        )
    };
    let place = place("", &answer("write_file"));
    place.write("patterns/p.yaml", &format!("{}{tasks}", HEAD.replace(own, role)));
    place.write("docs/plan.txt", "Launch on Monday");
    let ran = run(&place, 1);
    ran.failed("look", "tool_call", "written as text");
    assert_eq!(ran.task("look")["tools"], Value::Null, "nothing was used");
    // One of its own is used, in the same words.
    place.write("sim.yaml", &format!("simulation:\n  time_scale: 0.001\n{}", answer("read_file")));
    let ran = run(&place, 1);
    assert_eq!(ran.task("look")["tools"][0]["tool"], "read_file", "{:#}", ran.task("look"));
}

#[test]
fn rounds_that_repeat_a_step_are_told() {
    let repeat = "repeat: { until: output.good, max: 4 }";
    let tasks = format!(
        "tasks:\n  text: {{ agent: writer, prompt: 'Improve {{{{ previous }}}}.', output: {{ good: boolean }}, {repeat} }}\n"
    );
    let ran = run(&place(&tasks, "  answers: [{ json: { good: false } }]\n"), 0);
    let text = ran.task("text");
    assert_eq!((&text["rounds"], &text["rounds_alike"]), (&json!(4), &json!(4)));
    assert!(
        ran.text.contains("4 rounds, the most there may be; the last 4 gave the same"),
        "{}",
        ran.text
    );
}

#[test]
fn a_step_that_is_done_is_not_done_again() {
    let tasks = "tasks:\n  draft: { agent: writer, prompt: Write. }\n  \
                 edit: { agent: editor, prompt: 'Edit {{ tasks.draft.output }}' }\n";
    let broken = "  faults: [{ match: { task: edit }, fault: { kind: refused } }]\n";
    let place = place(tasks, broken);
    let failed = run(&place, 1);
    let draft = failed.task("draft")["output"].clone();
    let id = failed.result["run"].as_str().expect("a run");
    let words = ["retry", id, "--simulate", "--quiet", "--json"];
    let result = place.run(&words).expect(0).json();
    let again = Ran { result, text: String::new() };
    assert_eq!(again.task("draft")["attempts"], 0, "its result is kept");
    assert_eq!(again.task("draft")["output"], draft);
}

#[test]
fn a_prompt_that_lost_its_beginning_is_an_error() {
    let tasks = format!(
        "tasks:\n  sum_up: {{ agent: writer, prompt: '{}' }}\n",
        "Each of these words was said before and counts. ".repeat(60)
    );
    let cut = "  faults: [{ fault: { kind: truncate, kept_tokens: 40 } }]\n";
    run(&place(&tasks, cut), 1).failed("sum_up", "truncated", "read only");
}

#[test]
fn what_never_ends_is_found_before_it_begins_and_ends_all_the_same() {
    let endless = "inputs: { topic: string }\ntasks:\n  text: { agent: writer, prompt: 'Write {{ inputs.topic }}', \
                   output: { good: boolean }, repeat: { until: output.good } }\n";
    assert!(found(endless).contains(&"unbounded-repeat".to_owned()), "{:?}", found(endless));
    let strict = "tasks:\n  text: { agent: writer, prompt: Write., output: { good: boolean }, \
                  repeat: { until: output.good, max: 3, unmet: fail } }\n";
    let ran = run(&place(strict, "  answers: [{ json: { good: false } }]\n"), 1);
    ran.failed("text", "check_failed", "was not true in 3 rounds");
    assert_eq!(
        (&ran.task("text")["rounds"], &ran.task("text")["stopped"]),
        (&json!(3), &json!("max"))
    );
}

#[test]
fn what_nobody_reads_is_found() {
    let withheld = "tasks:\n  doubts: { agent: writer, prompt: Collect doubts. }\n  \
                    text: { agent: editor, prompt: Write a text about tea. }\n\
                    outputs: { text: '{{ tasks.text.output }}' }\n";
    assert!(found(withheld).contains(&"unread-output".to_owned()), "{:?}", found(withheld));
    let ignored = "tasks:\n  facts: { agent: writer, prompt: Collect facts. }\n  \
                   text: { agent: editor, needs: [facts], prompt: Write a text about tea. }\n\
                   outputs: { text: '{{ tasks.text.output }}' }\n";
    assert!(found(ignored).contains(&"unread-need".to_owned()), "{:?}", found(ignored));
}

#[test]
fn an_action_that_is_only_written_about_is_no_answer() {
    let tasks = "tasks:\n  look: { agent: writer, prompt: Look into the file. }\n";
    let ran = run(&place(tasks, "  faults: [{ fault: { kind: tool_call } }]\n"), 1);
    ran.failed("look", "tool_call", "written as text");
}

#[test]
fn an_answer_that_ended_too_early_is_no_answer() {
    let tasks =
        "tasks:\n  list: { agent: writer, prompt: List them., output: { items: [string] } }\n";
    let cut = "  faults: [{ fault: { kind: cut_by_length, after_tokens: 3 } }]\n";
    run(&place(tasks, cut), 1).failed("list", "cut_by_length", "num_predict");
}

#[test]
fn a_run_whose_result_is_missing_does_not_succeed() {
    let tasks = "tasks:\n  text: { agent: writer, prompt: Write. }\noutputs: { text: '{{ tasks.text.output }}' }\n";
    let ran = run(&place(tasks, "  faults: [{ fault: { kind: empty } }]\n"), 1);
    assert_eq!(
        (&ran.result["status"], &ran.result["outputs"]["text"]),
        (&json!("failed"), &Value::Null)
    );
    ran.failed("text", "empty", "empty");
}

#[test]
fn a_chain_without_a_check_is_found() {
    let step = |name: &str, before: &str| {
        format!("  {name}: {{ agent: writer, prompt: 'Go on: {{{{ tasks.{before}.output }}}}' }}\n")
    };
    let tasks = format!(
        "tasks:\n  a: {{ agent: writer, prompt: Begin. }}\n{}{}{}{}outputs: {{ e: '{{{{ tasks.e.output }}}}' }}\n",
        step("b", "a"),
        step("c", "b"),
        step("d", "c"),
        step("e", "d"),
    );
    assert!(found(&tasks).contains(&"unchecked-chain".to_owned()), "{:?}", found(&tasks));
}

#[test]
fn a_check_that_cannot_be_read_lets_nothing_pass() {
    let tasks = "tasks:\n  text: { agent: writer, prompt: Write. }\n  \
                 fit: { gate: review, of: tasks.text.output, criteria: [It is right.], reviewers: [editor] }\n\
                 outputs: { text: '{{ tasks.fit.output.result }}' }\n";
    let unsure = "  answers: [{ match: { task: 'fit[1]/editor' }, text: Looks fine to me. }]\n";
    let ran = run(&place(tasks, unsure), 1);
    ran.failed("fit", "check_failed", "0 of 1 reviewers passed it");
}

#[test]
fn a_judge_who_goes_by_the_place_decides_nothing() {
    let tasks = "tasks:\n  one: { agent: writer, prompt: Write one. }\n  two: { agent: writer, prompt: Write two. }\n  \
                 best: { synthesize: { from: [one, two], strategy: best_of, agent: editor, criteria: Which is clearer? } }\n";
    let first = "  answers: [{ match: { contains: Which is clearer }, json: { reasoning: r, verdict: first } }]\n";
    let ran = run(&place(tasks, first), 0);
    assert_eq!(ran.task("best")["votes"]["contradictions"], 1);
    assert!(
        ran.text.contains("the verdicts turned with the order in 1 of 1 pairs"),
        "{}",
        ran.text
    );
}
