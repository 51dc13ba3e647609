//! Timelines: rows of bars on a terminal, and the page of a run.

use partita::interface::report::{Paint, TimelineLook, run_page, timeline_text};

use crate::binary::Place;
use crate::pictures::unbalanced;
use crate::statistics::tape;

fn text(width: usize) -> String {
    timeline_text(&tape().history(), TimelineLook { paint: Paint::PLAIN, width })
}

#[test]
fn a_row_for_each_task() {
    insta::assert_snapshot!("timeline_text", text(80));
}

#[test]
fn rows_fit_the_terminal() {
    for width in [40, 72, 100, 200] {
        let text = text(width);
        let rows = text.lines().filter(|line| line.contains('█'));
        for row in rows.skip(1) {
            assert!(row.chars().count() <= width, "{width}: {row}");
        }
    }
}

#[test]
fn a_page() {
    insta::assert_snapshot!("run_page", run_page("k7m2k7m2", &tape().history()));
}

#[test]
fn a_page_needs_nothing_else_and_lets_no_text_out() {
    let page = run_page("k7m2k7m2", &tape().history());
    for word in ["<script", "href", "NaN", "inf\"", "@import", "url(", "<m>", "onload"] {
        assert!(!page.contains(word), "{word}");
    }
    let addresses =
        page.matches("http://").count() - page.matches("http://www.w3.org/2000/svg").count();
    assert_eq!(addresses, 0, "no address but the namespace");
    let svgs: Vec<&str> = page
        .split("<svg")
        .skip(1)
        .map(|rest| rest.split("</svg>").next().expect("an end"))
        .collect();
    assert_eq!(svgs.len(), 3, "a legend, the waves, the servers");
    for svg in svgs {
        assert_eq!(unbalanced(&format!("<svg{svg}</svg>")), None);
    }
    let body = page.split("</head>").nth(1).expect("a body");
    assert_eq!(unbalanced(body.trim_end().trim_end_matches("</html>")), None);
}

#[test]
fn a_page_of_a_run_replaces_one_and_no_other_file() {
    let place = Place::new();
    place.write("p.yaml", SIMPLE);
    place.write("mine.html", "<p>mine</p>");
    let run = place.run(&["run", "p.yaml", "--simulate", "--quiet", "--json"]).expect(0).json();
    let run = run["run"].as_str().expect("an id");
    for _ in 0..2 {
        place.run(&["show", run, "--html", "run.html"]).expect(0);
    }
    let written = std::fs::read_to_string(place.path("run.html")).expect("the page");
    assert!(written.contains("Simulated: no model was asked"), "{written}");
    let printed = place.run(&["show", run, "--html", "-"]).expect(0);
    assert_eq!(printed.out, written);
    let refused = place.run(&["show", run, "--html", "mine.html"]).expect(2);
    assert!(refused.err.contains("is not the page of a run"), "{}", refused.err);
    let kept = std::fs::read_to_string(place.path("mine.html")).expect("the file");
    assert_eq!(kept, "<p>mine</p>");
    place.run(&["show", run, "--html", "none/run.html"]).expect(1);
}

#[test]
fn a_simulated_run_says_so() {
    let place = Place::new();
    place.write("p.yaml", SIMPLE);
    let run = place.run(&["run", "p.yaml", "--simulate", "--quiet", "--json"]).expect(0).json();
    let run = run["run"].as_str().expect("an id");
    let shown = place.run(&["show", run, "--timeline"]).expect(0);
    assert!(shown.out.starts_with("SIMULATED"), "{}", shown.out);
    assert!(shown.out.contains("* ask"), "{}", shown.out);
    let summary = place.run(&["show", run]).expect(0).out;
    for title in ["Calls", "Throughput", "Where the time went"] {
        assert!(summary.contains(&format!("{title} (simulated)")), "{summary}");
    }
    for both in [&["--timeline", "--json"][..], &["ask", "--timeline"]] {
        place.run(&[&["show", run][..], both].concat()).expect(2);
    }
}

#[test]
fn runs_are_summed_up_from_the_journal() {
    let place = Place::new();
    let none = place.run(&["runs", "--statistics", "--json"]).expect(0).json();
    assert_eq!(none["statistics"], serde_json::json!([]));
    place.write("p.yaml", SIMPLE);
    place.write("q.yaml", &SIMPLE.replace("name: p ", "name: q "));
    for name in ["p.yaml", "p.yaml", "q.yaml"] {
        place.run(&["run", name, "--simulate", "--quiet"]).expect(0);
    }
    let told = place.run(&["runs", "--statistics", "--json"]).expect(0).json();
    let runs = |place: usize| told["statistics"][place].clone();
    assert_eq!(
        (&runs(0)["name"], &runs(0)["runs"], &runs(0)["simulated"]),
        (&"p".into(), &2.into(), &true.into())
    );
    assert_eq!((&runs(1)["name"], &runs(1)["success_rate"]), (&"q".into(), &1.0.into()));
    assert_eq!(runs(0)["slowest_tasks"][0]["id"], "ask");
    let text = place.run(&["runs", "q", "--statistics"]).expect(0).out;
    assert!(text.starts_with("q (simulated)\n") && !text.contains("p ("), "{text}");
    assert_eq!(place.run(&["runs", "p"]).expect(0).out.lines().count(), 2);
    let misspelt = place.run(&["runs", "r"]).expect(2);
    assert!(misspelt.err.contains("there are runs of p, q"), "{}", misspelt.err);
}

const SIMPLE: &str = "
pattern: { name: p }
team: { name: t, agents: [{ role: A }] }
tasks:
  ask: { agent: a, prompt: x }
";
