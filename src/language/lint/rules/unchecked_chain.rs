//! `unchecked-chain`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, VerbKind};
use crate::language::lint::orchestration::{Orchestration, asks_a_model};
use crate::language::lint::rule::{Check, Rule};
use crate::language::plan::TaskOutline;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("unchecked-chain"),
    severity: Severity::Info,
    confidence: Confidence::Medium,
    audience: Audience::Ci,
    summary: "Five or more answers build on each other and nothing is checked between.",
    explanation: "\
**Symptom.** Five or more tasks in a row ask a model, each reads the free text of the one before, and
no gate and no typed output stands between them.

**Impact.** Mistakes multiply: if every task is right nine times in ten, five in a row are all right 59
times in a hundred. Nobody notices at which of them it went wrong.

**Fix.** Put a gate between, `gate: check` or `gate: approval`; or give the answers a type with
`output`, so that what is malformed is asked for again.",
    check: Check::Orchestrations(check),
};

/// A chain of so many tasks is long.
const LONG: usize = 5;

/// How often a task is right, for the figure.
const MOSTLY_RIGHT: f64 = 0.9;

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let tasks = orchestration.tasks();
    if tasks.len() < LONG {
        return;
    }
    let flow = orchestration.flow();
    let mut is_checked = vec![false; tasks.len()];
    for (place, task) in tasks.iter().enumerate() {
        if matches!(task.verb, Some(VerbKind::Check | VerbKind::Review | VerbKind::Approval) | None)
        {
            flow.needs(place).iter().for_each(|need| is_checked[*need] = true);
        }
    }
    // For each task the longest chain that ends with it, and the task before it there.
    let mut chains: Vec<(usize, Option<usize>)> = vec![(0, None); tasks.len()];
    let mut goes_on = vec![false; tasks.len()];
    for place in flow.in_order() {
        if !asks_a_model(&tasks[place]) {
            continue;
        }
        let needs = flow.needs(place).iter().copied();
        let before = needs
            .filter(|need| is_free_text(&tasks[*need]) && !is_checked[*need])
            .filter(|need| reads(orchestration, place, *need))
            .max_by_key(|need| chains[*need].0);
        let length = before.map_or(0, |before| chains[before].0);
        chains[place] = (length + 1, before);
        if let Some(before) = before {
            goes_on[before] = true;
        }
    }
    let ends = (0..tasks.len()).filter(|place| !goes_on[*place] && chains[*place].0 >= LONG);
    if let Some(end) = ends.max_by_key(|place| chains[*place].0) {
        let chain = std::iter::successors(Some(end), |place| chains[*place].1);
        let mut chain: Vec<usize> = chain.collect();
        chain.reverse();
        found.push(finding(orchestration, &chain));
    }
}

/// Whether a task asks a model and takes any text for an answer.
fn is_free_text(task: &TaskOutline<'_>) -> bool {
    let is_typed = match task.value.get("output") {
        // What is chosen is looked at by whoever chooses.
        None => matches!(task.strategy, Some("consensus" | "vote" | "best_of")),
        Some(output) => output.as_str() != Some("string"),
    };
    asks_a_model(task) && !is_typed
}

/// Whether more than an order stands between two tasks.
fn reads(orchestration: &Orchestration<'_>, task: usize, needed: usize) -> bool {
    let is_named = |name: &str| orchestration.tasks()[needed].name == name;
    let by_name =
        orchestration.tasks()[task].needs.iter().filter(|need| is_named(need.name)).count();
    orchestration.edges_between(task, needed).count() > by_name.min(1)
}

fn finding(orchestration: &Orchestration<'_>, chain: &[usize]) -> Diagnostic {
    let tasks = orchestration.tasks();
    let length = chain.len();
    let right = (0..length).fold(100.0, |right, _| right * MOSTLY_RIGHT);
    let (first, last) = (chain[0], chain[length - 1]);
    let message = format!(
        "{length} answers build on each other unchecked, from `{}` to `{}`",
        tasks[first].name, tasks[last].name
    );
    let diagnostic = Diagnostic::new(RULE.code, orchestration.name_span(last), message)
        .label(format!("if each is right 9 times in 10, all are {right:.0} times in 100"));
    let before = chain[..length - 1].iter().rev();
    before
        .fold(diagnostic, |diagnostic, place| {
            diagnostic.related(orchestration.name_span(*place), "builds on the one before")
        })
        .help("put a gate between, or give the answers a type with `output`")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check_tasks;

    fn check_chain(third: &str, more: &str, expected: &[&str]) {
        let mut text = "tasks:\n  t1: { agent: writer, prompt: Begin. }\n".to_owned();
        for place in 2..=5 {
            let extra = if place == 3 { third } else { "" };
            let before = place - 1;
            text.push_str(&format!(
                "  t{place}: {{ agent: writer, prompt: 'Go on: {{{{ tasks.t{before}.output }}}}'{extra} }}\n"
            ));
        }
        check_tasks(&RULE, &format!("{text}{more}"), expected);
    }

    #[test]
    fn five_answers_in_a_row() {
        check_chain("", "", &["5 answers build on each other unchecked, from `t1` to `t5`"]);
    }

    #[test]
    fn a_type_or_a_gate_between() {
        check_chain(", output: { text: string }", "", &[]);
        check_chain("", "  gate: { gate: check, condition: tasks.t2.output | length > 9 }\n", &[]);
    }
}
