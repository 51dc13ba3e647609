//! The configuration of a team that was written for another system, as a team of ours: what is known is taken, and what is
//! not is named.

use std::path::Path;

use serde_json::{Map, Value};

use super::draft::{Draft, check};
use super::sheet::Sheet;
use crate::interface::app::failure::{Failure, FailureKind};
use crate::interface::app::project::Project;
use crate::language::document::{Document, DocumentKind, is_document_name};
use crate::organization::role_id;

/// The keys of a team, of an agent, and beside both, in the order in which they are written.
const OF_TEAM: [&str; 5] = ["name", "purpose", "department", "model", "framework"];
const OF_AGENT: [&str; 19] = [
    "role",
    "id",
    "reports_to",
    "purpose",
    "layer",
    "domain",
    "level",
    "orchestration_expertise",
    "skills",
    "focus_areas",
    "instructions",
    "capacity",
    "tools",
    "model",
    "fallback_models",
    "options",
    "requires",
    "max_parallel",
    "takes",
];
const AT_TOP: [&str; 3] = ["team", "agents", "special_capabilities"];

/// Keys whose value is a list, where a single text is meant as one of it.
const LISTS: [&str; 5] = ["skills", "focus_areas", "tools", "requires", "fallback_models"];

/// A team that was made of a configuration.
#[derive(Debug)]
pub struct ImportedTeam {
    /// The document, which is without fault.
    pub draft: Draft,
    /// What was left out or is written otherwise, a sentence each.
    pub notes: Vec<String>,
}

/// Reads a configuration. A file that is a team already is given as it is written.
///
/// # Errors
/// When the file is none with `team:` and `agents:`, or what is known of it makes no team.
pub fn imported_team(project: &Project, file: &Path, to: &Path) -> Result<ImportedTeam, Failure> {
    let library = project.library(Some(file));
    let name = file.display().to_string();
    let source = library.sources().iter().find(|source| source.name() == name);
    let document = source.and_then(|source| library.document_of(source.id()));
    let is_team = |document: &&Document| document.kind() == DocumentKind::Team;
    let (Some(source), Some(document)) = (source, document.filter(is_team)) else {
        return Err(Failure::new(
            FailureKind::Usage,
            format!("{name} is no configuration of a team"),
        )
        .hint("what can be taken over has the keys `team:` and `agents:`"));
    };
    let mut notes = Vec::new();
    let (name, text) = match document.body() {
        Some(_) => (document.name().unwrap_or_default().to_owned(), source.text().to_owned()),
        None => written(document.value(), &name, &mut notes),
    };
    let draft = Draft { kind: DocumentKind::Team, name, path: to.to_path_buf(), text };
    // The file itself is no part of the project that its successor belongs to.
    check(project, &draft)?;
    Ok(ImportedTeam { draft, notes })
}

/// The text of a team of what is known in a configuration.
fn written(config: &Value, file: &str, notes: &mut Vec<String>) -> (String, String) {
    let nothing = Map::new();
    let map = |value: &Value| value.as_object().cloned().unwrap_or_default();
    leave_out(config.as_object().unwrap_or(&nothing), &AT_TOP, "", notes);
    let team = map(&config["team"]);
    leave_out(&team, &OF_TEAM, "team.", notes);
    let given = team.get("name").and_then(Value::as_str).unwrap_or_default();
    let name = if is_document_name(given) { given.to_owned() } else { role_id(given) };
    if name != given {
        notes.push(format!("the team is called `{name}`, for `{given}` is no name of a document"));
    }
    let mut agents = Sheet::default();
    for (place, agent) in config["agents"].as_array().into_iter().flatten().enumerate() {
        let agent = map(agent);
        leave_out(&agent, &OF_AGENT, &format!("agents[{place}]."), notes);
        let known = OF_AGENT.iter().filter_map(|key| Some((*key, agent.get(*key)?)));
        for (number, (key, value)) in known.filter(|(_, value)| !value.is_null()).enumerate() {
            let value = one_as_list(key, value);
            match (number, value.as_str()) {
                (0, Some(text)) => agents.item(1, key, text),
                (_, Some(text)) => agents.text(2, key, text),
                _ => agents.value(2, key, &value),
            }
        }
    }
    let mut sheet = Sheet::default();
    sheet.comment(0, &format!("Made of {}.", one_line(file)));
    for note in notes.iter() {
        sheet.comment(0, &one_line(note));
    }
    sheet.key(0, "team");
    sheet.text(1, "name", &name);
    for key in &OF_TEAM[1..] {
        if let Some(value) = team.get(*key).filter(|value| !value.is_null()) {
            sheet.value(1, key, value);
        }
    }
    sheet.blank();
    sheet.key(0, "agents");
    let mut text = sheet.into_text() + &agents.into_text();
    if let Some(special) = config.get("special_capabilities").filter(|value| !value.is_null()) {
        let mut last = Sheet::default();
        last.blank();
        let special =
            if special.is_string() { Value::from(vec![special.clone()]) } else { special.clone() };
        last.value(0, "special_capabilities", &special);
        text.push_str(&last.into_text());
    }
    (name, text)
}

fn one_as_list(key: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if LISTS.contains(&key) => Value::from(vec![text.as_str()]),
        other => other.clone(),
    }
}

/// Notes what nobody here knows.
fn leave_out(map: &Map<String, Value>, known: &[&str], before: &str, notes: &mut Vec<String>) {
    for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
        notes.push(format!("left out: `{before}{key}`, which says nothing here"));
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
