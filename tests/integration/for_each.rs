//! Tasks that are done for each item of a list: what comes out, and what is wrong when.

use std::collections::BTreeMap;
use std::sync::Arc;

use partita::engine::content::{Contents, MemoryContents, Request};
use partita::engine::simulation::{Answers, Placeholders, Rehearsal, Script};
use partita::engine::{Fact, RunStatus};
use partita::language::document::simulation::{
    Fault, FaultRule, Profile, RequestMatch, SimulatedModel,
};
use partita::language::plan::Plan;
use serde_json::{Map, Value, json};

use crate::support::{plan, settings_of};

const HEAD: &str = "pattern: { name: p }\nteam: { name: t, agents: [{ role: A }] }\ninputs: { items: { \
                    type: [any], default: [a, b, c] } }\n";

struct Ran {
    status: RunStatus,
    output: Value,
    failure: String,
    asked: Vec<String>,
    /// The most calls at a time.
    most: usize,
}

fn run(tasks: &str, faults: Vec<FaultRule>) -> Ran {
    let plan = plan(&[("p.yaml", &format!("{HEAD}{tasks}"))]);
    run_plan(&plan, &Map::new(), faults)
}

fn run_plan(plan: &Arc<Plan>, inputs: &Map<String, Value>, faults: Vec<FaultRule>) -> Ran {
    let model = SimulatedModel { name: "llama3.1:8b".to_owned(), ..SimulatedModel::default() };
    let profile = Profile { faults, models: vec![model], ..Profile::default() };
    let mut settings = settings_of(&profile, "llama3.1:8b");
    settings.servers.iter_mut().for_each(|server| server.slots = 8);
    let contents = MemoryContents::default();
    let inputs = plan.root().bind_inputs(inputs).expect("inputs");
    let script = Script { profile, ..Script::default() };
    let answers = Echo;
    let mut rehearsal =
        Rehearsal::new(Arc::clone(plan), settings, script, &inputs, &contents, &answers);
    let mut most = 0;
    let status = rehearsal
        .run_until(usize::MAX, |rehearsal| most = most.max(rehearsal.under_way().count()))
        .expect("no contradiction")
        .expect("an end");
    let (mut output, mut failure) = (Value::Null, String::new());
    for recorded in rehearsal.facts() {
        if let Fact::RunEnded { outputs, failure: why, .. } = &recorded.fact {
            output = outputs.as_ref().map_or(Value::Null, |outputs| {
                contents.read(outputs).expect("kept").get("out").cloned().unwrap_or_default()
            });
            failure = why.as_ref().map(ToString::to_string).unwrap_or_default();
        }
    }
    let asked = rehearsal.asked().iter().map(|asked| asked.task.clone()).collect();
    Ran { status, output, failure, asked, most }
}

/// Answers with the last line of what is asked.
struct Echo;

impl Answers for Echo {
    fn answer(&self, task: &str, request: &Request) -> String {
        let asked = request.messages.last().map(|message| message.content.as_str());
        match &request.format {
            Some(_) => Placeholders.answer(task, request),
            None => asked.and_then(|text| text.lines().last()).unwrap_or_default().to_owned(),
        }
    }
}

fn failing(task: &str) -> Vec<FaultRule> {
    vec![FaultRule {
        matches: RequestMatch { task: Some(task.to_owned()), ..RequestMatch::default() },
        after: 0,
        times: None,
        fault: Fault::Refused,
    }]
}

#[test]
fn results_stand_in_the_order_of_the_items() {
    let ran = run(
        "tasks:\n  each: { for_each: inputs.items, agent: a, prompt: '{{ index }} {{ item }} {{ key }}' }\n\
         outputs: { out: '{{ tasks.each.output }}' }\n",
        Vec::new(),
    );
    assert_eq!(ran.output, json!(["1 a 1", "2 b 2", "3 c 3"]));
    assert_eq!(ran.asked.len(), 3);
    assert_eq!(ran.most, 3);
}

#[test]
fn mappings_give_keys_and_templates_make_others() {
    let ran = run(
        "tasks:\n  each:\n    for_each: { in: { x: { n: 1 }, 'y/z': { n: 2 } }, as: it, parallel: 1 }\n    agent: a\n    \
         prompt: '{{ key }} {{ it.n }}'\noutputs: { out: '{{ tasks.each.output }}' }\n",
        Vec::new(),
    );
    assert_eq!(ran.output, json!(["x 1", "y_z 2"]));
    assert_eq!(ran.asked, ["each[x]", "each[y_z]"]);
    assert_eq!(ran.most, 1);
    let ran = run(
        "tasks:\n  each: { for_each: { in: [Oslo, Rome], key: 'in {{ item }}' }, agent: a, prompt: '{{ key }}' }\n",
        Vec::new(),
    );
    assert_eq!(ran.asked, ["each[in_Oslo]", "each[in_Rome]"]);
}

#[test]
fn how_many_must_succeed_and_when_it_is_over() {
    let check = |how: &str, expected: RunStatus, output: Value, asked: usize| {
        let tasks = format!(
            "tasks:\n  each: {{ for_each: {{ in: inputs.items, {how} }}, agent: a, prompt: '{{{{ item }}}}' }}\n\
             outputs: {{ out: '{{{{ tasks.each.output }}}}' }}\n"
        );
        let ran = run(&tasks, failing("each[2]"));
        assert_eq!(ran.status, expected, "{how}: {}", ran.failure);
        assert_eq!(ran.output, output, "{how}");
        assert_eq!(ran.asked.len(), asked, "{how}");
    };
    // What is there of a list that failed is not lost.
    check("parallel: 1", RunStatus::Failed, json!(["a", null, null]), 2);
    check("parallel: 1, stop: at_end", RunStatus::Failed, json!(["a", null, "c"]), 3);
    check("require: any, parallel: 1", RunStatus::Succeeded, json!(["a", null, "c"]), 3);
    check("require: none", RunStatus::Succeeded, json!(["a", null, "c"]), 3);
    check("require: 2", RunStatus::Succeeded, json!(["a", null, "c"]), 3);
    check("require: 3, parallel: 1", RunStatus::Failed, json!(["a", null, null]), 2);
    let race = "require: any, stop: when_decided, parallel: 1";
    check(race, RunStatus::Succeeded, json!(["a", null, null]), 1);
}

#[test]
fn what_is_wrong_with_a_list_is_said_before_anybody_is_asked() {
    let tasks = "tasks:\n  each: { for_each: { in: inputs.items, key: '{{ item.id }}', max: 2 }, agent: a, \
                 prompt: '{{ item.id }}' }\n";
    let plan = plan(&[("p.yaml", &format!("{HEAD}{tasks}").replace("[a, b, c]", "[]"))]);
    let check = |items: Value, expected: &str| {
        let inputs = Map::from_iter([("items".to_owned(), items)]);
        let ran = run_plan(&plan, &inputs, Vec::new());
        assert_eq!(ran.asked.len(), 0);
        assert!(ran.failure.contains(expected), "{}", ran.failure);
    };
    check(json!([{}, {}, {}]), "`for_each` has 3 items, and at most 2 are allowed (`max`)");
    check(json!([{ "id": "x" }, { "id": "x" }]), "two items have the key `x`");
    check(json!([{ "id": " " }]), "item 1 has an empty key");
    check(json!([{ "name": "x" }]), "has no value");
    let tasks = tasks.replace("max: 2", "require: 3");
    let few = self::plan(&[("p.yaml", &format!("{HEAD}{tasks}").replace("[a, b, c]", "[]"))]);
    let inputs = Map::from_iter([("items".to_owned(), json!([{ "id": "x" }]))]);
    let ran = run_plan(&few, &inputs, Vec::new());
    assert_eq!(ran.asked.len(), 0);
    assert!(ran.failure.contains("3 items must succeed, and there are 1"), "{}", ran.failure);
    let ran = run_plan(&plan, &Map::new(), Vec::new());
    assert_eq!((ran.status, ran.asked.len()), (RunStatus::Succeeded, 0));
}

#[test]
fn items_are_read_with_their_keys_and_what_went_wrong() {
    let ran = run(
        "tasks:\n  each: { for_each: { in: [x, y], key: '{{ item }}', require: none }, agent: a, prompt: '{{ item }}' }\n  \
         all: { agent: a, prompt: \"{% for i in tasks.each.items %}{{ i.key }} {{ i.status }} {{ i.output if \
         i.output is defined else '-' }};{% endfor %}\" }\noutputs: { out: '{{ tasks.all.output }}' }\n",
        failing("each[y]"),
    );
    assert_eq!(ran.output, json!("x succeeded x;y failed -;"));
}

#[test]
fn a_used_pattern_is_run_for_each_item_and_items_have_items() {
    let inner = "pattern: { name: inner }\nteam: { name: i, agents: [{ role: B }] }\ninputs: { of: string }\n\
                 tasks:\n  parts: { for_each: [1, 2], agent: b, prompt: '{{ inputs.of }}{{ item }}' }\n\
                 outputs: { parts: '{{ tasks.parts.output }}' }\n";
    let outer = format!(
        "{HEAD}tasks:\n  all: {{ for_each: inputs.items, uses: inner, with: {{ of: '{{{{ item }}}}' }} }}\n\
         outputs: {{ out: '{{{{ tasks.all.output }}}}' }}\n"
    );
    let plan = plan(&[("p.yaml", &outer), ("inner.yaml", inner)]);
    let ran = run_plan(&plan, &Map::new(), Vec::new());
    let expected: Vec<Value> = ["a", "b", "c"]
        .iter()
        .map(|of| json!({ "parts": [format!("{of}1"), format!("{of}2")] }))
        .collect();
    assert_eq!(ran.output, json!(expected));
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    ran.asked.iter().for_each(|task| *places.entry(task.clone()).or_default() += 1);
    assert_eq!(places.len(), 6);
    assert!(places.contains_key("all[3]/parts[2]"), "{places:?}");
}

/// How often the plan became another one in memory while a run went on.
fn copies_of_the_plan(rehearsal: &mut Rehearsal, commits: usize) -> (usize, Option<RunStatus>) {
    let mut last = Arc::as_ptr(rehearsal.engine().state().plan());
    let mut copies = 0;
    let status = rehearsal.run_until(commits, |rehearsal| {
        let now = Arc::as_ptr(rehearsal.engine().state().plan());
        copies += usize::from(now != last);
        last = now;
    });
    (copies, status.expect("no contradiction"))
}

#[test]
fn a_plan_that_grows_many_times_is_copied_once() {
    const ITEMS: usize = 200;
    let plan = plan(&[(
        "p.yaml",
        &format!(
            "{HEAD}tasks:\n  each: {{ for_each: {{ in: '{{{{ range({ITEMS}) }}}}', max: {ITEMS}, parallel: 2 }}, \
             agent: a, prompt: '{{{{ item }}}}' }}\n"
        ),
    )]);
    let model = SimulatedModel { name: "llama3.1:8b".to_owned(), ..SimulatedModel::default() };
    let profile = Profile { models: vec![model], ..Profile::default() };
    let settings = settings_of(&profile, "llama3.1:8b");
    let contents = MemoryContents::default();
    let inputs = plan.root().bind_inputs(&Map::new()).expect("inputs");
    let script = || Script { profile: profile.clone(), ..Script::default() };
    let mut first =
        Rehearsal::new(Arc::clone(&plan), settings.clone(), script(), &inputs, &contents, &Echo);
    // Once, since this test goes on holding the plan as it was compiled.
    assert_eq!(copies_of_the_plan(&mut first, ITEMS), (1, None));
    let facts = first.facts().to_vec();
    let mut second = Rehearsal::resumed(plan, settings, script(), facts, &contents, &Echo)
        .expect("facts that follow from each other");
    assert_eq!(copies_of_the_plan(&mut second, usize::MAX), (0, Some(RunStatus::Succeeded)));
    assert_eq!(second.engine().state().plan().tasks.len(), 1 + ITEMS);
}
