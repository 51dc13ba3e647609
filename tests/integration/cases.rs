//! `partita test`: the cases of the library, and what is said of cases that do not come out as
//! expected.

use std::collections::BTreeMap;

use partita::interface::app::{Covered, Kind, Project, run_tests};
use partita::interface::report::{CasesLook, Paint, cases_text};
use partita::language::document::{Body, Library, builtin_tests};

use crate::binary::{Place, Servers};
use crate::support::root;

const TEA: &str = "
pattern: { name: tea, summary: Which tea is bought. }
team: { name: t, agents: [{ role: Taster }, { role: Buyer }] }
inputs:
  season: { type: string, description: When it is drunk }
tasks:
  taste:
    agent: taster
    prompt: Rate teas for {{ inputs.season }}.
    output: { best: string, points: integer }
    on_failure: { fallback: { best: water, points: 0 } }
  good_enough:
    gate: check
    condition: tasks.taste.output.points >= 3
    on_failure: continue
  approve:
    gate: approval
    ask: Buy {{ tasks.taste.output.best }}?
    options: [buy, wait]
    default: wait
    deadline: 24h
    needs: [good_enough]
  order:
    when: tasks.approve.choice == 'buy'
    agent: buyer
    prompt: Order {{ tasks.taste.output.best }}.
outputs:
  tea: '{{ tasks.taste.output.best }}'
  order: '{{ tasks.order.output | default(none) }}'
";

/// A project with the pattern above and cases of it.
fn project(cases: &str) -> Place {
    let place = Place::new();
    place.write("patterns/tea.yaml", TEA);
    place.write("patterns/tea.test.yaml", &format!("tests: {{ pattern: tea }}\ncases:\n{cases}"));
    place
}

#[test]
fn verdicts_of_judges_are_scripted() {
    let place = Place::new();
    place.write(
        "patterns/slogan.yaml",
        "pattern: { name: slogan }\nteam: { name: t, agents: [{ role: Writer }] }\ntasks:\n  a: { agent: writer, prompt: x \
         }\n  b: { agent: writer, prompt: y }\n  best: { synthesize: { from: [a, b], strategy: best_of, criteria: Which? \
         } }\n  both: { synthesize: { from: [a, b], strategy: consensus, agent: writer } }\noutputs: { best: '{{ \
         tasks.best.output }}', both: '{{ tasks.both.output.conclusion }}' }\n",
    );
    let cases = |verdict: &str| {
        format!(
            "tests: {{ pattern: slogan }}\ncases:\n  b: {{ answers: {{ a: One, b: Two, 'best[a.b]': {{ verdict: {verdict} \
             }}, 'best[b.a]': {{ verdict: first }}, both: {{ conclusion: Yes. }} }}, expect: {{ outputs: {{ best: Two, both: \
             Yes. }} }} }}\n"
        )
    };
    place.write("patterns/slogan.test.yaml", &cases("second"));
    place.run(&["test"]).expect(0);
    place.write("patterns/slogan.test.yaml", &cases("both"));
    let found = place.run(&["validate"]).expect(1).out;
    assert!(found.contains("answer-type") && found.contains("both"), "{found}");
}

#[test]
fn plans_for_each_item_are_scripted() {
    let place = Place::new();
    place.write(
        "patterns/trips.yaml",
        "pattern: { name: trips }\nteam: { name: t, agents: [{ role: Lead }, { role: Clerk, reports_to: Lead }] }\ntasks:\n  \
         trip:\n    for_each: { in: [oslo, rome], as: city, key: '{{ city }}' }\n    expand: { agent: lead, prompt: 'To {{ city \
         }}', catalogue: { agents: [clerk] } }\noutputs: { trips: '{{ tasks.trip.output }}' }\n",
    );
    let cases = |agent: &str| {
        format!(
            "tests: {{ pattern: trips }}\ncases:\n  each:\n    answers:\n      \
             'trip[oslo][plan]': {{ tasks: [{{ name: there, agent: {agent}, prompt: Go., needs: [] }}] }}\n      \
             'trip[oslo][there]': By ship.\n    expect: {{ tasks: {{ 'trip[rome][plan]': {{ prompt: {{ contains: To rome }} \
             }}, 'trip[oslo][there]': {{ output: By ship. }} }} }}\n"
        )
    };
    place.write("patterns/trips.test.yaml", &cases("clerk"));
    place.run(&["test"]).expect(0);
    place.write("patterns/trips.test.yaml", &cases("boss"));
    let found = place.run(&["validate"]).expect(1).out;
    assert!(found.contains("answer-type") && found.contains("boss"), "{found}");
}

/// What the cases say for people; whether they have passed.
fn told(cases: &str) -> (String, bool) {
    let place = project(cases);
    let project = Project::new(place.folder.path());
    let tested = run_tests(&project, &[], &[], None).expect("cases");
    let look = CasesLook { paint: Paint::PLAIN, width: 100, coverage: false };
    let folder = format!("{}/", place.folder.path().display());
    (cases_text(&tested, look).replace(&folder, ""), tested.has_passed())
}

fn check_passes(cases: &str) {
    let (text, has_passed) = told(cases);
    assert!(has_passed, "{text}");
}

#[test]
fn the_cases_of_the_library_pass() {
    let tested = run_tests(&Project::new(root()), &[], &[], None).expect("cases");
    let look = CasesLook { paint: Paint::PLAIN, width: 100, coverage: true };
    assert!(tested.has_passed(), "{}", cases_text(&tested, look));
    let mut cases: BTreeMap<&str, usize> = BTreeMap::new();
    for file in &tested.files {
        *cases.entry(&file.pattern).or_default() += file.cases.len();
    }
    let library = Library::of_files([]).with_builtins();
    let orchestrations = library.documents().filter(|document| {
        ["waves", "tasks"].iter().any(|key| document.value().get(key).is_some())
    });
    for name in orchestrations.filter_map(|document| document.name()) {
        let count = cases.get(name).copied().unwrap_or_default();
        assert!(count >= 2, "{name} has {count} cases");
        assert!(builtin_tests().iter().any(|tests| tests.name == name), "{name}");
    }
    let launch = tested.files.iter().find(|file| file.pattern == "product_launch");
    assert_eq!(launch.map(|file| file.coverage.percent()), Some(100.0));
}

#[test]
fn every_pattern_of_the_library_has_a_gate_and_every_check_of_one_can_fail() {
    let tested = run_tests(&Project::new(root()), &[], &[], None).expect("cases");
    let library = Library::of_files([]).with_builtins();
    let patterns = library.documents().filter(|document| {
        matches!(document.body(), Some(Body::Pattern(_)))
            && document.value().get("pattern").is_some()
    });
    let mut wrong: Vec<String> = Vec::new();
    for name in patterns.filter_map(|document| document.name()) {
        let of_it = tested.files.iter().filter(|file| file.pattern == name);
        let met: Vec<&Covered> = of_it.flat_map(|file| &file.coverage.entries).collect();
        if !met.iter().any(|entry| entry.kind.group() == "gates") {
            wrong.push(format!("{name} has no gate"));
        }
        let fails = met.iter().filter(|entry| entry.kind == Kind::Check(false));
        for gate in fails.filter(|entry| entry.cases == 0) {
            wrong.push(format!("no case of {name} lets {} fail", gate.name));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_case_scripts_answers_people_and_faults() {
    check_passes(
        "
  buy:
    inputs: { season: winter }
    answers: { taste: { best: Assam, points: 4 }, order: Two chests. }
    decisions: { approve: buy }
    expect:
      outputs: { tea: Assam, order: Two chests. }
      tasks:
        taste: { attempts: 1, prompt: { contains: winter }, output: { points: 4 } }
        good_enough: { status: succeeded }
      order: [taste, approve, order]
      calls: 2
  nobody_decides:
    answers: { taste: { points: 1 } }
    expect:
      outputs: { tea: { matches: '^‹taste: best›$' }, order: null }
      tasks: { good_enough: { failure: check_failed }, approve: { choice: wait } }
      not_run: [order]
  asked_again:
    answers: { taste: [green, '{\"best\": 7}', { best: Assam }] }
    expect:
      tasks: { taste: { attempts: 2, failure: malformed, fell_back: true } }
  other_server:
    answers: { taste: [{ fault: disconnect }, { fault: { kind: status, status: 500 } }, {}] }
    expect: { tasks: { taste: { attempts: 3, status: succeeded } } }
  all_servers_are_gone:
    faults: [{ fault: { kind: down } }]
    expect: { status: interrupted, calls: { min: 2 } }
",
    );
}

#[test]
fn what_is_not_as_expected_has_its_place() {
    let (text, has_passed) = told(
        "
  buy:
    answers: { taste: { best: Assam } }
    decisions: { approve: buy }
    expect:
      status: failed
      outputs: { tea: Ceylon }
      tasks:
        taste: { attempts: 2, output: { points: { count: 3 } } }
        approve: { choice: wait }
      ran: [order]
      not_run: [taste]
      order: [order, taste]
      calls: { max: 1 }
",
    );
    assert!(!has_passed);
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("cases__what_is_not_as_expected", text);
    });
}

#[test]
fn a_run_without_an_end_is_told_as_one() {
    let (text, has_passed) = told("  busy: { answers: { taste: { fault: overloaded } } }\n");
    assert!(!has_passed);
    assert!(text.contains("the run does not come to an end"), "{text}");
    assert!(text.contains("patterns/tea.test.yaml:3:3"), "{text}");
}

#[test]
fn machines_and_build_servers_are_told_the_same() {
    let place = project("  good: {}\n  bad: { expect: { outputs: { tea: '<Ceylon>' } } }\n");
    let json = place.run(&["test", "--json"]).expect(1).json();
    assert_eq!((&json["simulated"], &json["passed"]), (&true.into(), &false.into()));
    assert_eq!((&json["cases"], &json["failed"]), (&2.into(), &1.into()));
    let failure = &json["files"][0]["cases"][1]["failures"][0];
    assert_eq!((&failure["line"], &failure["column"]), (&4.into(), &36.into()), "{failure:#}");
    assert_eq!(failure["file"], "patterns/tea.test.yaml");
    assert_eq!(
        (&failure["expected"], &failure["actual"]),
        (&"`<Ceylon>`".into(), &"`‹taste: best›`".into(),)
    );
    let junit = place.run(&["test", "--format", "junit"]).expect(1).out;
    assert!(junit.contains("<testsuites tests=\"2\" failures=\"1\""), "{junit}");
    assert!(junit.contains("<testcase classname=\"partita.tea\" name=\"good\"/>"), "{junit}");
    assert!(junit.contains("expected `&lt;Ceylon&gt;`"), "{junit}");
    let one = place.run(&["test", "tea", "--case", "good", "--trace"]).expect(0).out;
    assert!(one.contains("done    taste") && !one.contains("bad"), "{one}");
}

#[test]
fn faulty_cases_are_not_run() {
    let place = project("  bad: { decisions: { aprove: buy } }\n");
    let ran = place.run(&["test"]).expect(1);
    assert!(ran.out.contains("`tea` has no task `aprove`"), "{}", ran.out);
    assert!(ran.out.contains("did you mean `approve`?"), "{}", ran.out);
    let json = place.run(&["test", "--json"]).expect(1).json();
    assert_eq!(json["files"][0]["diagnostics"][0]["code"], "unknown-task");
    place.run(&["validate"]).expect(1);
    place.write("patterns/tea.yaml", &TEA.replace("agent: buyer", "agent: byer"));
    let ran = place.run(&["test"]).expect(1);
    assert!(ran.out.contains("unknown-agent"), "{}", ran.out);
}

#[test]
fn what_undoes_tasks_is_covered_where_it_is_begun() {
    let place = Place::new();
    place.write(
        "patterns/trip.yaml",
        "pattern: { name: trip }\nteam: { name: t, agents: [{ role: A }] }\ntasks:\n  hotels: { for_each: [Rome, Oslo], agent: \
         a, prompt: x, compensate: { agent: a, prompt: y } }\n  car: { agent: a, prompt: z, output: { good: boolean }, \
         compensate: { agent: a, prompt: y } }\n  good: { gate: check, condition: tasks.car.output.good, needs: [hotels] }\n",
    );
    let covered = |cases: &str| {
        place.write(
            "patterns/trip.test.yaml",
            &format!("tests: {{ pattern: trip }}\ncases:\n{cases}"),
        );
        let coverage =
            place.run(&["test", "--json"]).expect(0).json()["files"][0]["coverage"].take();
        (coverage["compensations"].clone(), coverage["missed"].clone())
    };
    let well = "  well: { answers: { car: { good: true } }, expect: { not_run: [\"hotels[1].undo\", car.undo] } }\n";
    let (counted, missed) = covered(well);
    assert_eq!(counted, serde_json::json!({ "covered": 0, "all": 2 }));
    let never = serde_json::json!({ "task": "car", "group": "compensations", "what": "is undone" });
    assert!(missed.as_array().is_some_and(|missed| missed.contains(&never)), "{missed}");
    let badly = "  badly: { answers: { car: { good: false } }, expect: { status: failed } }\n";
    assert_eq!(covered(badly).0, serde_json::json!({ "covered": 2, "all": 2 }));
}

#[test]
fn coverage_can_be_demanded() {
    let place = project("  wait: { answers: { taste: { points: 3 } } }\n");
    let ran = place.run(&["test", "--coverage", "--min", "90"]).expect(1);
    for missed in [
        "never: `taste` the fallback is taken",
        "never: `good_enough` the check is not passed",
        "never: `approve` `buy` is chosen",
        "never: `order` is begun",
        "never: `order` `when` is true",
    ] {
        assert!(ran.out.contains(missed), "{missed}: {}", ran.out);
    }
    assert!(ran.err.contains("less than 90 % is covered"), "{}", ran.err);
    let coverage = &place.run(&["test", "--json"]).expect(0).json()["files"][0]["coverage"];
    assert_eq!(coverage["gates"], serde_json::json!({ "covered": 2, "all": 4 }));
    place.run(&["test", "--coverage", "--min", "50"]).expect(0);
}

#[test]
fn what_is_tested_is_found_by_name_file_and_folder() {
    let place = project("  a: {}\n");
    for wanted in ["tea", "patterns/tea.yaml", "patterns/tea.test.yaml", "patterns", "."] {
        let json = place.run(&["test", wanted, "--json"]).expect(0).json();
        assert_eq!(json["cases"], 1, "{wanted}");
    }
    let built_in = place.run(&["test", "parallel_research", "--json"]).expect(0).json();
    assert_eq!(built_in["files"][0]["pattern"], "parallel_research");
    for (words, said) in [
        (vec!["test", "te"], "did you mean `tea`"),
        (vec!["test", "tea", "--case", "b"], "there is no case `b`"),
        (vec!["test", "patterns/te.yaml"], "there is no file patterns/te.yaml"),
    ] {
        let ran = place.run(&words).expect(2);
        assert!(ran.err.contains(said), "{said}: {}", ran.err);
    }
    let empty = Place::new();
    assert!(empty.run(&["test"]).expect(2).err.contains("there are no tests"));
    // Cases are no patterns.
    let list = place.run(&["patterns", "--json"]).expect(0).out;
    assert!(!list.contains(".test"), "{list}");
}

#[test]
fn recorded_answers_are_played_again_until_something_else_is_asked() {
    let place = project(
        "  recorded: { decisions: { approve: buy }, expect: { ran: [order] } }
  scripted: { answers: { taste: { best: Assam } }, expect: { outputs: { tea: Assam } } }
",
    );
    let cassette = "patterns/tea.cassette.json";
    let servers = Servers::start(
        &place,
        "simulation: { time_scale: 0, servers: [{ name: one }], answers: [{ match: { task: taste }, \
         json: { best: Ceylon, points: 5 } }] }\n",
    );
    let mut words = vec!["test", "tea", "--record", "--json"];
    words.extend(servers.options());
    let recorded = place.run(&words).expect(0);
    assert!(recorded.err.contains("recorded taste"), "{}", recorded.err);
    assert_eq!(recorded.json()["files"][0]["recorded_in"], cassette);
    let text = std::fs::read_to_string(place.path(cassette)).expect("a cassette");
    assert!(text.contains("\"simulated\": true") && text.contains("Ceylon"), "{text}");
    let asked = servers.requests().len();

    // The answers come back without any server, also where the cases are played as a whole.
    let played = place.run(&["test", "tea", "--case", "recorded", "--trace"]).expect(0).out;
    assert!(played.contains("tea  Ceylon") && played.contains("2 calls, recorded"), "{played}");
    assert_eq!(servers.requests().len(), asked);

    // Another prompt has another answer: what has changed is said, and by whom it is asked.
    place.write("patterns/tea.yaml", &TEA.replace("Rate teas", "Compare teas"));
    let ran = place.run(&["test"]).expect(1).out;
    for said in [
        "`taste` asks otherwise than when its answer was recorded: its prompt has changed",
        "-Rate teas for",
        "+Compare teas for",
        "partita test tea --case recorded --record",
        "2 cases, 1 passed, 1 failed",
    ] {
        assert!(ran.contains(said), "{said}: {ran}");
    }
    place.write(
        "patterns/tea.yaml",
        &TEA.replace("points: integer", "points: integer, why: string"),
    );
    let json = place.run(&["test", "tea", "--json"]).expect(1).json();
    let failure = &json["files"][0]["cases"][0]["failures"][0];
    assert_eq!(failure["code"], "outdated-recording");
    let message = failure["message"].as_str().unwrap_or_default();
    assert!(message.contains("its prompt has changed; the type of its answer has"), "{message}");

    // What cannot be read is no recording.
    place.write(cassette, "{");
    let ran = place.run(&["test"]).expect(1).out;
    assert!(ran.contains("tea.cassette.json cannot be read"), "{ran}");
    place.run(&words).expect(0);
    place.run(&["test"]).expect(0);

    // Nobody answers: what was recorded stays.
    let text = std::fs::read_to_string(place.path(cassette)).expect("a cassette");
    let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
    drop(servers);
    place.run(&words.iter().map(String::as_str).collect::<Vec<_>>()).expect(3);
    assert_eq!(std::fs::read_to_string(place.path(cassette)).expect("a cassette"), text);
}

#[test]
fn expected_values_are_written_anew() {
    let place = project(
        "  a: # a comment
    answers: { taste: { best: \"no: tea\", points: 3 } }
    expect: { outputs: { tea: 'Ceylon' }, tasks: { taste: { output: { points: 4 } } } }
",
    );
    let ran = place.run(&["test", "--update"]).expect(0);
    assert!(
        ran.err.contains("patterns/tea.test.yaml: 2 written anew, 0 left to you"),
        "{}",
        ran.err
    );
    let text = std::fs::read_to_string(place.path("patterns/tea.test.yaml")).expect("a file");
    assert!(text.contains("a: # a comment"), "{text}");
    assert!(text.contains("{ tea: \"no: tea\" }") && text.contains("points: 3 } } } }"), "{text}");
    place.run(&["test"]).expect(0);
    let place = project("  a: { expect: { status: failed } }\n");
    assert!(place.run(&["test", "--update"]).expect(1).err.contains("0 written anew, 1 left"));
}
