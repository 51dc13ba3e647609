//! One fact changes the state of a run: here, and nowhere else.

use std::sync::Arc;

use super::{Consequences, State};
use crate::engine::fold_error::FoldError;
use crate::engine::fork::Fork;
use crate::engine::iterations::Iteration;
use crate::engine::moves::TaskStatus;
use crate::engine::vocabulary::{Fact, Next, Recorded, RunStatus, SkipReason};
use crate::language::digest::Digest;
use crate::language::document::OnFailure;
use crate::language::plan::{ScopeId, TaskId, Work};
use crate::organization::Ledger;

impl State {
    /// Takes one fact in.
    ///
    /// # Errors
    /// When the fact does not follow from those before it; the state is unusable then.
    pub(in crate::engine) fn apply(
        &mut self,
        recorded: &Recorded,
    ) -> Result<Consequences, FoldError> {
        let sequence = recorded.sequence;
        if sequence != self.sequence + 1 {
            return Err(FoldError::Gap { before: self.sequence, found: sequence });
        }
        self.check_names(sequence, &recorded.fact)?;
        self.sequence = sequence;
        self.last = recorded.at;
        self.files.apply(&recorded.fact);
        let mut set_free = Consequences::default();
        match &recorded.fact {
            Fact::RunStarted { inputs, fork, settings } => {
                self.inputs = Some(inputs.clone());
                self.ledger = Ledger::beginning_with(&settings.promised, &settings.estimates);
                self.begin_fork(sequence, fork.as_ref())?;
                self.open_scope(ScopeId::ROOT, inputs.clone(), &mut set_free);
            }
            Fact::RunResumed { .. } => {
                self.status = RunStatus::Running;
                self.pause = None;
            }
            Fact::RunPaused { reason } => {
                self.pause = Some(*reason);
                self.status = reason.status();
            }
            Fact::CancelRequested { .. } => {
                // Who wants a run to end that is ending does not want to wait for what it undoes.
                self.undoing_given_up |= self.cancelled || self.is_ending();
                self.cancelled = true;
            }
            Fact::RunEnded { status, outputs, failure } => {
                self.status = *status;
                self.outputs.clone_from(outputs);
                self.failure.clone_from(failure);
            }
            Fact::WarmingStarted { .. }
            | Fact::ModelsSeen { .. }
            | Fact::ServerLeft { .. }
            | Fact::ModelLeft { .. }
            | Fact::ServerReturned { .. }
            | Fact::ServerShared { .. }
            | Fact::ServerUnshared { .. }
            | Fact::BudgetReached { .. } => {}
            Fact::PostsFilled { scope, posts } => {
                self.fill_posts(sequence, *scope, posts, &mut set_free)?;
            }
            about_a_task => self.apply_to_task(sequence, about_a_task, &mut set_free)?,
        }
        self.budgets.apply(&self.plan, recorded);
        Ok(set_free)
    }

    /// That a fact is about tasks of the plan and servers of the run.
    fn check_names(&mut self, sequence: u64, fact: &Fact) -> Result<(), FoldError> {
        let cause = match fact {
            Fact::TaskSkipped {
                reason: SkipReason::NeedWithoutOutput { task } | SkipReason::MessageNotSent { task },
                ..
            } => Some(*task),
            Fact::BudgetReached { of, .. } => *of,
            _ => None,
        };
        let mut tasks = fact.task().into_iter().chain(cause);
        if let Some(task) = tasks.find(|task| task.index() >= self.tasks.len()) {
            return Err(FoldError::UnknownTask { sequence, task: task.0 });
        }
        if let Some(settings) = fact.settings() {
            self.servers = settings.servers.len();
            self.briefing.clone_from(&settings.briefing);
            self.guidance.clone_from(&settings.guidance);
        }
        match fact {
            Fact::AttemptStarted { server, .. }
            | Fact::ModelsSeen { server, .. }
            | Fact::ServerLeft { server, .. }
            | Fact::ModelLeft { server, .. }
            | Fact::ServerReturned { server }
            | Fact::ServerShared { server, .. }
            | Fact::ServerUnshared { server }
                if server.index() >= self.servers =>
            {
                Err(FoldError::UnknownServer { sequence, server: server.0 })
            }
            _ => Ok(()),
        }
    }

    fn apply_to_task(
        &mut self,
        sequence: u64,
        fact: &Fact,
        set_free: &mut Consequences,
    ) -> Result<(), FoldError> {
        let Some(id) = fact.task() else {
            return Ok(());
        };
        if let Fact::IterationsOpened { upto, .. } = fact {
            return self.open_iterations(sequence, id, *upto, set_free);
        }
        if let Fact::CompensationStarted { .. } = fact {
            return self.open_compensation(sequence, id, set_free);
        }
        let before = self.tasks[id.index()].status;
        let Some(to) = self.take_in(sequence, id, fact)? else { return Ok(()) };
        let state = &mut self.tasks[id.index()];
        state.status = state.status.moved(to).map_err(|source| FoldError::Move {
            sequence,
            task: self.plan.task(id).path.clone(),
            source,
        })?;
        if let Fact::PatternOpened { inputs, .. } = fact
            && let Work::Call { scope, .. } = self.plan.task(id).work
        {
            self.open_scope(scope, inputs.clone(), set_free);
        }
        if to == TaskStatus::Succeeded {
            self.note_undoable(id, before);
        }
        if to.is_final() {
            self.task_ended(id, to, set_free);
        }
        Ok(())
    }

    /// What a fact says of its task, and where the task goes; nowhere if the fact is none of a task's.
    fn take_in(
        &mut self,
        sequence: u64,
        id: TaskId,
        fact: &Fact,
    ) -> Result<Option<TaskStatus>, FoldError> {
        let state = &mut self.tasks[id.index()];
        Ok(Some(match fact {
            Fact::TaskSkipped { reason, .. } => {
                state.skipped = Some(*reason);
                TaskStatus::Skipped
            }
            Fact::TaskKept { .. } => match self.fork.as_ref().and_then(|fork| fork.kept(id)) {
                Some(kept) => state.keep(kept),
                None => {
                    let task = self.plan.task(id).path.clone();
                    return Err(FoldError::NothingKept { sequence, task });
                }
            },
            Fact::TaskReused { run, output, .. } => {
                state.output = Some(output.clone());
                state.reused_from = Some(run.clone());
                TaskStatus::Succeeded
            }
            Fact::PatternOpened { .. } => TaskStatus::Open,
            Fact::IterationsListed { iterations, .. } => {
                let known = self.iterations.entry(id).or_default();
                known.listed.extend(iterations.iter().cloned());
                if state.status == TaskStatus::Open {
                    return Ok(None);
                }
                TaskStatus::Open
            }
            Fact::VotesCounted { votes, .. } => {
                state.votes = Some(Box::new(votes.clone()));
                return Ok(None);
            }
            Fact::RoundsEnded { end, .. } => {
                self.iterations.entry(id).or_default().rounds_end = Some(*end);
                return Ok(None);
            }
            Fact::GateOpened { question, deadline, .. } => {
                state.gate = Some(Box::new((question.clone(), *deadline)));
                TaskStatus::Waiting
            }
            Fact::GateDecided { choice, by, .. } => {
                state.decision = Some(Box::new((choice.clone(), by.clone())));
                TaskStatus::Succeeded
            }
            Fact::AttemptStarted { attempt, server, hedge: true, .. } => {
                self.attempts += 1;
                self.hedges += 1;
                state.attempts = attempt.number;
                state.hedge = Some(Box::new((*attempt, *server)));
                TaskStatus::Hedged
            }
            Fact::AttemptStarted { attempt, server, request, tokens, .. } => {
                self.attempts += 1;
                state.prompt_tokens = *tokens;
                state.request = Some(request.clone());
                state.attempt_started(*attempt, *server)
            }
            Fact::ToolCalled { .. }
            | Fact::ToolAnswered { .. }
            | Fact::PermissionAsked { .. }
            | Fact::PermissionDecided { .. }
            | Fact::ToolsLeftOut { .. }
            | Fact::RunsAwaited { .. }
            | Fact::RunsHeard { .. } => return self.take_in_tool(sequence, id, fact),
            Fact::AttemptEnded { attempt, outcome, next, .. } => {
                let is_known = state.calling == Some(*attempt)
                    || state.under_way().any(|(under_way, _)| under_way == *attempt);
                if !is_known {
                    let task = self.plan.task(id).path.clone();
                    let number = attempt.number;
                    return Err(FoldError::UnknownAttempt { sequence, task, number });
                }
                state.attempt_ended(*attempt, outcome, *next)
            }
            Fact::TaskSucceeded { output, .. } | Fact::MessageSent { message: output, .. } => {
                state.output = Some(output.clone());
                TaskStatus::Succeeded
            }
            Fact::TaskFailed { failure, output, next, .. } => {
                state.failure = Some(Box::new(failure.clone()));
                state.output.clone_from(output);
                if *next == Next::FallBack { TaskStatus::FallingBack } else { TaskStatus::Failed }
            }
            Fact::TaskCancelled { .. } => {
                state.running = None;
                state.hedge = None;
                state.calling = None;
                TaskStatus::Cancelled
            }
            _ => return Ok(None),
        }))
    }

    /// Work that is done several times begins, as far as this many of the list: the plan grows by it.
    fn open_iterations(
        &mut self,
        sequence: u64,
        task: TaskId,
        upto: u32,
        set_free: &mut Consequences,
    ) -> Result<(), FoldError> {
        let address = |state: &State| state.plan.task(task).path.clone();
        let not_listed =
            |state: &State| FoldError::NotListed { sequence, task: address(state), upto };
        let Some(known) = self.iterations.get(&task) else { return Err(not_listed(self)) };
        let new = known.scopes.len()..upto as usize;
        let Some(new) = known.listed.get(new).map(<[Iteration]>::to_vec) else {
            return Err(not_listed(self));
        };
        for iteration in new {
            let begun = self.iterations.get(&task);
            let scope = |place: usize| begun?.scopes.get(place).copied();
            let needs = iteration.needed(&self.plan, scope);
            let Some(needs) = needs else { return Err(not_listed(self)) };
            let plan = Arc::make_mut(&mut self.plan);
            let grown = plan.grow(task, &iteration.key, iteration.part, &needs);
            let Some(scope) = grown else { return Err(not_listed(self)) };
            self.grow();
            self.forget_ended(scope, &needs);
            if let Some(known) = self.iterations.get_mut(&task) {
                known.scopes.push(scope);
                known.begun_at = self.last;
            }
            self.open_scope(scope, iteration.inputs, set_free);
        }
        Ok(())
    }

    /// What had ended before a task came to be does not set it free any more.
    fn forget_ended(&mut self, scope: ScopeId, needs: &[TaskId]) {
        let ended = needs.iter().filter(|need| self.task(**need).status.is_final()).count();
        if let Some(first) = self.plan.scope(scope).tasks.first() {
            let blockers = &mut self.tasks[first.index()].blockers;
            *blockers = blockers.saturating_sub(u32::try_from(ended).unwrap_or(u32::MAX));
        }
    }

    fn begin_fork(&mut self, sequence: u64, fork: Option<&Fork>) -> Result<(), FoldError> {
        let Some(fork) = fork else {
            return Ok(());
        };
        let mut named = fork.tasks();
        if let Some(unknown) = named.find(|task| task.index() >= self.tasks.len()) {
            return Err(FoldError::UnknownTask { sequence, task: unknown.0 });
        }
        self.fork = Some(Arc::new(fork.clone()));
        Ok(())
    }

    pub(super) fn open_scope(
        &mut self,
        scope: ScopeId,
        inputs: Digest,
        set_free: &mut Consequences,
    ) {
        self.scopes[scope.index()].inputs = Some(inputs);
        if self.plan.scope(scope).staff.is_empty() {
            self.open_waves(scope, set_free);
        } else {
            set_free.vacant.push(scope);
        }
    }

    /// Opens the waves of a scope that may start: the first, every one without a barrier behind
    /// an open one, and every one whose predecessors have all ended.
    pub(super) fn open_waves(&mut self, scope: ScopeId, set_free: &mut Consequences) {
        let plan = Arc::clone(&self.plan);
        let waves = &plan.scope(scope).waves;
        loop {
            let next = self.scopes[scope.index()].next_wave;
            let Some(wave) = waves.get(next) else { return };
            let ended = &waves[self.scopes[scope.index()].ended_waves..next];
            let ended = ended.iter().take_while(|wave| self.wave_has_ended(**wave)).count();
            self.scopes[scope.index()].ended_waves += ended;
            if plan.wave(*wave).barrier && self.scopes[scope.index()].ended_waves < next {
                return;
            }
            self.scopes[scope.index()].next_wave = next + 1;
            self.waves[wave.index()].open = true;
            for task in &plan.wave(*wave).tasks {
                self.unblock(*task, set_free);
            }
        }
    }

    fn unblock(&mut self, id: TaskId, set_free: &mut Consequences) {
        let state = &mut self.tasks[id.index()];
        state.blockers = state.blockers.saturating_sub(1);
        if state.blockers == 0 && state.status == TaskStatus::Pending {
            set_free.startable.push(id);
        }
    }

    fn task_ended(&mut self, id: TaskId, how: TaskStatus, set_free: &mut Consequences) {
        let plan = Arc::clone(&self.plan);
        let task = plan.task(id);
        let scope = task.scope;
        if let Work::Call { scope, .. } = task.work {
            self.release_posts(scope);
        }
        let handled = !matches!(task.on_failure, OnFailure::Fail);
        if how == TaskStatus::Failed && !handled && self.scopes[scope.index()].failed.is_none() {
            self.scopes[scope.index()].failed = Some(id);
            set_free.failing.push(scope);
        }
        let dependents = Arc::clone(&self.dependents);
        for dependent in &dependents[id.index()] {
            self.unblock(*dependent, set_free);
        }
        let wave = &mut self.waves[task.wave.index()];
        wave.remaining = wave.remaining.saturating_sub(1);
        let wave_ended = wave.remaining == 0;
        let state = &mut self.scopes[scope.index()];
        state.remaining = state.remaining.saturating_sub(1);
        if state.remaining == 0 {
            set_free.ended.push(scope);
            let iterations = plan.iterates(scope).and_then(|task| self.iterations.get_mut(&task));
            if let Some(iterations) = iterations {
                iterations.end_one(how);
            }
        } else if wave_ended {
            self.open_waves(scope, set_free);
        }
    }
}
