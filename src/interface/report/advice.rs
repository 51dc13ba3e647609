//! Advice as text and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::paint::Paint;
use super::units::{counted, milliseconds, roughly};
use super::width::wrapped;
use crate::insight::advisor::{Advice, Answer, Candidate, Evaluation, Share};
use crate::interface::app::{Estimate, TimeBasis};

/// Advice with what is shown beside it.
#[derive(Debug, Clone, Copy)]
pub struct AdviceView<'a> {
    /// The request.
    pub request: &'a str,
    /// The advice.
    pub advice: &'a Advice,
    /// Its id, if it was kept.
    pub id: Option<&'a str>,
    /// What the recommended pattern would take, if one is recommended.
    pub estimate: Option<&'a Estimate>,
    /// What to run next.
    pub commands: &'a [String],
}

/// Advice for machines.
pub fn advice_json(view: AdviceView<'_>) -> Value {
    let advice = view.advice;
    let answers: serde_json::Map<String, Value> = advice
        .answers
        .iter()
        .map(|answer| {
            let object = json!({
                "question": answer.question.text(),
                "answer": answer.answer,
                "evidence": evidence(view.request, answer),
            });
            (answer.question.key().to_owned(), object)
        })
        .collect();
    let alternative = advice.alternative.as_ref().map(|alternative| {
        json!({
            "approach": alternative.approach.as_str(),
            "pattern": alternative.pattern,
            "reason": alternative.reason,
        })
    });
    let coordination = view.estimate.map_or(advice.coordination, |estimate| estimate.coordination);
    json!({
        "id": view.id,
        "tier": advice.tier.number(),
        "approach": advice.approach.as_str(),
        "pattern": advice.pattern,
        "candidates": advice.candidates.iter().map(candidate_json).collect::<Vec<_>>(),
        "coordination": coordination.as_str(),
        "coordination_pattern": advice.coordination_pattern,
        "answers": answers,
        "reasoning": advice.reasoning,
        "confidence": rounded(advice.confidence),
        "alternative": alternative,
        "estimate": view.estimate.map(estimate_json),
        "warnings": advice.warnings,
        "tools": view.commands,
    })
}

fn candidate_json(candidate: &Candidate) -> Value {
    let parts = &candidate.parts;
    let mut object = json!({
        "pattern": candidate.pattern,
        "score": rounded(candidate.score),
        "parts": {
            "words": rounded(parts.words),
            "pairs": rounded(parts.pairs),
            "meanings": rounded(parts.meanings),
            "nearest": rounded(parts.nearest),
            "nearest_meanings": rounded(parts.nearest_meanings),
            "surroundings": rounded(parts.surroundings),
            "size": rounded(parts.size),
            "against": rounded(parts.against),
            "adjustment": rounded(parts.adjustment),
        },
    });
    if let Some(experience) = &candidate.experience {
        object["experience"] = experience.as_str().into();
    }
    if candidate.withheld {
        object["withheld"] = true.into();
    }
    object
}

fn estimate_json(estimate: &Estimate) -> Value {
    let (basis, runs) = match estimate.basis {
        TimeBasis::Runs(runs) => ("earlier_runs", Some(runs)),
        TimeBasis::Plan => ("plan", None),
    };
    json!({
        "calls": estimate.calls,
        "prompt_tokens": estimate.prompt_tokens,
        "answer_tokens": estimate.answer_tokens,
        "time_ms": milliseconds(estimate.time),
        "time_basis": basis,
        "runs": runs,
        "servers": estimate.servers,
        "servers_by": estimate.by,
        "model": estimate.model,
    })
}

/// The words of the request on which an answer rests.
fn evidence(request: &str, answer: &Answer) -> Vec<String> {
    let words = |place: &std::ops::Range<usize>| {
        let text = request.get(place.clone()).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    answer.evidence.iter().map(words).collect()
}

/// Two digits behind the point: more would be noise.
fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

/// Advice for people. With `is_explained` the parts of the scores are shown.
pub fn advice_text(view: AdviceView<'_>, paint: Paint, width: usize, is_explained: bool) -> String {
    let advice = view.advice;
    let mut text = String::new();
    let what = match &advice.pattern {
        Some(pattern) => format!("{} with {}", advice.approach.as_str(), paint.bold(pattern)),
        None => advice.approach.as_str().to_owned(),
    };
    // Nobody is ever quite sure.
    let sure = (advice.confidence * 100.0).min(99.0);
    let kept = view.id.map(|id| format!(", kept as {id}")).unwrap_or_default();
    let _ = writeln!(
        text,
        "{what}  {}",
        paint.dim(&format!("tier {}, {sure:.0}% sure{kept}", advice.tier.number()))
    );
    let _ = writeln!(text);
    for answer in &advice.answers {
        let words = evidence(view.request, answer);
        let words: Vec<String> = words.iter().map(|words| format!("“{words}”")).collect();
        let question = answer.question.text();
        let line =
            format!("  {question:<38} {:<8} {}", answer.answer, paint.dim(&words.join(", ")));
        let _ = writeln!(text, "{}", line.trim_end());
    }
    section(&mut text, "why", &advice.reasoning, paint, width);
    candidates(&mut text, advice, paint, is_explained);
    if let Some(estimate) = view.estimate {
        let _ = writeln!(text, "\n{}", paint.bold("what it takes"));
        let _ = writeln!(text, "  {}", estimate_line(estimate));
        let _ = writeln!(text, "  work together: {}", estimate.coordination.as_str());
    } else {
        let _ =
            writeln!(text, "\n{}  {}", paint.bold("work together"), advice.coordination.as_str());
    }
    if let Some(pattern) = &advice.coordination_pattern {
        let line = format!("of those made for no subject, `{pattern}` is the nearest");
        let _ = writeln!(text, "  {line}");
    }
    if let Some(alternative) = &advice.alternative {
        let pattern = alternative.pattern.as_ref();
        let pattern = pattern.map(|pattern| format!(" with {pattern}")).unwrap_or_default();
        let line = format!("{}{pattern}: {}", alternative.approach.as_str(), alternative.reason);
        section(&mut text, "cheaper, and why not", &[line], paint, width);
    }
    if !advice.warnings.is_empty() {
        section(&mut text, "beware", &advice.warnings, paint, width);
    }
    if !view.commands.is_empty() {
        let _ = writeln!(text, "\n{}", paint.bold("next"));
        for command in view.commands {
            let _ = writeln!(text, "  {command}");
        }
    }
    text
}

fn candidates(text: &mut String, advice: &Advice, paint: Paint, is_explained: bool) {
    if advice.candidates.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{}", paint.bold("nearest patterns"));
    let widest = advice.candidates.iter().map(|one| one.pattern.len()).max().unwrap_or(0);
    for candidate in &advice.candidates {
        let mut line = format!("  {:<widest$}  {:>5.2}", candidate.pattern, candidate.score);
        if is_explained {
            let parts = &candidate.parts;
            let _ = write!(
                line,
                "  = words {:.2} + pairs {:.2} + meanings {:.2} + nearest {:.2} + nearest meanings {:.2} \
                 + surroundings {:.2} - size {:.2} - against {:.2}",
                parts.words,
                parts.pairs,
                parts.meanings,
                parts.nearest,
                parts.nearest_meanings,
                parts.surroundings,
                parts.size,
                parts.against
            );
        }
        if let Some(experience) = &candidate.experience {
            let withheld = if candidate.withheld { "withheld, " } else { "" };
            let _ = write!(line, "  {withheld}{:+.2}: {experience}", candidate.parts.adjustment);
        }
        let _ = writeln!(text, "{line}");
    }
}

fn section(text: &mut String, title: &str, sentences: &[String], paint: Paint, width: usize) {
    let _ = writeln!(text, "\n{}", paint.bold(title));
    for sentence in sentences {
        for line in wrapped(sentence, width.saturating_sub(2).max(40)) {
            let _ = writeln!(text, "  {line}");
        }
    }
}

fn estimate_line(estimate: &Estimate) -> String {
    let basis = match estimate.basis {
        TimeBasis::Runs(runs) => format!("the median of {}", counted(runs, "run", "runs")),
        TimeBasis::Plan => "as the plan assumes".to_owned(),
    };
    format!(
        "about {}, {} tokens of prompts, {} ({basis}) on {} from {}",
        counted(estimate.calls, "call", "calls"),
        estimate.prompt_tokens,
        roughly(estimate.time),
        counted(estimate.servers, "server", "servers"),
        estimate.by
    )
}

/// How often advice was right, for machines.
pub fn evaluation_json(evaluation: &Evaluation) -> Value {
    let share =
        |share: Share| json!({ "right": share.right, "of": share.of, "share": share.share() });
    let wrong = evaluation.wrong.iter().map(|wrong| {
        json!({
            "number": wrong.number,
            "request": wrong.row.request,
            "expected": {
                "approach": wrong.row.label.approach.as_str(),
                "pattern": wrong.row.label.pattern,
                "or": wrong.row.label.others,
            },
            "advised": {
                "approach": wrong.approach.as_str(),
                "pattern": wrong.pattern,
                "first": wrong.first,
            },
        })
    });
    json!({
        "pattern_first": share(evaluation.ranked),
        "recommended": share(evaluation.recommended),
        "approach": share(evaluation.approach),
        "small_without_orchestration": share(evaluation.small),
        "wrong": wrong.collect::<Vec<_>>(),
    })
}

/// How often advice was right, for people.
pub fn evaluation_text(evaluation: &Evaluation, paint: Paint, width: usize) -> String {
    let mut text = String::new();
    let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "none".to_owned());
    for wrong in &evaluation.wrong {
        let label = &wrong.row.label;
        let request = super::width::shortened(&super::width::one_line(&wrong.row.request), width);
        let _ = writeln!(text, "{}", paint.dim(&request));
        let _ = writeln!(
            text,
            "  {}: {} with {} is right; advised is {} with {}, and {} came first",
            wrong.number,
            label.approach.as_str(),
            name(&label.pattern),
            wrong.approach.as_str(),
            name(&wrong.pattern),
            name(&wrong.first)
        );
    }
    if !evaluation.wrong.is_empty() {
        text.push('\n');
    }
    for (share, what) in [
        (evaluation.ranked, "the right pattern comes first"),
        (evaluation.recommended, "what is recommended is right, a pattern or none"),
        (evaluation.approach, "the approach is right"),
        (evaluation.small, "small requests without orchestration"),
    ] {
        let percent = share.share() * 100.0;
        let counts = format!("{} of {}", share.right, share.of);
        let _ = writeln!(text, "{percent:>5.1}%  {counts:<10}  {what}");
    }
    text
}
