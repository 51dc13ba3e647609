//! Findings in the formats of others.

use serde_json::{Value, json};

use crate::binary::{Place, repository};

/// A folder with the ten mistakes in it, under a name that every format has to escape.
fn place() -> Place {
    let place = Place::new();
    let text = std::fs::read_to_string(repository("tests/fixtures/ten_mistakes.yaml"));
    place.write("patterns/ten & more.yaml", &text.expect("the fixture"));
    place.write(
        "patterns/good.yaml",
        "pattern: { name: good }\ntasks: { a: { gate: approval, ask: Go on? } }\n",
    );
    place
}

#[test]
fn sarif_has_a_result_for_each_finding() {
    let place = place();
    let found = place.run(&["validate", "--json"]).expect(1).json();
    let log = place.run(&["validate", "--format", "sarif"]).expect(1).json();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let results = run["results"].as_array().expect("results");
    let diagnostics = found["diagnostics"].as_array().expect("findings");
    assert_eq!((results.len(), diagnostics.len()), (10, 10));
    for (result, found) in results.iter().zip(diagnostics) {
        let rule = result["ruleIndex"].as_u64().expect("an index");
        let rule = &run["tool"]["driver"]["rules"][usize::try_from(rule).expect("small")];
        assert_eq!((&result["ruleId"], &rule["id"]), (&found["code"], &found["code"]));
        let physical = &result["locations"][0]["physicalLocation"];
        assert_eq!(physical["artifactLocation"]["uri"], "patterns/ten%20%26%20more.yaml");
        let region = json!({
            "startLine": found["line"],
            "startColumn": found["column"],
            "endLine": found["end_line"],
            "endColumn": found["end_column"],
        });
        assert_eq!(physical["region"], region);
        let related = result["relatedLocations"].as_array().map_or(0, Vec::len);
        assert_eq!(related, found["related"].as_array().expect("a list").len());
    }
}

#[test]
fn github_is_told_a_line_each() {
    let ran = place().run(&["validate", "--format", "github"]).expect(1);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines.len(), 10, "{}", ran.out);
    assert_eq!(
        lines[0],
        "::error file=patterns/ten & more.yaml,line=15,endLine=15,col=34,endColumn=41,\
         title=unknown-key::unknown key `promt`%0Adid you mean `prompt`?"
    );
}

#[test]
fn junit_has_a_case_for_each_file() {
    let ran = place().run(&["validate", "--format", "junit"]).expect(1);
    assert!(
        ran.out.contains("<testsuites tests=\"2\" failures=\"1\" errors=\"0\">"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("name=\"patterns/ten &amp; more.yaml\""), "{}", ran.out);
    assert!(ran.out.contains("<failure message=\"10 findings\">"), "{}", ran.out);
    assert!(ran.out.contains("name=\"patterns/good.yaml\"/>"), "{}", ran.out);
}

#[test]
fn a_failure_of_the_command_is_json_too() {
    let place = Place::new();
    for words in [
        &["validate", "--json"][..],
        &["plan", "nothing", "--json"],
        &["show", "zzzz", "--json"],
        &["approve", "zzzz", "--json"],
    ] {
        let ran = place.run(words).expect(2);
        let error: Value = ran.json()["error"].clone();
        assert_eq!(error["exit_code"], 2, "{error}");
        assert!(error["message"].is_string(), "{error}");
    }
}
