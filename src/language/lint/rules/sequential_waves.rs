//! `sequential-waves`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Fix, Severity};
use crate::language::document::{Audience, HumanDuration, VerbKind};
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};
use crate::language::plan::Plan;
use crate::language::source::value_at;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("sequential-waves"),
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    audience: Audience::Author,
    summary: "A wave waits for the one before, though a task of it needs nothing from there.",
    explanation: "\
**Symptom.** Tasks run one after the other although they do not depend on each other: a wave stands
behind a barrier, and some task of it reads nothing of the wave before.

**Impact.** Servers are idle while the slowest task of the wave before ends. The finding says how
long, by the estimates and with a free server for every task; where nothing is won there is none.

**Fix.** Write `barrier: false`: each task of the wave then starts as soon as what it needs is there.
Or move the task to the wave before. A wave behind a gate that its tasks do not need stays as it is:
there the barrier is the point.",
    check: Check::Orchestrations(check),
};

/// Tasks beyond these are not pointed at.
const MOST_SHOWN: usize = 4;

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let outline = orchestration.outline;
    if !outline.has_waves {
        return;
    }
    let mut waiting = (1..outline.waves.len())
        .map(|wave| (wave, waits_for_nothing(orchestration, wave)))
        .filter(|(wave, tasks)| !tasks.is_empty() && may_go_without(orchestration, *wave))
        .peekable();
    if waiting.peek().is_none() {
        return;
    }
    let Some(plan) = orchestration.plan() else { return };
    let forecast = plan.forecast();
    if forecast.parallel == forecast.parallel_without_barriers {
        return;
    }
    let whole = forecast.parallel;
    let mut relaxed: Plan = plan.clone();
    for (wave, tasks) in waiting {
        let Some(id) = plan.root().waves.get(wave).map(|id| id.index()) else { continue };
        relaxed.waves[id].barrier = false;
        let cost = whole.saturating_sub(relaxed.forecast().parallel);
        relaxed.waves[id].barrier = true;
        if !cost.is_zero() {
            let (cost, whole) = (HumanDuration(cost), HumanDuration(whole));
            let label = format!("this costs {cost} of {whole} by the estimates");
            found.push(finding(orchestration, wave, &tasks).label(label));
        }
    }
}

/// The tasks of a wave behind a barrier that need nothing of the wave before.
fn waits_for_nothing(orchestration: &Orchestration<'_>, wave: usize) -> Vec<usize> {
    if !orchestration.outline.waves[wave].is_barrier {
        return Vec::new();
    }
    let tasks = orchestration.tasks();
    let needs_nothing = |task: &usize| {
        let mut needs = orchestration.flow().needs(*task).iter();
        tasks[*task].wave == wave && needs.all(|need| tasks[*need].wave + 1 != wave)
    };
    (0..tasks.len()).filter(needs_nothing).collect()
}

/// Whether no task of a wave would overtake a gate, or something that this version does not know.
fn may_go_without(orchestration: &Orchestration<'_>, wave: usize) -> bool {
    let tasks = orchestration.tasks();
    let opening = (0..wave).rev().find(|before| orchestration.outline.waves[*before].is_barrier);
    let overtaken = opening.unwrap_or_default()..wave;
    let mut guards = (0..tasks.len()).filter(|task| {
        let is_guard = !matches!(
            tasks[*task].verb,
            Some(VerbKind::Agent | VerbKind::Synthesize | VerbKind::Uses | VerbKind::Expand)
        );
        is_guard && overtaken.contains(&tasks[*task].wave)
    });
    guards.all(|guard| {
        let mut of_wave = (0..tasks.len()).filter(|task| tasks[*task].wave == wave);
        of_wave.all(|task| orchestration.flow().leads(task, guard))
    })
}

fn finding(orchestration: &Orchestration<'_>, wave: usize, early: &[usize]) -> Diagnostic {
    let (document, tasks) = (orchestration.document, orchestration.tasks());
    let waves = &orchestration.outline.waves;
    let called =
        |wave: usize| waves[wave].name.map_or("unnamed".to_owned(), |name| format!("`{name}`"));
    let who = match early {
        [only] => format!("`{}` needs", tasks[*only].name),
        [first, rest @ ..] => format!("`{}` and {} more need", tasks[*first].name, rest.len()),
        [] => String::new(),
    };
    let message = format!(
        "the wave {} waits for all of {}, though {who} nothing of it",
        called(wave),
        called(wave - 1)
    );
    let pointer = &waves[wave].pointer;
    let diagnostic = Diagnostic::new(RULE.code, document.span(&format!("{pointer}/name")), message)
        .help("let each task start as soon as what it needs is there: `barrier: false`");
    let barrier = format!("{pointer}/barrier");
    let is_written = value_at(document.value(), &barrier).is_some();
    let edit = if is_written {
        document.replace_value(&barrier, "false")
    } else {
        document.insert_entry(pointer, "barrier", "false")
    };
    let fix = edit.map(|edit| Fix::risky("take the barrier away", vec![edit]));
    early
        .iter()
        .take(MOST_SHOWN)
        .fold(diagnostic, |diagnostic, task| {
            diagnostic.related(orchestration.name_span(*task), "this could start earlier")
        })
        .maybe_fix(fix)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::{check_fix, check_tasks};

    const RESEARCH: &str = "waves:
  - name: research
    tasks:
      market: { agent: writer, prompt: Describe the market., estimate: 60s }
      risks: { agent: editor, prompt: Name three risks., estimate: 10s }
";

    fn check_second(wave: &str, expected: &[&str]) {
        check_tasks(&RULE, &format!("{RESEARCH}{wave}"), expected);
    }

    #[test]
    fn a_task_that_needs_nothing_of_the_wave_before_could_start_earlier() {
        check_second(
            "  - name: second
    tasks:
      price: { agent: editor, prompt: Name a price., estimate: 50s }
      pitch: { agent: writer, prompt: 'Sell: {{ tasks.market.output }}' }
",
            &["the wave `second` waits for all of `research`, though `price` needs nothing of it"],
        );
    }

    #[test]
    fn nothing_is_won_where_another_task_takes_as_long_anyway() {
        check_second(
            "  - name: second
    tasks:
      price: { agent: editor, prompt: Name a price., estimate: 10s }
      pitch: { agent: writer, prompt: 'Sell: {{ tasks.market.output }}', estimate: 10s }
",
            &[],
        );
    }

    #[test]
    fn a_wave_without_a_barrier_does_not_wait() {
        check_second(
            "  - name: second
    barrier: false
    tasks: { price: { agent: editor, prompt: Name a price. } }
",
            &[],
        );
    }

    #[test]
    fn a_barrier_behind_a_gate_is_meant() {
        check_second(
            "  - name: gate
    tasks: { go: { gate: approval, ask: 'Spend money on {{ tasks.market.output }}?' } }
  - name: second
    tasks: { price: { agent: editor, prompt: Name a price. } }
",
            &[],
        );
    }

    #[test]
    fn the_barrier_is_taken_away_where_it_is_written_or_not() {
        let text = |barrier: &str| {
            format!(
                "pattern: {{ name: test }}
team: {{ name: desk, agents: [{{ role: Writer }}, {{ role: Editor }}] }}
{RESEARCH}  - name: second{barrier}
    tasks:
      price: {{ agent: editor, prompt: Name a price., estimate: 50s }}
      pitch: {{ agent: writer, prompt: 'Sell: {{{{ tasks.market.output }}}}' }}
"
            )
        };
        check_fix(&RULE, &text(""), &text("\n    barrier: false"));
        check_fix(&RULE, &text("\n    barrier: true"), &text("\n    barrier: false"));
    }
}
