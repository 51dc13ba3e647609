//! Texts with the cursor at `│`, and what is offered there.

use super::*;
use crate::language::document::{Expectation, ProjectFile};

const TEAM: &str = "\
team: { name: crew, purpose: x, model: llama3.1:8b }
agents:
  - { role: Market Analyst, purpose: Knows the market }
  - { role: Lead, id: boss, purpose: Decides }
";

const REVIEW: &str = "\
pattern: { name: review, summary: Reads a text. }
team: crew
inputs:
  text: { type: string, description: The text }
  depth: { enum: [short, long], default: short }
tasks:
  read: { agent: boss, prompt: x, output: { score: integer, parts: [{ name: string }] } }
outputs:
  score: \"{{ tasks.read.output.score }}\"
";

fn offered(text: &str) -> Vec<Candidate> {
    let library = Library::of_files([("team", TEAM), ("review", REVIEW)].map(|(name, text)| {
        let content = Ok(text.to_owned());
        ProjectFile { name: name.to_owned(), content, expectation: Expectation::Named }
    }));
    let offset = text.find('│').unwrap();
    let client = Client { takes_snippets: true, ..Client::default() };
    let models = SeenModels::default();
    models.set(vec!["llama3.1:8b".to_owned(), "qwen3:14b".to_owned()]);
    let around = Surroundings { library: &library, models: &models };
    candidates(around, &text.replace('│', ""), offset, &client)
}

/// That exactly these labels are offered, in this order.
fn check(text: &str, expected: &[&str]) {
    let found = offered(text);
    let labels: Vec<&str> = found.iter().map(|candidate| candidate.label.as_str()).collect();
    assert_eq!(labels, expected, "{text}");
}

/// That these labels are offered and those are not.
fn check_some(text: &str, there: &[&str], not_there: &[&str]) {
    let found = offered(text);
    let labels: Vec<&str> = found.iter().map(|candidate| candidate.label.as_str()).collect();
    for label in there {
        assert!(labels.contains(label), "{label} in {labels:?}: {text}");
    }
    for label in not_there {
        assert!(!labels.contains(label), "{label} not in {labels:?}: {text}");
    }
}

/// A pattern with some tasks and the text of the last one.
fn pattern(rest: &str) -> String {
    format!(
        "pattern: {{ name: p, summary: x }}\nteam: crew\ninputs:\n  topic: {{ type: string, \
         description: About what }}\n  strict: {{ type: boolean, default: false }}\ntasks:\n  \
         first:\n    agent: boss\n    prompt: x\n    output:\n      score: integer\n      parts: \
         [{{ name: string, risk: {{ enum: [low, high] }} }}]\n  judge: {{ gate: approval, ask: x, \
         options: [go, no_go] }}\n  call: {{ uses: review, with: {{ text: x }} }}\n{rest}"
    )
}

#[test]
fn an_empty_file_may_become_any_document() {
    check("│", &["pattern", "pipeline", "team", "cluster", "simulation"]);
    check("pat│", &["pattern", "pipeline", "team", "cluster", "simulation"]);
}

#[test]
fn keys_that_are_there_are_left_out() {
    check(
        "pattern: { name: p, summary: x }\nteam: crew\n│",
        &[
            "inputs",
            "staff",
            "defaults",
            "budget",
            "tools",
            "waves",
            "tasks",
            "outputs",
            "success_criteria",
        ],
    );
    check_some("team:\n  name: t\n  │\nagents: []\n", &["purpose", "model"], &["name", "agents"]);
    check_some("team: { name: t }\nagents:\n  - role: Lead\n    │", &["purpose", "id"], &["role"]);
    check_some("team: { name: t }\nagents:\n  - { role: Lead, │", &["purpose", "id"], &["role"]);
    check_some("team: { name: t }\nagents:\n  - { role: Lead, pu│ }", &["purpose"], &["role"]);
    check_some("team: { name: t }\nagents:\n  - │", &["role", "purpose"], &["name"]);
}

#[test]
fn the_verb_decides_which_keys_a_task_has() {
    check_some(
        &pattern("  last:\n    │"),
        &["agent", "uses", "synthesize", "gate: check", "gate: approval", "needs", "when"],
        &["gate"],
    );
    check_some(
        &pattern("  last:\n    agent: boss\n    │"),
        &["prompt", "output", "needs"],
        &["agent", "uses", "ask"],
    );
    check_some(
        &pattern("  last:\n    gate: approval\n    │"),
        &["ask", "options", "default"],
        &["prompt", "condition"],
    );
    check_some(
        &pattern("  last:\n    synthesize:\n      from: [first]\n      │"),
        &["strategy", "prompt", "template"],
        &["from"],
    );
    check_some(
        &pattern("  last:\n    agent: boss\n    timeout:\n      │"),
        &["total", "silence"],
        &[],
    );
}

#[test]
fn whole_tasks_are_offered_where_tasks_stand() {
    check_some(&pattern("  │"), &["task: agent", "task: approval"], &["agent"]);
    check_some(
        "pattern: { name: p }\nwaves:\n  - name: a\n    tasks:\n      │",
        &["task: synthesize"],
        &[],
    );
}

#[test]
fn values_are_those_of_the_schema() {
    check(&pattern("  last:\n    gate: │"), &["check", "review", "approval"]);
    check(&pattern("  last:\n    send: │"), &["delegation", "broadcast", "handoff", "standup"]);
    check(
        &pattern("  last:\n    synthesize: { from: [first], strategy: │ }"),
        &["merge_all", "use_first_result", "consensus", "custom", "vote", "best_of"],
    );
    check_some(
        &pattern("  last:\n    agent: boss\n    on_failure: c│"),
        &["fail", "continue"],
        &[],
    );
    check_some(&pattern("  last:\n    agent: boss\n    estimate: │"), &["30s", "10m"], &[]);
    check_some(
        "pattern: { name: p }\nwaves:\n  - name: a\n    barrier: │",
        &["true", "false"],
        &[],
    );
}

#[test]
fn names_are_offered_where_they_belong() {
    check(&pattern("  last:\n    agent: │"), &["market_analyst", "boss"]);
    check(&pattern("  last:\n    agent: ma│\n    prompt: x\n"), &["market_analyst", "boss"]);
    check(&pattern("  last:\n    synthesize:\n      agent: │"), &["market_analyst", "boss"]);
    check(&pattern("  last:\n    send: handoff\n    to: │"), &["market_analyst", "boss"]);
    check(&pattern("  last:\n    send: handoff\n    to: [│"), &["market_analyst", "boss"]);
    let said = "  say: { send: broadcast, topic: said, body: x }\n  last:\n    on_message: ";
    check(&pattern(&format!("{said}│")), &["said"]);
    check(&pattern(&format!("{said}[│]")), &["said"]);
    check(&pattern("  last:\n    needs: [│"), &["first", "judge", "call"]);
    check(&pattern("  last:\n    needs: [first, │]"), &["judge", "call"]);
    check(&pattern("  last:\n    needs:\n      - first\n      - j│"), &["judge", "call"]);
    check(&pattern("  last:\n    synthesize:\n      from: [first, c│"), &["judge", "call"]);
    check_some(&pattern("  last:\n    uses: │"), &["review", "parallel_research"], &["p"]);
    check_some("pattern: { name: p }\nteam: │\ntasks: {}", &["crew", "launch_team"], &[]);
    check(&pattern("  last:\n    agent: boss\n    model: │"), &["llama3.1:8b", "qwen3:14b"]);
    check(&pattern("  last: { gate: approval, ask: x, options: [a, b], default: │"), &["a", "b"]);
    check_some(
        "team: { name: t }\nagents:\n  - role: Head of R&D\n  - role: x\n    reports_to: │",
        &["head_of_r_d"],
        &[],
    );
}

/// A pattern with posts, and the text of the last one of them.
fn staffed(rest: &str, tasks: &str) -> String {
    format!(
        "pattern: {{ name: p, summary: x }}\nteam:\n  name: t\n  agents:\n    - {{ role: Head, layer: lead, domain: \
         desk, skills: [plans] }}\n    - {{ role: Ann, layer: contributor, domain: news, skills: [sql, rust], reports_to: \
         head }}\n    - {{ role: Guest, skills: [talks] }}\nstaff:\n  author: {{ domain: news }}\n  last:\n    {rest}\n  \
         later: {{ above: author }}\ntasks:\n  one: {{ agent: author, prompt: x }}\n{tasks}"
    )
}

#[test]
fn posts_are_offered_where_agents_are() {
    let task = |text: &str| staffed("layer: contributor", &format!("  two: {{ {text} }}"));
    let everybody = ["author", "last", "later", "head", "ann", "guest"];
    for text in [
        "agent: │",
        "gate: review, of: tasks.one.output, reviewers: [│]",
        "gate: review, of: tasks.one.output, revise: { agent: │ }",
        "agent: author, prompt: x, compensate: { agent: │ }",
        "agent: author, prompt: x, on_failure: { escalate: [{ agent: │ }] }",
        "agent: author, prompt: x, on_failure: { escalate: [{ peers: [│] }] }",
        "send: handoff, from: │",
    ] {
        check(&task(text), &everybody);
    }
    let team = staffed("", "").replace("reports_to: head", "reports_to: │");
    check(&team, &["head", "ann", "guest"]);
}

#[test]
fn posts_name_those_before_them_and_what_the_team_has() {
    check(&staffed("peer_of: │", ""), &["author", "head", "ann", "guest"]);
    check(&staffed("above: │", ""), &["author", "head", "ann", "guest"]);
    check(&staffed("never: [author, │]", ""), &["head", "ann", "guest"]);
    check(&staffed("domain: │", ""), &["news"]);
    check(&staffed("layer: lead\n    domain: │", ""), &["desk"]);
    check(&staffed("skills: [│]", ""), &["plans", "rust", "sql"]);
    check(&staffed("skills: [sql, │]", ""), &["plans", "rust"]);
}

#[test]
fn calls_know_what_the_other_pattern_takes() {
    check(&pattern("  last:\n    uses: review\n    with:\n      │"), &["text", "depth"]);
    check(&pattern("  last:\n    uses: review\n    with: { text: x, │ }"), &["depth"]);
    check(&pattern("  last:\n    uses: review\n    with: { depth: │ }"), &["short", "long"]);
    check(&pattern("  last:\n    uses: review\n    agents:\n      │"), &["market_analyst", "boss"]);
    check(
        &pattern("  last:\n    uses: review\n    agents: { boss: │ }"),
        &["market_analyst", "boss"],
    );
}

#[test]
fn templates_name_what_can_be_read() {
    let in_prompt = |text: &str| pattern(&format!("  last:\n    agent: boss\n    prompt: {text}"));
    check_some(&in_prompt("\"{{ │"), &["inputs", "tasks", "range"], &["results"]);
    check_some(&in_prompt("\"{{ │ }}\"\n"), &["inputs", "tasks"], &[]);
    check(&in_prompt("|\n      About {{ inputs.│ }}\n      x\n"), &["topic", "strict"]);
    check(&in_prompt("\"{{ tasks.│"), &["first", "judge", "call"]);
    check(&in_prompt("'{{ tasks.first.│"), &["output", "status", "error"]);
    check(&in_prompt(">-\n      a\n      {{ tasks.first.output.│"), &["score", "parts"]);
    check(&in_prompt("\"{{ tasks.judge.│"), &["choice", "output", "status", "error"]);
    check(&in_prompt("\"{{ tasks.call.output.│"), &["score"]);
    check(&in_prompt("\"{{ tasks.first.output.parts[0].│"), &["name", "risk"]);
    let looped = "|\n      {% for part in tasks.first.output.parts %}{{ part.│ }}{% endfor %}";
    check(&in_prompt(looped), &["name", "risk"]);
    check_some(&in_prompt("\"{{ inputs.topic | │"), &["upper", "bullets"], &["inputs"]);
    check_some(&in_prompt("\"{{ inputs.topic is │"), &["defined"], &["inputs"]);
    check_some(&in_prompt("\"{% │"), &["for", "if"], &[]);
    check(&in_prompt("\"no template │"), &[]);
}

#[test]
fn conditions_are_templates_without_braces() {
    let task = |text: &str| pattern(&format!("  last:\n    agent: boss\n    when: {text}"));
    check_some(&task("│"), &["inputs", "tasks"], &[]);
    check(&task("tasks.judge.│"), &["choice", "output", "status", "error"]);
    check(&pattern("outputs:\n  a: \"{{ tasks.first.output.│ }}\""), &["score", "parts"]);
    let results = "  last:\n    synthesize:\n      from: [first]\n      strategy: custom\n      \
        template: \"{{ results.│";
    check(&pattern(results), &["first"]);
}

#[test]
fn tasks_that_come_later_are_not_offered() {
    let waves = "pattern: { name: p }\nteam: crew\nwaves:\n  - name: a\n    tasks:\n      one: \
        { agent: boss, prompt: x }\n  - name: b\n    tasks:\n      two:\n        agent: boss\n        \
        prompt: \"{{ tasks.│\"\n      three: { agent: boss, prompt: x }\n";
    check(waves, &["one"]);
    let tasks = "pattern: { name: p }\nteam: crew\ntasks:\n  one:\n    agent: boss\n    prompt: \
        \"{{ tasks.│ }}\"\n  two: { agent: boss, prompt: x, needs: [one] }\n  three: { agent: boss, \
        prompt: x }\n";
    check(tasks, &["three"]);
}

#[test]
fn nothing_is_offered_in_comments_and_behind_values() {
    check(&pattern("  # │"), &[]);
    check("pattern: { name: p } │", &[]);
}

#[test]
fn what_follows_a_key_is_prepared() {
    let text = |text: &str, label: &str| {
        let found = offered(text).into_iter().find(|found| found.label == label).unwrap();
        (found.text, found.snippet)
    };
    let task = pattern("  last:\n    agent: boss\n    │");
    assert_eq!(text(&task, "prompt"), ("prompt: ".into(), Some("prompt: |\n  $0".into())));
    assert_eq!(text(&task, "needs"), ("needs: ".into(), Some("needs: [$0]".into())));
    assert_eq!(text(&task, "retry"), ("retry:".into(), Some("retry:\n  $0".into())));
    assert_eq!(text(&task, "model"), ("model: ".into(), None));
}

mod words {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let library = Library::of_files([]);
        let offset = text.find('│').unwrap();
        let word = word_at(&library, &text.replace('│', ""), offset);
        let first = word.map(|word| word.text.lines().next().unwrap_or_default().to_owned());
        assert_eq!(first.as_deref(), expected, "{text}");
    }

    #[test]
    fn keys_values_and_filters_are_explained() {
        check("team:\n  na│me: t\nagents: []\n", Some("**name**: text, required"));
        check(
            "pattern: { name: p }\ntasks:\n  a: { age│nt: x, prompt: y }",
            Some("**agent**: text, required"),
        );
        let synthesis = "pattern: { name: p }\ntasks:\n  a:\n    synthesize:\n      from: [b]\n      \
            strategy: merge_│all\n";
        check(synthesis, Some("**merge_all**"));
        let filter = "pattern: { name: p }\ntasks:\n  a:\n    agent: b\n    prompt: \"{{ x | bul│lets }}\"\n";
        check(filter, Some("**bullets** (filter)"));
        check("pattern: { name: p│ }\n", None);
        let field = "pattern: { name: p }\ntasks:\n  a: { agent: b, prompt: c, output: { n: [integer] } }\n\
            outputs: { x: \"{{ tasks.a.output.n│ }}\" }\n";
        check(field, Some("**n**: `[integer]`"));
    }
}
