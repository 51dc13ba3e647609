//! A run as it goes: how it begins, how its waves end, and its figures.

use std::time::Duration;

use super::budgets::allowance_lines;
use super::cluster::difference_lines;
use super::paint::Paint;
use super::units::{counted, seconds};
use super::width::one_line;
use crate::engine::{Fork, Stopped};
use crate::insight::{History, Metrics, RoundsRecord, Simulated};
use crate::language::plan::{Ladder, Over, Plan, PlanToolServer, TaskId, WaveId, Work};
use crate::runtime::cluster::{DifferentModel, ModelChoice, ServerReport};
use crate::runtime::journal::{RunId, Setup};

/// What was seen of the servers of a run.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'w> {
    /// The servers.
    pub reports: &'w [ServerReport],
    /// The model of tasks that name none.
    pub model: &'w ModelChoice,
    /// The models that are asked and are not the same on all servers.
    pub different_models: &'w [DifferentModel],
}

/// How it went with a task that is done in rounds, or that others take up where it fails; none where it did not.
pub(super) fn course_text(work: &Work, rounds: &RoundsRecord) -> Option<String> {
    match ladder_of(work) {
        Some(ladder) => ladder_text(ladder, rounds),
        None => Some(rounds_text(rounds)),
    }
}

/// Who takes a task up where it fails.
pub(super) fn ladder_of(work: &Work) -> Option<&Ladder> {
    let Work::Iterate(iterate) = work else { return None };
    match &iterate.over {
        Over::Ladder(ladder) => Some(ladder),
        _ => None,
    }
}

/// How a task's rounds ended: `3 rounds, the most there may be; round 2 counts`.
fn rounds_text(rounds: &RoundsRecord) -> String {
    let RoundsRecord { count, end, alike } = *rounds;
    let why = match end.stopped {
        Stopped::Until => "good enough",
        Stopped::Patience => "the last ones no better",
        Stopped::Max => "the most there may be",
        Stopped::Failed => "the last one failed",
    };
    let counts = match end.counts {
        Some(round) if round as usize != count => format!("; round {round} counts"),
        Some(_) => String::new(),
        None => "; none counts".to_owned(),
    };
    let alike = if alike > 1 { format!("; the last {alike} gave the same") } else { String::new() };
    format!("{}, {why}{counts}{alike}", counted(count, "round", "rounds"))
}

fn ladder_text(ladder: &Ladder, rounds: &RoundsRecord) -> Option<String> {
    let tried = rounds.count.checked_sub(1).filter(|tried| *tried > 0)?;
    let times = counted(tried, "rung", "rungs");
    Some(match rounds.end.counts {
        Some(_) => format!("failed at first; {times} took it up, the last one with success"),
        None => format!("failed at first, and so did {times} of {}", ladder.rungs.len()),
    })
}

/// The first lines of a run: what runs, where, and whether it is only a rehearsal.
pub fn header_lines(
    plan: &Plan,
    run: &RunId,
    setup: &Setup,
    world: Seen<'_>,
    paint: Paint,
) -> Vec<String> {
    let Seen { reports, model, different_models } = world;
    let mut lines = Vec::new();
    let kind = plan.kind.as_str();
    if let Some(profile) = &setup.simulation {
        let speed = if profile.time_scale > 0.0 {
            format!(
                "; a simulated second takes {}",
                seconds(Duration::from_secs_f64(profile.time_scale))
            )
        } else {
            String::new()
        };
        lines.push(paint.notice(&format!(
            "SIMULATED run of the {kind} {}: simulated servers invent every answer, no model is \
             asked{speed}",
            plan.name
        )));
    } else if reports.iter().any(|report| report.is_simulated) {
        let all = reports.iter().all(|report| report.is_simulated);
        let how_much = if all { "SIMULATED" } else { "PARTLY SIMULATED" };
        lines.push(paint.notice(&format!(
            "{how_much} run of the {kind} {}: servers that were named invent their answers",
            plan.name
        )));
    } else {
        lines.push(format!("Run of the {kind} {}", paint.bold(&plan.name)));
    }
    if !plan.summary.is_empty() {
        lines.push(format!("  {}", plan.summary));
    }
    let servers: Vec<String> = reports
        .iter()
        .map(|report| {
            let trouble = report.trouble.as_ref();
            let down = trouble.map_or(String::new(), |trouble| format!(" (down: {trouble})"));
            let simulated = if report.is_simulated { " (simulated)" } else { "" };
            format!("{}{simulated}{down}", report.name_and_place())
        })
        .collect();
    if !servers.is_empty() {
        lines.push(format!("  servers  {}", servers.join(", ")));
    }
    if plan.asks().next().is_some() {
        lines.push(format!("  model  {} ({})", model.name, model.reason));
    }
    for PlanToolServer { name, server } in &plan.tool_servers {
        let idle = if setup.simulation.is_some() { ", which is not started" } else { "" };
        lines.push(format!("  tools  {name} ({}){idle}", one_line(&server.place())));
    }
    if plan.running_commands().next().is_some() {
        let what = match (&setup.simulation, &setup.cluster.commands) {
            (None, Some(commands)) => {
                Vec::from_iter(commands.allow.iter().map(String::as_str)).join(", ")
            }
            _ => "which runs nothing".to_owned(),
        };
        lines.push(format!("  tools  run_command ({what})"));
    }
    let boxes = plan.toolboxes();
    let starts =
        boxes.filter_map(|(_, toolbox)| Some(toolbox.orchestration.as_deref()?.to_string()));
    for starts in std::collections::BTreeSet::from_iter(starts) {
        let idle = if setup.simulation.is_some() { ", which starts none" } else { "" };
        lines.push(format!("  tools  start_workflow ({starts}{idle})"));
    }
    if setup.cache {
        lines.push("  takes answers of earlier runs to the same requests".to_owned());
    }
    let budgets = allowance_lines(plan, &setup.budgets, paint);
    lines.extend(budgets.into_iter().map(|line| format!("  budget  {line}")));
    let digests = setup.cluster.digests;
    lines.extend(
        difference_lines(reports, different_models, digests)
            .into_iter()
            .map(|line| format!("  {}  {line}", paint.notice("note"))),
    );
    lines.push(format!(
        "  run {run}: {} in {}",
        counted(plan.tasks.len(), "task", "tasks"),
        counted(plan.root().waves.len(), "wave", "waves")
    ));
    lines
}

/// Of which run another one is a fork, and what is done again in it.
pub fn fork_line(plan: &Plan, fork: &Fork) -> String {
    let named = |names: Vec<&str>| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
    let tasks = named(fork.from.iter().map(|task| plan.task(*task).path.as_str()).collect());
    let inputs = named(fork.changed.iter().map(String::as_str).collect());
    let mut parts = Vec::new();
    if !tasks.is_empty() {
        parts.push(format!("from {}", tasks.join(", ")));
    }
    if !inputs.is_empty() {
        let noun = if inputs.len() == 1 { "input" } else { "inputs" };
        parts.push(format!("with another value of the {noun} {}", inputs.join(", ")));
    }
    let kept = counted(fork.kept.len(), "result", "results");
    format!("  a fork of run {} {}: {kept} kept", fork.of, parts.join(" and "))
}

/// That a wave of the root has ended.
pub fn wave_line(history: &History, wave: WaveId, paint: Paint) -> String {
    let plan = history.plan();
    let number = plan.root().waves.iter().position(|w| *w == wave).map_or(0, |place| place + 1);
    let tasks = plan.tasks_of_root_wave(wave);
    let started = tasks.iter().filter_map(|id| history.task(*id).started).min();
    let ended = tasks.iter().filter_map(|id| history.task(*id).ended).max();
    let took = ended.unwrap_or_default().saturating_sub(started.unwrap_or_default());
    let (kept, others): (Vec<TaskId>, Vec<TaskId>) =
        tasks.iter().partition(|id| history.task(**id).kept.is_some());
    let (reused, done): (Vec<TaskId>, Vec<TaskId>) =
        others.iter().partition(|id| history.task(**id).reused.is_some());
    let count = |status| done.iter().filter(|id| history.task(**id).status() == status).count();
    let mut parts = Vec::new();
    if !kept.is_empty() {
        parts.push(format!("{} kept", kept.len()));
    }
    if !reused.is_empty() {
        parts.push(format!("{} reused", reused.len()));
    }
    for (status, word) in [
        (crate::engine::TaskStatus::Succeeded, "done"),
        (crate::engine::TaskStatus::Failed, "failed"),
        (crate::engine::TaskStatus::Skipped, "skipped"),
        (crate::engine::TaskStatus::Cancelled, "cancelled"),
    ] {
        let count = count(status);
        if count > 0 {
            parts.push(format!("{count} {word}"));
        }
    }
    let name = &plan.wave(wave).name;
    let title = paint.bold(&format!("wave {number}/{} {name}", plan.root().waves.len()));
    let progress = history.wave(wave);
    if !progress.is_over() {
        parts.push(format!("{} to do", progress.all - progress.ended));
    }
    format!("{title}  {} in {}", parts.join(", "), seconds(took))
}

/// What became of the tasks of a run, and what was asked for them.
pub(super) fn task_counts(metrics: &Metrics) -> String {
    let told = |count: u32, text: String| if count > 0 { text } else { String::new() };
    format!(
        "{}{}{} done, {} failed, {} skipped; {}, {}{}; {}, {}",
        told(metrics.kept, format!("{} kept, ", metrics.kept)),
        told(metrics.reused, format!("{} reused, ", metrics.reused)),
        metrics.succeeded,
        metrics.failed,
        metrics.skipped,
        counted(metrics.retries, "retry", "retries"),
        counted(metrics.failovers, "failover", "failovers"),
        told(
            metrics.waits,
            format!(", {} for busy servers", counted(metrics.waits, "wait", "waits"))
        ),
        counted(metrics.prompt_tokens, "prompt token", "prompt tokens"),
        counted(metrics.answer_tokens, "answer token", "answer tokens"),
    )
}

/// What every title of figures carries where they are of a simulation.
pub(super) fn simulated_mark(history: &History) -> &'static str {
    match history.simulated() {
        Simulated::No => "",
        Simulated::Partly => " (partly simulated)",
        Simulated::Wholly => " (simulated)",
    }
}

/// The figures of a run in a line.
pub(super) fn figures(metrics: &Metrics) -> String {
    let parallel = seconds(metrics.makespan);
    if metrics.sequential.is_zero() {
        return format!("{parallel}, no model was asked");
    }
    let waited = if metrics.waited.is_zero() {
        String::new()
    } else {
        format!(" and {} of waiting for a person", seconds(metrics.waited))
    };
    let parallel = seconds(metrics.makespan.saturating_sub(metrics.waited));
    format!(
        "{parallel} in parallel{waited}, {} one task after the other: {:.1} times faster",
        seconds(metrics.sequential),
        metrics.speedup()
    )
}
