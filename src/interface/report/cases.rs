//! What came of cases: for people, machines and build servers.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::diagnostics::{Look, Place, diagnostic_line, diagnostics_json, diagnostics_text};
use super::difference::hunks;
use super::fact_line::fact_line;
use super::junit::{JunitCase, JunitSuite, junit};
use super::paint::Paint;
use super::run_text::value_text;
use super::units::counted;
use crate::engine::content::Contents;
use crate::insight::History;
use crate::interface::app::{Coverage, Tested, TestedCase, TestedFile, Unmet};
use crate::language::diagnostic::Diagnostic;
use crate::language::source::SourceMap;

/// How cases are shown.
#[derive(Debug, Clone, Copy)]
pub struct CasesLook {
    /// Colours.
    pub paint: Paint,
    /// How many columns there are.
    pub width: usize,
    /// Whether coverage is shown.
    pub coverage: bool,
}

/// What came of cases, for people: every case in a line, then what is not as expected, then a count.
pub fn cases_text(tested: &Tested, look: CasesLook) -> String {
    let mut text = String::new();
    for file in &tested.files {
        let _ = writeln!(text, "{} {}", look.paint.bold(&file.pattern), look.paint.dim(&file.file));
        for case in &file.cases {
            text.push_str(&case_line(case, look.paint));
        }
        if !file.faults.is_empty() {
            let _ = writeln!(text, "  {} its cases cannot be run", look.paint.bad("✗"));
        }
        if look.coverage && file.faults.is_empty() {
            text.push_str(&coverage_text(&file.coverage));
        }
    }
    text.push('\n');
    let sources = tested.library.sources();
    let shown = Look { colour: look.paint.colour, width: look.width };
    for file in &tested.files {
        if !file.faults.is_empty() {
            text.push_str(&diagnostics_text(sources, &file.faults, shown));
        }
        for case in &file.cases {
            text.push_str(&failed_case(file, case, sources, look));
        }
    }
    text.push_str(&count_line(tested));
    text
}

fn case_line(case: &TestedCase, paint: Paint) -> String {
    let mark = if case.has_passed() { paint.good("✓") } else { paint.bad("✗") };
    let calls = counted(case.played.asked.len(), "call", "calls");
    let summary = case.summary.as_deref().map(|summary| format!("  {}", paint.dim(summary.trim())));
    let recorded = if case.is_recorded { ", recorded" } else { "" };
    format!("  {mark} {} ({calls}{recorded}){}\n", case.name, summary.unwrap_or_default())
}

fn failed_case(
    file: &TestedFile,
    case: &TestedCase,
    sources: &SourceMap,
    look: CasesLook,
) -> String {
    if case.has_passed() {
        return String::new();
    }
    let mut text = String::new();
    let title = format!("{}: {}", file.pattern, case.name);
    let _ = writeln!(text, "{}\n", look.paint.bold(&format!("── {title} ──")));
    let shown = Look { colour: look.paint.colour, width: look.width };
    for unmet in &case.unmet {
        let found = [explained(unmet)];
        text.push_str(&diagnostics_text(sources, &found, shown));
        if is_long(unmet) {
            let (expected, actual) = (lines(&unmet.expected), lines(&unmet.actual));
            text.pop();
            let _ = writeln!(text, "  {}", look.paint.dim("- expected  + found"));
            for line in hunks(&expected, &actual, look.paint).lines() {
                let _ = writeln!(text, "  {line}");
            }
            text.push('\n');
        }
    }
    let again = format!("partita test {} --case {} --trace", file.pattern, case.name);
    let _ = writeln!(text, "  the whole run: {again}\n");
    text
}

/// A finding with what is expected and what there is.
fn explained(unmet: &Unmet) -> Diagnostic {
    let diagnostic = unmet.diagnostic.clone();
    if is_long(unmet) || unmet.expected.is_empty() {
        return diagnostic;
    }
    let help = format!("expected {}\nfound    {}", unmet.expected, beginning(&unmet.actual));
    match diagnostic.help.clone() {
        Some(before) => diagnostic.help(format!("{help}\n{before}")),
        None => diagnostic.help(help),
    }
}

/// So many lines, and so many characters, of what was found are shown.
const SHOWN_LINES: usize = 6;
const SHOWN_CHARACTERS: usize = 600;

/// The beginning of a long text, and how much more there is.
fn beginning(text: &str) -> String {
    let lines = text.lines().count();
    let mut shown = text.lines().take(SHOWN_LINES).collect::<Vec<_>>().join("\n");
    if let Some((end, _)) = shown.char_indices().nth(SHOWN_CHARACTERS) {
        shown.truncate(end);
        shown.push('…');
    }
    if lines > SHOWN_LINES {
        let _ = write!(shown, "\n… {} more lines, which --json has", lines - SHOWN_LINES);
    }
    shown
}

/// Whether the texts are better compared line by line.
fn is_long(unmet: &Unmet) -> bool {
    unmet.expected.contains('\n') && unmet.actual.contains('\n')
}

fn lines(text: &str) -> String {
    format!("{}\n", text.trim_end())
}

fn count_line(tested: &Tested) -> String {
    let all = tested.cases().count();
    let failed = tested.cases().filter(|case| !case.has_passed()).count();
    let broken = tested.files.iter().filter(|file| !file.faults.is_empty()).count();
    let mut parts = vec![counted(all, "case", "cases"), format!("{} passed", all - failed)];
    if failed > 0 {
        parts.push(format!("{failed} failed"));
    }
    if broken > 0 {
        parts.push(counted(broken, "file that cannot be run", "files that cannot be run"));
    }
    let written = tested.files.iter().filter_map(|file| file.recorded.as_deref());
    let written: String = written.map(|name| format!("recorded in {name}\n")).collect();
    let who = match tested.is_recording {
        true => {
            "SIMULATED: servers were asked for what is not scripted, time and people are not real"
        }
        false => "SIMULATED: no model was asked",
    };
    format!("{written}{}; {who}\n", parts.join(", "))
}

fn coverage_text(coverage: &Coverage) -> String {
    let groups = Coverage::GROUPS.into_iter().filter_map(|group| {
        let (met, all) = coverage.count(Some(group));
        (all > 0).then(|| format!("{group} {met}/{all}"))
    });
    let groups: Vec<String> = groups.collect();
    let mut text = format!("    covered {:.0} %: {}\n", coverage.percent(), groups.join(", "));
    for entry in coverage.entries.iter().filter(|entry| entry.cases == 0) {
        let _ = writeln!(text, "    never: `{}` {}", entry.name, entry.kind.describe());
    }
    text
}

/// All that happened in a case, and what came out of it.
pub fn traced_case(case: &TestedCase, paint: Paint) -> String {
    let played = &case.played;
    let mut history = History::new(Arc::clone(played.history.plan()));
    let mut text = format!("{}\n", paint.bold(&format!("── {} ──", case.name)));
    for fact in &played.facts {
        history.apply(fact);
        if let Some(line) = fact_line(&history, fact, paint) {
            let _ = writeln!(text, "{line}");
        }
    }
    let outputs = history.outputs.as_ref().and_then(|address| played.contents.read(address).ok());
    for (name, value) in outputs.as_deref().and_then(Value::as_object).into_iter().flatten() {
        let shown = value_text(value);
        let shown = shown.trim_end().replace('\n', "\n    ");
        let gap = if shown.contains('\n') { "\n    " } else { "  " };
        let _ = writeln!(text, "  {}{gap}{shown}", paint.bold(name));
    }
    text.push('\n');
    text
}

/// What came of cases, for machines.
pub fn cases_json(tested: &Tested) -> Value {
    let all = tested.cases().count();
    let failed = tested.cases().filter(|case| !case.has_passed()).count();
    json!({
        "version": 1,
        "simulated": true,
        "passed": tested.has_passed(),
        "cases": all,
        "failed": failed,
        "files": tested.files.iter().map(|file| file_json(tested, file)).collect::<Vec<_>>(),
    })
}

fn file_json(tested: &Tested, file: &TestedFile) -> Value {
    let sources = tested.library.sources();
    let case_json = |case: &TestedCase| {
        let place = Place::of(sources, case.span);
        let failures = case.unmet.iter().map(|unmet| {
            let found = diagnostics_json(sources, std::slice::from_ref(&unmet.diagnostic));
            let mut failure = found.get(0).cloned().unwrap_or_default();
            failure["expected"] = unmet.expected.as_str().into();
            failure["actual"] = unmet.actual.as_str().into();
            failure
        });
        json!({
            "name": case.name,
            "summary": case.summary,
            "passed": case.has_passed(),
            "line": place.as_ref().map(|place| place.start.line),
            "status": case.played.status(),
            "calls": case.played.asked.len(),
            "recorded": case.is_recorded,
            "failures": failures.collect::<Vec<_>>(),
        })
    };
    json!({
        "file": file.file,
        "pattern": file.pattern,
        "recorded_in": file.recorded,
        "diagnostics": diagnostics_json(sources, &file.faults),
        "cases": file.cases.iter().map(case_json).collect::<Vec<_>>(),
        "coverage": coverage_json(&file.coverage),
    })
}

fn coverage_json(coverage: &Coverage) -> Value {
    let groups = Coverage::GROUPS.into_iter().map(|group| {
        let (met, all) = coverage.count(Some(group));
        (group.to_owned(), json!({ "covered": met, "all": all }))
    });
    let missed = coverage.entries.iter().filter(|entry| entry.cases == 0);
    let missed = missed.map(|entry| {
        json!({
            "task": entry.name,
            "group": entry.kind.group(),
            "what": entry.kind.describe().replace('`', ""),
        })
    });
    let mut object = Map::new();
    object.insert("percent".to_owned(), super::run_json::rounded(coverage.percent()).into());
    object.extend(groups);
    object.insert("missed".to_owned(), missed.collect());
    Value::Object(object)
}

/// What came of cases, as a JUnit report: a suite a file.
pub fn cases_junit(tested: &Tested) -> String {
    let sources = tested.library.sources();
    let suite = |file: &TestedFile| {
        let class = format!("partita.{}", file.pattern);
        let mut cases: Vec<JunitCase> = file
            .cases
            .iter()
            .map(|case| {
                let lines = case.unmet.iter().map(|unmet| {
                    let line = diagnostic_line(sources, &unmet.diagnostic);
                    match unmet.expected.is_empty() {
                        true => line,
                        false => {
                            format!(
                                "{line}\nexpected {}\nfound    {}",
                                unmet.expected, unmet.actual
                            )
                        }
                    }
                });
                let count = case.unmet.len();
                JunitCase {
                    class: class.clone(),
                    name: case.name.clone(),
                    failure: (count > 0).then(|| {
                        let words = counted(count, "expectation is", "expectations are");
                        format!("{words} not met")
                    }),
                    text: lines.collect::<Vec<_>>().join("\n\n"),
                }
            })
            .collect();
        if !file.faults.is_empty() {
            let lines = file.faults.iter().map(|found| diagnostic_line(sources, found));
            cases.push(JunitCase {
                class,
                name: "the file".to_owned(),
                failure: Some("its cases cannot be run".to_owned()),
                text: lines.collect::<Vec<_>>().join("\n"),
            });
        }
        JunitSuite { name: file.file.clone(), cases }
    };
    junit(&tested.files.iter().map(suite).collect::<Vec<_>>())
}
