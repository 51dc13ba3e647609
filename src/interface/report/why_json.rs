//! Why a task asked, or asked nobody, and its course, as machine output has them.

use serde_json::{Value, json};

use super::posts::posts_json;
use super::units::milliseconds;
use crate::insight::{Activity, AttemptRecord, Courses, History, Origin, Release, Simulated};
use crate::interface::app::Account;

/// The object that `docs/command-line.md` describes; fields may be added, never renamed.
pub fn why_json(account: &Account) -> Value {
    let history = &account.history;
    let plan = history.plan();
    let task = history.task(account.task);
    let differing = account.differing.iter().map(
        |found| json!({ "ingredient": found.name, "before": found.before, "after": found.after }),
    );
    let reused = task.reused.as_ref();
    json!({
        "run": account.record.id.as_str(),
        "name": plan.name,
        "task": plan.task(account.task).path,
        "status": task.status().as_str(),
        "simulated": history.simulated() != Simulated::No,
        "reason": account.reason.as_str(),
        "reused": reused.map(|from| json!({ "run": from.run, "task": from.task })),
        "kept_from": task.kept.as_ref().map(|kept| kept.run.as_str()),
        "than": account.than,
        "key": account.key,
        "differing": differing.collect::<Value>(),
        "origins": account.origins.iter().map(origin_json).collect::<Value>(),
        "posts": posts_json(history, account.task),
        "course": course_json(account),
        "attempts": task.attempts.iter().map(|a| attempt_json(history, a)).collect::<Value>(),
    })
}

fn origin_json(origin: &Origin) -> Value {
    match origin {
        Origin::Task(task) => json!({ "kind": "task", "name": task }),
        Origin::Input(name) => json!({ "kind": "input", "name": name }),
        Origin::Definition { task, fields } => {
            json!({ "kind": "definition", "name": task, "fields": fields })
        }
        Origin::Agent(name) => json!({ "kind": "agent", "name": name }),
        Origin::Answer(task) => json!({ "kind": "answer", "name": task }),
        Origin::Decision(task) => json!({ "kind": "decision", "name": task }),
        Origin::Ending { task, before, now } => json!({
            "kind": "ending",
            "name": task,
            "before": before.as_str(),
            "after": now.as_str(),
        }),
    }
}

fn course_json(account: &Account) -> Value {
    let history = &account.history;
    let courses = Courses::of(history);
    let Some(course) = courses.get(account.task) else {
        return Value::Null;
    };
    let path = |task| history.plan().task(task).path.as_str();
    let release = match course.release {
        Release::Beginning => json!({ "kind": "beginning" }),
        Release::Need(task) => json!({ "kind": "need", "task": path(task) }),
        Release::Barrier(task) => json!({ "kind": "barrier", "task": path(task) }),
        Release::Pattern(task) => json!({ "kind": "pattern", "task": path(task) }),
        Release::Undo(task) => json!({ "kind": "undo", "task": path(task) }),
    };
    let spent = Activity::ALL.into_iter().map(|activity| {
        (format!("{}_ms", activity.as_str()), milliseconds(course.spent_on(activity)).into())
    });
    json!({
        "ready_ms": milliseconds(course.ready),
        "released_by": release,
        "held_ms": milliseconds(course.held),
        "ended_ms": milliseconds(course.end),
        "spent": spent.collect::<serde_json::Map<String, Value>>(),
    })
}

fn attempt_json(history: &History, attempt: &AttemptRecord) -> Value {
    let failure = attempt.failure.as_ref();
    json!({
        "attempt": attempt.number,
        "server": history.servers.get(attempt.server).map(|server| server.name.as_str()),
        "model": attempt.model,
        "started_ms": milliseconds(attempt.started),
        "ended_ms": attempt.ended.map(milliseconds),
        "hedge": attempt.hedge,
        "superseded": attempt.superseded,
        "failure": failure
            .map(|failure| json!({ "class": failure.class.as_str(), "message": failure.message })),
    })
}
