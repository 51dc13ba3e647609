//! What those who lead are told in a run that begins: which patterns there are for their teams, and what was learned.

use std::collections::{BTreeMap, BTreeSet};

use super::failure::Failure;
use crate::language::document::{
    Body, BuiltinHeader, Document, Header, Library, TeamReference, builtin_headers,
};
use crate::language::plan::Plan;
use crate::language::source::SourceId;
use crate::language::tokens::estimate_tokens;
use crate::organization::{
    Candidate, Guidance, KnownPattern, PatternTeam, Team, TeamGuidance, Tier, is_guided,
};

/// No summary and no learning is kept with more tokens.
const MOST_TOKENS: u64 = 40;

/// The category of patterns that are made for no subject.
const GENERAL: &str = "coordination";

/// What was learned of patterns, by their names, the most important first.
pub type Learnings<'a> = dyn Fn(&[&str]) -> Result<Vec<String>, Failure> + 'a;

/// For whoever learns nothing.
///
/// # Errors
/// None.
pub fn no_learnings(_: &[&str]) -> Result<Vec<String>, Failure> {
    Ok(Vec::new())
}

/// What those who lead the teams of a plan are told, of the documents that were read and of the built-in library;
/// nothing where nobody leads.
///
/// # Errors
/// What `learnings` finds.
pub fn guidance_of(
    plan: &Plan,
    library: &Library,
    learnings: &Learnings<'_>,
) -> Result<Guidance, Failure> {
    guidance_of_teams(&plan.teams, library, learnings)
}

/// The same for teams that are in no plan.
///
/// # Errors
/// What `learnings` finds.
pub fn guidance_of_teams(
    teams: &[Team],
    library: &Library,
    learnings: &Learnings<'_>,
) -> Result<Guidance, Failure> {
    let is_led = |team: &&Team| team.agents().iter().any(|agent| is_guided(agent, team));
    let led: Vec<&Team> = teams.iter().filter(is_led).collect();
    if led.is_empty() {
        return Ok(Guidance::default());
    }
    let candidates = candidates(library);
    let mut guidance = Guidance::default();
    for team in led {
        let told = TeamGuidance::of_team(team, &candidates);
        let learned = learnings(&told.names().collect::<Vec<_>>())?;
        let told = told.with_learnings(learned.iter().map(|text| bounded(text)));
        guidance.teams.insert(team.name().to_owned(), told);
    }
    Ok(guidance)
}

/// The patterns that the project knows by name, with those of the built-in library that it does not hide.
fn candidates(library: &Library) -> Vec<Candidate> {
    let mut found: BTreeMap<String, Candidate> = BTreeMap::new();
    // A pipeline binds a pattern to inputs and a cluster: it is for what it says, or it is an example.
    for header in builtin_headers().filter(|header| header.has_requests || !header.is_pipeline) {
        let tier = header.tier.and_then(|tier| Tier::try_from(tier).ok());
        let candidate = Candidate {
            pattern: known(header.name.to_owned(), header.summary, tier),
            team: header.team.map(|name| team_of_builtin(name, &header)),
            is_whole: header.has_requests,
            is_general: header.category == Some(GENERAL),
        };
        found.insert(header.name.to_owned(), candidate);
    }
    let own: Vec<&Document> =
        library.documents().filter(|document| !library.is_builtin(document)).collect();
    let used: BTreeSet<SourceId> = own
        .iter()
        .flat_map(|document| library.reachable([*document]).into_iter().skip(1))
        .map(Document::source)
        .collect();
    for document in own {
        let (header, team) = match document.body() {
            Some(Body::Pattern(pattern)) => (&pattern.pattern, pattern.team.as_ref()),
            Some(Body::Pipeline(pipeline)) => (&pipeline.pipeline, pipeline.team.as_ref()),
            _ => continue,
        };
        let Some(name) = library.name_in_project(document) else { continue };
        let Header { summary, tier, category, requests, .. } = header;
        let tier = tier.and_then(|tier| Tier::try_from(tier).ok());
        let candidate = Candidate {
            pattern: known(name.clone(), summary, tier),
            team: team_of(library, document, team),
            is_whole: !requests.is_empty() || !used.contains(&document.source()),
            is_general: category.as_deref() == Some(GENERAL),
        };
        found.insert(name, candidate);
    }
    found.into_values().collect()
}

fn known(name: String, summary: &str, tier: Option<Tier>) -> KnownPattern {
    // What a team works on in steps is a workflow unless it says otherwise.
    KnownPattern { name, summary: bounded(summary), tier: tier.unwrap_or(Tier::Two) }
}

fn team_of_builtin(name: &str, header: &BuiltinHeader) -> PatternTeam {
    let name = name.to_owned();
    match header.has_own_team {
        true => PatternTeam::Own { name, purpose: header.team_purpose.map(str::to_owned) },
        false => PatternTeam::Named(name),
    }
}

/// The team of a pattern, with the name that it has in its own document.
fn team_of(
    library: &Library,
    document: &Document,
    reference: Option<&TeamReference>,
) -> Option<PatternTeam> {
    match reference? {
        TeamReference::Inline(team) => {
            Some(PatternTeam::Own { name: team.name.clone(), purpose: team.purpose.clone() })
        }
        TeamReference::Named(name) => {
            let team = library.names_in(document.source()).team(name);
            let name = team.and_then(Document::name).unwrap_or(name);
            Some(PatternTeam::Named(name.to_owned()))
        }
    }
}

/// A text on one line, without the words at its end that are too many.
fn bounded(text: &str) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if estimate_tokens(&longer) > MOST_TOKENS {
            line.push('…');
            return line;
        }
        line = longer;
    }
    line
}
