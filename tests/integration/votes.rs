//! Votes, samples and choices of the best: what comes out, what it costs, and what is said of doubt. All in
//! virtual time.

use std::sync::Arc;

use partita::engine::content::{Contents, MemoryContents, Request};
use partita::engine::simulation::{Answers, Rehearsal, Script};
use partita::engine::{Fact, Recorded, RunStatus, Settings};
use partita::language::document::simulation::{
    Fault, FaultRule, Profile, RequestMatch, SimulatedModel,
};
use partita::language::plan::{Plan, Work};
use serde_json::{Map, Value, json};

use crate::support::{plan, settings_of};

const HEAD: &str =
    "pattern: { name: p }\nteam: { name: t, agents: [{ role: A }, { role: Chair }] }\n";

/// Answers by the task that asks; judges take the first candidate that says `best`.
struct Said<'a>(&'a dyn Fn(&str) -> Value);

impl Answers for Said<'_> {
    fn answer(&self, task: &str, request: &Request) -> String {
        let asked = request.messages.last().map_or("", |message| message.content.as_str());
        let says_best = |name: &str| {
            let begins = asked.split(&format!("<candidate name=\"{name}\">")).nth(1);
            begins
                .and_then(|rest| rest.split("</candidate>").next())
                .is_some_and(|it| it.contains("best"))
        };
        if asked.contains("Compare two results.") {
            let verdict = match (says_best("first"), says_best("second")) {
                (true, _) => "first",
                (false, true) => "second",
                (false, false) => "tie",
            };
            return json!({ "reasoning": "by a word", "verdict": verdict }).to_string();
        }
        if asked.contains("same number of votes") {
            let choice = (1..9).find(|place: &i32| says_best(&place.to_string())).unwrap_or(1);
            return json!({ "reasoning": "by a word", "choice": choice }).to_string();
        }
        match (self.0)(task) {
            Value::String(text) => text,
            other => other.to_string(),
        }
    }
}

struct Stage {
    plan: Arc<Plan>,
    settings: Settings,
    profile: Profile,
}

struct Ran {
    status: RunStatus,
    output: Value,
    failure: String,
    asked: Vec<String>,
    requests: Vec<Request>,
    warnings: Vec<String>,
    facts: Vec<Recorded>,
}

impl Stage {
    fn of(tasks: &str, faults: Vec<FaultRule>) -> Stage {
        let plan = plan(&[("p.yaml", &format!("{HEAD}{tasks}"))]);
        let model = SimulatedModel { name: "llama3.1:8b".to_owned(), ..SimulatedModel::default() };
        let profile = Profile { faults, models: vec![model], ..Profile::default() };
        let settings = settings_of(&profile, "llama3.1:8b");
        Stage { plan, settings, profile }
    }

    /// Runs it, from the facts of an earlier process if there are some, and stops behind so many steps.
    fn run(
        &self,
        said: &dyn Fn(&str) -> Value,
        contents: &MemoryContents,
        facts: Option<Vec<Recorded>>,
        steps: usize,
    ) -> Ran {
        let (plan, settings) = (Arc::clone(&self.plan), self.settings.clone());
        let script = Script { profile: self.profile.clone(), ..Script::default() };
        let answers = Said(said);
        let inputs = self.plan.root().bind_inputs(&Map::new()).expect("inputs");
        let mut rehearsal = match facts {
            Some(facts) => Rehearsal::resumed(plan, settings, script, facts, contents, &answers)
                .expect("facts that follow from each other"),
            None => Rehearsal::new(plan, settings, script, &inputs, contents, &answers),
        };
        let ended = rehearsal.run_until(steps, |_| ()).expect("no contradiction");
        let mut ran = Ran {
            status: ended.unwrap_or(RunStatus::Running),
            output: Value::Null,
            failure: String::new(),
            asked: rehearsal.asked().iter().map(|asked| asked.task.clone()).collect(),
            requests: Vec::new(),
            warnings: Vec::new(),
            facts: rehearsal.facts().to_vec(),
        };
        for recorded in &ran.facts {
            match &recorded.fact {
                Fact::RunEnded { outputs, failure, .. } => {
                    let outputs = outputs.as_ref().map(|outputs| contents.read(outputs));
                    ran.output = outputs.map_or(Value::Null, |read| (*read.expect("kept")).clone());
                    ran.failure = failure.as_ref().map(ToString::to_string).unwrap_or_default();
                }
                Fact::VotesCounted { warning, .. } => ran.warnings.extend(warning.clone()),
                Fact::AttemptStarted { request, .. } => {
                    let request = (*contents.read(request).expect("kept")).clone();
                    ran.requests.push(serde_json::from_value(request).expect("a request"));
                }
                _ => {}
            }
        }
        ran
    }
}

fn run(tasks: &str, said: &dyn Fn(&str) -> Value) -> Ran {
    Stage::of(tasks, Vec::new()).run(said, &MemoryContents::default(), None, usize::MAX)
}

const VOTERS: &str =
    "  a: { agent: a, prompt: x }\n  b: { agent: a, prompt: x }\n  c: { agent: a, prompt: x }\n";
const OUT: &str = "outputs: { out: '{{ tasks.v.output }}', votes: '{{ tasks.v.votes }}' }\n";

fn by_name<'a>(answers: &'a [(&'a str, Value)]) -> impl Fn(&str) -> Value + 'a {
    move |task| {
        let found = answers.iter().find(|(name, _)| *name == task);
        found.map(|(_, answer)| answer.clone()).unwrap_or_default()
    }
}

#[test]
fn the_answer_of_most_is_taken_and_the_tally_can_be_read() {
    let tasks = format!(
        "tasks:\n{VOTERS}  v: {{ synthesize: {{ from: [a, b, c], strategy: vote }} }}\n{OUT}"
    );
    let ran =
        run(&tasks, &by_name(&[("a", json!("Bern")), ("b", json!("Oslo")), ("c", json!("oslo!"))]));
    assert_eq!(ran.output["out"], "Oslo");
    assert_eq!(
        ran.output["votes"]["tally"],
        json!([
            { "answer": "Oslo", "votes": 2, "share": 0.666_667, "from": ["b", "c"] },
            { "answer": "Bern", "votes": 1, "share": 0.333_333, "from": ["a"] },
        ])
    );
    assert!(ran.warnings.is_empty(), "{:?}", ran.warnings);
    assert_eq!(ran.asked.len(), 3);
}

#[test]
fn no_majority_is_told_and_a_quorum_refuses_it() {
    let answers = [("a", json!("one")), ("b", json!("two")), ("c", json!("three"))];
    let with = |more: &str| {
        let tasks = format!(
            "tasks:\n{VOTERS}  v: {{ synthesize: {{ from: [a, b, c], strategy: vote{more} }} }}\n{OUT}"
        );
        run(&tasks, &by_name(&answers))
    };
    let ran = with("");
    assert_eq!(ran.output["out"], "one");
    assert!(ran.warnings[0].starts_with("no majority (1 of 3 votes)"), "{:?}", ran.warnings);
    let ran = with(", quorum: majority");
    assert_eq!(ran.status, RunStatus::Failed);
    assert!(
        ran.failure.contains(
            "more than 1.5 of 3 votes: 1 for `one`, 1 for `two`, 1 for `three` (undecided)"
        ),
        "{}",
        ran.failure
    );
    let ran = with(", weights: { c: 2 }");
    assert_eq!(ran.output["out"], "three");
}

#[test]
fn items_vote_one_by_one_and_the_missing_abstain() {
    let tasks = "tasks:\n  each: { for_each: { in: [x, y, z], require: any, stop: at_end }, agent: a, prompt: x }\n  \
                 v: { synthesize: { from: [each], strategy: vote } }\n";
    let faults = vec![FaultRule {
        matches: RequestMatch { task: Some("each[2]".to_owned()), ..RequestMatch::default() },
        after: 0,
        times: None,
        fault: Fault::Refused,
    }];
    let answers = [("each[1]", json!("A")), ("each[3]", json!("a."))];
    let said = by_name(&answers);
    let stage = Stage::of(&format!("{tasks}{OUT}"), faults);
    let ran = stage.run(&said, &MemoryContents::default(), None, usize::MAX);
    assert_eq!(ran.output["out"], "A");
    assert_eq!(ran.output["votes"]["tally"][0]["from"], json!(["each[1]", "each[3]"]));
}

#[test]
fn an_agent_decides_between_equals_and_is_not_asked_otherwise() {
    let tasks = format!(
        "tasks:\n{VOTERS}  v: {{ synthesize: {{ from: [a, b], strategy: vote, tie: agent, agent: chair, prompt: Which? }} \
         }}\n{OUT}"
    );
    let ran = run(&tasks, &by_name(&[("a", json!("good")), ("b", json!("best"))]));
    assert_eq!(ran.output["out"], "best");
    assert_eq!(ran.output["votes"]["reasoning"], "by a word");
    assert!(ran.asked.contains(&"v[tie]".to_owned()), "{:?}", ran.asked);
    let ran = run(&tasks, &by_name(&[("a", json!("good")), ("b", json!("Good"))]));
    assert_eq!(ran.output["out"], "good");
    assert_eq!(ran.asked.len(), 3, "{:?}", ran.asked);
}

#[test]
fn samples_stop_as_soon_as_they_are_decided() {
    let sampled = |samples: &str| {
        format!("tasks:\n  v: {{ agent: a, prompt: x, samples: {samples} }}\n{OUT}")
    };
    let ran = run(&sampled("5"), &|_| json!("yes"));
    assert_eq!(ran.output["out"], "yes");
    assert_eq!(ran.asked, ["v[1]", "v[2]", "v[3]"]);
    assert_eq!(ran.output["votes"]["asked"], 3);
    assert_eq!(ran.output["votes"]["saved"], 2);
    let ran = run(&sampled("{ count: 5, stop: at_end }"), &|_| json!("yes"));
    assert_eq!(ran.asked.len(), 5);
    let ran = run(&sampled("{ count: 40, stop: early }"), &|_| json!("yes"));
    assert_eq!((ran.asked.len(), &ran.output["votes"]["saved"]), (4, &json!(36)));
    // The third and the fifth say something else.
    let said = |task: &str| json!(if ["v[3]", "v[5]"].contains(&task) { "no" } else { "yes" });
    let ran = run(&sampled("{ count: 40, stop: early }"), &said);
    assert_eq!(ran.output["out"], "yes");
    // 4, 3 more for 3 of 4, 3 more for 5 of 7: 8 of 10 are enough.
    assert_eq!(ran.asked.len(), 10, "{:?}", ran.asked);
    let ran = run(&sampled("{ count: 5, parallel: 1 }"), &|_| json!("yes"));
    assert_eq!(ran.asked.len(), 3);
}

#[test]
fn samples_differ_in_what_is_asked_for() {
    let tasks = "tasks:\n  v: { agent: a, prompt: x, options: { seed: 7 }, samples: 3 }\n";
    let mut count = 0;
    let ran = run(&format!("{tasks}{OUT}"), &|task| json!(task));
    for request in &ran.requests {
        assert_eq!(request.options.temperature, Some(0.7));
        count += 1;
    }
    assert_eq!(count, 3);
    let mut seeds: Vec<Option<u32>> = ran.requests.iter().map(|it| it.options.seed).collect();
    seeds.sort_unstable();
    assert_eq!(seeds, [Some(7), Some(8), Some(9)]);
}

#[test]
fn failed_samples_abstain() {
    let refused = |task: &str| FaultRule {
        matches: RequestMatch { task: Some(task.to_owned()), ..RequestMatch::default() },
        after: 0,
        times: None,
        fault: Fault::Refused,
    };
    let tasks = format!("tasks:\n  v: {{ agent: a, prompt: x, samples: 3 }}\n{OUT}");
    let stage = Stage::of(&tasks, vec![refused("v[1]")]);
    let ran = stage.run(&|_| json!("yes"), &MemoryContents::default(), None, usize::MAX);
    assert_eq!(ran.output["out"], "yes");
    assert_eq!(ran.output["votes"]["abstained"], json!(["1"]));
    let stage = Stage::of(&tasks, ["v[1]", "v[2]", "v[3]"].map(refused).into());
    let ran = stage.run(&|_| json!("yes"), &MemoryContents::default(), None, usize::MAX);
    assert_eq!(ran.status, RunStatus::Failed);
    assert!(ran.failure.contains("nobody voted: 3 abstained"), "{}", ran.failure);
}

#[test]
fn the_best_is_found_by_comparing_each_two_in_both_orders() {
    let tasks = format!(
        "tasks:\n{VOTERS}  v: {{ synthesize: {{ from: [a, b, c], strategy: best_of, agent: chair, criteria: \
         'Which says best?' }} }}\n{OUT}"
    );
    let ran =
        run(&tasks, &by_name(&[("a", json!("good")), ("b", json!("best")), ("c", json!("fair"))]));
    assert_eq!(ran.output["out"], "best");
    assert_eq!(ran.asked.len(), 3 + 6);
    assert!(ran.asked.contains(&"v[b.a]".to_owned()), "{:?}", ran.asked);
    assert_eq!(ran.output["votes"]["comparisons"], 6);
    assert_eq!(ran.output["votes"]["contradictions"], 0);
    // Whoever always prefers the first prefers none.
    let ran = run(
        &tasks,
        &by_name(&[("a", json!("best a")), ("b", json!("best b")), ("c", json!("best c"))]),
    );
    assert_eq!(ran.output["out"], "best a");
    assert_eq!(ran.output["votes"]["contradictions"], 3);
    assert!(
        ran.warnings[0].contains("turned with the order in 3 of 3 pairs"),
        "{:?}",
        ran.warnings
    );
}

/// Whatever is cut off when, the run that is taken up comes to the same and asks nothing twice that was answered.
#[test]
fn a_run_that_is_cut_off_comes_to_the_same() {
    let tasks = format!(
        "tasks:\n  s: {{ agent: a, prompt: x, samples: {{ count: 15, stop: early }} }}\n{VOTERS}  w: {{ synthesize: {{ \
         from: [a, b], strategy: vote, tie: agent, agent: chair }} }}\n  v: {{ synthesize: {{ from: [s, w, c], strategy: \
         best_of, agent: chair, criteria: x }} }}\n{OUT}"
    );
    let said = |task: &str| {
        json!(match task {
            "a" | "s[2]" | "s[5]" => "good",
            "b" => "best",
            _ => "fair",
        })
    };
    let stage = Stage::of(&tasks, Vec::new());
    let whole = stage.run(&said, &MemoryContents::default(), None, usize::MAX);
    assert_eq!((whole.status, &whole.output["out"]), (RunStatus::Succeeded, &json!("best")));
    let mut cut = 0;
    for steps in 1.. {
        let contents = MemoryContents::default();
        let first = stage.run(&said, &contents, None, steps);
        if first.status != RunStatus::Running {
            break;
        }
        if first.facts.is_empty() {
            continue;
        }
        cut += 1;
        let second = stage.run(&said, &contents, Some(first.facts), usize::MAX);
        assert_eq!(second.status, RunStatus::Succeeded, "behind {steps}");
        assert_eq!(second.output, whole.output, "behind {steps}");
        let answered = second.facts.iter().filter(|recorded| {
            matches!(&recorded.fact, Fact::AttemptEnded { outcome, .. }
                if matches!(outcome, partita::engine::Outcome::Answered { .. }))
        });
        assert_eq!(answered.count(), whole.asked.len(), "behind {steps}");
    }
    assert!(cut > 20, "{cut}");
}

#[test]
fn what_a_plan_holds_of_choices_can_be_stored() {
    let stage = Stage::of(
        &format!(
            "tasks:\n{VOTERS}  s: {{ agent: a, prompt: x, samples: {{ count: 9, quorum: 0.5 }} }}\n  v: {{ synthesize: {{ \
             from: [a, b, s], strategy: vote, quorum: majority, tie: agent, agent: chair }} }}\n  w: {{ synthesize: {{ \
             from: [a, b], strategy: vote, quorum: 2, weights: {{ a: 1.5 }} }} }}\n"
        ),
        Vec::new(),
    );
    let stored = serde_json::to_string(&*stage.plan).expect("JSON");
    let read: Plan = serde_json::from_str(&stored).expect("the same plan");
    assert_eq!(read, *stage.plan);
    let several = read.tasks.iter().filter(|task| matches!(task.work, Work::Iterate(_)));
    assert_eq!(several.count(), 2);
}
