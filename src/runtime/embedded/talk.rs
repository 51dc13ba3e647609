//! One attempt at an answer: one turn of the model, or several with tools between them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use super::calls::Job;
use super::messages::{Message, ToolDone, ToolWanted};
use crate::engine::content::{
    Answer, Message as Said, PausedTalk, Role, ToolCall, Verdict, judge, written_calls,
};
use crate::engine::{AttemptId, AwaitedNews, Failure, FailureClass, Quantity, Rung, Time, Usage};
use crate::language::plan::Toolbox;
use crate::organization::is_manager_tool;
use crate::runtime::clock::Clock;
use crate::runtime::cluster::{CallReport, ChatCall, Ollama, Progress};
use crate::runtime::tools::{
    ManagerCall, MustWait, Offer, OfferedTool, ToolHouse, ToolResult, Word,
};

/// What an attempt came to.
pub(super) type Answered = Result<(Box<CallReport>, Verdict), Break>;

/// Why an attempt came to no answer.
#[derive(Debug)]
pub(super) enum Break {
    /// It failed.
    Failed(Failure),
    /// A person must agree to a tool: by its name, with the arguments and what had been said.
    Asks { tool: String, arguments: Value, talk: Box<PausedTalk> },
    /// Runs that it has started are to be waited for; what had been said.
    Waits { what: Box<MustWait>, talk: Box<PausedTalk> },
}

/// A tool may be used, with what is left of the budgets that bound its task, in calls, tokens or microseconds.
#[derive(Debug)]
pub(super) struct Leave(pub(super) BTreeMap<Quantity, u64>);

impl From<Failure> for Break {
    fn from(failure: Failure) -> Break {
        Break::Failed(failure)
    }
}

/// A talk that goes on.
pub(super) struct Resumed {
    pub(super) talk: PausedTalk,
    pub(super) because: Because,
}

/// Why a talk goes on.
pub(super) enum Because {
    /// A person has decided about the first of its pending calls.
    Decided { choice: String, by: String },
    /// Runs that were waited for have been heard of: the first of its pending calls waits no more, or where there is none,
    /// the model had wanted to answer before they were over, and is told what came of these.
    Heard { runs: Vec<String> },
}

/// An attempt that is under way.
pub(super) struct Talk {
    attempt: AttemptId,
    server: Ollama,
    call: ChatCall,
    /// The window that the model has there, in tokens, as far as is known.
    window: Option<u32>,
    tools: Arc<ToolHouse>,
    clock: Clock,
    messages: UnboundedSender<Message>,
    /// When the first token came.
    first: Option<Time>,
    /// What all turns have taken together.
    usage: Usage,
    /// Tools called so far, and turns.
    calls: u32,
    turns: u32,
    resumed: Option<Resumed>,
}

impl Talk {
    /// An attempt that begins.
    pub(super) fn new(job: Job, clock: Clock, messages: UnboundedSender<Message>) -> Talk {
        let Job { attempt, server, call, window, tools, resumed } = job;
        Talk {
            attempt,
            server,
            call,
            window,
            tools,
            clock,
            messages,
            first: None,
            usage: Usage::default(),
            calls: 0,
            turns: 0,
            resumed,
        }
    }

    /// Goes on to the answer. Gives it with when the first token came, and with what all turns that came
    /// to an end have taken, whatever came of them.
    pub(super) async fn answer(mut self) -> (Answered, Option<Time>, Usage) {
        let answered = match self.call.request.tools.clone() {
            // Apart: a call without tools is not to carry around the room that one with tools takes.
            Some(toolbox) => Box::pin(self.with_tools(&toolbox)).await,
            None => match self.turn().await {
                Ok(report) => Ok(self.judged(report)),
                Err(failure) => Err(failure.into()),
            },
        };
        (answered, self.first, self.usage)
    }

    /// Asks the model once.
    async fn turn(&mut self) -> Result<CallReport, Failure> {
        let expected = self.call.request.expected_tokens();
        let (clock, attempt, messages) = (self.clock, self.attempt, &self.messages);
        let first = &mut self.first;
        // The first token of every turn is told at once: another clock runs from then on.
        let mut reported: Option<Time> = None;
        let report = self
            .server
            .chat(&self.call, |Progress { pieces }| {
                let now = clock.now();
                if pieces > 0 && first.is_none() {
                    *first = Some(now);
                    reported = Some(now);
                    let _ = messages.send(Message::Began(attempt));
                } else if pieces > 0
                    && reported.is_none_or(|last| now.since(last) >= super::calls::REPORT_EVERY)
                {
                    reported = Some(now);
                    let _ = messages.send(Message::Continued(attempt, pieces));
                }
            })
            .await?;
        self.usage = sum(self.usage, report.usage, expected);
        Ok(report)
    }

    /// What the last turn comes to, with what all have taken.
    fn judged(&self, mut report: CallReport) -> (Box<CallReport>, Verdict) {
        let verdict = judge(&self.call.request, &report.answer, self.window);
        report.usage = self.usage;
        (Box::new(report), verdict)
    }

    async fn with_tools(&mut self, toolbox: &Toolbox) -> Answered {
        let offer = self.tools.offer(toolbox).await?;
        // A form keeps models from calling tools: the answer is given it when they are done.
        let form = self.call.request.format.take();
        self.call.tools = offer.as_sent();
        let mut most_turns = toolbox.max_turns;
        if let Some(resumed) = self.resumed.take() {
            let wanted_to_answer = resumed.talk.pending.is_empty();
            self.go_on(resumed, &offer, toolbox).await?;
            self.check_room()?;
            // Whoever had turns enough to answer has one to answer again.
            if wanted_to_answer {
                most_turns = most_turns.max(self.turns + 1);
            }
        }
        while self.turns < most_turns {
            self.turns += 1;
            let report = match self.turn().await {
                Err(failure) if self.can_do_without(&failure, &offer) => {
                    self.call.tools = Vec::new();
                    self.call.request.format = form;
                    let _ = self.messages.send(Message::ToolsLeftOut(self.attempt));
                    let report = self.turn().await?;
                    return Ok(self.judged(report));
                }
                turn => turn?,
            };
            let (calls, rung) = calls_of(&report.answer, &offer);
            if calls.is_empty() {
                self.wait_for_runs(&report)?;
                self.call.request.format = form;
                return self.conclude(report).await;
            }
            if let (report, Verdict::Rejected(failure)) = self.judged(report.clone())
                && failure.class == FailureClass::Truncated
            {
                return Ok((report, Verdict::Rejected(failure)));
            }
            self.say(said(report.answer, &calls, rung));
            self.use_tools(calls, rung, &offer, toolbox, Word::None).await?;
            self.check_room()?;
        }
        let message = format!(
            "the model called tools in each of {} turns and did not answer; raise `max_turns` of \
             the agent's tools, or ask for less at a time",
            toolbox.max_turns
        );
        Err(Failure::new(FailureClass::ToolTurns, message).into())
    }

    /// Goes on where a talk stopped.
    async fn go_on(
        &mut self,
        resumed: Resumed,
        offer: &Offer,
        toolbox: &Toolbox,
    ) -> Result<(), Break> {
        let Resumed { talk, because } = resumed;
        (self.calls, self.turns) = (talk.calls, talk.turns);
        self.call.request.messages = talk.messages;
        let word = match &because {
            Because::Decided { choice, .. } if choice == "allow" => Word::Allowed,
            Because::Decided { by, .. } => Word::Denied { by },
            Because::Heard { runs } => {
                if talk.pending.is_empty()
                    && let Some(orchestrating) = self.tools.orchestrating().map(Arc::clone)
                {
                    let told = orchestrating.outcomes(runs.clone()).await;
                    self.say(Said::new(Role::User, told));
                    return Ok(());
                }
                Word::Waited
            }
        };
        self.use_tools(talk.pending, talk.rung, offer, toolbox, word).await
    }

    /// Whether a model that calls no tools can be asked without: where it has none but those that every one who leads
    /// is offered.
    fn can_do_without(&self, failure: &Failure, offer: &Offer) -> bool {
        let is_first = self.turns == 1 && self.calls == 0;
        failure.class == FailureClass::Unsupported
            && is_first
            && offer.tools.iter().all(|tool| is_manager_tool(&tool.name))
    }

    /// An answer is not taken before the runs are over that its task has started.
    fn wait_for_runs(&self, report: &CallReport) -> Result<(), Break> {
        let Some(orchestrating) = self.tools.orchestrating() else { return Ok(()) };
        let runs = orchestrating.unfinished(&self.call.task);
        if runs.is_empty() {
            return Ok(());
        }
        let mut messages = self.call.request.messages.clone();
        messages.push(Said::new(Role::Assistant, report.answer.text.as_str()));
        let (calls, turns) = (self.calls, self.turns);
        let talk = PausedTalk { messages, pending: Vec::new(), rung: Rung::Native, calls, turns };
        let what = MustWait { runs, news: AwaitedNews::End, patience: None };
        Err(Break::Waits { what: Box::new(what), talk: Box::new(talk) })
    }

    /// What the use of a tool must wait for, if anything.
    fn must_wait(&self, tool: &OfferedTool, call: &ToolCall) -> Option<MustWait> {
        let orchestrating = self.tools.orchestrating().filter(|_| is_manager_tool(&tool.name))?;
        orchestrating.must_wait(&self.call.task, &tool.name, &call.function.arguments)
    }

    /// The model calls no more tools. What it says is its answer, unless that is to have a form which
    /// it has not: then it is asked for it.
    async fn conclude(&mut self, report: CallReport) -> Answered {
        let judged = self.judged(report);
        let (report, verdict) = &judged;
        let lacks_form = matches!(verdict, Verdict::Rejected(failure)
            if failure.class == FailureClass::Malformed);
        if self.call.request.format.is_none() || !lacks_form {
            return Ok(judged);
        }
        self.say(Said::new(Role::Assistant, report.answer.text.as_str()));
        let ask = "Now give this answer as one JSON value that conforms to the JSON Schema, and \
                   nothing else.";
        self.say(Said::new(Role::User, ask));
        self.check_room()?;
        self.call.tools = Vec::new();
        let report = self.turn().await?;
        Ok(self.judged(report))
    }

    /// Uses one tool after the other, as far as nobody must be asked; of the first a person may have said
    /// something.
    async fn use_tools(
        &mut self,
        calls: Vec<ToolCall>,
        rung: Rung,
        offer: &Offer,
        toolbox: &Toolbox,
        mut word: Word<'_>,
    ) -> Result<(), Break> {
        let mut calls = VecDeque::from(calls);
        while let Some(call) = calls.front() {
            let tool = offer.find(&call.function.name);
            let paused = |talk: &Talk| PausedTalk {
                messages: talk.call.request.messages.clone(),
                pending: calls.iter().cloned().collect(),
                rung,
                calls: talk.calls,
                turns: talk.turns,
            };
            if let (Some(tool), Word::None) = (tool.filter(|tool| self.tools.asks(tool)), word) {
                let talk = paused(self);
                return Err(Break::Asks {
                    tool: tool.name.clone(),
                    arguments: call.function.arguments.clone(),
                    talk: Box::new(talk),
                });
            }
            let waits = tool.filter(|_| matches!(word, Word::None));
            if let Some(what) = waits.and_then(|tool| self.must_wait(tool, call)) {
                return Err(Break::Waits { what: Box::new(what), talk: Box::new(paused(self)) });
            }
            if let Some(call) = calls.pop_front() {
                self.use_tool(call, rung, offer, (toolbox, word)).await?;
            }
            word = Word::None;
        }
        Ok(())
    }

    /// Uses a tool once that is on record, and shows the model what came of it.
    async fn use_tool(
        &mut self,
        call: ToolCall,
        rung: Rung,
        offer: &Offer,
        (toolbox, word): (&Toolbox, Word<'_>),
    ) -> Result<(), Failure> {
        self.calls += 1;
        let (attempt, number) = (self.attempt, self.calls);
        let called = call.function.name;
        let tool = offer.find(&called);
        let (go, recorded) = oneshot::channel();
        let _ = self.messages.send(Message::ToolWanted(Box::new(ToolWanted {
            attempt,
            call: number,
            tool: tool.map_or_else(|| called.clone(), |tool| tool.name.clone()),
            arguments: call.function.arguments.clone(),
            rung,
            spent: Some(Box::new(self.usage)),
            go,
        })));
        let Ok(Leave(left)) = recorded.await else {
            let message = "the run went on without this attempt";
            return Err(Failure::new(FailureClass::Cancelled, message));
        };
        let begun = self.clock.now();
        let mut note = None;
        let used = match tool {
            Some(tool) if self.is_managed(tool, word) => {
                let (attempt, limits) = (attempt.number, toolbox.orchestration.as_deref());
                let managed = self.tools.orchestrating().zip(limits).map(|(by, limits)| {
                    by.use_tool(ManagerCall {
                        tool: tool.name.clone(),
                        arguments: call.function.arguments.clone(),
                        task: self.call.task.clone(),
                        call: (attempt, number),
                        limits: *limits,
                        left,
                    })
                });
                match managed {
                    Some(managed) => {
                        let (result, said) = managed.await.into_result();
                        note = said;
                        Ok(result.cut_to(toolbox.max_result))
                    }
                    None => Ok(ToolResult::failed("nobody starts runs here")),
                }
            }
            Some(tool) => self.tools.use_tool(tool, &call.function.arguments, toolbox, word).await,
            None => {
                let names: Vec<&str> =
                    offer.tools.iter().map(|tool| tool.called.as_str()).collect();
                let names = names.join(", ");
                Ok(ToolResult::failed(format!("there is no tool `{called}`; there are: {names}")))
            }
        };
        let (result, failed) = match &used {
            Ok(result) => (result.text.clone(), result.is_failure()),
            Err(failure) => (failure.message.clone(), true),
        };
        let took = self.clock.now().since(begun);
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let result_shown = result.clone();
        let done = ToolDone { attempt, call: number, result: result_shown, failed, took_us, note };
        let _ = self.messages.send(Message::ToolDone(Box::new(done)));
        used?;
        self.say(Said::of_tool(called, result));
        Ok(())
    }

    /// Whether a tool is one of those who lead, and is used.
    fn is_managed(&self, tool: &OfferedTool, word: Word<'_>) -> bool {
        is_manager_tool(&tool.name)
            && self.tools.orchestrating().is_some()
            && self.tools.refusal(tool, word).is_none()
    }

    fn say(&mut self, message: Said) {
        self.call.request.messages.push(message);
    }

    /// That what has been said so far fits the window.
    fn check_room(&self) -> Result<(), Failure> {
        let tokens = self.call.request.expected_tokens();
        match self.window {
            Some(window) if tokens > u64::from(window) => {
                let message = format!(
                    "with what its tools gave, the prompt has about {tokens} tokens, and the window \
                     {window}; lower `max_result` of the agent's tools, or raise `num_ctx`"
                );
                Err(Failure::new(FailureClass::ContextTooLong, message))
            }
            _ => Ok(()),
        }
    }
}

/// The tools that an answer calls, and how: as the protocol has it, or else in its text.
fn calls_of(answer: &Answer, offer: &Offer) -> (Vec<ToolCall>, Rung) {
    if answer.tool_calls.is_empty() {
        let calls = written_calls(&answer.text, |name| offer.find(name).is_some());
        return (calls, Rung::Text);
    }
    (answer.tool_calls.clone(), Rung::Native)
}

/// What the model said when it called tools: it is shown its calls as it made them.
fn said(answer: Answer, calls: &[ToolCall], rung: Rung) -> Said {
    match rung {
        Rung::Native => Said::calling(answer.text, calls.to_vec()),
        Rung::Text | Rung::Task => Said::new(Role::Assistant, answer.text),
    }
}

/// What turns have taken, with another one. The first token is that of the first.
fn sum(before: Usage, turn: Usage, expected_prompt_tokens: u64) -> Usage {
    Usage {
        prompt_tokens: before.prompt_tokens + turn.prompt_tokens,
        answer_tokens: before.answer_tokens + turn.answer_tokens,
        load_us: before.load_us + turn.load_us,
        prompt_us: before.prompt_us + turn.prompt_us,
        answer_us: before.answer_us + turn.answer_us,
        first_token_us: before.first_token_us,
        expected_prompt_tokens: before.expected_prompt_tokens + expected_prompt_tokens,
        cut_by_length: turn.cut_by_length,
    }
}
