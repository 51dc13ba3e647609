//! What `partita init` found and wrote, and what comes next.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::cluster::cluster_json;
use super::paint::Paint;
use super::shell::quoted;
use super::units::bytes;
use crate::interface::app::{Discovery, Fate, NewFile};
use crate::runtime::cluster::{ModelInfo, can_chat};

/// Files that many tools share: one that is there needs a few lines more.
const SHARED: [&str; 2] = [".pre-commit-config.yaml", ".vscode/settings.json"];

/// What a new project begins with.
#[derive(Debug, Clone, Copy)]
pub struct Beginning<'a> {
    /// The servers that were found.
    pub found: &'a Discovery,
    /// The files, and what became of each.
    pub files: &'a [(NewFile, Fate)],
    /// The project's folder, where it is not the current one.
    pub folder: Option<&'a Path>,
    /// Whether nothing was written.
    pub is_dry: bool,
}

/// The servers that were asked, and what they have.
pub fn discovery_text(found: &Discovery, paint: Paint) -> String {
    let mut text = String::new();
    for report in &found.reports {
        let Some(trouble) = &report.trouble else {
            let version = report.version.as_deref().map(|v| format!("  Ollama {v}"));
            let simulated = if report.is_simulated { "  simulated" } else { "" };
            let _ = writeln!(
                text,
                "{}  {}{}{simulated}",
                paint.bold(&report.url),
                paint.good("up"),
                version.unwrap_or_default()
            );
            report.models.iter().flatten().for_each(|model| model_line(model, paint, &mut text));
            if report.models.as_ref().is_some_and(Vec::is_empty) {
                text.push_str("  no models; pull one: ollama pull llama3.1:8b\n");
            }
            continue;
        };
        let _ = writeln!(text, "{}  {} {trouble}", paint.bold(&report.url), paint.bad("down"));
    }
    match &found.model {
        Some(model) => {
            let _ =
                writeln!(text, "tasks that name no model ask {} ({})", model.name, model.reason);
        }
        None if found.urls().is_empty() => {
            text.push_str(
                "no Ollama server answered: the files are written all the same, and --simulate \
                 rehearses without one\n",
            );
        }
        None => text.push_str("none of these models can chat\n"),
    }
    text
}

fn model_line(model: &ModelInfo, paint: Paint, text: &mut String) {
    let able = if can_chat(model) { "can chat" } else { "only makes vectors" };
    let _ = writeln!(text, "  {:<28} {:>8}  {}", model.name, bytes(model.size), paint.dim(able));
}

/// What was written, for people.
pub fn beginning_text(beginning: &Beginning<'_>, paint: Paint) -> String {
    let mut text = String::from("\n");
    let shown = |file: &NewFile| file.path.display().to_string();
    let width = beginning.files.iter().map(|(file, _)| shown(file).len()).max().unwrap_or(0);
    for (file, fate) in beginning.files {
        let (word, purpose) = match fate {
            Fate::New if beginning.is_dry => (paint.good("would write"), file.purpose),
            Fate::New => (paint.good("wrote"), file.purpose),
            Fate::Kept => (paint.notice("kept "), "is there already and stays as it is"),
        };
        let _ = writeln!(text, "{word}  {:<width$}  {}", shown(file), paint.dim(purpose));
    }
    for (file, fate) in beginning.files {
        let path = shown(file);
        let is_shared = SHARED.contains(&path.as_str());
        if *fate == Fate::Kept && is_shared {
            let _ = write!(text, "\nadd this to {path}:\n{}", indented(&file.text));
        }
        if *fate == Fate::New && beginning.is_dry && !path.starts_with("schemas") {
            let _ = write!(text, "\n{}\n{}", paint.bold(&path), indented(&file.text));
        }
    }
    let _ = writeln!(text, "\n{}", paint.bold("next"));
    let next = next(beginning);
    let width = next.iter().map(|(command, _)| command.len()).max().unwrap_or(0);
    for (command, purpose) in next {
        let _ = writeln!(text, "  {command:<width$}  {}", paint.dim(purpose));
    }
    text
}

/// What was found and written, for machines.
pub fn beginning_json(beginning: &Beginning<'_>) -> Value {
    let files: Vec<Value> = beginning
        .files
        .iter()
        .map(|(file, fate)| {
            json!({
                "path": file.path,
                "purpose": file.purpose,
                "written": *fate == Fate::New && !beginning.is_dry,
                "exists": *fate == Fate::Kept,
            })
        })
        .collect();
    let next: Vec<String> = next(beginning).into_iter().map(|(command, _)| command).collect();
    json!({
        "servers": cluster_json(&beginning.found.reports)["servers"],
        "model": beginning.found.model.as_ref().map(|model| &model.name),
        "files": files,
        "next": next,
    })
}

/// The commands that come next, and what for.
fn next(beginning: &Beginning<'_>) -> Vec<(String, &'static str)> {
    let has_server = !beginning.found.urls().is_empty();
    let mut commands: Vec<(&str, &str)> = vec![("partita plan first", "its waves and needs")];
    commands.extend(match (&beginning.found.model, has_server) {
        (Some(_), _) => {
            [("partita run first", "run it"), ("partita validate", "every mistake, at its place")]
        }
        (None, true) => [
            ("partita run first --simulate", "rehearse it"),
            ("ollama pull llama3.1:8b", "then it runs without --simulate"),
        ],
        (None, false) => [
            ("partita run first --simulate", "rehearse it"),
            ("partita cluster status", "once a server is up: ollama serve"),
        ],
    });
    let place = beginning.folder.map(|folder| {
        (format!("cd {}", quoted(&folder.display().to_string())), "where the project is")
    });
    let commands = commands.into_iter().map(|(command, what)| (command.to_owned(), what));
    place.into_iter().chain(commands).collect()
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}").trim_end().to_owned() + "\n").collect()
}
