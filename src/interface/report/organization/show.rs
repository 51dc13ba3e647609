//! How far work has come, and one piece of it with all that happened to it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::decisions::{command, decision_json, decision_text};
use super::item::{age, item_json, mark, who, words};
use super::messages::{message_json, message_line};
use super::{basics, heading};
use crate::insight::organization::{Blocker, Organization, Progress, Review, Rollup, WorkItem};
use crate::insight::{Courses, CriticalPath};
use crate::interface::app::OrganizationRun;
use crate::interface::report::hours::{hours, hours_of, percent};
use crate::interface::report::paint::Paint;
use crate::interface::report::units::{milliseconds, moment, seconds};
use crate::interface::report::value_text;
use crate::interface::report::width::{columns, padded, shortened};
use crate::language::plan::TaskId;

/// So much of what is said is shown in a line.
const SHOWN_CHARACTERS: usize = 90;

/// How far a run's work has come, for programs.
pub fn progress_json(run: &OrganizationRun) -> Value {
    let organization = &run.organization;
    let rollup = Rollup::of(&organization.work);
    let named = |(name, progress): (&String, &Progress)| {
        let mut object = progress_object(*progress);
        object["name"] = Value::from(name.as_str());
        object
    };
    let path = critical_path(organization);
    let mut object = basics(run);
    object["progress"] = progress_object(rollup.whole);
    object["milestones"] = rollup.milestones.iter().map(named).collect();
    object["domains"] = rollup.domains.iter().map(named).collect();
    object["work"] =
        (0..organization.work.items.len()).map(|place| item_json(organization, place)).collect();
    object["critical_path"] = json!({
        "tasks": path.iter().map(|id| organization.path(*id)).collect::<Vec<_>>(),
        "work": work_of_path(organization, &path),
    });
    object
}

/// The same for people.
pub fn progress_text(run: &OrganizationRun, paint: Paint) -> String {
    let organization = &run.organization;
    let rollup = Rollup::of(&organization.work);
    let mut text = heading(run, paint);
    let mut rows = vec![("all".to_owned(), rollup.whole)];
    for (title, group) in [("milestones", &rollup.milestones), ("domains", &rollup.domains)] {
        if group.keys().all(String::is_empty) {
            continue;
        }
        rows.push((title.to_owned(), Progress::default()));
        let name = |name: &String| if name.is_empty() { "none".to_owned() } else { name.clone() };
        rows.extend(
            group.iter().map(|(known, progress)| (format!("  {}", name(known)), *progress)),
        );
    }
    let width = rows.iter().map(|(name, _)| columns(name)).max().unwrap_or(0);
    for (name, progress) in &rows {
        if progress.all + progress.cancelled == 0 {
            let _ = writeln!(text, "{}", paint.dim(name));
            continue;
        }
        let _ = writeln!(text, "{}  {}", padded(name, width), progress_line(*progress));
    }
    let _ = writeln!(text, "{}", paint.dim("work"));
    let items = &organization.work.items;
    let width = items.iter().map(|item| columns(item.title())).max().unwrap_or(0).min(48);
    for item in items {
        let title = padded(&shortened(item.title(), width), width);
        let who = who(item).map_or("-".to_owned(), ToString::to_string);
        let mark = mark(item).map(|mark| format!("  {mark}")).unwrap_or_default();
        let indent = if item.part_of.is_some() { "    " } else { "  " };
        let _ = writeln!(
            text,
            "{indent}{title}  {:<17}  {who:<16}  {}  {}{}",
            words(item.state()),
            hours(item.about.minutes),
            age(item),
            paint.bad(&mark)
        );
    }
    let path = critical_path(organization);
    let on_path = work_of_path(organization, &path);
    if !path.is_empty() {
        let tasks: Vec<&str> = path.iter().map(|id| organization.path(*id)).collect();
        let _ = writeln!(text, "{}", paint.dim("critical path"));
        let _ = writeln!(text, "  work: {}", on_path.join(" → "));
        let _ = writeln!(text, "  tasks: {}", tasks.join(" → "));
    }
    text
}

fn progress_object(progress: Progress) -> Value {
    json!({
        "done": progress.done,
        "all": progress.all,
        "cancelled": progress.cancelled,
        "percent": percent(progress.done, progress.all),
        "hours_done": hours_of(progress.minutes_done),
        "hours": hours_of(progress.minutes),
    })
}

fn progress_line(progress: Progress) -> String {
    let Progress { done, cancelled, all, minutes_done, minutes } = progress;
    let mut line = format!("{done}/{all} done, {} %", percent(done, all));
    if minutes > 0 {
        let _ = write!(line, ", {} of {}", hours(minutes_done), hours(minutes));
    }
    if cancelled > 0 {
        let _ = write!(line, ", {cancelled} cancelled");
    }
    line
}

fn critical_path(organization: &Organization) -> Vec<TaskId> {
    let history = &organization.history;
    CriticalPath::of(history, &Courses::of(history)).tasks
}

/// The pieces of work on a path, each once, in order.
fn work_of_path<'o>(organization: &'o Organization, path: &[TaskId]) -> Vec<&'o str> {
    let mut found: Vec<&str> = Vec::new();
    for task in path {
        let item = organization.work.of_task(&organization.history, *task);
        if let Some(address) = organization.address(item).filter(|one| found.last() != Some(one)) {
            found.push(address);
        }
    }
    found
}

/// One piece of work with all that happened to it, for programs.
pub fn work_json(run: &OrganizationRun, place: usize) -> Value {
    let organization = &run.organization;
    let Some(item) = organization.work.items.get(place) else { return Value::Null };
    let moves = item.moves.iter().map(|one| {
        json!({
            "from": one.from,
            "to": one.to,
            "at": moment(one.at),
            "task": one.task.map(|task| organization.path(task)),
            "agent": one.agent,
            "reason": one.reason,
            "regular": one.is_regular,
        })
    });
    let posts = item.posts.iter().map(|holder| {
        json!({ "post": holder.post, "agent": holder.agent, "hours": hours_of(holder.minutes) })
    });
    let stays = item.stays().into_iter().map(|stay| {
        json!({
            "state": stay.state,
            "from": moment(stay.from),
            "took_ms": milliseconds(stay.took()),
            "over": stay.is_over,
            "sla": item.timeliness(&stay),
        })
    });
    let messages = organization.messages.iter().filter(|one| one.item == Some(place));
    let reviews = reviews_of(organization, place).map(|review| review_json(organization, review));
    let decisions = organization.decisions.iter().filter(|one| one.item == Some(place));
    let blockers = organization.work.blockers(&organization.history, place);
    let mut object = basics(run);
    let mut told = item_json(organization, place);
    told["acceptance"] = item.about.acceptance.clone();
    told["listed"] = moment(item.listed).into();
    told["lead_time_ms"] = json!(item.lead_time().map(milliseconds));
    told["posts"] = posts.collect();
    told["moves"] = moves.collect();
    told["stays"] = stays.collect();
    told["messages"] = messages.map(|one| message_json(organization, one)).collect();
    told["reviews"] = reviews.collect();
    told["decisions"] = decisions.map(|one| decision_json(run, one)).collect();
    told["blocked_by"] = blockers.iter().map(|one| blocker_json(run, one)).collect();
    object["work"] = told;
    object
}

/// The same for people.
pub fn work_text(run: &OrganizationRun, place: usize, paint: Paint) -> String {
    let organization = &run.organization;
    let mut text = heading(run, paint);
    let Some(item) = organization.work.items.get(place) else { return text };
    let mark = mark(item).map(|mark| format!("  {mark}")).unwrap_or_default();
    let state = format!("{} {}", words(item.state()), age(item));
    let _ = writeln!(text, "{}  {}{}", paint.bold(item.title()), state.trim(), paint.bad(&mark));
    let _ = writeln!(text, "  {}", about_line(item));
    if !item.about.acceptance.is_null() {
        let _ = writeln!(text, "{}", paint.dim("acceptance"));
        value_text(&item.about.acceptance).lines().for_each(|line| {
            let _ = writeln!(text, "  {line}");
        });
    }
    section(
        &mut text,
        paint,
        "who",
        item.posts.iter().map(|holder| {
            let time = if holder.minutes > 0 {
                format!(", {}", hours(holder.minutes))
            } else {
                String::new()
            };
            format!("{} is {}{time}", holder.post, holder.agent)
        }),
    );
    section(
        &mut text,
        paint,
        "moves",
        item.moves.iter().map(|one| {
            let note =
                if one.is_regular { "" } else { "  (irregular: the table has no such move)" };
            let reason = shortened(&one.reason, SHOWN_CHARACTERS);
            format!("{}  {} → {}: {reason}{note}", moment(one.at), words(one.from), words(one.to))
        }),
    );
    section(
        &mut text,
        paint,
        "reviews",
        reviews_of(organization, place).flat_map(|review| review_lines(organization, review)),
    );
    let decisions = organization.decisions.iter().filter(|one| one.item == Some(place));
    section(&mut text, paint, "decisions", decisions.flat_map(|one| decision_text(run, one)));
    let messages = organization.messages.iter().filter(|one| one.item == Some(place));
    section(&mut text, paint, "messages", messages.map(|one| message_line(organization, one)));
    let blockers = organization.work.blockers(&organization.history, place);
    section(&mut text, paint, "blocked by", blockers.iter().map(|one| blocker_line(run, one)));
    text
}

fn section(text: &mut String, paint: Paint, title: &str, lines: impl Iterator<Item = String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_some() {
        let _ = writeln!(text, "{}", paint.dim(title));
    }
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
}

fn about_line(item: &WorkItem) -> String {
    let about = &item.about;
    let mut parts = vec![item.address.clone()];
    parts.extend(about.domain.clone());
    parts.extend(about.tier.map(|tier| format!("tier {}", tier.number())));
    parts.extend(about.milestone.as_ref().map(|name| format!("milestone {name}")));
    if about.minutes > 0 {
        parts.push(hours(about.minutes));
    }
    parts.extend(about.complexity.map(|how| format!("complexity {}", how.as_str())));
    parts.extend(item.lead_time().map(|time| format!("done in {}", seconds(time))));
    parts.join(", ")
}

fn reviews_of(organization: &Organization, place: usize) -> impl Iterator<Item = &Review> {
    organization.reviews.iter().filter(move |review| review.item == Some(place))
}

fn review_json(organization: &Organization, review: &Review) -> Value {
    let rounds = review.rounds.iter().map(|round| {
        let verdicts = round.verdicts.iter().map(|verdict| {
            json!({
                "reviewer": verdict.reviewer,
                "passed": verdict.passed,
                "unmet": verdict.unmet,
                "feedback": verdict.feedback,
                "at": verdict.at.map(moment),
            })
        });
        json!({ "passed": round.passed, "verdicts": verdicts.collect::<Vec<_>>() })
    });
    json!({
        "task": organization.path(review.task),
        "gate": review.gate,
        "passed": review.passed,
        "rounds": rounds.collect::<Vec<_>>(),
        "ended": review.ended.map(moment),
    })
}

fn review_lines(organization: &Organization, review: &Review) -> Vec<String> {
    let mut lines = Vec::new();
    for (number, round) in (1..).zip(&review.rounds) {
        for verdict in &round.verdicts {
            let found = match verdict.passed {
                true => "approved".to_owned(),
                false => {
                    let said = shortened(&verdict.feedback, SHOWN_CHARACTERS);
                    format!("wants changes ({}): {said}", verdict.unmet.join(", "))
                }
            };
            let path = organization.path(review.task);
            lines.push(format!("{path}, round {number}: {} {found}", verdict.reviewer));
        }
    }
    lines
}

fn blocker_json(run: &OrganizationRun, blocker: &Blocker) -> Value {
    let organization = &run.organization;
    let of = |kind: &str, task: &TaskId| {
        let item = organization.work.of_task(&organization.history, *task);
        json!({ "kind": kind, "task": organization.path(*task), "work": organization.address(item) })
    };
    match blocker {
        Blocker::Person(task) => {
            let mut object = of("person", task);
            object["command"] = command(run, *task).into();
            object
        }
        Blocker::Task(task) => of("task", task),
        Blocker::Wave(task) => of("wave", task),
        Blocker::Retry(task) => of("retry", task),
        Blocker::Turn => json!({ "kind": "turn" }),
        Blocker::Standstill(reason) => json!({ "kind": "standstill", "reason": reason }),
    }
}

fn blocker_line(run: &OrganizationRun, blocker: &Blocker) -> String {
    let path = |task: &TaskId| run.organization.path(*task).to_owned();
    match blocker {
        Blocker::Person(task) => format!("a person: {}: {}", path(task), command(run, *task)),
        Blocker::Task(task) => format!("{}, which it needs", path(task)),
        Blocker::Wave(task) => format!("{}, of a wave before it", path(task)),
        Blocker::Retry(task) => format!("{} failed and is tried again", path(task)),
        Blocker::Turn => "others before it in the list".to_owned(),
        Blocker::Standstill(reason) => reason.clone(),
    }
}
