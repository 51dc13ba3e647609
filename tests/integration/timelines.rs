//! Timelines: rows of bars on a terminal.

use partita::interface::report::{Paint, TimelineLook, timeline_text};

use crate::binary::Place;
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

const SIMPLE: &str = "
pattern: { name: p }
team: { name: t, agents: [{ role: A }] }
tasks:
  ask: { agent: a, prompt: x }
";
