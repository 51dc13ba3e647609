//! Why a task asked, or asked nobody, and its course, for people.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;

use super::difference::hunks;
use super::paint::Paint;
use super::posts::posts_text;
use super::progress::simulated_mark;
use super::units::seconds;
use crate::engine::Rung;
use crate::insight::{
    Activity, AttemptRecord, Course, Courses, Differing, Origin, Release, ToolRecord,
};
use crate::interface::app::{Account, Reason};

/// So many lines of a difference are shown; `--json` has both texts.
const SHOWN_LINES: usize = 24;

/// So much of a long line is shown, in characters, and so much of it before what differs.
const SHOWN_CHARACTERS: usize = 240;
const SHOWN_BEFORE: usize = 40;

/// What is shorter is not worth a word.
const OF_NOTE: Duration = Duration::from_millis(1);

/// Why a task asked, or asked nobody, and its course.
pub fn why_text(account: &Account, paint: Paint) -> String {
    let history = &account.history;
    let plan = history.plan();
    let task = history.task(account.task);
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}  {} in run {} of {}{}\n  {}",
        paint.bold(&plan.task(account.task).path),
        task.status().as_str(),
        account.record.id,
        plan.name,
        paint.notice(simulated_mark(history)),
        reason(account),
    );
    if !account.differing.is_empty() {
        first_difference(&account.differing, paint, &mut text);
    }
    if !account.origins.is_empty() {
        let steps: Vec<String> = account.origins.iter().map(origin).collect();
        let _ = writeln!(text, "  because {}", steps.join(", because "));
    }
    text.push_str(&posts_text(history, account.task, paint));
    let courses = Courses::of(history);
    if let Some(course) = courses.get(account.task) {
        let _ = writeln!(text, "\n{}", paint.bold("Where and when"));
        when(account, course, &mut text);
    }
    for attempt in &task.attempts {
        let number = match task.attempts.len() {
            1 => String::new(),
            _ => format!("attempt {}  ", attempt.number),
        };
        let _ = writeln!(text, "  {number}{}", attempt_line(account, attempt));
        for tool in &attempt.tools {
            let _ = writeln!(text, "    {}", tool_line(tool));
        }
    }
    for call in &task.calls {
        let failure = call.failure.as_ref().map(|failure| format!(": {failure}"));
        let _ = writeln!(text, "  {}{}", tool_line(&call.tool), failure.unwrap_or_default());
    }
    text
}

fn reason(account: &Account) -> String {
    let task = account.history.task(account.task);
    let than = account.than.as_deref().unwrap_or_default();
    match account.reason {
        Reason::Reused => {
            let from = task.reused.as_ref();
            let run = from.map(|reused| reused.run.as_str()).unwrap_or_default();
            let path = from.map(|reused| reused.task.as_str()).unwrap_or_default();
            format!("asked nobody: `{path}` of run {run} has answered the same")
        }
        Reason::Kept => {
            let run = task.kept.as_ref().map(|kept| kept.run.as_str()).unwrap_or_default();
            format!("asked nobody: the fork keeps the result of run {run}")
        }
        Reason::NotAsked => match task.skipped {
            Some(reason) => format!("asked nobody: {}", reason.describe(account.history.plan())),
            None => "has asked nobody".to_owned(),
        },
        Reason::AsksNobody => "asks no model".to_owned(),
        Reason::FirstRun => format!(
            "asked: there is no earlier run of {} to compare it with",
            account.history.plan().name
        ),
        Reason::NewTask => format!("asked: run {than} has no such task"),
        Reason::NotAskedThere => format!("asked: it asked nobody in run {than}"),
        Reason::NotAnsweredThere => format!("asked: nobody answered it in run {than}"),
        Reason::Differs => {
            let names: Vec<String> =
                account.differing.iter().map(|found| format!("`{}`", found.name)).collect();
            let verb = if names.len() == 1 { "is" } else { "are" };
            format!("asked: {} {verb} not as in run {than}", names.join(", "))
        }
        Reason::OptedOut => {
            format!("asked: run {than} has answered the same, but the task says `cache: false`")
        }
        Reason::CacheOff => format!(
            "asked: run {than} has answered the same, but this run was started without `--cache`"
        ),
        Reason::NotFound => format!(
            "asked: run {than} has answered the same, but its answer was not there to be taken"
        ),
    }
}

/// The first ingredient that differs, before and after; of a text the lines that differ.
fn first_difference(differing: &[Differing], paint: Paint, text: &mut String) {
    let Some(first) = differing.first() else { return };
    let (Value::String(before), Value::String(after)) = (&first.before, &first.after) else {
        let shown = |value: &Value| match value {
            Value::Null => "not known".to_owned(),
            other => other.to_string(),
        };
        let (before, after) = (shown(&first.before), shown(&first.after));
        let _ = writeln!(text, "  {}  {before} → {after}", first.name);
        return;
    };
    let _ = writeln!(text, "  {}", first.name);
    if !before.contains('\n') && !after.contains('\n') {
        let from = same_beginning(before, after).saturating_sub(SHOWN_BEFORE);
        let _ = writeln!(text, "    {}", paint.bad(&format!("-{}", cut(before, from))));
        let _ = writeln!(text, "    {}", paint.good(&format!("+{}", cut(after, from))));
        return;
    }
    // Painted once they are cut, or a colour could lose its end.
    let hunks = hunks(before, after, Paint { colour: false });
    let lines: Vec<&str> = hunks.lines().collect();
    for line in lines.iter().take(SHOWN_LINES) {
        let shown = cut(line, 0);
        let shown = match line.chars().next() {
            Some('-') => paint.bad(&shown),
            Some('+') => paint.good(&shown),
            Some('@') => paint.dim(&shown),
            _ => shown,
        };
        let _ = writeln!(text, "    {shown}");
    }
    if lines.len() > SHOWN_LINES {
        let _ = writeln!(text, "    … {} more lines", lines.len() - SHOWN_LINES);
    }
}

/// How many characters two texts begin with that are the same.
fn same_beginning(before: &str, after: &str) -> usize {
    before.chars().zip(after.chars()).take_while(|(before, after)| before == after).count()
}

/// A part of a long line, from a character on.
fn cut(line: &str, from: usize) -> String {
    let mut rest = line.chars().skip(from);
    let shown: String = rest.by_ref().take(SHOWN_CHARACTERS).collect();
    let before = if from > 0 { "…" } else { "" };
    let behind = if rest.next().is_some() { "…" } else { "" };
    format!("{before}{shown}{behind}")
}

fn origin(origin: &Origin) -> String {
    match origin {
        Origin::Task(task) => format!("`{task}` came out otherwise"),
        Origin::Input(name) => format!("the input `{name}` has another value"),
        Origin::Definition { task, fields } => {
            format!("the document says something else of `{task}`: {}", fields.join(", "))
        }
        Origin::Agent(name) => format!("the agent `{name}` is described otherwise"),
        Origin::Answer(task) => format!("`{task}` was asked the same and answered otherwise"),
        Origin::Decision(task) => format!("a person decided `{task}` otherwise"),
        Origin::Ending { task, before, now } => {
            format!("`{task}` is {}, and was {}", now.as_str(), before.as_str())
        }
    }
}

fn when(account: &Account, course: &Course, text: &mut String) {
    let path = |task| account.history.plan().task(task).path.as_str();
    let release = match course.release {
        Release::Beginning => "with the run".to_owned(),
        Release::Need(task) => format!("when `{}` had ended, which it needs", path(task)),
        Release::Barrier(task) => {
            format!("when `{}` had ended, the last of the waves before", path(task))
        }
        Release::Pattern(task) => format!("when `{}` opened its pattern", path(task)),
        Release::Undo(task) => {
            format!("when `{}` had ended, and something was to be undone", path(task))
        }
    };
    let _ = writeln!(text, "  could begin at {}, {release}", seconds(course.ready));
    if course.held >= OF_NOTE {
        let _ =
            writeln!(text, "  was held {} by waves that it does not need", seconds(course.held));
    }
    for (activity, words) in [
        (Activity::Queue, "waited for a free server"),
        (Activity::Load, "waited for its model to be loaded"),
        (Activity::Retry, "lost to failed attempts"),
        (Activity::Person, "waited for a person"),
        (Activity::Work, "at work"),
    ] {
        let spent = course.spent_on(activity);
        if spent >= OF_NOTE {
            let _ = writeln!(text, "  {:>9}  {words}", seconds(spent));
        }
    }
    let _ = writeln!(text, "  ended at {}", seconds(course.end));
}

fn tool_line(tool: &ToolRecord) -> String {
    let ToolRecord { called, started, answer } = tool;
    let how = match called.rung {
        Rung::Native | Rung::Task => "",
        Rung::Text => ", called in words",
    };
    let came = match answer {
        Some(answer) => {
            let failed = if answer.failed { ", which failed" } else { "" };
            format!(", took {}{failed}", seconds(Duration::from_micros(answer.took_us)))
        }
        None => ", and what came of it is not known".to_owned(),
    };
    format!("used {} at {}{came}{how}", called.tool, seconds(*started))
}

fn attempt_line(account: &Account, attempt: &AttemptRecord) -> String {
    let server = account.history.servers.get(attempt.server);
    let server = server.map(|server| server.name.as_str()).unwrap_or_default();
    let ended = match &attempt.failure {
        Some(failure) => format!(": {failure}"),
        None if attempt.superseded => ": broken off, another was faster".to_owned(),
        None if attempt.lost => ": broken off".to_owned(),
        None if let Some(awaits) = attempt.awaits.as_deref() => {
            format!(": until there was news of {}", awaits.runs.join(", "))
        }
        None if attempt.paused.is_some() => ": until a person was asked about a tool".to_owned(),
        None => String::new(),
    };
    let mut hedge = if attempt.hedge { ", a hedge" } else { "" };
    if attempt.tools_left_out {
        hedge = ", without tools, which the model does not call";
    }
    format!("on {server}, {}, from {}{hedge}{ended}", attempt.model, seconds(attempt.started))
}
