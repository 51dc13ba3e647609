//! Holds every step of a run against the rules.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use partita::engine::content::Contents;
use partita::engine::simulation::Asked;
use partita::engine::{
    AttemptId, Change, Fact, FailureClass, Iteration, Iterations, Next, Outcome, Recorded, Remedy,
    ResourceId, Resources, RunStatus, Server, ServerId, Settings, State, TaskStatus, Time,
};
use partita::insight::History;
use partita::interface::report::{
    Detail, Outcome as Report, Paint, TimelineLook, run_json, run_page, run_text, timeline_text,
};
use partita::language::document::ClusterSettings;
use partita::language::plan::{Over, Part, Plan, RungKind, ScopeId, TaskId, Work};
use partita::runtime::journal::Setup;

use super::journal::FaultyJournal;
use super::posts::Posts;
use super::purse::Purse;
use super::rules::{Broken, Rule, holds};
use super::undo::Undo;

/// How who is asked again is told what was wrong.
const COMPLAINTS: [&str; 2] =
    ["That answer cannot be used: ", "An earlier answer could not be used: "];

/// Of one run in so many all reports are compared.
const REPORTED: usize = 16;

/// What there is to see behind a step.
pub(super) struct View<'v> {
    /// All facts that are kept.
    pub(super) kept: Cow<'v, [Recorded]>,
    /// What servers were asked in this life of the driver.
    pub(super) asked: Cow<'v, [Asked]>,
    /// The tools that were used for tasks in this life of the driver.
    pub(super) used_tools: Cow<'v, [AttemptId]>,
    /// Calls that servers have.
    pub(super) under_way: Vec<(AttemptId, ServerId)>,
    /// The state of the engine.
    pub(super) live: &'v State,
}

/// Follows a run over all lives of its driver.
pub(super) struct Watch<'p> {
    /// As far as it has grown.
    plan: Arc<Plan>,
    compiled: &'p Arc<Plan>,
    settings: &'p Settings,
    seen: Vec<Recorded>,
    seen_asked: usize,
    seen_used: usize,
    /// Calls of tools that are kept, and those that were made.
    called: BTreeSet<AttemptId>,
    used: BTreeSet<AttemptId>,
    fold: State,
    ended: BTreeSet<TaskId>,
    /// The tasks that have sent a message.
    sent: BTreeSet<TaskId>,
    running: BTreeMap<AttemptId, (ServerId, String)>,
    /// Attempts that began, and those of them that were hedges.
    attempts: (u32, u32),
    resources: Resources,
    purse: Purse,
    undo: Undo,
    posts: Posts,
    /// Attempts that are kept as begun.
    begun: BTreeSet<(String, u32)>,
    requests: BTreeSet<(String, u32)>,
    /// What was wrong with the last answers of tasks, and with those before attempts that have begun.
    complaints: BTreeMap<TaskId, String>,
    told_of: BTreeMap<(String, u32), String>,
    /// How often each task was tried again behind each class of failure.
    retried: BTreeMap<(TaskId, FailureClass), u32>,
    /// Tasks that a server has taken, as far as is known.
    taken: BTreeSet<TaskId>,
    /// Before when servers want not to be asked.
    rests: BTreeMap<ServerId, Time>,
}

impl<'p> Watch<'p> {
    pub(super) fn new(plan: &'p Arc<Plan>, settings: &'p Settings) -> Watch<'p> {
        Watch {
            plan: Arc::clone(plan),
            compiled: plan,
            settings,
            seen: Vec::new(),
            seen_asked: 0,
            seen_used: 0,
            called: BTreeSet::new(),
            used: BTreeSet::new(),
            fold: State::new(Arc::clone(plan)),
            ended: BTreeSet::new(),
            sent: BTreeSet::new(),
            running: BTreeMap::new(),
            attempts: (0, 0),
            resources: Resources::of(plan, settings),
            purse: Purse::default(),
            undo: Undo::default(),
            posts: Posts::of(plan),
            begun: BTreeSet::new(),
            requests: BTreeSet::new(),
            complaints: BTreeMap::new(),
            told_of: BTreeMap::new(),
            retried: BTreeMap::new(),
            taken: BTreeSet::new(),
            rests: BTreeMap::new(),
        }
    }

    /// A new life of the driver begins with what is kept; calls of the one before are gone.
    pub(super) fn open(
        &mut self,
        kept: &[Recorded],
        journal: &FaultyJournal<'_>,
    ) -> Result<(), Broken> {
        let same = kept.get(..self.seen.len()) == Some(&self.seen);
        holds(Rule::NothingLost, same, || {
            format!("{} facts were confirmed, {} are there", self.seen.len(), kept.len())
        })?;
        self.take_in(kept, journal)?;
        self.running.clear();
        self.seen_asked = 0;
        self.seen_used = 0;
        Ok(())
    }

    /// A step has been stored and carried out.
    pub(super) fn step(
        &mut self,
        view: &View<'_>,
        journal: &FaultyJournal<'_>,
    ) -> Result<(), Broken> {
        self.take_in(&view.kept, journal)?;
        self.posts.are_in(view.live)?;
        self.same_state(view.live)?;
        for asked in &view.asked[self.seen_asked.min(view.asked.len())..] {
            self.seen_asked += 1;
            let attempt = (asked.task.clone(), asked.attempt);
            holds(Rule::KeptFirst, self.begun.contains(&attempt), || format!("{attempt:?}"))?;
            let is_new = self.requests.insert(attempt.clone());
            holds(Rule::AskedOnce, is_new, || format!("{attempt:?}"))?;
            self.is_told(asked)?;
        }
        for used in &view.used_tools[self.seen_used.min(view.used_tools.len())..] {
            self.seen_used += 1;
            holds(Rule::KeptFirst, self.called.contains(used), || format!("the tool of {used:?}"))?;
            let is_new = self.used.insert(*used);
            holds(Rule::AskedOnce, is_new, || format!("the tool of {used:?}"))?;
        }
        let running = self.running.iter().map(|(attempt, (server, _))| (*attempt, *server));
        let running: BTreeSet<_> = running.collect();
        let under_way: BTreeSet<_> = view.under_way.iter().copied().collect();
        holds(Rule::OnlyTheRunningHoldSlots, running == under_way, || {
            format!("running {running:?}, at servers {under_way:?}")
        })
    }

    /// A write has failed: nothing of its step may have been carried out.
    pub(super) fn refused(&self, asked: usize) -> Result<(), Broken> {
        holds(Rule::KeptFirst, asked == self.seen_asked, || {
            format!("{} requests became {asked} although nothing was kept", self.seen_asked)
        })
    }

    fn take_in(&mut self, kept: &[Recorded], journal: &FaultyJournal<'_>) -> Result<(), Broken> {
        for recorded in kept.get(self.seen.len()..).unwrap_or_default() {
            let expected = self.seen.len() as u64 + 1;
            holds(Rule::Numbered, recorded.sequence == expected, || {
                format!("fact {} stands where {expected} is due", recorded.sequence)
            })?;
            self.seen.push(recorded.clone());
            for address in recorded.fact.contents() {
                holds(Rule::ContentsKept, journal.has(address), || format!("{recorded:?}"))?;
            }
            self.fact(recorded)?;
            self.reads(&recorded.fact, journal)?;
            self.purse.fact(&self.plan, self.settings, recorded)?;
            self.undo.fact(&self.plan, recorded)?;
            self.posts.fact(recorded, &self.ended, || request(&recorded.fact, journal))?;
            let follows = self.fold.follow(recorded);
            follows.map_err(|error| Broken::new(Rule::FoldIsLive, error.to_string()))?;
            if let Fact::IterationsOpened { task, .. } = recorded.fact {
                self.plan = Arc::clone(self.fold.plan());
                self.resources.grow(&self.plan, self.settings);
                self.several(task)?;
            }
            if let Fact::CompensationStarted { .. } = recorded.fact {
                self.plan = Arc::clone(self.fold.plan());
                self.resources.grow(&self.plan, self.settings);
            }
            if let Fact::PostsFilled { .. } = recorded.fact {
                self.plan = Arc::clone(self.fold.plan());
                self.resources = Resources::of(&self.plan, self.settings);
            }
        }
        Ok(())
    }

    /// Everything but the plan, which is the same, is compared.
    fn same_state(&self, live: &State) -> Result<(), Broken> {
        let fold = &self.fold;
        let whole = |state: &State| {
            (state.status, state.pause, state.cancelled, state.sequence, state.last)
        };
        holds(Rule::FoldIsLive, whole(fold) == whole(live), || {
            format!("{:?} is folded, {:?} is live", whole(fold), whole(live))
        })?;
        let ends =
            |state: &State| (state.inputs.clone(), state.outputs.clone(), state.failure.clone());
        holds(Rule::FoldIsLive, ends(fold) == ends(live), || "inputs and outputs".to_owned())?;
        holds(Rule::FoldIsLive, fold.posts == live.posts && fold.ledger == live.ledger, || {
            format!("{:?} is folded, {:?} is live", fold.posts, live.posts)
        })?;
        for (id, task) in self.plan.tasks() {
            let (folded, live) = (fold.task(id), live.task(id));
            holds(Rule::FoldIsLive, folded == live, || {
                format!("{}: {folded:#?} is folded, {live:#?} is live", task.path)
            })?;
        }
        Ok(())
    }

    fn fact(&mut self, recorded: &Recorded) -> Result<(), Broken> {
        match &recorded.fact {
            Fact::AttemptStarted { attempt, server, model, hedge, .. } => {
                self.starts(attempt.task)?;
                self.is_planned_model(attempt.task, model)?;
                self.is_bounded(*attempt, *server, *hedge)?;
                let task = self.plan.task(attempt.task);
                let is_new = self.taken.insert(attempt.task);
                holds(Rule::OnceIsOnce, is_new || !task.is_once(), || {
                    format!("{} may have been done, and is asked again", task.path)
                })?;
                let rest = self.rests.get(server).copied().unwrap_or_default();
                holds(Rule::RestsRespected, rest <= recorded.at, || {
                    format!(
                        "{server:?} is asked at {:?} and wanted to rest until {rest:?}",
                        recorded.at
                    )
                })?;
                let begun = (self.plan.task(attempt.task).path.clone(), attempt.number);
                let complaint = self.complaints.get(&attempt.task).cloned();
                self.told_of.extend(complaint.map(|complaint| (begun.clone(), complaint)));
                self.begun.insert(begun);
                self.running.insert(*attempt, (*server, model.clone()));
                self.limits(*server)
            }
            Fact::ToolCalled { attempt, .. } => {
                self.called.insert(*attempt);
                self.starts(attempt.task)
            }
            Fact::AttemptEnded { attempt, outcome, next, .. } => {
                let call = self.running.remove(attempt);
                if let Outcome::Failed { failure, .. } = outcome
                    && failure.class.is_turned_away()
                {
                    self.taken.remove(&attempt.task);
                }
                if let (Outcome::Failed { failure, .. }, Some((server, _))) = (outcome, call)
                    && let Some(pause) = failure.retry_after
                {
                    let rest = self.rests.entry(server).or_default();
                    *rest = (*rest).max(recorded.at + pause.0);
                }
                let are_two = self.fold.task(attempt.task).under_way().count() == 2;
                holds(Rule::HedgesBounded, are_two == (*next == Next::GoesOn), || {
                    format!("{next:?} behind {attempt:?}")
                })?;
                if are_two {
                    return Ok(());
                }
                self.complains(attempt.task, outcome);
                self.follows_the_table(attempt.task, outcome, *next)?;
                let answered = matches!(outcome, Outcome::Answered { .. });
                if answered || *next == Next::Done { self.ends(attempt.task) } else { Ok(()) }
            }
            // What servers asked for is not remembered by a run that is taken up again.
            Fact::RunResumed { .. } => {
                self.rests.clear();
                Ok(())
            }
            Fact::TaskCancelled { task } => {
                self.running.retain(|attempt, _| attempt.task != *task);
                self.ends(*task)
            }
            Fact::MessageSent { task, .. } => {
                self.starts(*task)?;
                self.sent.insert(*task);
                self.ends(*task)
            }
            Fact::TaskReused { task, .. } => {
                self.starts(*task)?;
                self.ends(*task)
            }
            Fact::TaskKept { task } => self.keeps(*task),
            Fact::TaskSkipped { task, .. }
            | Fact::GateDecided { task, .. }
            | Fact::TaskSucceeded { task, .. }
            | Fact::TaskFailed { task, next: Next::Done, .. } => self.ends(*task),
            Fact::IterationsListed { task, iterations } => {
                self.starts(*task)?;
                self.planned(*task, iterations)?;
                self.rungs(*task, iterations)?;
                self.rounds(*task, iterations.len())
            }
            Fact::PatternOpened { task, .. } | Fact::GateOpened { task, .. } => self.starts(*task),
            _ => Ok(()),
        }
    }

    fn keeps(&mut self, task: TaskId) -> Result<(), Broken> {
        let ending = self.fold.kept(task).map(|kept| kept.ending.status());
        if ending == Some(TaskStatus::Succeeded) {
            self.sent.insert(task);
        }
        // What was skipped then is skipped again for want of the same message.
        if ending != Some(TaskStatus::Skipped) {
            self.starts(task)?;
        }
        self.ends(task)
    }

    /// What is wrong with an answer is to be told to who answers next.
    fn complains(&mut self, task: TaskId, outcome: &Outcome) {
        let Outcome::Failed { failure, answer: Some(_), .. } = outcome else { return };
        self.complaints.remove(&task);
        if failure.class.treatment().change == Change::Question {
            self.complaints.insert(task, failure.message.clone());
        }
    }

    fn is_told(&self, asked: &Asked) -> Result<(), Broken> {
        let attempt = (asked.task.clone(), asked.attempt);
        let said = asked.request.messages.last().map(|last| last.content.as_str());
        let said = said.unwrap_or_default();
        let complains = COMPLAINTS.iter().any(|how| said.contains(how));
        let complaint = self.told_of.get(&attempt);
        let is_told =
            complaint.map_or(!complains, |complaint| complains && said.contains(complaint));
        holds(Rule::ComplaintsShown, is_told, || {
            format!("{attempt:?} is asked {said:?} behind {complaint:?}")
        })
    }

    fn is_planned_model(&self, id: TaskId, asked: &str) -> Result<(), Broken> {
        let task = self.plan.task(id);
        let Work::Ask(ask) = &task.work else { return Ok(()) };
        let planned = ask.model.as_deref().unwrap_or(&self.settings.default_model);
        holds(Rule::ModelAsPlanned, asked == planned, || {
            format!("{} is asked of {asked}, and planned for {planned}", task.path)
        })
    }

    /// Of work that is done in rounds, so many more are to be.
    fn rounds(&self, id: TaskId, more: usize) -> Result<(), Broken> {
        let task = self.plan.task(id);
        let Work::Iterate(iterate) = &task.work else { return Ok(()) };
        let Over::Rounds(rounds) = &iterate.over else { return Ok(()) };
        let before: Vec<_> =
            self.fold.iterations(id).into_iter().flat_map(Iterations::all).collect();
        let count = before.len() + more;
        let has_ended = |scope: Option<ScopeId>| {
            let first = scope.and_then(|scope| self.plan.scope(scope).tasks.first());
            first.is_some_and(|task| self.ended.contains(task))
        };
        let follows = more == 1 && before.iter().all(|(_, scope)| has_ended(*scope));
        holds(Rule::RoundsFollow, follows && count <= rounds.max as usize, || {
            format!("{}: round {count} of at most {}", task.path, rounds.max)
        })
    }

    /// Of a task that others take up where it fails, this is to be done next.
    fn rungs(&self, id: TaskId, more: &[Iteration]) -> Result<(), Broken> {
        let task = self.plan.task(id);
        let Work::Iterate(iterate) = &task.work else { return Ok(()) };
        let Over::Ladder(ladder) = &iterate.over else { return Ok(()) };
        let tried: Vec<_> =
            self.fold.iterations(id).into_iter().flat_map(Iterations::all).collect();
        // How high something is: the task as it is done at first, then the rungs.
        let height = |one: &Iteration| match one.part {
            Part::Rung(place) => place as usize + 1,
            _ => 0,
        };
        let person = |height: usize| {
            let rung = height.checked_sub(1).and_then(|place| ladder.rungs.get(place));
            rung.is_some_and(|rung| matches!(rung.kind, RungKind::Person { .. }))
        };
        let has_failed = |(one, scope): &(&Iteration, Option<ScopeId>)| {
            let first = scope.and_then(|scope| self.plan.scope(scope).tasks.first());
            let how = first.map(|task| self.fold.task(*task).status);
            // What a person says may be none of what can come out.
            how.is_some_and(|how| how.is_final() && how != TaskStatus::Succeeded)
                || (how == Some(TaskStatus::Succeeded) && person(height(one)))
        };
        let follows = match (more, tried.last()) {
            ([first], None) => height(first) == 0,
            ([next], Some((last, _))) => {
                height(next) > height(last) && height(next) <= ladder.rungs.len()
            }
            _ => false,
        };
        holds(Rule::RungsFollow, follows && tried.iter().all(has_failed), || {
            format!("{}: {more:?} behind {tried:?}", task.path)
        })
    }

    /// Of work that an agent plans, so much more is to be done.
    fn planned(&self, id: TaskId, more: &[Iteration]) -> Result<(), Broken> {
        let task = self.plan.task(id);
        let Work::Iterate(iterate) = &task.work else { return Ok(()) };
        let Over::Expand(expand) = &iterate.over else { return Ok(()) };
        let known: Vec<_> =
            self.fold.iterations(id).into_iter().flat_map(Iterations::all).collect();
        let is_over = known.iter().all(|(_, scope)| {
            let first = scope.and_then(|scope| self.plan.scope(scope).tasks.first());
            first.is_some_and(|task| self.ended.contains(task))
        });
        let offers = expand.planning.catalogue.len();
        let is_offered = |one: &Iteration| match one.part {
            Part::Entry(place) => (place as usize) < offers,
            Part::Synthesis => expand.synthesis.is_some(),
            Part::Main => true,
            Part::Rung(_) => false,
        };
        let has_order = more.iter().enumerate().all(|(place, one)| {
            one.needs.iter().all(|need| (*need as usize) < known.len() + place)
        });
        let plans = known.iter().map(|(one, _)| *one).chain(more);
        let plans = plans.filter(|one| one.part == Part::Main).count();
        let entries = more.iter().filter(|one| matches!(one.part, Part::Entry(_))).count();
        let is_alone = entries == more.len() || more.len() == 1;
        let holds_here = is_over
            && is_alone
            && has_order
            && more.iter().all(is_offered)
            && plans <= 1 + expand.replans as usize
            && entries <= expand.planning.max_tasks as usize;
        holds(Rule::PlansHold, holds_here, || format!("{}: {more:?} behind {known:?}", task.path))
    }

    /// That what a planned task needs has ended, as the lists say it.
    fn has_what_is_planned(&self, id: TaskId) -> Result<(), Broken> {
        let scope = self.plan.task(id).scope;
        let Some(several) = self.plan.iterates(scope) else { return Ok(()) };
        let all = self.fold.iterations(several).into_iter().flat_map(Iterations::all);
        let all: Vec<_> = all.collect();
        let Some((own, _)) = all.iter().find(|(_, begun)| *begun == Some(scope)) else {
            return Ok(());
        };
        let has_ended = |place: &u32| {
            let first = all.get(*place as usize).and_then(|(_, scope)| *scope);
            let first = first.and_then(|scope| self.plan.scope(scope).tasks.first());
            first.is_some_and(|task| self.ended.contains(task))
        };
        holds(Rule::PlansHold, own.needs.iter().all(has_ended), || {
            format!("{} begins before what it needs", self.plan.task(id).path)
        })
    }

    /// Of work that is done several times, no more is under way than may be.
    fn several(&self, id: TaskId) -> Result<(), Broken> {
        let task = self.plan.task(id);
        let Work::Iterate(iterate) = &task.work else {
            return Err(Broken::new(
                Rule::IterationsRespected,
                format!("{} is no such", task.path),
            ));
        };
        let iterations = self.fold.iterations(id).expect("they are listed");
        let scopes = iterations.all().filter_map(|(_, scope)| scope);
        let first = scopes.filter_map(|scope| self.plan.scope(scope).tasks.first());
        let under_way = first.filter(|task| !self.ended.contains(task)).count();
        let (listed, most) = (iterations.all().count(), iterate.most());
        holds(Rule::IterationsRespected, listed <= most, || {
            format!("{}: {listed} of at most {most}", task.path)
        })?;
        holds(Rule::IterationsRespected, under_way <= iterate.parallel(), || {
            format!("{}: {under_way} at a time", task.path)
        })
    }

    fn limits(&self, server: ServerId) -> Result<(), Broken> {
        let mut calls: BTreeMap<&str, u32> = BTreeMap::new();
        for (_, model) in self.running.values().filter(|(at, _)| *at == server) {
            *calls.entry(model).or_default() += 1;
        }
        let Server { slots, max_models, .. } = self.settings.server(server);
        let models = u32::try_from(calls.len()).expect("few models");
        let fits = models <= *max_models && calls.values().all(|calls| calls <= slots);
        holds(Rule::ServersRespected, fits, || {
            format!("{calls:?} on a server of {slots} slots and {max_models} models")
        })?;
        let mut in_use: BTreeMap<ResourceId, u32> = BTreeMap::new();
        for share in self.running.keys().flat_map(|call| self.resources.of_task(call.task)) {
            *in_use.entry(share.resource).or_default() += share.count;
        }
        in_use.into_iter().try_for_each(|(id, count)| {
            let (limited, most) = (self.resources.limited(id), self.resources.capacity(id));
            holds(Rule::LimitsRespected, count <= most, || format!("{count} of {most}: {limited}"))
        })
    }

    /// That an attempt is the only one of its task, or a hedge that may be.
    fn is_bounded(
        &mut self,
        attempt: AttemptId,
        server: ServerId,
        hedge: bool,
    ) -> Result<(), Broken> {
        let task = self.plan.task(attempt.task);
        let beside: Vec<ServerId> =
            self.fold.task(attempt.task).under_way().map(|(_, server)| server).collect();
        let (attempts, hedges) = &mut self.attempts;
        let most = self.settings.hedge.map_or(0.0, |hedge| hedge.budget * f64::from(*attempts));
        let most = most.ceil();
        *attempts += 1;
        *hedges += u32::from(hedge);
        let may = match (hedge, beside.as_slice()) {
            (false, []) => true,
            (true, [slower]) => {
                let allowed = matches!(&task.work, Work::Ask(ask) if ask.hedge);
                allowed && *slower != server && f64::from(*hedges) <= most
            }
            _ => false,
        };
        holds(Rule::HedgesBounded, may, || {
            let path = &task.path;
            format!("{path}, a hedge: {hedge}, beside {beside:?}, {hedges} of {attempts} attempts")
        })
    }

    /// That a request has all messages to its agent that were sent before, and no others.
    fn reads(&self, fact: &Fact, journal: &FaultyJournal<'_>) -> Result<(), Broken> {
        let Fact::AttemptStarted { attempt, .. } = fact else { return Ok(()) };
        let task = self.plan.task(attempt.task);
        let read = self::request(fact, journal);
        let is_read = |name: &str| read.contains(&format!("subject=\\\"[{name}]\\\""));
        for (id, message) in self.plan.tasks().filter(|(_, task)| task.scope == ScopeId::ROOT) {
            let Work::Send(template) = &message.work else { continue };
            let was_sent = self.sent.contains(&id);
            holds(Rule::MessagesFirst, was_sent || !is_read(&message.name), || {
                format!("{} reads {} before it is sent", task.path, message.path)
            })?;
            let agent = self.plan.agent_of(task).map(|agent| &agent.agent.id);
            let is_to_it = agent.is_some_and(|agent| template.to.contains(agent));
            let is_needed = task.needs.iter().any(|need| need.task == id);
            let is_due = was_sent && is_to_it && is_needed;
            holds(Rule::MessagesFirst, !is_due || is_read(&message.name), || {
                format!("{} does not read {}", task.path, message.path)
            })?;
        }
        Ok(())
    }

    fn starts(&self, id: TaskId) -> Result<(), Broken> {
        let task = self.plan.task(id);
        let path = &task.path;
        holds(Rule::NothingAgain, !self.ended.contains(&id), || format!("{path} has ended"))?;
        self.has_what_is_planned(id)?;
        for trigger in &task.on_message {
            let is_there = trigger.senders.iter().any(|sender| self.sent.contains(sender));
            holds(Rule::MessagesFirst, is_there, || {
                format!("{path} begins without {}", trigger.topic)
            })?;
        }
        for need in &task.needs {
            holds(Rule::NeedsFirst, self.ended.contains(&need.task), || {
                format!("{path} begins before {}", self.plan.task(need.task).path)
            })?;
        }
        if !self.plan.wave(task.wave).barrier {
            return Ok(());
        }
        let scope = self.plan.scope(task.scope);
        let own = scope.waves.iter().position(|wave| *wave == task.wave).expect("its wave");
        let mut before = scope.waves[..own].iter().flat_map(|wave| &self.plan.wave(*wave).tasks);
        let all_ended = before.all(|before| self.ended.contains(before));
        holds(Rule::BarriersHold, all_ended, || format!("{path} passes its barrier"))
    }

    fn follows_the_table(
        &mut self,
        id: TaskId,
        outcome: &Outcome,
        next: Next,
    ) -> Result<(), Broken> {
        let Outcome::Failed { failure, .. } = outcome else { return Ok(()) };
        let task = self.plan.task(id);
        let class = failure.class;
        if let Next::Retry { .. } = next {
            *self.retried.entry((id, class)).or_default() += 1;
            let of_task = self.retried.iter().filter(|((task, _), _)| *task == id);
            let counted: u32 = of_task.map(|(_, times)| times).sum();
            holds(Rule::TheTableDecides, counted < task.retry.max_attempts, || {
                format!("{} is tried too often", task.path)
            })?;
        }
        let times = self.retried.get(&(id, class)).copied().unwrap_or_default();
        let ends = matches!(next, Next::Done | Next::FallBack);
        let is_so = match class.treatment().remedy {
            Remedy::Wait => matches!(next, Next::Wait { .. }),
            Remedy::Move | Remedy::Retry => !matches!(next, Next::Wait { .. }),
            Remedy::Elsewhere => ends || matches!(next, Next::Move { .. }),
            Remedy::RetryOnce => ends || times == 1,
            Remedy::GiveUp => ends,
        };
        holds(Rule::TheTableDecides, is_so, || {
            format!("{}: {next:?} behind {}", task.path, class.as_str())
        })
    }

    fn ends(&mut self, id: TaskId) -> Result<(), Broken> {
        let is_first = self.ended.insert(id);
        holds(Rule::OneEnd, is_first, || format!("{} ends twice", self.plan.task(id).path))
    }

    /// Whether a task lies in a pattern that was never opened, or whose posts nobody got, and whose caller is over or
    /// lies in one itself.
    fn is_never_reached(&self, id: TaskId, state: &State) -> bool {
        let scope = self.plan.task(id).scope;
        let Some(caller) = self.plan.scope(scope).caller else {
            return state.status.is_final() && self.is_unstaffed(scope, state);
        };
        let over = state.task(caller).status.is_final();
        let never = state.scope_inputs(scope).is_none() || self.is_unstaffed(scope, state);
        never && (over || self.is_never_reached(caller, state))
    }

    fn is_unstaffed(&self, scope: ScopeId, state: &State) -> bool {
        !self.plan.scope(scope).staff.is_empty() && !state.posts.contains_key(&scope)
    }

    /// The driver has stopped: the whole of it, once more.
    pub(super) fn stopped(
        &self,
        status: RunStatus,
        live: (&State, &History),
        journal: &FaultyJournal<'_>,
    ) -> Result<(), Broken> {
        let (state, watched) = live;
        holds(Rule::FoldIsLive, self.fold == *state, || "the state as a whole".to_owned())?;
        let replayed = History::of_facts(Arc::clone(self.compiled), &self.seen);
        // A report is made of a history and of contents alone. It is slow to make beside a run, so
        // that only a part of the runs is told in full.
        let told = self.seen.len().is_multiple_of(REPORTED);
        let same = replayed == *watched
            && (!told || reports(&replayed, journal) == reports(watched, journal));
        holds(Rule::ReportIsLive, same, || "the report of what is kept is another".to_owned())?;
        for (id, task) in self.plan.tasks() {
            let (told, is) = (replayed.task(id).status(), state.task(id).status);
            holds(Rule::ReportIsLive, told == is, || format!("{}: {told:?}, {is:?}", task.path))?;
            let inside_closed = self.is_never_reached(id, state);
            let over = is.is_final() || inside_closed || !status.is_final();
            holds(Rule::ComesToRest, over, || format!("{} is {is:?} at the end", task.path))?;
        }
        holds(Rule::OnlyTheRunningHoldSlots, self.running.is_empty(), || {
            format!("{:?} at the end", self.running)
        })
    }
}

/// What an attempt asks, as it is kept; nothing of any other fact.
fn request(fact: &Fact, journal: &FaultyJournal<'_>) -> String {
    let Fact::AttemptStarted { request, .. } = fact else { return String::new() };
    journal.read(request).map(|request| request.to_string()).unwrap_or_default()
}

/// All that is told of a run: text, object, timeline, page.
fn reports(history: &History, journal: &FaultyJournal<'_>) -> [String; 4] {
    let setup = Setup::of_cluster(ClusterSettings::of_urls([]));
    let report = Report { run: "k7m2k7m2", history, contents: journal, setup: &setup };
    [
        run_text(&report, Detail::Everything, Paint::PLAIN),
        run_json(&report).to_string(),
        timeline_text(history, TimelineLook { paint: Paint::PLAIN, width: 100 }),
        run_page("k7m2k7m2", history),
    ]
}
