//! Teams with layers and posts in random patterns, of whom only a run knows who has them.

use std::fmt::Write as _;

use super::task_name;
use crate::support::Dice;

/// Whoever is in the outer team besides its lead and its hand.
const COLLEAGUES: &str = "{ role: Ann, layer: contributor, domain: making, level: senior, skills: [weighing], reports_to: \
                          lead, capacity: { hours_per_day: 6 } }, { role: Seller Lead, layer: lead, domain: selling, \
                          reports_to: lead }, { role: Bob, layer: contributor, domain: selling, skills: [weighing, \
                          writing], reports_to: seller_lead, capacity: { hours_per_day: 4, days: [monday, thursday] } }";

const INNER_TEAM: &str = "
team:
  name: inner_team
  agents:
    - { role: Head, layer: manager }
    - { role: Maker Lead, layer: lead, domain: making, reports_to: head }
    - { role: Seller Lead, layer: lead, domain: selling, reports_to: head }
    - { role: Helper, layer: contributor, domain: making, level: senior, skills: [weighing], reports_to: maker_lead,
        model: 'mistral:7b', options: { temperature: 0.5 } }
    - { role: Other, layer: contributor, domain: making, level: junior, reports_to: maker_lead,
        capacity: { hours_per_day: 4, days: [monday, thursday] } }
    - { role: Third, layer: contributor, domain: selling, skills: [weighing, writing], reports_to: seller_lead }";

const MIDDLE_TEAM: &str = "
team:
  name: middle_team
  agents:
    - { role: Mid, layer: lead, domain: making }
    - { role: Left, layer: contributor, domain: making, level: senior, reports_to: mid }
    - { role: Right, layer: contributor, domain: making, skills: [weighing], reports_to: mid }";

/// In every other plan some agents are posts, in all patterns of it. So little is promised that there is always
/// somebody who has time.
pub(super) fn with_posts(texts: &mut [(&'static str, String)], seed: u64) {
    let mut dice = Dice::new(seed ^ 0x57af);
    if dice.one_in(2) {
        return;
    }
    let other = ["second", "peer", "boss"][dice.below(3) as usize];
    for (name, text) in texts {
        *text = match *name {
            "outer.yaml" => outer(text, &mut dice),
            "inner.yaml" => inner(text, other, &mut dice),
            _ => middle(text, other, &mut dice),
        };
    }
}

fn outer(text: &str, dice: &mut Dice) -> String {
    let text = text
        .replace("{ role: Lead, ", "{ role: Lead, layer: lead, domain: making, ")
        .replace(
            "{ role: Hand, ",
            "{ role: Hand, layer: contributor, domain: making, level: junior, ",
        )
        .replace("By hand.' }] }", &format!("By hand.' }}, {COLLEAGUES}] }}"));
    let domain = ["", "domain: making, ", "domain: selling, "][dice.below(3) as usize];
    let (make, help) = (hours(dice), hours(dice));
    let staff = format!(
        "staff:\n  maker: {{ {domain}skills: [weighing], hours: {make}, related: ['{{{{ inputs.topic }}}}'] }}\n  \
         second: {{ never: [maker, hand], complexity: high, hours: {help} }}\n  checker: {{ peer_of: maker, skills: \
         [writing], never: [second] }}\n  boss: {{ above: maker }}\n"
    );
    let text = text.replacen("inputs: {", &format!("{staff}inputs: {{"), 1);
    let changes = [
        ("agent: hand, prompt:", "agent: maker, prompt:"),
        ("agent: hand, prompt:", "agent: second, prompt:"),
        ("agent: lead, prompt: \"Go on", "agent: boss, prompt: \"Go on"),
        ("expand: { agent: lead", "expand: { agent: boss"),
        ("reviewers: [hand]", "reviewers: [checker]"),
        ("reviewers: [lead, hand]", "reviewers: [lead, checker]"),
        ("catalogue: { agents: [hand", "catalogue: { agents: [maker"),
        ("from: hand, to: lead", "from: maker, to: boss"),
        ("delegation, to: [hand]", "delegation, to: [second]"),
    ];
    let mut lines = String::new();
    for line in text.lines() {
        let mut line = line.to_owned();
        let is_message = line.contains("send: ");
        for (agent, post) in changes {
            if (is_message || task_name(&line).is_some()) && dice.one_in(2) {
                line = line.replace(agent, post);
            }
        }
        let _ = writeln!(lines, "{line}");
    }
    lines
}

/// Its second task asks this post.
fn inner(text: &str, other: &str, dice: &mut Dice) -> String {
    let domain = ["", "domain: making, ", "domain: selling, "][dice.below(3) as usize];
    let staff = format!(
        "{INNER_TEAM}\nstaff:\n  author: {{ {domain}skills: [weighing], hours: {}, related: ['{{{{ inputs.subject \
         }}}}'] }}\n  second: {{ never: [author], complexity: low, hours: {} }}\n  peer: {{ peer_of: second }}\n  boss: \
         {{ above: author }}\n",
        hours(dice),
        hours(dice)
    );
    with_team(text, &staff)
        .replace("agent: helper, prompt: 'One", "agent: author, prompt: 'One")
        .replace("agent: other,", &format!("agent: {other},"))
}

/// Whoever has a post here may have one of the pattern inside as well, where one of its tasks asks that post.
fn middle(text: &str, other: &str, dice: &mut Dice) -> String {
    let staff = format!(
        "{MIDDLE_TEAM}\nstaff:\n  worker: {{ hours: {} }}\n  looker: {{ peer_of: worker, hours: {} }}\n",
        hours(dice),
        hours(dice)
    );
    let second = ["", ", agents: { second: worker }", ", agents: { second: left }"];
    let second = second[dice.below(3) as usize];
    let second = if other == "second" { second } else { "" };
    with_team(text, &staff)
        .replace("begin: { agent: mid", "begin: { agent: worker")
        .replace("after: { agent: mid", "after: { agent: looker")
        .replace(
            "inputs.subject }}' }, on_failure",
            &format!("inputs.subject }}}}' }}{second}, on_failure"),
        )
}

/// A pattern with another team, and what follows it.
fn with_team(text: &str, team: &str) -> String {
    let mut lines = String::new();
    for line in text.lines() {
        let line = if line.starts_with("team:") { team.trim_start() } else { line };
        let _ = writeln!(lines, "{}", line.trim_end());
    }
    lines
}

fn hours(dice: &mut Dice) -> &'static str {
    ["0", "1", "2.5", "3"][dice.below(4) as usize]
}
