//! What never runs, what may be absent, and what nobody reads.

use super::remarks_tests::{check_files, library};
use crate::language::plan::check_library;

const START: &str = "pattern: { name: example }
team: { name: desk, agents: [{ role: Writer }, { role: Editor }] }
inputs: { deep: { type: boolean }, tone: { enum: [formal, friendly] } }
tasks:
  first: { agent: writer, prompt: \"{{ inputs.deep }} {{ inputs.tone }}\" }
  edit: { agent: editor, prompt: \"{{ tasks.first.output }}\" }
";

/// What is found in a document with these tasks and outputs behind the first two.
fn check(tasks: &str, outputs: &[&str], expected: &[(&str, &str)]) {
    let outputs: Vec<String> = outputs.iter().map(|output| format!("  {output}\n")).collect();
    let text = format!(
        "{START}{tasks}outputs:\n  edit: \"{{{{ tasks.edit.output }}}}\"\n{}",
        outputs.concat()
    );
    check_files(&[("example.yaml", &text)], expected);
}

/// A task of an agent, which an output reads.
fn task(name: &str, prompt: &str, more: &str) -> String {
    format!("  {name}: {{ agent: writer, prompt: \"{prompt}\"{more} }}\n")
}

#[test]
fn a_chain_that_never_runs_is_said_once() {
    let never = ", when: inputs.tone == 'formal' and inputs.tone == 'friendly'";
    let chain = task("a", "x", never)
        + &task("b", "{{ tasks.a.output }}", "")
        + &task("c", "{{ tasks.b.output }}", "")
        + &task("d", "{{ tasks.a.output | default('') }}", "");
    let outputs = ["c: \"{{ tasks.c.output }}\"", "d: \"{{ tasks.d.output }}\""];
    check(&chain, &outputs, &[("never-runs", "a")]);
    let chain =
        task("a", "x", ", when: false") + &task("b", "{{ tasks.a.output }}", ", when: false");
    check(&chain, &["b: \"{{ tasks.b.output }}\""], &[("never-runs", "a")]);
}

#[test]
fn a_synthesis_runs_while_one_of_its_sources_does() {
    let both = "  both: { synthesize: { from: [a, b], strategy: merge_all } }\n";
    let output = ["both: \"{{ tasks.both.output }}\""];
    let tasks = task("a", "x", ", when: false") + &task("b", "y", "") + both;
    check(&tasks, &output, &[("never-runs", "a")]);
    let tasks = task("a", "x", ", when: false") + &task("b", "y", ", when: false") + both;
    check(&tasks, &output, &[("never-runs", "a"), ("never-runs", "b")]);
}

#[test]
fn a_gate_that_never_passes_ends_everything() {
    let gate = "  gate: { gate: check, condition: { right: inputs.deep, wrong: 1 > 2 } }\n";
    let tasks = gate.to_owned() + &task("a", "x", ", needs: [gate]");
    check(&tasks, &["a: \"{{ tasks.a.output }}\""], &[("never-runs", "1 > 2")]);
    let goes_on = gate.replace("gate: check,", "gate: check, on_failure: continue,");
    check(&goes_on, &[], &[]);
}

#[test]
fn what_waits_behind_a_barrier_falls_away_with_the_gate() {
    let wave = |name: &str, more: &str| {
        format!(
            "  - {{ name: w{name}, {more}tasks: {{ {name}: {{ gate: approval, ask: Go on? }} }} }}\n"
        )
    };
    let text = "pattern: { name: example }\nwaves:\n  - { name: w, tasks: { gate: { gate: check, \
                condition: 1 > 2 } } }\n"
        .to_owned()
        + &wave("free", "barrier: false, ")
        + &wave("bound", "");
    let library = library(&[("example.yaml", &text)]);
    let found = check_library(&library);
    let followers: Vec<&str> =
        found.iter().flat_map(|found| &found.related).map(|label| label.text.as_str()).collect();
    assert_eq!(followers, ["`bound` falls away with it"]);
}

#[test]
fn a_reader_without_the_condition_is_said() {
    let a = task("a", "x", ", when: inputs.deep");
    let output = ["b: \"{{ tasks.b.output }}\""];
    let check = |b: &str, expected: &[(&str, &str)]| {
        check(&(a.clone() + b), &output, expected);
    };
    let absent = [("value-may-be-absent", "a")];
    check(&task("b", "{{ tasks.a.output }}", ""), &absent);
    check(&task("b", "{{ tasks.a.output }}", ", when: inputs.tone == 'formal'"), &absent);
    check(&task("b", "{{ tasks.a.output }}", ", when: inputs.deep"), &[]);
    check(&task("b", "{{ tasks.a.output }}", ", when: tasks.a.status == 'succeeded'"), &[]);
    check(&task("b", "{{ tasks.a.output | default('none') }}", ""), &[]);
    check(&task("b", "{% if tasks.a.output is defined %}{{ tasks.a.output }}{% endif %}", ""), &[]);
    check(&task("b", "no", ", needs: [a]"), &[]);
    check("  b: { synthesize: { from: [a], strategy: use_first_result } }\n", &[]);
}

#[test]
fn a_failure_that_stops_nothing_is_an_absence() {
    let reader = task("b", "{{ tasks.a.output }}", "");
    let output = ["b: \"{{ tasks.b.output }}\""];
    let absent = [("value-may-be-absent", "a")];
    check(&(task("a", "x", ", on_failure: continue") + &reader), &output, &absent);
    check(&(task("a", "x", ", on_failure: { fallback: none }") + &reader), &output, &[]);
    check(&(task("a", "x", "") + &reader), &output, &[]);
}

#[test]
fn only_an_output_of_several_tasks_loses_something() {
    let tasks = task("a", "x", ", when: inputs.deep");
    check(&tasks, &["a: \"{{ tasks.a.output }}\""], &[]);
    check(
        &tasks,
        &["a: { a: \"{{ tasks.a.output }}\", e: \"{{ tasks.edit.output }}\" }"],
        &[("value-may-be-absent", "a")],
    );
    let safe = "a: { a: \"{{ tasks.a.output | default(none) }}\", e: \"{{ tasks.edit.output }}\" }";
    check(&tasks, &[safe], &[]);
}

#[test]
fn what_nobody_reads_is_said() {
    let tasks = task("a", "x", "");
    check(&tasks, &[], &[("unread-output", "a")]);
    check(
        &(tasks.clone() + &task("b", "y", ", needs: [a]")),
        &["b: \"{{ tasks.b.output }}\""],
        &[],
    );
    check(&tasks, &["a: \"{{ tasks.a.status }}\""], &[]);
    check(
        "  ask: { gate: approval, ask: Go on? }\n  ok: { gate: check, condition: inputs.deep }\n",
        &[],
        &[],
    );
}

#[test]
fn without_outputs_the_last_tasks_come_out() {
    let check = |tasks: &str, expected: &[(&str, &str)]| {
        check_files(&[("example.yaml", &format!("{START}{tasks}"))], expected);
    };
    check("", &[]);
    check(&task("third", "{{ tasks.edit.output }}", ""), &[]);
    check(&task("other", "x", ""), &[("unread-output", "other")]);
    let waves =
        START.replace("tasks:\n", "waves:\n  - name: one\n    tasks:\n").replace("  edit:", "");
    let (first, _) = waves.split_once(" { agent: editor").expect("the second task");
    let first = first.replace("  first:", "      first:");
    let waves =
        format!("{first}  - name: two\n    tasks:\n      last: {{ agent: editor, prompt: x }}\n");
    check_files(&[("example.yaml", &waves)], &[("unread-output", "first")]);
}

#[test]
fn inputs_and_agents_that_nothing_uses() {
    let text = START.replace("{{ inputs.tone }}", "").replace("agent: editor", "agent: writer");
    check_files(
        &[("example.yaml", &text)],
        &[("unused-agent", "Editor"), ("unused-input", "tone")],
    );
    let text = START.replace("{{ inputs.tone }}", "{{ inputs | json }}");
    check_files(&[("example.yaml", &text)], &[]);
}
