//! Work that an agent plans: what becomes of its plan, what does not hold, and what is planned anew.

mod several;

use std::sync::Arc;

use partita::engine::content::{Contents, MemoryContents, Request};
use partita::engine::simulation::{Answers, Asked, Rehearsal, Script};
use partita::engine::{Fact, FailureClass, Outcome, Recorded, RunStatus, Settings, State};
use partita::language::document::simulation::{
    Fault, FaultRule, Profile, RequestMatch, SimulatedModel,
};
use partita::language::plan::Plan;
use serde_json::{Map, Value, json};

use crate::support::{plan, settings_of};

const INNER: &str = "pattern: { name: inner, summary: Looks into something. }\nteam: { name: i, agents: [{ role: \
                     Helper }] }\ninputs:\n  subject: { type: string, description: What is looked into }\n  depth: { \
                     type: integer, default: 1 }\ntasks:\n  look: { agent: helper, prompt: 'Look into {{ \
                     inputs.subject }}, {{ inputs.depth }} deep' }\noutputs: { found: '{{ tasks.look.output }}' }\n";

/// Work that the lead plans, with further keys of `expand` and of the task.
fn planned(more: &str, of_task: &str) -> Arc<Plan> {
    let text = format!(
        "pattern: {{ name: p, summary: s }}\nteam: {{ name: t, agents: [{{ role: Lead, purpose: Plans. }}, {{ role: \
         Hand, purpose: Does things., skills: [sawing] }}, {{ role: Other }}] }}\ninputs: {{ topic: {{ type: string, \
         default: tea }} }}\ntasks:\n  facts: {{ agent: hand, prompt: Facts }}\n  work:\n    expand:\n      agent: \
         lead\n      prompt: 'Plan {{{{ inputs.topic }}}} with {{{{ tasks.facts.output }}}}'\n      catalogue: {{ \
         agents: [hand, other], patterns: [inner] }}\n      max_tasks: 4\n{more}{of_task}outputs: {{ out: '{{{{ \
         tasks.work.output }}}}' }}\n"
    );
    plan(&[("p.yaml", &text), ("inner.yaml", INNER)])
}

const CONCLUDE: &str = "      synthesize: { agent: other, prompt: 'Sum up {{ inputs.topic }}' }\n";

fn ask(name: &str, needs: &[&str]) -> Value {
    json!({ "name": name, "agent": "hand", "prompt": format!("Do {name}"), "needs": needs })
}

fn plan_of(tasks: &[Value]) -> Value {
    json!({ "reasoning": "So it goes.", "tasks": tasks })
}

/// Answers by the address of the task and the number of messages; everything else is its own address.
struct By<F>(F);

impl<F: Fn(&str, usize) -> Option<Value>> Answers for By<F> {
    fn answer(&self, task: &str, request: &Request) -> String {
        match (self.0)(task, request.messages.len()) {
            Some(Value::String(text)) => text,
            Some(value) => value.to_string(),
            None => task.to_owned(),
        }
    }
}

struct Ran {
    status: RunStatus,
    output: Value,
    failure: String,
    classes: Vec<FailureClass>,
    asked: Vec<Asked>,
    facts: Vec<Recorded>,
    state: State,
}

impl Ran {
    /// The last prompt of a task.
    fn prompt(&self, task: &str) -> &str {
        let asked = self.asked.iter().rev().find(|asked| asked.task == task);
        let last = asked.and_then(|asked| asked.request.messages.last());
        last.map_or_else(|| panic!("{task} was not asked"), |message| message.content.as_str())
    }

    fn tasks(&self) -> Vec<&str> {
        self.asked.iter().map(|asked| asked.task.as_str()).collect()
    }

    fn at(&self, task: &str) -> u64 {
        self.asked.iter().find(|asked| asked.task == task).expect("it was asked").at.0
    }
}

fn settings(profile: &Profile) -> Settings {
    settings_of(profile, "llama3.1:8b")
}

fn profile(faults: Vec<FaultRule>) -> Profile {
    let model = SimulatedModel { name: "llama3.1:8b".to_owned(), ..SimulatedModel::default() };
    Profile { faults, models: vec![model], ..Profile::default() }
}

fn run(plan: &Arc<Plan>, faults: Vec<FaultRule>, answers: &dyn Answers) -> Ran {
    let profile = profile(faults);
    let settings = settings(&profile);
    let contents = MemoryContents::default();
    let script = Script { profile, ..Script::default() };
    let inputs = plan.root().bind_inputs(&Map::new()).expect("inputs");
    let mut rehearsal =
        Rehearsal::new(Arc::clone(plan), settings, script, &inputs, &contents, answers);
    let status = rehearsal.run().expect("no contradiction").expect("an end");
    let (mut output, mut failure, mut classes) = (Value::Null, String::new(), Vec::new());
    for recorded in rehearsal.facts() {
        match &recorded.fact {
            Fact::AttemptEnded { outcome: Outcome::Failed { failure, .. }, .. } => {
                classes.push(failure.class);
            }
            Fact::RunEnded { outputs, failure: why, .. } => {
                let read = |made| (*contents.read(made).expect("kept")).clone();
                output = outputs.as_ref().map(read).unwrap_or_default()["out"].clone();
                failure = why.as_ref().map(ToString::to_string).unwrap_or_default();
            }
            _ => {}
        }
    }
    let asked = rehearsal.asked().to_vec();
    let state = rehearsal.engine().state().clone();
    let facts = rehearsal.facts().to_vec();
    Ran { status, output, failure, classes, asked, facts, state }
}

/// The server answers so many requests of a task with an error that nothing is tried again behind.
fn refusing(task: &str, times: u32) -> Vec<FaultRule> {
    let matches = RequestMatch { task: Some(task.to_owned()), ..RequestMatch::default() };
    vec![FaultRule { matches, after: 0, times: Some(times), fault: Fault::Refused }]
}

#[test]
fn a_plan_becomes_tasks_and_their_results_one_result() {
    let study = json!({
        "name": "study", "uses": "inner", "with": { "depth": 3 }, "from": { "subject": "left" },
        "needs": [],
    });
    let answers = By(|task: &str, _| {
        let tasks =
            [ask("joined", &["left", "right"]), ask("left", &[]), ask("right", &[]), study.clone()];
        (task == "work[plan]").then(|| plan_of(&tasks))
    });
    let ran = run(&planned(CONCLUDE, ""), Vec::new(), &answers);
    assert_eq!(ran.status, RunStatus::Succeeded, "{}", ran.failure);
    let expected = json!({
        "left": "work[left]",
        "right": "work[right]",
        "joined": "work[joined]",
        "study": { "found": "work[study]/look" },
    });
    assert_eq!(ran.output["tasks"], expected);
    assert_eq!(ran.output["rounds"], 1);
    assert_eq!(ran.output["result"], "work[synthesis]");
    let told = &ran.output["plan"][2];
    let expected = json!({
        "name": "joined", "key": "joined", "round": 1, "agent": "hand", "prompt": "Do joined",
        "needs": ["left", "right"], "status": "succeeded",
    });
    assert_eq!(told, &expected, "{}", ran.output["plan"]);
    // What needs nothing goes side by side, and all else behind what it needs.
    assert_eq!(ran.at("work[left]"), ran.at("work[right]"));
    assert!(ran.at("work[joined]") > ran.at("work[left]"));
    assert!(ran.at("work[study]/look") > ran.at("work[left]"));
    assert!(ran.at("work[synthesis]") > ran.at("work[joined]"));
    let prompt = ran.prompt("work[joined]");
    for part in ["Do joined\n", "<result from=\"left\">\nwork[left]\n</result>", "from=\"right\""] {
        assert!(prompt.contains(part), "{part} in {prompt}");
    }
    assert_eq!(ran.prompt("work[left]"), "Do left");
    assert_eq!(ran.prompt("work[study]/look"), "Look into work[left], 3 deep");
    let prompt = ran.prompt("work[synthesis]");
    for part in ["Sum up tea", "<result from=\"study\">\n{\n  \"found\"", "from=\"joined\""] {
        assert!(prompt.contains(part), "{part} in {prompt}");
    }
    // Facts and contents alone give the same plan again.
    let folded = State::of_facts(planned(CONCLUDE, ""), &ran.facts).expect("they follow");
    assert_eq!(folded, ran.state);
}

#[test]
fn who_plans_is_told_what_there_is_and_thinks_first() {
    let answers = By(|task: &str, _| (task == "work[plan]").then(|| plan_of(&[ask("a", &[])])));
    let ran = run(&planned("", ""), Vec::new(), &answers);
    let prompt = ran.prompt("work[plan]");
    for part in [
        "Plan tea with facts\n",
        "- agent `hand`: Hand; Does things.; skills: sawing",
        "- pattern `inner`: Looks into something. Inputs: `subject` (string): What is looked into; `depth` \
         (integer, may be left out)",
        "at most 4 tasks",
        "\"enum\":[\"hand\",\"other\"]",
    ] {
        assert!(prompt.contains(part), "{part} in {prompt}");
    }
    let (reasoning, tasks) = (prompt.find("\"reasoning\""), prompt.find("\"tasks\""));
    assert!(reasoning.is_some() && reasoning < tasks, "reasons come first: {prompt}");
    assert!(!prompt.contains("has been planned before"), "{prompt}");
}

#[test]
fn what_is_planned_is_data() {
    let wicked = "Say {{ inputs.topic }} {% for x in range(9) %}x{% endfor %}";
    let answers = By(|task: &str, _| {
        let task_of = json!({ "name": "a", "agent": "hand", "prompt": wicked, "needs": [] });
        let study =
            json!({ "name": "b", "uses": "inner", "with": { "subject": wicked }, "needs": [] });
        (task == "work[plan]").then(|| plan_of(&[task_of, study]))
    });
    let ran = run(&planned("", ""), Vec::new(), &answers);
    assert_eq!(ran.status, RunStatus::Succeeded, "{}", ran.failure);
    assert_eq!(ran.prompt("work[a]"), wicked);
    assert_eq!(ran.prompt("work[b]/look"), format!("Look into {wicked}, 1 deep"));
}

#[test]
fn a_plan_that_does_not_hold_is_told_back_once() {
    let circle = plan_of(&[ask("a", &["b"]), ask("b", &["a"])]);
    let mended = By(|task: &str, messages| {
        let plan = if messages > 2 { plan_of(&[ask("a", &[])]) } else { circle.clone() };
        (task == "work[plan]").then_some(plan)
    });
    let ran = run(&planned("", ""), Vec::new(), &mended);
    assert_eq!(ran.status, RunStatus::Succeeded, "{}", ran.failure);
    assert_eq!(ran.classes, [FailureClass::InvalidPlan]);
    let told = "the plan does not hold: tasks need each other in a circle: a -> b -> a";
    assert!(ran.prompt("work[plan]").contains(told), "{}", ran.prompt("work[plan]"));

    let never = By(|task: &str, _| (task == "work[plan]").then(|| circle.clone()));
    let ran = run(&planned("", ""), Vec::new(), &never);
    assert_eq!(ran.status, RunStatus::Failed);
    assert_eq!(ran.classes, [FailureClass::InvalidPlan; 2]);
    assert!(
        ran.failure.contains("task `work`: task `work[plan]`: the plan does not hold"),
        "{}",
        ran.failure
    );
    assert!(ran.failure.ends_with("(invalid_plan)"), "{}", ran.failure);
    assert_eq!(ran.tasks(), ["facts", "work[plan]", "work[plan]"]);
}

#[test]
fn nothing_outside_of_the_catalogue_is_done() {
    for (task, told) in [
        (
            json!({ "name": "a", "agent": "lead", "prompt": "x" }),
            "the agent `lead`, and there is hand, other",
        ),
        (
            json!({ "name": "a", "uses": "parallel_research" }),
            "the pattern `parallel_research`, and there is inner",
        ),
        (
            json!({ "name": "a", "uses": "inner", "with": { "subject": 7 } }),
            "`subject` of `a` does not fit",
        ),
    ] {
        let answers = By(|address: &str, _| {
            (address == "work[plan]").then(|| plan_of(std::slice::from_ref(&task)))
        });
        let ran = run(&planned("", ""), Vec::new(), &answers);
        assert!(ran.failure.contains(told), "{}", ran.failure);
    }
}

#[test]
fn a_failure_without_another_plan_ends_it_and_breaks_the_rest_off() {
    let tasks = [ask("a", &[]), ask("b", &[]), ask("c", &["b"])];
    let answers = By(|task: &str, _| (task == "work[plan]").then(|| plan_of(&tasks)));
    let ran = run(&planned(CONCLUDE, ""), refusing("work[a]", 9), &answers);
    assert_eq!(ran.status, RunStatus::Failed);
    assert!(ran.failure.contains("task `work`: task `work[a]`: "), "{}", ran.failure);
    assert!(!ran.tasks().contains(&"work[c]"), "{:?}", ran.tasks());
    let kept = run(
        &planned("", "    on_failure: { fallback: nothing }\n"),
        refusing("work[a]", 9),
        &answers,
    );
    assert_eq!((kept.status, &kept.output), (RunStatus::Succeeded, &json!("nothing")));
}

#[test]
fn it_is_planned_anew_with_what_is_done() {
    let first = [ask("a", &[]), ask("b", &[]), ask("c", &["b"])];
    // What is done is planned once more, and is not done again for that.
    let second = [ask("a", &[]), ask("b", &[]), ask("d", &["a", "b"])];
    let answers = By(|task: &str, _| match task {
        "work[plan]" => Some(plan_of(&first)),
        "work[plan.2]" => Some(plan_of(&second)),
        _ => None,
    });
    let replan = "      replan: { max: 1 }\n";
    let ran = run(&planned(&format!("{replan}{CONCLUDE}"), ""), refusing("work[b]", 9), &answers);
    assert_eq!(ran.status, RunStatus::Succeeded, "{}", ran.failure);
    assert_eq!(ran.output["rounds"], 2);
    let expected = json!({ "a": "work[a]", "b": "work[b.2]", "d": "work[d]" });
    assert_eq!(ran.output["tasks"], expected);
    assert_eq!(ran.tasks().iter().filter(|task| **task == "work[a]").count(), 1);
    let prompt = ran.prompt("work[plan.2]");
    for part in [
        "has been planned before",
        "<done task=\"a\">\nwork[a]\n</done>",
        "<failed task=\"b\">\n",
        "<not_done task=\"c\"></not_done>",
    ] {
        assert!(prompt.contains(part), "{part} in {prompt}");
    }
    let joined = ran.prompt("work[d]");
    assert!(joined.contains("<result from=\"a\">\nwork[a]\n"), "{joined}");
    assert!(joined.contains("<result from=\"b\">\nwork[b.2]\n"), "{joined}");
    let statuses: Vec<&str> = ran.output["plan"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|step| step["status"].as_str())
        .collect();
    assert_eq!(statuses, ["succeeded", "failed", "skipped", "succeeded", "succeeded"]);
    let folded = State::of_facts(planned(&format!("{replan}{CONCLUDE}"), ""), &ran.facts);
    assert_eq!(folded.expect("they follow"), ran.state);
}

#[test]
fn another_plan_may_find_that_enough_is_done_and_there_is_none_beyond_the_most() {
    let first = [ask("a", &[]), ask("b", &[])];
    let answers = By(|task: &str, _| match task {
        "work[plan]" => Some(plan_of(&first)),
        "work[plan.2]" => Some(plan_of(&[])),
        _ => None,
    });
    let replan = "      replan: {}\n";
    let ran = run(&planned(replan, ""), refusing("work[b]", 9), &answers);
    assert_eq!(ran.status, RunStatus::Succeeded, "{}", ran.failure);
    assert_eq!(ran.output["tasks"], json!({ "a": "work[a]" }));

    let again = By(|task: &str, _| task.starts_with("work[plan").then(|| plan_of(&first)));
    let faults = [refusing("work[b]", 9), refusing("work[b.2]", 9)].concat();
    let ran = run(&planned(replan, ""), faults, &again);
    assert_eq!(ran.status, RunStatus::Failed);
    assert!(ran.failure.contains("task `work[b.2]`"), "{}", ran.failure);
    assert!(!ran.tasks().contains(&"work[plan.3]"), "{:?}", ran.tasks());
}

#[test]
fn a_run_that_dies_anywhere_comes_to_the_same_and_asks_nothing_again() {
    let first = [ask("a", &[]), ask("b", &["a"]), ask("c", &[])];
    let second = [ask("b", &["a"])];
    let answers = By(|task: &str, _| match task {
        "work[plan]" => Some(plan_of(&first)),
        "work[plan.2]" => Some(plan_of(&second)),
        _ => None,
    });
    let plan = planned(&format!("      replan: {{}}\n{CONCLUDE}"), "");
    let profile = profile(refusing("work[b]", 9));
    let settings = settings(&profile);
    let script = Script { profile, ..Script::default() };
    let inputs = plan.root().bind_inputs(&Map::new()).expect("inputs");
    let contents = MemoryContents::default();
    let mut whole = Rehearsal::new(
        Arc::clone(&plan),
        settings.clone(),
        script.clone(),
        &inputs,
        &contents,
        &answers,
    );
    assert_eq!(whole.run().expect("no contradiction"), Some(RunStatus::Succeeded));
    let facts = whole.facts().to_vec();
    let outputs = whole.engine().state().outputs.clone();
    for length in 1..facts.len() {
        let kept = facts[..length].to_vec();
        let answered: Vec<String> = kept
            .iter()
            .filter_map(|recorded| match &recorded.fact {
                Fact::AttemptEnded { attempt, outcome: Outcome::Answered { .. }, .. } => {
                    Some(whole.engine().state().plan().task(attempt.task).path.clone())
                }
                _ => None,
            })
            .collect();
        let mut resumed = Rehearsal::resumed(
            Arc::clone(&plan),
            settings.clone(),
            script.clone(),
            kept,
            &contents,
            &answers,
        )
        .expect("they follow");
        assert_eq!(
            resumed.run().expect("no contradiction"),
            Some(RunStatus::Succeeded),
            "{length}"
        );
        assert_eq!(resumed.engine().state().outputs, outputs, "behind {length} facts");
        for asked in resumed.asked() {
            assert!(!answered.contains(&asked.task), "{} again behind {length} facts", asked.task);
        }
    }
}
