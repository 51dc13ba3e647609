//! What the types of values say, at its exact place, however the text is written.

use crate::language::diagnostic::Diagnostic;
use crate::language::document::{Expectation, Library, ProjectFile};
use crate::language::plan::{Outlines, Types, check_library};

pub(super) fn library(files: &[(&str, &str)]) -> Library {
    Library::of_files(files.iter().map(|(name, text)| ProjectFile {
        name: (*name).to_owned(),
        content: Ok((*text).to_owned()),
        expectation: Expectation::Named,
    }))
}

fn underlined<'l>(library: &'l Library, found: &Diagnostic) -> &'l str {
    let source = library.sources().get(found.primary.span.source).expect("a source");
    &source.text()[found.primary.span.start as usize..found.primary.span.end as usize]
}

/// What is found in files, as code and underlined text.
pub(super) fn check_files(files: &[(&str, &str)], expected: &[(&str, &str)]) {
    let library = library(files);
    let syntax: Vec<&str> = library.diagnostics().iter().map(|d| d.message.as_str()).collect();
    assert!(syntax.is_empty(), "{files:?}: {syntax:?}");
    let found = check_library(&library);
    let found: Vec<(&str, &str)> =
        found.iter().map(|found| (found.code.as_str(), underlined(&library, found))).collect();
    assert_eq!(found, expected, "{files:?}");
}

const START: &str = "pattern: { name: example }
team: { name: desk, agents: [{ role: Writer }] }
inputs:
  size: { type: { width: number, name: string, tags: [string] } }
  tone: { enum: [formal, friendly] }
  any: any
tasks:
  rate:
    agent: writer
    prompt: \"{{ inputs.size }} {{ inputs.tone }} {{ inputs.any }}\"
    output: { score: integer, note?: string, risks: [{ risk: string, level: { enum: [low, high] } }] }
";

/// What is found in a document whose last task has this prompt, written with its key.
fn check_prompt(prompt: &str, expected: &[(&str, &str)]) {
    let text = format!("{START}  last:\n    agent: writer\n    {prompt}\n");
    check_files(&[("example.yaml", &text)], expected);
    // The same with the line ends of another system.
    let text = text.replace('\n', "\r\n");
    let expected: Vec<(&str, String)> =
        expected.iter().map(|(code, part)| (*code, part.replace('\n', "\r\n"))).collect();
    let expected: Vec<(&str, &str)> =
        expected.iter().map(|(code, part)| (*code, part.as_str())).collect();
    check_files(&[("example.yaml", &text)], &expected);
}

#[test]
fn the_place_is_exact_in_every_style_and_script() {
    let field: &[(&str, &str)] = &[("unknown-field", "scor")];
    check_prompt("prompt: \"{{ tasks.rate.output.scor }}\"", field);
    check_prompt("prompt: '{{ tasks.rate.output.scor }} it''s'", field);
    check_prompt("prompt: 'it''s {{ tasks.rate.output.scor }}'", field);
    check_prompt("prompt: \"\\u00e9 \\t \\\" \\U0001F3BC {{ tasks.rate.output.scor }}\"", field);
    check_prompt("prompt: \"a\\\n      b {{ tasks.rate.output.scor }}\"", field);
    check_prompt("prompt: é {{ tasks.rate.output.scor }} plain", field);
    check_prompt(
        "prompt: plain\n      on two lines, 漢字 {{ tasks.rate.output.scor }}\n      and more",
        field,
    );
    for header in ["|", "|-", "|+", "|2", ">", ">-", ">+", ">1-"] {
        for lead in
            ["", "é ", "e\u{301} 🎼 ", "漢字 ", "مرحبا ", "a\tb\t", "first\n\n      second "]
        {
            let indent = if header.contains('1') { "     " } else { "      " };
            let lead = lead.replace("\n      ", &format!("\n{indent}"));
            let text = format!("prompt: {header}\n{indent}{lead}{{{{ tasks.rate.output.scor }}}}");
            check_prompt(&text, field);
        }
    }
}

#[test]
fn the_whole_part_is_underlined() {
    let check = |expression: &str, code: &str, part: &str| {
        check_prompt(&format!("prompt: |\n      é {{{{ {expression} }}}}"), &[(code, part)]);
    };
    check("tasks.rate.output['scor']", "unknown-field", "'scor'");
    check("tasks.rate.output.risks[0].levl", "unknown-field", "levl");
    check("tasks.rate.output.risks | map(attribute='levl') | list", "unknown-field", "'levl'");
    check("(tasks.rate.output).scor", "unknown-field", "scor");
    check("inputs.size.name | abs | string", "wrong-operand", "inputs.size.name | abs");
    check("1 + (inputs.size.name ~ 'x')", "wrong-operand", "1 + (inputs.size.name ~ 'x')");
    check("(inputs.size.name ~ 'x') - 1", "wrong-operand", "(inputs.size.name ~ 'x') - 1");
    check("-inputs.size.name", "wrong-operand", "inputs.size.name");
    check("inputs.size.name | bullets", "text-as-list", "inputs.size.name");
    check("inputs.size.width == 'wide'", "unlike-comparison", "inputs.size.width == 'wide'");
    check("'formall' == inputs.tone", "impossible-comparison", "'formall'");
    check("inputs.tone not in ['formal', 'frendly']", "impossible-comparison", "'frendly'");
    check("inputs.tone is eq('frendly')", "impossible-comparison", "'frendly'");
    check("'a' if 1 == 1 else 'b'", "constant-condition", "1 == 1");
    check("'a' if not (1 == 2) else 'b'", "constant-condition", "not (1 == 2)");
    check("tasks.rate.output.note | upper", "value-may-be-absent", "tasks.rate.output.note");
}

#[test]
fn a_statement_over_lines_is_underlined_over_lines() {
    check_prompt(
        "prompt: |\n      {% if inputs.size.width\n         - inputs.size.name > 1 %}x{% endif %}",
        &[("wrong-operand", "inputs.size.width\n         - inputs.size.name")],
    );
    check_prompt(
        "prompt: >\n      {% if inputs.size.width\n      - inputs.size.name > 1 %}x{% endif %}",
        &[("wrong-operand", "inputs.size.width\n      - inputs.size.name")],
    );
}

#[test]
fn what_may_be_meant_is_not_found() {
    for text in [
        "{{ inputs.any.a.b[0] + 1 }} {{ inputs.any | bullets }} {{ inputs.any == 'x' }}",
        "{% for x in inputs.any %}{{ x.y }}{% endfor %}",
        "{{ tasks.rate.output.note | default('none') }}",
        "{% if tasks.rate.output.note is defined %}{{ tasks.rate.output.note | upper }}{% endif %}",
        "{% for key, value in inputs.size | items %}{{ key | upper }}: {{ value }}{% endfor %}",
        "{% for key in inputs.size %}{{ key }}: {{ inputs.size[key] }}{% endfor %}",
        "{% if inputs.tone == 'formal' %}a{% elif inputs.tone == 'friendly' %}b{% endif %}",
        "{% for risk in tasks.rate.output.risks if risk.level == 'high' %}{{ risk.risk }}{% endfor %}",
        "{{ tasks.rate.output.risks | selectattr('level', 'eq', 'high') | map(attribute='risk') | join }}",
        "{{ tasks.rate.output.risks | map(attribute='risk') | map('upper') | join(', ') }}",
        "{{ (tasks.rate.output.risks | first).risk }} {{ tasks.rate.output.risks[-1].risk }}",
        "{% set tone = 'formal' %}{% if tone == 'formal' %}a{% endif %}",
        "{% set all = [] %}{% if inputs.any %}{% set all = ['x'] %}{% endif %}{{ all | bullets or 'none' }}",
        "{% if inputs.any is mapping %}{{ inputs.any.x }}{% elif inputs.any is string %}{{ inputs.any }}{% endif %}",
        "{{ inputs.size.width * 2 + 1.5 }} {{ inputs.size.width | round(1) }} {{ inputs.size.name * 2 }}",
        "{{ tasks.rate.output.score > 6.5 and tasks.rate.output.score < 10 }}",
        "{% for r in tasks.rate.output.risks %}{{ loop.index }}/{{ loop.length }} {{ r.risk }}{% endfor %}",
        "{{ inputs.size.name[:3] }} {{ inputs.size.name | length > 3 }} {{ inputs.size.tags[1:] | join }}",
        "{{ 'formal' in inputs.tone }} {{ 'x' in inputs.size.tags }} {{ inputs.tone in inputs.size.tags }}",
        "{{ tasks.rate.error | default('no error') }} {{ tasks.rate.status == 'failed' }}",
        "{{ {'a': 1}.a }} {{ dict(a=1).b is defined }} {{ range(3) | list }} {{ [1, 'a'][1] | upper }}",
        "{{ 'x' if tasks.rate.output.score else 'y' }} {{ tasks.rate.output.risks or 'none' }}",
    ] {
        check_prompt(&format!("prompt: \"{text}\""), &[]);
    }
}

#[test]
fn conditions_know_what_others_say() {
    let check = |text: &str, expected: &[(&str, &str)]| {
        check_prompt(&format!("prompt: \"{text}\""), expected);
    };
    check(
        "{% if inputs.tone == 'formal' and inputs.tone == 'friendly' %}x{% endif %}",
        &[("constant-condition", "inputs.tone == 'formal' and inputs.tone == 'friendly'")],
    );
    check(
        "{% if inputs.tone != 'formal' or inputs.tone != 'friendly' %}x{% endif %}",
        &[("constant-condition", "inputs.tone != 'formal' or inputs.tone != 'friendly'")],
    );
    check(
        "{% if inputs.tone == 'formal' %}a{% elif inputs.tone == 'formal' %}b{% endif %}",
        &[("constant-condition", "inputs.tone == 'formal'")],
    );
    check(
        "{% if inputs.size.name is mapping %}{{ inputs.size.name.nothing }}{% endif %}",
        &[("constant-condition", "inputs.size.name is mapping")],
    );
    check(
        "{% if inputs.any == inputs.any %}x{% endif %}",
        &[("constant-condition", "inputs.any == inputs.any")],
    );
    check(
        "{% if tasks.rate.output.note %}x{% endif %}",
        &[("value-may-be-absent", "tasks.rate.output.note")],
    );
}

#[test]
fn types_go_through_patterns_that_are_used() {
    let callee = "pattern: { name: callee }
team: { name: desk, agents: [{ role: Writer }] }
inputs: { count: integer, tags: [string], kind: { enum: [a, b], default: a } }
tasks:
  made: { agent: writer, prompt: \"{{ inputs }}\", output: { title: string, parts: [{ size: integer }] } }
outputs: { made: \"{{ tasks.made.output }}\", first: \"{{ tasks.made.output.parts[0].size }}\", text: \"a {{ tasks.made.output }}\" }
";
    let caller = |tasks: &str| {
        format!(
            "pattern: {{ name: caller }}\nteam: {{ name: desk, agents: [{{ role: Writer }}] }}\n\
             inputs: {{ words: [string], n: integer }}\ntasks:\n  used: {{ uses: callee, with: {{ count: \"{{{{ inputs.n }}}}\", tags: \
             \"{{{{ inputs.words }}}}\" }} }}\n{tasks}"
        )
    };
    let check = |tasks: &str, expected: &[(&str, &str)]| {
        check_files(&[("callee.yaml", callee), ("caller.yaml", &caller(tasks))], expected);
    };
    let prompt = |text: &str| format!("  read: {{ agent: writer, prompt: \"{text}\" }}\n");
    check(&prompt("{{ tasks.used.output.made.parts[0].size + 1 }}"), &[]);
    check(&prompt("{{ tasks.used.output.mde }}"), &[("unknown-field", "mde")]);
    check(&prompt("{{ tasks.used.output.made.titel }}"), &[("unknown-field", "titel")]);
    check(&prompt("{{ tasks.used.output.text.x }}"), &[("unknown-field", "x")]);
    check(
        &prompt("{% for p in tasks.used.output.made.parts %}{{ p.sise }}{% endfor %}"),
        &[("unknown-field", "sise")],
    );
    let with = |with: &str| {
        format!(
            "{}  again: {{ uses: callee, with: {{ {with} }} }}\n",
            prompt("{{ tasks.used.output }} {{ tasks.again.output }}")
        )
    };
    check(
        &with("count: \"{{ inputs.words }}\", tags: \"{{ inputs.words }}\""),
        &[("input-type", "\"{{ inputs.words }}\"")],
    );
    check(
        &with("count: \"{{ inputs.n }} \", tags: [\"{{ inputs.n }}\"]"),
        &[("input-type", "\"{{ inputs.n }}\"")],
    );
    check(
        &with("count: \"no {{ inputs.n }}\", tags: []"),
        &[("input-type", "\"no {{ inputs.n }}\"")],
    );
    check(&with("count: 1, tags: [], kind: \"{{ 'c' }}\""), &[("input-type", "\"{{ 'c' }}\"")]);
    check(&with("count: 1, tags: [], kind: \"{{ inputs.words[0] }}\""), &[]);
}

#[test]
fn a_synthesis_gives_what_its_strategy_makes() {
    let document = |tasks: &str| {
        format!(
            "{START}  other: {{ agent: writer, prompt: Other., output: {{ score: integer }} }}\n{tasks}"
        )
    };
    let check = |synthesis: &str, text: &str, expected: &[(&str, &str)]| {
        let tasks = format!(
            "  both: {{ synthesize: {{ from: [rate, other], {synthesis} }} }}\n  last: {{ agent: \
             writer, prompt: \"{text}\" }}\n"
        );
        check_files(&[("example.yaml", &document(&tasks))], expected);
    };
    let field = |name: &'static str| [("unknown-field", name)];
    check("strategy: merge_all", "{{ tasks.both.output.rate.score }}", &[]);
    check("strategy: merge_all", "{{ tasks.both.output.rat }}", &field("rat"));
    check("strategy: merge_all", "{{ tasks.both.output.other.note }}", &field("note"));
    check("strategy: use_first_result", "{{ tasks.both.output.risks }}", &[]);
    check("strategy: use_first_result", "{{ tasks.both.output.nothing }}", &field("nothing"));
    check("strategy: consensus, agent: writer", "{{ tasks.both.output.conclusion }}", &[]);
    check(
        "strategy: consensus, agent: writer",
        "{{ tasks.both.output.conclusio }}",
        &field("conclusio"),
    );
    let custom =
        "strategy: custom, template: { sum: \"{{ results.rate.score + results.other.score }}\" }";
    check(custom, "{{ tasks.both.output.sum + 1 }}", &[]);
    check(custom, "{{ tasks.both.output.summ }}", &field("summ"));
    let wrong = "strategy: custom, template: \"{{ results.rat.score }} {{ results.other }}\"";
    check(wrong, "{{ tasks.both.output | upper }}", &field("rat"));
}

#[test]
fn editors_learn_types_and_fields() {
    let text = format!(
        "{START}  last:\n    agent: writer\n    prompt: \"é {{% for r in tasks.rate.output.risks %}}{{{{ r.level }}}}{{% endfor %}}\"\n"
    );
    let library = library(&[("example.yaml", &text)]);
    let document = library.project_documents().next().expect("a document");
    let outlines = Outlines::of(&library);
    let types = Types::of(&outlines);
    let prompt = document.value().pointer("/tasks/last/prompt").and_then(|text| text.as_str());
    let prompt = prompt.expect("a prompt");
    let shown = |word: &str| {
        let at = prompt.find(word).expect("in the text");
        let shown = types.type_at(document, "/tasks/last/prompt", at).expect("a type");
        (prompt[shown.range].to_owned(), shown.value.to_string())
    };
    assert_eq!(shown("level"), ("r.level".to_owned(), "low | high".to_owned()));
    assert_eq!(
        shown("risks"),
        ("tasks.rate.output.risks".to_owned(), "[{ risk: string, level: low | high }]".to_owned())
    );
    let fields = |path: &[&str]| -> Vec<String> {
        let fields = types.fields_of_path(document, None, path).into_iter();
        fields.map(|field| format!("{}: {}", field.name, field.value)).collect()
    };
    assert_eq!(fields(&["inputs", "size"]), ["width: number", "name: string", "tags: [string]"]);
    assert_eq!(
        fields(&["tasks", "rate", "output", "risks", "0"]),
        ["risk: string", "level: low | high"]
    );
    assert_eq!(fields(&["tasks", "rate"])[0], "status: succeeded | failed | skipped");
    assert!(fields(&["tasks", "rate", "output", "score"]).is_empty());
    assert_eq!(types.type_of_path(document, None, &["inputs", "tone", "x"]), None);
}

/// As much as the main thread has, and every thread that checks.
const STACK_BYTES: usize = 8 * 1024 * 1024;

#[test]
fn templates_of_templates_need_no_more_stack_than_there_is() {
    let sources = |operator: &str, first: &str| {
        let mut tasks = String::new();
        for task in 0..60 {
            let before = if task == 0 { "first".to_owned() } else { format!("t{}", task - 1) };
            let read = format!("results.{before}");
            let chain = format!("{read}{}", operator.repeat(480));
            tasks += &format!(
                "  t{task}: {{ synthesize: {{ from: [{before}], strategy: custom, template: \"{{{{ {chain} \
                 }}}}\" }} }}\n"
            );
        }
        // The last comes first: nothing is known when it is asked for.
        let tasks: String = tasks.lines().rev().flat_map(|line| [line, "\n"]).collect();
        format!(
            "pattern: {{ name: deep }}\nteam: {{ name: t, agents: [{{ role: A }}] }}\ntasks:\n{tasks}  \
             first: {{ agent: a, prompt: x, output: {first} }}\n"
        )
    };
    let cases = [(" + 1", "number"), (" | upper", "string"), (" and 1", "number"), ("[0]", "any")];
    let check = move || {
        for (operator, first) in cases {
            check_files(&[("deep.yaml", &sources(operator, first))], &[]);
        }
    };
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(check);
    thread.expect("a thread").join().expect("no overflow");
}

#[test]
fn a_misspelt_name_can_be_respelt_in_its_own_quotes() {
    let check = |expression: &str, expected: &[&str]| {
        let text = format!(
            "{START}  last:\n    agent: writer\n    prompt: |\n      {{{{ {expression} }}}}\n"
        );
        let library = library(&[("example.yaml", &text)]);
        let found = check_library(&library);
        let edits = found.iter().filter_map(|found| found.fix.as_ref()).flat_map(|fix| &fix.edits);
        let written: Vec<&str> = edits.map(|edit| edit.replacement.as_str()).collect();
        assert_eq!(written, expected, "{expression}");
    };
    check("tasks.rate.output.scor", &["score"]);
    check("tasks.rate.output['scor']", &["'score'"]);
    check("tasks.rate.output.risks | map(attribute=\"levl\") | list", &["\"level\""]);
    check("inputs.tone == 'formall'", &["'formal'"]);
    check("inputs.tone == 'zebra'", &[]);
}
