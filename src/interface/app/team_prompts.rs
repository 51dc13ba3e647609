//! The team factory: from a team to the complete system prompts of its agents, as every run gives them.

use std::path::Path;

use super::failure::{Failure, FailureKind};
use super::guidance::{Learnings, guidance_of_teams};
use super::output_files::{OutputFiles, OutputFolder};
use super::project::Project;
use crate::language::diagnostic::Diagnostic;
use crate::language::document::suggest::nearest;
use crate::language::document::{AgentEntry, Body, Document, DocumentKind, Library, TeamDocument};
use crate::language::plan::team_of_document;
use crate::language::source::Source;
use crate::language::tokens::estimate_tokens;
use crate::organization::{Agent, AgentId, MANAGER_TOOLS, is_guided, leads, system_message};
use crate::runtime::workspace::is_yaml;

/// What the agents of a team are told about themselves.
#[derive(Debug)]
pub struct TeamPrompts {
    /// The team's name.
    pub team: String,
    /// The file of its document, as people know it.
    pub file: String,
    /// The agents, in the order of the document.
    pub agents: Vec<AgentPrompt>,
}

/// What one agent is told about itself.
#[derive(Debug)]
pub struct AgentPrompt {
    /// Who.
    pub id: AgentId,
    /// The title.
    pub role: String,
    /// Whether it leads.
    pub leads: bool,
    /// Whether it is told the decision framework.
    pub is_guided: bool,
    /// The tools that it may use, as its document names them.
    pub tools: Vec<String>,
    /// The system prompt, without what a project's context adds in a run.
    pub prompt: String,
}

impl AgentPrompt {
    /// About how many tokens the prompt has.
    pub fn expected_tokens(&self) -> u64 {
        estimate_tokens(&self.prompt)
    }
}

/// Whether a word on the command line means a file.
pub(super) fn means_a_file(word: &str) -> bool {
    is_yaml(Path::new(word)) || word.contains('/') && Path::new(word).is_file()
}

/// The prompts of a team, by its name or the path of its file; of one agent, if one is wanted (id or role).
///
/// # Errors
/// When there is no such team or agent, or the document is faulty, with every finding.
pub fn team_prompts(
    project: &Project,
    word: &str,
    agent: Option<&str>,
    learnings: &Learnings<'_>,
) -> Result<TeamPrompts, Failure> {
    let library = match means_a_file(word) {
        true => project.library(Some(Path::new(word))),
        false => project.library_with(word).with_builtins(),
    };
    let document = found(&library, word)?;
    let Some(Body::Team(body)) = document.body() else {
        return Err(faulty(&library, document, word));
    };
    let Some(team) = team_of_document(body) else {
        return Err(faulty(&library, document, word));
    };
    let guidance = guidance_of_teams(std::slice::from_ref(&team), &library, learnings)?;
    let wanted = match agent {
        None => None,
        Some(address) => {
            Some(team.find(address).ok_or_else(|| no_agent(word, body, address))?.id.clone())
        }
    };
    let agents = team.agents().iter().zip(&body.agents);
    let agents = agents.filter(|(agent, _)| wanted.as_ref().is_none_or(|id| agent.id == *id));
    let manager_tools = |agent: &Agent| -> &[(&str, &str)] {
        let orchestrates = body.team.orchestration.is_some() && leads(agent, &team);
        if orchestrates { &MANAGER_TOOLS } else { &[] }
    };
    let agents = agents.map(|(agent, entry)| AgentPrompt {
        id: agent.id.clone(),
        role: agent.role.clone(),
        leads: leads(agent, &team),
        is_guided: is_guided(agent, &team),
        tools: tools_of(entry, manager_tools(agent)),
        prompt: system_message(agent, &team, Some(&guidance), manager_tools(agent)),
    });
    let agents = agents.collect();
    let file = library.sources().get(document.source()).map_or("", Source::name).to_owned();
    Ok(TeamPrompts { team: team.name().to_owned(), file, agents })
}

/// The names of the tools that an agent is offered: those that it orchestrates with, and its own.
fn tools_of(entry: &AgentEntry, manager_tools: &[(&str, &str)]) -> Vec<String> {
    let own = entry.tools.allow.union(&entry.tools.ask).cloned();
    manager_tools.iter().map(|(name, _)| (*name).to_owned()).chain(own).collect()
}

/// Writes the prompts into a folder, a file for each agent by its id: all or none.
///
/// # Errors
/// When a file is in the way, or one cannot be written.
pub fn write_prompts(
    prompts: &TeamPrompts,
    folder: OutputFolder<'_>,
) -> Result<OutputFiles, Failure> {
    let texts = prompts.agents.iter().map(|agent| {
        let id = agent.id.to_string();
        (id.clone(), format!("{}.md", file_stem(&id)), format!("{}\n", agent.prompt))
    });
    folder.write_texts(texts.collect())
}

/// Ids of agents come of roles in any script; none of their signs leads to another folder.
fn file_stem(id: &str) -> String {
    let signs =
        id.chars().map(|sign| if sign.is_alphanumeric() || sign == '_' { sign } else { '-' });
    signs.collect()
}

fn found<'l>(library: &'l Library, word: &str) -> Result<&'l Document, Failure> {
    let usage = |message: String| Failure::new(FailureKind::Usage, message);
    if !means_a_file(word) {
        return library.team(word).ok_or_else(|| {
            let failure = usage(format!("there is no team `{word}`"));
            match library.near_teams(word).as_slice() {
                [] => failure.hint("`partita teams` lists what there is"),
                near => failure.hint(format!("did you mean `{}`?", near.join("`, `"))),
            }
        });
    }
    if !Path::new(word).is_file() {
        return Err(usage(format!("there is no file {word}"))
            .hint("`partita teams` lists the teams that are known by name"));
    }
    let source = library.sources().iter().find(|source| source.name() == word);
    let document = source.and_then(|source| library.document_of(source.id()));
    let is_team = |document: &&Document| document.kind() == DocumentKind::Team;
    document.filter(is_team).ok_or_else(|| {
        let of_it = |found: &&Diagnostic| Some(found.primary.span.source) == source.map(Source::id);
        let wrong = library.diagnostics().iter().filter(of_it).cloned().collect();
        usage(format!("{word} is no team"))
            .hint("its top-level key is `team:`, with `agents:` beside it")
            .with_diagnostics(library.sources(), wrong)
    })
}

fn faulty(library: &Library, document: &Document, word: &str) -> Failure {
    let of_it = |found: &&Diagnostic| found.primary.span.source == document.source();
    let wrong = library.diagnostics().iter().filter(of_it).cloned().collect();
    let failure = Failure::new(FailureKind::Failed, format!("`{word}` is no team as it is"))
        .with_diagnostics(library.sources(), wrong);
    match means_a_file(word) {
        true => failure.hint(
            "if it was written for another system: --write TEAM_FILE writes a team of what is known, and says what it leaves out",
        ),
        false => failure,
    }
}

fn no_agent(word: &str, team: &TeamDocument, address: &str) -> Failure {
    let ids = team.agents.iter().map(|agent| AgentId::new(agent.id.as_deref(), &agent.role));
    let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
    let failure = Failure::new(FailureKind::Usage, format!("`{word}` has no agent `{address}`"));
    match nearest(address, ids.iter().map(String::as_str)) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint(format!("its agents are {}", ids.join(", "))),
    }
}
