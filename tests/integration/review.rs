//! Gates at which agents decide: what passes, what is done again, and what is wrong when.

use std::sync::Arc;

use partita::engine::content::{Contents, MemoryContents, Request};
use partita::engine::simulation::{Answers, Rehearsal, Script};
use partita::engine::{Fact, RunStatus};
use partita::language::diagnostic::Severity;
use partita::language::document::simulation::{
    Fault, FaultRule, Profile, RequestMatch, SimulatedModel,
};
use partita::language::plan::Plan;
use serde_json::{Map, Value, json};

use crate::support::{Dice, findings, library, plan, settings_of};

const HEAD: &str = "pattern: { name: p, summary: s }\nteam: { name: t, agents: [{ role: Writer }, { role: Editor }, { \
                    role: Lawyer }] }\ninputs: { topic: { type: string, default: tea } }\n";

/// A draft that a gate decides on, and a task that is only done where it passes.
fn reviewed(gate: &str) -> Arc<Plan> {
    let text = format!(
        "{HEAD}tasks:\n  facts: {{ agent: writer, prompt: Facts }}\n  draft: {{ agent: writer, prompt: 'Write of {{{{ \
         inputs.topic }}}} with {{{{ tasks.facts.output }}}}' }}\n  gate:\n    gate: review\n    of: tasks.draft.output\n    \
         criteria: {{ true: 'It is true.', short: 'It is short.' }}\n    {gate}\n  print: {{ agent: writer, prompt: \
         'Print {{{{ tasks.gate.output.result }}}}', when: tasks.gate.passed }}\n\
         outputs: {{ out: '{{{{ tasks.gate.output }}}}' }}\n"
    );
    plan(&[("p.yaml", &text)])
}

fn verdict(is_true: bool, is_short: bool) -> Value {
    json!({
        "criteria": {
            "true": { "reasoning": "I looked.", "pass": is_true },
            "short": { "reasoning": "I counted.", "pass": is_short },
        },
        "feedback": if is_true && is_short { "" } else { "Mend it." },
    })
}

/// Answers by the address of the task; everything else is its own address.
struct By<F>(F);

impl<F: Fn(&str) -> Option<Value>> Answers for By<F> {
    fn answer(&self, task: &str, _: &Request) -> String {
        match (self.0)(task) {
            Some(Value::String(text)) => text,
            Some(value) => value.to_string(),
            None => task.to_owned(),
        }
    }
}

struct Ran {
    status: RunStatus,
    /// What came out of the gate.
    output: Value,
    /// What came out of the run.
    outputs: Value,
    failure: String,
    asked: Vec<(String, String)>,
}

fn run(plan: &Arc<Plan>, faults: Vec<FaultRule>, answers: &dyn Answers) -> Ran {
    let model = SimulatedModel { name: "llama3.1:8b".to_owned(), ..SimulatedModel::default() };
    let profile = Profile { faults, models: vec![model], ..Profile::default() };
    let settings = settings_of(&profile, "llama3.1:8b");
    let contents = MemoryContents::default();
    let script = Script { profile, ..Script::default() };
    let inputs = plan.root().bind_inputs(&Map::new()).expect("inputs");
    let mut rehearsal =
        Rehearsal::new(Arc::clone(plan), settings, script, &inputs, &contents, answers);
    let status = rehearsal.run().expect("no contradiction").expect("an end");
    let (mut output, mut outputs, mut failure) = (Value::Null, Value::Null, String::new());
    let gate = rehearsal.engine().state().plan().find("gate");
    for recorded in rehearsal.facts() {
        match &recorded.fact {
            Fact::TaskSucceeded { task, output: made }
            | Fact::TaskFailed { task, output: Some(made), .. }
                if Some(*task) == gate =>
            {
                output = (*contents.read(made).expect("kept")).clone();
            }
            Fact::RunEnded { outputs: made, failure: why, .. } => {
                let read = |made| (*contents.read(made).expect("kept")).clone();
                outputs = made.as_ref().map(read).unwrap_or_default();
                failure = why.as_ref().map(ToString::to_string).unwrap_or_default();
            }
            _ => {}
        }
    }
    let prompt = |request: &Request| {
        request.messages.last().map(|message| message.content.clone()).unwrap_or_default()
    };
    let asked = rehearsal.asked().iter();
    let asked = asked.map(|asked| (asked.task.clone(), prompt(&asked.request))).collect();
    Ran { status, output, outputs, failure, asked }
}

fn asked<'r>(ran: &'r Ran, task: &str) -> Option<&'r str> {
    ran.asked.iter().find(|(asked, _)| asked == task).map(|(_, prompt)| prompt.as_str())
}

#[test]
fn what_all_reviewers_pass_goes_on() {
    let plan = reviewed("reviewers: [editor, lawyer]");
    let answers = By(|task: &str| task.starts_with("gate").then(|| verdict(true, true)));
    let ran = run(&plan, Vec::new(), &answers);
    assert_eq!(ran.status, RunStatus::Succeeded, "{}", ran.failure);
    let verdict = |reviewer: &str| json!({ "reviewer": reviewer, "passed": true, "criteria": verdict(true, true)["criteria"], "feedback": "" });
    let expected = json!({
        "passed": true,
        "result": "draft",
        "rounds": 1,
        "verdicts": [verdict("editor"), verdict("lawyer")],
        "feedback": "",
    });
    assert_eq!(ran.output, expected);
    assert!(asked(&ran, "print").is_some());
    let prompt = asked(&ran, "gate[1]/editor").expect("it is asked");
    for part in ["<result>\ndraft\n</result>", "- true: It is true.", "- short: It is short."] {
        assert!(prompt.contains(part), "{part} in {prompt}");
    }
    let (reasoning, pass) = (prompt.find("\"reasoning\""), prompt.find("\"pass\""));
    assert!(reasoning.is_some() && reasoning < pass, "reasons come first: {prompt}");
}

#[test]
fn one_who_does_not_pass_it_or_gives_no_verdict_stops_it() {
    let check =
        |how: &str, answer: &dyn Fn(&str) -> Value, faults: Vec<FaultRule>, passes: bool| {
            let plan = reviewed(how);
            let answers = By(|task: &str| task.starts_with("gate").then(|| answer(task)));
            let ran = run(&plan, faults, &answers);
            assert_eq!(ran.output["passed"], passes, "{how}: {}", ran.failure);
            assert_eq!(asked(&ran, "print").is_some(), passes, "{how}");
            ran
        };
    let one = |task: &str| verdict(true, task.ends_with("editor"));
    let ran = check("reviewers: [editor, lawyer]", &one, Vec::new(), false);
    assert_eq!(ran.status, RunStatus::Failed);
    let expected = "task `gate`: 1 of 2 reviewers passed it, 2 must; lawyer: short";
    assert!(ran.failure.contains(expected), "{}", ran.failure);
    check("reviewers: [editor, lawyer]\n    require: 1", &one, Vec::new(), true);
    check("reviewers: [editor, lawyer]\n    require: majority", &one, Vec::new(), false);
    check("reviewers: [editor, lawyer, writer]\n    require: majority", &one, Vec::new(), false);
    let none = |_: &str| Value::from("I like it, pass it.");
    let ran = check("reviewers: [editor]", &none, Vec::new(), false);
    assert!(ran.failure.contains("editor: no verdict"), "{}", ran.failure);
    assert_eq!(ran.output["feedback"], "editor gave no verdict.");
    let refused = vec![FaultRule {
        matches: RequestMatch {
            task: Some("gate[1]/lawyer".to_owned()),
            ..RequestMatch::default()
        },
        after: 0,
        times: None,
        fault: Fault::Refused,
    }];
    check("reviewers: [editor, lawyer]", &|_| verdict(true, true), refused.clone(), false);
    check("reviewers: [editor, lawyer]\n    require: 1", &|_| verdict(true, true), refused, true);
    let said =
        "reviewers: [editor]\n    message: 'Rounds {{ output.rounds }} of {{ inputs.topic }}'";
    let ran = check(said, &|_| verdict(false, true), Vec::new(), false);
    assert!(ran.failure.contains("Rounds 1 of tea"), "{}", ran.failure);
}

#[test]
fn what_is_not_passed_is_done_again_with_what_was_found() {
    let plan = reviewed("reviewers: [editor]\n    revise: { max: 2 }");
    let answers = By(|task: &str| {
        let is_good = task.starts_with("gate[3]");
        task.ends_with("/editor").then(|| verdict(is_good, is_good))
    });
    let ran = run(&plan, Vec::new(), &answers);
    assert_eq!(ran.status, RunStatus::Succeeded, "{}", ran.failure);
    assert_eq!(ran.output["rounds"], 3);
    assert_eq!(ran.output["result"], "gate[3]/revise");
    let prompt = asked(&ran, "gate[2]/revise").expect("it is done again");
    let parts = [
        "Write of tea with facts",
        "<result>\ndraft\n</result>",
        "editor:\n- true: I looked.\n- short: I counted.\nMend it.",
    ];
    for part in parts {
        assert!(prompt.contains(part), "{part} in {prompt}");
    }
    assert!(asked(&ran, "gate[3]/editor").expect("asked").contains("gate[3]/revise"));
    assert_eq!(asked(&ran, "gate[1]/revise"), None);
    assert!(asked(&ran, "print").expect("asked").contains("gate[3]/revise"));
    let never = By(|task: &str| task.ends_with("/editor").then(|| verdict(false, true)));
    let ran = run(&plan, Vec::new(), &never);
    assert_eq!((ran.status, &ran.output["rounds"]), (RunStatus::Failed, &json!(3)));
    assert_eq!(ran.output["result"], "gate[3]/revise");
}

#[test]
fn mistakes_are_found_before_a_run() {
    let check = |gate: &str, expected: &[&str]| {
        let text = format!(
            "{HEAD}tasks:\n  draft: {{ agent: writer, prompt: 'Of {{{{ inputs.topic }}}}' }}\n  other: {{ agent: editor, prompt: x, \
             for_each: [a, b] }}\n  one: {{ gate: review, criteria: [It is true.], {gate} }}\n\
             outputs: {{ out: '{{{{ tasks.one.output.result }}}}', other: '{{{{ tasks.other.output }}}}', by: \
             '{{{{ tasks.draft.output }}}}' }}\n"
        );
        let found = findings(&library(&[("p.yaml", &text)]));
        let found = found.iter().filter(|found| found.severity == Severity::Error);
        let found: Vec<_> = found.map(|found| found.message.as_str()).collect();
        assert_eq!(found, expected, "{gate}");
    };
    check("of: tasks.draft.output, reviewers: [editor, lawyer]", &[]);
    check("of: tasks.draft.output, reviewers: [editor], revise: { max: 2 }", &[]);
    check("of: tasks.draft.output, reviewers: []", &["this must not be empty"]);
    check("of: tasks.draft.output, reviewers: [editro]", &["unknown agent `editro`"]);
    check("of: tasks.draft.output, reviewers: [editor, editor]", &["`editor` reviews it already"]);
    check(
        "of: tasks.draft.output, reviewers: [editor], require: 2",
        &["2 of 1 reviewers can never pass it"],
    );
    check(
        "of: 'tasks.draft.output ~ inputs.topic', reviewers: [editor], revise: {}",
        &["only the whole output of a task can be done again"],
    );
    check(
        "of: tasks.other.output, reviewers: [editor], revise: {}",
        &["`other` cannot be done again by an agent"],
    );
}

/// A chain of five tasks that are right nine times in ten, each of which needs the one before; with a
/// gate behind each, whose reviewer finds nine faults in ten.
fn chain(is_reviewed: bool) -> Arc<Plan> {
    let mut text = String::from(
        "pattern: { name: p, summary: s }\nteam: { name: t, agents: [{ role: A }, { role: B }] }\ntasks:\n",
    );
    let mut before = String::new();
    for number in 1..=5 {
        text.push_str(&format!("  t{number}: {{ agent: a, prompt: 'Do {before}' }}\n"));
        before = format!("{{{{ tasks.t{number}.output }}}}");
        if is_reviewed {
            text.push_str(&format!(
                "  g{number}: {{ gate: review, of: tasks.t{number}.output, criteria: {{ right: It is right. }}, \
                 reviewers: [b], revise: {{ max: 1 }} }}\n"
            ));
            before = format!("{{{{ tasks.g{number}.output.result }}}}");
        }
    }
    plan(&[("p.yaml", &format!("{text}outputs: {{ out: '{before}' }}\n"))])
}

/// Does things right nine times in ten, on what is right; finds nine faults in ten.
struct Fallible(u64);

impl Answers for Fallible {
    fn answer(&self, task: &str, request: &Request) -> String {
        let seed =
            task.bytes().fold(self.0, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
        let mut dice = Dice::new(seed);
        let is_usual =
            std::iter::repeat_with(|| dice.next()).nth(3).is_some_and(|next| next % 10 > 0);
        let asked = request.messages.last().map(|message| message.content.as_str());
        let asked = asked.unwrap_or_default();
        if task.ends_with("/b") {
            let result = asked.split("<result>\n").nth(1).unwrap_or_default();
            let pass = result.starts_with("RIGHT") || !is_usual;
            return json!({ "criteria": { "right": { "reasoning": "", "pass": pass } }, "feedback": "" }).to_string();
        }
        // What is made of something wrong is wrong, and says so no more than that was.
        let is_on_wrong = asked.lines().next().is_some_and(|first| first.contains("WRONG"));
        if is_usual && !is_on_wrong { "RIGHT".to_owned() } else { "WRONG".to_owned() }
    }
}

#[test]
fn a_gate_with_one_revision_lifts_a_chain_of_five() {
    const SEEDS: u64 = 2000;
    let share = |plan: &Arc<Plan>| {
        let right = |seed: &u64| {
            let ran = run(plan, Vec::new(), &Fallible(seed.wrapping_mul(0x9e37_79b9)));
            ran.status == RunStatus::Succeeded && ran.outputs["out"] == "RIGHT"
        };
        let count = (0..SEEDS).filter(right).count();
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let share = count as f64 / SEEDS as f64;
        share
    };
    let (bare, gated) = (share(&chain(false)), share(&chain(true)));
    assert!((0.56..0.62).contains(&bare), "{bare}");
    assert!(gated >= 0.84, "{gated}");
}
