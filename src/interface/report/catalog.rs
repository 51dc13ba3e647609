//! Lists: patterns, teams, runs.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use super::paint::Paint;
use super::units::{milliseconds, moment, seconds};
use crate::language::document::{Document, DocumentKind, Import, Library};
use crate::runtime::journal::{Journal, RunRecord};
use crate::runtime::sharing::waiting_runs;

/// The patterns and pipelines of a library as machine output has them.
pub fn patterns_json(library: &Library, wanted: impl Fn(&Document) -> bool) -> Value {
    let entries: Vec<Value> = listed(library, &wanted)
        .into_iter()
        .map(|document| {
            let inputs: Vec<Value> = document
                .value()
                .get("inputs")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .map(|(name, input)| {
                    json!({
                        "name": name,
                        "required": input.get("default").is_none(),
                        "description": input.get("description"),
                        "default": input.get("default"),
                    })
                })
                .collect();
            let header = header(document);
            json!({
                "name": shown_name(library, document),
                "kind": document.kind().as_str(),
                "category": header.get("category"),
                "tier": header.get("tier"),
                "summary": header.get("summary").and_then(Value::as_str).unwrap_or_default(),
                "inputs": inputs,
                "tags": header.get("tags").cloned().unwrap_or_else(|| json!([])),
                "builtin": library.is_builtin(document),
                "import": library.import_of(document).map(Import::label),
            })
        })
        .collect();
    let unavailable = library.imports().declared.iter().filter_map(|import| {
        let problem = import.problem()?;
        Some(json!({ "import": import.label(), "problem": problem.message, "help": problem.help }))
    });
    json!({ "patterns": entries, "imports_not_listed": unavailable.collect::<Vec<_>>() })
}

/// The patterns and pipelines of a library for people, by category.
pub fn patterns_text(
    library: &Library,
    wanted: impl Fn(&Document) -> bool,
    paint: Paint,
) -> String {
    let documents = listed(library, &wanted);
    let names = documents.iter().map(|document| shown_name(library, document));
    let width = names.map(|name| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    let mut last = None;
    for document in documents {
        let group = group(document);
        if last.as_ref() != Some(&group) {
            let gap = if last.is_some() { "\n" } else { "" };
            let _ = writeln!(text, "{gap}{}", paint.bold(&group));
            last = Some(group);
        }
        let header = header(document);
        let name = shown_name(library, document);
        let summary = header.get("summary").and_then(Value::as_str).unwrap_or_default();
        let from = match library.import_of(document) {
            Some(import) => format!(" (from {})", import.label()),
            None if library.is_builtin(document) => String::new(),
            None => " (yours)".to_owned(),
        };
        let _ = writeln!(text, "  {name:<width$}  {summary}{}", paint.dim(&from));
    }
    for problem in library.imports().declared.iter().filter_map(Import::problem) {
        let _ = writeln!(
            text,
            "\n{}  {}; {}",
            paint.notice("not listed"),
            problem.message,
            problem.help
        );
    }
    text
}

/// The name by which the project can use a document.
fn shown_name(library: &Library, document: &Document) -> String {
    let name = library.name_in_project(document);
    name.unwrap_or_else(|| document.name().unwrap_or_default().to_owned())
}

fn header(document: &Document) -> Value {
    document.value().get(document.kind().as_str()).cloned().unwrap_or_default()
}

fn group(document: &Document) -> String {
    match document.kind() {
        DocumentKind::Pipeline => "pipelines".to_owned(),
        _ => {
            let header = header(document);
            let category = header.get("category").and_then(Value::as_str);
            category.unwrap_or("other").to_owned()
        }
    }
}

/// What a list shows: the project's documents, those that it imports, and the built-in ones that are not hidden.
fn listed<'l>(library: &'l Library, wanted: &dyn Fn(&Document) -> bool) -> Vec<&'l Document> {
    let mut documents: Vec<&Document> = library
        .documents()
        .filter(|document| {
            let name = document.name().unwrap_or_default();
            let is_seen = library.orchestration(name).is_some_and(|d| std::ptr::eq(d, *document));
            let is_imported =
                document.kind() == DocumentKind::Pattern && library.is_imported(document);
            (is_seen || is_imported) && wanted(document)
        })
        .collect();
    documents.sort_by_key(|document| {
        (document.kind() == DocumentKind::Pipeline, group(document), shown_name(library, document))
    });
    documents
}

/// The teams of a library as machine output has them.
pub fn teams_json(library: &Library) -> Value {
    let teams: Vec<Value> = teams(library)
        .into_iter()
        .map(|document| {
            let header = document.value().get("team").cloned().unwrap_or_default();
            json!({
                "name": shown_name(library, document),
                "purpose": header.get("purpose"),
                "department": header.get("department"),
                "agents": document.value().get("agents"),
                "builtin": library.is_builtin(document),
                "import": library.import_of(document).map(Import::label),
            })
        })
        .collect();
    json!({ "teams": teams })
}

/// The teams of a library for people.
pub fn teams_text(library: &Library, paint: Paint) -> String {
    let mut text = String::new();
    for document in teams(library) {
        let header = document.value().get("team").cloned().unwrap_or_default();
        let purpose = header.get("purpose").and_then(Value::as_str).unwrap_or_default();
        let _ = writeln!(text, "{}  {purpose}", paint.bold(&shown_name(library, document)));
        let agents = document.value().get("agents").and_then(Value::as_array);
        for agent in agents.into_iter().flatten() {
            let word = |key: &str| agent.get(key).and_then(Value::as_str).unwrap_or_default();
            let _ = writeln!(text, "  {}  {}", word("role"), paint.dim(word("purpose")));
        }
    }
    text
}

fn teams(library: &Library) -> Vec<&Document> {
    let mut teams: Vec<&Document> = library
        .documents()
        .filter(|document| {
            let name = document.name().unwrap_or_default();
            library.team(name).is_some_and(|team| std::ptr::eq(team, *document))
                || (document.kind() == DocumentKind::Team && library.is_imported(document))
        })
        .collect();
    teams.sort_by_key(|document| shown_name(library, document));
    teams
}

/// The runs of a journal as machine output has them.
pub fn runs_json(journal: &Journal, runs: &[RunRecord]) -> Value {
    let waiting = waiting_runs(&journal.shares_folder());
    let runs: Vec<Value> = runs
        .iter()
        .map(|run| {
            let mut object = json!({
                "run": run.id.as_str(),
                "name": run.name,
                "status": status_of(journal, run),
                "simulated": run.simulated,
                "started": moment(run.started),
                "makespan_ms": took(run).map(milliseconds),
            });
            if let Some(fork) = &run.setup.fork {
                object["fork_of"] = fork.of.as_str().into();
            }
            if let Some(parent) = &run.setup.parent {
                object["parent"] = parent.run.as_str().into();
            }
            if waits_for_others(journal, run, &waiting) {
                object["waits_for_other_runs"] = true.into();
            }
            object
        })
        .collect();
    json!({ "runs": runs })
}

/// The runs of a journal for people.
pub fn runs_text(journal: &Journal, runs: &[RunRecord], paint: Paint) -> String {
    if runs.is_empty() {
        return "no runs yet\n".to_owned();
    }
    let waiting = waiting_runs(&journal.shares_folder());
    let width = runs.iter().map(|run| run.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for run in runs {
        let status = status_of(journal, run);
        let status = match status {
            "succeeded" => paint.good(&format!("{status:<11}")),
            "failed" => paint.bad(&format!("{status:<11}")),
            _ => paint.notice(&format!("{status:<11}")),
        };
        let took = took(run).map(seconds).unwrap_or_default();
        let mut marks = Vec::new();
        let waits = waits_for_others(journal, run, &waiting);
        marks.extend(waits.then(|| "waits for other runs".to_owned()));
        marks.extend(run.simulated.then(|| "simulated".to_owned()));
        let parent = run.setup.parent.as_ref();
        marks.extend(parent.map(|parent| format!("inside {}", parent.run)));
        marks.extend(run.setup.fork.as_ref().map(|fork| format!("fork of {}", fork.of)));
        let _ = writeln!(
            text,
            "{}  {:<width$}  {status}  {}  {took:>9}  {}",
            run.id,
            run.name,
            moment(run.started),
            paint.dim(&marks.join(", "))
        );
    }
    text
}

/// Whether a run is under way and gets no server because others do.
fn waits_for_others(journal: &Journal, run: &RunRecord, waiting: &BTreeSet<String>) -> bool {
    waiting.contains(run.id.as_str()) && status_of(journal, run) == "running"
}

/// A run that says it is running but that no process works on was cut off.
fn status_of<'r>(journal: &Journal, run: &'r RunRecord) -> &'r str {
    if run.status == "running" && !journal.is_under_way(&run.id) {
        "interrupted"
    } else {
        &run.status
    }
}

fn took(run: &RunRecord) -> Option<Duration> {
    run.ended.map(|_| run.worked)
}
