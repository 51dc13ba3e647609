//! What was learned of advice, as text and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::paint::Paint;
use super::units::{counted, milliseconds, moment, roughly};
use super::width::{one_line, shortened};
use crate::insight::learning::{Experience, Experiences, GivenAdvice, VerdictRecord};

/// All of it for machines, or what is about one piece of advice, run or pattern.
pub fn learnings_json(experiences: &Experiences, about: Option<&str>) -> Value {
    let runs = runs_about(experiences, about);
    let advice = advice_about(experiences, about);
    let patterns = experiences.by_pattern().into_iter().map(|(name, runs)| {
        let well = runs.iter().filter(|run| run.went_well() == Some(true)).count();
        json!({ "pattern": name, "runs": runs.len(), "went_well": well })
    });
    let resets = experiences.resets.iter().map(|reset| {
        json!({
            "at": moment(reset.at),
            "pattern": reset.pattern,
            "advice": reset.advice,
            "by": reset.by,
        })
    });
    let accepted = experiences.accepted.iter();
    let accepted = accepted.map(|(pattern, runs)| json!({ "pattern": pattern, "runs": runs }));
    json!({
        "advice": advice.into_iter().map(given_json).collect::<Vec<_>>(),
        "runs": runs.into_iter().map(experience_json).collect::<Vec<_>>(),
        "patterns": patterns.collect::<Vec<_>>(),
        "resets": resets.collect::<Vec<_>>(),
        "accepted": accepted.collect::<Vec<_>>(),
    })
}

fn given_json(given: &GivenAdvice) -> Value {
    let said = &given.said;
    let candidates = said
        .candidates
        .iter()
        .map(|one| json!({ "pattern": one.pattern, "score": one.score, "withheld": one.withheld }));
    let estimate = said.estimate.map(
        |estimate| json!({ "calls": estimate.calls, "time_ms": milliseconds(estimate.time()) }),
    );
    json!({
        "id": given.id,
        "at": moment(given.at),
        "folder": given.folder,
        "request": given.request,
        "tier": said.tier,
        "approach": said.approach,
        "pattern": said.pattern,
        "candidates": candidates.collect::<Vec<_>>(),
        "confidence": said.confidence,
        "estimate": estimate,
    })
}

/// What is known of a run, for machines.
pub fn experience_json(run: &Experience) -> Value {
    let outcome = run.outcome.as_ref().map(|outcome| {
        json!({
            "status": outcome.status,
            "worked_ms": milliseconds(outcome.worked()),
            "calls": outcome.calls,
            "retries": outcome.retries,
            "rounds_again": outcome.rounds_again,
            "failed": outcome.failed.as_ref()
                .map(|failed| json!({ "task": failed.task, "reason": failed.reason })),
            "simulated": outcome.simulated,
        })
    });
    let said = run.verdicts.iter().map(
        |said| json!({ "verdict": said.verdict.as_str(), "because": said.because, "by": said.by }),
    );
    json!({
        "run": run.run,
        "pattern": run.pattern,
        "advice": run.advice,
        "outcome": outcome,
        "verdicts": said.collect::<Vec<_>>(),
        "estimate_ms": run.estimate.map(milliseconds),
        "does_again": run.does_again,
        "done_again_by": run.done_again_by,
        "worth": run.worth(),
        "forgotten": run.forgotten,
        "at": moment(run.at),
    })
}

/// What was learned for people: how patterns fared, then advice with its runs, the newest first.
pub fn learnings_text(experiences: &Experiences, paint: Paint, width: usize) -> String {
    let mut text = String::new();
    let patterns = experiences.by_pattern();
    if !patterns.is_empty() {
        let _ = writeln!(text, "{}", paint.bold("patterns"));
    }
    let widest = patterns.keys().map(|name| name.len()).max().unwrap_or(0);
    for (name, runs) in &patterns {
        let well = runs.iter().filter(|run| run.went_well() == Some(true)).count();
        let runs = counted(runs.len() as u64, "run", "runs");
        let _ = writeln!(text, "  {name:<widest$}  {well} of {runs} went well");
    }
    if !experiences.advice.is_empty() {
        let gap = if text.is_empty() { "" } else { "\n" };
        let _ = writeln!(text, "{gap}{}", paint.bold("advice"));
    }
    for given in experiences.advice.iter().rev() {
        let _ = writeln!(text, "  {}", given_line(given, width.saturating_sub(2)));
        let of_it = experiences.runs.iter().filter(|run| run.advice.as_ref() == Some(&given.id));
        for run in of_it {
            let _ = writeln!(text, "      {}", experience_line(run, paint));
        }
    }
    let others: Vec<&Experience> =
        experiences.runs.iter().filter(|run| run.advice.is_none()).collect();
    if !others.is_empty() {
        let _ = writeln!(text, "\n{}", paint.bold("runs without advice"));
    }
    for run in others {
        let _ = writeln!(text, "  {}", experience_line(run, paint));
    }
    text
}

fn given_line(given: &GivenAdvice, width: usize) -> String {
    let what = match &given.said.pattern {
        Some(pattern) => format!("{} with {pattern}", given.said.approach),
        None => given.said.approach.clone(),
    };
    let line = format!("{}  {}  {what}: {}", given.id, moment(given.at), one_line(&given.request));
    shortened(&line, width)
}

/// What is known of a run, on a line.
pub fn experience_line(run: &Experience, paint: Paint) -> String {
    let mut parts = vec![format!("run {}  {}", run.run, run.pattern)];
    match &run.outcome {
        None => parts.push("not over".to_owned()),
        Some(outcome) => {
            let ended = match &outcome.failed {
                Some(failed) => {
                    format!("{} at `{}`: {}", outcome.status, failed.task, failed.reason)
                }
                None => outcome.status.clone(),
            };
            let ended = if outcome.has_failed() { paint.bad(&ended) } else { ended };
            parts.push(ended);
            let mut took = roughly(outcome.worked());
            if let Some(share) = run.beside_estimate() {
                let _ = write!(took, ", {share:.1} times what was estimated");
            }
            parts.push(took);
            if outcome.retries > 0 {
                parts.push(counted(outcome.retries, "retry", "retries"));
            }
            if outcome.rounds_again > 0 {
                parts.push(counted(outcome.rounds_again, "round again", "rounds again"));
            }
        }
    }
    if let Some(again) = &run.done_again_by {
        parts.push(format!("done again by run {again}"));
    }
    if let Some(said) = run.verdict() {
        parts.push(verdict_text(said));
    }
    if run.forgotten {
        parts.push("counts no more".to_owned());
    }
    one_line(&parts.join("; "))
}

fn verdict_text(said: &VerdictRecord) -> String {
    let because = said.because.as_ref().map(|because| format!(", because {because}"));
    format!("{} says {}{}", said.by, said.verdict.as_str(), because.unwrap_or_default())
}

/// What is known of one piece of advice, run or pattern, for people; nothing where nothing is.
pub fn learning_text(experiences: &Experiences, about: &str, paint: Paint) -> Option<String> {
    let mut text = String::new();
    for given in advice_about(experiences, Some(about)) {
        let said = &given.said;
        let what = said.pattern.as_deref().unwrap_or("no pattern");
        let head = format!("{}  {}  {} with {what}", given.id, moment(given.at), said.approach);
        let _ = writeln!(text, "{}\n  {}", paint.bold(&head), one_line(&given.request));
        for one in &said.candidates {
            let withheld = if one.withheld { "  withheld" } else { "" };
            let _ = writeln!(text, "  {:>5.2}  {}{withheld}", one.score, one.pattern);
        }
    }
    for run in runs_about(experiences, Some(about)) {
        let _ = writeln!(text, "{}", experience_line(run, paint));
        for earlier in run.verdicts.iter().rev().skip(1) {
            let _ = writeln!(text, "  before: {}", verdict_text(earlier));
        }
        if let Some(worth) = run.worth() {
            let _ = writeln!(text, "  counts as {worth:.2}, where 1 is good and 0 is bad");
        }
    }
    (!text.is_empty()).then_some(text)
}

fn is_run(run: &str, about: &str) -> bool {
    about.len() >= 3 && run.starts_with(&about.to_lowercase())
}

fn runs_about<'e>(experiences: &'e Experiences, about: Option<&str>) -> Vec<&'e Experience> {
    let is_meant = |run: &&Experience| {
        about.is_none_or(|about| {
            run.pattern == about
                || run.advice.as_ref().is_some_and(|id| id.eq_ignore_ascii_case(about))
                || is_run(&run.run, about)
        })
    };
    experiences.runs.iter().filter(is_meant).collect()
}

fn advice_about<'e>(experiences: &'e Experiences, about: Option<&str>) -> Vec<&'e GivenAdvice> {
    let followed = |id: &str, about: &str| {
        let mut runs = experiences.runs.iter();
        runs.any(|run| run.advice.as_deref() == Some(id) && is_run(&run.run, about))
    };
    let is_meant = |given: &&GivenAdvice| {
        about.is_none_or(|about| {
            given.id.eq_ignore_ascii_case(about)
                || given.said.pattern.as_deref() == Some(about)
                || followed(&given.id, about)
        })
    };
    experiences.advice.iter().filter(is_meant).collect()
}
