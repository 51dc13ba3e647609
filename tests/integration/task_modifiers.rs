//! What tasks say of themselves: how hard they are, and how long they may take.

use crate::binary::Place;

const HEAD: &str = "\
pattern: { name: p, summary: s }
team: { name: t, agents: [{ role: A, model: 'own:8b' }] }
";

#[test]
fn how_hard_a_task_is_says_which_model_does_it() {
    let place = Place::new();
    let models =
        "defaults: { model: 'other:8b', models: { low: 'small:3b', high: 'large:32b' } }\n";
    let tasks = "tasks:\n  easy: { agent: a, prompt: x, complexity: low }\n  usual: { agent: a, prompt: x, complexity: medium }\n  \
                 hard: { agent: a, prompt: x, complexity: high }\n  named: { agent: a, prompt: x, complexity: high, model: 'mine:1b' }\n  \
                 open: { agent: a, prompt: x }\n  inner: { uses: q }\n";
    place.write("patterns/p.yaml", &format!("{HEAD}{models}{tasks}"));
    let inner = HEAD.replace("name: p", "name: q").replace(", model: 'own:8b'", "");
    let own = "defaults: { models: { low: 'tiny:1b' } }\n";
    let tasks = "tasks:\n  easy: { agent: a, prompt: x, complexity: low }\n  hard: { agent: a, prompt: x, complexity: high }\n";
    place.write("patterns/q.yaml", &format!("{inner}{own}{tasks}"));
    let plan = place.run(&["plan", "p", "--format", "json"]).expect(0).json();
    let mut found = Vec::new();
    for wave in plan["waves"].as_array().expect("waves") {
        for task in wave["tasks"].as_array().expect("tasks") {
            found.push((task["id"].as_str().unwrap_or_default(), task["model"].as_str()));
        }
    }
    for (task, model) in [
        ("easy", "small:3b"),
        ("usual", "own:8b"),
        ("hard", "large:32b"),
        ("named", "mine:1b"),
        ("open", "own:8b"),
        ("inner/easy", "tiny:1b"),
        ("inner/hard", "large:32b"),
    ] {
        assert!(found.contains(&(task, Some(model))), "{task} of {model} in {found:?}");
    }
}

#[test]
fn who_takes_longer_than_allowed_is_told_and_goes_on() {
    let place = Place::new();
    // Loading alone takes four thousandths of a second.
    let tasks = "tasks:\n  late: { agent: a, prompt: x, sla: 1ms }\n  in_time: { agent: a, prompt: x, needs: [late], sla: 1h }\n";
    place.write("patterns/p.yaml", &format!("{HEAD}{tasks}"));
    place.write("sim.yaml", "simulation: { time_scale: 0.001, models: [{ name: 'own:8b' }] }\n");
    let words = ["run", "p", "--simulation", "sim.yaml", "--json", "--quiet"];
    let result = place.run(&words).expect(0).json();
    let sla = result["sla"].as_array().expect("a list");
    let kept: Vec<_> = sla.iter().map(|one| (one["id"].as_str(), one["kept"].as_bool())).collect();
    assert_eq!(kept, [(Some("late"), Some(false)), (Some("in_time"), Some(true))]);
    assert!(sla[0]["took_ms"].as_f64() > sla[0]["sla_ms"].as_f64(), "{sla:?}");
    let shown = place.run(&["show", result["run"].as_str().expect("a run")]).expect(0).out;
    assert!(shown.contains("late  took"), "{shown}");
    assert!(!shown.contains("in_time  took"), "{shown}");
}
