//! What the engine makes of tools that are called: on record before they are used, with clocks that
//! stand still meanwhile.

use std::collections::BTreeMap;
use std::sync::Arc;

use partita::engine::content::{Contents, MemoryContents, settle};
use partita::engine::{
    AttemptId, AwaitedNews, Awaiting, Beginning, Command, Decision, Engine, Fact, Failure,
    FailureClass, FoldError, GoesOn, Input, Observation, Outcome, People, Recorded, RunStatus,
    Rung, ServerId, Settings, State, Time, ToolAnswer, ToolAsking, ToolUse, Usage,
};
use partita::insight::History;
use partita::language::document::ClusterSettings;
use partita::language::plan::Plan;
use serde_json::json;

use crate::support::plan;

const SECOND: u64 = 1_000_000;

/// A run of one task that is under way on one server.
struct Under {
    plan: Arc<Plan>,
    engine: Engine,
    contents: MemoryContents,
    facts: Vec<Recorded>,
    attempt: AttemptId,
}

impl Under {
    fn way() -> Under {
        let text = "pattern: { name: p }\ntools: { workspace: docs }\nteam: { name: t, agents: [{ role: A, \
                    tools: [read_file] }] }\ntasks:\n  work: { agent: a, prompt: x, timeout: { total: 1h, \
                    first_token: 60s, silence: 10s } }\n";
        let plan = plan(&[("p.yaml", text)]);
        let cluster = ClusterSettings::of_urls(["http://one".to_owned()]);
        let settings = Settings::of_cluster(&cluster, "m".to_owned());
        let mut under = Under {
            engine: Engine::new(Arc::clone(&plan), settings),
            plan,
            contents: MemoryContents::default(),
            facts: Vec::new(),
            attempt: AttemptId { task: partita::language::plan::TaskId(0), number: 1 },
        };
        under.handle(0, up());
        let inputs = Some(under.contents.write(json!({})));
        let begun = under.handle(0, Input::Begin(Beginning { inputs, ..Beginning::default() }));
        assert!(begun.iter().any(|command| matches!(command, Command::Call(_))), "{begun:?}");
        under
    }

    /// The same in another process, with somebody at the terminal.
    fn resumed(self) -> Under {
        let settings = Settings { people: People::Present, ..self.engine.settings().clone() };
        let engine = Engine::of_history(Arc::clone(&self.plan), settings, &self.facts);
        let mut under = Under { engine: engine.expect("a history"), ..self };
        under.handle(1, up());
        under.handle(1, Input::Begin(Beginning::default()));
        under
    }

    fn handle(&mut self, second: u64, input: Input) -> Vec<Command> {
        let now = Time(second * SECOND);
        let mut step = self.engine.handle(now, input).expect("no contradiction");
        settle(&mut self.engine, now, &mut step, &self.contents).expect("no contradiction");
        let facts = &mut self.facts;
        let stored = step.store(|new| {
            facts.extend_from_slice(new);
            Ok::<(), ()>(())
        });
        stored.expect("stored").1
    }

    fn called(&self, call: u32) -> Input {
        let arguments = self.contents.write(json!({ "path": "plan.txt" }));
        let tool = ToolUse {
            call,
            tool: "read_file".to_owned(),
            arguments,
            rung: Rung::Native,
            spent: None,
        };
        Input::ToolCalled { attempt: self.attempt, tool }
    }

    fn answered(&self, call: u32) -> Input {
        let result = self.contents.write(json!("Monday"));
        let answer =
            ToolAnswer { call, result, failed: false, took_us: 5, simulated: false, runs: None };
        Input::ToolAnswered { attempt: self.attempt, answer }
    }
}

/// The server is there, with its model.
fn up() -> Input {
    let resident = Some(vec!["m:latest".to_owned()]);
    let (windows, digests) = (BTreeMap::new(), BTreeMap::new());
    let observation = Observation::Up { models: resident.clone(), resident, windows, digests };
    Input::Observed { server: ServerId(0), observation }
}

fn aborts(commands: &[Command]) -> bool {
    commands.iter().any(|command| matches!(command, Command::Abort(_)))
}

#[test]
fn a_call_is_on_record_when_the_tool_may_be_used() {
    let mut under = Under::way();
    let attempt = under.attempt;
    let called = under.called(1);
    let commands = under.handle(1, called);
    assert!(commands.contains(&Command::UseTool { attempt, call: 1 }), "{commands:?}");
    let last = under.facts.last().map(|recorded| &recorded.fact);
    assert!(matches!(last, Some(Fact::ToolCalled { .. })), "{last:?}");
    let answered = under.answered(1);
    under.handle(2, answered);
    let history = History::of_facts(Arc::clone(&under.plan), &under.facts);
    let tools = &history.task(attempt.task).attempts[0].tools;
    assert_eq!(tools.len(), 1);
    assert_eq!(tools[0].answer.as_ref().map(|answer| answer.took_us), Some(5));
    // The contents that it names are kept with the run.
    let named: Vec<_> = under.facts.iter().flat_map(|recorded| recorded.fact.contents()).collect();
    assert!(named.contains(&&tools[0].called.arguments));
    let stored = serde_json::to_string(&under.facts).expect("JSON");
    let read: Vec<Recorded> = serde_json::from_str(&stored).expect("facts");
    assert_eq!(read, under.facts);
}

#[test]
fn clocks_stand_still_while_a_tool_works() {
    let mut under = Under::way();
    let (began, called) = (Input::AttemptBegan(under.attempt), under.called(1));
    under.handle(1, began);
    under.handle(2, called);
    assert!(!aborts(&under.handle(1000, Input::Tick)), "no token is waited for");
    let answered = under.answered(1);
    under.handle(1001, answered);
    // Longer than `silence`: the model reads what the tool gave.
    assert!(!aborts(&under.handle(1050, Input::Tick)));
    assert!(aborts(&under.handle(1062, Input::Tick)), "the first token has its time again");
}

#[test]
fn a_tool_of_an_attempt_that_is_over_is_not_used() {
    let mut under = Under::way();
    let called = under.called(1);
    assert!(aborts(&under.handle(3601, Input::Tick)), "the whole has a time");
    let commands = under.handle(3602, called);
    assert!(!commands.iter().any(|command| matches!(command, Command::UseTool { .. })));
    assert!(!under.facts.iter().any(|recorded| matches!(recorded.fact, Fact::ToolCalled { .. })));

    let mut facts = under.facts.clone();
    let last = facts.last().expect("facts").clone();
    let Input::ToolCalled { attempt, tool } = under.called(1) else { unreachable!() };
    let fact = Fact::ToolCalled { attempt, tool };
    facts.push(Recorded { sequence: last.sequence + 1, at: last.at, fact });
    let folded = State::of_facts(Arc::clone(&under.plan), &facts);
    assert!(matches!(folded, Err(FoldError::UnknownAttempt { .. })), "{folded:?}");
}

#[test]
fn what_turns_took_counts_when_nothing_comes_of_them() {
    let spent = |prompt_tokens| Usage { prompt_tokens, answer_tokens: 7, ..Usage::default() };
    let after = |end: &dyn Fn(&mut Under)| {
        let mut under = Under::way();
        let (attempt, called) = (under.attempt, under.called(1));
        let Input::ToolCalled { tool, .. } = called else { unreachable!() };
        let tool = ToolUse { spent: Some(Box::new(spent(90_000))), ..tool };
        under.handle(1, Input::ToolCalled { attempt, tool });
        end(&mut under);
        let history = History::of_facts(Arc::clone(&under.plan), &under.facts);
        let of_run = history.budgets.account(None).spent;
        let in_vain = history.task(attempt.task).attempts[0].in_vain.as_deref().copied();
        (of_run.tokens, in_vain.map(|usage| usage.prompt_tokens))
    };
    // Nobody says what the last turn took.
    let timeout = after(&|under| drop(under.handle(3601, Input::Tick)));
    assert_eq!(timeout, (90_007, Some(90_000)));
    // Whoever drives it says what all of them took.
    let failed = after(&|under| {
        let failure = Failure::new(FailureClass::ToolTurns, "no end");
        let usage = Some(spent(100_000));
        let outcome = Outcome::Failed { failure, answer: None, usage };
        under.handle(2, Input::AttemptEnded { attempt: under.attempt, outcome });
    });
    assert_eq!(failed, (100_007, Some(100_000)));
}

#[test]
fn who_waits_for_a_person_holds_no_slot_and_a_word_is_used_once() {
    let mut under = Under::way();
    let attempt = under.attempt;
    let write = |value| under.contents.write(value);
    let asking = ToolAsking {
        tool: "read_file".to_owned(),
        arguments: write(json!({ "path": "plan.txt" })),
        talk: write(json!("the talk")),
        question: write(json!({ "ask": "May it?" })),
    };
    let talk = asking.talk.clone();
    let usage = Usage { prompt_tokens: 40, answer_tokens: 2, ..Usage::default() };
    let commands = under.handle(1, Input::ToolAsks { attempt, asking, usage });
    let asks = |command: &Command| matches!(command, Command::AskPerson { .. });
    assert!(commands.iter().any(asks), "{commands:?}");
    // Nobody is there, and nothing else is to be done.
    assert!(commands.contains(&Command::Stop(RunStatus::Waiting)), "{commands:?}");
    let tokens = |under: &Under| {
        let history = History::of_facts(Arc::clone(&under.plan), &under.facts);
        history.budgets.account(None).spent.tokens
    };
    assert_eq!(tokens(&under), 42);

    let mut under = under.resumed();
    let by = "Ada".to_owned();
    let decide = |choice: &str| {
        Input::Decided(Decision { task: attempt.task, choice: choice.to_owned(), by: by.clone() })
    };
    assert!(under.handle(2, decide("perhaps")).is_empty(), "it is no option");
    let commands = under.handle(3, decide("allow"));
    let goes_on = commands.iter().find_map(|command| match command {
        Command::Call(call) => call.changes.goes_on.clone(),
        _ => None,
    });
    let choice = "allow".to_owned();
    assert_eq!(goes_on, Some(GoesOn::Decided { talk, choice, by: by.clone() }));
    assert!(under.handle(4, decide("deny")).is_empty(), "it is decided");

    under.attempt = AttemptId { number: 2, ..attempt };
    let called = under.called(1);
    under.handle(5, called);
    let failure = Failure::new(FailureClass::Stalled, "it stalled");
    let outcome = Outcome::Failed { failure, answer: None, usage: None };
    let again = under.handle(6, Input::AttemptEnded { attempt: under.attempt, outcome });
    let again: Vec<Command> = again.into_iter().chain(under.handle(60, Input::Tick)).collect();
    let begun = again.iter().find_map(|command| match command {
        Command::Call(call) => Some(call.changes.goes_on.clone()),
        _ => None,
    });
    assert_eq!(begun, Some(None), "the talk begins anew: {again:?}");
}

#[test]
fn who_waits_for_runs_holds_no_slot_and_goes_on_once_there_is_news() {
    let mut under = Under::way();
    let attempt = under.attempt;
    let talk = under.contents.write(json!("the talk"));
    let runs = vec!["k7m2nnnn".to_owned()];
    let (news, usage) = (AwaitedNews::Any, Usage { prompt_tokens: 40, ..Usage::default() });
    let awaiting = Awaiting { runs: runs.clone(), news, talk: talk.clone(), until: None };
    let patience = Some(std::time::Duration::from_secs(60));
    let awaits =
        |attempt| Input::RunsAwaited { attempt, awaiting: awaiting.clone(), patience, usage };
    let commands = under.handle(1, awaits(attempt));
    let waits = Command::AwaitRuns { attempt, runs: runs.clone(), news };
    // It is no pause, although nobody is there: the runs go on.
    assert_eq!(commands, [waits]);
    let state = State::of_facts(Arc::clone(&under.plan), &under.facts).expect("a history");
    assert!(state.task(attempt.task).running.is_none(), "no slot is held");
    assert_eq!(state.task(attempt.task).counted, 0);
    assert!(under.handle(2, awaits(attempt)).is_empty(), "the attempt is over");

    // Another process waits on, as long as was left.
    let mut under = under.resumed();
    let stranger = AttemptId { number: 7, ..attempt };
    assert!(under.handle(3, Input::RunsHeard(stranger)).is_empty(), "nobody waits so");
    let mut early = Under { facts: under.facts.clone(), ..Under::way() };
    early = early.resumed();
    let called = |commands: &[Command]| {
        commands.iter().find_map(|command| match command {
            Command::Call(call) => call.changes.goes_on.clone(),
            _ => None,
        })
    };
    let heard = Some(GoesOn::Heard { talk });
    assert_eq!(called(&early.handle(4, Input::RunsHeard(attempt))), heard);
    assert!(early.handle(5, Input::RunsHeard(attempt)).is_empty(), "it was heard");
    // Nothing happened for as long as it waits at most.
    assert!(under.handle(60, Input::Tick).is_empty());
    assert_eq!(called(&under.handle(61, Input::Tick)), heard);

    // What was heard is used up by the first tool that is called.
    under.attempt = AttemptId { number: 2, ..attempt };
    let call = under.called(1);
    under.handle(62, call);
    let failure = Failure::new(FailureClass::Stalled, "it stalled");
    let outcome = Outcome::Failed { failure, answer: None, usage: None };
    let again = under.handle(63, Input::AttemptEnded { attempt: under.attempt, outcome });
    let again: Vec<Command> = again.into_iter().chain(under.handle(120, Input::Tick)).collect();
    assert!(again.iter().any(|command| matches!(command, Command::Call(_))), "{again:?}");
    assert_eq!(called(&again), None, "the talk begins anew");

    let mut facts = under.facts.clone();
    let last = facts.last().expect("facts").clone();
    let fact = Fact::RunsHeard { task: attempt.task };
    facts.push(Recorded { sequence: last.sequence + 1, at: last.at, fact });
    let folded = State::of_facts(Arc::clone(&under.plan), &facts);
    assert!(matches!(folded, Err(FoldError::NotAwaited { .. })), "{folded:?}");
}
