//! How much time the people of a team have beside what runs have promised of it, and who would get
//! new work.

use std::collections::BTreeSet;
use std::path::Path;

use super::experience::estimate_factors;
use super::runs::each_open_run;
use crate::engine::Time;
use crate::insight::History;
use crate::insight::organization::{add_promises, is_open};
use crate::interface::app::{Failure, FailureKind, Project, find_run};
use crate::language::document::Document;
use crate::language::document::suggest::nearest;
use crate::language::plan::{ScopeId, TeamOutline};
use crate::organization::{
    AgentId, Assignment, Complexity, Day, Demand, Forecast, Layer, Ledger, Oversubscribed, Team,
    Unassigned, assign, forecast, has_layers, rebalance,
};

/// Whose time is asked for.
#[derive(Debug, Clone)]
pub struct StaffingRequest<'a> {
    /// The team's name.
    pub team: &'a str,
    /// The run whose promises count; without one all count that are not over.
    pub run: Option<&'a str>,
    /// The first day that is looked at.
    pub from: Day,
    /// The time.
    pub now: Time,
}

/// A team with what is promised of its time.
pub struct Staffing {
    /// The team.
    pub team: Team,
    /// What is promised, and who has worked on what.
    pub ledger: Ledger,
    /// The runs that have promised some of it.
    pub runs: Vec<Promised>,
    /// Runs that could not be read, with the reason.
    pub unreadable: Vec<(String, String)>,
    /// The first day that is looked at.
    pub from: Day,
}

/// A run that has promised time of a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promised {
    /// Which.
    pub run: String,
    /// Whether it is a rehearsal.
    pub simulated: bool,
    /// The minutes that it has promised and not given back.
    pub minutes: u32,
}

/// The time of the next days.
pub struct Planned {
    /// Day by day.
    pub forecast: Forecast,
    /// Domains that have promised too much of it.
    pub oversubscribed: Vec<Oversubscribed>,
}

/// What there is to do.
#[derive(Debug, Clone, Default)]
pub struct WorkRequest {
    /// The domain to which it belongs.
    pub domain: Option<String>,
    /// The skills that it takes.
    pub skills: Vec<String>,
    /// How hard it is.
    pub complexity: Complexity,
    /// How long it takes, in minutes.
    pub minutes: u32,
    /// What it belongs to.
    pub related: Vec<String>,
    /// Who must not get it.
    pub never: Vec<String>,
}

/// Who would get a piece of work.
pub struct Candidates {
    /// What it asks of them.
    pub demand: Demand,
    /// Who, and who else could; or why nobody can.
    pub found: Result<Assignment, Unassigned>,
}

/// Finds a team, and what is promised of its time.
///
/// # Errors
/// When there is no such team or run, or the team has no layers.
pub fn staffing(
    project: &Project,
    journal: &Path,
    request: &StaffingRequest<'_>,
) -> Result<Staffing, Failure> {
    let named = request.run.map(|run| find_run(journal, Some(run))).transpose()?;
    // What was rehearsed says nothing of how long work takes.
    let known = estimate_factors(journal, false, request.now)?;
    let mut found = Found { ledger: Ledger::beginning_with(&[], &known), ..Found::default() };
    match &named {
        Some(stored) => {
            let history = stored.history()?;
            found.take(stored.record.id.as_str(), stored.record.simulated, &history, request);
        }
        None => found.take_open(journal, request)?,
    }
    let own = team_of_library(project, request.team)?;
    let team = match (own, found.team) {
        (Some(team), _) | (None, Some(team)) => team,
        (None, None) => return Err(unknown(project, request.team)),
    };
    if !has_layers(team.agents()) {
        let message = format!("nobody in the team `{}` has a layer", request.team);
        return Err(Failure::new(FailureKind::Usage, message).hint(
            "give its people a `layer` and those who do the work a `domain`; others are assigned nothing",
        ));
    }
    let Found { ledger, runs, unreadable, .. } = found;
    Ok(Staffing { team, ledger, runs, unreadable, from: request.from })
}

#[derive(Default)]
struct Found {
    team: Option<Team>,
    ledger: Ledger,
    runs: Vec<Promised>,
    unreadable: Vec<(String, String)>,
}

impl Found {
    /// All runs that are not over.
    fn take_open(&mut self, folder: &Path, request: &StaffingRequest<'_>) -> Result<(), Failure> {
        each_open_run(folder, |record, history| match history {
            Ok(history) => self.take(record.id.as_str(), record.simulated, &history, request),
            Err(error) => self.unreadable.push((record.id.to_string(), error.to_string())),
        })
    }

    fn take(
        &mut self,
        run: &str,
        simulated: bool,
        history: &History,
        request: &StaffingRequest<'_>,
    ) {
        let teams = &history.plan().teams;
        let Some(team) = teams.iter().find(|team| team.name() == request.team) else { return };
        add_promises(&mut self.ledger, run, history, request.team);
        let minutes = promised(history, team);
        if minutes > 0 {
            self.runs.push(Promised { run: run.to_owned(), simulated, minutes });
        }
        self.team.get_or_insert_with(|| team.clone());
    }
}

/// The minutes of a team that a run has promised and not given back.
fn promised(history: &History, team: &Team) -> u32 {
    let open = |scope: &ScopeId| is_open(history, *scope);
    let posts = history.posts().iter().filter(|(scope, _)| open(scope));
    let bookings = posts.flat_map(|(_, (_, posts))| posts).filter_map(|post| post.booking.as_ref());
    let own = bookings.filter(|booking| team.agents().iter().any(|a| a.id == booking.agent));
    own.flat_map(|booking| &booking.days).map(|(_, minutes)| minutes).sum()
}

fn team_of_library(project: &Project, name: &str) -> Result<Option<Team>, Failure> {
    let library = project.library(None).with_builtins();
    let Some(document) = library.team(name) else { return Ok(None) };
    let faulty = || {
        let is_its = |found: &&crate::language::diagnostic::Diagnostic| {
            found.primary.span.source == Document::source(document)
        };
        let wrong = library.diagnostics().iter().filter(is_its).cloned().collect();
        Failure::new(FailureKind::Failed, format!("the team `{name}` is faulty"))
            .with_diagnostics(library.sources(), wrong)
    };
    if document.body().is_none() {
        return Err(faulty());
    }
    let outline = TeamOutline::of_document(document);
    let agents = outline.members.into_iter().map(|member| member.agent).collect();
    Team::new(name.to_owned(), None, None, agents).map(Some).map_err(|_| faulty())
}

fn unknown(project: &Project, name: &str) -> Failure {
    let failure = Failure::new(FailureKind::Usage, format!("there is no team `{name}`"));
    let library = project.library(None).with_builtins();
    match library.near_teams(name).as_slice() {
        [] => failure.hint("`partita teams` lists what there is"),
        near => failure.hint(format!("did you mean `{}`?", near.join("`, `"))),
    }
}

impl Staffing {
    /// The time of so many days on which anybody works.
    pub fn planned(&self, days: usize) -> Planned {
        Planned {
            forecast: forecast(&self.team, &self.ledger, self.from, days),
            oversubscribed: rebalance(&self.team, &self.ledger, self.from),
        }
    }

    /// Who would get a piece of work.
    ///
    /// # Errors
    /// When the team does not have the domain, or somebody who is named.
    pub fn candidates(&self, work: WorkRequest) -> Result<Candidates, Failure> {
        let (demand, never) = self.demand_of(work)?;
        let found = assign(&self.team, &self.ledger, &demand, &never, self.from);
        Ok(Candidates { demand, found })
    }

    /// What a piece of work asks of whoever does it, and who must not.
    pub(super) fn demand_of(
        &self,
        work: WorkRequest,
    ) -> Result<(Demand, BTreeSet<AgentId>), Failure> {
        self.check_domain(work.domain.as_deref())?;
        let never = work.never.iter().map(|name| self.member(name));
        let never: BTreeSet<AgentId> = never.collect::<Result<_, _>>()?;
        let demand = Demand {
            layer: Layer::Contributor,
            domain: work.domain,
            skills: work.skills,
            complexity: work.complexity,
            minutes: work.minutes,
            related: work.related.into_iter().collect(),
        };
        Ok((demand, never))
    }

    fn check_domain(&self, domain: Option<&str>) -> Result<(), Failure> {
        let agents = self.team.agents().iter();
        let domains: BTreeSet<&str> = agents.filter_map(|a| a.domain.as_deref()).collect();
        let Some(unknown) = domain.filter(|domain| !domains.contains(domain)) else {
            return Ok(());
        };
        let message = format!("the team `{}` has no domain `{unknown}`", self.team.name());
        let failure = Failure::new(FailureKind::Usage, message);
        Err(match nearest(unknown, domains.iter().copied()) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => {
                let all: Vec<&str> = domains.into_iter().collect();
                failure.hint(format!("it has {}", all.join(", ")))
            }
        })
    }

    fn member(&self, name: &str) -> Result<AgentId, Failure> {
        if let Some(agent) = self.team.find(name) {
            return Ok(agent.id.clone());
        }
        let message = format!("the team `{}` has no agent `{name}`", self.team.name());
        let failure = Failure::new(FailureKind::Usage, message);
        let ids = self.team.agents().iter().map(|agent| agent.id.as_str());
        Err(match nearest(name, ids) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint(format!("`partita teams show {}` lists them", self.team.name())),
        })
    }
}
