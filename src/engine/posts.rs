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
    AgentId, Booking, Day, Demand, EstimateFactor, Ledger, Team, Unassigned, assign, superior,
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
        let known = &self.settings.estimates;
        let filled =
            demands.and_then(|demands| choose(&self.state, scope, (&demands, known), today));
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
    (demands, known): (&[Option<Demand>], &[EstimateFactor]),
    today: Day,
) -> Result<Vec<FilledPost>, Failure> {
    let plan = state.plan();
    let mut choosing = Choosing {
        state,
        around: plan.scope(scope).caller.map(|caller| plan.task(caller).path.as_str()),
        ledger: Cow::Borrowed(&state.ledger),
        holders: BTreeMap::new(),
        known,
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
    /// What earlier runs have shown of estimates.
    known: &'s [EstimateFactor],
    today: Day,
}

impl Choosing<'_> {
    fn fill(&mut self, post: &PlannedPost, demand: Option<&Demand>) -> Result<FilledPost, String> {
        let never: BTreeSet<AgentId> =
            post.never.iter().filter_map(|agent| self.id(self.holder(*agent))).cloned().collect();
        match (&post.choice, demand) {
            (PostChoice::Above(of), _) => self.above(post, self.holder(*of), false),
            (PostChoice::PeerOf(of, _), Some(demand)) => {
                let of = self.holder(*of);
                self.peer(post, of, demand, never)
            }
            (PostChoice::Assign(_), Some(demand)) => {
                self.assign(post, demand, &never).map_err(|reason| reason.to_string())
            }
            _ => Err("it is not known what there is to do".to_owned()),
        }
    }

    /// Another of the same domain, or the next above.
    fn peer(
        &mut self,
        post: &PlannedPost,
        of: PlanAgentId,
        demand: &Demand,
        mut never: BTreeSet<AgentId>,
    ) -> Result<FilledPost, String> {
        let agent = &self.state.plan().agents[of.index()].agent;
        never.insert(agent.id.clone());
        let demand = Demand { domain: agent.domain.clone(), ..demand.clone() };
        let team = self.team(post).ok_or("there is no team")?;
        let found = assign(team, &self.ledger, &demand, &never, self.today);
        // Somebody of another domain is no peer.
        if found.is_ok_and(|found| found.borrowed.is_none()) {
            return self.assign(post, &demand, &never).map_err(|reason| reason.to_string());
        }
        self.above(post, of, true)
    }

    fn above(
        &self,
        post: &PlannedPost,
        of: PlanAgentId,
        for_want_of_a_peer: bool,
    ) -> Result<FilledPost, String> {
        let agent = self.id(of).and_then(|id| Some((id, superior(self.team(post)?, id)?)));
        let agent = agent.and_then(|(_, above)| self.seat(post, &above.id));
        let agent = agent.ok_or_else(|| {
            let of = self.id(of).map(AgentId::as_str).unwrap_or_default();
            format!("nobody is above `{of}`")
        })?;
        let reason = PostReason::Above { of, for_want_of_a_peer };
        Ok(FilledPost { seat: post.seat, agent, reason, booking: None })
    }

    fn assign(
        &mut self,
        post: &PlannedPost,
        demand: &Demand,
        never: &BTreeSet<AgentId>,
    ) -> Result<FilledPost, Unassigned> {
        let nobody =
            || Unassigned::NobodyThere { layer: demand.layer, domain: demand.domain.clone() };
        let team = self.team(post).ok_or_else(nobody)?;
        let factor = EstimateFactor::of(self.known, demand.domain.as_deref(), demand.complexity);
        let minutes = factor.map_or(demand.minutes, |factor| factor.apply(demand.minutes));
        let estimated = Some(demand.minutes).filter(|estimated| *estimated != minutes);
        let demand = &Demand { minutes, ..demand.clone() };
        let found = assign(team, &self.ledger, demand, never, self.today)?;
        let agent = self.seat(post, &found.agent).ok_or_else(nobody)?;
        // Who has worked on something knows it, also where no hours were set aside.
        let booking = Booking {
            work: self.address(post),
            agent: found.agent,
            days: found.days,
            labels: demand.related.clone(),
        };
        let booking =
            Some(booking).filter(|booking| demand.minutes > 0 || !booking.labels.is_empty());
        if let Some(booking) = &booking {
            self.ledger.to_mut().book(booking);
        }
        let reason = PostReason::Best {
            demand: demand.clone(),
            estimated,
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

    fn id(&self, agent: PlanAgentId) -> Option<&AgentId> {
        Some(&self.state.plan().agents.get(agent.index())?.agent.id)
    }

    fn team(&self, post: &PlannedPost) -> Option<&Team> {
        let plan = self.state.plan();
        plan.teams.get(plan.agents.get(post.seat.index())?.team as usize)
    }

    /// The seat of one of those who may get a post.
    fn seat(&self, post: &PlannedPost, id: &AgentId) -> Option<PlanAgentId> {
        post.candidates.iter().copied().find(|candidate| self.id(*candidate) == Some(id))
    }
}
