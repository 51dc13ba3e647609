//! A plan as it is shown: as a table, and in every format of a picture.

use std::sync::Arc;

use partita::interface::report::{
    Depth, Paint, TableLook, plan_dot, plan_json, plan_mermaid, plan_svg, plan_text,
};
use partita::language::plan::Plan;

use crate::random_plans::random_pattern;
use crate::support::plan;

/// Every verb, every kind of need, a wave without barrier, a barrier that costs something, and text
/// that means something to each format.
const RELEASE: &str = "
pattern: { name: release, summary: 'Decide on a \"release\" <b>& [announce]</b> it; 発表する' }
team:
  name: makers
  agents: [{ role: Reader, model: 'llama3.1:8b' }, { role: Éditeur 編集者 }]
inputs:
  change: { type: string, description: 'What has changed, as a diff or in words, with whatever a reader has to know who was not there' }
  urgent: { type: boolean, default: false }
waves:
  - name: look
    tasks:
      facts: { agent: reader, prompt: '{{ inputs.change }}', estimate: 40s }
      value: { agent: reader, prompt: '{{ inputs.change }}', estimate: 10s }
      research: { uses: inner, with: { subject: '{{ inputs.change }}' } }
  - name: write
    tasks:
      note: { agent: éditeur_編集者, prompt: '{{ tasks.value.output }}', estimate: 50s }
      all: { synthesize: { from: [facts, value], strategy: merge_all } }
  - name: judge
    barrier: false
    tasks:
      short: { gate: check, condition: 'tasks.note.output | length < 2000', needs: [all] }
  - name: decide
    tasks:
      ship: { gate: approval, ask: 'Ship {{ tasks.note.output }}?', options: [yes, no], needs: [short] }
  - name: act
    tasks:
      announce: { agent: reader, prompt: '{{ tasks.note.output }}', when: \"tasks.ship.choice == 'yes' and not inputs.urgent\" }
  - name: end
    barrier: false
    tasks:
      thanks: { agent: reader, prompt: '{{ tasks.announce.output }}', needs: [announce] }
outputs: { note: '{{ tasks.note.output }}' }
";

const INNER: &str = "
pattern: { name: inner }
team: { name: helpers, agents: [{ role: Helper }] }
inputs: { subject: string }
tasks:
  one: { agent: helper, prompt: '{{ inputs.subject }}' }
  two: { agent: helper, prompt: '{{ tasks.one.output }}' }
";

fn release() -> Arc<Plan> {
    plan(&[("release.yaml", RELEASE), ("inner.yaml", INNER)])
}

fn table(plan: &Plan, width: usize, depth: Depth) -> String {
    plan_text(plan, Some("qwen3:8b"), TableLook { paint: Paint::PLAIN, width, depth })
}

#[test]
fn a_table() {
    insta::assert_snapshot!("plan_text", table(&release(), 100, Depth::ALL));
}

#[test]
fn a_closed_pattern_says_how_much_is_inside() {
    let text = table(&release(), 100, Depth(0));
    assert!(text.contains("2 tasks inside") && !text.contains("helper"), "{text}");
}

#[test]
fn json() {
    let json = serde_json::to_string_pretty(&plan_json(&release(), None)).expect("JSON");
    insta::assert_snapshot!("plan_json", json);
}

#[test]
fn mermaid() {
    insta::assert_snapshot!("plan_mermaid", plan_mermaid(&release(), Depth(1)));
    let closed = plan_mermaid(&release(), Depth(0));
    assert!(closed.contains("[[\"research<br/>inner, 2 tasks"), "{closed}");
}

#[test]
fn dot() {
    insta::assert_snapshot!("plan_dot", plan_dot(&release(), Depth(1)));
}

#[test]
fn svg() {
    insta::assert_snapshot!("plan_svg", plan_svg(&release(), Depth(1)));
}

#[test]
fn an_svg_is_xml_that_needs_nothing_else() {
    for seed in 0..60 {
        let texts = random_pattern(seed);
        let texts: Vec<(&str, &str)> = texts.iter().map(|(n, t)| (*n, t.as_str())).collect();
        let plan = plan(&texts);
        for depth in [Depth(0), Depth::ALL] {
            let svg = plan_svg(&plan, depth);
            assert_eq!(unbalanced(&svg), None, "seed {seed}");
            for word in ["<script", "href", "NaN", "inf", "@import", "http://www.w3.org/1999"] {
                assert!(!svg.contains(word), "seed {seed}: {word}");
            }
            assert_eq!(svg.matches("http").count(), 1, "only the namespace is an address");
        }
        // The other formats take whatever there is, too.
        assert!(
            plan_mermaid(&plan, Depth(1)).starts_with("---\ntitle: outer\n---\nflowchart LR\n")
        );
        assert!(plan_dot(&plan, Depth(1)).ends_with("}\n"));
    }
}

/// The first element of a text that is not closed, or closed without being open.
pub(crate) fn unbalanced(xml: &str) -> Option<String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml;
    while let Some(start) = rest.find('<') {
        let end = start + rest[start..].find('>')?;
        let tag = &rest[start + 1..end];
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        if tag.matches('"').count() % 2 == 1 {
            return Some(tag.to_owned());
        }
        if tag.starts_with('/') {
            if open.pop() != Some(name) {
                return Some(tag.to_owned());
            }
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        rest = &rest[end + 1..];
    }
    open.last().map(|name| (*name).to_owned())
}
