//! From what somebody typed to a document that is without fault, and where it belongs.

use std::path::{Path, PathBuf};

use super::cluster::cluster_text;
use super::orchestration::{
    OrchestrationKind, OrchestrationWish, People, UsedPattern, orchestration_text,
};
use super::team::team_text;
use super::wish::{AgentWish, DocumentName, InputWish, parse_waves, usage};
use crate::interface::app::failure::{Failure, FailureKind};
use crate::interface::app::project::Project;
use crate::interface::app::validate::validate;
use crate::language::diagnostic::{Diagnostic, Severity};
use crate::language::document::{Body, Document, DocumentKind, Library, TeamDocument};
use crate::organization::AgentId;
use crate::runtime::cluster::server_url;

/// So many agents of a team work in a new pattern: what is to be changed should be short.
const MOST_AGENTS: usize = 4;

/// What a new document is to be like, as it was typed.
#[derive(Debug, Clone, Default)]
pub struct DraftRequest {
    /// Its name.
    pub name: String,
    /// What it does or is there for, in a sentence.
    pub summary: Option<String>,
    /// Inputs, `NAME:TYPE=DEFAULT`.
    pub inputs: Vec<String>,
    /// Agents, `ROLE: PURPOSE`.
    pub agents: Vec<String>,
    /// A team of the library.
    pub team: Option<String>,
    /// Patterns of the library.
    pub uses: Vec<String>,
    /// Names of waves.
    pub waves: Vec<String>,
    /// Servers, of a cluster.
    pub servers: Vec<String>,
    /// Where it is written instead of where such documents belong.
    pub output: Option<PathBuf>,
}

/// A document that can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What kind it is.
    pub kind: DocumentKind,
    /// Its name.
    pub name: String,
    /// Where it belongs.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// Drafts a new document. It is checked beside the documents of the project before it is given out.
///
/// # Errors
/// When something cannot be as it was typed.
pub fn draft(
    project: &Project,
    kind: DocumentKind,
    request: &DraftRequest,
) -> Result<Draft, Failure> {
    let name = DocumentName::parse(&request.name)?;
    let library = project.library(None).with_builtins();
    is_free(&library, kind, &name)?;
    let (folder, text) = match kind {
        DocumentKind::Pipeline => {
            ("pipelines", orchestration(&library, OrchestrationKind::Pipeline, &name, request)?)
        }
        DocumentKind::Team => ("teams", team_text(&name, request)?),
        DocumentKind::Cluster => {
            ("clusters", cluster_text(Some(&name), &urls(&request.servers)?, None))
        }
        _ => ("patterns", orchestration(&library, OrchestrationKind::Pattern, &name, request)?),
    };
    let usual = || project.shown(&Path::new(folder).join(format!("{}.yaml", name.as_str())));
    let path = request.output.clone().unwrap_or_else(usual);
    let draft = Draft { kind, name: name.as_str().to_owned(), path, text };
    check(project, &draft)?;
    Ok(draft)
}

/// The addresses of servers, each once.
fn urls(servers: &[String]) -> Result<Vec<String>, Failure> {
    let mut urls: Vec<String> = Vec::new();
    for server in servers {
        let url = server_url(server)?;
        if urls.contains(&url) {
            return Err(usage(format!("the server `{server}` is named twice")));
        }
        urls.push(url);
    }
    Ok(urls)
}

/// That no document of the project has the name already.
fn is_free(library: &Library, kind: DocumentKind, name: &DocumentName) -> Result<(), Failure> {
    let taken = match kind {
        DocumentKind::Team => library.team(name.as_str()),
        DocumentKind::Pattern | DocumentKind::Pipeline => library.orchestration(name.as_str()),
        _ => None,
    };
    let Some(taken) = taken.filter(|document| !library.is_builtin(document)) else {
        return Ok(());
    };
    let file = library.sources().get(taken.source()).map_or("", |source| source.name());
    let message =
        format!("there is a {} `{}` already, in {file}", taken.kind().as_str(), name.as_str());
    Err(usage(message).hint("choose another name"))
}

fn orchestration(
    library: &Library,
    kind: OrchestrationKind,
    name: &DocumentName,
    request: &DraftRequest,
) -> Result<String, Failure> {
    let uses: Vec<UsedPattern> =
        request.uses.iter().map(|used| used_pattern(library, used)).collect::<Result<_, _>>()?;
    let people = match &request.team {
        Some(team) => team_of(library, team)?,
        None if request.agents.is_empty() && uses.is_empty() => {
            People::Own(AgentWish::parse_all(&[
                "Researcher: Find what matters, and say what is not known".to_owned(),
                "Editor: Make one text of it that can be used as it is".to_owned(),
            ])?)
        }
        None => People::Own(AgentWish::parse_all(&request.agents)?),
    };
    let mut inputs = InputWish::parse_all(&request.inputs)?;
    if inputs.is_empty() && uses.is_empty() {
        inputs = vec![InputWish::parse("topic")?];
    }
    orchestration_text(&OrchestrationWish {
        kind,
        name: name.clone(),
        summary: request.summary.clone(),
        inputs,
        people,
        uses,
        waves: parse_waves(&request.waves)?,
    })
}

/// Whether a new document can use a pattern of this name.
///
/// # Errors
/// When there is none, or it is a pipeline or faulty.
pub fn can_use(library: &Library, name: &str) -> Result<(), Failure> {
    used_pattern(library, name).map(drop)
}

fn used_pattern(library: &Library, name: &str) -> Result<UsedPattern, Failure> {
    let found = library.orchestration(name);
    match found.and_then(Document::body) {
        Some(Body::Pattern(_)) => {}
        Some(_) => {
            return Err(usage(format!("`{name}` is a pipeline, and only patterns can be used")));
        }
        None if found.is_some() => return Err(faulty(name)),
        None => {
            let near = library.near_orchestrations(name);
            return Err(unknown("pattern", name, &near, "`partita patterns` lists what there is"));
        }
    }
    let inputs = found.and_then(|document| document.value().get("inputs")?.as_object().cloned());
    Ok(UsedPattern { name: name.to_owned(), inputs: inputs.unwrap_or_default() })
}

/// A team of the library, with the agents of it that are given work: its lead last.
fn team_of(library: &Library, name: &str) -> Result<People, Failure> {
    let found = library.team(name);
    let Some(Body::Team(team)) = found.and_then(Document::body) else {
        return Err(match found {
            Some(_) => faulty(name),
            None => {
                let near = library.near_teams(name);
                unknown("team", name, &near, "`partita teams` lists what there is")
            }
        });
    };
    let lead = lead(team);
    let id = |place: usize| {
        let agent = &team.agents[place];
        AgentId::new(agent.id.as_deref(), &agent.role).to_string()
    };
    let others = (0..team.agents.len()).filter(|place| *place != lead).take(MOST_AGENTS - 1);
    let agents = others.chain([lead]).map(id).collect();
    Ok(People::Team { name: name.to_owned(), agents })
}

/// The place of the first agent who reports to nobody.
fn lead(team: &TeamDocument) -> usize {
    team.agents.iter().position(|agent| agent.reports_to.is_none()).unwrap_or(0)
}

fn unknown(what: &str, name: &str, near: &[String], list: &str) -> Failure {
    let failure = usage(format!("there is no {what} `{name}`"));
    match near {
        [] => failure.hint(list),
        near => failure.hint(format!("did you mean `{}`?", near.join("`, `"))),
    }
}

fn faulty(name: &str) -> Failure {
    usage(format!("`{name}` is not without fault")).hint("`partita validate` says what is wrong")
}

/// That validating finds nothing in the draft that counts, as if it were written already.
///
/// # Errors
/// What it finds.
pub(in crate::interface::app) fn check(project: &Project, draft: &Draft) -> Result<(), Failure> {
    let mut project = project.clone();
    project.unsaved.insert(draft.path.clone(), draft.text.clone());
    let settings = project.lint_settings(None)?;
    let validation = validate(&project, std::slice::from_ref(&draft.path), &settings)?;
    let sources = validation.library.sources();
    let name = draft.path.display().to_string();
    let is_its = |found: &Diagnostic| {
        let source = sources.get(found.primary.span.source);
        source.is_some_and(|source| source.name() == name) && found.severity >= Severity::Warning
    };
    let found: Vec<Diagnostic> =
        validation.diagnostics.iter().filter(|d| is_its(d)).cloned().collect();
    if found.is_empty() {
        return Ok(());
    }
    let message = format!("the {} cannot be like this", draft.kind.as_str());
    Err(Failure::new(FailureKind::Usage, message).with_diagnostics(sources, found))
}
