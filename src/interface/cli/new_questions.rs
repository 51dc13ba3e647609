//! What `partita new` asks where no name is given.

use std::io::{BufRead, Write};

use super::question::Questions;
use crate::interface::app::{
    AgentWish, DocumentName, DraftRequest, Failure, InputWish, can_use, parse_waves,
};
use crate::language::document::{DocumentKind, Library};
use crate::runtime::cluster::server_url;

/// Asks for all that the flags leave open. An empty line leaves it open.
pub(super) fn complete<R: BufRead, W: Write>(
    questions: &mut Questions<R, W>,
    kind: DocumentKind,
    library: &Library,
    request: &mut DraftRequest,
) {
    let name = format!("Name of the {}", kind.as_str());
    let named = questions.one(&name, |name| DocumentName::parse(name).map(|_| ()), reason);
    request.name = named.unwrap_or_default();
    if kind != DocumentKind::Cluster && request.summary.is_none() {
        let question = match kind {
            DocumentKind::Team => "What is it there for, in a sentence",
            _ => "What does it do, in a sentence",
        };
        request.summary = questions.line(question);
    }
    let is_orchestration = matches!(kind, DocumentKind::Pattern | DocumentKind::Pipeline);
    if is_orchestration && request.inputs.is_empty() {
        let question = "Inputs, such as `topic` or `count: integer=3`; an empty line ends";
        let read = |lines: &[String]| InputWish::parse_all(lines).map(|_| ());
        request.inputs = questions.lines(question, read, reason);
    }
    if kind == DocumentKind::Pipeline && request.uses.is_empty() {
        let question = "Patterns that it uses, one after the other; an empty line ends";
        let read = |lines: &[String]| lines.last().map_or(Ok(()), |name| can_use(library, name));
        request.uses = questions.lines(question, read, reason);
    }
    if kind != DocumentKind::Cluster && request.agents.is_empty() && request.team.is_none() {
        let question = "Agents, such as `Critic: Find what is wrong`; an empty line ends";
        let read = |lines: &[String]| AgentWish::parse_all(lines).map(|_| ());
        request.agents = questions.lines(question, read, reason);
    }
    if is_orchestration && request.waves.is_empty() {
        let question = "Waves; with none, what refers to what decides the order";
        let read = |lines: &[String]| parse_waves(lines).map(|_| ());
        request.waves = questions.lines(question, read, reason);
    }
    if kind == DocumentKind::Cluster && request.servers.is_empty() {
        let question = "Servers, such as `http://gpu1:11434`; an empty line ends";
        let read = |lines: &[String]| match lines.last() {
            Some(last) => server_url(last).map(drop).map_err(Failure::from),
            None => Ok(()),
        };
        request.servers = questions.lines(question, read, reason);
    }
}

fn reason(failure: &Failure) -> String {
    let hints = failure.hints.iter().map(|hint| format!("; {hint}"));
    std::iter::once(failure.message.clone()).chain(hints).collect()
}
