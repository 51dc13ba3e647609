//! Where each name of a few documents is found.

use super::*;
use crate::language::document::{Expectation, ProjectFile};

fn library(texts: &[(&str, &str)]) -> Library {
    Library::of_files(texts.iter().map(|(name, text)| ProjectFile {
        name: (*name).to_owned(),
        content: Ok((*text).to_owned()),
        expectation: Expectation::Named,
    }))
}

/// Every occurrence of the symbol that is defined with this name, as `line:text`.
fn check(texts: &[(&str, &str)], defined: &str, expected: &[&str]) {
    let library = library(texts);
    let index = SymbolIndex::of(&library);
    let is_it = |found: &&Occurrence| found.role == Role::Definition && found.written == defined;
    let definition = index.occurrences.iter().find(is_it).unwrap();
    let found: Vec<String> = index
        .all(&definition.symbol)
        .map(|found| {
            let source = library.sources().get(found.span.source).unwrap();
            let line = source.position(found.span.start).line;
            format!("{}:{line}:{}", source.name(), source.span_text(found.span))
        })
        .collect();
    assert_eq!(found, expected);
}

const PATTERN: &str = "\
pattern: { name: p }
team: t
inputs:
  'topic': string
tasks:
  \"first\":
    agent: Market Analyst
    prompt: >-
      About {{ inputs.topic }} and
      {{ inputs['topic'] | upper }}
  second:
    needs: [first]
    agent: 'market_analyst'
    prompt: \"\\u00e9 {{ tasks.first.output }} {{ tasks[\\\"first\\\"].status }}\"
    when: tasks.first.status == 'succeeded'
";

const TEAM: &str = "\
team: { name: t }
agents:
  - role: Market Analyst
    purpose: x
  - role: Lead
    id: boss
    purpose: y
  - { role: Helper, purpose: z, reports_to: market_analyst }
  - { role: Other, purpose: z, reports_to: Lead }
";

const CALLER: &str = "\
pattern: { name: q }
team: t
tasks:
  call:
    uses: p
    with: { topic: x }
    agents: { market_analyst: boss }
";

#[test]
fn tasks_are_found_in_lists_and_in_templates_of_every_style() {
    check(
        &[("p", PATTERN), ("t", TEAM)],
        "first",
        &["p:6:first", "p:12:first", "p:14:first", "p:14:first", "p:15:first"],
    );
}

#[test]
fn inputs_are_found_in_callers_too() {
    check(
        &[("p", PATTERN), ("t", TEAM), ("q", CALLER)],
        "topic",
        &["p:4:topic", "p:9:topic", "p:10:topic", "q:6:topic"],
    );
}

#[test]
fn agents_are_found_by_role_and_by_id_across_files() {
    let texts = [("p", PATTERN), ("t", TEAM), ("q", CALLER)];
    check(
        &texts,
        "Market Analyst",
        &[
            "p:7:Market Analyst",
            "p:13:market_analyst",
            "t:3:Market Analyst",
            "t:8:market_analyst",
            "q:7:market_analyst",
        ],
    );
    check(&texts, "boss", &["t:6:boss", "t:9:Lead", "q:7:boss"]);
}

const STAFFED: &str = "\
pattern: { name: s }
team: { name: u, agents: [{ role: Head, layer: lead, domain: d }, { role: Hand, layer: contributor, domain: d, reports_to: head }] }
staff:
  author: { domain: d }
  'peer': { peer_of: author, never: [author, head] }
  boss: { above: \"author\" }
tasks:
  tell: { send: handoff, from: author, to: [boss], body: x }
  write: { agent: author, prompt: x, on_failure: { escalate: [{ agent: boss }, { peers: [author, peer] }] } }
  look: { gate: review, of: tasks.write.output, criteria: [x], reviewers: [peer], revise: { agent: author } }
";

const STAFFED_CALLER: &str = "\
pattern: { name: r }
team: { name: v, agents: [{ role: Other }] }
staff: { author: {} }
tasks:
  it: { uses: s, agents: { author: author, peer: other } }
";

#[test]
fn posts_are_found_where_tasks_posts_and_callers_name_them() {
    let texts = [("s", STAFFED), ("r", STAFFED_CALLER)];
    check(
        &texts,
        "author",
        &[
            "s:4:author",
            "s:5:author",
            "s:5:author",
            "s:6:author",
            "s:8:author",
            "s:9:author",
            "s:9:author",
            "s:10:author",
            "r:5:author",
        ],
    );
    check(&texts, "peer", &["s:5:peer", "s:9:peer", "s:10:peer", "r:5:peer"]);
    check(&texts, "boss", &["s:6:boss", "s:8:boss", "s:9:boss"]);
    // An agent that is ruled out is one of the team, and the post of another pattern is another post.
    check(&texts, "Head", &["s:2:Head", "s:2:head", "s:5:head"]);
    check(&[texts[1], texts[0]], "author", &["r:3:author", "r:5:author"]);
}

#[test]
fn documents_are_found_by_those_who_use_them() {
    let texts = [("p", PATTERN), ("t", TEAM), ("q", CALLER)];
    check(&texts, "p", &["p:1:p", "q:5:p"]);
    check(&texts, "t", &["p:2:t", "t:1:t", "q:2:t"]);
}

#[test]
fn anchors_are_found_with_their_aliases() {
    let text = "pattern: { name: p }\nx-a: &base { a: 1 }\nx-b: *base\nx-c: { <<: *base }\n";
    check(&[("p", text)], "base", &["p:2:base", "p:3:base", "p:4:base"]);
}

#[test]
fn voters_are_found_in_the_weights_of_their_votes() {
    let text = "pattern: { name: p }\nteam: { name: t, agents: [{ role: A }] }\ntasks:\n  one: { agent: a, prompt: x }\n  two: { agent: a, \
                prompt: x }\n  all: { synthesize: { from: [one, two], strategy: vote, weights: { two: 2 } } }\n";
    check(&[("p", text)], "two", &["p:5:two", "p:6:two", "p:6:two"]);
}
