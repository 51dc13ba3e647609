//! Plans for each item of a list, and in rounds.

use super::*;

/// Work that the lead plans several times, with further keys of `expand` and of the task.
fn several(how: &str, prompt: &str, more: &str, of_task: &str) -> Arc<Plan> {
    let text = format!(
        "pattern: {{ name: p, summary: s }}\nteam: {{ name: t, agents: [{{ role: Lead }}, {{ role: Hand }}, {{ role: Other \
         }}] }}\ntasks:\n  work:\n    {how}\n    expand:\n      agent: lead\n      prompt: '{prompt}'\n      catalogue: {{ agents: \
         [hand], patterns: [inner] }}\n{more}{of_task}outputs: {{ out: '{{{{ tasks.work.output }}}}' }}\n"
    );
    plan(&[("p.yaml", &text), ("inner.yaml", INNER)])
}

const CITIES: &str = "for_each: { in: [oslo, rome], as: city, key: '{{ city }}' }";

#[test]
fn each_item_has_a_plan_of_its_own() {
    let study = json!({ "name": "study", "uses": "inner", "with": { "subject": "{{ city }}" }, "from": {}, "needs": [] });
    let answers = By(|task: &str, _| match task {
        "work[oslo][plan]" => Some(plan_of(&[ask("a", &[]), ask("b", &["a"])])),
        "work[rome][plan]" => Some(plan_of(std::slice::from_ref(&study))),
        _ => None,
    });
    let conclude = "      synthesize: { agent: other, prompt: 'Sum up {{ city }}, {{ index }}' }\n";
    let plan = several(CITIES, "Plan {{ city }}", conclude, "");
    let ran = run(&plan, Vec::new(), &answers);
    assert_eq!(ran.status, RunStatus::Succeeded, "{}", ran.failure);
    let results: Vec<&Value> = (0..2).map(|place| &ran.output[place]["result"]).collect();
    assert_eq!(results, ["work[oslo][synthesis]", "work[rome][synthesis]"]);
    assert_eq!(ran.output[0]["tasks"], json!({ "a": "work[oslo][a]", "b": "work[oslo][b]" }));
    let found = json!({ "study": { "found": "work[rome][study]/look" } });
    assert_eq!(ran.output[1]["tasks"], found);
    assert!(ran.prompt("work[rome][plan]").starts_with("Plan rome\n"));
    assert!(ran.prompt("work[rome][synthesis]").starts_with("Sum up rome, 2\n"));
    // What is planned is data, and knows nothing of the item.
    assert!(ran.prompt("work[rome][study]/look").starts_with("Look into {{ city }}, 1 deep"));
    let folded = State::of_facts(Arc::clone(&plan), &ran.facts);
    assert_eq!(folded.expect("they follow"), ran.state);
}

#[test]
fn an_item_whose_plan_fails_is_a_hole() {
    let answers = By(|task: &str, _| task.ends_with("[plan]").then(|| plan_of(&[ask("a", &[])])));
    let lenient = CITIES.replace("as: city", "as: city, require: any, stop: at_end");
    let ran = run(&several(&lenient, "Plan", "", ""), refusing("work[oslo][a]", 9), &answers);
    assert_eq!(ran.status, RunStatus::Succeeded, "{}", ran.failure);
    assert_eq!(ran.output[0], Value::Null);
    assert_eq!(ran.output[1]["tasks"], json!({ "a": "work[rome][a]" }));
    let ran = run(&several(CITIES, "Plan", "", ""), refusing("work[oslo][a]", 9), &answers);
    assert_eq!(ran.status, RunStatus::Failed);
    assert!(ran.failure.contains("work[oslo][a]"), "{}", ran.failure);
}

#[test]
fn what_is_planned_is_planned_anew_until_it_is_good_enough() {
    let rounds = "repeat: { until: output.result.points > 2, max: 3, best: output.result.points }";
    let prompt = "Plan {{ round }}, {{ previous.result.points if previous else 0 }}";
    let conclude = "      replan: {}\n      synthesize: { prompt: 'Sum up {{ round }}' }\n";
    let output = "    output: { points: integer }\n";
    let plan = several(rounds, prompt, conclude, output);
    let answers = By(|task: &str, _| match task {
        "work[1][synthesis]" => Some(json!({ "points": 1 })),
        "work[2][synthesis]" => Some(json!({ "points": 3 })),
        _ => task.contains("[plan").then(|| plan_of(&[ask("a", &[])])),
    });
    // The first plan of the second round fails, and is made anew within the round.
    let ran = run(&plan, refusing("work[2][a]", 9), &answers);
    assert_eq!(ran.status, RunStatus::Succeeded, "{}", ran.failure);
    assert_eq!((&ran.output["result"]["points"], &ran.output["rounds"]), (&json!(3), &json!(2)));
    for (task, beginning) in [
        ("work[1][plan]", "Plan 1, 0\n"),
        ("work[2][plan]", "Plan 2, 1\n"),
        // The number of a plan is not that of the round.
        ("work[2][plan.2]", "Plan 2, 1\n"),
        ("work[2][synthesis]", "Sum up 2\n"),
    ] {
        assert!(ran.prompt(task).starts_with(beginning), "{task}: {}", ran.prompt(task));
    }
    assert!(!ran.tasks().iter().any(|task| task.starts_with("work[3]")), "{:?}", ran.tasks());
}

#[test]
fn a_run_of_several_plans_that_dies_anywhere_comes_to_the_same() {
    let plan = several(CITIES, "Plan {{ city }}", "", "    repeat: { until: round > 1, max: 2 }\n");
    let answers = By(|task: &str, _| {
        task.ends_with("[plan]").then(|| plan_of(&[ask("a", &[]), ask("b", &["a"])]))
    });
    let profile = profile(Vec::new());
    let settings = settings(&profile);
    let script = Script { profile, ..Script::default() };
    let inputs = plan.root().bind_inputs(&Map::new()).expect("inputs");
    let contents = MemoryContents::default();
    let begin = (Arc::clone(&plan), settings.clone(), script.clone());
    let mut whole = Rehearsal::new(begin.0, begin.1, begin.2, &inputs, &contents, &answers);
    assert_eq!(whole.run().expect("no contradiction"), Some(RunStatus::Succeeded));
    let facts = whole.facts().to_vec();
    assert!(whole.asked().iter().any(|asked| asked.task == "work[rome][2][b]"));
    for length in 1..facts.len() {
        let again = (Arc::clone(&plan), settings.clone(), script.clone());
        let kept = facts[..length].to_vec();
        let resumed = Rehearsal::resumed(again.0, again.1, again.2, kept, &contents, &answers);
        let mut resumed = resumed.expect("they follow");
        assert_eq!(resumed.run().expect("sound"), Some(RunStatus::Succeeded), "{length}");
        let outputs = &resumed.engine().state().outputs;
        assert_eq!(*outputs, whole.engine().state().outputs, "behind {length} facts");
    }
}

#[test]
fn a_budget_is_for_all_that_is_planned() {
    let answers = By(|task: &str, _| {
        task.ends_with("[plan]").then(|| plan_of(&[ask("a", &[]), ask("b", &[])]))
    });
    let calls = |of_task: &str, how: &str| {
        let ran = run(&several(how, "Plan", "", of_task), Vec::new(), &answers);
        (ran.status, ran.asked.len())
    };
    assert_eq!(calls("", CITIES), (RunStatus::Succeeded, 6));
    assert_eq!(calls("    budget: { calls: 6 }\n", CITIES), (RunStatus::Succeeded, 6));
    let (status, asked) = calls("    budget: { calls: 5 }\n", CITIES);
    assert!(!status.is_final() && asked <= 5, "{status:?}, {asked} calls");
    let (status, asked) = calls("    budget: { calls: 2 }\n", "description: Once");
    assert!(!status.is_final() && asked == 2, "{status:?}, {asked} calls");
}
