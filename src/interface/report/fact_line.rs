//! What facts say while a run goes on, a line each.

use std::time::Duration;

use super::budgets::limit_text;
use super::paint::Paint;
use super::plan::doer;
use super::progress::{course_text, ladder_of};
use super::units::seconds;
use crate::engine::{
    AttemptId, Fact, FilledPost, Iteration, Next, Outcome, PauseReason, Recorded, Rung, ToolAnswer,
};
use crate::insight::History;
use crate::language::document::BudgetMode;
use crate::language::plan::{Part, Plan, ScopeId, Task, TaskId};

/// A line: a state, what it is about, and what more there is to say.
type Line = (String, String, String);

/// What a fact says; most say nothing that everybody wants to read.
pub fn fact_line(history: &History, recorded: &Recorded, paint: Paint) -> Option<String> {
    let fact = &recorded.fact;
    let said = about_a_tool(history, fact, paint)
        .or_else(|| task_line(history, fact, paint))
        .or_else(|| planned_line(history, fact))
        .or_else(|| server_line(history, fact, paint));
    let (state, what, rest) = said.or_else(|| run_line(history, fact, paint))?;
    let at = paint.dim(&format!("[{:>8}]", seconds(history.worked)));
    Some(format!("{at} {state} {what}{rest}"))
}

fn line(state: impl Into<String>, what: &str, rest: impl Into<String>) -> Option<Line> {
    Some((state.into(), what.to_owned(), rest.into()))
}

fn task_line(history: &History, fact: &Fact, paint: Paint) -> Option<Line> {
    let plan = history.plan();
    match fact {
        Fact::AttemptStarted { attempt, server, model, hedge: true, .. } => {
            let task = plan.task(attempt.task);
            let attempts = history.task(attempt.task).attempts.iter().rev();
            let slower = attempts.skip(1).find(|slower| slower.ended.is_none());
            let beside = slower.map_or_else(String::new, |slower| {
                let name = &history.servers[slower.server].name;
                format!(", beside {name} after {}", seconds(history.worked - slower.started))
            });
            let server = history.server_name(*server);
            line(paint.notice("hedge  "), &task.path, format!("  {server}, {model}{beside}"))
        }
        Fact::AttemptStarted { attempt, server, model, .. } => {
            let task = plan.task(attempt.task);
            let again = match attempt.number {
                1 => String::new(),
                number => format!(", attempt {number}"),
            };
            let server = history.server_name(*server);
            line("start  ", &task.path, format!("  {server}, {model}{again}"))
        }
        Fact::AttemptEnded { attempt, outcome, next, .. } => {
            let task = &plan.task(attempt.task).path;
            match outcome {
                Outcome::Answered { usage, .. } => {
                    let answered = history.task(attempt.task).deciding_attempt();
                    let took = answered.map(|a| seconds(a.took())).unwrap_or_default();
                    let won = answered.filter(|answered| answered.hedge);
                    let won = won.map_or("", |_| ", the hedge came first");
                    let cut = if usage.cut_by_length { ", cut at its greatest length" } else { "" };
                    let tokens = usage.answer_tokens;
                    line(
                        paint.good("done   "),
                        task,
                        format!("  {took}, {tokens} tokens{won}{cut}"),
                    )
                }
                Outcome::Failed { failure, .. } => {
                    let state = match next {
                        Next::Retry { .. } => paint.notice("retry  "),
                        Next::Move { .. } => paint.notice("move   "),
                        Next::Wait { .. } => paint.notice("wait   "),
                        Next::FallBack => paint.notice("replace"),
                        Next::Done => paint.bad("failed "),
                        Next::GoesOn => paint.notice("failed "),
                    };
                    let rest = match next {
                        Next::GoesOn => "; the attempt beside it goes on",
                        _ => "",
                    };
                    line(state, task, format!("  {failure}{rest}"))
                }
                Outcome::Lost | Outcome::Superseded => None,
            }
        }
        Fact::TaskKept { task } => {
            let from = history.task(*task).kept.as_ref().map(|kept| kept.run.as_str());
            let rest = format!("  from run {}", from.unwrap_or_default());
            line(paint.dim("kept   "), &plan.task(*task).path, rest)
        }
        Fact::TaskReused { task, run, there, .. } => {
            let path = &plan.task(*task).path;
            let other = if there == path { String::new() } else { format!(", `{there}`") };
            line(paint.dim("reused "), path, format!("  from run {run}{other}"))
        }
        Fact::TaskSkipped { task, reason } => {
            let why = reason.describe(plan);
            line("skip   ", &plan.task(*task).path, format!("  {why}"))
        }
        Fact::RoundsEnded { task, .. } => {
            let rounds = history.task(*task).rounds.as_deref()?;
            let Task { path, work, .. } = plan.task(*task);
            let word = if ladder_of(work).is_some() { "rungs  " } else { "rounds " };
            line(word, path, format!("  {}", course_text(work, rounds)?))
        }
        Fact::TaskSucceeded { task, .. } => line(paint.good("done   "), &plan.task(*task).path, ""),
        Fact::MessageSent { task, .. } => sent_line(plan, *task, paint),
        Fact::TaskFailed { task, failure, .. } => {
            line(paint.bad("failed "), &plan.task(*task).path, format!("  {failure}"))
        }
        Fact::VotesCounted { task, warning: Some(warning), .. } => {
            line(paint.notice("doubt  "), &plan.task(*task).path, format!("  {warning}"))
        }
        Fact::GateOpened { task, .. } => line(paint.notice("asks   "), &plan.task(*task).path, ""),
        Fact::GateDecided { task, choice, by } | Fact::PermissionDecided { task, choice, by } => {
            line(paint.good("decided"), &plan.task(*task).path, format!("  {choice}, by {by}"))
        }
        _ => None,
    }
}

/// Who has got which posts of a used pattern, or of the run.
fn posts_line(plan: &Plan, scope: ScopeId, posts: &[FilledPost]) -> Option<Line> {
    let scope = plan.scope(scope);
    let name = scope.caller.map_or(plan.name.as_str(), |caller| &plan.task(caller).path);
    let name_of = |agent| plan.agent_name(agent);
    let posts: Vec<String> = posts
        .iter()
        .map(|post| format!("{}: {}", name_of(post.seat), name_of(post.agent)))
        .collect();
    line("staff  ", name, format!("  {}", posts.join(", ")))
}

/// What a fact says of a tool that a task or its model calls, and of persons who are asked about one.
fn about_a_tool(history: &History, fact: &Fact, paint: Paint) -> Option<Line> {
    let plan = history.plan();
    match fact {
        Fact::ToolCalled { attempt, tool } if tool.rung == Rung::Task => {
            let again = match attempt.number {
                1 => String::new(),
                number => format!(", attempt {number}"),
            };
            line("call   ", &plan.task(attempt.task).path, format!("  {}{again}", tool.tool))
        }
        Fact::ToolAnswered { attempt, answer } => tool_line(history, *attempt, answer, paint),
        Fact::AttemptEnded { attempt, outcome: Outcome::Answered { .. }, .. } => {
            let call = history.task(attempt.task).calls.last()?;
            let took = call.ended?.saturating_sub(call.tool.started);
            let path = &plan.task(attempt.task).path;
            line(paint.good("done   "), path, format!("  {}", seconds(took)))
        }
        Fact::PermissionAsked { attempt, asking, .. } => {
            let rest = format!("  whether it may use {}", asking.tool);
            line(paint.notice("asks   "), &plan.task(attempt.task).path, rest)
        }
        Fact::ToolsLeftOut { attempt } => {
            let rest = "  the model calls no tools, and is offered none";
            line(paint.notice("tools  "), &plan.task(attempt.task).path, rest)
        }
        Fact::RunsAwaited { attempt, awaiting, .. } => {
            let rest = format!("  for {}", awaiting.runs.join(", "));
            line("waits  ", &plan.task(attempt.task).path, rest)
        }
        _ => None,
    }
}

/// Whom a message was sent to.
fn sent_line(plan: &Plan, id: TaskId, paint: Paint) -> Option<Line> {
    let task = plan.task(id);
    line(paint.good("sent   "), &task.path, format!("  {}", doer(plan, task)))
}

/// What came of a tool that a model called.
fn tool_line(history: &History, id: AttemptId, answer: &ToolAnswer, paint: Paint) -> Option<Line> {
    let attempts = &history.task(id.task).attempts;
    let attempt = attempts.iter().rev().find(|attempt| attempt.number == id.number)?;
    let tool = attempt.tools.iter().find(|tool| tool.called.call == answer.call)?;
    let took = seconds(Duration::from_micros(answer.took_us));
    let (state, failed) = match answer.failed {
        true => (paint.notice("tool   "), ", which failed"),
        false => ("tool   ".to_owned(), ""),
    };
    let path = &history.plan().task(id.task).path;
    line(state, path, format!("  {}, {took}{failed}", tool.called.tool))
}

fn server_line(history: &History, fact: &Fact, paint: Paint) -> Option<Line> {
    match fact {
        Fact::WarmingStarted { server, model } => {
            let name = history.server_name(*server);
            line("load   ", name, format!("  {model}, for tasks to come"))
        }
        Fact::ServerLeft { server, reason, .. } => {
            line(paint.bad("left   "), history.server_name(*server), format!("  {reason}"))
        }
        Fact::ModelLeft { server, model, reason, .. } => {
            let name = history.server_name(*server);
            let rest = format!("  {model}, to other servers for some minutes: {reason}");
            line(paint.bad("left   "), name, rest)
        }
        Fact::ServerReturned { server } => {
            line(paint.good("back   "), history.server_name(*server), "")
        }
        Fact::ServerShared { server, slots, of, with } => {
            let (name, others) = (history.server_name(*server), other_runs(with));
            let (state, rest) = match slots {
                0 => ("wait   ", format!("  used by {others}")),
                _ => ("share  ", format!("  with {others}: {slots} of {of} slots")),
            };
            line(paint.notice(state), name, rest)
        }
        Fact::ServerUnshared { server } => {
            line("alone  ", history.server_name(*server), "  no other run uses it")
        }
        _ => None,
    }
}

fn run_line(history: &History, fact: &Fact, paint: Paint) -> Option<Line> {
    match fact {
        Fact::CompensationStarted { task } => {
            line(paint.notice("undo   "), &history.plan().task(*task).path, "")
        }
        Fact::PostsFilled { scope, posts } => posts_line(history.plan(), *scope, posts),
        Fact::BudgetReached { of, quantity } => {
            let plan = history.plan();
            let whose = of.map_or("the run", |task| plan.task(task).path.as_str());
            let budget = history.budgets.budget(plan, *of).unwrap_or_default();
            let passed = match budget.mode {
                BudgetMode::Enforce => "no further call is within its budget of",
                BudgetMode::Audit => "passes its budget of",
            };
            let limit = limit_text(&budget, *quantity);
            line(paint.notice("budget "), whose, format!("  {passed} {limit}"))
        }
        Fact::RunPaused { reason } => {
            let why = match reason {
                PauseReason::Interrupted => "interrupted",
                PauseReason::WaitingForPerson => "waits for a person",
                PauseReason::NoServer => "no server has been there for too long",
                PauseReason::Budget => "a budget is used up",
            };
            line(paint.notice("pause  "), why, "")
        }
        _ => None,
    }
}

/// Other runs by their ids, such as `run 3kfm9x2p` or `runs 3kfm9x2p, 7mzzb4qd`.
fn other_runs(ids: &[String]) -> String {
    let noun = if ids.len() == 1 { "run" } else { "runs" };
    format!("{noun} {}", ids.join(", "))
}

fn planned_line(history: &History, fact: &Fact) -> Option<Line> {
    let Fact::IterationsListed { task, iterations } = fact else { return None };
    let planned = planned_text(history.listed(*task), iterations)?;
    line("planned", &history.plan().task(*task).path, format!("  {planned}"))
}

/// What an agent has planned: `prices, steps, costs (after prices)`; `None` for what nobody planned.
fn planned_text(all: &[Iteration], new: &[Iteration]) -> Option<String> {
    let is_planned = |one: &&Iteration| matches!(one.part, Part::Entry(_));
    let task = |one: &Iteration| {
        let needs = one.needs.iter().filter_map(|place| all.get(*place as usize));
        let needs: Vec<&str> = needs.map(|needed| needed.key.as_str()).collect();
        match needs.as_slice() {
            [] => one.key.clone(),
            needs => format!("{} (after {})", one.key, needs.join(", ")),
        }
    };
    let tasks: Vec<String> = new.iter().filter(is_planned).map(task).collect();
    (!tasks.is_empty()).then(|| tasks.join(", "))
}
