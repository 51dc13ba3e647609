//! Hedges: second attempts beside those that take unusually long, on other servers whose slots nobody
//! waits for. The first answer counts, the other attempt is broken off (Dean and Barroso, “The Tail at
//! Scale”, 2013).
//!
//! How long is unusual follows from the answers of the run: before a few have come nothing is hedged.
//! A call that has gone on so long is expected to go on as long again, so that a hedge begins only
//! where it is expected to take no longer than that. It takes what any call takes of what is limited,
//! nothing that tasks which wait could use, and gives way to those that come later.

use super::attempts::Start;
use super::conduct::Engine;
use super::fold_error::FoldError;
use super::hands::Ongoing;
use super::lanes::Lane;
use super::moves::TaskStatus;
use super::settings::ServerId;
use super::time::Time;
use super::timers::Timer;
use super::urgency::Turn;
use super::vocabulary::{AttemptId, Fact, Next, Outcome};
use crate::language::document::Hedge;
use crate::language::plan::{TaskId, Work};

/// An attempt that may be hedged.
#[derive(Debug, Clone, Copy)]
struct Straggler {
    turn: Turn,
    attempt: AttemptId,
    /// Where, unless that is for later to be found out.
    server: Option<ServerId>,
    /// Not before.
    from: Time,
}

impl Engine {
    /// Begins the hedges that are due, those of tasks with the longest way to the end first, and comes
    /// back when the next may be.
    pub(super) fn hedge(&mut self) -> Result<(), FoldError> {
        self.hands.timers.clear(Timer::Hedge);
        let Some(hedge) = self.settings.hedge else { return Ok(()) };
        loop {
            let now = self.now();
            let stragglers = self.stragglers(hedge);
            let due = stragglers.iter().filter(|straggler| straggler.from <= now);
            match due.min_by_key(|straggler| straggler.turn).copied() {
                Some(straggler) => self.begin_hedge(straggler)?,
                None => {
                    if let Some(at) = stragglers.iter().map(|straggler| straggler.from).min() {
                        self.hands.timers.set(Timer::Hedge, at);
                    }
                    return Ok(());
                }
            }
        }
    }

    /// Attempts for which there is room besides everything else, now or later.
    fn stragglers(&self, hedge: Hedge) -> Vec<Straggler> {
        let view = self.view();
        let is_free = |id: ServerId| {
            let health = view.health(id);
            let may = health.is_usable() && health.is_ours() && !health.is_warming();
            may && !health.is_full(self.settings.server(id)) && !view.has_work_for(id)
        };
        let free: Vec<ServerId> =
            self.settings.servers().map(|(id, _)| id).filter(|id| is_free(*id)).collect();
        if free.is_empty() || !self.has_budget(hedge) {
            return Vec::new();
        }
        let calls = self.hands.calls.iter();
        calls.filter_map(|(attempt, call)| self.straggler(hedge, *attempt, call, &free)).collect()
    }

    /// Whether one more hedge is within the budget: a share of all attempts, rounded up.
    fn has_budget(&self, hedge: Hedge) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "a count of attempts is far below 2^52")]
        let (attempts, hedges) = (self.state.attempts as f64, self.state.hedges as f64);
        hedges < (attempts * hedge.budget).ceil()
    }

    fn straggler(
        &self,
        hedge: Hedge,
        attempt: AttemptId,
        call: &Ongoing,
        free: &[ServerId],
    ) -> Option<Straggler> {
        let task = attempt.task;
        let since = call.working_since?;
        let may = matches!(&self.state.plan().task(task).work, Work::Ask(ask) if ask.hedge)
            && self.state.task(task).status == TaskStatus::Running
            && !call.is_hedged
            && !call.estimate.is_zero()
            && !self.is_loading(call.server)
            && self.has_budget_for(task);
        let usual = self.usual(call.server, &call.model).filter(|_| may)?;
        let mut from = since + call.estimate.mul_f64(usual * hedge.after);
        let mut server = None;
        if from <= self.now() {
            let lane = self.hands.lanes.get(self.hands.lanes.of(task)?);
            let best = self.best_for_hedge(attempt, call, lane, free)?;
            from = from.max(since + self.view().time_on(best, lane, call.estimate));
            server = Some(best);
        }
        Some(Straggler { turn: self.turn(task), attempt, server, from })
    }

    /// Whether a server loads any model: what it works on meanwhile may well be slow.
    fn is_loading(&self, server: ServerId) -> bool {
        let mut calls = self.hands.calls.values();
        self.hands.servers.get(server).is_warming()
            || calls.any(|call| call.server == server && call.stage.is_load())
    }

    /// What calls of a model take on a server at the most, over what was estimated. Where it has
    /// answered too few, what others take says it, by their weights.
    fn usual(&self, server: ServerId, model: &str) -> Option<f64> {
        let experience = &self.hands.servers.experience;
        let weight = |id: ServerId| self.settings.server(id).weight.max(0.001);
        experience.usual(server, model).or_else(|| {
            let others = self.settings.servers().filter_map(|(id, _)| {
                Some(experience.usual(id, model)? * weight(id) / weight(server))
            });
            others.max_by(f64::total_cmp)
        })
    }

    /// The free server on which a hedge is expected to end first: one that has the model loaded, or
    /// does nothing and has room for it besides those that it has.
    fn best_for_hedge(
        &self,
        attempt: AttemptId,
        call: &Ongoing,
        lane: &Lane,
        free: &[ServerId],
    ) -> Option<ServerId> {
        let view = self.view();
        let waiting = view.lanes.iter().map(|(_, lane)| lane).filter(|lane| lane.backlog() > 0);
        let waiting = waiting
            .map(|lane| (u32::try_from(lane.backlog()).unwrap_or(u32::MAX), &lane.takes[..]));
        if !self.hands.allocation.spares(&lane.takes, waiting) {
            return None;
        }
        let state = self.state.task(attempt.task);
        let may = |(id, server): &(ServerId, &super::settings::Server)| {
            let health = view.health(*id);
            let is_loaded_soon = || health.is_idle() && health.has_room(server);
            free.contains(id)
                && *id != call.server
                && Some(*id) != state.avoid
                && health.has_slot(server, &lane.model)
                && (!health.is_cold(&lane.model) || is_loaded_soon())
                && self.too_long_for(*id, &lane.model, state.prompt_tokens).is_none()
        };
        let servers = view.serving(lane).filter(may).map(|(id, _)| id);
        servers.min_by_key(|id| (view.time_on(*id, lane, call.estimate), *id))
    }

    fn begin_hedge(&mut self, straggler: Straggler) -> Result<(), FoldError> {
        let Straggler { attempt, server, .. } = straggler;
        let task = attempt.task;
        let Some(slower) = self.hands.calls.get_mut(&attempt) else { return Ok(()) };
        slower.is_hedged = true;
        let queue_deadline = slower.queue_deadline;
        let state = self.state.task(task);
        let (Some(server), Some(request)) = (server, state.request.clone()) else {
            return Ok(());
        };
        let tokens = state.prompt_tokens;
        self.begin_attempt(Start { task, server, request, tokens, queue_deadline, hedge: true })
    }

    /// The other attempt at a task was answered first: this one is broken off.
    pub(super) fn supersede(&mut self, attempt: AttemptId) -> Result<(), FoldError> {
        if let Some(slower) = self.break_off(attempt)
            && let Some(since) = slower.working_since
        {
            let worked = self.now().since(since);
            let experience = &mut self.hands.servers.experience;
            experience.has_worked(slower.server, &slower.model, worked, slower.estimate);
        }
        let (outcome, next) = (Outcome::Superseded, Next::GoesOn);
        self.record(Fact::AttemptEnded { attempt, outcome, next, key: None })
    }

    /// Breaks off a hedge that holds what a task waits for; whether there was one.
    pub(super) fn give_way(&mut self) -> Result<bool, FoldError> {
        let Some(hedge) = self.hedge_in_the_way() else { return Ok(false) };
        self.break_off(hedge);
        self.lose_attempt(hedge, self.now())?;
        Ok(true)
    }

    fn hedge_in_the_way(&self) -> Option<AttemptId> {
        if self.settings.hedge.is_none() || !self.hands.lanes.have_waiting() {
            return None;
        }
        let is_hedge = |attempt: &AttemptId| {
            let hedge = self.state.task(attempt.task).hedge.as_deref();
            hedge.is_some_and(|(hedge, _)| hedge == attempt)
        };
        let hedges = self.hands.calls.iter().filter(|(attempt, _)| is_hedge(attempt));
        // The last first: it has come the least far.
        let mut hedges: Vec<_> = hedges.collect();
        hedges.sort_by_key(|(attempt, call)| (std::cmp::Reverse(call.since), **attempt));
        let mut found = hedges.into_iter().filter(|(attempt, call)| {
            let mut lanes = self.hands.lanes.iter().map(|(_, lane)| lane);
            lanes.any(|lane| lane.has_waiting() && self.holds_up(attempt.task, call, lane))
        });
        found.next().map(|(attempt, _)| *attempt)
    }

    /// Whether the tasks of a lane could be given to a server if a hedge were not there.
    fn holds_up(&self, hedged: TaskId, call: &Ongoing, lane: &Lane) -> bool {
        let settings = self.settings.server(call.server);
        let taken = self.hands.allocation.of_task(hedged);
        let mut short = self.hands.allocation.short_of(&lane.takes).peekable();
        let is_short = short.peek().is_some();
        let would_do = short.all(|id| taken.iter().any(|share| share.resource == id));
        would_do && (is_short || self.hands.servers.suits(call.server, settings, lane))
    }
}
