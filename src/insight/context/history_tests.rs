//! A context over three weeks, and facts in any order that wishes can bring.

use std::time::Duration;

use proptest::prelude::*;

use super::moments::read;
use super::*;
use crate::engine::{RunStatus, Time};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A context whose facts are stored and read again before each wish, as if by another process.
struct Kept {
    facts: Vec<RecordedContextFact>,
}

impl Kept {
    fn begun(at: Time) -> Kept {
        let mut kept = Kept { facts: Vec::new() };
        kept.store(&[ContextFact::Begun { project: "alpha".into() }], at);
        kept
    }

    fn store(&mut self, facts: &[ContextFact], at: Time) {
        for fact in facts {
            let sequence = self.facts.len() as u64 + 1;
            let body = fact.body();
            let read = RecordedContextFact::read(sequence, at, CONTEXT_FACT_FORM, &body);
            self.facts.push(read.expect("a fact"));
        }
    }

    fn context(&self) -> Context {
        Context::of_facts(&self.facts).expect("a fold").expect("a context")
    }

    fn wish(&mut self, wish: &Wish, at: Time) -> Result<(), Refusal> {
        let facts = self.context().follow_wish(wish, at)?;
        self.store(&facts, at);
        Ok(())
    }

    fn run(&mut self, run: &str, name: &str, of: Option<&str>, at: Time) {
        let entry = RunEntry { name, summary: "It looks.", task: None, of, is_rehearsal: false };
        let facts = self.context().enter_run(run, &entry).expect("it is taken");
        self.store(&facts, at);
    }

    fn book(&mut self, news: &RunNews, at: Time) {
        let facts = self.context().book(news);
        self.store(&facts, at);
    }
}

fn news(run: &str, agents: u64, status: RunStatus) -> RunNews {
    let agent = |number: u64| AskedAgent {
        task: format!("task_{number}"),
        role: "Researcher".into(),
        mission: format!("task_{number}: Look"),
        at: Time(number),
    };
    let figures =
        RunFigures { agents, calls: agents, calls_beside_others: agents - 1, simulated: false };
    let decision = DecisionRecord {
        question: "Which provider?".into(),
        options: vec![OptionRecord { option: "Auth0".into(), risks: vec!["its price".into()] }],
        criteria: vec!["effort".into()],
        choice: "Auth0".into(),
        rationale: "it has all".into(),
    };
    let end = RunEnd {
        outcome: "Auth0 fits".into(),
        figures,
        decisions: vec![decision.clone(), decision],
        synthesis: Some(SynthesisRecord {
            unknowns: vec!["its price".into()],
            ..Default::default()
        }),
        insights: vec!["Auth0 fits all".into(), "auth0 fits all.".into()],
    };
    let end = status.is_final().then_some(end);
    RunNews { run: run.into(), status, agents: (0..agents).map(agent).collect(), end }
}

fn monday() -> Time {
    read("2024-01-01T10:00:00").expect("a time")
}

/// Seed 001's example: twelve sessions in three weeks.
#[test]
fn three_weeks_lose_nothing() {
    let days = [0, 2, 4, 7, 8, 9, 10, 11, 14, 15, 16, 17];
    let mut kept = Kept::begun(monday());
    for (place, day) in days.into_iter().enumerate() {
        let at = monday() + DAY * day;
        kept.wish(&Wish::Session, at).expect("a session");
        let at = at + Duration::from_secs(60);
        if place == 0 {
            let description = "Migrate to microservices".to_owned();
            kept.wish(&Wish::Objective { description }, at).expect("an objective");
        }
        kept.wish(&Wish::Task { description: format!("Work of day {day}") }, at).expect("a task");
        if place > 0 {
            let (id, outcome) = (format!("TASK_{place:03}"), format!("Done by day {day}"));
            let ending = TaskEnding::Succeeded;
            kept.wish(&Wish::EndTask { id, outcome, ending }, at).expect("an end");
        }
        kept.wish(&Wish::Insight { text: format!("Learned on day {day}") }, at)
            .expect("an insight");
        let question = Wish::Question { text: format!("What of day {day}?") };
        kept.wish(&question, at).expect("a question");
        let decision = DecisionRecord {
            question: format!("DEC_{:03}", place + 1),
            choice: "go on".into(),
            rationale: "it works".into(),
            ..DecisionRecord::default()
        };
        kept.wish(&Wish::Decision(decision), at + Duration::from_secs(120)).expect("a decision");
    }
    let context = kept.context();
    assert_eq!(context.sessions.len(), 12);
    assert_eq!(context.document.text("last_session").as_deref(), Some("session_20240118_100000"));
    let totals = ["total_sessions", "total_tasks_completed", "total_decisions_made"];
    assert_eq!(totals.map(|total| context.document.total(total)), [12, 11, 12]);
    assert_eq!(
        context.active_tasks().map(|task| task.id.as_str()).collect::<Vec<_>>(),
        ["TASK_012"]
    );
    let figures = ContextFigures::of(&context);
    assert_eq!(figures.context_continuity, Some(1.0));
    assert_eq!(figures.context_switch_time, Some(Duration::from_secs(60)));
    assert_eq!(figures.decision_time, Some(Duration::from_secs(120)));
    // A week holds the sessions of days 11 to 16, the last of them is working memory.
    let now = monday() + DAY * 17 + Duration::from_secs(600);
    let memory = Memory::of(&context, std::slice::from_ref(&context), now);
    let learned = |level: &[Happening]| {
        let learned = level.iter().filter(|one| one.kind == HappeningKind::Learned);
        learned.map(|one| one.text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(learned(&memory.working), ["Learned on day 17"]);
    assert_eq!(learned(&memory.short_term).len(), 4);
    assert_eq!(learned(&memory.long_term).len(), 7);
    let all = memory.working.len() + memory.short_term.len() + memory.long_term.len();
    assert_eq!(all, context.happenings().len());
    // What is carried elsewhere is the same there.
    let text = context.document.to_text();
    let imported = ContextFact::Imported { text: text.clone() };
    let facts = [RecordedContextFact { sequence: 1, at: now, fact: imported }];
    let again = Context::of_facts(&facts).expect("a fold").expect("a context");
    assert_eq!(again.document.to_text(), text);
    assert_eq!(again.tasks.len(), 12);
    assert_eq!(again.made_decisions().count(), 12);
    let refused = again.follow_wish(&Wish::Task { description: "x".into() }, now).expect("a task");
    assert!(matches!(&refused[0], ContextFact::TaskAdded { id, .. } if id == "TASK_013"));
}

#[test]
fn runs_are_booked_once() {
    let mut kept = Kept::begun(monday());
    kept.run("aaaaaaaa", "research", None, monday());
    kept.run("bbbbbbbb", "research", None, monday());
    kept.book(&news("aaaaaaaa", 2, RunStatus::Running), monday());
    kept.book(&news("bbbbbbbb", 1, RunStatus::Running), monday());
    for _ in 0..2 {
        kept.book(&news("aaaaaaaa", 3, RunStatus::Succeeded), monday());
    }
    let context = kept.context();
    let ids = context.document.elements("spawned_agents");
    let ids: Vec<&str> = ids.iter().filter_map(|agent| agent["id"].as_str()).collect();
    assert_eq!(ids, ["AGENT_0001", "AGENT_0002", "AGENT_0003", "AGENT_0004"]);
    assert_eq!(context.document.total("total_agents_spawned"), 4);
    assert_eq!(context.made_decisions().count(), 2);
    let decided: Vec<&str> = context.decisions.iter().map(|known| known.id.as_str()).collect();
    assert_eq!(decided, ["DEC_001", "DEC_002"]);
    assert_eq!(context.syntheses.len(), 1);
    assert_eq!(context.insights.len(), 1, "the same said twice by one run is said once");
    assert_eq!(context.active_tasks().count(), 1);
}

#[test]
fn who_tries_again_goes_on_with_the_task() {
    let mut kept = Kept::begun(monday());
    kept.run("aaaaaaaa", "research", None, monday());
    kept.book(&news("aaaaaaaa", 2, RunStatus::Failed), monday());
    let context = kept.context();
    assert_eq!(context.active_tasks().count(), 1, "what failed is still to be done");
    let steps = context.next_steps(&[]);
    assert_eq!(steps[0].command.as_deref(), Some("partita retry aaaaaaaa"));
    kept.run("bbbbbbbb", "research", Some("aaaaaaaa"), monday());
    kept.book(&news("bbbbbbbb", 1, RunStatus::Succeeded), monday());
    let context = kept.context();
    assert_eq!(context.tasks.len(), 1);
    assert_eq!(context.tasks[0].runs, ["aaaaaaaa", "bbbbbbbb"]);
    let figures = ContextFigures::of(&context);
    assert_eq!((figures.rework_rate, figures.agents_per_task), (Some(1.0), Some(3.0)));
}

#[test]
fn what_is_invented_teaches_nothing() {
    let mut kept = Kept::begun(monday());
    kept.run("aaaaaaaa", "research", None, monday());
    let mut invented = news("aaaaaaaa", 2, RunStatus::Succeeded);
    invented.end.as_mut().expect("an end").figures.simulated = true;
    kept.book(&invented, monday());
    let context = kept.context();
    assert!(context.insights.is_empty() && context.decisions.is_empty());
    let (_, end) = context.ended_tasks().next().expect("a task");
    assert_eq!(end.outcome, "(simulated) Auth0 fits");
    let memory = Memory::of(&context, std::slice::from_ref(&context), monday());
    assert_eq!(briefing(&context, &memory, BRIEFING_TOKENS), "");
}

#[test]
fn knowledge_is_what_was_learned_twice() {
    let mut one = Kept::begun(monday());
    let mut other = Kept::begun(monday());
    for kept in [&mut one, &mut other] {
        kept.wish(&Wish::Session, monday()).expect("a session");
        kept.wish(&Wish::Insight { text: "Ask early".into() }, monday()).expect("an insight");
    }
    one.wish(&Wish::Insight { text: "Only here".into() }, monday()).expect("an insight");
    one.wish(&Wish::Insight { text: "Here again".into() }, monday()).expect("an insight");
    one.wish(&Wish::Session, monday() + DAY).expect("a session");
    one.wish(&Wish::Insight { text: "here again!".into() }, monday() + DAY).expect("an insight");
    for run in ["aaaaaaaa", "bbbbbbbb", "cccccccc"] {
        one.run(run, "research", None, monday());
        let status = if run == "cccccccc" { RunStatus::Failed } else { RunStatus::Succeeded };
        let mut news = news(run, 2, status);
        news.end.as_mut().expect("an end").insights.clear();
        one.book(&news, monday() + DAY);
    }
    let knowledge = Knowledge::of(&[one.context(), other.context()]);
    let texts: Vec<&str> = knowledge.insights.iter().map(|known| known.text.as_str()).collect();
    assert_eq!(texts, ["Ask early", "Here again"]);
    let pattern = &knowledge.patterns[0];
    assert_eq!((pattern.runs, pattern.succeeded, pattern.agents), (3, 2, 6));
}

#[test]
fn a_briefing_keeps_to_its_tokens() {
    let mut kept = Kept::begun(monday());
    kept.wish(&Wish::Session, monday()).expect("a session");
    kept.wish(&Wish::Objective { description: "Move".into() }, monday()).expect("an objective");
    for number in 0..40 {
        let text = format!("Insight {number} says something that takes a few words");
        kept.wish(&Wish::Insight { text }, monday()).expect("an insight");
    }
    let context = kept.context();
    let memory = Memory::of(&context, std::slice::from_ref(&context), monday());
    assert_eq!(briefing(&context, &memory, 5), "");
    let mut before = 0;
    for tokens in [20, 60, 200, 400, 6000] {
        let text = briefing(&context, &memory, tokens);
        assert!(crate::language::tokens::estimate_tokens(&text) <= tokens, "{tokens}: {text}");
        assert!(
            text.starts_with("What this project has so far (alpha):\nObjectives:\n- OBJ_001: Move")
        );
        assert!(text.lines().count() > before || tokens == 20);
        before = text.lines().count();
    }
    assert!(briefing(&context, &memory, 200).contains("Insight 39"), "the newest come first");
    assert!(!briefing(&context, &memory, 200).contains("Insight 0 "));
}

fn wishes() -> impl Strategy<Value = Wish> {
    let text = || {
        prop::sample::select(vec!["a", "b c", "d", " ", "\"quoted\" é\n"]).prop_map(str::to_owned)
    };
    let number = || 1u8..4;
    prop_oneof![
        Just(Wish::Session),
        text().prop_map(|description| Wish::Objective { description }),
        number().prop_map(|number| Wish::EndObjective {
            id: format!("OBJ_{number:03}"),
            ending: ObjectiveEnding::Dropped
        }),
        text().prop_map(|description| Wish::Task { description }),
        (number(), text()).prop_map(|(number, outcome)| Wish::EndTask {
            id: format!("task_{number:03}"),
            outcome,
            ending: TaskEnding::Failed
        }),
        text().prop_map(|text| Wish::Insight { text }),
        text().prop_map(|text| Wish::Question { text }),
        (number(), text()).prop_map(|(number, choice)| Wish::Decision(DecisionRecord {
            question: format!("DEC_{number:03}"),
            choice,
            rationale: "x".into(),
            ..DecisionRecord::default()
        })),
    ]
}

proptest! {
    #[test]
    fn what_wishes_bring_can_be_folded_and_carried(wishes in prop::collection::vec(wishes(), 0..40)) {
        let mut kept = Kept::begun(monday());
        for (place, wish) in (0u64..).zip(&wishes) {
            let at = Time(monday().0 + place * 1_000_000);
            let before = kept.context();
            let mut live = before.clone();
            if kept.wish(wish, at).is_ok() {
                let new = &kept.facts[before.sequence as usize..];
                new.iter().try_for_each(|fact| live.follow(fact)).expect("a fold");
            }
            prop_assert_eq!(&live, &kept.context());
        }
        let context = kept.context();
        let text = context.document.to_text();
        prop_assert_eq!(Document::read(&text).expect("a context").to_text(), text.clone());
        let facts = [RecordedContextFact {
            sequence: 1,
            at: monday(),
            fact: ContextFact::Imported { text },
        }];
        let carried = Context::of_facts(&facts).expect("a fold").expect("a context");
        let ids = |context: &Context| {
            let tasks = context.tasks.iter().map(|task| (task.id.clone(), task.end.is_some()));
            let mut tasks: Vec<_> = tasks.collect();
            tasks.sort();
            tasks
        };
        prop_assert_eq!(ids(&carried), ids(&context));
        prop_assert_eq!(carried.insights.len(), context.insights.len());
        prop_assert_eq!(carried.decisions.len(), context.decisions.len());
        // A gap or a double is noticed.
        let mut gap = kept.facts.clone();
        if gap.len() > 2 {
            gap.remove(1);
            prop_assert!(Context::of_facts(&gap).is_err());
        }
    }
}
