//! Posts: who gets them, when a scope begins that has some.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::conduct::Engine;
use super::failure::{Failure, FailureClass};
use super::fold_error::FoldError;
use super::state::State;
use super::vocabulary::{Command, Fact, FilledPost, PostReason, RunStatus};
use crate::language::plan::{PlanAgentId, PlannedPost, PostChoice, ScopeId};
use crate::organization::{
    AgentId, Assignment, Day, Demand, Ledger, Team, Unassigned, assign, superiors,
};

impl Engine {
    /// A scope has begun whose posts nobody has.
    pub(super) fn find_staff(&mut self, scope: ScopeId) {
        if self.hands.staffing.insert(scope) {
            self.command(Command::Want(scope));
        }
    }

    /// What the tasks of a scope take and wait for follows from who has its posts.
    pub(super) fn know_holders(&mut self, scope: ScopeId) {
        let plan = self.plan();
        let (tasks, _) = plan.inside(scope);
        self.hands.know_again(&plan, &self.settings, &tasks);
    }

    /// It is known what there is to do for those who get the posts of a scope: they are filled, or the scope
    /// fails.
    pub(super) fn wanted(
        &mut self,
        scope: ScopeId,
        demands: Result<Vec<Option<Demand>>, Failure>,
    ) -> Result<(), FoldError> {
        if !self.hands.staffing.remove(&scope) || !self.state.is_vacant(scope) {
            return Ok(());
        }
        let today = self.now().day();
        let filled = demands.and_then(|demands| choose(&self.state, scope, &demands, today));
        match (filled, self.plan().scope(scope).caller) {
            (Ok(posts), _) => self.record(Fact::PostsFilled { scope, posts }),
            (Err(failure), Some(caller)) => self.fail(caller, failure, None),
            (Err(failure), None) => {
                self.record(Fact::RunEnded {
                    status: RunStatus::Failed,
                    outputs: None,
                    failure: Some(failure),
                })?;
                self.stop(RunStatus::Failed);
                Ok(())
            }
        }
    }
}

/// Whoever gets the posts of a scope, one after the other.
fn choose(
    state: &State,
    scope: ScopeId,
    demands: &[Option<Demand>],
    today: Day,
) -> Result<Vec<FilledPost>, Failure> {
    let plan = state.plan();
    let mut choosing = Choosing {
        state,
        around: plan.scope(scope).caller.map(|caller| plan.task(caller).path.as_str()),
        ledger: Cow::Borrowed(&state.ledger),
        holders: BTreeMap::new(),
        today,
    };
    let mut filled = Vec::new();
    for (post, demand) in plan.scope(scope).staff.iter().zip(demands) {
        let found = choosing.fill(post, demand.as_ref());
        let found = found.map_err(|reason| {
            let message = format!("nobody gets the post `{}`: {reason}", post.name);
            Failure::new(FailureClass::Unstaffed, message)
        })?;
        choosing.holders.insert(post.seat, found.agent);
        filled.push(found);
    }
    Ok(filled)
}

struct Choosing<'s> {
    state: &'s State,
    /// The address of the task that uses the pattern; none for the outermost.
    around: Option<&'s str>,
    /// Who has promised what, with what has been promised here.
    ledger: Cow<'s, Ledger>,
    /// Who has got which seat.
    holders: BTreeMap<PlanAgentId, PlanAgentId>,
    today: Day,
}

impl Choosing<'_> {
    fn fill(&mut self, post: &PlannedPost, demand: Option<&Demand>) -> Result<FilledPost, String> {
        let plan = self.state.plan();
        let team = plan.team_of(post.seat).ok_or("there is no team")?;
        let never = post.never.iter().filter_map(|agent| plan.agent_id(self.holder(*agent)));
        let mut never: BTreeSet<AgentId> = never.cloned().collect();
        let unassigned = |reason: Unassigned| reason.to_string();
        match (&post.choice, demand) {
            (PostChoice::Above(of), _) => self.above(team, post, self.holder(*of), &never, false),
            (PostChoice::Assign(_), Some(demand)) => {
                let found = assign(team, &self.ledger, demand, &never, self.today);
                self.give(post, demand, found.map_err(unassigned)?)
            }
            (PostChoice::PeerOf(of, _), Some(demand)) => {
                let of = self.holder(*of);
                never.extend(plan.agent_id(of).cloned());
                let domain = plan.agents.get(of.index()).and_then(|of| of.agent.domain.clone());
                let demand = Demand { domain, ..demand.clone() };
                match assign(team, &self.ledger, &demand, &never, self.today) {
                    Ok(found) if found.borrowed.is_none() => self.give(post, &demand, found),
                    // Somebody of another domain is no peer.
                    _ => self.above(team, post, of, &never, true),
                }
            }
            _ => Err("it is not known what there is to do".to_owned()),
        }
    }

    /// The next above somebody who may have the post.
    fn above(
        &self,
        team: &Team,
        post: &PlannedPost,
        of: PlanAgentId,
        never: &BTreeSet<AgentId>,
        for_want_of_a_peer: bool,
    ) -> Result<FilledPost, String> {
        let plan = self.state.plan();
        let line = plan.agent_id(of).map(|id| superiors(team, id)).unwrap_or_default();
        let above = line.into_iter().find(|above| !never.contains(&above.id));
        let agent = above.and_then(|above| self.seat(post, &above.id));
        let agent = agent.ok_or_else(|| format!("nobody is above `{}`", plan.agent_name(of)))?;
        let reason = PostReason::Above { of, for_want_of_a_peer };
        Ok(FilledPost { seat: post.seat, agent, reason, booking: None })
    }

    /// Gives a post to the best, and sets the time aside.
    fn give(
        &mut self,
        post: &PlannedPost,
        demand: &Demand,
        found: Assignment,
    ) -> Result<FilledPost, String> {
        let work = self.address(post);
        let agent = self.seat(post, &found.agent);
        let agent = agent.ok_or_else(|| format!("`{}` may not have it", found.agent))?;
        // Who has worked on something knows it, also where no hours were set aside.
        let booking = Some(found.booking(&work, demand))
            .filter(|booking| found.minutes > 0 || !booking.labels.is_empty());
        if let Some(booking) = &booking {
            self.ledger.to_mut().book(booking);
        }
        let reason = PostReason::Best {
            estimated: Some(demand.minutes).filter(|estimated| *estimated != found.minutes),
            demand: Demand { minutes: found.minutes, ..demand.clone() },
            candidates: found.candidates,
            borrowed: found.borrowed,
        };
        Ok(FilledPost { seat: post.seat, agent, reason, booking })
    }

    /// What is done in a post has an address of its own: a pattern may have several posts, each with its hours.
    fn address(&self, post: &PlannedPost) -> String {
        self.around.map_or_else(|| post.name.clone(), |around| format!("{around}/{}", post.name))
    }

    fn holder(&self, seat: PlanAgentId) -> PlanAgentId {
        self.holders.get(&seat).copied().unwrap_or(seat)
    }

    /// The seat of one of those who may get a post.
    fn seat(&self, post: &PlannedPost, id: &AgentId) -> Option<PlanAgentId> {
        post.candidates
            .iter()
            .copied()
            .find(|candidate| self.state.plan().agent_id(*candidate) == Some(id))
    }
}
