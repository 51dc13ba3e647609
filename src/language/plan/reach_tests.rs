use std::collections::BTreeSet;

use super::{Change, Plan};
use crate::language::document::{Expectation, Library, ProjectFile};

const INNER: &str = "
pattern: { name: inner }
team: { name: i, agents: [{ role: I }] }
inputs: { subject: string, tone: { type: string, default: kind } }
tasks:
  facts: { agent: i, prompt: 'Facts of {{ inputs.subject }}' }
  style: { agent: i, prompt: 'How {{ inputs.tone }} texts sound' }
  text: { agent: i, prompt: '{{ tasks.facts.output }} {{ tasks.style.output }}' }
outputs: { text: '{{ tasks.text.output }}' }
";

const OUTER: &str = "
pattern: { name: outer }
team: { name: o, agents: [{ role: O }] }
inputs:
  product: { type: string, default: tea }
  tone: { type: string, default: kind }
waves:
  - name: first
    tasks:
      look: { agent: o, prompt: 'Look at {{ inputs.product }}' }
      apart: { agent: o, prompt: 'Something else' }
  - name: second
    tasks:
      call: { uses: inner, with: { subject: '{{ tasks.look.output }}', tone: '{{ inputs.tone }}' } }
      waits: { uses: inner, with: { subject: x }, needs: [apart] }
      guarded: { uses: inner, with: { subject: x }, when: \"inputs.product == 'tea'\" }
  - name: third
    tasks:
      last: { agent: o, prompt: '{{ tasks.call.output.text }}' }
      free: { agent: o, prompt: 'Behind the barrier, and that is all' }
outputs: { last: '{{ tasks.last.output }}' }
";

fn plan() -> Plan {
    let files = [("outer.yaml", OUTER), ("inner.yaml", INNER)];
    let library = Library::of_files(files.map(|(name, text)| ProjectFile {
        name: name.to_owned(),
        content: Ok(text.to_owned()),
        expectation: Expectation::Named,
    }));
    let outer = library.documents().next().expect("a document");
    super::compile(&library, outer).expect("a plan").plan
}

/// Tasks and `inputs.NAME`s that change, and the addresses of the tasks that are reached.
fn check(changed: &[&str], expected: &[&str]) {
    let plan = plan();
    let mut change = Change::default();
    for name in changed {
        match name.strip_prefix("inputs.") {
            Some(input) => drop(change.inputs.insert(input.to_owned())),
            None => drop(change.tasks.insert(plan.find(name).expect("a task"))),
        }
    }
    let reached = plan.reached_by(&change);
    let reached: BTreeSet<&str> =
        reached.iter().map(|task| plan.task(*task).path.as_str()).collect();
    assert_eq!(reached, expected.iter().copied().collect(), "{changed:?}");
}

#[test]
fn a_change_reaches_what_depends_on_it() {
    check(&["last"], &["last"]);
    check(&["free"], &["free"]);
    check(&["look"], &["look", "call", "call/facts", "call/text", "last"]);
    check(&["call/style"], &["call/style", "call/text", "call", "last"]);
    check(&["call"], &["call", "last"]);
    check(&[], &[]);
}

#[test]
fn a_pattern_that_only_waits_is_reached_as_a_whole() {
    check(&["apart"], &["apart", "waits", "waits/facts", "waits/style", "waits/text"]);
}

#[test]
fn an_input_reaches_what_reads_it_at_every_depth() {
    check(&["inputs.tone"], &["call", "call/style", "call/text", "last"]);
    check(&["inputs.product"], &["look", "call", "call/facts", "call/text", "last", "guarded"]);
}

#[test]
fn a_task_is_named_with_all_inside_it() {
    let plan = plan();
    let inside = plan.with_inside(plan.find("call").expect("a task"));
    let paths: Vec<&str> = inside.iter().map(|task| plan.task(*task).path.as_str()).collect();
    assert_eq!(paths, ["call", "call/facts", "call/style", "call/text"]);
}
