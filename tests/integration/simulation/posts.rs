//! Who has which posts, who may have them, and how much time is promised: counted by itself, from facts and a plan
//! in which nobody has a post.

use std::collections::{BTreeMap, BTreeSet};

use partita::engine::{Fact, FilledPost, Iteration, PostReason, Recorded, State};
use partita::language::plan::{Plan, PlanAgentId, PlannedPost, PostChoice, ScopeId, TaskId, Work};
use partita::organization::{Agent, AgentId, Booking, Day, Layer, Team};

use super::rules::{Broken, Rule, holds};

/// Minutes, by who has promised them and for which day.
type Promises = BTreeMap<(AgentId, Day), u32>;

/// Follows who gets posts.
#[derive(Debug)]
pub(super) struct Posts {
    /// As far as the plan has grown; its tasks ask seats.
    plan: Plan,
    /// What is done several times, and the scopes of what of it has begun.
    several: BTreeMap<TaskId, (Vec<Iteration>, Vec<ScopeId>)>,
    /// Who has got which seat.
    holders: BTreeMap<ScopeId, BTreeMap<PlanAgentId, PlanAgentId>>,
    /// What is promised for scopes that are not over.
    promised: BTreeMap<ScopeId, Vec<Booking>>,
}

impl Posts {
    pub(super) fn of(plan: &Plan) -> Posts {
        Posts {
            plan: plan.clone(),
            several: BTreeMap::new(),
            holders: BTreeMap::new(),
            promised: BTreeMap::new(),
        }
    }

    /// Takes a fact in, with the tasks that have ended with it. `request` gives what was asked.
    pub(super) fn fact(
        &mut self,
        recorded: &Recorded,
        ended: &BTreeSet<TaskId>,
        request: impl Fn() -> String,
    ) -> Result<(), Broken> {
        let fact = &recorded.fact;
        if let Some(task) = fact.task().filter(|_| !matches!(fact, Fact::TaskCancelled { .. })) {
            self.is_staffed(task)?;
        }
        self.promised.retain(|scope, _| {
            self.plan.scope(*scope).caller.is_none_or(|caller| !ended.contains(&caller))
        });
        match fact {
            Fact::PostsFilled { scope, posts } => self.fills(*scope, posts),
            Fact::AttemptStarted { attempt, .. } => self.asks(attempt.task, &request()),
            Fact::IterationsListed { task, iterations } => {
                self.several.entry(*task).or_default().0.extend(iterations.iter().cloned());
                Ok(())
            }
            Fact::IterationsOpened { task, upto } => {
                self.grow(*task, *upto as usize);
                Ok(())
            }
            Fact::CompensationStarted { task } => {
                self.plan.grow_compensation(*task);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn grow(&mut self, task: TaskId, upto: usize) {
        let Some((listed, begun)) = self.several.get_mut(&task) else { return };
        for one in &listed[begun.len()..upto.min(listed.len())] {
            let needs = one.needed(&self.plan, |place| begun.get(place).copied());
            let grown = needs.and_then(|needs| self.plan.grow(task, &one.key, one.part, &needs));
            begun.extend(grown);
        }
    }

    /// The scopes that a task is in, the innermost first.
    fn scopes(&self, task: TaskId) -> impl Iterator<Item = ScopeId> {
        let around = self.plan.around(task).map(|caller| self.plan.task(caller).scope);
        std::iter::once(self.plan.task(task).scope).chain(around)
    }

    /// That all posts around a task are somebody's.
    fn is_staffed(&self, task: TaskId) -> Result<(), Broken> {
        let mut scopes = self.scopes(task);
        let is_vacant = |scope: &ScopeId| {
            !self.plan.scope(*scope).staff.is_empty() && !self.holders.contains_key(scope)
        };
        holds(Rule::PostsFilledFirst, !scopes.any(|scope| is_vacant(&scope)), || {
            format!("{} begins before its posts are filled", self.plan.task(task).path)
        })
    }

    /// Who has a seat, as seen from somewhere in these scopes.
    fn holder(&self, seat: PlanAgentId, scopes: &[ScopeId]) -> PlanAgentId {
        let mut held = scopes.iter().filter_map(|scope| self.holders.get(scope)?.get(&seat));
        held.next().copied().unwrap_or(seat)
    }

    fn agent(&self, agent: PlanAgentId) -> &Agent {
        &self.plan.agents[agent.0 as usize].agent
    }

    fn asks(&self, id: TaskId, request: &str) -> Result<(), Broken> {
        let task = self.plan.task(id);
        let Work::Ask(ask) = &task.work else { return Ok(()) };
        let scopes: Vec<ScopeId> = self.scopes(id).collect();
        let role = &self.agent(self.holder(ask.agent, &scopes)).role;
        let is_asked = request.contains(&format!("You are the {role} of the team"));
        holds(Rule::HoldersAsked, is_asked, || {
            format!("{} is for {role}, and asks {request}", task.path)
        })
    }

    fn fills(&mut self, scope: ScopeId, posts: &[FilledPost]) -> Result<(), Broken> {
        let staff = self.plan.scope(scope).staff.clone();
        let fits = staff.iter().map(|post| post.seat).eq(posts.iter().map(|post| post.seat));
        holds(Rule::PostsFilledFirst, fits && !staff.is_empty(), || {
            format!("{posts:?} of {staff:?}")
        })?;
        let before = self.holders.insert(scope, BTreeMap::new());
        holds(Rule::PostsFilledFirst, before.is_none(), || format!("{scope:?} is filled again"))?;
        for (post, filled) in staff.iter().zip(posts) {
            self.may_have(scope, post, filled.agent)?;
            self.holders.entry(scope).or_default().insert(filled.seat, filled.agent);
            self.promises(scope, filled)?;
        }
        self.fit_into_days()
    }

    /// That somebody may have a post.
    fn may_have(
        &self,
        scope: ScopeId,
        post: &PlannedPost,
        chosen: PlanAgentId,
    ) -> Result<(), Broken> {
        let callers: Vec<TaskId> = std::iter::successors(self.plan.scope(scope).caller, |task| {
            self.plan.scope(self.plan.task(*task).scope).caller
        })
        .collect();
        let around = callers.iter().map(|caller| self.plan.task(*caller).scope);
        let scopes: Vec<ScopeId> = std::iter::once(scope).chain(around).collect();
        let agent = self.agent(chosen);
        let has = |seat: &PlanAgentId| self.agent(self.holder(*seat, &scopes)).id == agent.id;
        let said = || format!("`{}` for the post `{}`", agent.id, post.name);
        holds(Rule::PostsFit, post.candidates.contains(&chosen), || {
            format!("{} is no candidate", said())
        })?;
        let is_excluded = post.never.iter().any(has);
        holds(Rule::PostsFit, !is_excluded, || format!("{} has what rules it out", said()))?;
        match &post.choice {
            PostChoice::Assign(_) => Ok(()),
            PostChoice::Above(of) => {
                let of = self.agent(self.holder(*of, &scopes));
                let is_above = self.next_above(chosen, of) == Some(&agent.id);
                holds(Rule::PostsFit, is_above, || format!("{} is not above {}", said(), of.id))
            }
            PostChoice::PeerOf(of, _) => {
                let of = self.agent(self.holder(*of, &scopes));
                let is_peer = agent.layer == Some(Layer::Contributor)
                    && (of.domain.is_none() || agent.domain == of.domain);
                let is_above = self.next_above(chosen, of) == Some(&agent.id);
                holds(Rule::PostsFit, agent.id != of.id && (is_peer || is_above), || {
                    format!("{} is no peer of {}", said(), of.id)
                })
            }
        }
    }

    /// The first in the reporting line of somebody who is more than a contributor, in the team of another.
    fn next_above<'p>(&'p self, colleague: PlanAgentId, of: &'p Agent) -> Option<&'p AgentId> {
        let team = &self.plan.teams[self.plan.agents[colleague.0 as usize].team as usize];
        let find = |id: &AgentId| team.agents().iter().find(|agent| agent.id == *id);
        let above = |agent: &&'p Agent| find(agent.reports_to.as_ref()?);
        let mut line = std::iter::successors(above(&of), above);
        let found = line.find(|agent| agent.layer.is_some_and(|layer| layer != Layer::Contributor));
        found.map(|agent| &agent.id)
    }

    /// What is set aside is what the work takes, and of who does it.
    fn promises(&mut self, scope: ScopeId, filled: &FilledPost) -> Result<(), Broken> {
        let wanted = match &filled.reason {
            PostReason::Best { demand, .. } => demand.minutes,
            PostReason::Above { .. } => 0,
        };
        let days = filled.booking.iter().flat_map(|booking| &booking.days);
        let minutes: u32 = days.map(|(_, minutes)| minutes).sum();
        let own = &self.agent(filled.agent).id;
        let is_own = filled.booking.as_ref().is_none_or(|booking| booking.agent == *own);
        holds(Rule::HoursFit, is_own && minutes == wanted, || {
            format!("{wanted} minutes are wanted of {own}, and {:?} is promised", filled.booking)
        })?;
        self.promised.entry(scope).or_default().extend(filled.booking.clone());
        Ok(())
    }

    fn all_promises(&self) -> Promises {
        let mut promises = Promises::new();
        for booking in self.promised.values().flatten() {
            for (day, minutes) in booking.days.iter().filter(|(_, minutes)| *minutes > 0) {
                *promises.entry((booking.agent.clone(), *day)).or_default() += minutes;
            }
        }
        promises
    }

    /// That nobody has promised more of a day than it has.
    fn fit_into_days(&self) -> Result<(), Broken> {
        for ((id, day), promised) in self.all_promises() {
            let mut members = self.plan.teams.iter().flat_map(Team::agents);
            // Teams have no agents in common here.
            let has = members.find(|agent| agent.id == id).map(|agent| &agent.capacity);
            let has = has.map_or(0, |capacity| capacity.minutes_on(day));
            holds(Rule::HoursFit, promised <= has, || {
                format!("`{id}` has promised {promised} of {has} minutes on {day}")
            })?;
        }
        Ok(())
    }

    /// That a state has the same promises.
    pub(super) fn are_in(&self, live: &State) -> Result<(), Broken> {
        let days = live
            .ledger
            .bookings()
            .flat_map(|booking| booking.days.iter().map(|(day, _)| (booking.agent.clone(), *day)));
        let promised = self.all_promises();
        let keys: BTreeSet<_> = days.chain(promised.keys().cloned()).collect();
        for (id, day) in keys {
            let is = live.ledger.minutes(&id, day);
            let due = promised.get(&(id.clone(), day)).copied().unwrap_or_default();
            holds(Rule::HoursFit, is == due, || {
                format!("`{id}` has promised {due} minutes on {day}, and counts {is}")
            })?;
        }
        Ok(())
    }
}
