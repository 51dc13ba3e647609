//! What templates refer to, found wherever it stands.

use super::references::{Reference, StepKind};
use super::{Form, Template};

fn check(text: &str, expected: &[&str]) {
    let template = Template::parse(text, Form::Text).unwrap();
    let found: Vec<String> = template.references.iter().map(describe).collect();
    assert_eq!(found, expected, "{text}");
    for reference in &template.references {
        assert!(text.get(reference.range.clone()).is_some());
        for step in &reference.path {
            assert!(text.get(step.range.clone()).is_some());
        }
    }
}

fn describe(reference: &Reference) -> String {
    let steps: Vec<&str> = reference
        .path
        .iter()
        .map(|step| match &step.kind {
            StepKind::Name(name) => name.as_str(),
            StepKind::Item => "[]",
            StepKind::Dynamic => "[?]",
        })
        .collect();
    let mark = if reference.guarded { "?" } else { "" };
    format!("{}{mark}", steps.join("."))
}

#[test]
fn paths_are_found_wherever_they_stand() {
    check("{{ tasks.a.output.x }}", &["tasks.a.output.x"]);
    check("{{ tasks['a'].output[0] }}", &["tasks.a.output.[]"]);
    check("{{ inputs.sources[:n] }}", &["inputs.sources", "n"]);
    check("{{ tasks[inputs.which].output }}", &["tasks.[?].output", "inputs.which"]);
    check("{% set r = tasks.a %}{{ r.output }}", &["tasks.a.output"]);
    check(
        "{% for x in tasks.a.output %}{{ x.y }}{% endfor %}",
        &["tasks.a.output", "tasks.a.output.[].y"],
    );
    check(
        "{% if inputs.p and tasks.a.status == 'x' %}{{ tasks.a.output }}{% endif %}",
        &["inputs.p", "tasks.a.status", "tasks.a.output?"],
    );
    check("{{ [tasks.a.output, {'k': inputs.z}] | json }}", &["tasks.a.output", "inputs.z"]);
    check("{{ range(inputs.n) | list }}", &["inputs.n"]);
}

#[test]
fn what_may_be_absent_is_marked() {
    check("{{ tasks.a.output | default('none') }}", &["tasks.a.output?"]);
    check("{{ tasks.a.output is defined }}", &["tasks.a.output?"]);
    check("{{ tasks.a.output.x | default('none') }}", &["tasks.a.output.x"]);
    check(
        "{% if tasks.a.output is defined %}{{ tasks.a.output.x }}{% endif %}",
        &["tasks.a.output?", "tasks.a.output.x?"],
    );
    check(
        "{{ tasks.a.output if tasks.a.output is defined else '' }}",
        &["tasks.a.output?", "tasks.a.output?"],
    );
    check(
        "{{ tasks.a.output ~ tasks.b.output | default('') }}",
        &["tasks.a.output", "tasks.b.output?"],
    );
}

#[test]
fn the_last_step_has_its_own_place() {
    let text = "é {{ tasks.marke.output }}";
    let template = Template::parse(text, Form::Text).unwrap();
    assert_eq!(&text[template.references[0].path[1].range.clone()], "marke");
    let text = "{{ tasks [ 'marke' ] .output }}";
    let template = Template::parse(text, Form::Text).unwrap();
    assert_eq!(&text[template.references[0].path[1].range.clone()], "'marke'");
}

#[test]
fn unknown_names_have_their_place() {
    let text = "{{ inputs.a | lowr }} {{ inputs.a is emty }} {{ now() }}";
    let template = Template::parse(text, Form::Text).unwrap();
    let found: Vec<&str> =
        template.unknown_names.iter().map(|name| &text[name.range.clone()]).collect();
    assert_eq!(found, ["lowr", "emty", "now"]);
    let text = "{% for x in inputs.a %}{{ loop.cycle(1, 2) }}{{ x.upper() }}{% endfor %}";
    let template = Template::parse(text, Form::Text).unwrap();
    let found: Vec<&str> =
        template.unknown_names.iter().map(|name| &text[name.range.clone()]).collect();
    assert_eq!(found, ["upper"]);
}
