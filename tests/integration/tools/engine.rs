//! What the engine makes of tools that are called: on record before they are used, with clocks that
//! stand still meanwhile.

use std::collections::BTreeMap;
use std::sync::Arc;

use partita::engine::content::{Contents, MemoryContents, settle};
use partita::engine::{
    AttemptId, Beginning, Command, Engine, Fact, FoldError, Input, Observation, Recorded, Rung,
    ServerId, Settings, State, Time, ToolAnswer, ToolUse,
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
        let resident = Some(vec!["m:latest".to_owned()]);
        let (windows, digests) = (BTreeMap::new(), BTreeMap::new());
        let observation = Observation::Up { models: resident.clone(), resident, windows, digests };
        under.handle(0, Input::Observed { server: ServerId(0), observation });
        let inputs = Some(under.contents.write(json!({})));
        let begun = under.handle(0, Input::Begin(Beginning { inputs, ..Beginning::default() }));
        assert!(begun.iter().any(|command| matches!(command, Command::Call(_))), "{begun:?}");
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
        let tool = ToolUse { call, tool: "read_file".to_owned(), arguments, rung: Rung::Native };
        Input::ToolCalled { attempt: self.attempt, tool }
    }

    fn answered(&self, call: u32) -> Input {
        let result = self.contents.write(json!("Monday"));
        let answer = ToolAnswer { call, result, failed: false, took_us: 5 };
        Input::ToolAnswered { attempt: self.attempt, answer }
    }
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
