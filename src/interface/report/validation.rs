//! What validating came to, in lines under the findings.

use serde_json::{Value, json};

use super::diagnostics::diagnostic_line;
use super::units::counted;
use crate::interface::app::{Skipped, Why};
use crate::language::diagnostic::{Diagnostic, Safety, Severity};
use crate::language::source::SourceMap;

/// How much was looked at and found.
#[derive(Debug, Clone, Copy)]
pub struct Tally<'f> {
    /// What is to be complained about.
    pub found: &'f [Diagnostic],
    /// What comments allow.
    pub suppressed: &'f [Diagnostic],
    /// How many files were checked.
    pub files: usize,
    /// How many YAML files in searched folders are none of ours.
    pub passed_over: usize,
}

/// How many findings there are of which severity, how many are allowed, how many a flag repairs.
pub fn count_line(tally: Tally<'_>) -> String {
    let Tally { found, suppressed, files, passed_over } = tally;
    let count = |severity| found.iter().filter(|d| d.severity == severity).count();
    let mut parts = vec![counted(files, "file", "files")];
    if found.is_empty() {
        parts.push("nothing to complain about".to_owned());
    }
    for (severity, one, many) in [
        (Severity::Error, "error", "errors"),
        (Severity::Warning, "warning", "warnings"),
        (Severity::Info, "remark", "remarks"),
    ] {
        if count(severity) > 0 {
            parts.push(counted(count(severity), one, many));
        }
    }
    let fixable = |safety| {
        let fixes = found.iter().filter_map(|found| found.fix.as_ref());
        fixes.filter(|fix| fix.safety == safety).count()
    };
    match (fixable(Safety::Safe), fixable(Safety::Unsafe)) {
        (0, 0) => {}
        (safe, 0) => parts.push(format!("{safe} fixable with --fix")),
        (0, risky) => parts.push(format!("{risky} fixable with --fix=all")),
        (safe, risky) => {
            parts.push(format!("{safe} fixable with --fix, {risky} more with --fix=all"));
        }
    }
    if !suppressed.is_empty() {
        parts.push(format!("{} allowed by comments", suppressed.len()));
    }
    if passed_over > 0 {
        parts.push(format!("{} not ours", counted(passed_over, "YAML file", "YAML files")));
    }
    parts.join(", ")
}

/// How many checks were not made, and why, a line a reason.
pub fn skipped_text(skipped: &[Skipped]) -> String {
    let mut reasons: Vec<(&Why, usize)> = Vec::new();
    for Skipped { why, .. } in skipped {
        match reasons.iter_mut().find(|(known, _)| *known == why) {
            Some((_, count)) => *count += 1,
            None => reasons.push((why, 1)),
        }
    }
    let line = |(why, count): (&Why, usize)| match why {
        Why::Offline => {
            format!("{} a cluster: --online\n", counted(count, "check needs", "checks need"))
        }
        Why::Silent(urls) => {
            let checks = counted(count, "check was", "checks were");
            format!("{checks} not made: no word from {}\n", urls.join(", "))
        }
    };
    reasons.into_iter().map(line).collect()
}

/// The checks that were not made, as machine output has them.
pub fn skipped_json(skipped: &[Skipped]) -> Value {
    let entry = |Skipped { code, why }: &Skipped| match why {
        Why::Offline => json!({ "code": code, "reason": "offline", "servers": [] }),
        Why::Silent(urls) => json!({ "code": code, "reason": "no_answer", "servers": urls }),
    };
    skipped.iter().map(entry).collect()
}

/// What comments allow, a line each.
pub fn allowed_text(sources: &SourceMap, suppressed: &[Diagnostic]) -> String {
    let lines = suppressed.iter().map(|found| diagnostic_line(sources, found));
    lines.map(|line| format!("allowed: {line}\n")).collect()
}

/// What was repaired in a file, or would be, a line each.
pub fn repaired_text(file: &str, titles: &[String], tense: Tense) -> String {
    let word = match tense {
        Tense::Done => "repaired",
        Tense::Proposed => "would repair",
    };
    titles.iter().map(|title| format!("{word}: {file}: {title}\n")).collect()
}

/// Whether something has been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tense {
    /// It has.
    Done,
    /// It would be.
    Proposed,
}
